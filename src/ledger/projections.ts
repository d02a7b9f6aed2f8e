import type { Sql } from './connect.ts'

/**
 * The SQL that turns facts into projections, written once: `append` runs it on the facts that are new, `rebuild` on all
 * of them, each time on top of what is there. It is correct for any batching because every column is either the
 * value of the last fact of its kind (by `at`, then by id, and a new fact has a greater id than any before it), a
 * greatest time, or a sum of differences between an item's new and old state.
 */

const text = (field: string) => `body->>'${field}'`
const number = (field: string) => `(body->>'${field}')::float8`
const flag = (field: string) => `(body->>'${field}')::boolean`

/** Columns of one kind of fact, taken together from the last one. */
interface Group {
  kind: string
  at: string
  columns: Record<string, string>
}

const itemGroups: Group[] = [
  {
    kind: 'seen',
    at: 'seen_at',
    columns: { '"group"': text('group'), urgent: flag('urgent'), seen_person: 'person' },
  },
  {
    kind: 'suggested',
    at: 'suggested_at',
    columns: { confidence: number('confidence'), claim: text('claim') },
  },
  {
    kind: 'decided',
    at: 'decided_at',
    columns: {
      arm: text('arm'),
      stage: text('stage'),
      threshold: number('threshold'),
      holdback: number('holdback'),
      predicted: number('predictedSeconds'),
      reached: flag('reached'),
    },
  },
  { kind: 'placed', at: 'placed_at', columns: { placement: `body->'placement'` } },
  { kind: 'refused', at: 'refused_at', columns: { refused: text('because') } },
  { kind: 'withdrew', at: 'withdrew_at', columns: {} },
  { kind: 'removed', at: 'removed_at', columns: {} },
  {
    kind: 'did',
    at: 'did_at',
    columns: {
      seconds: number('seconds'),
      did_person: 'person',
      times: `coalesce(body->'bySource', '{}'::jsonb) || jsonb_build_object(coalesce(nullif(body->>'secondsFrom', ''), 'the tool'), body->'seconds')`,
      longer_than: number('longerThan'),
    },
  },
  {
    kind: 'judged',
    at: 'judged_at',
    columns: {
      judged_arm: text('arm'),
      useful: flag('useful'),
      similarity: number('similarity'),
      outcome: text('outcome'),
      judged_seconds: number('seconds'),
    },
  },
  { kind: 'gone', at: 'gone_at', columns: {} },
  { kind: 'edited', at: 'edited_at', columns: { edits: `body->'kinds'` } },
  { kind: 'corrected', at: 'corrected_at', columns: {} },
]

const standingGroups: Group[] = [
  {
    kind: 'connected',
    at: 'connected_at',
    columns: { team: text('team'), surface: text('surface'), skill: text('skill') },
  },
  { kind: 'learned', at: 'learned_at', columns: { learned: 'body' } },
  { kind: 'proved', at: 'proved_at', columns: { proof: `body->'proof'` } },
  {
    kind: 'staged',
    at: 'staged_at',
    columns: { stage: text('to'), because: text('because'), locks: `body->'locks'`, staged_by: text('by') },
  },
  {
    kind: 'failed',
    at: 'failed_at',
    columns: { failed_what: text('what'), failed_because: text('because') },
  },
]

