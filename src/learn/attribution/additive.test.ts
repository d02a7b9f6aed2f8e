import { expect, test } from 'vitest'
import { explainAdditive } from './additive.ts'
import type { Leaves } from './cuboids.ts'
import { plantedCase } from './planted.fixture.ts'

const named = ({ dimensions, values }: { dimensions: number[]; values: number[] }) =>
  dimensions.map((d, i) => `${d}=${values[i]}`).join('&')

test('finds exactly the planted segments in nearly all cases, whatever their depth and direction', () => {
  let right = 0
  let extra = 0
  let planted = 0
  for (let seed = 1; seed <= 30; seed++) {
    const { leaves, actual, expected, causes } = plantedCase(seed)
    const found = explainAdditive(leaves, actual, expected).map(named)
    planted += causes.length
    right += found.filter((each) => causes.includes(each)).length
    extra += found.filter((each) => !causes.includes(each)).length
  }
  expect((2 * right) / (right + extra + planted)).toBeGreaterThan(0.9)
})

test('finds nothing in pure noise, but for a few cases in a hundred', () => {
  let wrong = 0
  for (let seed = 1; seed <= 60; seed++) {
    const { leaves, actual, expected } = plantedCase(seed, { groups: 0 })
    if (explainAdditive(leaves, actual, expected, { strictness: 4 }).length > 0) wrong++
  }
  expect(wrong).toBeLessThanOrEqual(2)
})

test('finds a segment that fell to zero, and one that came from nothing', () => {
  const { leaves, actual, expected } = plantedCase(7, { groups: 0, noise: 0.2 })
  const [a, b] = leaves.codes as [Int32Array, Int32Array]
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    if (a[leaf] === 2) actual[leaf] = 0
    if (a[leaf] !== 2 && b[leaf] === 5) expected[leaf] = 0
  }
  const found = explainAdditive(leaves, actual, expected).map(named)
  expect(found.sort()).toEqual(['0=2', '1=5'])
})

test('finds the same where values are many and their combinations few, so that cells must be numbered as they occur', () => {
  const { leaves, actual, expected, causes } = plantedCase(3, { groups: 3 })
  const wide: Leaves = {
    count: leaves.count,
    sizes: leaves.sizes.map((size) => 100 * size),
    codes: leaves.codes.map((codes) => codes.map((code) => 100 * code)),
  }
  const found = explainAdditive(wide, actual, expected).map(({ dimensions, values }) =>
    named({ dimensions, values: values.map((value) => value / 100) }),
  )
  expect(found.sort()).toEqual(explainAdditive(leaves, actual, expected).map(named).sort())
  expect(found.sort()).toEqual([...causes].sort())
})

test('says nothing of a table without a leaf, without a dimension, or without any amount', () => {
  const none: Leaves = { count: 0, sizes: [], codes: [] }
  expect(explainAdditive(none, new Float64Array(0), new Float64Array(0))).toEqual([])
  const one: Leaves = { count: 1, sizes: [], codes: [] }
  expect(explainAdditive(one, Float64Array.of(1), Float64Array.of(5))).toEqual([])
  const { leaves } = plantedCase(1)
  const zeros = new Float64Array(leaves.count)
  expect(explainAdditive(leaves, zeros, zeros)).toEqual([])
})
