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

test('an edit that leaves most of it is light, one that leaves little a rewrite, and mistakes found later count', () => {
  const one = { useful: true, outcome: 'edited' } as const
  const result = quality([
    { group: 'a', useful: true, outcome: 'used', foundWrong: true },
    { group: 'b', ...one, similarity: 0.9, edits: ['numbers', 'wording'] },
    { group: 'c', ...one, similarity: 0.3, edits: ['wording'] },
    { group: 'd', ...one },
    { group: 'e', useful: false, outcome: 'discarded', foundWrong: true },
  ])
  expect(result.kept).toEqual({ 'as is': 1, 'lightly edited': 2, rewritten: 1, discarded: 1, ignored: 0 })
  expect(result.edits).toEqual({ numbers: 1, wording: 2 })
  expect(result).toMatchObject({ taken: 4, foundWrong: 1 })
})
