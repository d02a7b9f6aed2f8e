import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auc, brierScore, expectedCalibrationError, logLoss } from './scoring-metrics.ts'

test('figures agree with what is counted by hand', () => {
  const truth = [0, 0, 1, 1]
  const scores = [0.1, 0.4, 0.35, 0.8]
  expect(auc(truth, scores)).toBe(0.75)
  expect(brierScore(truth, scores)).toBeCloseTo((0.01 + 0.16 + 0.4225 + 0.04) / 4, 12)
  expect(logLoss(truth, scores)).toBeCloseTo(
    -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8)) / 4,
    12,
  )
  // Bins of 1/15: each of the four is alone in its own.
  expect(expectedCalibrationError(truth, scores)).toBeCloseTo((0.1 + 0.4 + 0.65 + 0.2) / 4, 12)
})

test('the area under the curve is the share of pairs in the right order, ties counted half', () => {
  const pair = fc.record({ won: fc.boolean(), score: fc.integer({ min: 0, max: 5 }) })
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 30 }), (rows) => {
      let right = 0
      let pairs = 0
      for (const a of rows.filter((row) => row.won)) {
        for (const b of rows.filter((row) => !row.won)) {
          pairs++
          right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0
        }
      }
      const area = auc(
        rows.map((row) => row.won),
        rows.map((row) => row.score),
      )
      if (pairs === 0) expect(area).toBeNull()
      else expect(area).toBeCloseTo(right / pairs, 12)
    }),
  )
})

test('nothing to measure is null', () => {
  expect([auc([], []), brierScore([], []), logLoss([], []), expectedCalibrationError([], [])]).toEqual([
    null,
    null,
    null,
    null,
  ])
})
