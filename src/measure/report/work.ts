import { bestOfSources, bestSource, sourceSensitivity, withSource } from '../handling.ts'
import type { DoneThen } from '../noticed.ts'
import { type CountedOutcomes, type Quality, quality, qualityOf } from '../quality.ts'
import { type RolledOut, type RolledOutItem, rolledOut } from '../rollout.ts'
import { type TimedRollup, timeSavedFromRollups } from '../rollups.ts'
import { noItems, type Sums } from '../sums.ts'
import { type Estimate, type TimeSaved, timeSaved } from '../time-saved.ts'
import { type Gathered, judgedOutcomes, measuredItems, rolledOutItems, workDone } from './gather.ts'

/** What the items of one deployment come to. */
export interface Work {
  time: TimeSaved
  /** Where the handling times come from. */
  times: string | null
  /** Minutes saved on each item by every source; empty for a single one. */
  sensitivity: { source: string; minutesPerItem: Estimate }[]
  quality: Quality
  /** Pseudonyms of who did any of it. */
  people: string[]
  /** What those did for whom it was once switched off. */
  done: DoneThen[]
  rolledOut: RolledOut
}

/** The same as sums that are kept of all items, whatever their number; `ledger.rollups` and `ledger.outcomes`. */
export interface SummedWork {
  rows: readonly SummedRow[]
  people: readonly { person: string; compared: number }[]
  outcomes: CountedOutcomes
  done: readonly DoneThen[]
  rolledOut: readonly RolledOutItem[]
}

/** One day of one arm, share held back, class of predicted time, and source of times; '' has all items and no times. */
export interface SummedRow extends Sums {
  day: number
  arm: 'shown' | 'held back'
  holdback: number
  class: number | null
  source: string
  impossible: number
  tooLong: number
}

export function workFromItems(own: Gathered): Work {
  const items = measuredItems(own)
  const source = bestSource(items)
  const sensitivity = sourceSensitivity(items)
  const done = workDone(own)
  return {
    time: timeSaved(source ? withSource(items, source.source) : []),
    times: source?.because ?? null,
    sensitivity: sensitivity.length > 1 ? sensitivity : [],
    quality: quality(judgedOutcomes(own)),
    people: [...new Set(done.map(({ person }) => person))],
    done,
    rolledOut: rolledOut(rolledOutItems(own)),
  }
}

export function workFromSums({ rows, people, outcomes, done, rolledOut: during }: SummedWork): Work {
  const all = rows.filter(({ source }) => source === '')
  const compared = people.filter((each) => each.compared > 0).length
  const bySource = [...Map.groupBy(rows, ({ source }) => source)].filter(([source]) => source !== '')
  const timed = new Map(
    bySource.map(([source, own]) => [source, timeSavedFromRollups(joined(all, own), { people: compared })]),
  )
  const total = (of: readonly SummedRow[], arm: SummedRow['arm'], what: (row: SummedRow) => number) =>
    of.reduce((sum, row) => sum + (row.arm === arm ? what(row) : 0), 0)
  const shares = bySource.map(([source, own]) => {
    const share = (arm: SummedRow['arm']) => {
      const items = total(all, arm, (row) => row.items)
      return items === 0 ? 0 : total(own, arm, (row) => row.known + row.impossible + row.tooLong) / items
    }
    return { source, known: { shown: share('shown'), 'held back': share('held back') } }
  })
  const best = bestOfSources(shares)
  const sensitivity = [...timed]
    .sort()
    .flatMap(([source, { minutesPerItem }]) => (minutesPerItem ? [{ source, minutesPerItem }] : []))
  return {
    time: best ? timed.get(best.source)! : timeSaved([]),
    times: best?.because ?? null,
    sensitivity: sensitivity.length > 1 ? sensitivity : [],
    quality: qualityOf(outcomes),
    people: people.map(({ person }) => person),
    done: [...done],
    rolledOut: rolledOut(during),
  }
}

/** The items of a day, less those whose time by this source cannot be true, with the times of this source. */
function joined(all: readonly SummedRow[], own: readonly SummedRow[]): TimedRollup[] {
  const keyOf = (row: SummedRow) => `${row.day} ${row.arm} ${row.holdback} ${row.class}`
  const times = new Map(own.map((row) => [keyOf(row), row]))
  return all.map((row): TimedRollup => {
    const { day, arm, holdback } = row
    const timed = times.get(keyOf(row))
    const leftOut = { impossible: timed?.impossible ?? 0, tooLong: timed?.tooLong ?? 0 }
    const items = row.items - leftOut.impossible - leftOut.tooLong
    const sums: Sums = {
      ...noItems,
      items,
      predicted: row.items > 0 ? (row.predicted * items) / row.items : 0,
    }
    for (const name of ['known', 't', 't2', 't3', 't4', 'p', 'p2', 'tp'] as const)
      sums[name] = timed?.[name] ?? 0
    return { day, arm, holdback, class: row.class, sums, leftOut }
  })
}
