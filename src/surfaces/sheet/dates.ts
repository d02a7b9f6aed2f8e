/** Reads the dates of a whole column, since one cell alone does not tell whether 03/04/2024 is in March or April. */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const clock = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?`
const yearFirst = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${clock}$`, 'i')
const yearLast = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})${clock}$`, 'i')
const dayNameMonth = new RegExp(
  `^(?:[a-z]{3,9},?\\s+)?(\\d{1,2})[\\s.-]+([a-z]{3,9})\\.?[\\s,-]+(\\d{4})${clock}$`,
  'i',
)
const monthNameDay = new RegExp(
  `^(?:[a-z]{3,9},?\\s+)?([a-z]{3,9})\\.?\\s+(\\d{1,2}),?\\s+(\\d{4})${clock}$`,
  'i',
)

export type DayOrder = 'day first' | 'month first'

/**
 * Which of the two leads in `03/04/2024`: told by a cell where one of them is above 12; else by the separator, as
 * points and dashes are written day first. Null where cells contradict each other.
 */
export function dayOrder(cells: Iterable<unknown>): DayOrder | null {
  let dayFirst = 0
  let monthFirst = 0
  let slashes = 0
  for (const cell of cells) {
    const match = typeof cell === 'string' ? yearLast.exec(cell.trim()) : null
    if (!match) continue
    if (match[2] === '/') slashes++
    if (Number(match[1]) > 12) dayFirst++
    if (Number(match[3]) > 12) monthFirst++
  }
  if (dayFirst > 0 && monthFirst > 0) return null
  if (dayFirst > 0) return 'day first'
  return monthFirst > 0 || slashes > 0 ? 'month first' : 'day first'
}

/** Milliseconds since the epoch, local times read as UTC; null when the text is no date. */
export function parseDate(text: string, order: DayOrder): number | null {
  const trimmed = text.trim()
  let match = yearFirst.exec(trimmed)
  if (match) return instant(Number(match[1]), Number(match[3]), Number(match[4]), match.slice(5))
  match = yearLast.exec(trimmed)
  if (match) {
    const [first, second] = [Number(match[1]), Number(match[3])]
    const [day, month] = order === 'day first' ? [first, second] : [second, first]
    const year = Number(match[4])
    // POSIX strptime's %y: 69..99 are of the last century.
    return instant(
      match[4]!.length === 4 ? year : year + (year < 69 ? 2000 : 1900),
      month,
      day,
      match.slice(5),
    )
  }
  match = dayNameMonth.exec(trimmed)
  if (match) return instant(Number(match[3]), monthNamed(match[2]!), Number(match[1]), match.slice(4))
  match = monthNameDay.exec(trimmed)
  if (match) return instant(Number(match[3]), monthNamed(match[1]!), Number(match[2]), match.slice(4))
  return null
}

function monthNamed(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase()) + 1
}

function instant(year: number, month: number, day: number, time: (string | undefined)[]): number | null {
  const [hourText, minute = '0', second = '0', fraction = '0', half, zone] = time
  let hour = Number(hourText ?? 0)
  if (half) hour = (hour % 12) + (half[0]!.toLowerCase() === 'p' ? 12 : 0)
  const date = Date.UTC(year, month - 1, day, hour, Number(minute), Number(second))
  const check = new Date(Date.UTC(year, month - 1, day))
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) return null
  if (hour > 24 || Number(minute) > 59 || Number(second) > 60) return null
  return date + Math.round(Number(`0.${fraction}`) * 1000) - zoneMs(zone)
}

function zoneMs(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '')
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000
}

/** A number as a time, where a person said that the column is one: seconds or milliseconds since the epoch. */
export function parseEpoch(value: number): number {
  return Math.abs(value) >= 1e8 && Math.abs(value) < 1e11 ? value * 1000 : value
}
