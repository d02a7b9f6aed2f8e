import type { Cell } from '../../contract/index.ts'
import { type DecimalMark, dayFirstOf, dayOf, decimalMarkOf, levelOf, numberOf } from './cells.ts'

/**
 * What the learners see of one field. A field gives one or more features: a date its day and its weekday, a column
 * of numbers with words between them ("unknown") the number and the word, free text its frequent words.
 */
export type Feature =
  | { field: string; form: 'number'; from: 'number'; mark: DecimalMark }
  | { field: string; form: 'number'; from: 'day' | 'hour'; dayFirst: boolean }
  | { field: string; form: 'number'; from: 'has'; word: string }
  | { field: string; form: 'number'; from: 'length' }
  | { field: string; form: 'level'; from: 'level'; levels: string[] }
  | { field: string; form: 'level'; from: 'word'; mark: DecimalMark; levels: string[] }
  | { field: string; form: 'level'; from: 'weekday' | 'month'; dayFirst: boolean; levels: string[] }

/** Code of a level that the history did not have. */
export const unseen = -1

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const monthsOfYear = Array.from({ length: 12 }, (_, i) => String(i + 1))

/**
 * The features of one column. `cells` is the whole column of the history. An empty column, or one with a single
 * value throughout, gives none.
 */
export function featuresOf(field: string, cells: readonly Cell[]): Feature[] {
  const counts = new Map<string, number>()
  let filled = 0
  for (const cell of cells) {
    const level = levelOf(cell)
    if (level === null) continue
    filled++
    counts.set(level, (counts.get(level) ?? 0) + 1)
  }
  if (filled === 0 || (counts.size === 1 && filled === cells.length)) return []

  const mark = decimalMarkOf(cells)
  const dayFirst = dayFirstOf(cells)
  let numbers = 0
  let days = 0
  let timed = 0
  for (const cell of cells) {
    if (!Number.isNaN(numberOf(cell, mark))) numbers++
    const day = dayOf(cell, dayFirst)
    if (Number.isNaN(day)) continue
    days++
    if (day !== Math.floor(day)) timed++
  }
  if (days >= 0.8 * filled) {
    const features: Feature[] = [
      { field, form: 'number', from: 'day', dayFirst },
      { field, form: 'level', from: 'weekday', dayFirst, levels: weekdays },
      { field, form: 'level', from: 'month', dayFirst, levels: monthsOfYear },
    ]
    if (timed > 0.5 * days) features.push({ field, form: 'number', from: 'hour', dayFirst })
    return features
  }
  const words = [...counts].filter(([level]) => Number.isNaN(numberOf(level, mark)))
  const wordCells = filled - numbers
  if (
    numbers >= 0.9 * filled ||
    (numbers >= 0.3 * filled && numbers > 0 && words.length <= 5 && counts.size - words.length > 5)
  ) {
    const features: Feature[] = [{ field, form: 'number', from: 'number', mark }]
    if (wordCells > 0) features.push({ field, form: 'level', from: 'word', mark, levels: ordered(words) })
    return features
  }
  const text = textFeatures(field, cells, filled, counts.size)
  return text.length > 0 ? text : [{ field, form: 'level', from: 'level', levels: ordered([...counts]) }]
}

const mostWords = 64

/** Free text has mostly different cells of several words each; its frequent words say what the cells cannot. */
function textFeatures(field: string, cells: readonly Cell[], filled: number, distinct: number): Feature[] {
  if (distinct < 30 || distinct < 0.2 * filled) return []
  const rows = new Map<string, number>()
  let words = 0
  for (const cell of cells) {
    const found = wordsOf(cell)
    words += found.size
    for (const word of found) rows.set(word, (rows.get(word) ?? 0) + 1)
  }
  if (words < 3 * filled) return []
  const frequent = [...rows].filter(([, n]) => n >= Math.max(5, 0.005 * filled) && n <= 0.7 * filled)
  return [
    { field, form: 'number', from: 'length' },
    ...ordered(frequent)
      .slice(0, mostWords)
      .map((word): Feature => ({ field, form: 'number', from: 'has', word })),
  ]
}

/** The different words of a text, in lower case. */
function wordsOf(cell: Cell): Set<string> {
  return new Set(typeof cell === 'string' ? cell.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) : [])
}

/** Many features ask for the words of the same cell one after another: the last answer is kept. */
let lastCell: Cell = null
let lastWords = new Set<string>()
function wordsAgain(cell: Cell): Set<string> {
  if (cell !== lastCell) {
    lastCell = cell
    lastWords = wordsOf(cell)
  }
  return lastWords
}

/** One column of numbers for each of a field's features. */
export function columnsOf(features: readonly Feature[], cells: readonly Cell[]): Float64Array[] {
  const columns = features.map(() => new Float64Array(cells.length))
  const readers = features.map(readerOf)
  for (let row = 0; row < cells.length; row++) {
    for (let f = 0; f < readers.length; f++) columns[f]![row] = readers[f]!(cells[row])
  }
  return columns
}

/** Levels from frequent to rare, alphabetical among equals, so that a model does not depend on the order of rows. */
function ordered(counts: [string, number][]): string[] {
  return counts.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([level]) => level)
}

/**
 * A function that reads a feature from its field's cell: the number itself or the code of the level, `unseen` for a
 * level that the history did not have, NaN for an empty or unreadable cell.
 */
export function readerOf(feature: Feature): (cell: Cell | undefined) => number {
  if (feature.form === 'number') {
    if (feature.from === 'number') return (cell) => numberOf(cell ?? null, feature.mark)
    if (feature.from === 'length')
      return (cell) => (typeof cell === 'string' ? cell.trim().length || Number.NaN : Number.NaN)
    if (feature.from === 'has') {
      return (cell) =>
        levelOf(cell ?? null) === null ? Number.NaN : Number(wordsAgain(cell!).has(feature.word))
    }
    if (feature.from === 'day') return (cell) => dayOf(cell ?? null, feature.dayFirst)
    return (cell) => {
      const day = dayOf(cell ?? null, feature.dayFirst)
      return (day - Math.floor(day)) * 24
    }
  }
  if (feature.from === 'weekday' || feature.from === 'month') {
    const part = feature.from === 'weekday' ? 'getUTCDay' : 'getUTCMonth'
    return (cell) => {
      const day = dayOf(cell ?? null, feature.dayFirst)
      return Number.isNaN(day) ? Number.NaN : new Date(day * 86_400_000)[part]()
    }
  }
  const codes = new Map(feature.levels.map((level, code) => [level, code]))
  const mark = feature.from === 'word' ? feature.mark : null
  return (cell) => {
    const level = levelOf(cell ?? null)
    if (level === null || (mark !== null && !Number.isNaN(numberOf(level, mark)))) return Number.NaN
    return codes.get(level) ?? unseen
  }
}
