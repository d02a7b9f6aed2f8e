import type { Deployment, Fact, FactKind, Rollout } from '../contract/index.ts'
import { clean } from './append.ts'
import type { Sql } from './connect.ts'
import { itemId } from './projections.ts'
import type { FactFilter, ItemFilter, ItemState, Standing } from './types.ts'

/** Rows a round trip when streaming; between two of them no connection is held. */
const page = 2000
/** Ids in one stretch, for streams across deployments. */
const stretch = 10_000

/** Kinds that the index `facts_told` holds. */
const told: readonly FactKind[] = [
  'connected',
  'learned',
  'proved',
  'staged',
  'asked',
  'answered',
  'wished',
  'switchedOff',
  'missed',
  'costed',
  'traced',
  'announced',
  'reported',
  'failed',
  'erased',
  'saidOfRoutine',
]

/** Conditions with numbered parameters. */
function where(conditions: [condition: string, value?: unknown][]) {
  const values: unknown[] = []
  const written = conditions.map(([condition, value]) => {
    if (value === undefined) return condition
    values.push(value)
    return condition.replace('?', `$${values.length}`)
  })
  return { text: written.length > 0 ? `where ${written.join(' and ')}` : '', values }
}

export async function* streamFacts(sql: Sql, s: string, filter: FactFilter = {}): AsyncGenerator<Fact> {
  const conditions: [string, unknown?][] = []
  if (filter.deployment !== undefined) conditions.push(['deployment = ?', clean(filter.deployment)])
  if (filter.item !== undefined) conditions.push(['item = ?', clean(filter.item)])
  if (filter.kinds !== undefined) conditions.push(['kind = any(?)', filter.kinds])
  if (filter.since !== undefined) conditions.push(['at >= ?', Math.ceil(filter.since)])
  if (filter.until !== undefined) conditions.push(['at < ?', Math.ceil(filter.until)])
  const read = (more: [string, unknown?][], tail: string) => {
    const { text, values } = where([...conditions, ...more])
    return sql<Fact & { id: number }>(
      `select id, key, kind, at, deployment, item, person, body from ${s}.facts ${text} order by id ${tail}`,
      values,
    )
  }
  if (filter.item !== undefined) yield* (await read([], '')).map(withoutId)
  else if (filter.kinds?.every((kind) => told.includes(kind))) {
    // The condition stands in words so that the planner sees the index of these kinds alone.
    const few: [string] = [`kind in (${told.map((kind) => `'${kind}'`).join(', ')})`]
    // Across deployments each page is sorted anew, so it is a large one.
    const size = filter.deployment === undefined ? 25 * page : page
    for (let after = 0; ; ) {
      const rows = await read([few, ['id > ?', after]], `limit ${size}`)
      yield* rows.map(withoutId)
      if (rows.length < size) return
      after = rows.at(-1)!.id
    }
  } else if (filter.deployment !== undefined) {
    // The index by deployment gives the next ones in order.
    for (let after = 0; ; ) {
      const rows = await read([['id > ?', after]], `limit ${page}`)
      yield* rows.map(withoutId)
      if (rows.length < page) return
      after = rows.at(-1)!.id
    }
  } else {
    // Across deployments there is only a coarse index by id: one stretch of ids after another.
    const [{ end }] = (await sql<{ end: number }>(`select last_value as end from ${s}.fact_ids`)) as [
      { end: number },
    ]
    for (let after = 0; after < end; after += stretch) {
      yield* (
        await read(
          [
            ['id > ?', after],
            ['id <= ?', after + stretch],
          ],
          '',
        )
      ).map(withoutId)
    }
  }
}

const withoutId = ({ id, ...fact }: Fact & { id: number }) => fact as Fact

// biome-ignore lint/suspicious/noExplicitAny: a row of the table `items`
function itemState(row: any): ItemState {
  return {
    deployment: row.deployment,
    item: row.item,
    group: row.group,
    urgent: row.urgent ?? false,
    person: row.did_person ?? row.seen_person,
    seenAt: row.seen_at,
    suggestedAt: row.suggested_at,
    confidence: row.confidence,
    claim: row.claim,
    decidedAt: row.decided_at,
    arm: row.arm ?? row.judged_arm,
    stage: row.stage,
    placedAt: row.placed_at,
    placement: row.placement,
    threshold: row.threshold,
    refusedAt: row.refused_at,
    refused: row.refused,
    withdrawnAt: row.withdrew_at,
    removedAt: row.removed_at,
    didAt: row.did_at,
    seconds: row.seconds ?? row.judged_seconds,
    judgedAt: row.judged_at,
    useful: row.useful,
    similarity: row.similarity,
    outcome: row.outcome,
    goneAt: row.gone_at,
  }
}

export async function readItem(
  sql: Sql,
  s: string,
  deployment: string,
  item: string,
): Promise<ItemState | null> {
  const [row] = await sql(`select * from ${s}.items where id = ${itemId('$1::text', '$2::text')}`, [
    clean(deployment),
    clean(item),
  ])
  return row ? itemState(row) : null
}

export async function readItems(
  sql: Sql,
  s: string,
  deployment: string,
  keys: readonly string[],
): Promise<Map<string, ItemState>> {
  if (keys.length === 0) return new Map()
  const rows = await sql(
    `select * from ${s}.items where id = any(
      select ${itemId('$1::text', 'key')} from unnest($2::text[]) as given (key))`,
    [clean(deployment), keys.map(clean)],
  )
  const found = new Map(rows.map((row) => [row.item as string, itemState(row)]))
  return byGivenKey(keys, found)
}

