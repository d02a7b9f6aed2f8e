import { expect, test } from 'vitest'
import { tasksEliminated } from './eliminated.ts'

const before = [{ task: 'file the order', runsPerWeek: 100, hoursPerWeek: 5 }]
const fate = (now: Partial<{ weeks: number; untouched: number; byHand: number; elsewhere: number }>) =>
  tasksEliminated(before, [
    { task: 'file the order', weeks: 4, untouched: 400, byHand: 0, elsewhere: 0, ...now },
  ])[0]!

test('a task that ends without a person is eliminated, with the hours that it cost', () => {
  expect(fate({ byHand: 8, elsewhere: 8 })).toMatchObject({ eliminated: true, hoursPerWeek: 5 })
})

test.each([
  ['that moved elsewhere', { elsewhere: 40 }, 'only moved'],
  ['that people still do', { byHand: 100 }, 'by hand 25 times a week (100 before)'],
  ['that stopped coming in', { untouched: 40 }, 'less often'],
  ['watched for a week', { weeks: 1 }, 'less than 2 weeks'],
])('one %s is not', (_, now, because) => {
  expect(fate(now)).toMatchObject({ eliminated: false })
  expect(fate(now).because).toContain(because)
})

test('one that nobody has watched is not', () => {
  expect(tasksEliminated(before, [])[0]!.eliminated).toBe(false)
  expect(tasksEliminated([], [])).toEqual([])
})
