import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Cell, Fault } from '../../contract/index.ts'
import { readKept, writeKept } from '../kept.ts'
import { plainValue, positiveValue } from '../sheet/columns.ts'
import { noScore, type Page, type RecordMedium, type Score, type StoredRecord } from './record-medium.ts'
import { quoted, type SqlConnection, tableName } from './sql-connection.ts'

export interface SqlTableSettings {
  table: string
  key?: string | undefined
  target: string
  positive?: string | undefined
  /** The column that says when a row arrived. */
  order?: string | undefined
  /** The column that says when a row was last changed. */
  updated?: string | undefined
  /** Columns to read; all otherwise. */
  columns?: string[] | undefined
  /** Columns that scores are written into; a table beside it otherwise. */
  probability?: string | undefined
  band?: string | undefined
  reasons?: string | undefined
  /** Name of the table beside it. */
  scores?: string | undefined
  seconds: number
}

export interface Column {
  name: string
  /** As Postgres writes it: `timestamp with time zone`, `numeric(10,2)`. */
  type: string
}

/** Rows in one statement. */
const batch = 1000
/** Rows of a scan in one statement. */
const scanned = 10_000
/** Seconds that a row may be committed after one with a later time: it is looked for again that long. */
const overlap = 60

/** A table or a view of the team's, a row a record; in nothing changed but the cells for scores. */
export async function sqlTable(
  sql: SqlConnection,
  settings: SqlTableSettings,
  folder: string,
): Promise<RecordMedium> {
  const name = tableName(settings.table)
  const table = name.map(quoted).join('.')
  const { columns, isTable } = await describeTable(sql, settings.table, table)
  const column = (wanted: string) => columnNamed(columns, wanted, settings.table)
  const key = column(settings.key ?? (await primaryKey(sql, settings.table, table)))
  const target = column(settings.target)
  const updated = settings.updated === undefined ? null : timeColumn(column(settings.updated))
  const order = settings.order === undefined ? null : timeColumn(column(settings.order))
  const own = ownColumns()
  const inTable = own.probability !== null
  const ownNames = new Set(Object.values(own).flatMap((each) => (each ? [each.name] : [])))
  const fields = fieldColumns()
  await refuseTwins()
  const won = await decidedWon()
  const beside = besideName()

  function ownColumns(): { probability: Column | null; band: Column | null; reasons: Column | null } {
    const given = ['probability', 'band', 'reasons'] as const
    const found = given.map((each) => (settings[each] === undefined ? null : column(settings[each]!)))
    if (found[0] === null && (found[1] !== null || found[2] !== null)) {
      throw new Fault(
        'bad-input',
        'The setting "probability" names the first column for scores; name it too.',
      )
    }
    return { probability: found[0]!, band: found[1]!, reasons: found[2]! }
  }

  function fieldColumns(): Column[] {
    const wanted = settings.columns?.map(column) ?? columns.filter(({ type }) => type !== 'bytea')
    return wanted.filter(
      (each) => each.name !== key.name && each.name !== target.name && !ownNames.has(each.name),
    )
  }

  /** A table of ours beside theirs, for whom that may not be changed. */
  function besideName(): string {
    const given =
      settings.scores ?? [...name.slice(0, -1), `${name.at(-1)!.slice(0, 50)}_inlay`].map(quoted).join('.')
    return tableName(given).map(quoted).join('.')
  }

  async function refuseTwins(): Promise<void> {
    const [unique] = await sql.run(
      `select 1 from pg_index where indrelid = to_regclass($1) and indisunique and indpred is null
        and indnkeyatts = 1 and indkey[0] = (select attnum from pg_attribute where attrelid = indrelid and attname = $2)`,
      [table, key.name],
    )
    if (unique) return
    const [twin] = await sql.run<{ key: string }>(
      `select ${quoted(key.name)}::text as key from ${table} where ${quoted(key.name)} is not null
      group by ${quoted(key.name)} having count(*) > 1 limit 1`,
    )
    if (!twin) return
    throw new Fault(
      'bad-input',
      `${settings.table}: the key "${key.name}" does not tell rows apart ("${twin.key}" is there more than once); name another with key=COLUMN.`,
    )
  }

  /** Decided once: which of two values is the rarer may change while people work. */
  async function decidedWon(): Promise<string> {
    const path = join(folder, 'won.json')
    const positive = settings.positive ?? null
    const kept = await readKept<{ won: string; positive: string | null; target: string }>(path)
    if (kept && kept.positive === positive && kept.target === target.name) return kept.won
    const values = await sql.run<{ value: string; times: string }>(
      `select ${quoted(target.name)}::text as value, count(*)::text as times from ${table}
      where ${quoted(target.name)} is not null group by 1 order by count(*) desc limit 1000`,
    )
    function* cells(): Generator<Cell> {
      for (const { value, times } of values) for (let n = Number(times); n > 0; n--) yield cellOf(value)
    }
    let won: string
    try {
      won = plainValue(positiveValue(cells(), settings.positive))
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause
      throw new Fault(
        cause.kind,
        `${settings.table}, column "${target.name}": ${cause.message.replace('--positive VALUE', 'positive=VALUE')}`,
      )
    }
    await writeKept(path, { won, positive, target: target.name })
    return won
  }

  /** Whether the table beside it is there; a view or a user without rights on it counts as absent. */
  async function hasBeside(): Promise<boolean> {
    const [row] = await sql.run<{ there: boolean }>('select to_regclass($1) is not null as there', [beside])
    return row!.there
  }

  /** The columns of one row, as JSON, so that every type comes in one plain form; dates as ISO 8601. */
  async function select(where: string, values: unknown[]): Promise<StoredRecord[]> {
    const asJson = (each: Column, as: string) => `'${as}', to_json(t.${quoted(each.name)})`
    const pairs = fields.map((each, index) => asJson(each, `f${index}`))
    // At most 100 arguments in one call.
    const parts = Array.from(
      { length: Math.ceil(pairs.length / 40) },
      (_, part) => `json_build_object(${pairs.slice(part * 40, part * 40 + 40).join(', ')})`,
    )
    const scores = inTable
      ? (['probability', 'band', 'reasons'] as const).map((each) =>
          own[each] ? `t.${quoted(own[each]!.name)}::text` : 'null::text',
        )
      : (await hasBeside())
        ? ['s.probability::text', 's.band', 's.reasons']
        : ['null::text', 'null::text', 'null::text']
    const join_ =
      !inTable && scores[0]!.startsWith('s.')
        ? `left join ${beside} s on s.key = t.${quoted(key.name)}::text`
        : ''
    const rows = await sql.run<{
      key: string
      target: string | null
      at: number | null
      changed: number | null
      probability: string | null
      band: string | null
      reasons: string | null
      parts: Record<string, unknown>[]
    }>(
      `select t.${quoted(key.name)}::text as key, t.${quoted(target.name)}::text as target,
        ${order ? milliseconds(order) : 'null::float8'} as at, ${updated ? milliseconds(updated) : 'null::float8'} as changed,
        ${scores[0]} as probability, ${scores[1]} as band, ${scores[2]} as reasons,
        array[${parts.join(', ') || `'{}'::json`}]::json[] as parts
      from ${table} t ${join_} where ${where}`,
      values,
    )
    return rows.map((row) => {
      const cells = Object.assign({}, ...row.parts) as Record<string, unknown>
      const value = row.target === null || row.target.trim() === '' ? null : cellOf(row.target)
      const outcome = value === null ? null : plainValue(value) === won
      return {
        key: row.key,
        at: row.at,
        fields: Object.fromEntries(fields.map((each, index) => [each.name, jsonCell(cells[`f${index}`])])),
        outcome,
        decidedAt: outcome === null ? null : row.changed,
        decidedBy: null,
        score: { probability: row.probability, band: blank(row.band), reasons: blank(row.reasons) },
      }
    })
  }

  const keyIs = (placeholder: string) => `t.${quoted(key.name)} = any(${placeholder}::text[]::${key.type}[])`

  async function read(keys: string[]): Promise<Map<string, StoredRecord>> {
    const found = await select(keyIs('$1'), [keys])
    return new Map(found.map((record) => [record.key, record]))
  }

  /** Of every row, its key and a mark that changes whenever the row does. */
  const seenVersions = new Map<string, string>()
  async function* scan(signal: AbortSignal): AsyncGenerator<Page> {
    const mark = isTable ? 't.xmin::text' : 'md5(t::text)'
    const there = new Set<string>()
    let scanning = 0
    for (let after: string | null = null; ; ) {
      const began = performance.now()
      const rows: { key: string; version: string }[] = await sql.run(
        `select t.${quoted(key.name)}::text as key, ${mark} as version from ${table} t
        where t.${quoted(key.name)} is not null ${after === null ? '' : `and t.${quoted(key.name)} > $1::text::${key.type}`}
        order by t.${quoted(key.name)} limit ${scanned}`,
        after === null ? [] : [after],
      )
      scanning += performance.now() - began
      const changed = rows.filter(({ key, version }) => seenVersions.get(key) !== version)
      for (const { key } of rows) there.add(key)
      for (let from = 0; from < changed.length && !signal.aborted; from += batch) {
        const part = changed.slice(from, from + batch)
        const records = await read(part.map((each) => each.key))
        yield { records: [...records.values()], position: '' }
        for (const each of part) seenVersions.set(each.key, each.version)
      }
      if (rows.length < scanned || signal.aborted) break
      after = rows.at(-1)!.key
    }
    if (signal.aborted) return
    const gone = [...seenVersions.keys()].filter((each) => !there.has(each))
    for (const each of gone) seenVersions.delete(each)
    // Somebody may have put it back meanwhile, as with a delete and insert in two steps.
    const back = gone.length ? await read(gone) : new Map()
    yield { records: [...back.values()], gone: gone.filter((each) => !back.has(each)), position: '' }
    // A scan never takes more than a twentieth of the time.
    medium.interval = Math.max(settings.seconds * 1000, scanning * 20)
  }

  /** By the time of the last change; what was deleted is found by the watch itself. */
  async function* byTime(since: string | null, column: Column, signal: AbortSignal): AsyncGenerator<Page> {
    const at = `t.${quoted(column.name)}`
    // Rows whose time is not known are told once, at the beginning.
    if (since === null) {
      for (let after: string | null = null; ; ) {
        const rows: { key: string }[] = await sql.run(
          `select t.${quoted(key.name)}::text as key from ${table} t where t.${quoted(key.name)} is not null
          ${after === null ? '' : `and t.${quoted(key.name)} > $1::text::${key.type}`} order by t.${quoted(key.name)} limit ${batch}`,
          after === null ? [] : [after],
        )
        if (rows.length === 0 || signal.aborted) break
        const [start] = await sql.run<{ now: string }>(
          `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') as now`,
        )
        startedAt ??= start!.now
        yield { records: [...(await read(rows.map((row) => row.key))).values()], position: '' }
        after = rows.at(-1)!.key
      }
      if (!signal.aborted) yield { records: [], position: startedAt ?? new Date(0).toISOString() }
      return
    }
    const began = since === '' ? new Date(0).toISOString() : since
    for (let after: { at: string; key: string } | null = null; ; ) {
      const rows: { key: string; at: string }[] = await sql.run(
        `select t.${quoted(key.name)}::text as key, ${at}::text as at from ${table} t
        where t.${quoted(key.name)} is not null and ${at} >= $1::timestamptz - interval '${overlap} seconds'
        ${after === null ? '' : `and (${at}, t.${quoted(key.name)}) > ($2::text::${column.type}, $3::text::${key.type})`}
        order by ${at}, t.${quoted(key.name)} limit ${batch}`,
        after === null ? [began] : [began, after.at, after.key],
      )
      if (rows.length === 0 || signal.aborted) return
      const [{ last } = { last: began }] = await sql.run<{ last: string }>(
        `select to_char(greatest($1::text::${column.type}::timestamptz, $2::timestamptz) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') as last`,
        [rows.at(-1)!.at, began],
      )
      yield { records: [...(await read(rows.map((row) => row.key))).values()], position: last }
      if (rows.length < batch) return
      after = rows.at(-1)!
    }
  }
  let startedAt: string | null = null

  const medium: RecordMedium = {
    target: target.name,
    ownsScores: !inTable,
    batch,
    interval: settings.seconds * 1000,
    async *decided() {
      const by = order ? `t.${quoted(order.name)} nulls first, ` : ''
      const keys = await sql.run<{ key: string }>(
        `select t.${quoted(key.name)}::text as key from ${table} t
        where t.${quoted(key.name)} is not null and t.${quoted(target.name)} is not null order by ${by}t.${quoted(key.name)}`,
      )
      for (let from = 0; from < keys.length; from += batch) {
        const part = keys.slice(from, from + batch).map((row) => row.key)
        const records = await read(part)
        for (const each of part) {
          const record = records.get(each)
          if (record && record.outcome !== null) yield record
        }
      }
    },
    changed: (since, signal) => (updated ? byTime(since, updated, signal) : scan(signal)),
    read,
    async prepare() {
      if (inTable || (await hasBeside())) return null
      try {
        await sql.run(
          `create table if not exists ${beside} (key text primary key, probability float8, band text, reasons text, scored_at timestamptz not null default now())`,
        )
        await sql.run(
          `comment on table ${beside} is 'Written by Inlay: a score for each open row of ${settings.table.replaceAll("'", "''")}.'`,
        )
        return null
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause
        // Two made it at once.
        if (await hasBeside()) return null
        if (cause.kind !== 'bad-input') throw cause
        return `There is no room for scores: the user may not make the table ${beside}; grant it, make the table, or name columns of your own with probability=COLUMN.`
      }
    },
    write: (rows) => (inTable ? writeInTable(rows) : writeBeside(rows)),
  }
  return medium

  /** Each cell only while it still holds what was read, and nobody has decided the row. */
  async function writeInTable(
    rows: { key: string; score: Score; was: Score }[],
  ): Promise<Map<string, string>> {
    const given = (['probability', 'band', 'reasons'] as const).flatMap((each) =>
      own[each] ? [{ as: each, ...own[each]! }] : [],
    )
    const changed = await sql.run<{ key: string }>(
      `update ${table} t set ${given.map(({ as, name, type }) => `${quoted(name)} = n.${as}::${type}`).join(', ')}
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) n (key, probability, band, reasons, was)
      where t.${quoted(key.name)} = n.key::${key.type}
        and t.${quoted(own.probability!.name)}::text is not distinct from n.was::${own.probability!.type}::text
      returning t.${quoted(key.name)}::text as key`,
      [
        rows.map((row) => row.key),
        rows.map(({ score }) => score.probability),
        rows.map(({ score }) => score.band),
        rows.map(({ score }) => score.reasons),
        rows.map(({ was }) => was.probability),
      ],
    )
    const written = new Set(changed.map((row) => row.key))
    return new Map(
      rows.flatMap((row) =>
        written.has(row.key) ? [] : [[row.key, 'Somebody was faster: the row has changed.']],
      ),
    )
  }

  async function writeBeside(rows: { key: string; score: Score }[]): Promise<Map<string, string>> {
    const [empty, full] = [true, false].map((none) =>
      rows.filter(({ score }) => same(score, noScore) === none),
    )
    if (empty!.length)
      await sql.run(`delete from ${beside} where key = any($1)`, [empty!.map((row) => row.key)])
    if (full!.length) {
      await sql.run(
        `insert into ${beside} (key, probability, band, reasons)
        select * from unnest($1::text[], $2::float8[], $3::text[], $4::text[])
        on conflict (key) do update set probability = excluded.probability, band = excluded.band,
          reasons = excluded.reasons, scored_at = now()`,
        [
          full!.map((row) => row.key),
          full!.map(({ score }) => score.probability),
          full!.map(({ score }) => score.band),
          full!.map(({ score }) => score.reasons),
        ],
      )
    }
    return new Map()
  }
}

