import { longestSeconds } from '../contract/index.ts'
import { timesExpected } from './censored.ts'
import { classOf, type TimedArm } from './difference.ts'
import { addItem, noItems, type Sums, sumOf } from './sums.ts'
import {
  type TimedItem,
  type TimeSaved,
  type TimeSavedOptions,
  timeSavedFromSums,
  weeksWorked,
} from './time-saved.ts'

/**
 * One day of one arm, share held back and class of predicted time: what a deployment's items come to. A day has a few
 * dozen rows, however many items.
 */
export interface TimedRollup {
  /** Days since the epoch, UTC. */
  day: number
  arm: TimedArm
  holdback: number | null
  /** `classOf` the predicted time; null where nothing was foreseen. */
  class: number | null
  sums: Sums
  leftOut: TimeSaved['leftOut']
}

const dayMs = 24 * 3600 * 1000

/** Items of any time, in any order, summed up by day. Rows of the same day from several calls may stand side by side. */
export function rollUp(items: readonly TimedItem[]): TimedRollup[] {
  const rows = new Map<string, TimedRollup>()
  const times = timesExpected(items)
  for (const [i, { arm, seconds, predicted, at, holdback }] of items.entries()) {
    if (!Number.isFinite(at)) continue
    const foreseen = predicted !== undefined && predicted > 0 && predicted < Infinity ? predicted : null
    const kind = foreseen === null ? null : classOf(foreseen)
    const day = Math.floor(at / dayMs)
    const key = `${day} ${arm} ${holdback} ${kind}`
    const row = rows.get(key) ?? {
      day,
      arm,
      holdback: holdback ?? null,
      class: kind,
      sums: { ...noItems },
      leftOut: { impossible: 0, tooLong: 0 },
    }
    rows.set(key, row)
    if (seconds !== null && !(seconds >= 0 && seconds < Infinity)) row.leftOut.impossible++
    else if (seconds !== null && seconds > longestSeconds) row.leftOut.tooLong++
    else addItem(row.sums, { ...times[i]!, predicted: foreseen })
  }
  return [...rows.values()]
}

/**
 * The same figure as `timeSaved` gives on the items themselves, but for the weeks, which are counted in whole days.
 *
 * @param people how many different people did the items; rows cannot tell
 */
export function timeSavedFromRollups(
  rows: readonly TimedRollup[],
  { people, ...options }: TimeSavedOptions & { people: number },
): TimeSaved {
  const strata = new Map<number | null, Record<TimedArm, Map<number, Sums>>>()
  const leftOut = { impossible: 0, tooLong: 0 }
  const days = new Set<number>()
  for (const row of rows) {
    leftOut.impossible += row.leftOut.impossible
    leftOut.tooLong += row.leftOut.tooLong
    if (row.sums.items === 0) continue
    days.add(row.day)
    const stratum = strata.get(row.holdback) ?? { shown: new Map(), 'held back': new Map() }
    strata.set(row.holdback, stratum)
    const kind = row.class ?? classOf(null)
    const before = stratum[row.arm].get(kind)
    stratum[row.arm].set(kind, before ? sumOf([before, row.sums]) : row.sums)
  }
  const weeks = weeksWorked([...days].map((day) => day * dayMs))
  return timeSavedFromSums({ strata: [...strata.values()], leftOut, people, weeks }, options)
}
