import { keyedShare } from '../stats/keyed-hash.ts'

export { keyedShare }

const day = 24 * 3600 * 1000
const week = 7 * day
/** The epoch began on a Thursday. */
const firstMonday = 4 * day
const weeksAQuarter = 13
/** Weekdays of a quarter on which those who go without it by day do so. */
const daysAQuarter = 5

/** How one person goes without it in a quarter; times in milliseconds since the epoch. */
export interface Absence {
  by: 'week' | 'day'
  quarter: number
  spans: { from: number; until: number }[]
}

/**
 * When a person goes without it in the quarter (13 weeks, from a Monday, UTC) that `at` is in. Half of the people, drawn
 * anew each quarter, have one whole week of their own: long enough to be missed. The other half go without it on the same
 * five weekdays: so the same people's days with and without it differ by nothing but the draw, and no colleague has it
 * for them. All of it is drawn from a keyed hash: known to nobody, and the same for everybody who asks.
 */
export function keyedAbsence(key: string | Uint8Array, person: string, at: number): Absence {
  const number = Math.floor((at - firstMonday) / (weeksAQuarter * week))
  const quarter = firstMonday + number * weeksAQuarter * week
  const draw = (what: string) => keyedShare(key, `switch off${what}\n${number}`)
  if (draw(` by\n${person}`) < 0.5) {
    const from = quarter + Math.floor(draw(`\n${person}`) * weeksAQuarter) * week
    return { by: 'week', quarter, spans: [{ from, until: from + week }] }
  }
  const spans = daysDrawn(key, number).map((n) => ({
    from: quarter + n * day,
    until: quarter + (n + 1) * day,
  }))
  return { by: 'day', quarter, spans }
}

let last: { key: string | Uint8Array; number: number; days: number[] } | null = null

/** Numbers of the days within the quarter, the same for everybody, in order; kept, for everybody is asked for in turn. */
function daysDrawn(key: string | Uint8Array, number: number): number[] {
  if (last?.key === key && last.number === number) return last.days
  const days = Array.from({ length: weeksAQuarter * 5 }, (_, n) => Math.floor(n / 5) * 7 + (n % 5))
    .map((n) => ({ n, share: keyedShare(key, `switch off day\n${n}\n${number}`) }))
    .sort((a, b) => a.share - b.share || a.n - b.n)
    .slice(0, daysAQuarter)
    .map(({ n }) => n)
    .sort((a, b) => a - b)
  last = { key, number, days }
  return days
}
