import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dateText, numberText } from './wording.ts'

test('English numbers by hand are those of Intl', () => {
  const formats = [0, 1, 2, 5].flatMap((most) =>
    [0, most].map((least) => ({
      least,
      most,
      intl: new Intl.NumberFormat('en', { minimumFractionDigits: least, maximumFractionDigits: most }),
    })),
  )
  const numbers = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.integer(),
  )
  fc.assert(
    fc.property(numbers, fc.constantFrom(...formats), (value, { least, most, intl }) => {
      // Half of the last digit is rounded by the exact binary value here, by its shortest decimals there.
      const tie = Math.abs(((Math.abs(value) * 10 ** most) % 1) - 0.5) < 1e-6
      fc.pre(!tie && value !== 0)
      expect(numberText(value, { locale: 'en', least, most }).replace(/^-0$/, '0')).toBe(
        intl.format(value).replace(/^-0$/, '0'),
      )
    }),
  )
})

test('dates say once what they share', () => {
  const at = (text: string) => Date.parse(`${text}Z`)
  const text = (a: string, b: string, parts: 'day' | 'month' | 'minute' | 'year' = 'day') =>
    dateText(at(a), at(b), { locale: 'en' }, parts)
  expect(text('2026-11-13T00:00', '2026-11-19T00:00')).toBe('13–19 Nov 2026')
  expect(text('2026-10-28T00:00', '2026-11-03T00:00')).toBe('28 Oct – 3 Nov 2026')
  expect(text('2025-12-28T00:00', '2026-01-03T00:00')).toBe('28 Dec 2025 – 3 Jan 2026')
  expect(text('2026-11-13T00:00', '2026-11-13T00:00')).toBe('13 Nov 2026')
  expect(text('2026-10-01T00:00', '2026-12-01T00:00', 'month')).toBe('Oct–Dec 2026')
  expect(text('2026-01-01T00:00', '2026-01-01T00:00', 'year')).toBe('2026')
  expect(text('2026-11-13T14:05', '2026-11-13T14:05', 'minute')).toBe('13 Nov 2026, 14:05')
  expect(text('2026-11-13T14:05', '2026-11-13T15:00', 'minute')).toBe('13 Nov 2026, 14:05–15:00')
  expect(dateText(at('2026-11-13T00:00'), at('2026-11-19T00:00'), { locale: 'de' }, 'day')).toMatch(/Nov/)
})
