import { costs } from './costs.ts'
import {
  addMonths,
  dayNames,
  languages,
  type Moment,
  monthNames,
  type Order,
  orderOf,
  readDate,
  readTime,
} from './moments.ts'
import { remembered } from './remembered.ts'
import type { Row, Sample } from './types.ts'
import type { Offer } from './whole.ts'

type Written = (moment: Moment) => string | null

/** Whether what is written for each example is part of its output. */
type Has = (write: (example: number) => string | null) => boolean

const two = (n: number) => String(n).padStart(2, '0')
const weekday = (m: Moment): number | null =>
  m.year === null || m.month === null || m.day === null
    ? null
    : new Date(Date.UTC(m.year, m.month - 1, m.day)).getUTCDay()
const suffix = (n: number) =>
  n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')

/** One field of a date, its cost and its pattern in a spreadsheet's TEXT. */
const dateFields: readonly [string, number, Written][] = [
  ['yyyy', 0.2, (m) => (m.year === null ? null : String(m.year).padStart(4, '0'))],
  ['yy', 0.5, (m) => (m.year === null ? null : two(m.year % 100))],
  ['m', 0.5, (m) => (m.month === null ? null : String(m.month))],
  ['mm', 0.3, (m) => (m.month === null ? null : two(m.month))],
  ['mmm', 0.2, (m) => (m.month === null ? null : (monthNames[m.month - 1] as string).slice(0, 3))],
  ['mmmm', 0.2, (m) => (m.month === null ? null : (monthNames[m.month - 1] as string))],
  ['d', 0.5, (m) => (m.day === null ? null : String(m.day))],
  ['dd', 0.3, (m) => (m.day === null ? null : two(m.day))],
  ['do', 0.5, (m) => (m.day === null ? null : `${m.day}${suffix(m.day)}`)],
  ['ddd', 0.2, (m) => dayNames[weekday(m) ?? 9]?.slice(0, 3) ?? null],
  ['dddd', 0.2, (m) => dayNames[weekday(m) ?? 9] ?? null],
  ['quarter', 0.9, (m) => (m.month === null ? null : String(Math.ceil(m.month / 3)))],
  ['half-year', 1, (m) => (m.month === null ? null : m.month <= 6 ? '1' : '2')],
  ['ISO week', 1.2, (m) => (weekOf(m) === null ? null : String(weekOf(m)?.week))],
  ['ISO week in two digits', 1.2, (m) => (weekOf(m) === null ? null : two(weekOf(m)?.week as number))],
  ['year of the ISO week', 1.4, (m) => (weekOf(m) === null ? null : String(weekOf(m)?.year))],
  [
    'number of the weekday',
    1.4,
    (m) => (weekday(m) === null ? null : String((((weekday(m) as number) + 6) % 7) + 1)),
  ],
  [
    'day of the year',
    1.4,
    (m) =>
      serialOf(m) === null
        ? null
        : String((serialOf(m) as number) - (serialOf({ ...m, month: 1, day: 1 }) as number) + 1),
  ],
  ["spreadsheet's number", 1.4, (m) => (serialOf(m) === null ? null : String(serialOf(m)))],
  ['decade', 1.2, (m) => (m.year === null ? null : `${Math.floor(m.year / 10)}0s`)],
  [
    'last day of the month',
    1.4,
    (m) =>
      m.month === null || m.year === null
        ? null
        : String(new Date(Date.UTC(m.year, m.month, 0)).getUTCDate()),
  ],
]

/** Days since 30 December 1899, as spreadsheets count; null without a whole date. */
function serialOf({ year, month, day }: Moment): number | null {
  return year === null || month === null || day === null
    ? null
    : Date.UTC(year, month - 1, day) / 864e5 + 25569
}

/** The week that holds the date's Thursday (ISO 8601). */
function weekOf(moment: Moment): { year: number; week: number } | null {
  const serial = serialOf(moment)
  if (serial === null) return null
  const thursday = new Date((serial - 25569 + 3 - (((weekday(moment) as number) + 6) % 7)) * 864e5)
  const year = thursday.getUTCFullYear()
  return { year, week: 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 864e5)) }
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Between day and month, and between month and year. */
const spokenLayouts = [
  [' ', ' ', 'd'],
  ['. ', ' ', 'd'],
  [' de ', ' de ', 'd'],
  [' ', ' ', 'dd'],
  ['. ', ' ', 'dd'],
  [' de ', ' de ', 'dd'],
] as const

