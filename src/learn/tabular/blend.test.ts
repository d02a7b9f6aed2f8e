import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { sigmoid } from '../calibration.ts'
import { type Candidates, chooseShare, driftOf } from './blend.ts'

const identity = { slope: 1, offset: 0 }

/** A sample in which `linear` and `trees` are the true log-odds with so much noise. */
function sampleOf(seed: string, linear: number, trees: number, shift = 0): Candidates {
  const random = seeded(seed)
  const z = Float64Array.from({ length: 1000 }, () => random.normal(0, 2))
  return {
    truth: Uint8Array.from(z, (each) => (random.uniform() < sigmoid(each + shift) ? 1 : 0)),
    linear: z.map((each) => each + random.normal(0, linear)),
    trees: z.map((each) => each + random.normal(0, trees)),
  }
}

test('parts that err in different ways are blended, a part that is clearly better stands alone', () => {
  const samples = (linear: number, trees: number) =>
    ['a', 'b', 'c', 'd'].map((seed) => sampleOf(seed, linear, trees))
  const shares = [0.5, 0, 1]
  expect(chooseShare(samples(1, 1), shares)).toBe(0.5)
  expect(chooseShare(samples(0.1, 4), shares)).toBe(0)
  expect(chooseShare(samples(4, 0.1), shares)).toBe(1)
})

test('a shift of all scores does not change the choice, for drift is dealt with apart', () => {
  const samples = ['a', 'b', 'c'].map((seed) => sampleOf(seed, 1, 1))
  const shifted = samples.map(({ truth, linear, trees }) => ({
    truth,
    linear,
    trees: trees.map((score) => score + 3),
  }))
  expect(chooseShare(shifted, [0.5, 0, 1])).toBe(0.5)
})

test('a shift that all windows share is carried on, one that comes and goes is not', () => {
  const windows = (shifts: number[]) =>
    shifts.map((shift, i) => {
      const { truth, linear } = sampleOf(`window ${i}`, 0, 0, shift)
      return { truth, scores: linear }
    })
  expect(driftOf(windows([0.8, 0.8, 0.8]), identity)).toBeCloseTo(0.8, 0)
  expect(Math.abs(driftOf(windows([0.8, -0.8, 0.1]), identity))).toBeLessThan(0.1)
  expect(Math.abs(driftOf(windows([0, 0, 0]), identity))).toBeLessThan(0.15)
  expect(driftOf(windows([0.8]), identity)).toBe(0)
})
