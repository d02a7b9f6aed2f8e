import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import type { Leaves } from './cuboids.ts'
import { type Counts, explainRate } from './rates.ts'

const sizes = [4, 6, 3]
const count = 72
const leaves: Leaves = {
  count,
  sizes,
  codes: [
    Int32Array.from({ length: count }, (_, leaf) => Math.floor(leaf / 18)),
    Int32Array.from({ length: count }, (_, leaf) => Math.floor(leaf / 3) % 6),
    Int32Array.from({ length: count }, (_, leaf) => leaf % 3),
  ],
}

function counts(seed: number, volume: number, rateOf: (leaf: number) => number): Counts {
  const rng = seeded(seed)
  const denominator = Float64Array.from({ length: count }, () => Math.round(volume * rng.logNormal(0, 0.8)))
  const numerator = denominator.map((n, leaf) => {
    const mean = n * rateOf(leaf)
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * rng.normal()))
  })
  return { numerator, denominator }
}

test('names the segment whose rate rose, in one dimension or in two', () => {
  const before = counts(1, 5000, () => 0.02)
  for (const where of [
    [1, 3, -1, -1],
    [0, 2, 2, 1],
  ] as const) {
    const [d, value, e, other] = where
    const inside = (leaf: number) =>
      leaves.codes[d]![leaf] === value && (e < 0 || leaves.codes[e]![leaf] === other)
    const now = counts(2, 1000, (leaf) => (inside(leaf) ? 0.15 : 0.02))
    const [found, ...others] = explainRate(leaves, now, before)
    expect(others).toEqual([])
    expect(found).toMatchObject({
      dimensions: e < 0 ? [d] : [d, e],
      values: e < 0 ? [value] : [value, other],
    })
  }
})

test('names the segment whose rate fell', () => {
  const now = counts(4, 1000, (leaf) => (leaves.codes[0]![leaf] === 1 ? 0.02 : 0.2))
  const [found] = explainRate(
    leaves,
    now,
    counts(3, 5000, () => 0.2),
  )
  expect(found).toMatchObject({ dimensions: [0], values: [1] })
})

test('names nothing when counts only vary as they always did, nor without a denominator', () => {
  let wrong = 0
  for (let seed = 1; seed <= 50; seed++) {
    const found = explainRate(
      leaves,
      counts(seed, 500, () => 0.05),
      counts(1000 + seed, 5000, () => 0.05),
      { strictness: 6 },
    )
    if (found.length > 0) wrong++
  }
  expect(wrong).toBeLessThanOrEqual(2)
  const nothing = { numerator: new Float64Array(count), denominator: new Float64Array(count) }
  expect(explainRate(leaves, nothing, nothing)).toEqual([])
})
