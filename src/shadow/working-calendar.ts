import { Fault } from '../contract/index.ts'
import { wallClock } from './intake/timestamp.ts'

const dayMs = 86_400_000

/** When a team works, in its own time. */
export interface WorkingHours {
  /** IANA time zone. */
  zone: string
  /** By day of the week, Sunday first: stretches in minutes of the local day; one that ends after 1,440 goes past midnight. */
  week: readonly (readonly (readonly [from: number, to: number])[])[]
  /** Local dates on which nobody works, `2024-12-25`. */
  holidays: ReadonlySet<string>
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * "Mon-Fri 9:00-12:30 13:00-17:00, Sat 10:00-14:00" as working hours. Throws a Fault (`bad-input`) that says what is
 * wrong and shows how it is written.
 */
export function workingHours(text: string, zone: string, holidays: readonly string[] = []): WorkingHours {
  const wrong = (what: string) =>
    new Fault('bad-input', `${what}; working hours are written like "Mon-Fri 9:00-17:00, Sat 10:00-14:00".`)
  const week: [number, number][][] = dayNames.map(() => [])
  for (const part of text.split(',')) {
    const [days = '', ...stretches] = part.trim().split(/\s+/)
    const [first, last = first] = days
      .split('-')
      .map((name) => dayNames.indexOf(name.slice(0, 3).toLowerCase()))
    if (first === undefined || last === undefined || first < 0 || last < 0) throw wrong(`"${days}" is no day`)
    if (stretches.length === 0) throw wrong(`"${part.trim()}" has no times`)
    for (const stretch of stretches) {
      const times = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/.exec(stretch)
      if (!times) throw wrong(`"${stretch}" is no stretch of time`)
      const [from, to] = [minutes(times[1]!, times[2]), minutes(times[3]!, times[4])]
      if (from > 1440 || to > 1440 || from === to) throw wrong(`"${stretch}" is no stretch of time`)
      for (let day = first; ; day = (day + 1) % 7) {
        week[day]!.push([from, to < from ? to + 1440 : to])
        if (day === last) break
      }
    }
  }
  const odd = holidays.find((date) => !/^\d{4}-\d{2}-\d{2}$/.test(date))
  if (odd !== undefined)
    throw new Fault('bad-input', `"${odd}" is no date; holidays are written like 2024-12-25.`)
  try {
    wallClock(zone)
  } catch (cause) {
    throw new Fault('bad-input', `There is no time zone "${zone}": give one such as Europe/Berlin.`, {
      cause,
    })
  }
  return { zone, week, holidays: new Set(holidays) }
}

const minutes = (hours: string, rest = '0') => Number(hours) * 60 + Number(rest)

/** Stretches of work as instants, in order and apart, with the work done before each in milliseconds. */
export interface Calendar {
  opens: Float64Array
  closes: Float64Array
  before: Float64Array
}

/**
 * The working hours between two instants. Each opening and closing is looked up in the zone's own clock, so that a night in
 * which clocks go forward is an hour shorter for those who work through it, and no day's hours move.
 */
export function calendarOver({ zone, week, holidays }: WorkingHours, from: number, to: number): Calendar {
  const instant = wallClock(zone)
  const stretches: [number, number][] = []
  // Local days are counted as if UTC; two days of margin hold any zone and a stretch past midnight.
  for (let day = Math.floor(from / dayMs) - 2; day <= Math.floor(to / dayMs) + 2; day++) {
    const midnight = day * dayMs
    if (holidays.has(new Date(midnight).toISOString().slice(0, 10))) continue
    // 1970-01-01 was a Thursday.
    for (const [opens, closes] of week[(((day + 4) % 7) + 7) % 7]!) {
      stretches.push([instant(midnight + opens * 60_000), instant(midnight + closes * 60_000)])
    }
  }
  stretches.sort((a, b) => a[0] - b[0])
  const apart: [number, number][] = []
  for (const [opens, closes] of stretches) {
    const last = apart.at(-1)
    if (last && opens <= last[1]) last[1] = Math.max(last[1], closes)
    else apart.push([opens, closes])
  }
  const before = new Float64Array(apart.length)
  for (let k = 1; k < apart.length; k++) before[k] = before[k - 1]! + apart[k - 1]![1] - apart[k - 1]![0]
  return {
    opens: Float64Array.from(apart, ([opens]) => opens),
    closes: Float64Array.from(apart, ([, closes]) => closes),
    before,
  }
}

/** Working milliseconds from the calendar's beginning to an instant in it. O(log days). */
export function workedMs({ opens, closes, before }: Calendar, at: number): number {
  let low = 0
  let high = opens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (opens[middle]! <= at) low = middle + 1
    else high = middle
  }
  const k = low - 1
  return k < 0 ? 0 : before[k]! + Math.min(at, closes[k]!) - opens[k]!
}
