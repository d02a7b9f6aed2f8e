import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { freshLedger } from '../ledger/testing.ts'
import { workJobs } from './worker.ts'

test('a worker that ends by itself is followed by another, which takes up what the first had not ended', async () => {
  const { ledger } = await freshLedger()
  const { jobs } = ledger
  let away = false
  const pgPool = new Proxy(jobs.pgPool, {
    get(pool, name) {
      if (name === 'connect' && away)
        return async () => {
          throw new Error('timeout exceeded when trying to connect')
        }
      const value = Reflect.get(pool, name, pool)
      return typeof value === 'function' ? value.bind(pool) : value
    },
  })
  const events = new EventEmitter()
  const alive = await jobs.keepAlive(events)
  const ended: string[] = []
  let ran = 0
  const task = async () => {
    // The first time its end cannot be written down.
    away = ++ran === 1
  }
  const worker = await workJobs({ ...jobs, pgPool }, { task }, events, (because) => {
    ended.push(because)
    away = false
  })
  await ledger.addJob({ task: 'task', payload: {}, queue: 'one mailbox' })
  await expect.poll(() => ran, { timeout: 60_000 }).toBe(2)
  expect(ended).toHaveLength(1)
  await worker.stop()
  await alive.stop()
})
