import { sigmoid, softplus } from '../calibration.ts'
import { solveInPlace } from './cholesky.ts'
import { type Design, enter, inputBeyond, mostEntries, type Seen, type Terms } from './terms.ts'

/** A logistic regression as it is kept: weights by entry, and what each feature contributes on average. */
export interface LogisticModel {
  terms: Terms[]
  weights: number[]
  averages: number[]
  /** Log-odds of the average record. */
  intercept: number
}

/**
 * Logistic regression with a ridge penalty, by Newton's method (iteratively reweighted least squares; Hastie,
 * Tibshirani, Friedman 2009, section 4.4.1), on some rows of a design. `ridge` is the precision of the weights'
 * prior; the intercept, the last weight, is free. `from` are weights to start at, `held` is 1 for those that stay there.
 */
export function fitLogistic(
  design: Design,
  truth: Uint8Array,
  rows: Int32Array,
  ridge: number,
  from?: Float64Array,
  held?: Uint8Array,
): Float64Array {
  const { start, index, value, width } = design
  const size = width + 1
  const weights = from ? from.slice() : new Float64Array(size)
  if (!from) {
    let won = 0
    for (const row of rows) won += truth[row]!
    weights[width] = Math.log((won + 0.5) / (rows.length - won + 0.5))
  }
  const hessian = new Float64Array(size * size)
  const step = new Float64Array(size)
  const scores = new Float64Array(rows.length)
  let loss = penalisedLoss(design, truth, rows, weights, ridge, scores)
  for (let round = 0; round < 30; round++) {
    hessian.fill(0)
    step.fill(0)
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!
      const first = start[row]!
      const end = start[row + 1]!
      const p = sigmoid(scores[r]!)
      const error = p - truth[row]!
      const curve = Math.max(1e-9, p * (1 - p))
      for (let e = first; e < end; e++) {
        const i = index[e]!
        const scaled = curve * value[e]!
        step[i]! += error * value[e]!
        // Indices ascend, so this is the lower triangle: line i, columns up to i.
        const line = i * size
        for (let g = first; g <= e; g++) hessian[line + index[g]!]! += scaled * value[g]!
        hessian[width * size + i]! += scaled
      }
      step[width]! += error
      hessian[size * size - 1]! += curve
    }
    for (let i = 0; i < width; i++) {
      step[i]! += ridge * weights[i]!
      hessian[i * size + i]! += ridge
    }
    hessian[size * size - 1]! += 1e-9
    if (held) hold(held, step, hessian, size)
    solveInPlace(hessian, step, size)
    const before = loss
    const at = weights.slice()
    // Newton's full step can overshoot where the likelihood is far from its parabola: halve it until it descends.
    for (let length = 1; length > 1e-4; length /= 2) {
      for (let i = 0; i < size; i++) weights[i] = at[i]! - length * step[i]!
      loss = penalisedLoss(design, truth, rows, weights, ridge, scores)
      if (loss <= before) break
    }
    if (loss > before) weights.set(at)
    if (before - loss < 1e-5 * rows.length) break
  }
  return weights
}

/** Takes weights out of a Newton step: theirs is 0, and the others' is as if they were constants. */
function hold(held: Uint8Array, step: Float64Array, hessian: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) if (held[i] || held[j]) hessian[i * size + j] = 0
    if (!held[i]) continue
    step[i] = 0
    hessian[i * size + i] = 1
  }
}

/** Negative log-likelihood plus the penalty; leaves each row's log-odds in `scores`. */
function penalisedLoss(
  design: Design,
  truth: Uint8Array,
  rows: Int32Array,
  weights: Float64Array,
  ridge: number,
  scores: Float64Array,
): number {
  let loss = 0
  for (let r = 0; r < rows.length; r++) {
    const score = scoreOf(design, weights, rows[r]!)
    scores[r] = score
    loss += softplus(truth[rows[r]!] ? -score : score)
  }
  for (let i = 0; i < design.width; i++) loss += (ridge / 2) * weights[i]! * weights[i]!
  return loss
}

function scoreOf({ start, index, value, width }: Design, weights: Float64Array, row: number): number {
  let score = weights[width]!
  for (let e = start[row]!; e < start[row + 1]!; e++) score += weights[index[e]!]! * value[e]!
  return score
}

/** Log-odds of some rows of a design. */
export function logisticScores(design: Design, weights: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => scoreOf(design, weights, row))
}

/** The model of fitted weights, its averages taken over all rows of the design. */
export function logisticModel(design: Design, weights: Float64Array): LogisticModel {
  const { terms, index, value, width } = design
  const rows = Math.max(1, design.start.length - 1)
  const average = new Float64Array(width)
  for (let e = 0; e < index.length; e++) average[index[e]!]! += (value[e]! * weights[index[e]!]!) / rows
  const averages = terms.map((term, f) =>
    average.subarray(term.first, terms[f + 1]?.first ?? width).reduce((sum, each) => sum + each, 0),
  )
  const intercept = averages.reduce((sum, each) => sum + each, weights[width]!)
  return { terms, weights: Array.from(weights.subarray(0, width)), averages, intercept }
}

/**
 * What the linear model says, in log-odds, about numbers beyond those in the rows learned from. Trees stay level
 * there; a blend carries on along the line.
 */
export function logisticBeyond(
  { terms }: Design,
  weights: Float64Array,
  columns: readonly Float64Array[],
  learned: Int32Array,
  rows: Int32Array,
): Float64Array {
  const beyond = new Float64Array(rows.length)
  for (const [f, term] of terms.entries()) {
    if (term.form === 'level') continue
    const column = columns[f]!
    const seen: Seen = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const row of learned) {
      if (column[row]! < seen[0]) seen[0] = column[row]!
      if (column[row]! > seen[1]) seen[1] = column[row]!
    }
    if (seen[0] > seen[1]) continue
    for (let i = 0; i < rows.length; i++) {
      beyond[i]! += weights[term.first + 1]! * inputBeyond(term, column[rows[i]!]!, seen)
    }
  }
  return beyond
}

const indices = new Int32Array(mostEntries)
const inputs = new Float64Array(mostEntries)

/**
 * Adds each feature's effect, in log-odds and counted from its average in the history, to `effects`: `share` of it,
 * but all of what lies beyond the numbers seen, where the rest of the blend has nothing to say. With `share` of the
 * intercept the effects sum to the model's part of the log-odds exactly.
 */
export function addLogisticEffects(
  { terms, weights, averages }: LogisticModel,
  values: ArrayLike<number>,
  share: number,
  effects: Float64Array,
): void {
  for (let f = 0; f < terms.length; f++) {
    const term = terms[f]!
    const value = values[f]!
    const entries = enter(term, value, indices, inputs, 0)
    let effect = -averages[f]!
    for (let e = 0; e < entries; e++) effect += weights[indices[e]!]! * inputs[e]!
    const beyond = term.form === 'number' ? weights[term.first + 1]! * inputBeyond(term, value) : 0
    effects[f]! += share * effect + (1 - share) * beyond
  }
}
