import type { Locks, Pain, Proof, Rollout, Stage } from './proof.ts'
import type { Answered, Arm, Outcome, Placement, Question } from './suggestion.ts'

/**
 * Everything that happens is one appended fact. Bodies are small and typed and never hold the text of mails and
 * cells: that is kept beside them with a retention date (`ledger/bodies`).
 */
export interface FactBodies {
  /** A deployment was set up, or its settings changed. */
  connected: { team: string; surface: string; skill: string; pain: Pain; rollout?: Rollout }
  /** A model was learned from the history. */
  learned: {
    examples: number
    people: number
    seconds: number
    model: string
    /** Milliseconds within which nearly all outcomes of the history were known; absent where deeds follow at once. */
    outcomeWindow?: number
    /** What handling times are foreseen by (`measure/foresee`), where the history has enough of them. */
    foresight?: number[]
  }
  proved: { proof: Proof }
  /** The stage moved, with the locks and the numbers that moved it, by itself or by a person. */
  staged: {
    from: Stage
    to: Stage
    because: string
    locks: Locks
    /** Where verdicts moved it: the evidence as log E. */
    verdicts?: { useful: number; n: number; logE: number }
    /** A person moved it; going back, it then stays there until a person moves it on. */
    by?: 'person'
  }
  /** An item came in. */
  seen: { group: string; urgent: boolean }
  /** A skill had something to say, or not (`confidence` null is silence of the skill itself). */
  suggested: { confidence: number | null; claim: string | null }
  decided: {
    arm: Arm
    stage: Stage
    threshold: number | null
    because: string
    /** Share that was held back at random when the arm was drawn; by default that of the stage. */
    holdback?: number
    /** Handling time in seconds that was foreseen before the arm was drawn. */
    predictedSeconds?: number | null
    /** In a staggered roll-out: whether this item's person had been reached when it was decided. */
    reached?: boolean
  }
  placed: { placement: Placement }
  /** The surface could not or need not place it. */
  refused: { because: string }
  withdrew: { placement: Placement; because: string }
  /** A person took the placement away. */
  removed: Record<string, never>
  /** A person did the deed. */
  did: {
    seconds: number | null
    secondsFrom: string | null
    /** Seconds by every other source there is ("open to sent", "gap capped at 300 s"). */
    bySource?: Record<string, number>
    /** Where a recorder stopped at its limit: what it took at least, in seconds. */
    longerThan?: number
  }
  /** The skill's verdict on its suggestion, given the deed; `outcome` only for what was shown. */
  judged: { arm: Arm; useful: boolean; similarity: number; outcome: Outcome | null; seconds: number | null }
  gone: Record<string, never>
  /** What sort of changes a person made to what was suggested; which kinds there are says `measure/edits`. */
  edited: { kinds: string[]; similarity: number }
  /** What was used turned out wrong: a label changed back, a cell corrected. */
  corrected: { because: string }
  /** A one-click question was put to a person (null: to everybody), about an item or about the deployment. */
  asked: { question: Question; card?: string }
  /** The person's answer: yes or no, or minutes a week. */
  answered: { question: Question; answer: Answered }
  /** The person wants it on or off for themselves. */
  wished: { wish: 'on' | 'off' }
  /** It is off for this person, with their consent, from `at` on: for a week of their own, or for a day drawn for all. */
  switchedOff: { until: number; by?: 'week' | 'day' }
  /** The person missed it, or asked for it by hand. */
  missed: { how: 'complaint' | 'manual request' }
  /**
   * What kinds of task cost before, from recorded work. `steps` tell a task again in later logs, also where
   * it is done in other tools than these `tools`; `sources` are where the values come from that it carries.
   */
  costed: {
    tasks: {
      task: string
      runsPerWeek: number
      hoursPerWeek: number
      steps?: string[]
      tools?: string[]
      sources?: string[]
    }[]
  }
  /** What the logs say of the same kinds of task now. */
  traced: { tasks: { task: string; weeks: number; untouched: number; byHand: number; elsewhere: number }[] }
  /** A card was shown to a person, or to all: the walkthrough's, or that it is gone and why (then with the stage). */
  announced: { words: number; seconds: number; stage?: Stage }
  /** A report on the team went out. `until` is the date it was made for, `sha256` that of its Markdown. */
  reported: { team: string; until: number; to: string; sha256: string }
  /** Something of ours or of the surface's failed; said once, with what to do. */
  failed: { what: string; because: string }
  /** A model was asked to write: what it cost (in the currency of its prices) and took, and what came of it. */
  askedModel: {
    task: string
    model: string
    ms: number
    tries: number
    inputTokens: number
    outputTokens: number
    cost: number
    outcome: string
    because: string | null
  }
  /**
   * People who do a routine said of it that they hate it (or not), or answered one of the three questions; who said it is
   * not kept. Its kind and steps tell the routine again in later logs. The deployment is `shadow`.
   */
  saidOfRoutine: {
    kind: string
    steps: string[]
    question: 'hated' | 'why' | 'from' | 'after'
    answer: boolean | string
  }
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
