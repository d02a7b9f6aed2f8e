import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type DataRecord,
  memoryVault,
  type OpenTools,
  type Place,
  type Suggestion,
} from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { sql } from './sql.ts'
import { tableName } from './sql-connection.ts'

const url = process.env.INLAY_TEST_DATABASE_URL!
let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('set client_min_messages to warning')
})
afterAll(() => client.end())

const suggestion = (): Suggestion<'record'> => ({
  kind: 'record',
  value: { type: 'score', probability: 0.8125, band: 'hot' },
  confidence: 0.9,
  reasons: [
    { field: 'city', value: 'Łódź', effect: 0.4 },
    { field: 'visits', value: 3, effect: -1 },
  ],
})

/** A schema of its own with leads, two of them open, under names that need quotes. */
async function makeLeads(ddl: string, more: Record<string, unknown> = {}, table = 'Our "leads"') {
  const schema = `crm_${randomBytes(5).toString('hex')}`
  const leads = `${schema}."Our ""leads"""`
  const quoted = `${schema}."${table.replaceAll('"', '""')}"`
  await client.query(`create schema ${schema}`)
  await client.query(`create table ${leads} (
    id bigint generated always as identity primary key, "City" text, visits int, photo bytea,
    came timestamptz not null default now(), won text, ${ddl})`)
  const add = (won: string | null) =>
    client.query(`insert into ${leads} ("City", visits, won) values ('Köln', 7, $1)`, [won])
  for (const won of ['yes', 'no', 'no', null, null]) await add(won)
  const remove = () => client.query(`drop schema ${schema} cascade`)
  const settings = { url, table: quoted, target: 'won', seconds: 0.1, ...more }
  return { schema, leads, add, remove, settings }
}

async function medium(ddl: string, more: Record<string, unknown> = {}): Promise<Medium<'record'>> {
  const { schema, leads, add, remove, settings } = await makeLeads(ddl, more)
  const view = (more as { view?: string }).view
  if (view) delete (settings as { view?: string }).view
  if (view) {
    await client.query(`create view ${schema}.seen as select * from ${leads}`)
    Object.assign(settings, { table: `${schema}.seen` })
  }
  let renamed = false
  return {
    settings,
    invalid: [
      {},
      { url },
      { url, table: 'a' },
      { url, table: 'a', target: 'b', seconds: -1 },
      { url, query: 'select 1' },
    ],
    async snapshot() {
      const { rows: tables } = await client.query(
        `select table_name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'`,
        [schema],
      )
      const all: Record<string, string> = {}
      for (const { table_name: name } of tables) {
        const { rows } = await client.query(
          `select t::text as row from ${schema}."${name.replaceAll('"', '""')}" t order by 1`,
        )
        // The table beside it stays when it is empty.
        if (rows.length) all[name] = rows.map(({ row }) => row).join('\n')
      }
      return all
    },
    newItem: async () => void (await add(null)),
    doDeed: async (key) =>
      void (await client.query(
        `update ${leads} set won = 'yes'${ddl.includes('touched') ? ', touched = clock_timestamp()' : ''} where id = $1`,
        [key],
      )),
    async removePlacement(key) {
      if (more.probability)
        await client.query(`update ${leads} set chance = null, band = null, why = null where id = $1`, [key])
      else {
        const { rows } = await client.query(
          `select table_name as name from information_schema.tables where table_schema = $1 and table_name like '%inlay'`,
          [schema],
        )
        await client.query(`delete from ${schema}."${rows[0].name.replaceAll('"', '""')}" where key = $1`, [
          key,
        ])
      }
    },
    dropItem: async (key) => void (await client.query(`delete from ${leads} where id = $1`, [key])),
    async vanish() {
      renamed = true
      await client.query(`alter table ${leads} rename to away`)
      if (view) await client.query(`drop view ${schema}.seen`)
    },
    suggestion,
    remove: async () => void (renamed ? await client.query(`drop schema ${schema} cascade`) : await remove()),
  }
}

