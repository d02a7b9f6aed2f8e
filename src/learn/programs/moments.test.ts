import { describe, expect, it } from 'vitest'
import { orderOf, readDate, readTime } from './moments.ts'

const ymd = (text: string, order: 'month first' | 'day first' = 'month first') => {
  const found = readDate(text, order, 0)
  return found && [found.year, found.month, found.day]
}

describe('dates in text', () => {
  it('are read in the layouts that people use', () => {
    for (const text of [
      '2024-03-05',
      '2024/3/5',
      '5 March 2024',
      '5th Mar 2024',
      'March 5, 2024',
      '05-Mar-24',
      '20240305',
      'on 3/5/2024 at noon',
    ]) {
      expect(ymd(text), text).toEqual([2024, 3, 5])
    }
  })

  it('take the order of day and month from the column, not from the cell', () => {
    const column = ['01/02/2024', '25/12/2024']
    expect(orderOf(column)).toBe('day first')
    expect(ymd('01/02/2024', 'day first')).toEqual([2024, 2, 1])
    expect(orderOf(['01/02/2024', '12/25/2024'])).toBe('month first')
  })

  it('are none where the day does not exist', () => {
    for (const text of ['2023-02-29', '2024-13-01', '31 April 2024', 'version 1.2', '12345678901'])
      expect(ymd(text), text).toBeNull()
  })

  it('are found one after another', () => {
    expect(readDate('from 2024-01-01 to 2024-02-03', 'month first', 1)).toMatchObject({ month: 2, day: 3 })
  })

  it('come with times of day on both clocks', () => {
    expect(readTime('6:25:57 PM', 0)).toBe(18 * 3600 + 25 * 60 + 57)
    expect(readTime('12:05 am', 0)).toBe(300)
    expect(readTime('between 9:30 and 17:45', 1)).toBe(17 * 3600 + 45 * 60)
    expect(readTime('at 7pm', 0)).toBe(19 * 3600)
    expect(readTime('25:61', 0)).toBeNull()
  })
})