/** Which items each count of a standing counts, said of a row `r`. */
const counts: Record<string, (r: string) => string> = {
  seen: (r) => `${r}.seen_at is not null`,
  suggested: (r) => `${r}.confidence is not null`,
  arm_shown: (r) => `${r}.arm = 'shown'`,
  arm_held_back: (r) => `${r}.arm = 'held back'`,
  arm_silent: (r) => `${r}.arm = 'silent'`,
  placed: (r) => `${r}.placed_at is not null`,
  refused: (r) => `${r}.refused_at is not null`,
  withdrawn: (r) => `${r}.withdrew_at is not null`,
  removed: (r) => `${r}.removed_at is not null`,
  did: (r) => `${r}.did_at is not null`,
  judged_shown: (r) => `${r}.judged_arm = 'shown'`,
  judged_held_back: (r) => `${r}.judged_arm = 'held back'`,
  judged_silent: (r) => `${r}.judged_arm = 'silent'`,
  useful_shown: (r) => `${r}.judged_arm = 'shown' and ${r}.useful`,
  useful_held_back: (r) => `${r}.judged_arm = 'held back' and ${r}.useful`,
  useful_silent: (r) => `${r}.judged_arm = 'silent' and ${r}.useful`,
  outcome_used: (r) => `${r}.outcome = 'used'`,
  outcome_edited: (r) => `${r}.outcome = 'edited'`,
  outcome_discarded: (r) => `${r}.outcome = 'discarded'`,
  outcome_ignored: (r) => `${r}.outcome = 'ignored'`,
  gone: (r) => `${r}.gone_at is not null`,
}

/** Greatest times over all items of a deployment: the standing's column and the kind of fact. */
const latest: Record<string, string> = {
  last_seen_at: 'seen',
  last_placed_at: 'placed',
  last_withdrew_at: 'withdrew',
}

const namesOf = (groups: Group[]) => groups.flatMap(({ at, columns }) => [at, ...Object.keys(columns)])

/** `group` of "one row a kind" as columns of one row. */
const pivoted = (groups: Group[]) =>
  groups
    .flatMap(({ kind, at, columns }) => [
      `max(at) filter (where kind = '${kind}') as ${at}`,
      ...Object.entries(columns).map(
        // There is one row a kind, so any aggregate takes its value; max has none for jsonb and boolean.
        ([name, value]) => `(array_agg(${value}) filter (where kind = '${kind}'))[1] as ${name}`,
      ),
    ])
    .join(',\n    ')

/** The new row `t` on top of the old row `o`, which may be absent. */
const merged = (groups: Group[]) =>
  groups
    .flatMap(({ at, columns }) => [
      `greatest(t.${at}, o.${at}) as ${at}`,
      ...Object.keys(columns).map(
        (name) =>
          `case when t.${at} >= coalesce(o.${at}, t.${at}) then t.${name} else o.${name} end as ${name}`,
      ),
    ])
    .join(',\n    ')

/** The first half of the SHA-256 of a text: short, and nobody can make two texts that share it. */
export const shortHash = (text: string) => `substring(sha256(convert_to(${text}, 'UTF8')) from 1 for 16)`

/** Tables with a deployment and a day, summed up from the items of that day (rollups.ts). */
export const rollupTables = ['rollups', 'rollup_people', 'rollup_outcomes', 'rollup_edits', 'rollup_verdicts']

/** The day (UTC, counted from the epoch) of a time, which is none where a clock was absurd (above `lastDay`). */
export const dayOf = (at: string) => `(${at} / 86400000)::int`
/** What the sums of a day are made of. */
const summedUp = [
  'did_at',
  'did_person',
  'times',
  'arm',
  'urgent',
  'judged_at',
  'outcome',
  'useful',
  'similarity',
  'edited_at',
  'corrected_at',
  '"group"',
]
export const lastDay = 4_102_444_800_000

/** The id of an item in `items` and in `bodies`. */
export const itemId = (deployment: string, item: string) => shortHash(`${deployment} || E'\\n' || ${item}`)

const listed = (names: string[], write = (name: string) => name) => names.map(write).join(', ')

/**
 * The common table expressions that bring `items` and `standings` of the schema `s` (quoted) up to date with the
 * rows of `source`, a relation with the columns of `facts`. To be preceded by `with` and followed by a statement.
 * The caller makes sure that nobody else is projecting facts of the same deployments.
 */
