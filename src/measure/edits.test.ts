import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editsBetween } from './edits.ts'

const letter =
  'Dear Ms Okafor, thank you for your order 4711. The 12 boxes leave our warehouse on Monday and should be with you by Wednesday. Please tell us if anything is missing. Kind regards, Jonas'

test('what was sent as suggested has no edits, whatever the space around it', () => {
  expect(editsBetween(letter, `${letter}\n`)).toEqual({ similarity: 1, kinds: [] })
  expect(editsBetween('', '')).toEqual({ similarity: 1, kinds: [] })
})

test.each([
  ['12 boxes', '14 boxes', ['numbers']],
  ['Dear Ms Okafor', 'Hello Ines', ['greeting or closing']],
  ['Please tell us if anything is missing. ', '', ['removed']],
  ['should be with you', 'should, unless the roads are closed, be with you', ['added']],
  ['leave our warehouse', 'are sent from the harbour', ['wording']],
  ['anything is missing', 'anythin is missing', ['spelling and marks']],
  ['Monday and', 'monday, and', ['spelling and marks']],
])('"%s" become "%s" is told as what it is', (from, to, kinds) => {
  const { similarity, kinds: found } = editsBetween(letter, letter.replace(from, to))
  expect(found).toEqual(kinds)
  expect(similarity).toBeGreaterThan(0.7)
})

test('another text altogether keeps next to nothing', () => {
  expect(editsBetween(letter, 'No, sorry.').similarity).toBeLessThan(0.1)
  expect(editsBetween(letter, '').similarity).toBe(0)
})

test('similarity is a share, the same both ways, and 1 only without other words', () => {
  const text = fc
    .array(fc.constantFrom('a', 'bb', 'ccc', '7'), { maxLength: 12 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(text, text, (a, b) => {
      const { similarity } = editsBetween(a, b)
      expect(similarity).toBeGreaterThanOrEqual(0)
      expect(similarity === 1).toBe(a === b)
      expect(editsBetween(b, a).similarity).toBe(similarity)
    }),
  )
})
