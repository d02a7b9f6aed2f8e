import { expect, test } from 'vitest'
import type { Pain } from '../contract/index.ts'
import { madeUpProof } from '../contract/proof.fixture.ts'
import { gateAfter, gateAfterPeople } from './gate.ts'
import { locksFor, stageAfter } from './locks.ts'

const proof = madeUpProof({ because: 'Of the 500 newest messages 60 % would have been shown.' })
const hated: Pain = { minutesPerPersonPerWeek: null, from: null, named: true }
const open = locksFor({ hops: 0, pain: hated, proof })
const times = (n: number, useful: boolean) => Array.from({ length: n }, () => useful)

test('each lock opens by its own condition and says what would open it', () => {
  expect(Object.values(open).map((lock) => lock.open)).toEqual([true, true, true])
  const closed = locksFor({
    hops: 2,
    pain: { minutesPerPersonPerWeek: 12.34, from: 'two weeks of recorded work of six people', named: false },
    proof: null,
  })
  expect(Object.values(closed).map((lock) => lock.open)).toEqual([false, false, false])
  expect(closed.place.because).toContain('2 extra steps')
  expect(closed.pain.because).toContain(
    '12.3 minutes a person a week (two weeks of recorded work of six people)',
  )
  expect(closed.pain.opensWhen).toContain('30 minutes')
  expect(closed.proof.opensWhen).toContain('At least 85 %')
  expect(closed.proof.numbers.judged).toBeNull()
  expect(JSON.stringify(closed)).not.toMatch(/train/i)
})

test('pain is enough from thirty minutes, or when people name it', () => {
  const pain = (minutes: number | null, named: boolean) =>
    locksFor({ hops: 0, pain: { minutesPerPersonPerWeek: minutes, from: null, named }, proof }).pain.open
  expect([pain(30, false), pain(29.9, false), pain(1, true), pain(null, false), pain(null, true)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
})

test('stages move one step at a time', () => {
  const at = (stage: 'off' | 'silent' | 'pilot' | 'live') =>
    stageAfter({ stage, locks: open, gate: null }).stage
  expect([at('off'), at('silent'), at('pilot'), at('live')]).toEqual(['silent', 'pilot', 'pilot', 'live'])
  expect(stageAfter({ stage: 'pilot', locks: open, gate: gateAfter(times(30, true)) }).stage).toBe('live')
  expect(stageAfter({ stage: 'pilot', locks: open, gate: gateAfter(times(10, true)) }).stage).toBe('pilot')
})

test('a pilot of few people who stand for others says that more people are needed', () => {
  const of = (person: string) => Array.from({ length: 40 }, () => ({ useful: true, person }))
  const gate = gateAfterPeople([...of('ada'), ...of('max')])
  const { stage, because } = stageAfter({ stage: 'pilot', locks: open, gate })
  expect(stage).toBe('pilot')
  expect(because).toContain('come from 2 people, and to decide for others more people are needed')
})

test('off becomes silent when something was learned', () => {
  const unproven = locksFor({ hops: 0, pain: hated, proof: null })
  expect(stageAfter({ stage: 'off', locks: unproven, gate: null }).stage).toBe('off')
  expect(stageAfter({ stage: 'off', learned: true, locks: unproven, gate: null }).stage).toBe('silent')
  expect(stageAfter({ stage: 'off', learned: false, locks: open, gate: null }).stage).toBe('off')
})

test('a closed lock never moves forward and says which it is', () => {
  const far = locksFor({ hops: 1, pain: hated, proof })
  const gate = gateAfter(times(40, true))
  expect(stageAfter({ stage: 'silent', locks: far, gate: null })).toEqual({
    stage: 'silent',
    because: far.place.because,
  })
  expect(stageAfter({ stage: 'pilot', locks: far, gate }).stage).toBe('pilot')
})

test('the gate withdraws from every stage, and withdrawn stays', () => {
  const gate = gateAfter(times(20, false))
  for (const stage of ['off', 'silent', 'pilot', 'live', 'withdrawn'] as const) {
    expect(stageAfter({ stage, locks: open, gate }).stage).toBe('withdrawn')
  }
  expect(stageAfter({ stage: 'live', locks: open, gate }).because).toContain('0 of 20')
  expect(stageAfter({ stage: 'withdrawn', locks: open, gate: gateAfter(times(40, true)) }).stage).toBe(
    'withdrawn',
  )
})
