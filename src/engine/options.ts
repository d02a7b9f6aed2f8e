import type { Answered, Example, Proof, Skill, SkillTools, Stage, Surface } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'

/** What the engine tells whoever runs it, as it happens; the ledger is what counts. */
export type EngineEvent =
  | {
      type: 'progress'
      deployment: string
      what: 'reading' | 'learning'
      share: number | null
      count: number
    }
  | { type: 'proved'; deployment: string; proof: Proof }
  | { type: 'staged'; deployment: string; from: Stage; to: Stage; because: string }
  | { type: 'seen' | 'placed' | 'judged' | 'withdrew'; deployment: string; count: number }
  | { type: 'failed'; deployment: string; what: string; because: string }

/** What learning gives: the bytes of the model for all of history, and the proof of the same on its own past. */
export interface Trained {
  bytes: Uint8Array
  proof: Proof
}

/** Learns and proves; in this process by default, in a thread where the caller wants to stay responsive. */
export type Trainer = (
  skill: Skill,
  examples: Example[],
  options: { deployment: string; seed: number; signal: AbortSignal; progress(share: number): void },
) => Promise<Trained>

export interface EngineOptions {
  ledger: Ledger
  surfaces: Record<string, Surface>
  skills: Record<string, Skill>
  /** The data folder; surfaces keep their journals in it. */
  folder: string
  /** Milliseconds since the epoch; simulated in the sample company. */
  now?: () => number
  seed?: number
  /** Share held back; by default that of the stage. */
  holdback?: number
  /** Stays silent whatever is proven: suggestions are only judged. */
  showNothing?: boolean
  /** Days that texts are kept for judging and placing. */
  keepDays?: number
  train?: Trainer
  /** What skills are given beside their seed, by deployment: a writer where an LLM is set up. */
  toolsFor?: (deployment: string) => Pick<SkillTools, 'write' | 'facts'>
  /** The address on which one click answers a card from outside of the tool. */
  answerUrl?: (card: string, answer: Answered) => string
  onEvent?: (event: EngineEvent) => void
}
