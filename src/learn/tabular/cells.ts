import type { Cell } from '../../contract/index.ts'

/** How a column writes its numbers: the decimal mark, found from the column as a whole. */
export type DecimalMark = '.' | ','

const currency =
  /^(?:[€$£¥₹₽₩]|eur|usd|gbp|chf|inr|jpy|cny|sek|nok|dkk|pln|cad|aud)\s*|\s*(?:[€$£¥₹₽₩%]|eur|usd|gbp|chf|inr|jpy|cny|sek|nok|dkk|pln|cad|aud)$/gi
const plain = /^[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:e[+-]?\d+)?$/i
const clock = /^(\d{1,3}):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?$/

/** Digits and marks of a number without currency, percent sign, spaces and apostrophes; null when it is none. */
function digitsOf(text: string): string | null {
  let bare = text
    .trim()
    .replace(currency, '')
    .replace(/[\s'’]/g, '')
  if (bare.startsWith('(') && bare.endsWith(')')) bare = `-${bare.slice(1, -1)}`
  bare = bare.replace(/^[−–]/, '-').replace(/^([+-])[€$£¥₹₽₩]/, '$1')
  return plain.test(bare) ? bare : null
}

/**
 * The decimal mark of a column: a comma when some cell can only be read that way ("3,5", "1.234,50") and none speaks
 * for the dot ("1,234.50", "3.5"), else the dot. One cell alone ("1.234") cannot tell.
 */
export function decimalMarkOf(cells: Iterable<Cell>): DecimalMark {
  let comma = 0
  let dot = 0
  for (const cell of cells) {
    if (typeof cell !== 'string') continue
    const digits = digitsOf(cell)
    if (digits === null) continue
    const lastComma = digits.lastIndexOf(',')
    const lastDot = digits.lastIndexOf('.')
    if (lastComma >= 0 && lastDot >= 0) {
      if (lastComma > lastDot) comma++
      else dot++
    } else if (
      lastComma >= 0 &&
      digits.indexOf(',') === lastComma &&
      !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(digits)
    ) {
      comma++
    } else if (
      lastDot >= 0 &&
      digits.indexOf('.') === lastDot &&
      !/^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(digits)
    ) {
      dot++
    }
  }
  return comma > dot ? ',' : '.'
}

/** Beyond this nothing is a measurement, and sums of it would leave the range of numbers. */
const tooLarge = 1e100

/** A cell as a number (percent as written, clock times in minutes), or NaN. */
export function numberOf(cell: Cell, mark: DecimalMark): number {
  if (typeof cell === 'number') return Math.abs(cell) < tooLarge ? cell : Number.NaN
  if (typeof cell !== 'string') return Number.NaN
  const time = clock.exec(cell.trim())
  if (time) return Number(time[1]) * 60 + Number(time[2]) + Number(time[3] ?? 0) / 60
  const digits = digitsOf(cell)
  if (digits === null) return Number.NaN
  const western = mark === ',' ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '')
  const value = Number(western)
  return Math.abs(value) < tooLarge ? value : Number.NaN
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const iso =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?$/
const local =
  /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?)?$/i
const dayMonthName =
  /^(\d{1,2})[ -]([a-z]{3})[a-z]*\.?[ ,-]+(\d{4})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/i
const monthNameDay =
  /^([a-z]{3})[a-z]*\.?[ -](\d{1,2})(?:st|nd|rd|th)?,?[ -]+(\d{4})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/i

/** Whether a column writes the day before the month: false only when some cell has a second number above 12. */
export function dayFirstOf(cells: Iterable<Cell>): boolean {
  let dayFirst = 0
  let monthFirst = 0
  for (const cell of cells) {
    if (typeof cell !== 'string') continue
    const parts = local.exec(cell.trim())
    if (!parts) continue
    if (Number(parts[1]) > 12) dayFirst++
    if (Number(parts[2]) > 12) monthFirst++
  }
  return dayFirst >= monthFirst
}

/** A cell as a time in days since 1970 (fractions are the time of day, zones are left as written), or NaN. */
export function dayOf(cell: Cell, dayFirst: boolean): number {
  if (typeof cell !== 'string' || cell.length < 6 || cell.length > 40) return Number.NaN
  const text = cell.trim()
  let parts = iso.exec(text)
  if (parts) return days(+parts[1]!, +parts[2]!, +parts[3]!, parts[4], parts[5], parts[6])
  parts = local.exec(text)
  if (parts) {
    const [day, month] = dayFirst ? [+parts[1]!, +parts[2]!] : [+parts[2]!, +parts[1]!]
    const year = parts[3]!.length === 2 ? 2000 + +parts[3]! - (+parts[3]! > 69 ? 100 : 0) : +parts[3]!
    const half = parts[7]?.toLowerCase()
    const hour = half && parts[4] ? String((+parts[4] % 12) + (half === 'pm' ? 12 : 0)) : parts[4]
    return days(year, month, day, hour, parts[5], parts[6])
  }
  parts = dayMonthName.exec(text)
  if (parts)
    return days(
      +parts[3]!,
      months.indexOf(parts[2]!.toLowerCase()) + 1,
      +parts[1]!,
      parts[4],
      parts[5],
      parts[6],
    )
  parts = monthNameDay.exec(text)
  if (parts)
    return days(
      +parts[3]!,
      months.indexOf(parts[1]!.toLowerCase()) + 1,
      +parts[2]!,
      parts[4],
      parts[5],
      parts[6],
    )
  return Number.NaN
}

function days(year: number, month: number, day: number, hour = '0', minute = '0', second = '0'): number {
  if (month < 1 || month > 12 || day < 1 || day > 31 || +hour > 24) return Number.NaN
  return Date.UTC(year, month - 1, day, +hour, +minute, +second) / 86_400_000
}

/** A cell as the name of a category: case, surrounding and doubled spaces do not count; null when it is empty. */
export function levelOf(cell: Cell): string | null {
  if (cell === null || cell === undefined) return null
  if (typeof cell !== 'string') return String(cell)
  const level = cell.trim().replace(/\s+/g, ' ').toLowerCase()
  return level === '' ? null : level
}
