import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '../contract/index.ts'
import { Fault } from '../contract/index.ts'
import type { Lease } from '../ledger/index.ts'
import type { Desk } from './desk.ts'
import { tellFailure } from './failure.ts'
import { signsOfLife } from './health.ts'
import { addLearn } from './jobs.ts'
import { observe } from './observe.ts'
import type { EngineOptions } from './options.ts'
import { settle } from './stage.ts'
import { recall } from './verdicts.ts'

/** A batch is taken in when it has this many changes, or when nothing more has come for a moment. */
const batchSize = 200
const batchQuiet = 25
/** Milliseconds until a surface account that another worker watches is tried again. */
const leaseAgain = 1_000
/** Milliseconds before a surface that failed is tried again: a little longer each time. */
const patience = [500, 1_000, 2_000, 5_000, 10_000, 30_000]

/**
 * Watches one deployment until `signal` aborts, opening its surface again whenever it fails. A failure is told once,
 * not at every try.
 */
export async function watch(
  id: string,
  deskOf: (id: string) => Promise<Desk>,
  forget: () => void,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> {
  let tries = 0
  let told = ''
  const life = signsOfLife(id, options)
  while (!signal.aborted) {
    let desk: Desk | null = null
    let lease: Lease | null = null
    try {
      lease = await options.ledger.lease(id)
      if (!lease) {
        await sleep(leaseAgain, undefined, { signal })
        continue
      }
      desk = await deskOf(id)
      await life.watching(desk)
      await follow(desk, options, AbortSignal.any([signal, lease.lost]), () => {
        tries = 0
        told = ''
        life.wentWell()
      })
    } catch (cause) {
      if (signal.aborted) break
      const because = cause instanceof Error ? cause.message : String(cause)
      if (because !== told) await tellFailure(id, 'watching', because, options).catch(() => {})
      told = because
      await life.fails(because)
      forget()
      await desk?.close().catch(() => {})
      await sleep(patience[Math.min(tries++, patience.length - 1)], undefined, { signal }).catch(() => {})
    } finally {
      await lease?.release()
    }
  }
  life.stop()
}

async function follow(
  desk: Desk,
  options: EngineOptions,
  signal: AbortSignal,
  wentWell: () => void,
): Promise<void> {
  const { ledger } = options
  const { id } = desk.deployment
  if ((await desk.model()) === null) await addLearn(ledger, id)
  const memory = await recall(desk, options)
  await settle(desk, memory.verdicts, options)
  const leaving = new AbortController()
  const changes = desk.place.watch(await ledger.cursor(id), AbortSignal.any([signal, leaving.signal]))
  for await (const batch of batches(changes, leaving)) {
    await observe(desk, batch, memory, options)
    wentWell()
  }
  if (!signal.aborted)
    throw new Fault('bug', `${id}: ${desk.surface.name} stopped watching without being asked to.`)
}

/** Gathers what comes quickly after another. `leaving` tells the source that nobody reads on. */
async function* batches(changes: AsyncIterable<Change>, leaving: AbortController): AsyncIterable<Change[]> {
  const iterator = changes[Symbol.asyncIterator]()
  let batch: Change[] = []
  let next = iterator.next()
  try {
    for (;;) {
      const first = batch.length
        ? await Promise.race([next, sleep(batchQuiet, 'quiet' as const, { ref: false })])
        : await next
      if (first !== 'quiet') {
        if (first.done) break
        batch.push(first.value)
        next = iterator.next()
        if (batch.length < batchSize) continue
      }
      yield batch
      batch = []
    }
    if (batch.length) yield batch
  } finally {
    // A failure that nobody waits for any more must not end the process.
    next.catch(() => {})
    leaving.abort()
    await iterator.return?.()
  }
}
