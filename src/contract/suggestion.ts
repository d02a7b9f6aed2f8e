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

/**
 * What a person reads once, in the tool, in under a minute: the walkthrough, or a question that one click answers. A
 * surface that cannot show buttons shows title and text, and the answers' addresses where they have one.
 */
export interface Card {
  title: string
  text: string
  /** Announced again under the same key it is there once. Hard to guess: whoever has it may answer for `to`. */
  key?: string
  /** Pseudonym of the one person whom it is for (one of `Place.people`); absent: everybody who works there. */
  to?: string
  ask?: Ask
}

/**
 * What people are asked, each with one click:
 * - `volunteer`: whether they want to see it in the pilot
 * - `satisfied`, `would notice`: yes or no
 * - `minutes`: how many minutes a week they think it saves them
 * - `switch off`: whether it may be switched off for them for a week or five days a quarter, to see who misses it
 */
export type Question = 'volunteer' | 'satisfied' | 'would notice' | 'minutes' | 'switch off'

/** Yes or no; a number of minutes for `minutes`. */
export type Answered = boolean | number

export interface Ask {
  question: Question
  /** In the order in which they are shown; `url` answers from outside of the tool, where Inlay has a page. */
  answers: { answer: Answered; label: string; url?: string }[]
}

/** What a person says of their own accord: on or off for themselves; that they miss it; or they ask for it by hand. */
export type Wish = 'on' | 'off' | 'complaint' | 'manual request'
