import fc from 'fast-check'
import { expect, test } from 'vitest'
import { similarity, textSimilarity } from './similarity.ts'

test('the longest common subsequence by bits is the one by the book', () => {
  const words = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 90 })
  fc.assert(
    fc.property(words, words, (a, b) => {
      const lengths = a.reduce(
        (above, each) => {
          const row = [0]
          for (const [j, other] of b.entries())
            row.push(each === other ? above[j]! + 1 : Math.max(row[j]!, above[j + 1]!))
          return row
        },
        Array.from({ length: b.length + 1 }, () => 0),
      )
      const most = Math.max(a.length, b.length)
      expect(similarity(a, b)).toBeCloseTo(most === 0 ? 1 : lengths.at(-1)! / most, 9)
    }),
  )
})

test('case and punctuation are no difference, words in another order are', () => {
  expect(textSimilarity('It is DONE!', 'it is done')).toBe(1)
  expect(textSimilarity('a b c d', 'd c b a')).toBe(0.25)
  expect(textSimilarity('已经处理好了', '已经处理好了。')).toBe(1)
})
