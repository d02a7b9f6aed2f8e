import { expect, test } from 'vitest'
import { type Answer, mayAsk, opinion } from './opinions.ts'
import { selfReport } from './self-report.ts'

const day = 24 * 3600 * 1000
const answers = (n: number, yes: number, question: Answer['question'] = 'satisfied'): Answer[] =>
  Array.from({ length: n }, (_, i) => ({ question, person: `p${i}`, answer: i < yes, at: 100 * day }))

test('answers of four people are shown to nobody, of five they are', () => {
  const four = opinion(answers(4, 4), 'satisfied', 101 * day)
  expect(four).toMatchObject({ people: null, yes: null, share: null })
  expect(four.because).not.toContain('4 of')
  expect(opinion(answers(5, 4), 'satisfied', 101 * day)).toMatchObject({ people: 5, yes: 4, share: 0.8 })
})

test('the last answer of a person counts, and nothing that came after the date asked for', () => {
  const before = answers(6, 6)
  const after = before.map((each) => ({ ...each, answer: false, at: 110 * day }))
  expect(opinion([...after, ...before], 'satisfied', 120 * day).yes).toBe(0)
  expect(opinion([...after, ...before], 'satisfied', 105 * day).yes).toBe(6)
  expect(opinion(before, 'would notice', 105 * day).people).toBeNull()
  expect(opinion(before, 'satisfied', 200 * day).people).toBeNull()
})

test('a person is asked once a month at most, and never twice for the same thing', () => {
  const now = 400 * day
  const ask = { question: 'satisfied', deployment: 'a', item: 'm1', now } as const
  const asked = (daysAgo: number, more = {}) => [
    { question: 'satisfied' as const, deployment: 'a', item: 'm0', at: now - daysAgo * day, ...more },
  ]
  expect(mayAsk([], ask).ask).toBe(true)
  expect(mayAsk(asked(29), ask).ask).toBe(false)
  expect(mayAsk(asked(29, { deployment: 'b' }), ask).ask).toBe(false)
  expect(mayAsk(asked(31), ask).ask).toBe(true)
  expect(mayAsk(asked(300, { item: 'm1' }), ask).ask).toBe(false)
  expect(mayAsk(asked(60, { question: 'would notice' }), { ...ask, question: 'would notice' }).ask).toBe(
    false,
  )
  expect(mayAsk(asked(92, { question: 'would notice' }), { ...ask, question: 'would notice' }).ask).toBe(true)
  // A clock that jumped into the future and back asks nobody twice.
  expect(mayAsk(asked(-500), ask).ask).toBe(false)
})

test('what people think it saves stands beside what was measured, and is never mixed with it', () => {
  const said = [10, 200, 30, 20, Number.NaN, 40].map(
    (answer, i): Answer => ({ question: 'minutes', person: `p${i}`, answer, at: 0 }),
  )
  const measured = { hoursPerPersonPerWeek: { estimate: 0.5, low: 0.2, high: 0.8 } }
  expect(selfReport(said, measured, day)).toMatchObject({
    reportedMinutesPerWeek: 30,
    measuredMinutesPerWeek: 30,
  })
  expect(selfReport(said.slice(0, 4), { hoursPerPersonPerWeek: null }, day)).toMatchObject({
    reportedMinutesPerWeek: null,
    measuredMinutesPerWeek: null,
  })
})