/** Names of months and weekdays in other languages, as far as they occur in the output. */
function foreignFields(out: string): [string, number, Written][] {
  const small = out.toLowerCase()
  const fields: [string, number, Written][] = []
  for (const { months, days } of languages) {
    for (const [name, names, at] of [
      ['month', months, (m: Moment) => (m.month === null ? null : m.month - 1)],
      ['weekday', days, weekday],
    ] as const) {
      if (!names.some((each) => small.includes(each.slice(0, 2)))) continue
      for (const length of [99, 3, 2]) {
        if (length === 2 && name === 'month') continue
        for (const change of [capitalised, (text: string) => text]) {
          fields.push([
            `${name} (${(change(names[0] as string)).slice(0, length)} …)`,
            0.4,
            (m) => {
              const index = at(m)
              return index === null ? null : change(names[index] as string).slice(0, length)
            },
          ])
        }
      }
    }
  }
  return fields
}

const hour12 = (s: number) => String(Math.floor(s / 3600) % 12 || 12)
const half = (s: number) => (Math.floor(s / 3600) % 24 >= 12 ? 'PM' : 'AM')
const minutes = (s: number) => two(Math.floor(s / 60) % 60)
const hours = (s: number) => Math.floor(s / 3600) % 24

/** Ways to write a time of day; the first field of each is its cost. */
const timeFields: readonly [string, number, (seconds: number) => string][] = [
  ['hh', 0.3, (s) => two(hours(s))],
  ['h', 0.5, (s) => String(hours(s))],
  ['h (of 12)', 0.6, hour12],
  ['hh (of 12)', 0.6, (s) => two(Number(hour12(s)))],
  ['minutes', 0.4, minutes],
  ['minutes, no zero', 0.9, (s) => String(Math.floor(s / 60) % 60)],
  ['seconds', 0.4, (s) => two(s % 60)],
  ['seconds, no zero', 0.9, (s) => String(s % 60)],
  ['AM/PM', 0.2, half],
  ['am/pm', 0.3, (s) => half(s).toLowerCase()],
]

const timeLayouts: readonly [string, number, (seconds: number) => string][] = [
  ['hh:mm', 0.3, (s) => `${two(hours(s))}:${minutes(s)}`],
  ['h:mm', 0.4, (s) => `${hours(s)}:${minutes(s)}`],
  ['h:mm AM/PM', 0.3, (s) => `${hour12(s)}:${minutes(s)} ${half(s)}`],
  ['h:mmAM/PM', 0.3, (s) => `${hour12(s)}:${minutes(s)}${half(s)}`],
  ['hh:mm AM/PM', 0.4, (s) => `${two(Number(hour12(s)))}:${minutes(s)} ${half(s)}`],
  ['hh:mmAM/PM', 0.4, (s) => `${two(Number(hour12(s)))}:${minutes(s)}${half(s)}`],
  ['h:mm am/pm', 0.4, (s) => `${hour12(s)}:${minutes(s)} ${half(s).toLowerCase()}`],
  ['h:mmam/pm', 0.4, (s) => `${hour12(s)}:${minutes(s)}${half(s).toLowerCase()}`],
  ['h AM/PM', 0.4, (s) => `${hour12(s)} ${half(s)}`],
  ['hAM/PM', 0.4, (s) => `${hour12(s)}${half(s)}`],
  ['ham/pm', 0.5, (s) => `${hour12(s)}${half(s).toLowerCase()}`],
  ['h am/pm', 0.5, (s) => `${hour12(s)} ${half(s).toLowerCase()}`],
  ['hh:mm:ss', 0.3, (s) => `${two(hours(s))}:${minutes(s)}:${two(s % 60)}`],
  ['h:mm:ss', 0.4, (s) => `${hours(s)}:${minutes(s)}:${two(s % 60)}`],
  ['h:mm:ss AM/PM', 0.4, (s) => `${hour12(s)}:${minutes(s)}:${two(s % 60)} ${half(s)}`],
  ['hh', 0.9, (s) => two(hours(s))],
  ['h', 0.7, (s) => String(hours(s))],
]

