import { expect, test } from 'vitest'
import { madeUpProof } from '../contract/proof.fixture.ts'
import { armFor, thresholdFor, wouldShow } from './arm.ts'

const proof = madeUpProof()
const pilot = { stage: 'pilot', key: 'secret', group: 'g' } as const

test('nothing is shown outside pilot and live, below the threshold, or without a proof that passed', () => {
  for (const stage of ['off', 'silent', 'withdrawn'] as const) {
    expect(armFor(proof, { confidence: 1 }, { ...pilot, stage }).arm).toBe('silent')
  }
  expect(armFor(proof, { confidence: 0.6999 }, pilot)).toEqual({
    arm: 'silent',
    threshold: 0.7,
    because: 'Confidence 0.699 is below the threshold 0.700.',
  })
  expect(armFor({ ...proof, passed: false }, { confidence: 1 }, pilot).arm).toBe('silent')
  expect(armFor({ ...proof, threshold: null }, { confidence: 1 }, pilot).arm).toBe('silent')
  expect(armFor(proof, { confidence: Number.NaN }, pilot).arm).toBe('silent')
})

test('a claim has its own threshold, and is silent where it has none', () => {
  const claims = { ...proof, thresholds: { hot: 0.9, cold: null } }
  expect(thresholdFor(claims, { claim: 'hot' })).toBe(0.9)
  expect(wouldShow(claims, { claim: 'hot', confidence: 0.9 })).toBe(true)
  expect(wouldShow(claims, { claim: 'hot', confidence: 0.8 })).toBe(false)
  expect(wouldShow(claims, { claim: 'cold', confidence: 1 })).toBe(false)
  expect(wouldShow(claims, { claim: 'new', confidence: 1 })).toBe(false)
  expect(wouldShow(claims, { confidence: 1 })).toBe(false)
  expect(wouldShow(proof, { claim: 'hot', confidence: 0.7 })).toBe(true)
})

test('a fifth is held back in pilot and a tenth live, the same ones and never urgent', () => {
  const groups = Array.from({ length: 4000 }, (_, i) => `group ${i}`)
  const held = (stage: 'pilot' | 'live', urgent = false) =>
    groups.filter(
      (group) => armFor(proof, { confidence: 0.9 }, { ...pilot, stage, group, urgent }).arm === 'held back',
    )
  const inPilot = held('pilot')
  const live = held('live')
  expect(Math.abs(inPilot.length / 4000 - 0.2)).toBeLessThan(0.02)
  expect(Math.abs(live.length / 4000 - 0.1)).toBeLessThan(0.02)
  expect(live.every((group) => inPilot.includes(group))).toBe(true)
  expect(held('pilot', true)).toEqual([])
  expect(armFor(proof, { confidence: 0.9 }, { ...pilot, holdback: 1 }).arm).toBe('held back')
  expect(armFor(proof, { confidence: 0.9 }, { ...pilot, holdback: 0 }).arm).toBe('shown')
})

test('another key draws other arms', () => {
  const held = (key: string) =>
    Array.from({ length: 200 }, (_, i) =>
      armFor(proof, { confidence: 1 }, { ...pilot, key, group: `${i}` }).arm === 'held back' ? '1' : '0',
    ).join('')
  expect(held('a')).toBe(held('a'))
  expect(held('a')).not.toBe(held('b'))
})
