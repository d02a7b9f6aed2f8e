import { type Order, orderOf, readDate, readTime } from './moments.ts'
import type { Row, Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/** A stretch of time that can be read off a row, in seconds. */
interface Source {
  cost: number
  words: string
  run(row: Row): number | null
  /** Whether it is a time of day of a column that writes nine o'clock as 09:00. */
  padded?: boolean
}

const two = (n: number) => String(n).padStart(2, '0')
const hours = (s: number) => Math.floor(s / 3600)
const minutes = (s: number) => Math.floor(s / 60) % 60

const short = (n: number) => String(Number(n.toFixed(2)))

/** Ways to write it: cost, name, and the text. */
const layouts: readonly [number, string, (seconds: number) => string | null][] = [
  [0.3, 'h:mm', (s) => `${hours(s)}:${two(minutes(s))}`],
  [0.4, 'hh:mm', (s) => `${two(hours(s))}:${two(minutes(s))}`],
  [0.4, 'h:mm:ss', (s) => `${hours(s)}:${two(minutes(s))}:${two(s % 60)}`],
  [0.4, 'hh:mm:ss', (s) => `${two(hours(s))}:${two(minutes(s))}:${two(s % 60)}`],
  [0.7, 'm:ss', (s) => `${Math.floor(s / 60)}:${two(s % 60)}`],
  [0.8, 'mm:ss', (s) => `${two(Math.floor(s / 60))}:${two(s % 60)}`],
  [0.5, 'h and m', (s) => `${hours(s)}h ${minutes(s)}m`],
  [0.6, 'h and mm', (s) => `${hours(s)}h ${two(minutes(s))}m`],
  [0.7, 'hh and mm', (s) => `${two(hours(s))}h ${two(minutes(s))}m`],
  [0.6, 'h, m and s', (s) => `${hours(s)}h ${minutes(s)}m ${s % 60}s`],
  [0.7, 'hh, mm and ss', (s) => `${two(hours(s))}h ${two(minutes(s))}m ${two(s % 60)}s`],
  [0.6, 'd, h and m', (s) => `${Math.floor(s / 86400)}d ${hours(s) % 24}h ${minutes(s)}m`],
  [0.6, 'm and s', (s) => `${Math.floor(s / 60)}m ${s % 60}s`],
  [0.6, 'm and ss', (s) => `${Math.floor(s / 60)}m ${two(s % 60)}s`],
  [0.6, 'h and min', (s) => `${hours(s)} h ${minutes(s)} min`],
  [0.6, 'whole hours', (s) => String(hours(s))],
  [0.6, 'minutes of the hour', (s) => String(minutes(s))],
  [0.7, 'minutes of the hour in two digits', (s) => two(minutes(s))],
  [0.9, 'seconds of the minute', (s) => String(s % 60)],
  [1, 'seconds of the minute in two digits', (s) => two(s % 60)],
  [0.6, 'minutes', (s) => (s % 60 === 0 ? String(s / 60) : null)],
  [1.2, 'whole minutes', (s) => String(Math.floor(s / 60))],
  [0.9, 'seconds', (s) => String(s)],
  [0.6, 'hours', (s) => short(s / 3600)],
  [0.9, 'hours with two decimals', (s) => (s / 3600).toFixed(2)],
  [1.1, 'hours with one decimal', (s) => (s / 3600).toFixed(1)],
]

/** How long something took: read in any common way or worked out from two columns, and written in another. */
export function durations(sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  const first = sample.rows[0] as Row
  if (!/\d/.test(out) || out.length > 60) return
  const width = Math.min(first.length, 8)
  const sources: Source[] = []
  const orders = Array.from({ length: width }, (_, c) => orderOf(sample.rows.map((row) => row[c] ?? '')))
  const date = (c: number, n: number): ReadDay => dayReader(c, n, orders[c] as Order)
  for (let c = 0; c < width; c++) {
    const text = (first[c] ?? '').trim()
    within(c, date(c, 0), date(c, 1), sample, offer)
    const at = (row: Row) => (row[c] ?? '').trim()
    if (/^\d{1,3}:\d\d?(:\d\d?)?$/.test(text)) {
      sources.push({ cost: 0.2, words: `the time {${c}}`, run: (row) => clockTime(at(row)) })
      if (text.split(':').length === 2)
        sources.push({
          cost: 1,
          words: `the minutes and seconds {${c}}`,
          run: (row) => parted(clockTime(at(row)), 60),
        })
    } else if (/^\d+(\.\d+)?$/.test(text) && /\d\D+\d|[a-z]$/i.test(out)) {
      const number = (row: Row) => (/^\d{1,7}(\.\d+)?$/.test(at(row)) ? Number(at(row)) : null)
      for (const [unit, seconds, cost] of [
        ['minutes', 60, 0.2],
        ['seconds', 1, 0.5],
        ['hours', 3600, 0.5],
        ['days', 86400, 1],
      ] as const) {
        sources.push({
          cost,
          words: `{${c}} ${unit}`,
          run: (row) => {
            const n = number(row)
            return n === null ? null : Math.round(n * seconds)
          },
        })
      }
    } else if (timeRange(text) !== null) {
      sources.push({ cost: 0.2, words: `the length of the time in {${c}}`, run: (row) => timeRange(at(row)) })
    } else if (spoken(text) !== null) {
      sources.push({ cost: 0.2, words: `the time {${c}}`, run: (row) => spoken(at(row)) })
    }
  }
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      if (a === b) continue
      between(a, b, date(a, 0), date(b, 0), sample, sources, offer)
      together(a, b, sample, sources)
    }
  }
  for (const { cost, words, run, padded } of sources) {
    for (const [more, name, write] of layouts) {
      const unlike = padded && name.startsWith('h:') ? 0.6 : 0
      offer(
        atomOf(sample, 1.8 + cost + more + unlike, `${words} as ${name}`, (row) => {
          const seconds = run(row)
          return seconds === null ? null : write(seconds)
        }),
      )
    }
  }
}

