/**
 * Calibration: from scores to probabilities. Everything works on plain arrays of equal length; scores are finite
 * numbers where more is likelier, outcomes are 0 or 1, weights are positive (1 when left out).
 */

/** Probability = 1 / (1 + e^-(slope × score + offset)). */
export interface Platt {
  slope: number
  offset: number
}

/**
 * Platt's sigmoid, fitted by Newton steps on the log loss with his smoothed targets (Platt 1999; Lin, Lin, Weng
 * 2007), so that separable scores do not give certainty.
 */
export function fitPlatt(
  scores: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Platt {
  let positive = 0
  let negative = 0
  for (let i = 0; i < scores.length; i++) {
    const weight = weights?.[i] ?? 1
    if (outcomes[i]! > 0) positive += weight
    else negative += weight
  }
  const high = (positive + 1) / (positive + 2)
  const low = 1 / (negative + 2)
  let slope = 0
  let offset = Math.log((positive + 1) / (negative + 1))
  const loss = (a: number, b: number) => {
    let sum = 0
    for (let i = 0; i < scores.length; i++) {
      const z = a * scores[i]! + b
      const target = outcomes[i]! > 0 ? high : low
      sum += (weights?.[i] ?? 1) * (softplus(z) - target * z)
    }
    return sum
  }
  let current = loss(slope, offset)
  for (let step = 0; step < 100; step++) {
    let gradientA = 0
    let gradientB = 0
    let aa = 1e-12
    let ab = 0
    let bb = 1e-12
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!
      const weight = weights?.[i] ?? 1
      const p = sigmoid(slope * score + offset)
      const residual = weight * (p - (outcomes[i]! > 0 ? high : low))
      const curve = weight * p * (1 - p)
      gradientA += residual * score
      gradientB += residual
      aa += curve * score * score
      ab += curve * score
      bb += curve
    }
    if (Math.abs(gradientA) < 1e-9 && Math.abs(gradientB) < 1e-9) break
    const determinant = aa * bb - ab * ab
    if (!(determinant > 0)) break
    const stepA = (bb * gradientA - ab * gradientB) / determinant
    const stepB = (aa * gradientB - ab * gradientA) / determinant
    let length = 1
    let next = loss(slope - stepA, offset - stepB)
    while (next > current && length > 1e-10) {
      length /= 2
      next = loss(slope - length * stepA, offset - length * stepB)
    }
    if (next > current) break
    slope -= length * stepA
    offset -= length * stepB
    const gain = current - next
    current = next
    if (gain < 1e-12 * (1 + Math.abs(current))) break
  }
  return { slope, offset }
}

export function platt(model: Platt, score: number): number {
  return sigmoid(model.slope * score + model.offset)
}

/**
 * The factor that scores are multiplied by before the softmax so that it gives the best log loss (temperature
 * scaling, Guo, Pleiss, Sun, Weinberger 2017; this is 1 / T). `scores` holds `classes` numbers a row, `truths` the
 * right class of each; rows with a truth below 0 are left out. 1 when there is nothing to learn from.
 */
export function fitTemperature(
  scores: ArrayLike<number>,
  classes: number,
  truths: ArrayLike<number>,
): number {
  // The log loss is convex in the factor: golden section on its logarithm finds the minimum.
  const golden = (Math.sqrt(5) - 1) / 2
  let low = Math.log(1e-2)
  let high = Math.log(1e3)
  let left = high - golden * (high - low)
  let right = low + golden * (high - low)
  let lossLeft = softmaxLoss(scores, classes, truths, Math.exp(left))
  let lossRight = softmaxLoss(scores, classes, truths, Math.exp(right))
  if (Number.isNaN(lossLeft)) return 1
  while (high - low > 1e-4) {
    if (lossLeft < lossRight) {
      high = right
      right = left
      lossRight = lossLeft
      left = high - golden * (high - low)
      lossLeft = softmaxLoss(scores, classes, truths, Math.exp(left))
    } else {
      low = left
      left = right
      lossLeft = lossRight
      right = low + golden * (high - low)
      lossRight = softmaxLoss(scores, classes, truths, Math.exp(right))
    }
  }
  return Math.exp((low + high) / 2)
}

