import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { sigmoid } from '../calibration.ts'
import { type Candidates, chooseShare } from './blend.ts'

/** A sample in which `linear` and `trees` are the true log-odds with so much noise. */
function sampleOf(seed: string, linear: number, trees: number): Candidates {
  const random = seeded(seed)
  const z = Float64Array.from({ length: 1000 }, () => random.normal(0, 2))
  return {
    truth: Uint8Array.from(z, (each) => (random.uniform() < sigmoid(each) ? 1 : 0)),
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

test('a shift of all scores does not change the choice', () => {
  const samples = ['a', 'b', 'c'].map((seed) => sampleOf(seed, 1, 1))
  const shifted = samples.map(({ truth, linear, trees }) => ({
    truth,
    linear,
    trees: trees.map((score) => score + 3),
  }))
  expect(chooseShare(shifted, [0.5, 0, 1])).toBe(0.5)
})
