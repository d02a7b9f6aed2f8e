/** A date, a time, or both, as read from a text. `month` is 1..12; seconds are since midnight. */
export interface Moment {
  year: number | null
  month: number | null
  day: number | null
  /** Seconds since midnight, null without a time of day. */
  seconds: number | null
  /** The text that it was read from. */
  from: number
  to: number
}

/** Moves a date by months; a day that the month does not have becomes its last: 31 January, a month later, 28 February. */
export function addMonths(date: Date, months: number): void {
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() + months)
  if (date.getUTCDate() !== day) date.setUTCDate(0)
}

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Months in other languages, in small letters; days from Sunday on. */
export const languages: readonly { months: readonly string[]; days: readonly string[] }[] = [
  {
    months: 'januar februar märz april mai juni juli august september oktober november dezember'.split(' '),
    days: 'sonntag montag dienstag mittwoch donnerstag freitag samstag'.split(' '),
  },
  {
    months: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' '),
    days: 'dimanche lundi mardi mercredi jeudi vendredi samedi'.split(' '),
  },
  {
    months: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(
      ' ',
    ),
    days: 'domingo lunes martes miércoles jueves viernes sábado'.split(' '),
  },
  {
    months:
      'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre'.split(
        ' ',
      ),
    days: 'domenica lunedì martedì mercoledì giovedì venerdì sabato'.split(' '),
  },
  {
    months: 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'.split(
      ' ',
    ),
    days: 'domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado'.split(' '),
  },
  {
    months: 'januari februari maart april mei juni juli augustus september oktober november december'.split(
      ' ',
    ),
    days: 'zondag maandag dinsdag woensdag donderdag vrijdag zaterdag'.split(' '),
  },
  {
    months:
      'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia'.split(
        ' ',
      ),
    days: 'niedziela poniedziałek wtorek środa czwartek piątek sobota'.split(' '),
  },
]

const englishMonths =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const foreign = new Map<string, number>()
for (const { months } of languages) {
  for (const [at, name] of months.entries()) {
    if (!foreign.has(name)) foreign.set(name, at + 1)
    // `Okt`, `déc`, `ene`: three letters, where they mean one month only.
    const short = name.slice(0, 3)
    if (![...foreign].some(([other, month]) => month !== at + 1 && other.startsWith(short)))
      foreign.set(short, at + 1)
  }
}
/** English names, and beside a day or year those of other languages. */
const months = `(${englishMonths.slice(1, -1)}|${[...foreign.keys()].sort((a, b) => b.length - a.length).join('|')})`
const monthOf = (text: string): number =>
  foreign.get(text.toLowerCase()) ??
  1 + monthNames.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase())

/** `only`: a date that does not exist in this order is none. */
export type Order = 'month first' | 'day first' | 'month first only' | 'day first only'

type Parts = [number | null, number | null, number | null]
const number = (text: string | undefined): number => Number(text)

