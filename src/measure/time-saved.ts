import { halfWidth } from '../stats/confidence-sequence.ts'

/** One item that was good enough to be suggested on, once somebody has done it. */
export interface TimedItem {
  arm: 'shown' | 'held back'
  /** Handling time in seconds, with all review and fixing in it. */
  seconds: number
  /** Handling time in seconds that was foreseen before the arm was drawn. */
  predicted?: number
  /** Pseudonym. */
  person: string
  /** When it was done, in milliseconds since the epoch. */
  at: number
  /** Share held back when the arm was drawn, where it changed over time: items are compared only within one share. */
  holdback?: number
}

export interface Estimate {
  estimate: number
  /** Bounds that hold at every moment at the confidence asked for. */
  low: number
  high: number
}

export interface TimeSaved {
  /** Items that were compared. */
  shown: number
  heldBack: number
  /** Items whose handling time cannot be true: below zero or unknown, or above eight hours (a clock that jumped, a
   * window left open overnight). */
  leftOut: { impossible: number; tooLong: number }
  people: number
  weeks: number
  /** Minutes saved on each shown item; below zero where it costs time. Null while it cannot be told. */
  minutesPerItem: Estimate | null
  /** Hours a week that all people together save. */
  hoursPerWeek: Estimate | null
  /** Hours a week that one person saves on average; null below five people. */
  hoursPerPersonPerWeek: Estimate | null
  /** One sentence with the numbers. */
  because: string
}

const weekMs = 7 * 24 * 3600 * 1000
const longestSeconds = 8 * 3600
/** Below this many in an arm the normal approximation behind the interval does not hold. */
const fewestInArm = 20
/** Figures are given for groups of this many people and more. */
const fewestPeople = 5

/**
 * Time saved, as the intention-to-treat difference of mean handling time between held-back and shown items: whatever
 * people did with a suggestion, its item counts in its arm.
 *
 * - adjusted for predicted handling time (CUPED: Deng, Xu, Kohavi and Walker, WSDM 2013), which changes what the
 *   difference varies by, not what it is on average
 * - with an asymptotic confidence sequence (arXiv 2103.06476) on the difference, so it may be looked at every day
 * - a week's saving is that of the shown items alone; less than a week of data counts as a week, so that two good days
 *   are not blown up
 *
 * Items of one person are taken as independent.
 *
 * @param nStar number of items near which the interval is tightest
 */
