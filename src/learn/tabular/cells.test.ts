import { expect, test } from 'vitest'
import { dayFirstOf, dayOf, decimalMarkOf, levelOf, numberOf } from './cells.ts'

test('numbers are read as the column as a whole writes them', () => {
  const read = (cells: string[]) => cells.map((cell) => numberOf(cell, decimalMarkOf(cells)))
  expect(read(['3,5', '12', '1.234'])).toEqual([3.5, 12, 1234])
  expect(read(['1.234,50', '2.000'])).toEqual([1234.5, 2000])
  expect(read(['1,234.50', '2,000'])).toEqual([1234.5, 2000])
  expect(read(['1,234', '2,000'])).toEqual([1234, 2000])
  expect(read(['4.857', '1.25'])).toEqual([4.857, 1.25])
  expect(read(['0,123', '7'])).toEqual([0.123, 7])
})

test('currency, percent, spaces, signs and clock times do not hide a number', () => {
  const dot = (cell: string) => numberOf(cell, '.')
  expect(dot('€ 12')).toBe(12)
  expect(dot('12.50 EUR')).toBe(12.5)
  expect(dot('$1,200')).toBe(1200)
  expect(dot('-$5')).toBe(-5)
  expect(dot('(7.5)')).toBe(-7.5)
  expect(dot('15 %')).toBe(15)
  expect(dot("1'000")).toBe(1000)
  expect(dot('12 000')).toBe(12_000)
  expect(dot('1e3')).toBe(1000)
  expect(dot('02:30')).toBe(150)
})

test('what only looks like a number is none', () => {
  for (const cell of [
    '',
    'n/a',
    '-',
    '12-15',
    'basic.4y',
    '1.2.3a',
    'v2',
    '€',
    '1e308',
    1e308,
    Number.NaN,
    null,
    true,
  ]) {
    expect(numberOf(cell, '.')).toBeNaN()
  }
})

test('common ways to write a date mean the same day', () => {
  const day = dayOf('2024-03-05', true)
  for (const cell of ['5.3.2024', '05/03/2024', '2024/3/5', '5 Mar 2024', 'March 5, 2024', '05.03.24']) {
    expect(dayOf(cell, true)).toBe(day)
  }
  expect(dayOf('03/05/2024', false)).toBe(day)
  expect(dayOf('2024-03-05T12:00:00Z', true)).toBe(day + 0.5)
  expect(dayOf('3/5/2024 6:00 pm', false)).toBe(day + 0.75)
  for (const cell of ['may', '2024', '45.13.2024', 'v1.2.2024', null, 20240305]) {
    expect(dayOf(cell, true)).toBeNaN()
  }
})

test('a column of dates tells by itself whether the day comes first', () => {
  expect(dayFirstOf(['01/02/2024', '13/02/2024'])).toBe(true)
  expect(dayFirstOf(['01/02/2024', '02/13/2024'])).toBe(false)
  expect(dayFirstOf(['01/02/2024'])).toBe(true)
})

test('case and spaces do not make another category, and an empty cell is none', () => {
  expect(levelOf('  Direct   Traffic ')).toBe(levelOf('direct traffic'))
  expect(levelOf('   ')).toBeNull()
  expect(levelOf(null)).toBeNull()
  expect(levelOf(true)).toBe('true')
})
