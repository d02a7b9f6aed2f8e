import fc from 'fast-check'
import { expect, it } from 'vitest'
import { emptyTokens, normalise, segment } from './segment.ts'

function tokensOf(raw: string): string[] {
  const text = normalise(raw)
  const tokens = emptyTokens()
  segment(text, tokens)
  return Array.from({ length: tokens.count }, (_, i) => text.slice(tokens.starts[i], tokens.ends[i]))
}

it('cuts words at anything but letters, digits and apostrophes within a word', () => {
  expect(tokensOf("I can’t log-in, 'really'! Order #A12?")).toEqual([
    'i',
    "can't",
    'log',
    'in',
    'really',
    '!',
    'order',
    'a12',
    '?',
  ])
})

it('keeps letters with their marks together, in any script with spaces', () => {
  expect(tokensOf('Überweisung für Δημήτρης، فاتورة हिन्दी')).toEqual([
    'überweisung',
    'für',
    'δημήτρης',
    'فاتورة',
    'हिन्दी',
  ])
})

it('takes characters of scripts without spaces, and emoji, one by one', () => {
  expect(tokensOf('返金refund🙂🙂')).toEqual(['返', '金', 'refund', '🙂', '🙂'])
})

it('makes compatibility forms one', () => {
  expect(tokensOf('ＡＢＣ ﬁle')).toEqual(['abc', 'file'])
})

it('gives tokens in order, apart and within any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const tokens = emptyTokens()
      segment(text, tokens)
      let last = 0
      for (let i = 0; i < tokens.count; i++) {
        expect(tokens.starts[i]).toBeGreaterThanOrEqual(last)
        expect(tokens.ends[i]).toBeGreaterThan(tokens.starts[i]!)
        last = tokens.ends[i]!
      }
      expect(last).toBeLessThanOrEqual(text.length)
    }),
  )
})
