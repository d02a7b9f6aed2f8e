import { expect, test } from 'vitest'
import { noticed } from './noticed.ts'

const day = 24 * 3600 * 1000
const people = ['a', 'b', 'c', 'd', 'e']
const off = people.map((person) => ({ person, from: 10 * day, to: 15 * day }))
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
  expect(noticed([{ person: 'a', from: 5 * day, to: 3 * day }], base).days).toBe(0)
  // Asked for a past date, what came later is not there yet.
  expect(noticed(off, { ...base, until: 11 * day }).days).toBe(5)
})
