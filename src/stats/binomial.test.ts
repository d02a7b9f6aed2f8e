import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fewestToReject,
  fewestTrials,
  logLowerTail,
  logPoint,
  logUpperTail,
  lowerBound,
  predictiveUpperTail,
  upperBound,
  upperTail,
} from './binomial.ts'
import { halfWidth } from './confidence-sequence.ts'
import { logE, mirrorLogE } from './e-process.ts'

const reference = resolve(import.meta.dirname, '../../../shared/data/reference/statistics.json')

describe.skipIf(!existsSync(reference))(`reference vectors (${reference})`, () => {
  const vectors = existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : {}
  /** To 1e-6 of the value where it is below one, so that tiny p-values count too. */
  const agree = (actual: number, expected: number) =>
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.min(1, Math.abs(expected)) + 1e-12)

  test('the e-process and its mirror agree', () => {
    expect(vectors.mixture_e_process.values.length).toBeGreaterThan(10)
    for (const { k, n, ...expected } of vectors.mixture_e_process.values) {
      agree(logE(k, n, 0.85), expected.logE)
      agree(mirrorLogE(k, n, 0.85), expected.mirrorLogE)
    }
  })
  test('the exact lower bound agrees', () => {
    expect(vectors.clopper_pearson_lower.values.length).toBeGreaterThan(10)
    for (const { k, n, lower } of vectors.clopper_pearson_lower.values) agree(lowerBound(k, n, 0.95), lower)
  })
  test('the upper tail agrees', () => {
    expect(vectors.binomial_upper_tail.values.length).toBeGreaterThan(10)
    for (const { k, n, p } of vectors.binomial_upper_tail.values) agree(upperTail(k, n, 0.85), p)
  })
  test('the asymptotic confidence sequence agrees', () => {
    expect(vectors.asymptotic_confidence_sequence.values.length).toBeGreaterThan(10)
    for (const { n, nStar, twoSided, oneSided } of vectors.asymptotic_confidence_sequence.values) {
      agree(halfWidth(n, { nStar, alpha: 0.05, sides: 2 }), twoSided)
      agree(halfWidth(n, { nStar, alpha: 0.05, sides: 1 }), oneSided)
    }
  })
})

const counts = fc
  .integer({ min: 1, max: 60 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
const shares = fc.double({ min: 0.001, max: 0.999, noNaN: true })

test('the tails are the sums of the point probabilities', () => {
  fc.assert(
    fc.property(counts, shares, ([k, n], p) => {
      let upper = 0
      for (let j = k; j <= n; j++) upper += Math.exp(logPoint(j, n, p))
      expect(Math.exp(logUpperTail(k, n, p))).toBeCloseTo(upper, 10)
      expect(Math.exp(logLowerTail(k - 1, n, p))).toBeCloseTo(1 - upper, 10)
    }),
  )
})

test('a lower bound is the rate at which the record would be that good with the remaining probability', () => {
  fc.assert(
    fc.property(counts, fc.double({ min: 0.5, max: 0.999, noNaN: true }), ([k, n], confidence) => {
      const bound = lowerBound(k, n, confidence)
      if (k === 0) expect(bound).toBe(0)
      else expect(upperTail(k, n, bound)).toBeCloseTo(1 - confidence, 8)
      expect(upperBound(k, n, confidence)).toBeGreaterThanOrEqual(k / n)
    }),
  )
})

test('tails and bounds hold at a million trials', () => {
  expect(lowerBound(850_000, 1_000_000, 0.95)).toBeCloseTo(0.8494114, 6)
  expect(lowerBound(1_000_000, 1_000_000, 0.95)).toBeCloseTo(0.05 ** 1e-6, 12)
  expect(upperTail(850_000, 1_000_000, 0.85)).toBeCloseTo(0.5, 2)
  expect(logUpperTail(900_000, 1_000_000, 0.85)).toBeLessThan(-10_000)
})

test('what a test needs: 19 of 19 prove 85 % at 95 % confidence, 18 of 18 do not', () => {
  expect(fewestTrials(0.85, 0.05)).toBe(19)
  expect(fewestToReject(19, 0.85, 0.05)).toBe(19)
  expect(fewestToReject(18, 0.85, 0.05)).toBe(19)
  expect(fewestToReject(40, 0.85, 0.05)).toBe(38)
  expect(fewestTrials(0.85, 0.025)).toBe(23)
})

test('rejecting at a level is the same as a lower bound that reaches the rate', () => {
  fc.assert(
    fc.property(counts, fc.constantFrom(0.05, 0.025, 0.01), ([k, n], alpha) => {
      expect(k >= fewestToReject(n, 0.85, alpha)).toBe(lowerBound(k, n, 1 - alpha) >= 0.85)
    }),
  )
})

test('the predictive tail is the mean of the binomial tail over what is known of the rate', () => {
  // Beta(1, 1): every count from 0 to n is equally likely.
  expect(predictiveUpperTail(4, 9, 1, 1)).toBeCloseTo(0.6, 12)
  // Beta(2, 1) has density 2p: the mean of p^3 is 2/5.
  expect(predictiveUpperTail(3, 3, 2, 1)).toBeCloseTo(0.4, 12)
  // A rate that is known well gives back the binomial.
  expect(predictiveUpperTail(90, 100, 0.9e9, 0.1e9)).toBeCloseTo(upperTail(90, 100, 0.9), 6)
  expect(predictiveUpperTail(0, 50, 40.5, 0.5)).toBeCloseTo(1, 12)
  expect(predictiveUpperTail(51, 50, 40.5, 0.5)).toBe(0)
})

test('counts that cannot be are refused with what came', () => {
  expect(() => lowerBound(3, 2, 0.95)).toThrow('got k = 3, n = 2')
  expect(() => upperTail(1, 2, 1)).toThrow('got 1')
  expect(() => lowerBound(1.5, 2, 0.95)).toThrow('k = 1.5')
})
