import type { Formats, Piece, Recipe, Term } from './wording.ts'

/** The rows as the reader gave them: what a sentence is checked against. */
export interface Rows {
  /** 1 for rows that count, 0 for those left out. */
  kept: Uint8Array
  windowOf: Int32Array | null
  numbers(column: Term['column']): Float64Array
  /** The codes of a dimension, and that of one value; −1 is empty. */
  dimension(column: string, value: string): { codes: Int32Array; code: number }
  /** Sums that were computed already, by column and segment; whoever checks begins with none. */
  known: Map<string, WindowSums>
  /** Rows of the segments that were looked up already. */
  members: Map<string, Int32Array>
}

/** The sum of a column over the rows of one segment: in each window, and in all. */
interface WindowSums {
  inWindow: Float64Array
  all: number
}

/**
 * Why a text may not be shown, or null when every number in it is true: each is read back out of the text, must be one
 * that was stated, and must be what a fresh pass over the rows gives, to the digits shown. The same check is made of what
 * somebody else (a language model, say) made of the text.
 */
export function untrue(text: string, pieces: readonly Piece[], rows: Rows, formats: Formats): string | null {
  const stated = new Map<string, { value: number; of: Recipe }>()
  const tokens = new Set<string>()
  for (const piece of pieces) {
    if (typeof piece === 'string') continue
    tokens.add('name' in piece ? piece.name.trim() : piece.number.shown)
    if ('number' in piece) stated.set(piece.number.shown, { value: piece.number.value, of: piece.of })
  }
  // Names and dates may hold digits of their own; longest first, so that nothing is taken for a part of something else.
  const longestFirst = [...tokens].filter((token) => token !== '').sort((a, b) => b.length - a.length)
  const pattern = longestFirst.map((token) => `(?<![\\d.,])${escaped(token)}(?!\\d|[.,]\\d)`).join('|')
  const used = new Set<string>()
  const rest = text.replace(new RegExp(pattern || '(?!)', 'gu'), (token) => {
    if (stated.has(token)) used.add(token)
    return '\u0001'
  })
  for (const shown of used) {
    const { value, of } = stated.get(shown)!
    const again = evaluate(of, rows)
    if (!near(again, value)) return `${shown} was computed as ${value}, but the rows give ${again}`
    const read = numberShown(shown, formats)
    if (read === null || Math.abs(read.value - again) > read.precision * 0.5000001 + 1e-9 * Math.abs(again)) {
      return `${shown} does not show ${again}`
    }
  }
  const stray = /[-+−]?\p{Nd}[\p{Nd}.,]*/u.exec(rest)
  return stray ? `the number ${stray[0]} was not computed` : null
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Sums of floating-point numbers in another order differ in their last digits. */
const near = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-7 * Math.max(Math.abs(a), Math.abs(b), 1e-9)

/** What a shown number says, and what one unit of its last digit is worth. */
export function numberShown(shown: string, { locale }: Formats): { value: number; precision: number } | null {
  const { group, decimal } = separatorsOf(locale)
  const match = /^([-−]?)([\d.,'’\s]+?)( billion| million| %)?$/u.exec(shown)
  if (!match) return null
  const digits = match[2]!.replaceAll(group, '').replace(decimal, '.')
  const unit = { ' billion': 1e9, ' million': 1e6, ' %': 0.01 }[match[3] ?? ''] ?? 1
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0
  const value = Number(digits) * unit * (match[1] ? -1 : 1)
  return Number.isNaN(value) ? null : { value, precision: unit / 10 ** decimals }
}

const separators = new Map([['en', { group: ',', decimal: '.' }]])

function separatorsOf(locale: string): { group: string; decimal: string } {
  let known = separators.get(locale)
  if (!known) {
    const parts = new Intl.NumberFormat(locale).formatToParts(12345.6)
    const part = (name: string, otherwise: string) =>
      parts.find(({ type }) => type === name)?.value ?? otherwise
    known = { group: part('group', ','), decimal: part('decimal', '.') }
    separators.set(locale, known)
  }
  return known
}

/** Computes a stated number again, row by row. */
export function evaluate(recipe: Recipe, rows: Rows): number {
  if ('ratio' in recipe) {
    const value = evaluate(recipe.ratio[0], rows) / evaluate(recipe.ratio[1], rows) - recipe.minus
    return recipe.absolute ? Math.abs(value) : value
  }
  if ('difference' in recipe) {
    const value = evaluate(recipe.difference[0], rows) - evaluate(recipe.difference[1], rows)
    return recipe.absolute ? Math.abs(value) : value
  }
  let total = 0
  for (const { column, window, weight, where } of recipe.sum) {
    const { inWindow, all } = sumsOf(column, where, rows)
    total += weight * (window === null ? all : (inWindow[window] ?? 0))
  }
  return total
}

/** The sums of a column over a segment, for all windows at once. */
function sumsOf(column: Term['column'], where: Term['where'], rows: Rows): WindowSums {
  const key = JSON.stringify([column, where])
  const known = rows.known.get(key)
  if (known) return known
  const numbers = rows.numbers(column)
  const { windowOf } = rows
  const members = membersOf(where, rows)
  const inWindow: number[] = []
  let all = 0
  for (let i = 0; i < members.length; i++) {
    const value = numbers[members[i]!]!
    if (Number.isNaN(value)) continue
    all += value
    const window = windowOf ? windowOf[members[i]!]! : -1
    if (window < 0) continue
    while (inWindow.length <= window) inWindow.push(0)
    inWindow[window]! += value
  }
  const sums = { inWindow: Float64Array.from(inWindow), all }
  rows.known.set(key, sums)
  return sums
}

/** The rows of a segment that count: found once, for all of its columns. */
function membersOf(where: Term['where'], rows: Rows): Int32Array {
  const key = JSON.stringify(where)
  let members = rows.members.get(key)
  if (members) return members
  const last = where.at(-1)
  if (last) {
    const { codes, code } = rows.dimension(last.column, last.value)
    members = withCode(membersOf(where.slice(0, -1), rows), codes, code)
  } else members = rowsThatCount(rows.kept)
  rows.members.set(key, members)
  return members
}

function rowsThatCount(kept: Uint8Array): Int32Array {
  const found = new Int32Array(kept.length)
  let count = 0
  for (let row = 0; row < kept.length; row++) if (kept[row] !== 0) found[count++] = row
  return found.subarray(0, count)
}

function withCode(rows: Int32Array, codes: Int32Array, code: number): Int32Array {
  let count = 0
  for (let i = 0; i < rows.length; i++) if (codes[rows[i]!] === code) count++
  const found = new Int32Array(count)
  count = 0
  for (let i = 0; i < rows.length; i++) if (codes[rows[i]!] === code) found[count++] = rows[i]!
  return found
}