export function timeSaved(
  items: readonly TimedItem[],
  { confidence = 0.95, nStar = 500 }: { confidence?: number; nStar?: number } = {},
): TimeSaved {
  const possible = items.filter(
    ({ seconds, at }) => seconds >= 0 && seconds < Infinity && Number.isFinite(at),
  )
  const usable = possible.filter(({ seconds }) => seconds <= longestSeconds)
  const leftOut = { impossible: items.length - possible.length, tooLong: possible.length - usable.length }
  const strata = [...Map.groupBy(usable, ({ holdback }) => holdback).values()].filter((stratum) =>
    (['shown', 'held back'] as const).every((arm) => inArm(stratum, arm).length >= fewestInArm),
  )
  const compared = strata.flat()
  const shown = inArm(usable, 'shown').length
  const people = new Set(usable.map(({ person }) => person)).size
  const times = usable.map(({ at }) => at)
  const span =
    times.reduce((a, b) => Math.max(a, b), -Infinity) - times.reduce((a, b) => Math.min(a, b), Infinity)
  const weeks = Math.max(1, span / weekMs)
  const base = {
    shown: inArm(compared, 'shown').length,
    heldBack: inArm(compared, 'held back').length,
    leftOut,
    people,
    weeks,
  }
  const said = leftOutSentence(leftOut)
  if (compared.length === 0) {
    return {
      ...base,
      minutesPerItem: null,
      hoursPerWeek: null,
      hoursPerPersonPerWeek: null,
      because: `It cannot be told yet: ${shown} items were shown and ${usable.length - shown} held back, and at least ${fewestInArm} of each are needed.${said}`,
    }
  }
  const adjusted = adjust(compared)
  let estimate = 0
  let variance = 0
  let from = 0
  for (const stratum of strata) {
    const values = adjusted.slice(from, from + stratum.length)
    from += stratum.length
    const weight = stratum.length / compared.length
    const held = moments(values.filter((_, i) => stratum[i]!.arm === 'held back'))
    const seen = moments(values.filter((_, i) => stratum[i]!.arm === 'shown'))
    estimate += weight * (held.mean - seen.mean)
    variance += weight ** 2 * (held.variance / held.n + seen.variance / seen.n)
  }
  // The difference is the mean of n influence values, whose variance is n times that of the difference.
  const n = compared.length
  const half = halfWidth(n, { nStar, alpha: 1 - confidence, sides: 2 }) * Math.sqrt(n * variance)
  const seconds = { estimate, low: estimate - half, high: estimate + half }
  const minutesPerItem = scaled(seconds, 1 / 60)
  const hoursPerWeek = scaled(seconds, shown / weeks / 3600)
  const hoursPerPersonPerWeek = people >= fewestPeople ? scaled(hoursPerWeek, 1 / people) : null
  const sure = `with ${Math.round(confidence * 100)} % confidence`
  const each = `Each shown item took ${worded(minutesPerItem, 'minutes')} (between ${signed(minutesPerItem.low)} and ${signed(minutesPerItem.high)} ${sure})`
  const week = hoursPerPersonPerWeek
    ? `${signed(hoursPerPersonPerWeek.estimate)} hours a person a week`
    : `${signed(hoursPerWeek.estimate)} hours a week in all; figures for one person are given from ${fewestPeople} people on`
  return {
    ...base,
    minutesPerItem,
    hoursPerWeek,
    hoursPerPersonPerWeek,
    because: `${each}, comparing ${base.shown} shown with ${base.heldBack} held back: ${week}.${said}`,
  }
}

function inArm(items: readonly TimedItem[], arm: TimedItem['arm']): TimedItem[] {
  return items.filter((item) => item.arm === arm)
}

/** Handling times less what their prediction explains; an item without one is left as it is. */
function adjust(items: readonly TimedItem[]): number[] {
  const known = items.filter((item) => Number.isFinite(item.predicted))
  const centre = moments(known.map((item) => item.predicted!)).mean
  let covariance = 0
  let spread = 0
  // Slopes within each arm, so that the effect itself is not taken for a trend.
  for (const arm of ['shown', 'held back'] as const) {
    const own = inArm(known, arm)
    const x = moments(own.map((item) => item.predicted!)).mean
    const y = moments(own.map((item) => item.seconds)).mean
    for (const item of own) {
      covariance += (item.predicted! - x) * (item.seconds - y)
      spread += (item.predicted! - x) ** 2
    }
  }
  const slope = spread > 0 ? covariance / spread : 0
  return items.map((item) =>
    Number.isFinite(item.predicted) ? item.seconds - slope * (item.predicted! - centre) : item.seconds,
  )
}

function moments(values: readonly number[]): { n: number; mean: number; variance: number } {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean, variance: n < 2 ? 0 : squares / (n - 1) }
}

function scaled({ estimate, low, high }: Estimate, by: number): Estimate {
  return { estimate: estimate * by, low: low * by, high: high * by }
}

function signed(value: number): string {
  const rounded = Math.round(value * 100) / 100
  return `${rounded > 0 ? '+' : ''}${rounded === 0 ? 0 : rounded}`
}

function worded({ estimate }: Estimate, unit: string): string {
  return `${Math.abs(Math.round(estimate * 100) / 100)} ${unit} ${estimate < 0 ? 'longer' : 'less'}`
}

function leftOutSentence({ impossible, tooLong }: TimeSaved['leftOut']): string {
  const parts = [
    impossible > 0 ? `${impossible} with a handling time below zero or unknown` : '',
    tooLong > 0 ? `${tooLong} with one above eight hours` : '',
  ].filter(Boolean)
  return parts.length > 0 ? ` Left out: ${parts.join(', ')}.` : ''
}