/** Mean log loss of the softmax of `factor` × scores; NaN without a row that has a truth. */
export function softmaxLoss(
  scores: ArrayLike<number>,
  classes: number,
  truths: ArrayLike<number>,
  factor: number,
): number {
  let sum = 0
  let counted = 0
  for (let row = 0; row < truths.length; row++) {
    const truth = truths[row]!
    if (truth < 0) continue
    const base = row * classes
    let top = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) if (scores[base + k]! > top) top = scores[base + k]!
    let total = 0
    for (let k = 0; k < classes; k++) total += Math.exp(factor * (scores[base + k]! - top))
    sum += Math.log(total) - factor * (scores[base + truth]! - top)
    counted++
  }
  return sum / counted
}

/** Probability = 1 / (1 + e^-(offset + Σ weight × feature)). */
export interface Logistic {
  offset: number
  weights: number[]
}

/**
 * Logistic regression of an outcome on a few features, with a ridge on the weights of the standardised features, by
 * Newton steps (iteratively reweighted least squares). `features` holds `width` finite numbers a row.
 */
export function fitLogistic(
  features: ArrayLike<number>,
  width: number,
  outcomes: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  ridge: number,
): Logistic {
  const rows = outcomes.length
  const means = new Float64Array(width)
  const scales = new Float64Array(width)
  let mass = 0
  for (let r = 0; r < rows; r++) {
    const w = weights?.[r] ?? 1
    mass += w
    for (let f = 0; f < width; f++) means[f]! += w * features[r * width + f]!
  }
  for (let f = 0; f < width; f++) means[f]! /= mass || 1
  for (let r = 0; r < rows; r++) {
    const w = weights?.[r] ?? 1
    for (let f = 0; f < width; f++) scales[f]! += w * (features[r * width + f]! - means[f]!) ** 2
  }
  for (let f = 0; f < width; f++) scales[f] = Math.sqrt(scales[f]! / (mass || 1)) || 1

  // Position 0 is the offset, which is not held back.
  const size = width + 1
  const beta = new Float64Array(size)
  const x = new Float64Array(size)
  x[0] = 1
  const z = (r: number) => {
    let sum = beta[0]!
    for (let f = 0; f < width; f++) {
      x[f + 1] = (features[r * width + f]! - means[f]!) / scales[f]!
      sum += beta[f + 1]! * x[f + 1]!
    }
    return sum
  }
  const loss = () => {
    let sum = 0
    for (let r = 0; r < rows; r++) {
      const score = z(r)
      sum += (weights?.[r] ?? 1) * (softplus(score) - (outcomes[r]! > 0 ? score : 0))
    }
    for (let f = 1; f < size; f++) sum += 0.5 * ridge * beta[f]! ** 2
    return sum
  }
  let current = loss()
  for (let round = 0; round < 50; round++) {
    const gradient = new Float64Array(size)
    const curve = new Float64Array(size * size)
    for (let r = 0; r < rows; r++) {
      const w = weights?.[r] ?? 1
      const p = sigmoid(z(r))
      const residual = w * (p - (outcomes[r]! > 0 ? 1 : 0))
      const bend = w * p * (1 - p)
      for (let i = 0; i < size; i++) {
        gradient[i]! += residual * x[i]!
        for (let j = 0; j <= i; j++) curve[i * size + j]! += bend * x[i]! * x[j]!
      }
    }
    for (let i = 0; i < size; i++) {
      if (i > 0) gradient[i]! += ridge * beta[i]!
      curve[i * size + i]! += i > 0 ? ridge : 1e-9
    }
    const step = solvePositive(curve, gradient, size)
    const before = beta.slice()
    let length = 1
    let next = current
    do {
      for (let i = 0; i < size; i++) beta[i] = before[i]! - length * step[i]!
      next = loss()
      length /= 2
    } while (next > current && length > 1e-6)
    if (!(next <= current)) {
      beta.set(before)
      break
    }
    const gain = current - next
    current = next
    if (gain < 1e-10 * (1 + Math.abs(current))) break
  }
  let offset = beta[0]!
  for (let f = 0; f < width; f++) offset -= (beta[f + 1]! * means[f]!) / scales[f]!
  return { offset, weights: Array.from({ length: width }, (_, f) => beta[f + 1]! / scales[f]!) }
}

