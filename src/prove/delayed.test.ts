import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { type DelayedVerdict, maturedVerdicts, outcomeWindow } from './delayed.ts'
import { gateAfter } from './gate.ts'

const day = 24 * 3600 * 1000

/** A skill that is 93 % useful, whose failures are known within two days and whose successes take three weeks. */
function leads(n: number, seed: string): DelayedVerdict[] {
  const random = seeded(seed)
  return Array.from({ length: n }, (_, i) => {
    const decidedAt = (i / 4) * day
    const useful = random.uniform() < 0.93
    const judgedAt = decidedAt + (useful ? 14 + 7 * random.uniform() : 2 * random.uniform()) * day
    return { group: `${i}`, decidedAt, useful, judgedAt }
  })
}

test('verdicts taken as they come make a good skill look bad; once due, they do not', () => {
  const now = 30 * day
  let hasty = 0
  let patient = 0
  for (let run = 0; run < 100; run++) {
    const all = leads(400, `${run}`).map((each) =>
      each.judgedAt! > now ? { ...each, judgedAt: null, useful: null } : each,
    )
    const known = all
      .filter(({ decidedAt, judgedAt }) => decidedAt <= now && judgedAt !== null)
      .sort((a, b) => a.judgedAt! - b.judgedAt!)
    const { verdicts } = maturedVerdicts(all, { window: 21 * day, now })
    if (gateAfter(known.map(({ useful }) => useful!)).verdict === 'withdraw') hasty++
    if (gateAfter(verdicts.map(({ useful }) => useful)).verdict === 'withdraw') patient++
  }
  expect(hasty).toBeGreaterThan(20)
  expect(patient).toBeLessThan(5)
})

test('each group counts once, when it is due, with what was known then', () => {
  const verdict = (group: string, decidedAt: number, judgedAt: number | null, useful: boolean | null) => ({
    group,
    decidedAt,
    judgedAt,
    useful,
  })
  const result = maturedVerdicts(
    [
      verdict('late', 1, 50, true),
      verdict('again', 3, 4, false),
      verdict('again', 2, 5, true),
      verdict('open', 4, null, null),
      verdict('early', 95, 96, false),
    ],
    { window: 10, now: 100 },
  )
  expect(result).toEqual({
    verdicts: [{ group: 'again', useful: true, dueAt: 12 }],
    undecided: 2,
    waiting: 1,
  })
})

test('the window is the time within which nearly all outcomes were known', () => {
  expect(outcomeWindow([])).toBe(0)
  expect(outcomeWindow(Array.from({ length: 100 }, (_, i) => i + 1))).toBe(95)
  expect(outcomeWindow([-5, Number.NaN, 3])).toBe(3)
})
