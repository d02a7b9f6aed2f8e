import type { Lock, Proof } from '../contract/index.ts'
import type { Standing } from '../ledger/index.ts'

/** One deployment as a person reads it; every cell is a short plain text. */
export interface StandingRow {
  skill: string
  surface: string
  place: string
  pain: string
  proof: string
  /** Share of the work that would be shown. */
  wouldShow: string
  /** How sure: useful rate with its lower bound. */
  howSure: string
  stage: string
  soFar: string
  /** What to know or do, where something is wrong or closed. */
  note: string
}

export const headings: Record<keyof StandingRow, string> = {
  skill: 'skill',
  surface: 'surface',
  place: 'place',
  pain: 'pain (a week)',
  proof: 'proof',
  wouldShow: 'would show',
  howSure: 'how sure it is useful',
  stage: 'stage',
  soFar: 'so far',
  note: 'note',
}

/** Columns of the table; `note` is told below it. */
export const tableColumns = Object.keys(headings).filter((name) => name !== 'note') as (keyof StandingRow)[]

export function standingRow(standing: Standing, where: string): StandingRow {
  const { proof, locks, counts, stage } = standing
  const closed = locks && Object.values(locks).find((lock) => !lock.open)
  return {
    skill: standing.skill,
    surface: where ? `${standing.surface} ${where}` : standing.surface,
    place: lockWord(locks?.place),
    pain: painWords(locks?.pain),
    proof: proof ? (proof.passed ? 'open' : 'closed') : '…',
    wouldShow: proof ? (proof.passed ? percent(proof.coverage, 0) : 'nothing') : '…',
    howSure: proof ? sureWords(proof) : '…',
    stage,
    soFar: [
      [counts.seen, 'seen'],
      [counts.placed, 'placed'],
      [counts.arms['held back'], 'held back'],
      [counts.outcomes.used + counts.outcomes.edited, 'used'],
      [counts.outcomes.discarded + counts.outcomes.ignored, 'not used'],
    ]
      .filter(([count], index) => index < 2 || count)
      .map(([count, word]) => `${count} ${word}`)
      .join(' · '),
    note: standing.failure
      ? `${standing.failure.what} failed: ${standing.failure.because}`
      : proof && !proof.passed
        ? proof.because
        : closed
          ? `${closed.because} It opens when: ${closed.opensWhen}`
          : stage === 'withdrawn'
            ? (standing.because ?? '')
            : '',
  }
}

function lockWord(lock: Lock | undefined): string {
  return lock ? (lock.open ? 'open' : 'closed') : '…'
}

function painWords(lock: Lock | undefined): string {
  const minutes = lock?.numbers.minutesPerPersonPerWeek
  if (!lock || typeof minutes !== 'number') return lock?.numbers.named ? 'open, named' : lockWord(lock)
  return `${lockWord(lock)}, ${Math.round(minutes)} min`
}

/** The bound is cut, not rounded: 84.96 % must not read as 85 %. */
function sureWords({ usefulRate, lowerBound }: Proof): string {
  if (usefulRate === null || lowerBound === null) return 'not sure enough'
  return `${percent(usefulRate, 1)}, at least ${percent(Math.floor(lowerBound * 1000) / 1000, 1)}`
}

export function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`
}
