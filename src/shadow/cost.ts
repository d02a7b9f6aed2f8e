import { activeMinutes, dayOf } from './active-time.ts'
import { type EventLog, none } from './event-log.ts'
import type { Routine } from './routines.ts'

/** What all runs of a routine cost together, also of those that are not told one by one. */
export interface Cost {
  minutes: number
  times: number
  /** Minutes by number of the UTC day. */
  perDay: Map<number, number>
  people: Set<number>
}

export const noCost = (): Cost => ({ minutes: 0, times: 0, perDay: new Map(), people: new Set() })

/** One run more, which took so many minutes; `i` is the event (position in the log) that tells its day and person. */
export function spend(cost: Cost, log: EventLog, i: number, minutes: number): void {
  cost.minutes += minutes
  cost.times++
  const day = dayOf(log, i)
  cost.perDay.set(day, (cost.perDay.get(day) ?? 0) + minutes)
  if (log.person[i] !== none) cost.people.add(log.person[i]!)
}

/** Of a routine in a UI log: the active minutes of its runs. */
export function costOfRuns(log: EventLog, { runs }: Routine): Cost {
  const cost = noCost()
  for (const { events } of runs) spend(cost, log, events[0]!, activeMinutes(log, events))
  return cost
}
