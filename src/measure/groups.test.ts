import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { type GroupSaved, shrunk } from './groups.ts'

const saved = (group: string, estimate: number, standardError: number, people = 8): GroupSaved => ({
  group,
  saved: {
    minutesPerItem: { estimate, low: estimate - 3 * standardError, high: estimate + 3 * standardError },
    standardError,
    people,
    shown: 600,
    weeks: 2,
  },
})

test('a group that is sure of little is drawn towards the others, a sure one hardly', () => {
  const [a, , , odd] = shrunk([
    saved('a', 1, 0.1),
    saved('b', 2, 0.1),
    saved('c', 1.5, 0.1),
    saved('odd', 9, 4),
  ])
  expect(a!.minutesPerItem!.estimate).toBeCloseTo(1, 1)
  expect(odd!.minutesPerItem!.estimate).toBeLessThan(2)
  expect(odd!.minutesPerItem!.high).toBe(21)
  expect(a!.hoursPerPersonPerWeek!.estimate).toBeCloseTo((a!.minutesPerItem!.estimate * 300) / 60 / 8, 9)
})

test('four people see totals only, and a group that cannot be told stays so', () => {
  const untold = {
    group: 'none',
    saved: { ...saved('x', 1, 1).saved, minutesPerItem: null, standardError: null },
  }
  const [four, none] = shrunk([saved('four', 1, 0.1, 4), untold])
  expect(four!.hoursPerPersonPerWeek).toBeNull()
  expect(four!.hoursPerWeek).not.toBeNull()
  expect(none!.minutesPerItem).toBeNull()
  expect(shrunk([])).toEqual([])
})

test('over many teams shrinking comes closer to the truth, and the intervals still cover it', () => {
  const random = seeded('teams')
  let own = 0
  let drawn = 0
  let missed = 0
  const rounds = 100
  for (let round = 0; round < rounds; round++) {
    const truths = Array.from({ length: 12 }, () => random.normal(2, 0.3))
    const groups = truths.map((truth, i) => {
      const error = i % 3 === 0 ? 1.5 : 0.3
      const group = saved(`${i}`, truth + random.normal(0, error), error)
      const { estimate } = group.saved.minutesPerItem!
      group.saved.minutesPerItem = { estimate, low: estimate - 1.96 * error, high: estimate + 1.96 * error }
      return group
    })
    for (const [i, { minutesPerItem }] of shrunk(groups).entries()) {
      own += (groups[i]!.saved.minutesPerItem!.estimate - truths[i]!) ** 2
      drawn += (minutesPerItem!.estimate - truths[i]!) ** 2
      if (minutesPerItem!.low > truths[i]! || minutesPerItem!.high < truths[i]!) missed++
    }
  }
  expect(drawn).toBeLessThan(own / 2)
  expect(missed / (rounds * 12)).toBeLessThan(0.05)
})
