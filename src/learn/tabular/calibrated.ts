import { fitIsotonic, fitPlatt, type Platt, sigmoid } from '../calibration.ts'

/**
 * From log-odds to a probability: half of it Platt's sigmoid, half an isotonic function (less of it where records are
 * few), because the one is too stiff and the other too restless; then a shift in log-odds towards what came true last.
 */
export interface Calibration {
  platt: Platt
  /** Piecewise linear through these points, both ascending; level beyond them. Empty where `share` is 0. */
  isotonic: { scores: number[]; values: number[] }
  /** Share of the isotonic function, 0..1/2. */
  share: number
  /** In log-odds. */
  shift: number
}

/** At so many records of the rarer outcome, the isotonic function has half of its full share. */
const isotonicPrior = 200
/** Of the newest records so large a share weighs half of all in the shift. */
const halfLife = 0.1
/** Parts of the history whose shifts are compared to tell drift from chance. */
const windows = 10
const fewestInWindow = 40

/**
 * Fits a calibration to log-odds of records that were predicted without themselves. Where
 * their level moved in the order given, by more than chance, the newest weigh more in it: how far it follows them is a
 * matter of how much it moved before (an empirical Bayes estimate of its variance over the parts of the history).
 */
export function fitCalibration(scores: Float64Array, truth: Uint8Array): Calibration {
  const { slope, offset } = fitPlatt(scores, truth)
  const won = truth.reduce((sum, y) => sum + y, 0)
  const rarer = Math.min(won, truth.length - won)
  const calibration: Calibration = {
    platt: { slope: Math.max(0.05, slope), offset },
    isotonic: isotonicLine(scores, truth),
    share: (0.5 * rarer) / (rarer + isotonicPrior),
    shift: 0,
  }
  if (truth.length < windows * fewestInWindow) return calibration
  const logOdds = scores.map((score) => logit(calibrated(calibration, score)))
  return { ...calibration, shift: newestShift(logOdds, truth) }
}

/** Ascends strictly with the score, so that it leaves the order of records as it was. */
export function calibrated({ platt, isotonic, share, shift }: Calibration, score: number): number {
  const stiff = sigmoid(platt.slope * score + platt.offset)
  const both = share === 0 ? stiff : (1 - share) * stiff + share * lineThrough(isotonic, score)
  return shift === 0 ? both : sigmoid(logit(both) + shift)
}

export const uncalibrated: Calibration = {
  platt: { slope: 1, offset: 0 },
  isotonic: { scores: [], values: [] },
  share: 0,
  shift: 0,
}

const logit = (p: number): number => Math.log(p / (1 - p))

/** The isotonic step function as a line through the middle of its steps, kept a little away from 0 and 1. */
function isotonicLine(scores: Float64Array, truth: Uint8Array): Calibration['isotonic'] {
  const steps = fitIsotonic(scores, truth)
  const sums = new Float64Array(steps.scores.length)
  const sizes = new Float64Array(steps.scores.length)
  const sorted = scores.slice().sort()
  let step = 0
  for (const score of sorted) {
    while (step + 1 < sums.length && score >= steps.scores[step + 1]!) step++
    sums[step]! += score
    sizes[step]!++
  }
  return {
    scores: Array.from(sums, (sum, s) => sum / sizes[s]!),
    values: Array.from(steps.values, (value) => Math.min(0.999, Math.max(0.001, value))),
  }
}

function lineThrough({ scores, values }: Calibration['isotonic'], score: number): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle]! < score) low = middle + 1
    else high = middle
  }
  if (low === 0) return values[0]!
  if (low === scores.length) return values.at(-1)!
  const share = (score - scores[low - 1]!) / (scores[low]! - scores[low - 1]!)
  return values[low - 1]! + share * (values[low]! - values[low - 1]!)
}

/** The shift that the newest records ask for, drawn towards none as far as shifts before were chance. */
function newestShift(logOdds: Float64Array, truth: Uint8Array): number {
  const n = truth.length
  let squares = 0
  for (let w = 0; w < windows; w++) {
    const [from, to] = [Math.floor((w * n) / windows), Math.floor(((w + 1) * n) / windows)]
    const { shift, curve } = shiftOf(logOdds.subarray(from, to), truth.subarray(from, to), null, 0)
    squares += (shift * shift - 1 / curve) / windows
  }
  if (squares <= 0) return 0
  const weights = Float64Array.from(truth, (_, row) => 0.5 ** ((n - 1 - row) / (halfLife * n)))
  return shiftOf(logOdds, truth, weights, 1 / squares).shift
}

/**
 * The shift in log-odds that fits the outcomes best, with the precision `ridge` of a prior at 0, and the curvature of
 * the log loss there, which is the precision of the shift without the prior.
 */
function shiftOf(
  logOdds: Float64Array,
  truth: Uint8Array,
  weights: Float64Array | null,
  ridge: number,
): { shift: number; curve: number } {
  let shift = 0
  let curve = 0
  for (let round = 0; round < 30; round++) {
    let gradient = -ridge * shift
    curve = 1e-9
    for (let i = 0; i < truth.length; i++) {
      const weight = weights?.[i] ?? 1
      const p = sigmoid(logOdds[i]! + shift)
      gradient += weight * (truth[i]! - p)
      curve += weight * p * (1 - p)
    }
    const step = Math.max(-1, Math.min(1, gradient / (curve + ridge)))
    shift += step
    if (Math.abs(step) < 1e-9) break
  }
  return { shift: Math.max(-3, Math.min(3, shift)), curve }
}
