import fc from 'fast-check'
import { expect, test } from 'vitest'
import { detectorStep, logDetector, logE, mirrorLogE } from './e-process.ts'

test('both e-processes are martingales at the rate that they test', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      ([k, n], p0) => {
        for (const process of [logE, mirrorLogE]) {
          const now = process(k, n, p0)
          const next =
            p0 * Math.exp(process(k + 1, n + 1, p0) - now) + (1 - p0) * Math.exp(process(k, n + 1, p0) - now)
          expect(next).toBeCloseTo(1, 6)
        }
      },
    ),
  )
})

test('they stay finite and grow by the divergence at a million verdicts', () => {
  const divergence = 0.95 * Math.log(0.95 / 0.85) + 0.05 * Math.log(0.05 / 0.15)
  expect(logE(950_000, 1_000_000, 0.85) / 1e6).toBeCloseTo(divergence, 4)
  for (const k of [0, 1, 500_000, 850_000, 999_999, 1_000_000]) {
    expect(Number.isFinite(logE(k, 1_000_000, 0.85))).toBe(true)
    expect(Number.isFinite(mirrorLogE(k, 1_000_000, 0.85))).toBe(true)
  }
})

test('the detector grows by exactly one a verdict on average at the rate that it guards', () => {
  const p0 = 0.85
  let paths: number[] = []
  expect(logDetector(paths)).toBe(-Infinity)
  for (const useful of [true, true, false, true, false, false, true]) {
    const before = Math.exp(logDetector(paths))
    const mean =
      p0 * Math.exp(logDetector(detectorStep(paths, true, p0))) +
      (1 - p0) * Math.exp(logDetector(detectorStep(paths, false, p0)))
    expect(mean).toBeCloseTo(before + 1, 10)
    paths = detectorStep(paths, useful, p0)
  }
})

test('a long good record does not outweigh what happens now', () => {
  let paths: number[] = []
  for (let i = 0; i < 5000; i++) paths = detectorStep(paths, i % 20 !== 0, 0.85)
  const before = logDetector(paths)
  for (let i = 0; i < 40; i++) paths = detectorStep(paths, i % 2 === 0, 0.85)
  expect(before).toBeLessThan(Math.log(100))
  expect(logDetector(paths)).toBeGreaterThan(Math.log(2000))
  expect(JSON.parse(JSON.stringify(paths))).toEqual(paths)
})
