import { type Arm, longestSeconds } from '../contract/index.ts'
import { clean, lockOf } from './append.ts'
import type { Sql } from './connect.ts'
import { dayOf, rollupTables, shortHash } from './projections.ts'

/** One day of one arm, share held back, class of predicted time and source of the handling time, summed up. */
export interface RollupRow {
  /** Days since the epoch, UTC. */
  day: number
  arm: Extract<Arm, 'shown' | 'held back'>
  /** Share that was held back when the arm was drawn. */
  holdback: number
  /** floor(log2(predicted seconds)); null where nothing was foreseen. */
  class: number | null
  /** Where the times are from; '' has all items, timed or not, and no times. */
  source: string
  items: number
  predicted: number
  known: number
  t: number
  t2: number
  t3: number
  t4: number
  p: number
  p2: number
  tp: number
  /** Times left out: below zero, and above eight hours. */
  impossible: number
  tooLong: number
}

/** Who did how many items, and how many of them in an arm that was drawn at random. */
export interface RollupPerson {
  person: string
  did: number
  compared: number
}

/** What the stage held back by itself, where a decision does not say. */
const holdback = `coalesce(holdback, case stage when 'pilot' then 0.2 when 'live' then 0.1 else 0 end)`

/** Powers of what is smaller would underflow. */
const toTheMillisecond = (seconds: string) => `round(${seconds}::numeric, 3)::float8`

const eligible = `arm in ('shown', 'held back') and not coalesce(urgent, false)`

const sums = `count(*) filter (where seconds between 0 and ${longestSeconds}) as known,
  ${[
    ['seconds', 't'],
    ['seconds ^ 2', 't2'],
    ['seconds ^ 3', 't3'],
    ['seconds ^ 4', 't4'],
    ['foreseen', 'p'],
    ['foreseen ^ 2', 'p2'],
    ['seconds * foreseen', 'tp'],
  ]
    // In order of id, so that the same items always give the same sum to the last bit.
    .map(
      ([what, name]) =>
        `coalesce(sum(${what} order by id) filter (where seconds between 0 and ${longestSeconds}), 0) as ${name}`,
    )
    .join(',\n  ')},
  count(*) filter (where seconds < 0) as impossible,
  count(*) filter (where seconds > ${longestSeconds}) as too_long`

/**
 * Sums up the days of a deployment whose items have changed, within the caller's transaction. Whoever appends to the
 * deployment waits meanwhile, and it for them, so that no change falls between.
 */
export async function sumUp(sql: Sql, schema: string, s: string, deployment: string): Promise<void> {
  await sql('select pg_advisory_xact_lock($1)', [String(lockOf(schema, deployment))])
  const days = await sql<{ day: number }>(
    `delete from ${s}.rollup_days where deployment = $1 returning day`,
    [deployment],
  )
  if (days.length === 0) return
  const given = [deployment, days.map(({ day }) => day)]
  for (const table of rollupTables)
    await sql(`delete from ${s}.${table} where deployment = $1 and day = any($2::int[])`, given)
  const [first, last] = [Math.min(...(given[1] as number[])), Math.max(...(given[1] as number[]))]
  // A stretch of days at a time: what is sorted stays small.
  for (let from = first; from <= last; from += daysAtOnce) {
    const part = days.map(({ day }) => day).filter((day) => day >= from && day < from + daysAtOnce)
    if (part.length === 0) continue
    const range = [deployment, from * 86_400_000, (from + daysAtOnce) * 86_400_000, part]
    await sql(
      `with done as (
        select id, ${dayOf('did_at')} as day, arm, ${holdback} as holdback, times, did_person,
          case when predicted between 0.001 and 1e7 then ${toTheMillisecond('predicted')} end as predicted, ${eligible} as compared
        from ${s}.items
        where deployment = $1 and did_at >= $2 and did_at < $3 and ${dayOf('did_at')} = any($4::int[])
      ),
      people as (
        insert into ${s}.rollup_people (deployment, day, person, did, compared)
        select $1, day, did_person, count(*), count(*) filter (where compared) from done
        where did_person is not null group by day, did_person
      ),
      classed as (
        select id, day, arm, holdback, times, coalesce(predicted, 0) as foreseen,
          floor(log(2, greatest(predicted, 1)::numeric))::int as class
        from done where compared
      ),
      timed as (
        select c.*, t.key as source, ${toTheMillisecond("(case when jsonb_typeof(t.value) = 'number' then t.value end)")} as seconds
        from classed c, lateral jsonb_each(c.times) t
      )
      insert into ${s}.rollups
      select $1, day, arm, holdback, class, '', count(*), sum(foreseen order by id), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
      from classed group by day, arm, holdback, class
      union all
      select $1, day, arm, holdback, class, source, 0, 0, ${sums}
      from timed group by day, arm, holdback, class, source`,
      range,
    )
    await sql(outcomesOf(s), range)
  }
}

