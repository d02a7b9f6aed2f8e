/** The result of a backtest; the same shape everywhere (command line, ledger, page). */
export interface Proof {
  /** Confidence from which a suggestion is shown; null is silence on everything. */
  threshold: number | null
  /** By claim, where a skill makes several; a claim that is absent or null stays silent. */
  thresholds?: Record<string, number | null>
  /** Share of the verify part that would have been shown, 0..1. */
  coverage: number
  /** Of those, the share that was useful; null when none was shown. */
  usefulRate: number | null
  /** Exact one-sided lower bound of the useful rate at `confidence`. */
  lowerBound: number | null
  /** Number of groups (conversations, records) in the verify part that would have been shown, and judged at all. */
  shown: number
  judged: number
  target: number
  confidence: number
  passed: boolean
  /** One sentence with the numbers. */
  because: string
}

export type LockName = 'place' | 'pain' | 'proof'

/** One of the three conditions. A closed lock is a result with its numbers and what would open it. */
export interface Lock {
  open: boolean
  numbers: Record<string, number | string | boolean | null>
  because: string
  opensWhen: string
}

export type Locks = Record<LockName, Lock>

/** `off → silent → pilot → live`, and `withdrawn`, which any stage can fall to by itself. */
export type Stage = 'off' | 'silent' | 'pilot' | 'live' | 'withdrawn'

/** One skill on one surface for one team. */
export interface Deployment {
  /** Short, stable, readable: `triage-maildir-1`. */
  id: string
  team: string
  surface: string
  skill: string
  /** The surface's settings, already valid. */
  settings: unknown
  pain: Pain
  /** How it reaches a team; absent: it is its connector's own, who is the volunteer and sees it once it is proven. */
  rollout?: Rollout
}

/** How a deployment reaches the people of a team, step by step. */
export interface Rollout {
  /** Verdicts on live work that are needed before anybody sees anything: suggestions that would have been shown. */
  silentVerdicts: number
  /** People who must have said yes before the pilot begins. */
  volunteers: number
  /** Once live, people are reached one after another over so many weeks, in random order; 0: all at once. */
  weeks: number
}

/** What the task costs, and how that is known. */
export interface Pain {
  /** Measured minutes a person a week; null when nobody has measured it. */
  minutesPerPersonPerWeek: number | null
  /** Where the figure comes from ("two weeks of recorded work of six people"). */
  from: string | null
  /** The people who do it say that they hate it. */
  named: boolean
}
