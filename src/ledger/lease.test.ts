import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { leasing } from './lease.ts'
import { freshSchema, testDatabase } from './testing.ts'

function process(schema: string) {
  const leases = leasing(testDatabase(), schema)
  onTestFinished(() => leases.close())
  return leases
}

test('a lease is held by one process at a time, and can be taken once it is given back', async () => {
  const schema = freshSchema()
  const [one, two] = [process(schema), process(schema)]
  const lease = await one.lease('mailbox')
  expect(lease).not.toBeNull()
  expect(await two.lease('mailbox')).toBeNull()
  expect(await one.lease('mailbox')).toBeNull()
  expect(await two.lease('another')).not.toBeNull()
  await lease!.release()
  expect(await two.lease('mailbox')).not.toBeNull()
})

test('a process that loses its connection is told so, and another takes over', async () => {
  const schema = freshSchema()
  const [one, two] = [process(schema), process(schema)]
  const lease = await one.lease('mailbox')
  const gone = new Promise((resolve) => lease!.lost.addEventListener('abort', resolve))
  const admin = new pg.Client({ connectionString: testDatabase() })
  await admin.connect()
  onTestFinished(() => admin.end())
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid in (
      select pid from pg_locks where locktype = 'advisory' and granted) and application_name = 'inlay lease'`,
  )
  await gone
  expect(await two.lease('mailbox')).not.toBeNull()
  await lease!.release()
})
