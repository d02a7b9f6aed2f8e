import { longestSeconds } from '../contract/index.ts'
import { halfWidth } from '../stats/confidence-sequence.ts'
import { timesExpected } from './censored.ts'
import { type ArmClasses, classOf, difference, type TimedArm } from './difference.ts'
import { addItem, noItems, type Sums, sumOf } from './sums.ts'

/** One item that was good enough to be suggested on, once somebody has done it. */
export interface TimedItem {
  arm: TimedArm
  /** Handling time in seconds, with all review and fixing in it; null where nobody knows it. */
  seconds: number | null
  /** Where `seconds` is null: what it took at least, in seconds, where a recorder stopped at its limit. */
  longerThan?: number
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
  /** Of those, the ones whose handling time is known. */
  timed: { shown: number; heldBack: number }
  /** Items whose handling time cannot be true: below zero or unknown, or above eight hours (a clock that jumped, a
   * window left open overnight). */
  leftOut: { impossible: number; tooLong: number }
  people: number
  /** Weeks in which it worked: a pause of more than a week is not counted. */
  weeks: number
  /** Minutes saved on each shown item; below zero where it costs time. Null while it cannot be told. */
  minutesPerItem: Estimate | null
  /** Standard error of that, in minutes, as of now; null while it cannot be told. */
  standardError: number | null
  /** Hours a week that all people together save. */
  hoursPerWeek: Estimate | null
  /** Hours a week that one person saves on average; null below five people. */
  hoursPerPersonPerWeek: Estimate | null
  /** One sentence with the numbers. */
  because: string
}

export interface TimeSavedOptions {
  confidence?: number
  /** Number of items near which the interval is tightest. */
  nStar?: number
}

/** What is to be compared, summed up: one entry for each share that was held back. */
export interface TimedSums {
  strata: readonly ArmClasses[]
  leftOut: TimeSaved['leftOut']
  people: number
  weeks: number
}

const dayMs = 24 * 3600 * 1000
const weekMs = 7 * dayMs
/** Below this many in an arm the normal approximation behind the interval does not hold. */
const fewestInArm = 20
/** Figures are given for groups of this many people and more. */
export const fewestPeople = 5

/**
 * Time saved, as the intention-to-treat difference of mean handling time between held-back and shown items: whatever
 * people did with a suggestion, its item counts in its arm (`difference`).
 *
 * - with an asymptotic confidence sequence (arXiv 2103.06476) on the difference, so it may be looked at every day
 * - a week's saving is that of the shown items alone; less than a week of data counts as a week, so that two good days
 *   are not blown up
 * - items without a time count as well: the known ones of their kind stand for them, and a time known only to exceed a
 *   recorder's limit is taken as what is expected of it (`timesExpected`)
 *
 * Items of one person are taken as independent.
 */
export function timeSaved(items: readonly TimedItem[], options: TimeSavedOptions = {}): TimeSaved {
  return timeSavedFromSums(timedSums(items), options)
}

/** The items summed up. Sums of several parts can be added class by class, so that a rollup a day serves any number. */
export function timedSums(items: readonly TimedItem[]): TimedSums {
  const possible = items.filter(
    ({ seconds, at }) => Number.isFinite(at) && (seconds === null || (seconds >= 0 && seconds < Infinity)),
  )
  const usable = possible.filter(({ seconds }) => seconds === null || seconds <= longestSeconds)
  const times = timesExpected(usable)
  const strata = new Map<number | undefined, Record<TimedArm, Map<number, Sums>>>()
  for (const [i, { arm, holdback, predicted }] of usable.entries()) {
    const stratum = strata.get(holdback) ?? { shown: new Map(), 'held back': new Map() }
    strata.set(holdback, stratum)
    const foreseen = predicted !== undefined && predicted > 0 && predicted < Infinity ? predicted : null
    const key = classOf(foreseen)
    const sums = stratum[arm].get(key) ?? { ...noItems }
    stratum[arm].set(key, sums)
    addItem(sums, { ...times[i]!, predicted: foreseen })
  }
  return {
    strata: [...strata.values()],
    leftOut: { impossible: items.length - possible.length, tooLong: possible.length - usable.length },
    people: new Set(usable.map(({ person }) => person)).size,
    weeks: weeksWorked(usable.map(({ at }) => at)),
  }
}

