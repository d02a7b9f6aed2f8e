import { keyedShare } from '../stats/keyed-hash.ts'

export { keyedShare }

const week = 7 * 24 * 3600 * 1000
/** The epoch began on a Thursday. */
const firstMonday = 4 * 24 * 3600 * 1000
const weeksAQuarter = 13

/**
 * The week without it of one person in the quarter (13 weeks, from a Monday, UTC) that `at` is in: drawn from a keyed
 * hash, so that it is known to nobody and the same for everybody who asks. Times in milliseconds since the epoch.
 */
export function keyedWeek(
  key: string | Uint8Array,
  person: string,
  at: number,
): { quarter: number; from: number; until: number } {
  const number = Math.floor((at - firstMonday) / (weeksAQuarter * week))
  const quarter = firstMonday + number * weeksAQuarter * week
  const from =
    quarter + Math.floor(keyedShare(key, `switch off\n${person}\n${number}`) * weeksAQuarter) * week
  return { quarter, from, until: from + week }
}