const layouts: readonly [RegExp, (found: RegExpExecArray, order: Order) => Parts][] = [
  [/(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/g, (f) => [number(f[1]), number(f[3]), number(f[4])]],
  [
    /(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/g,
    (f, order) => {
      const [a, b] = [number(f[1]), number(f[3])]
      const year = fullYear(f[4] as string)
      return dayFirst(order, a, b) ? [year, b, a] : [year, a, b]
    },
  ],
  [
    new RegExp(
      `(?<![\\d\\p{L}])(\\d{1,2})(?:st|nd|rd|th|er|º)?[\\s./-]*(?:de |of )?${months}(?!\\p{L})\\.?[\\s,./-]*(?:de |of )?(\\d{4}|\\d{2})(?!\\d)`,
      'giu',
    ),
    (f) => [fullYear(f[3] as string), monthOf(f[2] as string), number(f[1])],
  ],
  [
    new RegExp(`(?<!\\p{L})${months}\\.?[\\s./-]*(\\d{1,2})(?:st|nd|rd|th)?[\\s,./-]+(\\d{4})(?!\\d)`, 'giu'),
    (f) => [number(f[3]), monthOf(f[1] as string), number(f[2])],
  ],
  [
    new RegExp(`(?<!\\d)(\\d{4})[\\s./-]*${months}[\\s./-]*(\\d{1,2})(?!\\d)`, 'giu'),
    (f) => [number(f[1]), monthOf(f[2] as string), number(f[3])],
  ],
  [
    /(?<!\d)((?:1[6-9]|2[0-3])\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)/g,
    (f) => [number(f[1]), number(f[2]), number(f[3])],
  ],
  [
    /(?<!\d)(\d\d)(\d\d)((?:1[6-9]|2[0-3])\d\d)(?!\d)/g,
    (f, order) => {
      const [a, b] = [number(f[1]), number(f[2])]
      return dayFirst(order, a, b) ? [number(f[3]), b, a] : [number(f[3]), a, b]
    },
  ],
  [
    new RegExp(`(?<!\\p{L})${months}\\.?[\\s,./-]*(\\d{4})(?!\\d)`, 'giu'),
    (f) => [number(f[2]), monthOf(f[1] as string), null],
  ],
  [
    new RegExp(`(?<![\\d\\p{L}])(\\d{1,2})(?:st|nd|rd|th)?[\\s./-]*${months}(?!\\p{L})`, 'giu'),
    (f) => [null, monthOf(f[2] as string), number(f[1])],
  ],
  [
    new RegExp(`(?<!\\p{L})${months}\\.?[\\s./-]*(\\d{1,2})(?:st|nd|rd|th)?(?!\\d)`, 'giu'),
    (f) => [null, monthOf(f[1] as string), number(f[2])],
  ],
  [/(?<![\d.,/-])((?:19|20)\d\d)[-/](0[1-9]|1[0-2])(?![\d.,/-])/g, (f) => [number(f[1]), number(f[2]), null]],
  [new RegExp(`(?<!\\p{L})${englishMonths}(?!\\p{L})`, 'giu'), (f) => [null, monthOf(f[1] as string), null]],
]
/** Layouts with a month's name in them. */
const spelled = new Set(layouts.flatMap(([pattern]) => (pattern.source.includes('feb') ? [pattern] : [])))

const clock = /(?<![\d:.])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?(?!\p{L}))?/giu
const hourOnly = /(?<![\d:.])(\d{1,2})\s*([ap]\.?m\.?)(?!\p{L})/giu

const dayFirst = (order: Order, a: number, b: number) =>
  order.endsWith('only') ? order.startsWith('day') : (order === 'day first' && b <= 12) || a > 12
const fullYear = (text: string) =>
  text.length === 4 ? Number(text) : Number(text) + (Number(text) < 50 ? 2000 : 1900)
const valid = ([year, month, day]: Parts) =>
  (month === null || (month >= 1 && month <= 12)) &&
  (day === null || (day >= 1 && day <= (month === null ? 31 : daysIn(year ?? 2000, month))))
const daysIn = (year: number, month: number) =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

/** Day or month first is a property of the column: the order in which more of its dates exist, months first in doubt. */
export function orderOf(texts: readonly string[]): Order {
  let day = 0
  let month = 0
  for (const text of texts) {
    for (const found of text.matchAll(
      /(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2\d{2,4}(?!\d)|(?<!\d)(\d\d)()(\d\d)(?:1[6-9]|2[0-3])\d\d(?!\d)/g,
    )) {
      const a = Number(found[1] ?? found[4])
      const b = Number(found[3] ?? found[6])
      if (a > 12 && b <= 12) day++
      if (b > 12 && a <= 12) month++
    }
  }
  return day > month ? 'day first' : 'month first'
}

/** The n-th date of a text (0-based), with the first time of day that follows it or stands alone. */
export function readDate(text: string, order: Order, n: number): Moment | null {
  if (text.length > 2000) return null
  let hits: Moment[] = []
  const named = /\p{L}{3}/u.test(text)
  for (const [pattern, parts] of layouts) {
    if (!named && spelled.has(pattern)) continue
    pattern.lastIndex = 0
    for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
      const [year, month, day] = parts(found, order)
      const from = found.index
      const to = from + found[0].length
      if (hits.some((hit) => from < hit.to && to > hit.from)) continue
      // What does not exist is no date, nor is any part of it.
      const real = valid([year, month, day])
      hits.push({ year, month: real ? month : null, day, seconds: null, from, to })
    }
  }
  hits = hits.filter((hit) => hit.month !== null).sort((a, b) => a.from - b.from)
  const hit = hits[n]
  if (!hit) return null
  const after = readTime(text.slice(hit.to), 0) ?? readTime(text, 0)
  return { ...hit, seconds: after }
}

/** The n-th time of day of a text (0-based), in seconds since midnight. */
export function readTime(text: string, n: number): number | null {
  if (text.length > 2000) return null
  const found: [number, number][] = []
  for (const hit of text.includes(':') ? text.matchAll(clock) : []) {
    let hour = Number(hit[1])
    const [minute, second] = [Number(hit[2]), Number(hit[3] ?? 0)]
    if (hour > 24 || minute > 59 || second > 59) continue
    const half = hit[4]?.[0]?.toLowerCase()
    if (half === 'p' && hour < 12) hour += 12
    if (half === 'a' && hour === 12) hour = 0
    found.push([hit.index, hour * 3600 + minute * 60 + second])
  }
  for (const hit of /[ap]\.?m/i.test(text) ? text.matchAll(hourOnly) : []) {
    let hour = Number(hit[1])
    if (hour > 12) continue
    hour = (hour % 12) + (hit[2]?.[0]?.toLowerCase() === 'p' ? 12 : 0)
    found.push([hit.index, hour * 3600])
  }
  found.sort((a, b) => a[0] - b[0])
  return found[n]?.[1] ?? null
}