export function timeSavedFromSums(
  { strata: all, leftOut, people, weeks }: TimedSums,
  { confidence = 0.95, nStar = 500 }: TimeSavedOptions = {},
): TimeSaved {
  const totals = all.map((stratum) => ({
    stratum,
    shown: sumOf([...stratum.shown.values()]),
    heldBack: sumOf([...stratum['held back'].values()]),
  }))
  const compared = totals.flatMap((total) => {
    const { stratum, shown, heldBack } = total
    if (shown.known < fewestInArm || heldBack.known < fewestInArm) return []
    const part = difference(stratum)
    return part ? [{ ...total, part }] : []
  })
  const of = (which: typeof totals, arm: 'shown' | 'heldBack', what: 'items' | 'known') =>
    which.reduce((sum, each) => sum + each[arm][what], 0)
  const shown = of(totals, 'shown', 'items')
  const timed = { shown: of(compared, 'shown', 'known'), heldBack: of(compared, 'heldBack', 'known') }
  const base = {
    shown: of(compared, 'shown', 'items'),
    heldBack: of(compared, 'heldBack', 'items'),
    timed,
    leftOut,
    people,
    weeks,
  }
  const said = leftOutSentence(leftOut)
  if (compared.length === 0) {
    const unknown = shown + of(totals, 'heldBack', 'items') - of(totals, 'shown', 'known')
    const untimed = unknown > of(totals, 'heldBack', 'known') ? ' with a known handling time' : ''
    return {
      ...base,
      minutesPerItem: null,
      standardError: null,
      hoursPerWeek: null,
      hoursPerPersonPerWeek: null,
      because: `It cannot be told yet: ${of(totals, 'shown', 'known')} items were shown and ${of(totals, 'heldBack', 'known')} held back${untimed}, and at least ${fewestInArm} of each are needed.${said}`,
    }
  }
  const parts = compared.map(({ part }) => part)
  const items = parts.reduce((sum, part) => sum + part.items, 0)
  const estimate = parts.reduce((sum, part) => sum + (part.items / items) * part.estimate, 0)
  const variance = (name: 'variance' | 'below' | 'above') =>
    parts.reduce((sum, part) => sum + (part.items / items) ** 2 * part[name], 0)
  // The difference is the mean of n influence values, whose variance is n times that of the difference.
  const n = parts.reduce((sum, part) => sum + part.known, 0)
  const unit = halfWidth(n, { nStar, alpha: 1 - confidence, sides: 2 }) * Math.sqrt(n)
  const seconds = {
    estimate,
    low: estimate - unit * Math.sqrt(variance('below')),
    high: estimate + unit * Math.sqrt(variance('above')),
  }
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
    standardError: Math.sqrt(variance('variance')) / 60,
    hoursPerWeek,
    hoursPerPersonPerWeek,
    because: `${each}, comparing ${base.shown} shown with ${base.heldBack} held back${untimedSentence(base)}: ${week}.${said}`,
  }
}

/**
 * Weeks in which it worked, at least one: from the first to the last day, both counted, without the pauses of more
 * than a week.
 *
 * @param times of items, in milliseconds since the epoch; only their days (UTC) count, as those are all that rollups know
 */
export function weeksWorked(times: readonly number[]): number {
  const days = Float64Array.from(new Set(times.map((at) => Math.floor(at / dayMs) * dayMs))).sort()
  let span = dayMs
  for (let i = 1; i < days.length; i++) {
    const gap = days[i]! - days[i - 1]!
    span += gap <= weekMs ? gap : dayMs
  }
  return Math.max(1, span / weekMs)
}

export function scaled({ estimate, low, high }: Estimate, by: number): Estimate {
  return { estimate: estimate * by, low: low * by, high: high * by }
}

export function signed(value: number): string {
  const rounded = Math.round(value * 100) / 100
  return `${rounded > 0 ? '+' : ''}${rounded === 0 ? 0 : rounded}`
}

function worded({ estimate }: Estimate, unit: string): string {
  return `${Math.abs(Math.round(estimate * 100) / 100)} ${unit} ${estimate < 0 ? 'longer' : 'less'}`
}

function untimedSentence({
  shown,
  heldBack,
  timed,
}: Pick<TimeSaved, 'shown' | 'heldBack' | 'timed'>): string {
  if (timed.shown === shown && timed.heldBack === heldBack) return ''
  return ` (the time is known of ${timed.shown} and ${timed.heldBack})`
}

function leftOutSentence({ impossible, tooLong }: TimeSaved['leftOut']): string {
  const parts = [
    impossible > 0 ? `${impossible} with a handling time below zero or unknown` : '',
    tooLong > 0 ? `${tooLong} with one above eight hours` : '',
  ].filter(Boolean)
  return parts.length > 0 ? ` Left out: ${parts.join(', ')}.` : ''
}
