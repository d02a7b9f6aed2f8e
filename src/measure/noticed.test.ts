import { expect, test } from 'vitest'
import { noticed } from './noticed.ts'

const day = 24 * 3600 * 1000
const people = ['a', 'b', 'c', 'd', 'e']
const off = people.map((person) => ({ person, from: 10 * day, to: 15 * day, by: 'week' as const }))
const base = { missed: [], done: [], saidTheyWould: null, until: 30 * day }

test('signs count while it is off and the day after, once a day, for those it was off for', () => {
  const at = 12 * day
  const result = noticed(off, {
    ...base,
    saidTheyWould: 0.8,
    missed: [
      { person: 'a', at, how: 'complaint' },
      { person: 'a', at: at + 1000, how: 'complaint' },
      { person: 'a', at: at + day, how: 'complaint' },
      { person: 'b', at: 15.5 * day, how: 'manual request' },
      { person: 'c', at: 17 * day, how: 'complaint' },
      { person: 'x', at, how: 'complaint' },
    ],
  })
  expect(result).toMatchObject({ people: 5, days: 25, complaints: 2, manualRequests: 1, share: 0.4 })
  expect(result.because).toContain('80 % had said that they would notice')
})

test('dead weight is noticed by nobody, whatever people had said', () => {
  expect(noticed(off, { ...base, saidTheyWould: 1 })).toMatchObject({ share: 0, complaints: 0 })
})

test('four people see no counts, nobody is told from one', () => {
  const result = noticed(off.slice(1), { ...base, missed: [{ person: 'b', at: 12 * day, how: 'complaint' }] })
  expect(result).toMatchObject({ people: null, complaints: null, share: null })
  expect(noticed([], base).because).toContain('not been switched off')
})

test('time lost is the difference of the same people off and on; periods that end before they begin are none', () => {
  const done = people.flatMap((person) =>
    Array.from({ length: 20 }, (_, i) => ({ person, at: i * day, seconds: i >= 10 && i < 15 ? 120 : 60 })),
  )
  expect(noticed(off, { ...base, done }).lostMinutesPerItem).toBeCloseTo(1, 9)
  expect(noticed(off, { ...base, done: done.slice(0, 30) }).lostMinutesPerItem).toBeNull()
  expect(noticed([{ person: 'a', from: 5 * day, to: 3 * day, by: 'week' }], base).days).toBe(0)
  // Asked for a past date, what came later is not there yet.
  expect(noticed(off, { ...base, until: 11 * day }).days).toBe(5)
})

test('what is done before it was live is compared with nothing', () => {
  const done = people.flatMap((person) =>
    Array.from({ length: 20 }, (_, i) => ({ person, at: i * day, seconds: i < 5 ? 500 : i < 10 ? 60 : 120 })),
  )
  const { lostMinutesPerItem } = noticed(off, { ...base, done, since: 5 * day, until: 15 * day - 1 })
  expect(lostMinutesPerItem).toBeCloseTo(1, 9)
})

test('weeks and single days stand beside each other, each for five people or more', () => {
  const others = ['f', 'g', 'h', 'i', 'j']
  const days = others.flatMap((person) =>
    [12, 16, 20].map((n) => ({ person, from: n * day, to: (n + 1) * day, by: 'day' as const })),
  )
  const missed = [
    { person: 'a', at: 12 * day, how: 'complaint' as const },
    { person: 'f', at: 16.5 * day, how: 'manual request' as const },
    { person: 'g', at: 14.5 * day, how: 'complaint' as const },
  ]
  const done = others.flatMap((person) =>
    Array.from({ length: 16 }, (_, i) => ({
      person,
      at: (10 + i) * day,
      seconds: [2, 6, 10].includes(i) ? 90 : 60,
    })),
  )
  const result = noticed([...off, ...days], { ...base, missed, done: [...done, ...done] })
  expect(result).toMatchObject({ people: 10, days: 40, share: 0.2 })
  expect(result.byWeek).toMatchObject({ people: 5, complaints: 1, share: 0.2, lostMinutesPerItem: null })
  expect(result.byDay).toMatchObject({ people: 5, days: 15, complaints: 0, manualRequests: 1, share: 0.2 })
  expect(result.byDay!.lostMinutesPerItem).toBeCloseTo(0.5, 9)
  const fewer = noticed([...off, ...days.slice(3)], { ...base, missed, done })
  expect(fewer).toMatchObject({ people: 9, byWeek: null, byDay: null })
})