/** `8:30` or `100:05:20`. */
function clockTime(text: string): number | null {
  const found = /^(\d{1,3}):(\d\d?)(?::(\d\d?))?$/.exec(text)
  return found ? Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0) : null
}

const parted = (seconds: number | null, by: number) =>
  seconds === null || seconds % by !== 0 ? null : seconds / by

/** From one time of day to another: work that ends before it began went past midnight. */
const spent = (start: number, end: number) => (end - start + 86400) % 86400

/** `9:00 AM - 10:30 AM`, `22:00-06:00`, `08:30 to 17:00`: from the one to the other, past midnight where it ends before. */
function timeRange(text: string): number | null {
  const [from, to, ...more] = text.split(/\s*[-–—→]\s*|\s+(?:to|until|till|bis|à|a)\s+/u)
  if (!from || !to || more.length > 0 || text.length > longestRange) return null
  const [start, end] = [readTime(from, 0), readTime(to, 0)]
  if (start === null || end === null || readTime(from, 1) !== null || readTime(to, 1) !== null) return null
  return spent(start, end)
}
const longestRange = 40

/** `1h 30m`, `45 min`, `2 hours 5 minutes`, `90s`, and as in ISO 8601 `PT4M13S`. */
function spoken(written: string): number | null {
  const text = /^P(?=[\dT])/.test(written) ? written.slice(1).replace('T', ' ') : written
  const pattern =
    /(\d+(?:\.\d+)?)\s*(d(?:ays?)?|h(?:(?:ou)?rs?|)|std\.?|stunden?|m(?:in(?:ute)?[sn]?\.?|)|s(?:ec(?:ond)?s?\.?|ek\.?|)|tage?)(?!\p{L})/giu
  let total = 0
  let some = false
  const rest = text.replace(pattern, (_, n: string, unit: string) => {
    const sort = unit.toLowerCase()
    const size = /^(d|tag)/.test(sort) ? 86400 : /^(h|st)/.test(sort) ? 3600 : sort.startsWith('m') ? 60 : 1
    total += Number(n) * size
    some = true
    return ''
  })
  return some && !/[^\s,.:]|and/.test(rest) ? Math.round(total) : null
}

/** Two stretches of time as one, and the time of day some minutes or hours later. */
function together(a: number, b: number, { rows }: Sample, sources: Source[]): void {
  const first = rows[0] as Row
  const at = (row: Row, c: number) => (row[c] ?? '').trim()
  if (clockTime(at(first, a)) === null) return
  if (a < b && clockTime(at(first, b)) !== null) {
    const both = (row: Row) => {
      const [x, y] = [clockTime(at(row, a)), clockTime(at(row, b))]
      return x === null || y === null ? null : x + y
    }
    sources.push({ cost: 0.6, words: `{${a}} and {${b}} together`, run: both })
    if (at(first, a).split(':').length === 2)
      sources.push({
        cost: 1,
        words: `the minutes and seconds {${a}} and {${b}} together`,
        run: (row) => parted(both(row), 60),
      })
  }
  const padded = rows.some((row) => /^0\d:/.test(at(row, a)))
  for (const [unit, seconds, cost] of [
    ['minutes', 60, 0.6],
    ['hours', 3600, 1],
  ] as const) {
    const later = (row: Row) => {
      const [start, span] = [clockTime(at(row, a)), at(row, b)]
      const more = /^\d{1,4}(?:\.\d+)?$/.test(span) ? Math.round(Number(span) * seconds) : spoken(span)
      return start === null || more === null || start >= 86400 ? null : (start + more) % 86400
    }
    if (later(first) !== null)
      sources.push({ cost, words: `the time {${a}} and {${b}} ${unit} later`, run: later, padded })
  }
}

