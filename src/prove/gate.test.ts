import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { type Gate, gateAfter, gateAfterPeople, gateStart, gateStep } from './gate.ts'
import { simulateGate } from './simulated-verdicts.ts'

/** Verdicts until the gate decides; null when it does not within `longest`. */
function until(
  decision: Gate['verdict'],
  rate: (n: number) => number,
  { seed, longest }: { seed: string; longest: number },
) {
  const random = seeded(seed)
  let gate = gateStart()
  while (gate.n < longest) {
    gate = gateStep(gate, random.uniform() < rate(gate.n))
    if (gate.verdict === decision) return gate.n
  }
  return null
}

function simulate(decision: Gate['verdict'], rate: (n: number) => number, runs: number, longest: number) {
  const times = Array.from({ length: runs }, (_, run) => until(decision, rate, { seed: `${run}`, longest }))
  const decided = times.filter((n) => n !== null).sort((a, b) => a - b)
  return {
    share: decided.length / runs,
    median: times.map((n) => n ?? Infinity).sort((a, b) => a - b)[runs >> 1]!,
  }
}

test('an 80 % skill is launched less than once in a hundred', () => {
  expect(simulate('launch', () => 0.8, 400, 300).share).toBeLessThan(0.01)
})

test('a 95 % skill is certified after a median of about 56 verdicts, a 92 % one after about 130', () => {
  const good = simulate('launch', () => 0.95, 300, 500)
  expect(good.share).toBeGreaterThan(0.98)
  expect(Math.abs(good.median - 56)).toBeLessThan(12)
  const fair = simulate('launch', () => 0.92, 300, 700)
  expect(Math.abs(fair.median - 130)).toBeLessThan(30)
})

test('a 70 % skill is silenced after a median of about 47 verdicts', () => {
  const bad = simulate('withdraw', () => 0.7, 300, 300)
  expect(bad.share).toBeGreaterThan(0.98)
  expect(Math.abs(bad.median - 47)).toBeLessThan(12)
})

test('decay to 70 % after 500 verdicts at 95 % is caught within a hundred verdicts or so', () => {
  const decayed = simulate('withdraw', (n) => (n < 500 ? 0.95 : 0.7), 100, 900)
  expect(decayed.share).toBe(1)
  expect(decayed.median).toBeLessThan(500 + 90)
  expect(simulate('withdraw', () => 0.95, 100, 500).share).toBeLessThan(0.04)
})

test('a launch may turn into a withdrawal, a withdrawal into nothing', () => {
  const launched = gateAfter(Array.from({ length: 30 }, () => true))
  expect(launched.verdict).toBe('launch')
  expect(gateStep(launched, false).verdict).toBe('launch')
  const withdrawn = gateAfter([
    ...Array.from({ length: 30 }, () => true),
    ...Array.from({ length: 30 }, () => false),
  ])
  expect(withdrawn.verdict).toBe('withdraw')
  expect(gateAfter([]).verdict).toBe('go on')
  let after = withdrawn
  for (let i = 0; i < 200; i++) after = gateStep(after, true)
  expect(after.verdict).toBe('withdraw')
})

test('a stored gate goes on as if it had never stopped, and does not grow', () => {
  const verdicts = Array.from({ length: 200 }, (_, i) => i % 9 !== 0)
  let gate = gateStart()
  for (const useful of verdicts) gate = gateStep(JSON.parse(JSON.stringify(gate)), useful)
  expect(gate).toEqual(gateAfter(verdicts))
  expect(JSON.stringify(gate).length).toBeLessThan(400)
})

test('after 2,000 good verdicts a fall to 75 % is noticed within a median of 150', () => {
  const fallen = simulateGate({ rate: (n) => (n < 2000 ? 0.95 : 0.75) }, 'withdraw', {
    runs: 100,
    longest: 3000,
    from: 2000,
    seed: 'decay',
  })
  expect(fallen.share).toBeGreaterThan(0.97)
  expect(fallen.median).toBeLessThan(150)
})

test.each([
  5, 8, 20,
])('verdicts of %i people who differ (intraclass correlation 0.2) launch nothing bad', (count) => {
  const options = { runs: 300, longest: 400, seed: 'clustered' }
  const people = { count, correlation: 0.2, standFor: 'the rest' } as const
  const given = { ...options, clustered: true }
  // The wanted shares with three standard errors of 300 runs.
  expect(simulateGate({ rate: 0.8, people }, 'launch', given).share).toBeLessThan(0.01 + 0.017)
  expect(simulateGate({ rate: 0.85, people }, 'launch', given).share).toBeLessThan(0.05 + 0.038)
  // Counted one by one, as if all of them were one and the same, they would.
  expect(simulateGate({ rate: 0.85, people }, 'launch', options).share).toBeGreaterThan(0.1)
})

test('where the people of the pilot are the whole team, their own mean counts and one by one is right', () => {
  const people = { count: 6, correlation: 0.2, standFor: 'themselves' } as const
  const options = { runs: 300, longest: 400, seed: 'themselves' }
  expect(simulateGate({ rate: 0.85, people }, 'launch', options).share).toBeLessThan(0.05 + 0.038)
})

test('many people with one verdict each count like verdicts without people', () => {
  const each = Array.from({ length: 70 }, (_, i) => ({ useful: i % 23 !== 5, person: `p${i}` }))
  const apart = gateAfterPeople(each)
  const alone = gateAfter(each.map(({ useful }) => useful))
  expect(Math.abs(apart.logE - alone.logE)).toBeLessThan(0.05)
  expect(apart.mirrorLogE).toBe(alone.mirrorLogE)
})

test('two hundred good verdicts of one person, or of somebody unknown, launch nothing for others', () => {
  const good = (person: string | null) => Array.from({ length: 200 }, () => ({ useful: true, person }))
  expect(gateAfterPeople(good('ada')).verdict).toBe('go on')
  expect(gateAfterPeople(good(null)).verdict).toBe('go on')
  expect(gateAfter(good(null).map(({ useful }) => useful)).verdict).toBe('launch')
})

test('a stored gate with people goes on as if it had never stopped', () => {
  const verdicts = Array.from({ length: 60 }, (_, i) => ({ useful: i % 9 !== 0, person: `p${i % 7}` }))
  let gate = gateStart()
  for (const { useful, person } of verdicts) gate = gateStep(JSON.parse(JSON.stringify(gate)), useful, person)
  expect(gate).toEqual(gateAfterPeople(verdicts))
})
