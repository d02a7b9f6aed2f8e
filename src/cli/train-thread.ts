import { Worker } from 'node:worker_threads'
import { type Example, Fault, type FaultKind } from '../contract/index.ts'
import type { Trained, Trainer } from '../engine/index.ts'
import type { Facts, TeamRecords } from './team-records.ts'

/** What the thread is given. */
export interface ForThread {
  skill: string
  examples: Example[]
  seed: number
  folder: string | null
  /** By item. */
  facts: ReadonlyMap<string, Facts>
}

/** What the thread sends back. */
export type FromThread =
  | { type: 'progress'; share: number }
  | { type: 'trained'; trained: Trained }
  | { type: 'fault'; kind: FaultKind; message: string }

/** Learns and proves in a thread of its own, so that watching, placing and the page go on meanwhile. */
export const trainInThread: Trainer = trainInThreadWith(null)

/**
 * The same, writing with the LLM that is set up in a data folder, where one is, and with what the team's records say
 * about those who wrote.
 */
export function trainInThreadWith(folder: string | null, records?: Pick<TeamRecords, 'factsOf'>): Trainer {
  return async (skill, examples, { deployment, seed, signal, progress }) => {
    const facts = skill.kind === 'message' ? await records?.factsOf(deployment, examples) : undefined
    return new Promise((resolve, reject) => {
      const workerData: ForThread = { skill: skill.name, examples, seed, folder, facts: facts ?? new Map() }
      const thread = new Worker(new URL('./train-worker.ts', import.meta.url), { workerData })
      const stop = () => {
        reject(new Fault('busy', 'Learning was stopped; it begins again at the next start.'))
        void thread.terminate()
      }
      signal.addEventListener('abort', stop, { once: true })
      thread.on('message', (message: FromThread) => {
        if (message.type === 'progress') progress(message.share)
        if (message.type === 'trained') resolve(message.trained)
        if (message.type === 'fault') reject(new Fault(message.kind, message.message))
      })
      thread.on('error', reject)
      thread.on('exit', () => signal.removeEventListener('abort', stop))
      if (signal.aborted) stop()
    })
  }
}
