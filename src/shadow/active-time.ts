import type { EventLog } from './event-log.ts'

/** A longer pause between two events is not counted as work beyond this. */
export const longestPauseMs = 60_000
const day = 86_400_000

/** Active minutes of events (positions in time order): the time between them, long pauses cut. Clock jumps back count 0. */
export function activeMinutes(log: EventLog, events: readonly number[]): number {
  let active = 0
  for (let i = 1; i < events.length; i++) {
    active += Math.min(longestPauseMs, Math.max(0, log.at[events[i]!]! - log.at[events[i - 1]!]!))
  }
  return active / 60_000
}

/** Number of the UTC day of an event. */
export const dayOf = (log: EventLog, i: number) => Math.floor(log.at[i]! / day)

export interface WorkingWeeks {
  weeks: number
  /** Numbers of the UTC days on which anything was done. */
  days: number[]
}

/**
 * How many working weeks a log covers: days on which anything was done, over the days of the fullest week (at least
 * five, so that a single recorded day counts as a fifth of a week and not as a whole one).
 */
export function workingWeeks(log: EventLog): WorkingWeeks {
  const days = new Set<number>()
  let last = Number.NaN
  for (let i = 0; i < log.length; i++) {
    const each = dayOf(log, i)
    if (each !== last) days.add(each)
    last = each
  }
  const perWeek = new Map<number, number>()
  // 1970-01-01 was a Thursday.
  for (const each of days) {
    const week = Math.floor((each + 3) / 7)
    perWeek.set(week, (perWeek.get(week) ?? 0) + 1)
  }
  return { weeks: days.size / Math.max(5, ...perWeek.values()), days: [...days].sort((a, b) => a - b) }
}
