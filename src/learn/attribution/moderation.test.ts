import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { digamma, moderation, trigamma } from './moderation.ts'

test('digamma and trigamma agree with their known values', () => {
  expect(digamma(1)).toBeCloseTo(-0.5772156649, 8)
  expect(digamma(0.5)).toBeCloseTo(-1.963510026, 8)
  expect(trigamma(1)).toBeCloseTo(Math.PI ** 2 / 6, 8)
  expect(trigamma(0.5)).toBeCloseTo(Math.PI ** 2 / 2, 8)
})

test('the usual variance is worth much where segments are alike, little where they are not', () => {
  const rng = seeded('moderation')
  const own = 10
  const logVariance = (spread: number) => {
    const scale = Math.exp(spread * rng.normal())
    let squares = 0
    for (let i = 0; i < own; i++) squares += (scale * rng.normal()) ** 2
    return Math.log(squares / own)
  }
  const told = (spread: number) => {
    const logs = Array.from({ length: 2000 }, () => logVariance(spread))
    const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
    return {
      ...moderation(
        logs.map((each) => each - mean),
        own,
      ),
      mean,
    }
  }
  const alike = told(0)
  expect(alike.freedom).toBeGreaterThan(30)
  // The variance is 1: its logarithm is 0 when what few errors take from it is given back.
  expect(Math.abs(alike.mean + alike.bias)).toBeLessThan(0.06)
  expect(told(1).freedom).toBe(4)
  expect(moderation([], own).freedom).toBe(4)
})
