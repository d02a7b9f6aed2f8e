import { sigmoid, softplus } from '../calibration.ts'

/** Log-odds of the same rows by each part. */
export interface Candidates {
  truth: Uint8Array
  linear: Float64Array
  trees: Float64Array
}

/** `share` of the trees, 0..1, and the rest of the linear model. */
export function blended({ linear, trees }: Candidates, share: number): Float64Array {
  return trees.map((score, i) => share * score + (1 - share) * linear[i]!)
}

/**
 * Log loss of a blend on each sample, after the shift that calibrates the sample, so that parts are compared by what
 * they tell apart.
 */
export function lossesOf(samples: readonly Candidates[], share: number): number[] {
  return samples.map((sample) => {
    const scores = blended(sample, share)
    const shift = shiftOf(scores, sample.truth)
    return logLossOf(
      scores.map((score) => score + shift),
      sample.truth,
    )
  })
}

/**
 * Chooses the trees' share with the least log loss. Every sample (the folds left out, each window in time) counts the same; another share than the first of `shares` must beat it by more than
 * two standard errors over the samples, because what looks best on the past is often what the next change hits
 * hardest.
 */
export function chooseShare(samples: readonly Candidates[], shares: readonly number[]): number {
  const usual = lossesOf(samples, shares[0]!)
  let choice = { share: shares[0]!, gain: 0 }
  for (const share of shares.slice(1)) {
    const gains = lossesOf(samples, share).map((loss, s) => usual[s]! - loss)
    const gain = mean(gains)
    if (gain > choice.gain && gain > 2 * standardError(gains)) choice = { share, gain }
  }
  return choice.share
}

/** Mean negative log-likelihood of log-odds. */
export function logLossOf(scores: Float64Array, truth: Uint8Array): number {
  let loss = 0
  for (let i = 0; i < scores.length; i++) loss += softplus(truth[i] ? -scores[i]! : scores[i]!)
  return loss / Math.max(1, scores.length)
}

/** The shift in log-odds after which the mean probability is the share of won. */
function shiftOf(scores: Float64Array, truth: Uint8Array): number {
  const won = truth.reduce((total, y) => total + y, 0)
  let shift = 0
  for (let round = 0; round < 30; round++) {
    let expected = 0
    let curve = 1e-9
    for (const score of scores) {
      const p = sigmoid(score + shift)
      expected += p
      curve += p * (1 - p)
    }
    const step = Math.max(-1, Math.min(1, (won - expected) / curve))
    shift += step
    if (Math.abs(step) < 1e-9) break
  }
  return Math.max(-3, Math.min(3, shift))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