/** Layouts with one mark between their parts. */
const templates: readonly string[][] = [
  ['yyyy', 'mm', 'dd'],
  ['yyyy', 'm', 'd'],
  ['mm', 'dd', 'yyyy'],
  ['m', 'd', 'yyyy'],
  ['mm', 'dd', 'yy'],
  ['m', 'd', 'yy'],
  ['dd', 'mm', 'yyyy'],
  ['d', 'm', 'yyyy'],
  ['dd', 'mm', 'yy'],
  ['d', 'm', 'yy'],
  ['d', 'mm', 'yyyy'],
  ['d', 'mm', 'yy'],
  ['m', 'dd', 'yyyy'],
  ['m', 'dd', 'yy'],
  ['mm', 'dd'],
  ['m', 'd'],
  ['dd', 'mm'],
  ['d', 'm'],
  ['mm', 'yyyy'],
  ['yyyy', 'mm'],
  ['dd', 'mmm', 'yyyy'],
  ['d', 'mmm', 'yyyy'],
  ['d', 'mmmm', 'yyyy'],
  ['dd', 'mmmm', 'yyyy'],
  ['dd', 'mmm', 'yy'],
  ['d', 'mmm', 'yy'],
  ['mmm', 'yyyy'],
  ['mmmm', 'yyyy'],
  ['mmm', 'yy'],
  ['d', 'mmm'],
  ['d', 'mmmm'],
  ['dd', 'mmmm'],
  ['mmm', 'd'],
  ['mmmm', 'd'],
]

/** What a layout costs beyond a usual one where the day alone has a zero before it, or the month: `5/03/2026`. */
const uneven = (parts: readonly string[]) =>
  (parts.includes('d') && parts.includes('mm')) || (parts.includes('m') && parts.includes('dd')) ? 0.7 : 0

/** Whole layouts with other marks between their parts. */
const mixedLayouts: readonly (readonly string[])[] = [
  ['mmmm', ' ', 'd', ', ', 'yyyy'],
  ['mmm', ' ', 'd', ', ', 'yyyy'],
  ['mmm', ' ', 'dd', ', ', 'yyyy'],
  ['mmmm', ' ', 'dd', ', ', 'yyyy'],
  ['mmmm', ' ', 'do', ', ', 'yyyy'],
  ['do', ' ', 'mmmm', ' ', 'yyyy'],
  ['do', ' of ', 'mmmm', ', ', 'yyyy'],
  ['d', '. ', 'mmmm', ' ', 'yyyy'],
  ['d', ' ', 'mmmm', ', ', 'yyyy'],
  ['dddd', ', ', 'mmmm', ' ', 'd', ', ', 'yyyy'],
  ['ddd', ', ', 'mmm', ' ', 'd', ', ', 'yyyy'],
  ['dddd', ', ', 'd', ' ', 'mmmm', ' ', 'yyyy'],
  ['ddd', ', ', 'd', ' ', 'mmm', ' ', 'yyyy'],
  ['ddd', ', ', 'dd', ' ', 'mmm', ' ', 'yyyy'],
  ['dddd', ', ', 'mmmm', ' ', 'd'],
  ['ddd', ', ', 'mmm', ' ', 'd'],
  ['mmm', " '", 'yy'],
  ['mmm', '-', 'yy'],
]

