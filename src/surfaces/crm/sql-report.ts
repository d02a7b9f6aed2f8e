import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type {
  Cell,
  Change,
  Example,
  HealthKeeper,
  OpenTools,
  Place,
  Report,
  ReportDeed,
} from '../../contract/index.ts'
import { Fault } from '../../contract/index.ts'
import { type JournalEntry, openJournal } from '../inbox/journal.ts'
import { type Noted, openRecordLog, type RecordState } from './record-log.ts'
import { quoted, type SqlConnection, tableName } from './sql-connection.ts'
import { columnNamed, describeTable, jsonCell, primaryKey } from './sql-table.ts'

export interface SqlReportSettings {
  query: string
  comments: string
  comment: string
  key?: string | undefined
  seconds: number
}

interface Row {
  key: string
  comment: string | null
}

/** Cells of one report at most: more is no table to tell about in two sentences. */
const mostRows = 200_000
/** Stands at the end of what we write, so that every reader knows. */
const sign = ' (Suggested by Inlay: keep, change or clear it.)'

/**
 * Each row of a table is a report: a query gives its figures (`$1` is the row's key), and one column of the row takes
 * the comment that a person writes about them.
 */
export async function sqlReports(
  sql: SqlConnection,
  settings: SqlReportSettings,
  health: HealthKeeper,
  { folder, now }: OpenTools,
): Promise<Place<'report'>> {
  const told = settings.comments
  const table = tableName(told).map(quoted).join('.')
  const { columns } = await describeTable(sql, told, table)
  const key = columnNamed(columns, settings.key ?? (await primaryKey(sql, told, table)), told)
  const comment = columnNamed(columns, settings.comment, told)
  if (!/^(text|character)/.test(comment.type)) {
    throw new Fault(
      'bad-input',
      `${told}: the column "${comment.name}" is of type ${comment.type}, and a comment is text.`,
    )
  }
  const query = settings.query.trim().replace(/;+$/, '')
  const takesKey = /\$1(?!\d)/.test(query)
  const journal = await openJournal<{ text: string; was: string | null }>(join(folder, 'comments'))
  await figures((await rows())[0]?.key ?? null)

  function rows(): Promise<Row[]> {
    return sql.run<Row>(
      `select t.${quoted(key.name)}::text as key, t.${quoted(comment.name)} as comment from ${table} t
      where t.${quoted(key.name)} is not null order by t.${quoted(key.name)}`,
    )
  }

  async function figures(of: string | null): Promise<{ columns: string[]; rows: Cell[][] }> {
    const found = await sql.look<{ row: Record<string, unknown> }>(
      `select to_json(q) as row from (${query}) q limit ${mostRows + 1}`,
      takesKey ? [of] : [],
    )
    if (found.length > mostRows) {
      throw new Fault('bad-input', `The query gives more than ${mostRows} rows; sum them up in it.`)
    }
    const names = Object.keys(found[0]?.row ?? {})
    return { columns: names, rows: found.map(({ row }) => names.map((name) => jsonCell(row[name]))) }
  }

  async function reportOf({ key }: Row): Promise<Report> {
    return { kind: 'report', key, group: key, at: null, ...(await figures(key)) }
  }

  function deedOf({ comment: text }: Row): ReportDeed {
    return {
      kind: 'report',
      at: null,
      person: null,
      seconds: null,
      secondsFrom: null,
      text: without(text ?? ''),
    }
  }

  /** What stands there by a person's hand; null where nothing or only our own words do. */
  function theirs({ comment: text }: Row, entry: JournalEntry<{ text: string }> | undefined): string | null {
    if (text === null || text.trim() === '') return null
    return entry && text === entry.detail.text ? null : text
  }

  async function byItem() {
    const entries = new Map<string, JournalEntry<{ text: string; was: string | null }>>()
    for (const entry of (await journal.live()).values()) entries.set(entry.item, entry)
    return entries
  }

  const write = async (of: string, was: string | null, text: string | null): Promise<boolean> => {
    const changed = await sql.run(
      `update ${table} t set ${quoted(comment.name)} = $2
      where t.${quoted(key.name)} = $1::text::${key.type} and t.${quoted(comment.name)} is not distinct from $3 returning 1`,
      [of, text, was],
    )
    return changed.length > 0
  }
  const current = async (of: string): Promise<Row | undefined> =>
    (
      await sql.run<Row>(
        `select t.${quoted(key.name)}::text as key, t.${quoted(comment.name)} as comment from ${table} t
        where t.${quoted(key.name)} = $1::text::${key.type}`,
        [of],
      )
    )[0]

  return {
    async *history(): AsyncGenerator<Example<'report'>> {
      const entries = await byItem()
      for (const row of await rows()) {
        if (theirs(row, entries.get(row.key)) !== null) yield { item: await reportOf(row), deed: deedOf(row) }
      }
    },
    async *watch(since, signal): AsyncGenerator<Change<'report'>> {
      if (signal.aborted) return
      const log = await openRecordLog(join(folder, 'told reports'), since)
      try {
        for (let first = true; !signal.aborted; first = false) {
          const before = await byItem()
          const found = await rows()
          const entries = await byItem()
          health.read()
          let news = first
          for (const row of found) {
            const entry = entries.get(row.key)
            const did = theirs(row, entry)
            const stable = entry?.state === 'placed' && before.get(row.key)?.state === 'placed'
            const state: RecordState = {
              open: did === null,
              did: did === null ? '' : digest(did),
              placed:
                !stable || did !== null ? '' : row.comment === null || row.comment === '' ? 'taken' : 'there',
            }
            const was = log.states.get(row.key)
            for (const change of changesOf(was, state, log.whole)) {
              const [cursor] = log.add([
                { key: row.key, state: change.last ? state : (was ?? { ...state, did: '' }) },
              ])
              news = true
              if (change.type === 'item') yield { cursor: cursor!, type: 'item', item: await reportOf(row) }
              if (change.type === 'deed')
                yield { cursor: cursor!, type: 'deed', key: row.key, deed: { ...deedOf(row), at: now() } }
              if (change.type === 'removed')
                yield { cursor: cursor!, type: 'removed', key: row.key, at: now() }
              if (signal.aborted) return
            }
            const known = log.states.get(row.key)
            if (
              !known ||
              known.open !== state.open ||
              known.did !== state.did ||
              known.placed !== state.placed
            ) {
              log.add([{ key: row.key, state }])
            }
          }
          const there = new Set(found.map((row) => row.key))
          for (const gone of [...log.states.keys()].filter((each) => !there.has(each))) {
            const [cursor] = log.add([{ key: gone, state: null } satisfies Noted])
            news = true
            yield { cursor: cursor!, type: 'gone', key: gone }
          }
          if (!log.whole) log.add([{ whole: true }])
          if (news) yield { type: 'caught up', cursor: log.cursor() }
          await rest(settings.seconds * 1000, signal)
        }
      } finally {
        log.close()
      }
    },
    place: (item, { value }, placementKey) =>
      journal.alone(async () => {
        const before = (await journal.live()).get(placementKey)
        const placement = { key: placementKey, ref: item.key }
        if (before?.state === 'placed') return { placed: true, placement }
        if (before && before.state !== 'placing')
          return { placed: false, because: 'It was taken back earlier.' }
        const row = await current(item.key)
        if (!row) return { placed: false, because: 'The report is not there any more.' }
        const detail = before?.detail ?? { text: `${value.text}${sign}`, was: row.comment }
        const written = row.comment === detail.text
        if (!written && (row.comment ?? '').trim() !== '') {
          return { placed: false, because: 'A person has written a comment already.' }
        }
        const entry = { key: placementKey, item: item.key, detail }
        await journal.write({ ...entry, state: 'placing', at: now() })
        if (!written && !(await write(item.key, row.comment, detail.text))) {
          await journal.write({ ...entry, state: 'withdrawn', at: now() })
          return { placed: false, because: 'A person was faster.' }
        }
        await journal.write({ ...entry, state: 'placed', at: now() })
        health.did('wrote a comment')
        return { placed: true, placement }
      }),
    withdraw: ({ key: placementKey }) =>
      journal.alone(async () => {
        const entry = (await journal.live()).get(placementKey)
        if (!entry || entry.state === 'withdrawn') return
        await journal.write({ ...entry, state: 'withdrawing', at: now() })
        // What somebody has changed since is theirs, and stays.
        await write(entry.item, entry.detail.text, entry.detail.was)
        await journal.write({ ...entry, state: 'withdrawn', at: now() })
      }),
  }
}

function changesOf(was: RecordState | undefined, state: RecordState, whole: boolean) {
  const types: ('item' | 'deed' | 'removed')[] = []
  if (!whole && !was) return state.open ? [{ type: 'item' as const, last: true }] : []
  if (!was || (state.open && !was.open)) types.push('item')
  if (state.did !== '' && state.did !== was?.did) types.push('deed')
  if (state.placed === 'taken' && was?.placed !== 'taken') types.push('removed')
  return types.map((type, index) => ({ type, last: index === types.length - 1 }))
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
const without = (text: string) => text.replace(sign, '').trim()

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
