import { calibrationError } from './calibration.ts'

/**
 * How good predicted probabilities are. All take the truth (1 won, 0 lost) and the scores in the same order; where
 * there is nothing to measure they return null.
 */
type Truth = ArrayLike<number | boolean>
type Scores = ArrayLike<number>

/** Area under the ROC curve, ties counted half (Mann and Whitney 1947); null when one class is missing. */
export function auc(truth: Truth, scores: Scores): number | null {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  )
  let won = 0
  let rankSum = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    let wonHere = 0
    while (end < order.length && scores[order[end]!] === scores[order[start]!])
      wonHere += +truth[order[end++]!]!
    won += wonHere
    rankSum += wonHere * ((start + 1 + end) / 2)
    start = end
  }
  const lost = order.length - won
  return won && lost ? (rankSum - (won * (won + 1)) / 2) / (won * lost) : null
}

/** Mean squared error of the probabilities (Brier 1950). */
export function brierScore(truth: Truth, probabilities: Scores): number | null {
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) sum += (+truth[i]! - probabilities[i]!) ** 2
  return probabilities.length ? sum / probabilities.length : null
}

/** Mean negative log-likelihood in nats; probabilities are kept 1e-15 away from 0 and 1. */
export function logLoss(truth: Truth, probabilities: Scores): number | null {
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[i]!))
    sum -= truth[i] ? Math.log(p) : Math.log1p(-p)
  }
  return probabilities.length ? sum / probabilities.length : null
}

/**
 * Expected calibration error: the gap between the predicted and the real share of won in 15 bins of equal width,
 * weighted by their size (Naeini, Cooper, Hauskrecht 2015).
 */
export function expectedCalibrationError(truth: Truth, probabilities: Scores): number | null {
  return probabilities.length ? calibrationError(probabilities, Array.from(truth, Number)) : null
}
