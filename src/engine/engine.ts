import { EventEmitter } from 'node:events'
import type { TaskList } from 'graphile-worker'
import type { Deployment } from '../contract/index.ts'
import { Fault } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { ask, tellWithdrawn } from './ask.ts'
import { type Desk, openDesk } from './desk.ts'
import { tellFailure } from './failure.ts'
import { addAsk, tasks } from './jobs.ts'
import { learn } from './learn.ts'
import type { EngineOptions } from './options.ts'
import { placeItems, withdrawItems } from './place.ts'
import { suggestItems } from './suggest.ts'
import { watch } from './watch.ts'
import { workJobs } from './worker.ts'

export interface Engine {
  /** Takes up deployments that were connected since. */
  refresh(): Promise<void>
  /** Lets running jobs end, closes the surfaces. The ledger stays open. */
  stop(): Promise<void>
}

/** How often a running engine looks for newly connected deployments, in milliseconds. */
const refreshEvery = 3_000
/** How often it looks whether somebody is to be asked something, in milliseconds of the company's own time. */
const askEvery = 6 * 3600 * 1000

/**
 * Runs the loop of DESIGN.md section 3 for every deployment in the ledger until stopped:
 * learn → prove → stage, and watch → suggest → decide → place → observe. What must not be lost is a job or a fact in
 * Postgres before anything is done, so that a kill at any moment is mended by the next start.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { ledger } = options
  const stopping = new AbortController()
  const desks = new Map<string, Promise<Desk>>()
  const watching = new Map<string, Promise<void>>()

  const deskOf = (id: string): Promise<Desk> => {
    const known = desks.get(id)
    if (known) return known
    const opening = deploymentOf(ledger, id).then((deployment) => openDesk(deployment, options))
    desks.set(id, opening)
    // A surface that could not be opened is tried anew the next time.
    opening.catch(() => desks.delete(id))
    return opening
  }

  const events = new EventEmitter()
  const alive = await ledger.jobs.keepAlive(events)
  await ledger.jobs.releaseDead()

  const worker = await workJobs(ledger.jobs, taskList(options, deskOf, stopping.signal), events, (because) =>
    options.onEvent?.({ type: 'failed', deployment: '', what: 'working', because }),
  )

  const askedAt = new Map<string, number>()
  const now = options.now ?? Date.now
  const refresh = async () => {
    for (const { id, rollout } of await ledger.deployments()) {
      if (rollout && !stopping.signal.aborted && now() - (askedAt.get(id) ?? -Infinity) >= askEvery) {
        askedAt.set(id, now())
        await addAsk(ledger, id)
      }
      if (watching.has(id) || stopping.signal.aborted) continue
      watching.set(
        id,
        watch(id, deskOf, () => desks.delete(id), options, stopping.signal),
      )
    }
  }
  await refresh()
  const timer = setInterval(
    () => void refresh().catch((cause) => options.onEvent?.(trouble(cause))),
    refreshEvery,
  )

  return {
    refresh,
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all(watching.values())
      await worker.stop()
      await alive.stop()
      for (const desk of desks.values()) await desk.then((opened) => opened.close()).catch(() => {})
    },
  }
}

function taskList(
  options: EngineOptions,
  deskOf: (id: string) => Promise<Desk>,
  signal: AbortSignal,
): TaskList {
  const failures = new Map<string, string>()
  /** Tells a failure once, however often the job is tried again, until it works. */
  const telling =
    <Job extends { deployment: string }>(what: string, run: (desk: Desk, job: Job) => Promise<void>) =>
    async (job: Job) => {
      const of = `${what} ${job.deployment}`
      try {
        await run(await deskOf(job.deployment), job)
        failures.delete(of)
      } catch (cause) {
        // What is called off at the end, and what somebody holds for a moment, comes by itself at the next try.
        const passing = signal.aborted || (cause instanceof Fault && cause.kind === 'busy')
        const because = cause instanceof Error ? cause.message : String(cause)
        if (!passing && failures.get(of) !== because) {
          failures.set(of, because)
          await tellFailure(job.deployment, what, because, options).catch(() => {})
        }
        throw cause
      }
    }
  return tasks({
    learn: telling('learning', (desk) => learn(desk, options, signal)),
    suggest: telling('suggesting', (desk, { items }) => suggestItems(desk, items, options)),
    place: telling('placing', (desk, { items }) => placeItems(desk, items, options)),
    withdraw: telling('withdrawing', async (desk, { because }) => {
      await withdrawItems(desk, because, options)
      await tellWithdrawn(desk, because, options)
    }),
    ask: telling('asking', (desk) => ask(desk, options)),
  })
}

async function deploymentOf(ledger: Ledger, id: string): Promise<Deployment> {
  const deployment = (await ledger.deployments()).find((each) => each.id === id)
  if (!deployment) throw new Fault('bad-input', `There is no deployment "${id}"; 'inlay status' lists them.`)
  return deployment
}

function trouble(cause: unknown) {
  const because = cause instanceof Error ? cause.message : String(cause)
  return { type: 'failed' as const, deployment: '', what: 'looking for new deployments', because }
}