type Nearby = readonly [words: string, cost: number, move: (moment: Moment) => Moment | null]
/** Dates that people work out from a date. */
const datesNearby: readonly Nearby[] = [
  ['the first day of the month of', 0.5, (m) => ({ ...m, day: 1 })],
  [
    'the last day of the month of',
    0.8,
    (m) => shiftedTo({ ...m, day: m.day ?? 1 }, (date) => date.setUTCMonth(date.getUTCMonth() + 1, 0)),
  ],
  [
    'the first day of the month after',
    1.5,
    (m) => shiftedTo(m, (date) => date.setUTCMonth(date.getUTCMonth() + 1, 1)),
  ],
  ['the last day of the month before', 1.7, (m) => shiftedTo(m, (date) => date.setUTCDate(0))],
  ['the last day of the year of', 1.8, (m) => ({ ...m, month: 12, day: 31 })],
  ['the first day of the year of', 1.6, (m) => ({ ...m, month: 1, day: 1 })],
  [
    'the Monday of the week of',
    1.6,
    (m) => shiftedTo(m, (date) => date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))),
  ],
  [
    'the first day of the quarter of',
    1.8,
    (m) => shiftedTo(m, (date) => date.setUTCMonth(3 * Math.floor(date.getUTCMonth() / 3), 1)),
  ],
]

/** Spans that people add to a date; any other is believed only where two examples agree on it. */
const usualDays = new Set([1, 2, 3, 5, 7, 10, 14, 15, 20, 21, 28, 30, 45, 60, 90, 100, 120, 180])
const usualMonths = new Set([1, 2, 3, 6, 9, 12, 18, 24, 36, 60])

/** The moves that lead from the first example's date to the date in its output: so many days or months, the next Monday. */
function movesBetween(given: Moment, wanted: Moment | null, examples: number): Nearby[] {
  if (given.day === null || wanted === null || wanted.day === null) return []
  const [from, to] = [dayNumber(given), dayNumber(wanted)]
  if (from === null || to === null || from === to) return []
  const moves: Nearby[] = []
  const named = (n: number, unit: string) =>
    `${Math.abs(n)} ${unit}${Math.abs(n) === 1 ? '' : 's'} ${n > 0 ? 'after' : 'before'}`
  const cost = (n: number, usual: ReadonlySet<number>) =>
    usual.has(Math.abs(n)) ? 1.8 : examples > 1 ? 2.4 : 3.4
  const days = to - from
  if (Math.abs(days) <= 400)
    moves.push([
      named(days, 'day'),
      cost(days, usualDays),
      (m) => shiftedTo(m, (date) => date.setUTCDate(date.getUTCDate() + days)),
    ])
  const months =
    12 * ((wanted.year as number) - (given.year as number)) +
    (wanted.month as number) -
    (given.month as number)
  const later = (m: Moment) => shiftedTo(m, (date) => addMonths(date, months))
  if (months !== 0 && later(given)?.day === wanted.day) {
    const whole = months % 12 === 0
    const dear = whole && Math.abs(months) <= 120 ? 1.8 : cost(months, usualMonths)
    moves.push([whole ? named(months / 12, 'year') : named(months, 'month'), dear, later])
  }
  if (days > 0 && days <= 7) {
    const weekday = (to + 4) % 7
    const next = (m: Moment) =>
      shiftedTo(m, (date) =>
        date.setUTCDate(date.getUTCDate() + (((weekday - date.getUTCDay() + 6) % 7) + 1)),
      )
    moves.push([`the next ${dayNames[weekday]} after`, 2.2, next])
  }
  if (days > 0 && days <= 3) moves.push(['the next working day after', 2.4, nextWorkingDay])
  return moves
}

/** Days since 1 January 1970, a Thursday. */
const dayNumber = ({ year, month, day }: Moment): number | null =>
  year === null || month === null || day === null ? null : Date.UTC(year, month - 1, day) / 864e5

const nextWorkingDay = (m: Moment) =>
  shiftedTo(m, (date) => {
    const weekday = date.getUTCDay()
    date.setUTCDate(date.getUTCDate() + (weekday === 5 ? 3 : weekday === 6 ? 2 : 1))
  })