const daysAtOnce = 7

/** The outcomes of the given days; see readOutcomes. */
const outcomesOf = (s: string) => `
with judged as (
  select ${dayOf('coalesce(did_at, judged_at)')} as day, outcome, useful, judged_at, edits,
    coalesce("group", item) as of, outcome = 'edited' and coalesce(similarity, 1) < 2.0 / 3 as rewritten,
    corrected_at is not null and outcome in ('used', 'edited') as wrong
  from ${s}.items
  where deployment = $1 and outcome is not null and ((did_at >= $2 and did_at < $3)
    or (did_at is null and judged_at >= $2 and judged_at < $3))
    and ${dayOf('coalesce(did_at, judged_at)')} = any($4::int[])
),
edited as (
  insert into ${s}.rollup_edits (deployment, day, kind, n)
  select $1, day, kind, count(*)
  from (select day, jsonb_array_elements_text(edits) as kind from judged
    where outcome = 'edited' and jsonb_typeof(edits) = 'array') as each
  group by day, kind
),
verdicts as (
  insert into ${s}.rollup_verdicts (deployment, day, "group", verdict)
  select $1, day, ${shortHash('of')}, min(judged_at * 2 + case when useful then 0 else 1 end)
  from judged group by day, of
)
insert into ${s}.rollup_outcomes (deployment, day, outcome, rewritten, n, wrong)
select $1, day, outcome, rewritten, count(*), count(*) filter (where wrong) from judged group by 2, 3, 4`

const columns = `day, arm, holdback, class, source, items, predicted, known, t, t2, t3, t4, p, p2, tp, impossible, too_long`

export async function readRollups(
  sql: Sql,
  schema: string,
  s: string,
  deployment: string,
): Promise<{ rows: RollupRow[]; people: RollupPerson[] }> {
  const of = clean(deployment)
  await sumUp(sql, schema, s, of)
  const rows = await sql<Omit<RollupRow, 'tooLong'> & { too_long: number }>(
    `select ${columns} from ${s}.rollups where deployment = $1 order by ${order}`,
    [of],
  )
  const people = await sql<RollupPerson>(
    `select person, sum(did)::bigint as did, sum(compared)::bigint as compared
    from ${s}.rollup_people where deployment = $1 group by person order by person collate "C"`,
    [of],
  )
  return { rows: rows.map(({ too_long, ...row }) => ({ ...row, tooLong: too_long })), people }
}

const order = `day, arm, holdback, class nulls first, source collate "C"`

/** Every rollup there is, brought up to date, to be compared. */
export async function readAllRollups(sql: Sql, schema: string, s: string) {
  for (const { deployment } of await sql(`select distinct deployment from ${s}.rollup_days order by 1`))
    await sumUp(sql, schema, s, deployment)
  const sorted = (table: string, by: string) =>
    sql(`select * from ${s}.${table} order by deployment collate "C", day, ${by}`)
  return {
    outcomes: await sorted('rollup_outcomes', 'outcome, rewritten'),
    edits: await sorted('rollup_edits', 'kind collate "C"'),
    verdicts: await sorted('rollup_verdicts', '"group"'),
    rollups: await sql(`select * from ${s}.rollups order by deployment collate "C", ${order}`),
    people: await sql(
      `select * from ${s}.rollup_people order by deployment collate "C", day, person collate "C"`,
    ),
  }
}