surfaceConformance(sql, { record: () => medium('note text') })
surfaceConformance(
  { ...sql, name: 'sql (columns of the table)' },
  {
    record: () =>
      medium('chance numeric(5,3), band text, why text', {
        probability: 'chance',
        band: 'band',
        reasons: 'WHY',
      }),
  },
)
surfaceConformance(
  { ...sql, name: 'sql (by the time of the last change)' },
  {
    record: () =>
      medium('touched timestamptz not null default clock_timestamp()', { updated: 'touched', order: 'came' }),
  },
)
surfaceConformance(
  { ...sql, name: 'sql (a view)' },
  { record: () => medium('note text', { view: 'yes', key: 'id' }) },
)

surfaceConformance({ ...sql, name: 'sql (reports)' }, { report: makeReports })

async function makeReports(): Promise<Medium<'report'>> {
  const schema = `crm_${randomBytes(5).toString('hex')}`
  await client.query(`create schema ${schema}`)
  await client.query(`create table ${schema}.weeks (week int primary key, "What happened" text)`)
  await client.query(`create table ${schema}.sales (week int, day date, region text, revenue numeric)`)
  let weeks = 0
  const add = async (comment: string | null) => {
    const week = ++weeks
    await client.query(
      `insert into ${schema}.sales select $1, date '2026-01-01' + 7 * $1::int + d, 'r' || d % 2, 100 + d from generate_series(0, 6) d`,
      [week],
    )
    await client.query(`insert into ${schema}.weeks values ($1, $2)`, [week, comment])
  }
  for (const comment of ['Fine.', 'North was slow.', null, '']) await add(comment)
  const set = (key: string, text: string | null) =>
    client.query(`update ${schema}.weeks set "What happened" = $2 where week = $1`, [key, text])
  return {
    settings: {
      url,
      seconds: 0.1,
      query: `select day, region, revenue from ${schema}.sales where week = $1::int order by day;`,
      comments: `${schema}.weeks`,
      comment: 'What happened',
    },
    invalid: [{}, { url, query: 'select 1', comments: 'a' }],
    async snapshot() {
      const { rows } = await client.query(
        `select week, "What happened" as text from ${schema}.weeks order by 1`,
      )
      return Object.fromEntries(rows.map(({ week, text }) => [String(week), JSON.stringify(text)]))
    },
    newItem: () => add(null),
    doDeed: async (key) => void (await set(key, 'The web shop had a price error.')),
    removePlacement: async (key) => void (await set(key, null)),
    dropItem: async (key) => void (await client.query(`delete from ${schema}.weeks where week = $1`, [key])),
    vanish: async () => void (await client.query(`alter table ${schema}.weeks rename to away`)),
    suggestion: () => ({
      kind: 'report',
      value: { type: 'summary', text: "Revenue was 1,200 & <above> the 1,000 of 'last' week." },
      confidence: 0.9,
      reasons: [],
    }),
    remove: async () => void (await client.query(`drop schema ${schema} cascade`)),
  }
}

