import { expect, test } from 'vitest'
import { lowerBound } from '../stats/binomial.ts'
import { quality } from './quality.ts'

test('outcomes are counted one by one, usefulness once a conversation', () => {
  const result = quality([
    { group: 'a', outcome: 'used', useful: true },
    { group: 'a', outcome: 'discarded', useful: false },
    { group: 'b', outcome: 'edited', useful: true },
    { group: 'c', outcome: 'ignored', useful: false },
  ])
  expect(result.counts).toEqual({ used: 1, edited: 1, discarded: 1, ignored: 1 })
  expect(result.shares.used).toBe(0.25)
  expect(result).toMatchObject({ total: 4, groups: 3, useful: 2, usefulRate: 2 / 3 })
  expect(result.lowerBound).toBe(lowerBound(2, 3, 0.95))
})

test('nothing yet is nothing, not a division by zero', () => {
  expect(quality([])).toMatchObject({ total: 0, shares: { used: 0 }, usefulRate: null, lowerBound: null })
})
