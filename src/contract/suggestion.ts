import type { Cell, Kind, Value } from './kinds.ts'

/** Why a skill suggests what it does: a field (or word), its value, and its effect in log-odds where there is one. */
export interface Reason {
  field: string
  value: Cell
  effect: number
}

export interface Suggestion<K extends Kind = Kind> {
  kind: K
  value: Value<K>
  /** Calibrated probability, 0..1, that `Skill.judge` will call it useful. */
  confidence: number
  reasons: Reason[]
  /**
   * What sort of claim this is ("hot", "cold"), where a skill makes several that must each be proven by themselves.
   * Suggestions without one are proven together.
   */
  claim?: string
}

/** A skill's yes or no on what became of a suggestion, fixed before launch. `similarity` is 0..1. */
export interface Judgement {
  useful: boolean
  similarity: number
}

/** What became of a suggestion. */
export type Arm = 'shown' | 'held back' | 'silent'

/** What a person did with a shown suggestion. */
export type Outcome = 'used' | 'edited' | 'discarded' | 'ignored'

/** A shown suggestion, put where the person already looks. `ref` is the surface's own note of where that is. */
export interface Placement {
  key: string
  ref: string
}

/** The walkthrough: what a person reads once, in the tool, in under a minute. */
export interface Card {
  title: string
  text: string
}