export function projecting(source: string, s: string): string {
  const itemNames = namesOf(itemGroups)
  const standingNames = namesOf(standingGroups)
  const countNames = Object.keys(counts)
  const latestNames = Object.keys(latest)
  return `
last_of_item as (
  select distinct on (deployment, item, kind) deployment, item, kind, at, person, body
  from ${source} where item is not null
  order by deployment, item, kind, at desc, id desc
),
touched_items as (
  select ${itemId('deployment', 'item')} as id, deployment, item,
    ${pivoted(itemGroups)}
  from last_of_item group by deployment, item
),
merged_items as (
  select t.id, t.deployment, t.item,
    ${merged(itemGroups)},
    o as before
  from touched_items t
  -- Lateral, so that it is always a look-up by id, whatever the planner believes about the size of things.
  left join lateral (select * from ${s}.items where id = t.id limit 1) o on true
),
saved_items as (
  insert into ${s}.items (id, deployment, item, ${listed(itemNames)})
  select id, deployment, item, ${listed(itemNames)} from merged_items
  on conflict (id) do update set ${listed(itemNames, (name) => `${name} = excluded.${name}`)}
),
marked_days as (
  insert into ${s}.rollup_days (deployment, day)
  select distinct deployment, ${dayOf('at')}
  from merged_items n, lateral (values
    (coalesce(n.did_at, n.judged_at)), (coalesce((n.before).did_at, (n.before).judged_at))) as done (at)
  where at between 0 and ${lastDay} and (${listed(summedUp, (name) => `n.${name}`)}) is distinct from
    (${listed(summedUp, (name) => `(n.before).${name}`)})
  order by 1, 2
  on conflict do nothing
),
differences as (
  select n.deployment,
    ${Object.entries(counts)
      .map(
        ([name, when]) =>
          `count(*) filter (where ${when('n')}) - count(*) filter (where ${when('(n.before)')}) as ${name}`,
      )
      .join(',\n    ')}
  from merged_items n group by n.deployment
),
times as (
  select deployment,
    ${Object.entries(latest)
      .map(([name, kind]) => `max(at) filter (where kind = '${kind}') as ${name}`)
      .join(',\n    ')}
  -- What is said of routines is about no deployment.
  from ${source} where kind <> 'saidOfRoutine' group by deployment
),
last_of_deployment as (
  select distinct on (deployment, kind) deployment, kind, at, body
  from ${source} where kind in (${listed(standingGroups.map(({ kind }) => `'${kind}'`))})
  order by deployment, kind, at desc, id desc
),
touched_standings as (
  select deployment,
    ${pivoted(standingGroups)}
  from last_of_deployment group by deployment
),
merged_standings as (
  select times.deployment,
    ${merged(standingGroups)},
    ${latestNames.map((name) => `greatest(times.${name}, o.${name}) as ${name}`).join(',\n    ')},
    ${countNames.map((name) => `coalesce(o.${name}, 0) + coalesce(d.${name}, 0) as ${name}`).join(',\n    ')}
  from times
  left join touched_standings t on t.deployment = times.deployment
  left join differences d on d.deployment = times.deployment
  left join ${s}.standings o on o.deployment = times.deployment
),
saved_standings as (
  insert into ${s}.standings (deployment, ${listed([...standingNames, ...latestNames, ...countNames])})
  select * from merged_standings
  on conflict (deployment) do update set
    ${listed([...standingNames, ...latestNames, ...countNames], (name) => `${name} = excluded.${name}`)}
)`
}

/** Makes the projections anew, within the caller's transaction: readers see the old ones until it commits. */
export async function rebuildProjections(sql: Sql, s: string): Promise<void> {
  // Waits for the appends that are under way and holds the others back.
  await sql(`lock table ${s}.facts in share row exclusive mode`)
  await sql(`delete from ${s}.items`)
  await sql(`delete from ${s}.standings`)
  for (const table of [...rollupTables, 'rollup_days']) await sql(`delete from ${s}.${table}`)
  await sql(`with ${projecting(`${s}.facts`, s)} select`)
}
