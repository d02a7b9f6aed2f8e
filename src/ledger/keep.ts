import { randomBytes } from 'node:crypto'
import type { Deployment, Health } from '../contract/index.ts'
import { clean } from './append.ts'
import type { Sql } from './connect.ts'
import { itemId } from './projections.ts'
import { byGivenKey } from './read.ts'
import type { BodyOf, BodyRow, ReportSchedule, SavedModel } from './types.ts'

/** What is kept beside the facts: settings, bookmarks, models, secrets, and texts with the date on which they go. */

export async function saveDeployment(sql: Sql, s: string, deployment: Deployment): Promise<void> {
  const { id, team, surface, skill, settings, pain, rollout } = deployment
  await sql(
    `insert into ${s}.deployments (id, team, surface, skill, settings, pain, rollout)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update set team = excluded.team, surface = excluded.surface, skill = excluded.skill,
      settings = excluded.settings, pain = excluded.pain, rollout = excluded.rollout`,
    [
      id,
      team,
      surface,
      skill,
      JSON.stringify(settings ?? null),
      JSON.stringify(pain),
      rollout ? JSON.stringify(rollout) : null,
    ],
  )
}

export async function saveCursor(sql: Sql, s: string, deployment: string, cursor: string): Promise<void> {
  await sql(
    `insert into ${s}.cursors (deployment, cursor) values ($1, $2)
    on conflict (deployment) do update set cursor = excluded.cursor`,
    [deployment, cursor],
  )
}

export async function saveSchedule(
  sql: Sql,
  s: string,
  { destination, team, format }: ReportSchedule,
): Promise<void> {
  await sql(
    `insert into ${s}.report_schedules (destination, team, format) values ($1, $2, $3)
    on conflict (destination) do update set team = excluded.team, format = excluded.format`,
    [destination, team, format],
  )
}

export async function readSchedules(sql: Sql, s: string): Promise<ReportSchedule[]> {
  return sql(`select destination, team, format from ${s}.report_schedules order by destination collate "C"`)
}

export async function dropSchedule(sql: Sql, s: string, destination: string): Promise<boolean> {
  const gone = await sql(`delete from ${s}.report_schedules where destination = $1 returning 1`, [
    destination,
  ])
  return gone.length > 0
}

export async function readCursor(sql: Sql, s: string, deployment: string): Promise<string | null> {
  const [row] = await sql(`select cursor from ${s}.cursors where deployment = $1`, [deployment])
  return row?.cursor ?? null
}

export async function hold(sql: Sql, s: string, deployment: string): Promise<void> {
  await sql(`select 1 from ${s}.deployments where id = $1 for no key update`, [deployment])
}

export async function saveModel(sql: Sql, s: string, deployment: string, model: SavedModel): Promise<void> {
  await sql(
    `insert into ${s}.models (deployment, skill, version, bytes, learned_at) values ($1, $2, $3, $4, $5)
    on conflict (deployment) do update set skill = excluded.skill, version = excluded.version,
      bytes = excluded.bytes, learned_at = excluded.learned_at`,
    [deployment, model.skill, model.version, model.bytes, Math.round(model.learnedAt)],
  )
}

export async function dropModel(sql: Sql, s: string, deployment: string): Promise<void> {
  await sql(`delete from ${s}.models where deployment = $1`, [deployment])
}

export async function readModel(sql: Sql, s: string, deployment: string): Promise<SavedModel | null> {
  const [row] = await sql(
    `select skill, version, bytes, learned_at as "learnedAt" from ${s}.models where deployment = $1`,
    [deployment],
  )
  return row ?? null
}

export async function saveSealed(
  sql: Sql,
  s: string,
  deployment: string,
  name: string,
  sealed: string,
  before?: string,
): Promise<void> {
  if (before !== undefined) {
    await sql(`update ${s}.vault set sealed = $3 where deployment = $1 and name = $2 and sealed = $4`, [
      deployment,
      name,
      sealed,
      before,
    ])
    return
  }
  await sql(
    `insert into ${s}.vault (deployment, name, sealed) values ($1, $2, $3)
    on conflict (deployment, name) do update set sealed = excluded.sealed`,
    [deployment, name, sealed],
  )
}

export async function readSealed(
  sql: Sql,
  s: string,
  deployment: string,
  name: string,
): Promise<string | null> {
  const [row] = await sql(`select sealed from ${s}.vault where deployment = $1 and name = $2`, [
    deployment,
    name,
  ])
  return row?.sealed ?? null
}

export async function readAllSealed(
  sql: Sql,
  s: string,
): Promise<{ deployment: string; name: string; sealed: string }[]> {
  return sql(`select deployment, name, sealed from ${s}.vault order by deployment, name`)
}

export async function saveHealth(
  sql: Sql,
  s: string,
  deployment: string,
  health: Health,
  at: number,
): Promise<void> {
  await sql(
    `insert into ${s}.health (deployment, said_at, body) values ($1, $2, $3)
    on conflict (deployment) do update set said_at = excluded.said_at, body = excluded.body`,
    [deployment, Math.round(at), JSON.stringify(health)],
  )
}

