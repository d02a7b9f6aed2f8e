import { parentPort, workerData } from 'node:worker_threads'
import { type Example, Fault } from '../contract/index.ts'
import { trainHere } from '../engine/index.ts'
import { skills } from '../skills/index.ts'
import type { FromThread } from './train-thread.ts'

const { skill, examples, seed } = workerData as { skill: string; examples: Example[]; seed: number }
const send = (message: FromThread) => parentPort!.postMessage(message)

try {
  const progress = (share: number) => send({ type: 'progress', share })
  const signal = new AbortController().signal
  send({ type: 'trained', trained: await trainHere(skills[skill]!, examples, { seed, signal, progress }) })
} catch (cause) {
  // An error loses its class on the way between threads; a Fault must not.
  if (!(cause instanceof Fault)) throw cause
  send({ type: 'fault', kind: cause.kind, message: cause.message })
}