/** Found by what the database holds, given back by what was asked for. */
export function byGivenKey<Value>(keys: readonly string[], found: Map<string, Value>): Map<string, Value> {
  return new Map(
    keys.flatMap((key) => {
      const value = found.get(clean(key))
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}

const openItem = '(did_at is null and gone_at is null)'
/** Placed, and none of what ends a placement came since. */
const placedItem =
  '(placed_at is not null and placed_at >= greatest(withdrew_at, removed_at, gone_at, placed_at))'

export async function* streamItems(
  sql: Sql,
  s: string,
  deployment: string,
  { open, placed, limit = Number.POSITIVE_INFINITY }: ItemFilter = {},
): AsyncGenerator<ItemState> {
  const conditions: [string, unknown?][] = [['deployment = ?', clean(deployment)]]
  if (open !== undefined) conditions.push([open ? openItem : `not ${openItem}`])
  if (placed !== undefined) conditions.push([placed ? placedItem : `not ${placedItem}`])
  // Items that nobody saw come in (a deed alone) have no time, and come last; a page then goes on by id.
  let after: { seen_at: number | null; id: Buffer } | null = null
  for (let left = limit; left > 0; ) {
    const { text, values } = where(
      after === null
        ? conditions
        : after.seen_at === null
          ? [...conditions, ['seen_at is null'], ['id > ?', after.id]]
          : [
              ...conditions,
              [`(seen_at, id) > (${after.seen_at}, ?) or seen_at is null)`.replace(/^/, '('), after.id],
            ],
    )
    const size = Math.min(page, left)
    const rows: { seen_at: number | null; id: Buffer }[] = await sql(
      `select * from ${s}.items ${text} order by seen_at, id limit ${size}`,
      values,
    )
    for (const row of rows) yield itemState(row)
    if (rows.length < size) return
    left -= rows.length
    after = rows.at(-1)!
  }
}

/** How the words for what failed begin, and the time of what mends it. Any other failure ends with whatever goes well. */
const menders: [start: string, at: string][] = [
  ['learn', 'learned_at'],
  ['prov', 'proved_at'],
  ['plac', 'last_placed_at'],
  ['withdr', 'last_withdrew_at'],
]
const anyMender = [...menders.map(([, at]) => at), 'connected_at', 'last_seen_at']

// biome-ignore lint/suspicious/noExplicitAny: a row of the table `standings`, with the deployment's own names
function standing(row: any): Standing {
  const mender = menders.find(([start]) => row.failed_what?.startsWith(start))
  const mended = (mender ? [mender[1]] : anyMender).some((at) => row[at] > row.failed_at)
  return {
    deployment: row.deployment,
    team: row.team ?? '',
    surface: row.surface ?? '',
    skill: row.skill ?? '',
    stage: row.stage ?? 'off',
    stagedAt: row.staged_at,
    because: row.because,
    byPerson: row.staged_by === 'person',
    locks: row.locks,
    proof: row.proof,
    provedAt: row.proved_at,
    learned: row.learned && { ...row.learned, at: row.learned_at },
    counts: {
      seen: row.seen,
      suggested: row.suggested,
      arms: { shown: row.arm_shown, 'held back': row.arm_held_back, silent: row.arm_silent },
      placed: row.placed,
      refused: row.refused,
      withdrawn: row.withdrawn,
      removed: row.removed,
      did: row.did,
      judged: { shown: row.judged_shown, 'held back': row.judged_held_back, silent: row.judged_silent },
      useful: { shown: row.useful_shown, 'held back': row.useful_held_back, silent: row.useful_silent },
      outcomes: {
        used: row.outcome_used,
        edited: row.outcome_edited,
        discarded: row.outcome_discarded,
        ignored: row.outcome_ignored,
      },
      gone: row.gone,
    },
    failure:
      row.failed_at === null || mended
        ? null
        : { what: row.failed_what, because: row.failed_because, at: row.failed_at },
    lastSeenAt: row.last_seen_at,
  }
}

export async function readStandings(sql: Sql, s: string): Promise<Standing[]> {
  return (await sql(`select * from ${s}.standings order by deployment collate "C"`)).map(standing)
}

export async function readStanding(sql: Sql, s: string, deployment: string): Promise<Standing | null> {
  const [row] = await sql(`select * from ${s}.standings where deployment = $1`, [clean(deployment)])
  return row ? standing(row) : null
}

export async function readDeployments(sql: Sql, s: string): Promise<Deployment[]> {
  const rows = await sql<Deployment & { rollout: Rollout | null }>(
    `select id, team, surface, skill, settings, pain, rollout from ${s}.deployments order by id collate "C"`,
  )
  return rows.map(({ rollout, ...deployment }) => (rollout ? { ...deployment, rollout } : deployment))
}

/** Every projection, every column, in a fixed order. */
export async function readProjections(sql: Sql, s: string): Promise<Record<string, unknown[]>> {
  return {
    items: await sql(`select * from ${s}.items order by id`),
    standings: await sql(`select * from ${s}.standings order by deployment collate "C"`),
  }
}
