export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** Minutes that Central Europe is ahead of UTC: summer time from the last Sunday of March to that of October, 01:00 UTC. */
export function offsetMinutes(at: number): 60 | 120 {
  const year = new Date(at).getUTCFullYear()
  const lastSunday = (month: number) => {
    const end = new Date(Date.UTC(year, month + 1, 0, 1))
    return end.getTime() - end.getUTCDay() * day
  }
  return at >= lastSunday(2) && at < lastSunday(9) ? 120 : 60
}

/** Midnight, local time, of the day that `at` is in. */
export function localMidnight(at: number): number {
  const local = at + offsetMinutes(at) * minute
  return at - (local % day)
}

/** 0 is Sunday. */
export function localWeekday(at: number): number {
  return new Date(at + offsetMinutes(at) * minute).getUTCDay()
}

/** `2026-07-14`, local time. */
export function localDate(at: number): string {
  return new Date(at + offsetMinutes(at) * minute).toISOString().slice(0, 10)
}

const pad = (n: number) => String(n).padStart(2, '0')

/** `2026-07-14T09:32:05.120+02:00`. */
export function localStamp(at: number): string {
  const offset = offsetMinutes(at)
  return `${new Date(at + offset * minute).toISOString().slice(0, 23)}+${pad(offset / 60)}:00`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 5322, section 3.3: `Tue, 14 Jul 2026 09:32:05 +0200`. */
export function mailDate(at: number): string {
  const offset = offsetMinutes(at)
  const local = new Date(at + offset * minute)
  const clock = local.toISOString().slice(11, 19)
  return `${weekdays[local.getUTCDay()]}, ${local.getUTCDate()} ${months[local.getUTCMonth()]} ${local.getUTCFullYear()} ${clock} +${pad(offset / 60)}00`
}

export function isWorkday(at: number): boolean {
  const weekday = localWeekday(at)
  return weekday > 0 && weekday < 6
}
