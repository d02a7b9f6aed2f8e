import type { Feature } from './features.ts'
import { countBelow } from './sorted.ts'

/**
 * How a feature enters the linear model: "empty" has a weight of its own; a number is a straight line and, on top of
 * it, bends: a piecewise linear function with a weight at each of `knots` (a linear B-spline; Hastie, Tibshirani,
 * Friedman 2009, chapter 5), level beyond the outer ones, where only the line goes on; and spikes: a weight for each number
 * that many records share (0, 999 for "never", the rate of one day); a level is one weight, all rare and unseen ones
 * together another.
 */
export type Terms =
  | {
      form: 'number'
      first: number
      centre: number
      scale: number
      low: number
      high: number
      seen: Seen
      knots: number[]
      spikes: number[]
    }
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
const mostKnots = 8
const mostSpikes = 60
/** So many records share a number that has a weight of its own, at least. */
const fewestOfSpike = 100
/** So many records between two knots, at least. */
const fewestBetween = 60
/** A number has the most entries: its line, the two knots beside it, and its spike. */
export const mostEntries = 4

/** Lays out all rows of a table, as if only `learned` of them (all when left out) had been seen. */
export function designOf(
  features: readonly Feature[],
  columns: readonly Float64Array[],
  learned?: Int32Array,
): Design {
  const terms: Terms[] = []
  let width = 0
  for (const [f, feature] of features.entries()) {
    const column = learned ? Float64Array.from(learned, (row) => columns[f]![row]!) : columns[f]!
    const laid =
      feature.form === 'level' ? levelTerms(column, feature.levels.length, width) : numberTerms(column, width)
    terms.push(laid)
    width += widthOf(laid)
  }
  const rows = columns[0]?.length ?? 0
  const start = new Int32Array(rows + 1)
  let index = new Int32Array(rows * terms.length)
  let value = new Float32Array(rows * terms.length)
  let used = 0
  for (let row = 0; row < rows; row++) {
    if (used + mostEntries * terms.length > index.length) {
      const room = Math.ceil((1.1 * rows * used) / Math.max(1, row)) + mostEntries * terms.length
      index = grown(index, new Int32Array(Math.max(room, used + mostEntries * terms.length)))
      value = grown(value, new Float32Array(index.length))
    }
    for (let f = 0; f < terms.length; f++) used += enter(terms[f]!, columns[f]![row]!, index, value, used)
    start[row + 1] = used
  }
  return { terms, start, index: index.subarray(0, used), value: value.subarray(0, used), width }
}

/** 1 for each weight of a bend or a spike, the intercept's 0 coming last; null where no number bends. */
export function bendsOf({ terms, width }: Design): Uint8Array | null {
  const bends = new Uint8Array(width + 1)
  for (const term of terms) {
    if (term.form === 'number') bends.fill(1, term.first + 2, term.first + widthOf(term))
  }
  return bends.includes(1) ? bends : null
}

function grown<A extends Int32Array | Float32Array>(from: A, to: A): A {
  to.set(from)
  return to
}

const widthOf = (term: Terms): number =>
  2 + (term.form === 'level' ? term.kept : term.knots.length + term.spikes.length)

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
    knots: knotsOf(values),
    spikes: spikesOf(values),
  }
}

/** Knots at quantiles of sorted values, with records enough between them to tell a bend; none where two would do. */
function knotsOf(sorted: Float64Array): number[] {
  const wanted = Math.min(mostKnots, 1 + Math.floor(sorted.length / fewestBetween))
  const knots: number[] = []
  for (let k = 0; k < wanted; k++) {
    const knot = sorted[Math.round((k * (sorted.length - 1)) / (wanted - 1))]!
    if (knots.length === 0 || knot > knots.at(-1)!) knots.push(knot)
  }
  return knots.length > 2 ? knots : []
}

/** Numbers that many records share, ascending; none where there are two numbers at most. */
function spikesOf(sorted: Float64Array): number[] {
  const found: { value: number; records: number }[] = []
  let distinct = 0
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++
    distinct++
    if (to - from >= fewestOfSpike) found.push({ value: sorted[from]!, records: to - from })
  }
  if (distinct <= 2) return []
  return found
    .sort((a, b) => b.records - a.records || a.value - b.value)
    .slice(0, mostSpikes)
    .map(({ value }) => value)
    .sort((a, b) => a - b)
}

/**
 * Writes which weights a value has to `index`, ascending, and what each is multiplied by to `input`, from `at` on.
 * Returns how many there are.
 */
export function enter(
  term: Terms,
  value: number,
  index: Int32Array,
  input: Float32Array | Float64Array,
  at: number,
): number {
  input[at] = 1
  if (Number.isNaN(value)) {
    index[at] = term.first
    return 1
  }
  if (term.form === 'level') {
    index[at] = value >= 0 && value < term.kept ? term.first + 2 + value : term.first + 1
    return 1
  }
  index[at] = term.first + 1
  input[at] = lineAt(term, value)
  const { knots, spikes } = term
  const firstKnot = term.first + 2
  let used = 1
  if (knots.length > 0) {
    const right = countBelow(knots, value)
    const left = right - 1
    if (left < 0 || right === knots.length) {
      index[at + used] = firstKnot + (left < 0 ? 0 : left)
      input[at + used++] = 1
    } else {
      const share = (value - knots[left]!) / (knots[right]! - knots[left]!)
      index[at + used] = firstKnot + left
      input[at + used++] = 1 - share
      index[at + used] = firstKnot + right
      input[at + used++] = share
    }
  }
  const spike = countBelow(spikes, value)
  if (spikes[spike] !== value) return used
  index[at + used] = firstKnot + knots.length + spike
  input[at + used++] = 1
  return used
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
