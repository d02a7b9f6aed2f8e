import type { Feature } from './features.ts'

/**
 * How a feature enters the linear model: "empty" has a weight of its own; a number is a straight line (the trees
 * follow its bends); a level is one weight, all rare and unseen ones together another.
 */
export type Terms =
  | { form: 'number'; first: number; centre: number; scale: number; low: number; high: number; seen: Seen }
  | { form: 'level'; first: number; kept: number }

/** Least and greatest number seen. */
export type Seen = [least: number, greatest: number]

/** A table as sparse rows: row r owns the entries from `start[r]` to `start[r + 1]`, their indices ascending. */
export interface Design {
  terms: Terms[]
  start: Int32Array
  index: Int32Array
  value: Float32Array
  width: number
}

const mostLevels = 60
const fewestOfLevel = 4

/** Lays out all rows of a table. */
export function designOf(features: readonly Feature[], columns: readonly Float64Array[]): Design {
  const terms: Terms[] = []
  let width = 0
  for (const [f, feature] of features.entries()) {
    const column = columns[f]!
    const laid =
      feature.form === 'level' ? levelTerms(column, feature.levels.length, width) : numberTerms(column, width)
    terms.push(laid)
    width += laid.form === 'level' ? 2 + laid.kept : 2
  }
  const rows = columns[0]?.length ?? 0
  const index = new Int32Array(rows * terms.length)
  const value = new Float32Array(rows * terms.length)
  const start = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < terms.length; f++) {
      const at = columns[f]![row]!
      index[row * terms.length + f] = indexOf(terms[f]!, at)
      value[row * terms.length + f] = inputOf(terms[f]!, at)
    }
    start[row + 1] = (row + 1) * terms.length
  }
  return { terms, start, index, value, width }
}

function levelTerms(column: Float64Array, levels: number, first: number): Terms {
  const counts = new Int32Array(levels)
  for (const code of column) if (code >= 0) counts[code]!++
  // Levels are ordered by frequency: the rare ones are the tail.
  let kept = Math.min(mostLevels, levels)
  while (kept > 0 && counts[kept - 1]! < fewestOfLevel) kept--
  return { form: 'level', first, kept }
}

function numberTerms(column: Float64Array, first: number): Terms {
  const values = column.filter((value) => !Number.isNaN(value)).sort()
  const quantile = (q: number) => values[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0
  const [low, high] = [quantile(0.005), quantile(0.995)]
  let sum = 0
  let squares = 0
  for (const value of values) {
    const inside = Math.min(high, Math.max(low, value)) - low
    sum += inside
    squares += inside * inside
  }
  const mean = values.length ? sum / values.length : 0
  const variance = values.length ? squares / values.length - mean * mean : 0
  // A little beyond what is usual the line goes on, further out it stays level.
  const room = (high - low) / 2
  return {
    form: 'number',
    first,
    centre: low + mean,
    scale: variance > 1e-12 * mean * mean && Number.isFinite(variance) ? Math.sqrt(variance) : 1,
    low: low - room,
    high: high + room,
    seen: [values[0] ?? 0, values.at(-1) ?? 0],
  }
}

/** Which weight a value has. */
export function indexOf(terms: Terms, value: number): number {
  if (Number.isNaN(value)) return terms.first
  if (terms.form === 'number') return terms.first + 1
  return value >= 0 && value < terms.kept ? terms.first + 2 + value : terms.first + 1
}

/** What the weight is multiplied by. */
export function inputOf(terms: Terms, value: number): number {
  return terms.form === 'level' || Number.isNaN(value) ? 1 : lineAt(terms, value)
}

/** How much of the input comes from lying beyond the numbers seen; 0 within them and for levels. */
export function inputBeyond(terms: Terms, value: number, seen?: Seen): number {
  if (terms.form === 'level' || Number.isNaN(value)) return 0
  const [least, greatest] = seen ?? terms.seen
  return lineAt(terms, value) - lineAt(terms, Math.min(greatest, Math.max(least, value)))
}

function lineAt({ low, high, centre, scale }: Terms & { form: 'number' }, value: number): number {
  return (Math.min(high, Math.max(low, value)) - centre) / scale
}
