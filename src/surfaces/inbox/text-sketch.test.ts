import { expect, test } from 'vitest'
import { resemblance, sketchOf } from './text-sketch.ts'

const answer =
  'Dear Bob,\nyour order left our warehouse on Monday and should be with you by Thursday.\nKind regards, Anna'

test('knows a text again after small changes, with the quoted mail below it', () => {
  const sent = `${answer.replace('Thursday', 'Friday')}\n\nOn Tuesday Bob wrote:\n> where is my order\n> it is late`
  expect(resemblance(sketchOf(answer), sketchOf(sent))).toBeGreaterThan(0.5)
  expect(resemblance(sketchOf(answer), sketchOf(answer))).toBe(1)
})

test('does not take another answer for it', () => {
  const other = 'Dear Bob,\nwe are sorry, the invoice was wrong; a credit note follows.\nKind regards, Anna'
  expect(resemblance(sketchOf(answer), sketchOf(other))).toBeLessThan(0.5)
  expect(resemblance(sketchOf(''), sketchOf(''))).toBe(0)
})
