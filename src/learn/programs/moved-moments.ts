import { type Order, orderOf } from './moments.ts'
import type { Row, Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/** A date in figures and the time behind it, with 24 hours a day. */
const written =
  /(?<![\d.:/-])(\d{4}|\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(T|\s+)(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d|:|\s*[ap]\.?m)/iu

interface Instant {
  minutes: number
  /** The same layout with another instant in it; `padded`: single figures have a zero before them. */
  write(minutes: number, padded: boolean): string
  /** Whether it tells that single figures have a zero, or none, before them; null where all are of two. */
  padded: boolean | null
}

function readInstant(text: string, order: Order): Instant | null {
  const found = written.exec(text)
  if (!found) return null
  const [, first, mark, second, third, gap, hour, minute, seconds] = found as unknown as string[]
  const yearFirst = (first as string).length === 4
  if (yearFirst === ((third as string).length === 4)) return null
  const dayFirst = order.startsWith('day')
  const [year, month, day] = yearFirst
    ? [first, second, third]
    : dayFirst
      ? [third, second, first]
      : [third, first, second]
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
  // What does not exist (31 April, 24:70, the year 12) would become another instant.
  const there = new Date(date)
  const parts = [there.getUTCFullYear(), there.getUTCMonth() + 1, there.getUTCDate(), there.getUTCHours()]
  if (parts.some((part, i) => part !== Number([year, month, day, hour][i])) || Number(minute) > 59)
    return null
  const short = [month, day, hour].filter((each) => Number(each) < 10)
  return {
    minutes: date / 60_000,
    padded: short.length === 0 ? null : short.every((each) => each?.length === 2),
    write: (minutes, padded) => {
      const moved = new Date(minutes * 60_000)
      const figures = (n: number) => (padded ? String(n).padStart(2, '0') : String(n))
      const y = String(moved.getUTCFullYear()).padStart(4, '0')
      const m = figures(moved.getUTCMonth() + 1)
      const d = figures(moved.getUTCDate())
      const parts = yearFirst ? [y, m, d] : dayFirst ? [d, m, y] : [m, d, y]
      const time = `${figures(moved.getUTCHours())}:${String(moved.getUTCMinutes()).padStart(2, '0')}`
      return `${parts.join(mark)}${gap}${time}${seconds === undefined ? '' : `:${seconds}`}`
    },
  }
}

const most = 14 * 60

/** Date and time together some quarters of an hour later or earlier, across midnight too: another time zone. */
export function movedMoments(column: number, sample: Sample, offer: Offer): void {
  const at = (row: Row) => row[column] ?? ''
  if (!written.test(at(sample.rows[0] as Row))) return
  const order = orderOf(sample.rows.map(at))
  const given = readInstant(at(sample.rows[0] as Row), order)
  const wanted = readInstant(sample.outs[0] as string, order)
  if (!given || !wanted) return
  const by = wanted.minutes - given.minutes
  if (by === 0 || by % 15 !== 0 || Math.abs(by) > most) return
  const padded = sample.rows.every((row) => readInstant(at(row), order)?.padded !== false)
  const hours = Math.abs(by) / 60
  offer(
    atomOf(
      sample,
      2.4,
      `the date and time in {${column}}, ${hours} ${hours === 1 ? 'hour' : 'hours'} ${by > 0 ? 'later' : 'earlier'}`,
      (row) => {
        const instant = readInstant(at(row), order)
        return instant?.write(instant.minutes + by, padded) ?? null
      },
    ),
  )
}
