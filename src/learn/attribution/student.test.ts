import { expect, test } from 'vitest'
import { quantileOfT, surpriseOfT } from './student.ts'

test.each([
  // scipy.stats.t: 2 * t.sf(t, df)
  [2, 10, 0.07338803477074037],
  [1, 1, 0.5],
  [6, 4, 0.003882537046960201],
  [0.5, 30, 0.6207230048851],
])('the two-sided p-value of t = %d with %d degrees of freedom is %d', (t, df, p) => {
  expect(Math.exp(-surpriseOfT(t, df))).toBeCloseTo(p, 6)
})

test('quantile and p-value undo each other, and a p-value that underflows stays finite', () => {
  expect(quantileOfT(0.05, 10)).toBeCloseTo(2.2281388519649385, 6)
  expect(surpriseOfT(quantileOfT(0.001, 7), 7)).toBeCloseTo(-Math.log(0.001), 6)
  expect(surpriseOfT(1e6, 200)).toBeGreaterThan(745)
  expect(Number.isFinite(surpriseOfT(1e6, 200))).toBe(true)
})
