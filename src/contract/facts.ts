import type { Locks, Pain, Proof, Stage } from './proof.ts'
import type { Arm, Outcome, Placement } from './suggestion.ts'

/**
 * Everything that happens is one appended fact. Bodies are small and typed and never hold the text of mails and
 * cells: that is kept beside them with a retention date (`ledger/bodies`).
 */
export interface FactBodies {
  /** A deployment was set up, or its settings changed. */
  connected: { team: string; surface: string; skill: string; pain: Pain }
  /** A model was learned from the history. */
  learned: { examples: number; people: number; seconds: number; model: string }
  proved: { proof: Proof }
  /** The stage moved, with the locks and the numbers that moved it. */
  staged: { from: Stage; to: Stage; because: string; locks: Locks }
  /** An item came in. */
  seen: { group: string; urgent: boolean }
  /** A skill had something to say, or not (`confidence` null is silence of the skill itself). */
  suggested: { confidence: number | null; claim: string | null }
  decided: { arm: Arm; stage: Stage; threshold: number | null; because: string }
  placed: { placement: Placement }
  /** The surface could not or need not place it. */
  refused: { because: string }
  withdrew: { placement: Placement; because: string }
  /** A person took the placement away. */
  removed: Record<string, never>
  /** A person did the deed. */
  did: { seconds: number | null; secondsFrom: string | null }
  /** The skill's verdict on its suggestion, given the deed; `outcome` only for what was shown. */
  judged: { arm: Arm; useful: boolean; similarity: number; outcome: Outcome | null; seconds: number | null }
  gone: Record<string, never>
  /** Something of ours or of the surface's failed; said once, with what to do. */
  failed: { what: string; because: string }
  /** A person's text was erased; counts stay. */
  erased: { bodies: number }
}
export type FactKind = keyof FactBodies

/** A fact is idempotent by `key`: appended twice, it is there once. */
export type Fact<F extends FactKind = FactKind> = {
  [Name in F]: {
    key: string
    kind: Name
    /** Milliseconds since the epoch. */
    at: number
    deployment: string
    /** Key of the item, null for facts about the deployment. */
    item: string | null
    /** Pseudonym, null when it is nobody's. */
    person: string | null
    body: FactBodies[Name]
  }
}[F]
