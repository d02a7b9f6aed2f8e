import type { Feature } from './features.ts'

/**
 * How a feature enters the linear model. A number is a straight line plus a bend at a few quantiles (a linear
 * spline in its local basis), so that the model can follow curves and still extrapolates; a level is one weight.
 * The first entry is "empty"; of a level, the second is everything rare or unseen.
 */
export type Terms =
  | {
      form: 'number'
      first: number
      centre: number
      scale: number
      low: number
      high: number
      knots: number[]
    }
  | { form: 'level'; first: number; kept: number }

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

/** Lays out all rows of a table; numbers bend at `knots` quantiles. */
export function designOf(
  features: readonly Feature[],
  columns: readonly Float64Array[],
  knots: number,
): Design {
  const terms: Terms[] = []
  let width = 0
  for (let f = 0; f < features.length; f++) {
    const feature = features[f]!
    const laid =
      feature.form === 'level'
        ? levelTerms(columns[f]!, feature.levels.length, width)
        : numberTerms(columns[f]!, knots, width)
    terms.push(laid)
    width += widthOf(laid)
  }
  const rows = columns[0]?.length ?? 0
  const most = rows * terms.reduce((sum, term) => sum + (term.form === 'level' ? 1 : 3), 0)
  const index = new Int32Array(most)
  const value = new Float32Array(most)
  const start = new Int32Array(rows + 1)
  let n = 0
  const emit = (i: number, v: number) => {
    index[n] = i
    value[n++] = v
  }
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < terms.length; f++) expand(terms[f]!, columns[f]![row]!, emit)
    start[row + 1] = n
  }
  return { terms, start, index: index.slice(0, n), value: value.slice(0, n), width }
}

function levelTerms(column: Float64Array, levels: number, first: number): Terms {
  const counts = new Int32Array(levels)
  for (const code of column) if (code >= 0) counts[code]!++
  // Levels are ordered by frequency: the rare ones are the tail.
  let kept = Math.min(mostLevels, levels)
  while (kept > 0 && counts[kept - 1]! < fewestOfLevel) kept--
  return { form: 'level', first, kept }
}

function numberTerms(column: Float64Array, knotCount: number, first: number): Terms {
  const values = column.filter((value) => !Number.isNaN(value)).sort()
  const quantile = (q: number) => values[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0
  const knots = new Set<number>()
  for (let k = 0; k < knotCount; k++) knots.add(quantile((k + 0.5) / knotCount))
  const low = quantile(0.005)
  const high = quantile(0.995)
  // Two values make a straight line.
  if (knots.size <= 2 && values.every((value) => value === values[0] || value === values.at(-1)))
    knots.clear()
  let sum = 0
  let squares = 0
  for (const value of values) {
    const inside = Math.min(high, Math.max(low, value))
    sum += inside
    squares += inside * inside
  }
  const centre = values.length ? sum / values.length : 0
  const variance = values.length ? squares / values.length - centre * centre : 0
  const scale = variance > 1e-12 * (1 + centre * centre) ? Math.sqrt(variance) : 1
  // A little beyond what was seen the line goes on, further out it stays level.
  const room = (high - low) / 2
  return { form: 'number', first, centre, scale, low: low - room, high: high + room, knots: [...knots] }
}

/** Number of weights of a feature. */
export function widthOf(terms: Terms): number {
  return 2 + (terms.form === 'level' ? terms.kept : terms.knots.length)
}

/** Calls `emit` with every (index, value) that is not zero for one value of a feature, indices ascending. */
export function expand(terms: Terms, value: number, emit: (index: number, value: number) => void): void {
  const { first } = terms
  if (Number.isNaN(value)) {
    emit(first, 1)
    return
  }
  if (terms.form === 'level') {
    emit(value >= 0 && value < terms.kept ? first + 2 + value : first + 1, 1)
    return
  }
  const { knots } = terms
  emit(first + 1, (Math.min(terms.high, Math.max(terms.low, value)) - terms.centre) / terms.scale)
  if (knots.length === 0) return
  let above = 0
  while (above < knots.length && knots[above]! <= value) above++
  if (above === 0) emit(first + 2, 1)
  else if (above === knots.length) emit(first + 1 + above, 1)
  else {
    const share = (value - knots[above - 1]!) / (knots[above]! - knots[above - 1]!)
    emit(first + 1 + above, 1 - share)
    emit(first + 2 + above, share)
  }
}
