import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, onTestFinished, type TestContext } from 'vitest'
import { openLedger } from './ledger.ts'
import type { Ledger } from './types.ts'

/** The Postgres of this test run (tests/postgres.ts). */
export function testDatabase(): string {
  const url = process.env.INLAY_TEST_DATABASE_URL
  if (!url)
    throw new Error('INLAY_TEST_DATABASE_URL is not set: run this with vitest, which starts a Postgres')
  return url
}

/** A schema name of its own. The schema and its jobs are dropped after the test, and kept when the test fails. */
export function freshSchema(): string {
  const schema = `test_${randomBytes(6).toString('hex')}`
  const drop = async (context?: TestContext) => {
    if (context?.task.result?.state === 'fail') {
      console.error(`"${context.task.name}" left its schema "${schema}" behind`)
      return
    }
    const client = new pg.Client({ connectionString: testDatabase() })
    await client.connect()
    try {
      await client.query('set client_min_messages to warning')
      await client.query(`drop schema if exists ${schema} cascade`)
      await client.query(`drop schema if exists ${schema}_jobs cascade`)
    } finally {
      await client.end()
    }
  }
  atTheEnd(drop)
  return schema
}

/** An empty ledger in a schema of its own, closed and dropped after the test (or the file, when called outside of one). */
export async function freshLedger(
  options: { poolSize?: number } = {},
): Promise<{ ledger: Ledger; url: string; schema: string }> {
  const url = testDatabase()
  const schema = freshSchema()
  const ledger = await openLedger({ url, schema, poolSize: options.poolSize ?? 4 })
  // Run in reverse order of registration: closed first, then dropped.
  atTheEnd(() => ledger.close())
  return { ledger, url, schema }
}

function atTheEnd(run: (context?: TestContext) => Promise<void>): void {
  try {
    onTestFinished(run)
  } catch {
    afterAll(() => run())
  }
}
