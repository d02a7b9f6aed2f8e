import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { placeInChild } from '../../../tests/placing.ts'
import { until } from '../../../tests/until.ts'
import { type DataRecord, memoryVault, type Suggestion } from '../../contract/index.ts'
import { sql } from './sql.ts'

const url = process.env.INLAY_TEST_DATABASE_URL!
const suggestion: Suggestion<'record'> = {
  kind: 'record',
  value: { type: 'score', probability: 0.8125, band: 'hot' },
  confidence: 0.9,
  reasons: [],
}

test('a kill while rows are scored neither doubles nor loses one, whether the statement came through or not', async () => {
  const schema = `crm_${randomBytes(5).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const folder = mkdtempSync(join(tmpdir(), 'inlay-kill-'))
  onTestFinished(async () => {
    await client.query(`drop schema ${schema} cascade`)
    await client.end()
    rmSync(folder, { recursive: true, force: true })
  })
  await client.query(`create schema ${schema}`)
  await client.query(`create table ${schema}.leads (id int primary key, city text, won text)`)
  await client.query(
    `insert into ${schema}.leads select n, 'c' || n, (array['yes', 'no'])[n] from generate_series(1, 8) n`,
  )
  const settings = { url, table: `${schema}.leads`, target: 'won' }
  const open = () =>
    sql.open(sql.settings.parse(settings), { now: Date.now, pseudonym: String, folder, vault: memoryVault() })
  const place = (await open()).record!
  const items: DataRecord[] = []
  for await (const change of place.watch(null, AbortSignal.timeout(90_000))) {
    if (change.type === 'item') items.push(change.item)
    if (change.type === 'caught up') break
  }
  expect(items).toHaveLength(6)
  await place.place(items[0]!, suggestion, `key ${items[0]!.key}`)

  const beside = `${schema}.leads_inlay`
  const waiting = async (): Promise<number[]> =>
    (
      await client.query(`select pid from pg_locks where not granted and relation = '${beside}'::regclass`)
    ).rows.map(({ pid }) => pid)
  for (const comesThrough of [true, false]) {
    // Its statement waits for our lock, so that the moment of the kill is known.
    await client.query(`begin; lock table ${beside} in share mode`)
    const { child, gone } = placeInChild({ surfaceAt: 'crm/sql.ts#sql', settings, folder, items, suggestion })
    await until(async () => (await waiting()).length > 0, 'the child writes')
    child.kill('SIGKILL')
    await gone
    if (!comesThrough) {
      for (const pid of await waiting()) await client.query('select pg_terminate_backend($1)', [pid])
      await until(async () => (await waiting()).length === 0, 'its statement is broken off')
    }
    await client.query('commit')
    await until(async () => (await waiting()).length === 0, 'its statement is done')
  }

  const again = (await open()).record!
  for (const item of items) {
    expect(await again.place(item, suggestion, `key ${item.key}`)).toMatchObject({ placed: true })
  }
  const { rows } = await client.query(`select key from ${beside} order by key`)
  expect(rows.map(({ key }) => key)).toEqual(items.map(({ key }) => key).sort())
  for (const item of items) {
    const placed = await again.place(item, suggestion, `key ${item.key}`)
    if (placed.placed) await again.withdraw(placed.placement)
  }
  expect((await client.query(`select * from ${beside}`)).rows).toEqual([])
})
