/** How the person writes numbers and dates. */
export interface Formats {
  locale: string
}

/** A number that a text states, as it is shown and as it is. */
export interface StatedNumber {
  shown: string
  value: number
}

/** A sentence in the making: plain words, names and dates (which may hold digits), and stated numbers. */
export type Piece = string | { name: string } | { number: StatedNumber; of: Recipe }

/** How to compute a number again from the rows, without anything that was computed before. */
export type Recipe =
  | { sum: Term[] }
  | { ratio: [Recipe, Recipe]; minus: 0 | 1; absolute?: boolean }
  | { difference: [Recipe, Recipe]; absolute?: boolean }

/** Weight × the sum of a column over the rows of some windows and of one segment. */
export interface Term {
  column: 'metric' | 'per' | 'expected'
  /** Null is all rows. */
  window: number | null
  weight: number
  where: { column: string; value: string }[]
}

/** `12,400`, `1.24 million`, `0.0123`: as many digits as a person reads. */
export function amount(value: number, { locale }: Formats): StatedNumber {
  const size = Math.abs(value)
  if (size < 1e-6) return { shown: '0', value }
  const [unit, word] = size >= 1e9 ? [1e9, ' billion'] : size >= 1e6 ? [1e6, ' million'] : [1, '']
  const scaled = value / unit
  const digits = Math.abs(scaled) >= 1000 || Number.isInteger(scaled) ? 0 : Math.abs(scaled) >= 100 ? 1 : 2
  // Below one, three digits that say something.
  const most = size < 1 ? Math.min(20, 2 - Math.floor(Math.log10(size))) : digits
  return { shown: numberText(scaled, { locale, least: 0, most }) + word, value }
}

/** A share as `12.4 %`. */
export function percent(value: number, { locale }: Formats): StatedNumber {
  const digits = Math.abs(value) < 0.1 ? 1 : 0
  return { shown: `${numberText(value * 100, { locale, least: digits, most: digits })} %`, value }
}

const numberFormats = new Map<string, Intl.NumberFormat>()

/** A number with `least` to `most` decimals. English is written by hand: `Intl` costs 20 ms of CPU to begin with. */
export function numberText(
  value: number,
  { locale, least, most }: { locale: string; least: number; most: number },
): string {
  if (locale === 'en' && Math.abs(value) < 1e15) {
    let [whole = '', decimals = ''] = Math.abs(value).toFixed(most).split('.')
    while (decimals.length > least && decimals.endsWith('0')) decimals = decimals.slice(0, -1)
    whole = whole.replace(/\B(?=(\d{3})+$)/g, ',')
    return `${value < 0 ? '-' : ''}${whole}${decimals && `.${decimals}`}`
  }
  const key = `${locale} ${least} ${most}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most })
    numberFormats.set(key, format)
  }
  return format.format(value)
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

/** A day, month, minute or year, or a stretch of them: `13–19 Nov 2026`. */
export function dateText(
  first: number,
  last: number,
  { locale }: Formats,
  parts: 'day' | 'month' | 'minute' | 'year',
): string {
  if (locale === 'en') return englishDates(first, last, parts)
  const key = `${locale} ${parts}`
  let format = dateFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, {
      timeZone: 'UTC',
      year: 'numeric',
      ...(parts !== 'year' && { month: 'short' }),
      ...((parts === 'day' || parts === 'minute') && { day: 'numeric' }),
      ...(parts === 'minute' && { hour: '2-digit', minute: '2-digit' }),
    })
    dateFormats.set(key, format)
  }
  return first === last ? format.format(first) : format.formatRange(first, last)
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `13–19 Nov 2026`, `28 Oct – 3 Nov 2026`: what two dates share is said once. */
function englishDates(first: number, last: number, parts: 'day' | 'month' | 'minute' | 'year'): string {
  const said = (at: number) => {
    const date = new Date(at)
    const two = (n: number) => String(n).padStart(2, '0')
    return {
      year: String(date.getUTCFullYear()),
      month: parts === 'year' ? '' : months[date.getUTCMonth()]!,
      day: parts === 'day' || parts === 'minute' ? String(date.getUTCDate()) : '',
      time: parts === 'minute' ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}` : '',
    }
  }
  const a = said(first)
  const b = said(last)
  const date = ({ day, month, year }: typeof a) => [day, month, year].filter(Boolean).join(' ')
  const whole = (each: typeof a) => (each.time ? `${date(each)}, ${each.time}` : date(each))
  if (whole(a) === whole(b)) return whole(a)
  if (date(a) === date(b)) return `${date(a)}, ${a.time}–${b.time}`
  if (a.time || a.year !== b.year) return `${whole(a)} – ${whole(b)}`
  if (a.month !== b.month && a.day) return `${a.day} ${a.month} – ${date(b)}`
  return `${a.day || a.month}–${date(b)}`
}

export const textOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((each) => (typeof each === 'string' ? each : 'name' in each ? each.name : each.number.shown))
    .join('')

export const numbersOf = (pieces: readonly Piece[]): StatedNumber[] =>
  pieces.flatMap((each) => (typeof each !== 'string' && 'number' in each ? [each.number] : []))
