import type { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger, type Runner, run, type TaskList } from 'graphile-worker'
import type { Jobs } from '../ledger/index.ts'

/** Milliseconds before another worker is started where one has ended by itself. */
const pause = 500

/**
 * Works jobs until stopped. graphile-worker ends its worker when it cannot write down what became of a job, as while
 * the database is away; then another begins as soon as it can, and `ended` is told why.
 */
export async function workJobs(
  jobs: Jobs,
  taskList: TaskList,
  events: EventEmitter,
  ended: (because: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController()
  const start = () =>
    run({
      pgPool: jobs.pgPool,
      schema: jobs.schema,
      concurrency: 4,
      pollInterval: 500,
      // With a delay, even of none, what cannot be written down ends the worker; without one it would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      noHandleSignals: true,
      // graphile-worker's own lines are for programmers; failures are told as facts, in words.
      logger: new Logger(() => () => {}),
      events,
      taskList,
    })

  let runner: Runner = await start()
  const working = (async () => {
    while (!stopping.signal.aborted) {
      const why = await runner.promise.catch(inWords)
      if (stopping.signal.aborted) return
      ended(why ?? 'The worker ended by itself.')
      for (let again = false; !again && !stopping.signal.aborted; ) {
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {})
        again = await start().then(
          (fresh) => {
            runner = fresh
            return true
          },
          () => false,
        )
      }
    }
  })()

  return {
    async stop() {
      stopping.abort()
      // It may have stopped by itself in this moment.
      await runner.stop().catch(() => runner.promise.catch(() => {}))
      await working
      await runner.stop().catch(() => {})
    },
  }
}

function inWords(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
