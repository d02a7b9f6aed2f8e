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

const plain = new Map<string, Intl.NumberFormat>()

/** `12,400`, `1.24 million`, `0.0123`: as many digits as a person reads. */
export function amount(value: number, { locale }: Formats): StatedNumber {
  const size = Math.abs(value)
  if (size < 1e-6) return { shown: '0', value }
  const [unit, word] = size >= 1e9 ? [1e9, ' billion'] : size >= 1e6 ? [1e6, ' million'] : [1, '']
  const scaled = value / unit
  const digits = Math.abs(scaled) >= 1000 || Number.isInteger(scaled) ? 0 : Math.abs(scaled) >= 100 ? 1 : 2
  const small = size > 0 && size < 1
  const key = `${locale} ${digits} ${small}`
  let format = plain.get(key)
  if (!format) {
    format = new Intl.NumberFormat(
      locale,
      small ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: digits },
    )
    plain.set(key, format)
  }
  return { shown: format.format(scaled) + word, value }
}

/** A share as `12.4 %`. */
export function percent(value: number, { locale }: Formats): StatedNumber {
  const digits = Math.abs(value) < 0.1 ? 1 : 0
  const key = `${locale} percent ${digits}`
  let format = plain.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    plain.set(key, format)
  }
  return { shown: `${format.format(value * 100)} %`, value }
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

/** A day, month, minute or year, or a stretch of them: `13–19 Nov 2026`. */
export function dateText(
  first: number,
  last: number,
  { locale }: Formats,
  parts: 'day' | 'month' | 'minute' | 'year',
): string {
  const key = `${locale} ${parts}`
  let format = dateFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
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

export const textOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((each) => (typeof each === 'string' ? each : 'name' in each ? each.name : each.number.shown))
    .join('')

export const numbersOf = (pieces: readonly Piece[]): StatedNumber[] =>
  pieces.flatMap((each) => (typeof each !== 'string' && 'number' in each ? [each.number] : []))
