import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger, run } from 'graphile-worker'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../tests/until.ts'
import { freshLedger } from './testing.ts'

const quiet = new Logger(() => () => {})

/** A process whose worker takes the job "long" and never ends it. */
async function otherWorker(url: string, schema: string) {
  const code = `
    import { EventEmitter } from 'node:events'
    import { Logger, run } from 'graphile-worker'
    import { openLedger } from ${JSON.stringify(join(import.meta.dirname, 'ledger.ts'))}
    const { jobs } = await openLedger({ url: ${JSON.stringify(url)}, schema: ${JSON.stringify(schema)}, poolSize: 3 })
    const events = new EventEmitter()
    await jobs.keepAlive(events)
    await run({ pgPool: jobs.pgPool, schema: jobs.schema, events, noHandleSignals: true, logger: new Logger(() => () => {}),
      taskList: { long: () => { console.log('took it'); return new Promise(() => {}) } } })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('the jobs of a worker that was killed are freed for others, those of a living one are not', async () => {
  const { ledger, url, schema } = await freshLedger()
  await ledger.addJob({ task: 'long', payload: {}, queue: 'one mailbox' })
  const other = await otherWorker(url, schema)
  try {
    await sleep(3500)
    expect(await ledger.jobs.releaseDead()).toBe(0)
  } finally {
    other.kill('SIGKILL')
  }
  await once(other, 'exit')
  await expect.poll(() => ledger.jobs.releaseDead(), { timeout: 60_000 }).toBe(1)

  const events = new EventEmitter()
  const alive = await ledger.jobs.keepAlive(events)
  let ran = 0
  const runner = await run({
    pgPool: ledger.jobs.pgPool,
    schema: ledger.jobs.schema,
    events,
    logger: quiet,
    noHandleSignals: true,
    pollInterval: 200,
    taskList: {
      long: async () => {
        ran++
      },
    },
  })
  await expect.poll(() => ran, { timeout: 60_000 }).toBe(1)
  await runner.stop()
  await alive.stop()
  await alive.stop()
})

test('a job that is added to a queue while its last one is ending is taken up without waiting for a poll', async () => {
  const { ledger } = await freshLedger()
  const { pgPool, schema } = ledger.jobs
  // Other tests make their schemas meanwhile, which stops a worker that is not kept alive.
  const events = new EventEmitter()
  const alive = await ledger.jobs.keepAlive(events)
  onTestFinished(() => alive.stop())
  const links = 40
  let ran = 0
  const runner = await run({
    pgPool,
    schema,
    events,
    concurrency: 2,
    // Never, as long as this test runs.
    pollInterval: 3_600_000,
    noHandleSignals: true,
    logger: quiet,
    preset: { worker: { completeJobBatchDelay: 0 } },
    taskList: {
      async link() {
        if (++ran < links) await ledger.addJob({ task: 'link', payload: {}, queue: 'chain' })
      },
    },
  })
  onTestFinished(() => runner.stop())
  await ledger.addJob({ task: 'link', payload: {}, queue: 'chain' })
  await until(() => ran === links, 'the whole chain has run')
})

test('a worker lives on when another schema of the same database is made', async () => {
  const { ledger } = await freshLedger()
  const events = new EventEmitter()
  const alive = await ledger.jobs.keepAlive(events)
  onTestFinished(() => alive.stop())
  let listens = false
  events.on('pool:listen:success', () => {
    listens = true
  })
  let ended = false
  let ran = 0
  const task = async () => {
    ran++
  }
  const { pgPool, schema } = ledger.jobs
  const runner = await run({
    pgPool,
    schema,
    events,
    logger: quiet,
    noHandleSignals: true,
    taskList: { task },
  })
  onTestFinished(() => runner.stop().catch(() => {}))
  void runner.promise.then(() => {
    ended = true
  })
  await until(() => listens, 'it listens')
  // Its migrations are told to all who listen, and have been when this returns.
  await freshLedger()
  await ledger.addJob({ task: 'task', payload: {} })
  await until(() => ran === 1, 'it has run')
  expect(ended).toBe(false)
})
