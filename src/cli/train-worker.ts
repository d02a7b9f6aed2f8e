import { parentPort, workerData } from 'node:worker_threads'
import { type Example, Fault } from '../contract/index.ts'
import { trainHere } from '../engine/index.ts'
import { skills } from '../skills/index.ts'
import type { FromThread } from './train-thread.ts'
import { writerIn } from './writer.ts'

const { skill, examples, seed, folder } = workerData as {
  skill: string
  examples: Example[]
  seed: number
  folder: string | null
}
const send = (message: FromThread) => parentPort!.postMessage(message)

try {
  const progress = (share: number) => send({ type: 'progress', share })
  const signal = new AbortController().signal
  const write = folder === null ? undefined : await writerIn(folder)
  const options = { seed, signal, progress, ...(write && { tools: { write } }) }
  send({ type: 'trained', trained: await trainHere(skills[skill]!, examples, options) })
} catch (cause) {
  // An error loses its class on the way between threads; a Fault must not.
  if (!(cause instanceof Fault)) throw cause
  send({ type: 'fault', kind: cause.kind, message: cause.message })
}