/** Probability of one row of features. */
export function logistic(model: Logistic, features: ArrayLike<number>): number {
  let sum = model.offset
  for (let f = 0; f < model.weights.length; f++) sum += model.weights[f]! * features[f]!
  return sigmoid(sum)
}

/** Solves matrix × x = right for a positive definite matrix of which the lower half is given (Cholesky). */
function solvePositive(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const lower = matrix.slice()
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * size + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * size + j]!
    }
  }
  const x = right.slice()
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i * size + k]! * x[k]!
    x[i]! /= lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= lower[k * size + i]! * x[k]!
    x[i]! /= lower[i * size + i]!
  }
  return x
}

/** A step function that never falls: probability of score s is `values` at the last `scores` that is ≤ s. */
export interface Isotonic {
  scores: Float64Array
  values: Float64Array
}

/**
 * The non-decreasing step function nearest to the outcomes in squares, by pooling adjacent violators (Ayer, Brunk,
 * Ewing, Reid, Silverman 1955). Equal scores get one value.
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Isotonic {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  const from: number[] = []
  const sums: number[] = []
  const masses: number[] = []
  let last = Number.NaN
  for (const i of order) {
    const weight = weights?.[i] ?? 1
    const outcome = weight * (outcomes[i]! > 0 ? 1 : 0)
    if (scores[i] === last) {
      sums[sums.length - 1]! += outcome
      masses[masses.length - 1]! += weight
    } else {
      from.push(scores[i]!)
      sums.push(outcome)
      masses.push(weight)
      last = scores[i]!
    }
  }
  const pools: { from: number; sum: number; mass: number }[] = []
  for (let i = 0; i < from.length; i++) {
    let pool = { from: from[i]!, sum: sums[i]!, mass: masses[i]! }
    let previous = pools.at(-1)
    while (previous && previous.sum / previous.mass >= pool.sum / pool.mass) {
      pool = { from: previous.from, sum: previous.sum + pool.sum, mass: previous.mass + pool.mass }
      pools.pop()
      previous = pools.at(-1)
    }
    pools.push(pool)
  }
  return {
    scores: Float64Array.from(pools, (pool) => pool.from),
    values: Float64Array.from(pools, (pool) => pool.sum / pool.mass),
  }
}

/** Value of the step function; the first value below the first score, and NaN for a function of nothing. */
export function isotonic(model: Isotonic, score: number): number {
  let low = 0
  let high = model.scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (model.scores[middle]! <= score) low = middle + 1
    else high = middle
  }
  return model.values[Math.max(0, low - 1)] ?? Number.NaN
}

/**
 * Expected calibration error: mean distance between claimed probability and what came true over `bins` bins of
 * equal width, weighted by their size. 0 for no rows.
 */
export function calibrationError(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins = 15,
): number {
  const claimed = new Float64Array(bins)
  const came = new Float64Array(bins)
  for (let i = 0; i < probabilities.length; i++) {
    const bin = Math.min(bins - 1, Math.floor(probabilities[i]! * bins))
    claimed[bin]! += probabilities[i]!
    came[bin]! += outcomes[i]! > 0 ? 1 : 0
  }
  let sum = 0
  for (let bin = 0; bin < bins; bin++) sum += Math.abs(claimed[bin]! - came[bin]!)
  return probabilities.length === 0 ? 0 : sum / probabilities.length
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

/** ln(1 + e^z) without overflow. */
export function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z))
}