function shiftedTo(moment: Moment, change: (date: Date) => void): Moment | null {
  const { year, month, day } = moment
  if (year === null || month === null || day === null) return null
  const date = new Date(Date.UTC(year, month - 1, day))
  change(date)
  return { ...moment, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

const field = new Map(dateFields.map(([name, , write]) => [name, write]))

/** The fields of a date with the same text between them. */
const joined =
  (parts: readonly string[], separator: string): Written =>
  (m) => {
    const pieces = parts.map((part) => (field.get(part) as Written)(m))
    return pieces.includes(null) ? null : pieces.join(separator)
  }

/** Fields of a date and, at every second place, what stands between them. */
const laidOut =
  (layout: readonly string[]): Written =>
  (m) => {
    let text = ''
    for (const [at, part] of layout.entries()) {
      const piece = at % 2 ? part : (field.get(part) as Written)(m)
      if (piece === null) return null
      text += piece
    }
    return text
  }

/** Dates and times of a column, read in any common layout and written in any other, whole layouts as single atoms. */
export function dates(column: number, sample: Sample, offer: Offer): void {
  const texts = sample.rows.map((row) => row[column] ?? '')
  const examples = sample.outs.length
  const out = sample.outs[0] as string
  const seen = texts.slice(0, examples)
  const has: Has = (write) => {
    for (let k = 0; k < examples; k++) {
      const value = write(k)
      if (!value || !(sample.outs[k] as string).includes(value)) return false
    }
    return true
  }
  const cell = `{${column}}`
  // Only these does a spreadsheet take for dates wherever it is opened; the others it would read by its locale.
  const known = texts.every((text) => /^(\d{4}-\d\d-\d\d)?$/.test(text))
  const readers: Reader[] = []
  if (seen.every((text) => /\d/.test(text) || /\p{L}{3}/u.test(text))) {
    const order = orderOf(texts)
    const other: Order = order === 'day first' ? 'month first only' : 'day first only'
    const reader = (way: Order, n: number) => (row: Row) => readDate(row[column] ?? '', way, n)
    readers.push({ dear: 0, words: cell, run: reader(order, 0) })
    readers.push({ dear: 0.8, words: cell, run: reader(order, 1) })
    const turned = reader(other, 0)
    const usual = reader(order, 0)
    if (sample.rows.some((row) => !same(turned(row), usual(row))))
      readers.push({ dear: 1.2, words: cell, run: turned })
    readers.push(...someTimeAfter(column, sample, order))
  }
  if (seen.every((text) => /^\s*[2-6]\d{4}(\.\d+)?\s*$/.test(text)))
    readers.push({ dear: 0.6, words: cell, run: (row) => fromSerial(row[column] ?? '') })
  if (seen.every((text) => epoch.test(text.trim())))
    readers.push({ dear: 0.6, words: cell, run: (row) => fromEpoch((row[column] ?? '').trim()) })
  if (column === 0) readers.push(...fromParts(sample))
  const wanted = /\d/.test(out) ? readDate(out, orderOf([...sample.outs, ...texts]), 0) : null
  for (const { dear, words: read, run: reading, moved } of readers) {
    const run = remembered(reading)
    const moments = sample.rows.map(run)
    if (moments.slice(0, examples).some((moment) => moment === null)) continue
    const textFormula = (name: string) => (known && read === cell ? `TEXT(${cell},"${name}")` : null)
    const give = (cost: number, words: string, write: Written, formula: string | null) => {
      if (!has((k) => write(moments[k] as Moment))) return
      const values = moments.map((moment) => (moment === null ? null : write(moment)))
      offer({
        cost: costs.date + dear + cost,
        values,
        run: (row) => {
          const moment = run(row)
          return moment === null ? null : write(moment)
        },
        words,
        formula,
      })
    }
    for (const [name, cost, write] of foreignFields(out)) {
      give(0.9 + cost, `the ${name} of ${read}`, write, null)
      if (!name.startsWith('month')) continue
      for (const [before, between, day] of spokenLayouts) {
        const whole: Written = (m) => {
          const month = write(m)
          return month === null || m.year === null || m.day === null
            ? null
            : `${day === 'dd' ? two(m.day) : m.day}${before}${month}${between}${m.year}`
        }
        give(1.7, `the date in ${read} as ${day}${before}${name}${between}yyyy`, whole, null)
      }
    }
    for (const [name, cost, write] of dateFields) {
      const pattern = /^[dmy]+$/.test(name) ? textFormula(name) : null
      give(0.9 + cost, `the date in ${read} as ${name}`, write, pattern)
      if (/^(mmm|ddd)/.test(name)) {
        give(
          1.6 + cost,
          `the date in ${read} as ${name}, in capitals`,
          (m) => write(m)?.toUpperCase() ?? null,
          null,
        )
        give(
          1.9 + cost,
          `the date in ${read} as ${name}, in small letters`,
          (m) => write(m)?.toLowerCase() ?? null,
          null,
        )
      }
    }
    for (const shift of [1, 2, 3, 7, -1, 30]) {
      give(
        3.5,
        `the year in ${read} and ${shift}`,
        (m) => (m.year === null ? null : String(m.year + shift)),
        null,
      )
    }
    const separators = new Set(['', '-', '/', '.', ' ', ...(out.match(/[^\p{L}\p{N}]{1,3}/gu) ?? [])])
    for (const parts of templates) {
      for (const separator of separators) {
        const name = parts.join(separator)
        give(
          1.5 + uneven(parts) + (parts.length === 2 ? 0.1 : 0),
          `the date in ${read} as ${name}`,
          joined(parts, separator),
          textFormula(name),
        )
      }
    }
    for (const layout of mixedLayouts) {
      const name = layout.join('')
      give(
        1.7,
        `the date in ${read} as ${name}`,
        laidOut(layout),
        name.includes('do') ? null : textFormula(name),
      )
    }
    const nearby = moved ? [] : [...datesNearby, ...movesBetween(moments[0] as Moment, wanted, examples)]
    for (const [name, cost, move] of nearby) {
      // On the first of a month nobody can tell that the first was meant.
      const idle = moments.slice(0, examples).every((m) => same(m, move(m as Moment))) ? 2 : 0
      const after =
        (write: Written): Written =>
        (m) => {
          const to = move(m)
          return to && write(to)
        }
      for (const parts of templates) {
        if (parts.length < 3) continue
        for (const separator of separators) {
          const words = `${name} the date in ${read} as ${parts.join(separator)}`
          give(1.5 + cost + idle + uneven(parts), words, after(joined(parts, separator)), null)
        }
      }
      for (const layout of mixedLayouts)
        give(
          1.7 + cost + idle,
          `${name} the date in ${read} as ${layout.join('')}`,
          after(laidOut(layout)),
          null,
        )
    }
    if (moments[0]?.month !== null) {
      give(
        1.9,
        `the quarter of ${read}`,
        (m) => (m.month === null ? null : `Q${Math.ceil(m.month / 3)}`),
        null,
      )
      give(
        2.1,
        `the half-year of ${read}`,
        (m) => (m.month === null ? null : m.month <= 6 ? 'H1' : 'H2'),
        null,
      )
      give(
        2,
        `the quarter and year of ${read}`,
        (m) => (m.month === null || m.year === null ? null : `Q${Math.ceil(m.month / 3)} ${m.year}`),
        null,
      )
    }
    for (let start = 2; start <= 12 && moments[0]?.year !== null; start++) {
      const fiscal = (m: Moment) =>
        m.year === null || m.month === null ? null : m.year + (m.month >= start ? 1 : 0)
      // Which months belong to the next year, some example has to show.
      const shown = moments.slice(0, sample.outs.length)
      if (shown.every((m) => m && fiscal(m) === m.year)) continue
      give(
        start === 4 || start === 7 || start === 10 ? 2.6 : 3.4,
        `the fiscal year of ${read}, starting in ${monthNames[start - 1]}`,
        (m) => String(fiscal(m) ?? '') || null,
        null,
      )
      give(
        start === 4 || start === 7 || start === 10 ? 2.6 : 3.4,
        `the last two digits of the fiscal year of ${read}, starting in ${monthNames[start - 1]}`,
        (m) => fiscal(m)?.toString().slice(-2) ?? null,
        null,
      )
    }
  }
  times(column, sample, offer, has)
}

/** A way to read a date off a row. */
interface Reader {
  dear: number
  words: string
  run(row: Row): Moment | null
  /** Whether it was worked out from a date already. */
  moved?: boolean
}

/** The date that a spreadsheet keeps as a number. */
function fromSerial(text: string): Moment | null {
  const found = /^\s*([2-6]\d{4})(\.\d+)?\s*$/.exec(text)
  if (!found) return null
  const date = new Date((Number(found[1]) - 25569) * 864e5)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    seconds: found[2] ? Math.round(Number(found[2]) * 86400) % 86400 : null,
    from: 0,
    to: text.length,
  }
}

/** Seconds or milliseconds since 1970, of this century. */
const epoch = /^(?:9[5-9]\d{7}|[12]\d{9})(?:\d{3})?$/

function fromEpoch(text: string): Moment | null {
  if (!epoch.test(text)) return null
  const date = new Date(Number(text.slice(0, text.length > 10 ? -3 : undefined)) * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    seconds: date.getUTCHours() * 3600 + date.getUTCMinutes() * 60 + date.getUTCSeconds(),
    from: 0,
    to: text.length,
  }
}

/** Year, month and day in three columns beside each other. */
function fromParts(sample: Sample): Reader[] {
  const first = sample.rows[0] as Row
  const readers: Reader[] = []
  for (let c = 0; c + 2 < first.length && c < 6; c++) {
    for (const [y, m, d] of [
      [0, 1, 2],
      [2, 1, 0],
      [2, 0, 1],
    ] as const) {
      const part = (row: Row, at: number) => (row[c + at] ?? '').trim()
      if (!/^\d{4}$/.test(part(first, y)) || !/^\d{1,2}$/.test(part(first, d))) continue
      readers.push({
        dear: 0.4,
        words: `{${c + y}}, {${c + m}} and {${c + d}}`,
        run: (row) => {
          const month = part(row, m)
          return /^\d/.test(month)
            ? readDate(`${part(row, y)}-${month}-${part(row, d)}`, 'month first', 0)
            : readDate(`${part(row, d)} ${month} ${part(row, y)}`, 'month first', 0)
        },
      })
    }
  }
  return readers
}

const units: Record<string, (date: Date, n: number) => void> = {
  days: (date, n) => date.setUTCDate(date.getUTCDate() + n),
  weeks: (date, n) => date.setUTCDate(date.getUTCDate() + 7 * n),
  months: addMonths,
  years: (date, n) => addMonths(date, 12 * n),
}

/** When it is due: a date and, in another column, how many days, weeks, months or years. */
function someTimeAfter(column: number, { rows }: Sample, order: Order): Reader[] {
  const first = rows[0] as Row
  if (first.length < 2 || first.length > 6 || readDate(first[column] ?? '', order, 0) === null) return []
  const after = (row: Row, unit: string | undefined, n: number) => {
    const moment = readDate(row[column] ?? '', order, 0)
    const move = units[unit ?? '']
    return moment && move ? shiftedTo(moment, (date) => move(date, n)) : null
  }
  const readers: Reader[] = []
  for (const [b, cell] of first.entries()) {
    if (b === column) continue
    // `6 months` beside `2 weeks`: each says by itself how far.
    const span = /^\s*(\d{1,4})\s*(day|week|month|year)s?\s*$/i
    if (span.test(cell)) {
      const run = (row: Row) => {
        const [, n, unit] = span.exec(row[b] ?? '') ?? []
        return n === undefined ? null : after(row, `${unit?.toLowerCase()}s`, Number(n))
      }
      readers.push({ dear: 0, words: `{${column}} and {${b}}`, run, moved: true })
    }
    const whole = /^\s*-?\d{1,4}\s*$/
    if (!whole.test(cell)) continue
    for (const [unit, cost, sign] of [
      ['days', 0, 1],
      ['days', 0.6, -1],
      ['months', 0.4, 1],
      ['years', 0.6, 1],
      ['weeks', 0.8, 1],
    ] as const) {
      const run = (row: Row) => (whole.test(row[b] ?? '') ? after(row, unit, sign * Number(row[b])) : null)
      const words = `{${column}} ${sign < 0 ? 'less' : 'and'} {${b}} ${unit}`
      readers.push({ dear: cost, words, run, moved: true })
    }
  }
  return readers
}

const same = (a: Moment | null, b: Moment | null) =>
  a?.year === b?.year && a?.month === b?.month && a?.day === b?.day

/**
 * Minutes that people round times to, and how unusual that is; less by half of what the size principle takes off
 * (Tenenbaum and Griffiths, "Generalization, similarity, and Bayesian inference", BBS 2001, section 2.2): a time that
 * lies on a coarse grid would seldom do so if a finer one were meant.
 */
const timeGrids: readonly [minutes: number, cost: number][] = [
  [60, 0],
  [30, 0.5],
  [15, 0.9],
  [10, 1.2],
  [5, 1.4],
  [20, 1.6],
  [120, 0.5],
  [180, 0.9],
  [240, 0.9],
  [360, 0.9],
  [480, 1.2],
  [720, 1.2],
]

/** Times of day: written another way, moved to a grid of minutes, as the range of the grid that they are in. */
function times(column: number, sample: Sample, offer: Offer, has: Has): void {
  const out = sample.outs[0] as string
  const day = 86400
  // A column that writes 9:05 hardly wants 09:05 beside it, where the example does not tell.
  const texts = sample.rows.map((row) => row[column] ?? '')
  const bare =
    texts.some((text) => /(?<![\d:])\d:\d\d/.test(text)) &&
    !texts.some((text) => /(?<![\d:])0\d:\d\d/.test(text))
  const layouts = timeLayouts.map(
    ([name, cost, write]) => [name, cost + (bare && name.startsWith('hh') ? 0.3 : 0), write] as const,
  )
  for (const n of [0, 1]) {
    const run = remembered((row: Row) => readTime(row[column] ?? '', n))
    const base = sample.rows.map(run)
    if (base.slice(0, sample.outs.length).some((seconds) => seconds === null)) continue
    const give = (cost: number, words: string, write: (seconds: number) => string) => {
      if (!has((k) => write(base[k] as number))) return
      const values = base.map((seconds) => (seconds === null ? null : write(seconds)))
      offer({
        cost: costs.date + 0.8 * n + cost,
        values,
        run: (row) => {
          const seconds = run(row)
          return seconds === null ? null : write(seconds)
        },
        words,
        formula: null,
      })
    }
    for (const [name, cost, write] of timeFields)
      give(0.9 + cost, `the time in {${column}} as ${name}`, write)
    for (const [name, cost, write] of layouts) give(1.2 + cost, `the time in {${column}} as ${name}`, write)
    give(3, `the seconds since midnight of {${column}}`, String)
    give(3, `the minutes since midnight of {${column}}`, (s) => String(Math.floor(s / 60)))
    const separators = new Set(['-', ' - ', ...(out.match(/(?<=[\dMm])\s*[-–—~]\s*(?=\d)|\s+to\s+/gu) ?? [])])
    for (const [minutes, usual] of timeGrids) {
      const grid = minutes * 60
      for (const [mode, more, move] of [
        ['down', 0, (s: number) => Math.floor(s / grid) * grid],
        ['', 0.5, (s: number) => (Math.round(s / grid) * grid) % day],
        ['up', 0.8, (s: number) => (Math.ceil(s / grid) * grid) % day],
      ] as const) {
        for (const [name, cost, write] of layouts) {
          // Written without minutes, a grid of less than an hour cannot be meant.
          if (minutes % 60 > 0 && !name.includes('mm')) continue
          give(
            2 + cost + more + usual,
            `the time in {${column}}, rounded ${mode} to ${minutes} minutes, as ${name}`,
            (s) => write(move(s)),
          )
          if (mode !== 'down') continue
          for (const separator of separators) {
            for (const less of [0, 60, 1]) {
              give(
                2.1 + cost + usual,
                `the ${minutes} minutes in which the time in {${column}} is, as ${name}`,
                (s) => write(move(s)) + separator + write((move(s) + grid - less) % day),
              )
            }
          }
        }
      }
    }
    for (const shift of [
      -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]) {
      for (const [name, cost, write] of layouts.slice(0, 13)) {
        give(3.4 + cost, `the time in {${column}} moved by ${shift} h, as ${name}`, (s) =>
          write((s + shift * 3600 + day) % day),
        )
      }
    }
  }
}
