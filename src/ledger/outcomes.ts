import type { Outcome } from '../contract/index.ts'
import { clean } from './append.ts'
import type { Sql } from './connect.ts'
import { sumUp } from './rollups.ts'

/** Numbers of shown suggestions that were judged. */
export interface OutcomeCounts {
  total: number
  counts: Record<Outcome, number>
  /** By how much of it was left: an edit that leaves less than two thirds is a rewrite. */
  kept: Record<'as is' | 'lightly edited' | 'rewritten' | 'discarded' | 'ignored', number>
  /** Edited ones with each sort of change; one may have several. */
  edits: Record<string, number>
  /** Used and found wrong afterwards. */
  foundWrong: number
  /** Conversations and records, and those whose first verdict was good. */
  groups: number
  useful: number
}

/** From the sums by day, which are brought up to date first, within the caller's transaction. */
export async function readOutcomes(
  sql: Sql,
  schema: string,
  s: string,
  deployment: string,
): Promise<OutcomeCounts> {
  const of = [clean(deployment)]
  await sumUp(sql, schema, s, clean(deployment))
  const rows = await sql<{ outcome: Outcome; rewritten: boolean; n: number; wrong: number }>(
    `select outcome, rewritten, sum(n)::bigint as n, sum(wrong)::bigint as wrong
    from ${s}.rollup_outcomes where deployment = $1 group by 1, 2`,
    of,
  )
  const kinds = await sql<{ kind: string; n: number }>(
    `select kind, sum(n)::bigint as n from ${s}.rollup_edits where deployment = $1
    group by kind order by kind collate "C"`,
    of,
  )
  const [groups] = await sql<{ groups: number; useful: number }>(
    `select count(*) as groups, count(*) filter (where first % 2 = 0) as useful
    from (select min(verdict) as first from ${s}.rollup_verdicts where deployment = $1 group by "group") as firsts`,
    of,
  )
  const counts: Record<Outcome, number> = { used: 0, edited: 0, discarded: 0, ignored: 0 }
  const kept = { 'as is': 0, 'lightly edited': 0, rewritten: 0, discarded: 0, ignored: 0 }
  let foundWrong = 0
  for (const { outcome, rewritten, n, wrong } of rows) {
    counts[outcome] += n
    foundWrong += wrong
    const how =
      outcome === 'used'
        ? 'as is'
        : outcome === 'edited'
          ? rewritten
            ? 'rewritten'
            : 'lightly edited'
          : outcome
    kept[how] += n
  }
  return {
    total: Object.values(counts).reduce((sum, n) => sum + n, 0),
    counts,
    kept,
    edits: Object.fromEntries(kinds.map(({ kind, n }) => [kind, n])),
    foundWrong,
    groups: groups!.groups,
    useful: groups!.useful,
  }
}

export async function readDoneBy(
  sql: Sql,
  s: string,
  deployment: string,
  people: readonly string[],
): Promise<{ person: string; at: number; seconds: number | null }[]> {
  if (people.length === 0) return []
  return sql(
    `select did_person as person, did_at as at, seconds from ${s}.items
    where deployment = $1 and did_at is not null and did_person = any($2::text[]) order by did_at, id`,
    [clean(deployment), people.map(clean)],
  )
}

export async function readRolledOut(
  sql: Sql,
  s: string,
  deployment: string,
): Promise<{ person: string; at: number; seconds: number | null; reached: boolean }[]> {
  return sql(
    `select did_person as person, did_at as at, seconds, reached from ${s}.items
    where deployment = $1 and reached is not null and did_at is not null and did_person is not null
    order by did_at, id`,
    [clean(deployment)],
  )
}
