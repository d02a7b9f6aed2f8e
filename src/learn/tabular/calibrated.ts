import { fitIsotonic, fitPlatt, type Platt, sigmoid } from '../calibration.ts'
import { countBelow } from './sorted.ts'

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
/** Parts of the history, in its order, whose levels are compared to tell drift from chance. */
const fewestWindows = 10
const mostWindows = 20
const fewestInWindow = 40
/** How far the level may move from one part to the next, in log-odds: its standard deviation. */
const steps = [0.02, 0.05, 0.1, 0.2, 0.4]
/** What is left of a moved level one part later. */
const memories = [1, 0.95, 0.9, 0.8, 0.6]

/**
 * Fits a calibration to log-odds of records that were predicted without themselves. Where their level moved in the
 * order given, by more than chance, the calibration has the level to expect next.
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
  if (truth.length < fewestWindows * fewestInWindow) return calibration
  const logOdds = scores.map((score) => logit(calibrated(calibration, score)))
  return { ...calibration, shift: nextShift(logOdds, truth) }
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
  const right = countBelow(scores, score)
  const left = right - 1
  if (left < 0) return values[0]!
  if (right === scores.length) return values.at(-1)!
  const share = (score - scores[left]!) / (scores[right]! - scores[left]!)
  return values[left]! + share * (values[right]! - values[left]!)
}

/**
 * The level to expect next: one that walks at random or comes back to the usual, seen through the shift that each part
 * of the history asks for, by Kalman filters (Durbin and Koopman 2012, chapter 2). It is the mean over all steps and
 * memories, and over a level that stays, each weighted by how likely it makes what was seen; a level that stays
 * counts beforehand as much as all others together.
 */
function nextShift(logOdds: Float64Array, truth: Uint8Array): number {
  const n = truth.length
  const windows = Math.min(mostWindows, Math.floor(n / fewestInWindow))
  const seen = Array.from({ length: windows }, (_, w) => {
    const [from, to] = [Math.floor((w * n) / windows), Math.floor(((w + 1) * n) / windows)]
    return shiftOf(logOdds.subarray(from, to), truth.subarray(from, to))
  })
  const moving = steps.flatMap((step) => memories.map((memory) => filtered(seen, step, memory)))
  const staying = filtered(seen, 0, 1)
  const top = Math.max(staying.likelihood, ...moving.map(({ likelihood }) => likelihood))
  let mass = moving.length * Math.exp(staying.likelihood - top)
  let sum = 0
  for (const { next, likelihood } of moving) {
    const weight = Math.exp(likelihood - top)
    mass += weight
    sum += weight * next
  }
  return sum / mass
}

/** The level to expect after what was seen, and the log-likelihood of what was seen. */
function filtered(
  seen: readonly { shift: number; curve: number }[],
  step: number,
  memory: number,
): { next: number; likelihood: number } {
  let level = 0
  // Over the whole history the calibration is right: a level that walks is about 0 half-way through it.
  let variance = memory === 1 ? (step * step * seen.length) / 2 : (step * step) / (1 - memory * memory)
  let likelihood = 0
  for (const { shift, curve } of seen) {
    level *= memory
    variance = memory * memory * variance + step * step
    const spread = variance + 1 / curve
    likelihood -= 0.5 * (Math.log(spread) + (shift - level) ** 2 / spread)
    const gain = variance / spread
    level += gain * (shift - level)
    variance *= 1 - gain
  }
  return { next: memory * level, likelihood }
}

/** The shift in log-odds that fits the outcomes best, and its precision: the curvature of the log loss there. */
function shiftOf(logOdds: Float64Array, truth: Uint8Array): { shift: number; curve: number } {
  let shift = 0
  let curve = 0
  for (let round = 0; round < 30; round++) {
    let gradient = 0
    curve = 1e-9
    for (let i = 0; i < truth.length; i++) {
      const p = sigmoid(logOdds[i]! + shift)
      gradient += truth[i]! - p
      curve += p * (1 - p)
    }
    const step = Math.max(-1, Math.min(1, gradient / curve))
    shift += step
    if (Math.abs(step) < 1e-9) break
  }
  return { shift: Math.max(-3, Math.min(3, shift)), curve }
}
