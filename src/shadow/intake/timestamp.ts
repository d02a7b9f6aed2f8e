/**
 * A time as milliseconds since the epoch, read from bytes without making a string: ISO 8601 with date and time
 * (`T` or a blank between them), up to nine digits of a second, and `Z`, `+02:00`, `+0200` or no zone. NaN for
 * anything else. `zoneless` takes wall-clock milliseconds (as if UTC) where the zone is missing.
 */
export function isoTime(
  bytes: Uint8Array,
  from: number,
  to: number,
  zoneless: (wall: number) => number,
): number {
  if (to - from < 16 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45) return Number.NaN
  const separator = bytes[from + 10]
  if ((separator !== 84 && separator !== 32) || bytes[from + 13] !== 58) return Number.NaN
  const day = daysFromCivil(
    two(bytes, from) * 100 + two(bytes, from + 2),
    two(bytes, from + 5),
    two(bytes, from + 8),
  )
  let seconds = two(bytes, from + 11) * 3600 + two(bytes, from + 14) * 60
  let i = from + 16
  if (i < to && bytes[i] === 58) {
    seconds += two(bytes, i + 1)
    i += 3
  }
  let fraction = 0
  if (i < to && (bytes[i] === 46 || bytes[i] === 44)) {
    for (let scale = 100; ++i < to && bytes[i]! >= 48 && bytes[i]! <= 57; scale /= 10) {
      fraction += (bytes[i]! - 48) * scale
    }
  }
  const wall = day * 86_400_000 + seconds * 1000 + Math.floor(fraction)
  while (i < to && bytes[i] === 32) i++
  if (i >= to) return zoneless(wall)
  const sign = bytes[i]
  if (sign === 90 || sign === 122) return wall
  if (sign !== 43 && sign !== 45) return Number.NaN
  const minutesAt = bytes[i + 3] === 58 ? i + 4 : i + 3
  const minutes = two(bytes, i + 1) * 60 + (minutesAt + 1 < to ? two(bytes, minutesAt) : 0)
  return wall - (sign === 43 ? minutes : -minutes) * 60_000
}

const two = (bytes: Uint8Array, i: number) => (bytes[i]! - 48) * 10 + bytes[i + 1]! - 48

/** Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, chrono-compatible algorithms). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  )
}

const encoder = new TextEncoder()

/** Any common way to write a time: ISO 8601, milliseconds or seconds since the epoch, what JavaScript reads. NaN else. */
export function readTime(text: string, zoneless: (wall: number) => number): number {
  const trimmed = text.trim()
  const bytes = encoder.encode(trimmed)
  const iso = isoTime(bytes, 0, bytes.length, zoneless)
  if (!Number.isNaN(iso)) return iso
  if (/^\d{9,11}(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed)
  const dayFirst = /^(\d{1,2})[./](\d{1,2})[./](\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?$/.exec(
    trimmed,
  )
  if (dayFirst) {
    const [, day, month, year, hour, minute, second = '0', fraction = '0'] = dayFirst
    const wall = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second)
    return zoneless(wall + Number(`0.${fraction}`) * 1000)
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) return zoneless(Date.parse(trimmed))
  return /\d{4}/.test(trimmed) && /(GMT|UTC|[+-]\d{4})/.test(trimmed) ? Date.parse(trimmed) : Number.NaN
}

/**
 * Wall-clock times of a time zone as instants. Where clocks go back the earlier instant is taken; a time that clocks
 * skip is moved on by the hour that was skipped. Throws a RangeError for a zone that does not exist.
 */
export function wallClock(zone: string): (wall: number) => number {
  if (zone === 'UTC') return (wall) => wall
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const quarter = 900_000
  const offsets = new Map<number, number>()
  const offsetAt = (instant: number): number => {
    const slot = Math.floor(instant / quarter)
    const known = offsets.get(slot)
    if (known !== undefined) return known
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(slot * quarter)) part[type] = Number(value)
    const wall = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
    const offset = wall - slot * quarter
    offsets.set(slot, offset)
    return offset
  }
  return (wall) => {
    const earlier = wall - Math.max(offsetAt(wall - 86_400_000), offsetAt(wall + 86_400_000))
    if (earlier + offsetAt(earlier) === wall) return earlier
    const later = wall - Math.min(offsetAt(wall - 86_400_000), offsetAt(wall + 86_400_000))
    return later
  }
}
