import { parentPort, workerData } from 'node:worker_threads'
import { Fault, type Item } from '../contract/index.ts'
import { trainHere } from '../engine/index.ts'
import { skills } from '../skills/index.ts'
import type { ForThread, FromThread } from './train-thread.ts'
import { writerIn } from './writer.ts'

const { skill, examples, seed, folder, facts } = workerData as ForThread
const send = (message: FromThread) => parentPort!.postMessage(message)

try {
  const progress = (share: number) => send({ type: 'progress', share })
  const signal = new AbortController().signal
  const write = folder === null ? undefined : await writerIn(folder)
  const known = { facts: async ({ key }: Item) => facts.get(key) ?? {} }
  const tools = { ...(write && { write }), ...(facts.size > 0 && known) }
  const options = { seed, signal, progress, tools }
  send({ type: 'trained', trained: await trainHere(skills[skill]!, examples, options) })
} catch (cause) {
  // An error loses its class on the way between threads; a Fault must not.
  if (!(cause instanceof Fault)) throw cause
  send({ type: 'fault', kind: cause.kind, message: cause.message })
}
