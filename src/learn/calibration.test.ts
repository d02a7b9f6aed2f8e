import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../stats/random.ts'
import {
  calibrationError,
  fitIsotonic,
  fitLogistic,
  fitPlatt,
  fitTemperature,
  isotonic,
  logistic,
  platt,
  sigmoid,
  softmaxLoss,
  softplus,
} from './calibration.ts'

describe('Platt scaling', () => {
  it('finds the sigmoid that the outcomes were drawn from', () => {
    const random = seeded(1)
    const scores = Array.from({ length: 20_000 }, () => random.normal())
    const outcomes = scores.map((s) => (random.uniform() < sigmoid(2 * s - 1) ? 1 : 0))
    const model = fitPlatt(scores, outcomes)
    expect(model.slope).toBeCloseTo(2, 0)
    expect(model.offset).toBeCloseTo(-1, 0)
    const claimed = scores.map((s) => platt(model, s))
    expect(calibrationError(claimed, outcomes)).toBeLessThan(0.015)
  })

  it('does not become certain where the scores separate the outcomes', () => {
    const model = fitPlatt([-2, -1, 1, 2], [0, 0, 1, 1])
    expect(platt(model, 2)).toBeGreaterThan(0.6)
    expect(platt(model, 2)).toBeLessThan(0.99)
  })

  it('takes a weight of two as the row twice', () => {
    const once = fitPlatt([0, 1, 2, 2, 3], [0, 1, 0, 0, 1])
    const weighted = fitPlatt([0, 1, 2, 3], [0, 1, 0, 1], [1, 1, 2, 1])
    expect(weighted.slope).toBeCloseTo(once.slope, 6)
    expect(weighted.offset).toBeCloseTo(once.offset, 6)
  })

  it('stays finite for one outcome only, equal scores and no rows', () => {
    for (const model of [fitPlatt([1, 2], [1, 1]), fitPlatt([1, 1, 1], [0, 1, 0]), fitPlatt([], [])]) {
      expect(Number.isFinite(platt(model, 1))).toBe(true)
    }
  })
})

describe('temperature', () => {
  it('finds the factor that the labels were drawn with, up and down', () => {
    const random = seeded(2)
    for (const truth of [0.2, 1, 5]) {
      const scores = Array.from({ length: 6000 * 3 }, () => random.normal())
      const labels = Array.from({ length: 6000 }, (_, row) => {
        const weights = [0, 1, 2].map((k) => Math.exp(truth * scores[row * 3 + k]!))
        const at = random.uniform() * weights.reduce((a, b) => a + b)
        return at < weights[0]! ? 0 : at < weights[0]! + weights[1]! ? 1 : 2
      })
      expect(fitTemperature(scores, 3, labels) / truth).toBeGreaterThan(0.85)
      expect(fitTemperature(scores, 3, labels) / truth).toBeLessThan(1.15)
    }
  })

  it('leaves rows without a truth out, and is 1 where there is none at all', () => {
    const scores = [1, 0, 0, 1, 2, 0]
    expect(fitTemperature(scores, 2, [0, 0, -1])).toBe(fitTemperature(scores.slice(0, 4), 2, [0, 0]))
    expect(fitTemperature(scores, 2, [-1, -1, -1])).toBe(1)
    expect(softmaxLoss([0, 0], 2, [1], 7)).toBeCloseTo(Math.log(2), 12)
  })
})

describe('isotonic regression', () => {
  it('never falls, keeps the mean, and gives equal scores one value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.boolean()), { minLength: 1, maxLength: 60 }),
        (rows) => {
          const scores = rows.map(([score]) => score)
          const outcomes = rows.map(([, outcome]) => (outcome ? 1 : 0))
          const model = fitIsotonic(scores, outcomes)
          for (const [i, value] of model.values.entries()) {
            if (i > 0) expect(value).toBeGreaterThan(model.values[i - 1]!)
          }
          const claimed = scores.map((score) => isotonic(model, score))
          const sum = (of: number[]) => of.reduce((a, b) => a + b, 0)
          expect(sum(claimed)).toBeCloseTo(sum(outcomes), 9)
        },
      ),
    )
  })

  it('pools what falls', () => {
    const model = fitIsotonic([1, 2, 3, 4], [0, 1, 0, 1])
    expect([1, 2, 3, 4].map((s) => isotonic(model, s))).toEqual([0, 0.5, 0.5, 1])
    expect(isotonic(model, -9)).toBe(0)
    expect(isotonic(model, 9)).toBe(1)
    expect(isotonic(fitIsotonic([], []), 1)).toBeNaN()
  })
})

describe('logistic regression', () => {
  it('finds the weights that the outcomes were drawn with, whatever the scale of a feature', () => {
    const random = seeded(3)
    const features: number[] = []
    const outcomes: number[] = []
    for (let i = 0; i < 20_000; i++) {
      const a = random.normal()
      const b = 1000 * random.normal() + 5000
      features.push(a, b)
      outcomes.push(random.uniform() < sigmoid(1.5 * a - 0.001 * (b - 5000) + 0.5) ? 1 : 0)
    }
    const model = fitLogistic(features, 2, outcomes, undefined, 1)
    expect(model.weights[0]).toBeCloseTo(1.5, 0)
    expect(model.weights[1]! * 1000).toBeCloseTo(-1, 0)
    const claimed = outcomes.map((_, r) => logistic(model, features.slice(r * 2, r * 2 + 2)))
    expect(calibrationError(claimed, outcomes)).toBeLessThan(0.015)
  })

  it('stays finite for separable outcomes, constant and twin features, and no rows', () => {
    for (const [features, outcomes] of [
      [
        [0, 0, 1, 1],
        [0, 1],
      ],
      [
        [1, 1, 1, 1],
        [0, 1],
      ],
      [[], []],
    ] as const) {
      const model = fitLogistic(features, 2, outcomes, undefined, 1)
      expect(Number.isFinite(logistic(model, [1, 1]))).toBe(true)
    }
  })
})

it('measures calibration error as the mean distance of claim and outcome by bin', () => {
  expect(calibrationError([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], 10)).toBeCloseTo(0.25, 12)
  expect(calibrationError([], [])).toBe(0)
})

it('computes ln(1 + e^z) without overflow', () => {
  expect(softplus(800)).toBe(800)
  expect(softplus(-800)).toBe(0)
  expect(softplus(0)).toBeCloseTo(Math.LN2, 12)
})