interface Day {
  year: number
  month: number
  day: number
  seconds: number | null
  /** Its midnight, seconds since the epoch. */
  at: number
}

type ReadDay = (row: Row) => Day | null

/** The n-th date of a column, with the time of day behind it. */
function dayReader(c: number, n: number, order: Order): ReadDay {
  return (row) => {
    const date = readDate(row[c] ?? '', order, n)
    if (!date || date.year === null || date.month === null || date.day === null) return null
    const { year, month, day, seconds } = date
    return { year, month, day, seconds, at: Date.UTC(year, month - 1, day) / 1000 }
  }
}

/** From one column's time or date to another's. */
function between(
  a: number,
  b: number,
  from: ReadDay,
  to: ReadDay,
  sample: Sample,
  sources: Source[],
  offer: Offer,
): void {
  const first = sample.rows[0] as Row
  if (!/\d/.test(first[a] ?? '') || !/\d/.test(first[b] ?? '')) return
  const [start, end] = [from(first), to(first)]
  const dear = a < b ? 0 : 1
  if (!start || !end) {
    if (start || end || readTime(first[a] ?? '', 0) === null || readTime(first[b] ?? '', 0) === null) return
    const run = (row: Row) => {
      const [start, end] = [readTime(row[a] ?? '', 0), readTime(row[b] ?? '', 0)]
      return start === null || end === null ? null : spent(start, end)
    }
    sources.push({ cost: 0.4 + 0.8 * dear, words: `from {${a}} to {${b}}`, run })
    return
  }
  if (start.seconds !== null && end.seconds !== null) {
    const run = (row: Row) => {
      const [start, end] = [from(row), to(row)]
      if (!start || !end) return null
      const seconds = end.at + (end.seconds ?? 0) - start.at - (start.seconds ?? 0)
      return seconds < 0 ? null : seconds
    }
    sources.push({ cost: 0.4 + 0.8 * dear, words: `from {${a}} to {${b}}`, run })
  }
  const [A, B] = [`{${a}}`, `{${b}}`]
  wholeDays(0.6 * dear, A, B, from, to, true, sample, offer)
}

/** From the first to the second date of one cell: `2025-03-03 to 2025-03-08`. */
function within(c: number, from: ReadDay, to: ReadDay, sample: Sample, offer: Offer): void {
  if (!to(sample.rows[0] as Row)) return
  wholeDays(0.2, `the first date in {${c}}`, 'the second', from, to, false, sample, offer)
}

/** How many days, weeks, months, years lie between two dates. */
function wholeDays(
  dear: number,
  A: string,
  B: string,
  from: ReadDay,
  to: ReadDay,
  /** Whether A and B are columns that a formula can name. */
  named: boolean,
  sample: Sample,
  offer: Offer,
): void {
  const whole = (cost: number, words: string, count: (x: Day, y: Day) => number, formula: string) => {
    const run = (row: Row) => {
      const [start, end] = [from(row), to(row)]
      return start && end ? String(count(start, end)) : null
    }
    offer(atomOf(sample, cost + dear, words, run, named ? formula : null))
  }
  const days = (x: Day, y: Day) => (y.at - x.at) / 86400
  const months = (x: Day, y: Day) => 12 * (y.year - x.year) + y.month - x.month - (y.day < x.day ? 1 : 0)
  whole(1.6, `the days from ${A} to ${B}`, days, `(${B}-${A})`)
  whole(2.4, `the days from ${A} to ${B}, both counted`, (x, y) => days(x, y) + 1, `(${B}-${A}+1)`)
  whole(2, `the months from ${A} to ${B}`, months, `DATEDIF(${A},${B},"m")`)
  whole(1.8, `the years from ${A} to ${B}`, (x, y) => Math.floor(months(x, y) / 12), `DATEDIF(${A},${B},"y")`)
  whole(2.6, `the whole weeks from ${A} to ${B}`, (x, y) => Math.floor(days(x, y) / 7), `INT((${B}-${A})/7)`)
  whole(
    2.6,
    `the working days from ${A} to ${B}`,
    (x, y) => workingDays(x.at, y.at),
    `NETWORKDAYS(${A},${B})`,
  )
}

/** Mondays to Fridays from one day to another (seconds), both counted. */
function workingDays(from: number, to: number): number {
  if (to < from || to - from > 86400 * 20000) return -1
  let count = 0
  for (let at = from; at <= to; at += 86400) {
    const day = new Date(at * 1000).getUTCDay()
    if (day > 0 && day < 6) count++
  }
  return count
}
