import { type Health, isConnected, type Lock, type Proof } from '../contract/index.ts'
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
  /** What the surface last saw and did, what it waits for, since when it fails; empty where it says nothing of itself. */
  connection: string
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
  connection: 'connection',
  note: 'note',
}

/** Columns of the table; `connection` and `note` are told below it. */
export const tableColumns = Object.keys(headings).filter(
  (name) => name !== 'note' && name !== 'connection',
) as (keyof StandingRow)[]

/** @param health what the surface last said of itself; null where it never did */
export function standingRow(standing: Standing, where: string, health: Health | null = null): StandingRow {
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
    connection: health ? connectionWords(health, Date.now()) : '',
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

/** One line; times as people read them on a clock. */
export function connectionWords(health: Health, now: number): string {
  const { readAt, saw, did, waitsFor, failing } = health
  const state = failing
    ? `failing since ${clock(failing.since)}: ${failing.because}`
    : isConnected(health, now)
      ? `connected, last read ${clock(readAt!)}`
      : readAt !== null
        ? `not heard of since ${clock(readAt)}`
        : ''
  const rest = [
    saw && `last saw ${saw.what} (${clock(saw.at)})`,
    did && `last ${did.what} (${clock(did.at)})`,
    waitsFor && `waits for ${waitsFor}`,
  ]
  return [state.replace(/[.;]$/, ''), ...rest].filter(Boolean).join('; ')
}

function clock(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** The bound is cut, not rounded: 84.96 % must not read as 85 %. */
function sureWords({ usefulRate, lowerBound }: Proof): string {
  if (usefulRate === null || lowerBound === null) return 'not sure enough'
  return `${percent(usefulRate, 1)}, at least ${percent(Math.floor(lowerBound * 1000) / 1000, 1)}`
}

export function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`
}
