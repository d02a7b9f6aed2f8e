import { createHash } from 'node:crypto'
import { type Fact, Fault } from '../contract/index.ts'
import { bigintArray, jsonbArray, textArray } from './arrays.ts'
import type { Sql } from './connect.ts'
import { quoted } from './migrate.ts'
import { projecting, shortHash } from './projections.ts'

/** Facts in one statement; more are cut into several. */
const batch = 2000

/** Text as Postgres can hold it: no NUL, no half of a surrogate pair. */
export const clean = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed()

function json(value: unknown): string {
  const written = JSON.stringify(value)
  if (!/\\u(?:0000|d[89a-f])/i.test(written)) return written
  return JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? clean(inner) : inner))
}

function checked(fact: Fact): Fact {
  const wrong =
    typeof fact.key !== 'string' || fact.key === ''
      ? 'has no key'
      : typeof fact.deployment !== 'string' || fact.deployment === ''
        ? 'names no deployment'
        : !Number.isSafeInteger(Math.round(fact.at))
          ? `has the time ${fact.at}, which is not in milliseconds since the epoch`
          : null
  if (wrong) throw new Fault('bug', `The fact "${fact.key}" (${fact.kind}) ${wrong}.`)
  return fact
}

/** The lock that whoever projects a deployment's facts holds. */
export function lockOf(schema: string, deployment: string): bigint {
  return createHash('sha256').update(`${schema}\n${deployment}`).digest().readBigInt64BE()
}

/** A lock for each deployment, so that one writer at a time projects its facts. Sorted: no two wait for each other. */
function locksOf(schema: string, facts: readonly Fact[]): bigint[] {
  return [...new Set(facts.map(({ deployment }) => deployment))]
    .map((deployment) => lockOf(schema, deployment))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/**
 * Makes the function that appends what is new and projects it, and gives its name. It takes the locks and one array a
 * column of the facts. A function, so that an append is one round trip, its plan is kept, and what it reads is from
 * after it got its locks. Its name says what it does to the letter: two versions of Inlay can run side by side.
 */
export async function installAppend(sql: Sql, schema: string): Promise<string> {
  const s = quoted(schema)
  const body = `
declare
  new bigint;
begin
  perform pg_advisory_xact_lock(lock) from unnest(locks) as lock;
    with given as materialized (
      select ${shortHash('key')} as hash, *
      from unnest(keys, kinds, ats, deployments, items, people, bodies)
        with ordinality as given (key, kind, at, deployment, item, person, body, place)
    ),
    fresh as (
      insert into ${s}.fact_keys (hash) select hash from given order by hash
      on conflict do nothing returning hash
    ),
    added as (
      insert into ${s}.facts (key, kind, at, deployment, item, person, body)
      select key, kind, at, deployment, item, person, body
      from given where hash in (select hash from fresh)
      order by place
      returning id, kind, at, deployment, item, person, body
    ),
    ${projecting('added', s)}
    select count(*) into new from added;
  return new;
end`
  const name = `${s}.append_${createHash('sha256').update(body).digest('hex').slice(0, 12)}`
  const [has] = await sql('select to_regproc($1) is not null as yes', [name])
  if (!has.yes)
    await sql(`create function ${name}(locks bigint[], keys text[], kinds text[], ats bigint[], deployments text[],
      items text[], people text[], bodies jsonb[]) returns bigint language plpgsql as $append$${body}$append$`)
  return name
}

/**
 * Appends within the transaction of `sql`. A key that is there already, in the ledger or earlier among the given
 * facts, is skipped.
 */
export function appending(
  schema: string,
  append: string,
  partitionsFor: (times: Iterable<number>) => Promise<void>,
) {
  return async (sql: Sql, facts: readonly Fact[]): Promise<number> => {
    const byKey = new Map<string, Fact>()
    for (const fact of facts) {
      const key = clean(checked(fact).key)
      if (!byKey.has(key)) byKey.set(key, fact)
    }
    const all = [...byKey]
    let added = 0
    // All of them first: a transaction that has written to the table does not see a partition attached after that.
    await partitionsFor(all.map(([, { at }]) => at))
    for (let from = 0; from < all.length; from += batch) {
      const part = all.slice(from, from + batch)
      const some = part.map(([, fact]) => fact)
      const [row] = await sql<{ new: number }>(`select ${append}($1, $2, $3, $4, $5, $6, $7, $8) as new`, [
        bigintArray(locksOf(schema, some)),
        textArray(part.map(([key]) => key)),
        textArray(some.map(({ kind }) => kind)),
        bigintArray(some.map(({ at }) => BigInt(Math.round(at)))),
        textArray(some.map(({ deployment }) => clean(deployment))),
        textArray(some.map(({ item }) => (item === null ? null : clean(item)))),
        textArray(some.map(({ person }) => (person === null ? null : clean(person)))),
        jsonbArray(some.map(({ body }) => json(body))),
      ])
      added += row!.new
    }
    return added
  }
}

/** Facts that go in one statement, and so need no transaction around it. */
export const inOneStatement = batch
