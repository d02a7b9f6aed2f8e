import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '../src/ledger/testing.ts'
import { freshFolder, inlay } from './inlay.ts'

/** An empty database of its own in the tests' Postgres, so that no command has to start one. */
async function freshDatabase(): Promise<string> {
  const name = `build_${randomBytes(6).toString('hex')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: testDatabase() })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run(`create database ${name} encoding 'UTF8' template template0`)
  onTestFinished(() => run(`drop database if exists ${name} with (force)`))
  return testDatabase().replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
}

test('from a table to volunteers in one command; a dry run connects nothing; people stop, answer and overrule', async () => {
  const folder = freshFolder()
  const env = { DATABASE_URL: await freshDatabase(), INLAY_DATA: join(folder, 'data') }
  const words: Record<string, string> = {
    Orders: 'pallet order',
    Invoices: 'invoice payment',
    Returns: 'damaged refund',
  }
  const rows = Array.from({ length: 300 }, (_, n) => {
    const team = Object.keys(words)[(n * 7) % 3]!
    return `${n},about ${words[team]} number ${n},${n < 290 ? team : ''}\n`
  })
  writeFileSync(join(folder, 'tickets.csv'), `id,text,team\n${rows.join('')}`)
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await inlay(args, { cwd: folder, env })
    return { code, stderr, stdout, json: () => JSON.parse(stdout) }
  }
  const given = ['csv', '--set', 'path=tickets.csv', 'text=text', 'label=team', 'key=id', '--skill', 'triage']
  const more = ['--team', 'Helpdesk', '--volunteer', 'ada@example.com', 'ben@example.com', '--json']
  const dry = (await run('build', ...given, ...more, '--dry-run')).json()
  expect(dry).toMatchObject({
    deployment: null,
    locks: { place: true, pain: true, proof: true },
    volunteers: 2,
  })
  expect(dry.card.text).toContain('→')
  expect((await run('status', '--json')).json()).toEqual([])

  const { deployment } = (await run('build', ...given, ...more)).json()
  expect(deployment).toBe('triage-csv-1')
  const jump = await run('stage', deployment, 'live', '--why', 'now')
  expect(jump.code).toBe(2)
  expect(jump.stderr).toContain('From off it goes to silent first')
  expect((await run('stage', deployment, 'silent', '--json')).json()).toMatchObject({ stage: 'silent' })
  const closed = await run('stage', deployment, 'pilot', '--why', 'we cannot wait')
  expect(closed.stderr).toContain('Its proof lock is closed')
  const forced = await run('stage', deployment, 'pilot', '--why', 'we cannot wait', '--anyway', '--json')
  expect(forced.json()).toMatchObject({ stage: 'pilot', overruled: true })
  expect((await run('wish', deployment, 'off', '--me', 'ada@example.com')).stdout).toContain('noted')
  expect((await run('answer', '--json')).json()).toEqual([])
  const report = await run('report', '--format', 'markdown')
  expect(report.stdout).toContain('Shown against a closed proof lock')
  expect(report.stdout).toContain('we cannot wait')
}, 600_000)
