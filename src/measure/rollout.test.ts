import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { type RolledOutItem, rolledOut } from './rollout.ts'

const day = 24 * 3600 * 1000

/** Sixteen people, one reached every other day; all work gets quicker by the week, whoever has been reached. */
function rollOut(seed: string, saves: number): RolledOutItem[] {
  const random = seeded(seed)
  const order = random.shuffle(Array.from({ length: 16 }, (_, n) => n))
  return Array.from({ length: 28 * 40 }, (_, n): RolledOutItem => {
    const today = Math.floor(n / 40)
    const person = random.integer(16)
    const reached = order.indexOf(person) * 2 <= today
    const usual = (300 - 3 * today) * random.logNormal(0, 0.3)
    return { person: `p${person}`, at: today * day, seconds: usual - (reached ? saves : 0), reached }
  })
}

test('a saving on all work comes out of a roll-out by person, and a trend over time is not taken for one', () => {
  let missed = 0
  let sum = 0
  for (let run = 0; run < 200; run++) {
    const { estimate, low, high } = rolledOut(rollOut(`run ${run}`, 60)).minutesPerItem!
    sum += estimate
    if (low > 1 || high < 1) missed++
  }
  expect(sum / 200).toBeCloseTo(1, 1)
  expect(missed).toBeLessThanOrEqual(22)
  const nothing = rolledOut(rollOut('nothing', 0)).minutesPerItem!
  expect(nothing.low).toBeLessThan(0)
  expect(nothing.high).toBeGreaterThan(0)
})

test('nothing is said of fewer than five people on a side, nor of impossible times', () => {
  const few = rollOut('few', 60).filter(({ person }) => ['p1', 'p2', 'p3', 'p4'].includes(person))
  expect(rolledOut(few)).toMatchObject({ people: null, minutesPerItem: null })
  const all = rollOut('all', 60)
  const odd = [-5, 9 * 3600, Number.NaN].map((seconds) => ({ ...all[0]!, seconds }))
  expect(rolledOut([...all, ...odd])).toEqual(rolledOut(all))
  expect(rolledOut([])).toMatchObject({ people: null })
})
