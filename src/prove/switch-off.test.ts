import { expect, test } from 'vitest'
import { keyedAbsence } from './switch-off.ts'

const day = 24 * 3600 * 1000
const people = Array.from({ length: 400 }, (_, n) => `p-${n}`)
const at = Date.UTC(2026, 4, 6)

test('half go a week of their own without it, half the same five weekdays, within the quarter', () => {
  const all = people.map((person) => keyedAbsence('key', person, at))
  const weeks = all.filter(({ by }) => by === 'week')
  const days = all.filter(({ by }) => by === 'day')
  expect(weeks.length).toBeGreaterThan(160)
  expect(days.length).toBeGreaterThan(160)
  expect(new Set(weeks.map(({ spans }) => spans[0]!.from)).size).toBe(13)
  expect(new Set(days.map(({ spans }) => JSON.stringify(spans))).size).toBe(1)
  expect(days[0]!.spans).toHaveLength(5)
  for (const { quarter, spans, by } of all) {
    expect(new Date(quarter).getUTCDay()).toBe(1)
    expect(quarter).toBeLessThanOrEqual(at)
    for (const { from, until } of spans) {
      expect(until - from).toBe(by === 'week' ? 7 * day : day)
      expect(from).toBeGreaterThanOrEqual(quarter)
      expect(until).toBeLessThanOrEqual(quarter + 91 * day)
      if (by === 'day') expect([0, 6]).not.toContain(new Date(from).getUTCDay())
    }
  }
})

test('it is the same for everybody who asks within the quarter, another in the next, and secret without the key', () => {
  const { quarter } = keyedAbsence('key', 'p-1', at)
  const spans = (key: string, when: number) => people.map((person) => keyedAbsence(key, person, when).spans)
  expect(spans('key', quarter)).toEqual(spans('key', quarter + 91 * day - 1))
  const next = people.map((person) => keyedAbsence('key', person, quarter + 91 * day))
  const now = people.map((person) => keyedAbsence('key', person, quarter))
  const same = next.filter(
    ({ by, spans: [first] }, n) =>
      by === now[n]!.by && first!.from - quarter - 91 * day === now[n]!.spans[0]!.from - quarter,
  )
  expect(same.length).toBeLessThan(people.length / 5)
  expect(spans('another', quarter)).not.toEqual(spans('key', quarter))
})