describe('what else a database brings', () => {
  const toolsIn = (folder: string): OpenTools => ({
    now: Date.now,
    pseudonym: String,
    folder,
    vault: memoryVault(),
  })
  function freshTools(): OpenTools {
    const folder = mkdtempSync(join(tmpdir(), 'inlay-sql-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return toolsIn(folder)
  }
  async function open(settings: object, tools = freshTools()) {
    const opened = await sql.open(sql.settings.parse(settings), tools)
    onTestFinished(() => opened.close())
    return opened
  }
  async function openItems(place: Place<'record'>): Promise<DataRecord[]> {
    const items = []
    for await (const change of place.watch(null, AbortSignal.timeout(90_000))) {
      if (change.type === 'caught up') return items
      if (change.type === 'item') items.push(change.item)
    }
    throw new Error('never caught up')
  }
  async function said(act: () => Promise<unknown>) {
    const failure = await act().then(
      () => null,
      (cause) => cause,
    )
    expect(failure?.name).toBe('Fault')
    return failure as { kind: string; message: string }
  }

  test('a role that may only read gets its scores into a table beside, or is told what to grant', async () => {
    const { schema, leads, remove, settings } = await makeLeads('note text')
    onTestFinished(async () => void (await remove()))
    const role = `reader_${schema}`
    await client.query(`create role ${role} login password 'only-reads'`)
    onTestFinished(async () => {
      await client.query(`drop owned by ${role}`)
      await client.query(`drop role ${role}`)
    })
    await client.query(`grant usage on schema ${schema} to ${role}`)
    await client.query(`grant select on ${leads} to ${role}`)
    const asReader = new URL(url)
    asReader.searchParams.delete('user')
    const address = withUser(url, role, 'only-reads')
    const first = await open({ ...settings, url: address })
    const [item] = await openItems(first.record!)
    const refused = await first.record!.place(item!, suggestion(), 'k1')
    expect(refused).toMatchObject({
      placed: false,
      because: expect.stringContaining('may not make the table'),
    })
    await client.query(`grant create on schema ${schema} to ${role}`)
    const second = await open({ ...settings, url: address })
    expect(await second.record!.place(item!, suggestion(), 'k2')).toMatchObject({ placed: true })
    const { rows } = await client.query(
      `select key, probability, band, reasons from ${schema}."Our ""leads""_inlay"`,
    )
    expect(rows).toEqual([
      {
        key: item!.key,
        probability: 0.813,
        band: 'hot',
        reasons: 'raised by city: Łódź; lowered by visits: 3',
      },
    ])
  })

  test('a value that somebody has put where scores go is not replaced', async () => {
    const { leads, remove, settings } = await makeLeads('chance numeric')
    onTestFinished(async () => void (await remove()))
    const opened = await open({ ...settings, probability: 'chance' })
    const [item] = await openItems(opened.record!)
    await client.query(`update ${leads} set chance = 0.5 where id = $1`, [item!.key])
    expect(await opened.record!.place(item!, suggestion(), 'k')).toMatchObject({ placed: false })
    const { rows } = await client.query(`select chance from ${leads} where id = $1`, [item!.key])
    expect(rows[0].chance).toBe('0.5')
  })

  test('records keep their columns in order, with plain values, without what is binary', async () => {
    const { leads, remove, settings } = await makeLeads('tags text[], more jsonb, born date')
    onTestFinished(async () => void (await remove()))
    await client.query(
      `update ${leads} set photo = '\\x00ff', tags = '{a,b}', more = '{"a": 1}', born = '2001-02-03', "City" = ''`,
    )
    const [item] = await openItems((await open({ ...settings, order: 'came' })).record!)
    expect(Object.keys(item!.fields)).toEqual(['City', 'visits', 'came', 'tags', 'more', 'born'])
    expect(item!.fields).toMatchObject({
      City: null,
      visits: 7,
      tags: '["a","b"]',
      more: '{"a":1}',
      born: '2001-02-03',
    })
    expect(item!.at).toBeGreaterThan(Date.now() - 60_000)
  })

  test('what is wrong is said in a sentence that names what there is, and never the password', async () => {
    const { remove, settings } = await makeLeads('note text')
    onTestFinished(async () => void (await remove()))
    const told = async (more: object) => (await said(() => open({ ...settings, ...more }))).message
    expect(await told({ target: 'wun' })).toMatch(/has no column "wun"; it has "id", "City"/)
    expect(await told({ table: 'nowhere' })).toMatch(/has no table or view nowhere/)
    expect(await told({ table: 'a.b.c' })).toMatch(/no name of a table/)
    expect(await told({ key: 'City' })).toMatch(/"Köln" is there more than once/)
    expect(await told({ updated: 'visits' })).toMatch(/type integer; a time is needed/)
    expect(await told({ positive: 'maybe' })).toMatch(/"maybe" .* does not occur/)
    expect(await told({ url: 'mysql://user:hush@host/name' })).toMatch(/no Postgres address/)
    const refused = await said(() => open({ ...settings, url: withUser(url, 'nobody-there', 'hush-hush') }))
    expect(refused.kind).toBe('unreachable')
    expect(refused.message).not.toContain('hush-hush')
    const away = await said(() => open({ ...settings, url: 'postgres://u:hush-hush@127.0.0.1:9/none' }))
    expect(away).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('does not answer') })
  })

  test('a database that drops its connections is told in words, and all goes on from where it was', async () => {
    const { schema, add, remove, settings } = await makeLeads('note text')
    const role = `dropped_${schema}`
    await client.query(`create role ${role} login superuser password 'hush-hush'`)
    onTestFinished(async () => {
      await remove()
      await client.query(`drop role ${role}`)
    })
    const tools = freshTools()
    const mine = { ...settings, url: withUser(url, role, 'hush-hush') }
    const first = await open(mine, tools)
    let cursor: string | null = null
    const failure = await (async () => {
      for await (const change of first.record!.watch(null, AbortSignal.timeout(90_000))) {
        cursor = change.cursor
        if (change.type !== 'caught up') continue
        await client.query(`alter role ${role} nologin`)
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
          role,
        ])
      }
    })().catch((cause) => cause)
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.not.stringContaining('hush-hush') })
    await client.query(`alter role ${role} login`)
    await add(null)
    const changes = []
    for await (const change of (await open(mine, tools)).record!.watch(cursor, AbortSignal.timeout(90_000))) {
      if (change.type === 'caught up') break
      changes.push(change.type)
    }
    expect(changes).toEqual(['item'])
  })

  test('a query that writes is refused', async () => {
    const { leads, schema, remove } = await makeLeads('note text')
    onTestFinished(async () => void (await remove()))
    await client.query(
      `create function ${schema}.wipe() returns int language sql as $$ delete from ${leads}; select 1 $$`,
    )
    const query = `select ${schema}.wipe()`
    const failure = await said(() => open({ url, query, comments: leads, comment: 'note' }))
    expect(failure.message).toContain('read-only')
    expect((await client.query(`select count(*) from ${leads}`)).rows[0].count).toBe('5')
  })

  test('10,000 rows are told and scored, with one statement a thousand', async () => {
    const { leads, schema, remove, settings } = await makeLeads('note text')
    onTestFinished(async () => void (await remove()))
    await client.query(
      `insert into ${leads} ("City", visits) select 'c' || n % 10, n from generate_series(1, 9998) n`,
    )
    const opened = await open(settings)
    const items = await openItems(opened.record!)
    expect(items).toHaveLength(10_000)
    const placed = await Promise.all(
      items.map((item) => opened.record!.place(item, suggestion(), `k${item.key}`)),
    )
    expect(placed.every((each) => each.placed)).toBe(true)
    const { rows } = await client.query(
      `select count(*) as n, count(distinct xmin::text) as statements from ${schema}."Our ""leads""_inlay"`,
    )
    expect(rows[0]).toEqual({ n: '10000', statements: '10' })
  })
})

test('names of tables are read with their quotes', () => {
  expect(tableName('leads')).toEqual(['leads'])
  expect(tableName('crm.leads')).toEqual(['crm', 'leads'])
  expect(tableName('crm."a.b ""c"""')).toEqual(['crm', 'a.b "c"'])
  for (const wrong of ['', 'a.b.c', 'a"b', '"a', 'a."', 'a; drop table b"']) {
    if (wrong === 'a; drop table b"') expect(() => tableName(wrong)).toThrow()
    else expect(() => tableName(wrong), wrong).toThrow('no name of a table')
  }
})

function withUser(address: string, user: string, password: string): string {
  const parsed = new URL(address)
  // An address with a socket folder has no host to hang a user on.
  parsed.searchParams.set('user', user)
  parsed.searchParams.set('password', password)
  if (parsed.username) {
    parsed.username = user
    parsed.password = password
  }
  return parsed.href
}