const same = (a: Score, b: Score) =>
  a.probability === b.probability && a.band === b.band && a.reasons === b.reasons
const blank = (text: string | null) => (text === '' ? null : text)
const milliseconds = ({ name, type }: Column) =>
  `extract(epoch from t.${quoted(name)}${/without|^date/.test(type) ? ` at time zone 'UTC'` : ''})::float8 * 1000`

/** Postgres writes booleans as t and f when they are cast to text by some paths, and as true and false by others. */
function cellOf(text: string): Cell {
  return text === 't' ? 'true' : text === 'f' ? 'false' : text
}

export function jsonCell(value: unknown): Cell {
  if (value === null || value === undefined || value === '') return null
  return typeof value === 'object' ? JSON.stringify(value) : (value as Cell)
}

function timeColumn(column: Column): Column {
  if (/^(timestamp|date)/.test(column.type)) return column
  throw new Fault(
    'bad-input',
    `The column "${column.name}" is of type ${column.type}; a time is needed there.`,
  )
}

export async function describeTable(
  sql: SqlConnection,
  told: string,
  table: string,
): Promise<{ columns: Column[]; isTable: boolean }> {
  const columns = await sql.run<Column & { kind: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type, relkind as kind
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [table],
  )
  if (columns.length > 0) return { columns, isTable: columns[0]!.kind === 'r' }
  throw new Fault(
    'unreachable',
    `The database ${sql.where} has no table or view ${told} that this user can see; check its name and schema.`,
  )
}

export function columnNamed(columns: Column[], wanted: string, table: string): Column {
  const found =
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  if (found) return found
  const list = columns
    .map(({ name }) => `"${name}"`)
    .slice(0, 40)
    .join(', ')
  throw new Fault('bad-input', `${table} has no column "${wanted}"; it has ${list}.`)
}

export async function primaryKey(sql: SqlConnection, told: string, table: string): Promise<string> {
  const rows = await sql.run<{ name: string }>(
    `select attname as name from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
    where indrelid = to_regclass($1) and indisprimary`,
    [table],
  )
  if (rows.length === 1) return rows[0]!.name
  throw new Fault(
    'bad-input',
    `${told} has ${rows.length ? 'a primary key of several columns' : 'no primary key'}; say with key=COLUMN which column tells its rows apart.`,
  )
}

/** Short and plain, for what is kept about this table. */
export function folderOf(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}
