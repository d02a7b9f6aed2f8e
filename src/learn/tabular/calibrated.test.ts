import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { calibrationError, sigmoid } from '../calibration.ts'
import { calibrated, fitCalibration } from './calibrated.ts'

const random = seeded('calibrated')

/** Scores, and outcomes whose log-odds are `logOddsOf` the score. */
function history(n: number, logOddsOf: (score: number, row: number) => number) {
  const scores = Float64Array.from({ length: n }, () => 1.5 * random.normal())
  const truth = Uint8Array.from(scores, (score, row) =>
    random.uniform() < sigmoid(logOddsOf(score, row)) ? 1 : 0,
  )
  return { scores, truth }
}

/** Bends where a sigmoid of a line cannot follow. */
const bent = (score: number) => (score < 0 ? 0.4 * score : 2.5 * score)

test('it follows a bent curve closer than a sigmoid of a line does, and keeps the order of scores', () => {
  const past = history(6000, bent)
  const fresh = history(6000, bent)
  const calibration = fitCalibration(past.scores, past.truth)
  const error = (share: number) =>
    calibrationError(
      fresh.scores.map((score) => calibrated({ ...calibration, share }, score)),
      fresh.truth,
    )
  expect(error(calibration.share)).toBeLessThan(error(0))
  const said = fresh.scores.toSorted().map((score) => calibrated(calibration, score))
  for (let i = 1; i < said.length; i++) expect(said[i]!).toBeGreaterThanOrEqual(said[i - 1]!)
  for (const far of [-50, 50]) expect(Number.isFinite(calibrated(calibration, far))).toBe(true)
})

test('thirty records are calibrated almost by the sigmoid alone, and never to certainty', () => {
  const { scores, truth } = history(30, (score) => 3 * score)
  const calibration = fitCalibration(scores, truth)
  expect(calibration.share).toBeLessThan(0.05)
  expect(calibration.shift).toBe(0)
  expect(calibrated(calibration, 9)).toBeLessThan(1)
  expect(calibrated(calibration, -9)).toBeGreaterThan(0)
})

test('the level follows a drift that goes on, and not chance', () => {
  const n = 8000
  const drifting = history(n, (score, row) => score + (1.5 * row) / n)
  const calibration = fitCalibration(drifting.scores, drifting.truth)
  const error = (shift: number) => Math.abs(calibrated({ ...calibration, shift }, 0) - sigmoid(1.5))
  expect(error(calibration.shift)).toBeLessThan(error(0) / 2)
  const steady = history(n, (score) => score)
  expect(Math.abs(fitCalibration(steady.scores, steady.truth).shift)).toBeLessThan(0.1)
})