export async function readHealths(sql: Sql, s: string): Promise<Map<string, { health: Health; at: number }>> {
  const rows = await sql<{ deployment: string; at: number; body: Health }>(
    `select deployment, said_at as at, body from ${s}.health order by deployment`,
  )
  return new Map(rows.map(({ deployment, at, body }) => [deployment, { health: body, at }]))
}

export async function readModelHead(
  sql: Sql,
  s: string,
  deployment: string,
): Promise<Omit<SavedModel, 'bytes'> | null> {
  const [row] = await sql(
    `select skill, version, learned_at as "learnedAt" from ${s}.models where deployment = $1`,
    [deployment],
  )
  return row ?? null
}

/** Texts in one statement; more are cut into several. */
const batch = 500

export async function saveBodies(sql: Sql, s: string, rows: readonly BodyRow[]): Promise<void> {
  // Of several with the same place the last one counts.
  const last = [...new Map(rows.map((row) => [`${row.what}\n${row.deployment}\n${row.item}`, row])).values()]
  for (let from = 0; from < last.length; from += batch) {
    const part = last.slice(from, from + batch)
    await sql(
      `insert into ${s}.bodies (id, deployment, item, what, person, body, keep_until)
      select ${itemId('deployment', 'item')} as id, deployment, item, what, person, body, keep_until
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
        as given (deployment, item, what, person, body, keep_until)
      order by id
      on conflict (id, what) do update set
        person = excluded.person, body = excluded.body, keep_until = excluded.keep_until`,
      [
        part.map(({ deployment }) => clean(deployment)),
        part.map(({ item }) => clean(item)),
        part.map(({ what }) => what),
        part.map(({ person }) => (person === null ? null : clean(person))),
        part.map(({ body }) => JSON.stringify(body ?? null)),
        part.map(({ keepUntil }) => (keepUntil === null ? null : Math.round(keepUntil))),
      ],
    )
  }
}

export async function readBody(
  sql: Sql,
  s: string,
  deployment: string,
  item: string,
  what: BodyOf,
): Promise<unknown | null> {
  const [row] = await sql(
    `select body from ${s}.bodies where id = ${itemId('$1::text', '$2::text')} and what = $3`,
    [clean(deployment), clean(item), what],
  )
  return row ? JSON.parse(row.body) : null
}

export async function readBodies(
  sql: Sql,
  s: string,
  deployment: string,
  keys: readonly string[],
  what: BodyOf,
): Promise<Map<string, unknown>> {
  if (keys.length === 0) return new Map()
  const rows = await sql<{ item: string; body: string }>(
    `select item, body from ${s}.bodies where what = $3 and id = any(
      select ${itemId('$1::text', 'key')} from unnest($2::text[]) as given (key))`,
    [clean(deployment), keys.map(clean), what],
  )
  return byGivenKey(keys, new Map(rows.map(({ item, body }) => [item, JSON.parse(body)])))
}

export async function* streamBodies(
  sql: Sql,
  s: string,
  deployment: string,
  what: BodyOf,
): AsyncGenerator<{ item: string; body: unknown }> {
  for (let after: Buffer = Buffer.alloc(0); ; ) {
    const rows: { id: Buffer; item: string; body: string }[] = await sql(
      `select id, item, body from ${s}.bodies where deployment = $1 and what = $2 and id > $3 order by id limit ${batch}`,
      [clean(deployment), what, after],
    )
    for (const { item, body } of rows) yield { item, body: JSON.parse(body) }
    if (rows.length < batch) return
    after = rows.at(-1)!.id
  }
}

export async function eraseBodies(sql: Sql, s: string, person: string): Promise<Map<string, number>> {
  const rows = await sql<{ deployment: string; bodies: number }>(
    `with gone as (delete from ${s}.bodies where person = $1 returning deployment)
    select deployment, count(*) as bodies from gone group by deployment order by deployment`,
    [clean(person)],
  )
  return new Map(rows.map(({ deployment, bodies }) => [deployment, bodies]))
}

export async function dropExpiredBodies(sql: Sql, s: string, now: number): Promise<number> {
  const [row] = await sql<{ dropped: number }>(
    `with gone as (delete from ${s}.bodies where keep_until <= $1 returning 1)
    select count(*) as dropped from gone`,
    [Math.floor(now)],
  )
  return row!.dropped
}

export async function readSecret(sql: Sql, s: string, name: string): Promise<Buffer> {
  // Whoever comes first makes it; everybody reads the same one.
  await sql(`insert into ${s}.secrets (name, bytes) values ($1, $2) on conflict do nothing`, [
    name,
    randomBytes(32),
  ])
  const [row] = await sql(`select bytes from ${s}.secrets where name = $1`, [name])
  return row.bytes
}
