import { describe, expect, test } from 'vitest'
import { readLogText } from './intake/read-logs.ts'
import { processGraph } from './process-graph.ts'
import { calendarOver, workedMs, workingHours } from './working-calendar.ts'

const hours = 3_600_000
const between = (text: string, zone: string, from: string, to: string, holidays: string[] = []) => {
  const [a, b] = [Date.parse(from), Date.parse(to)]
  const calendar = calendarOver(workingHours(text, zone, holidays), a, b)
  return (workedMs(calendar, b) - workedMs(calendar, a)) / hours
}
const office = 'Mon-Fri 9:00-17:00'

describe('working hours', () => {
  test('count neither nights nor weekends', () => {
    // A Friday, 16:00 local, to the Monday after, 10:00.
    expect(between(office, 'Europe/Berlin', '2024-03-01T15:00:00Z', '2024-03-04T09:00:00Z')).toBe(2)
    expect(between(office, 'UTC', '2024-03-02T10:00:00Z', '2024-03-03T10:00:00Z')).toBe(0)
  })

  test('are the same across a change of clocks, either way', () => {
    // Friday 16:00 to Monday 10:00 over the nights of 2024-03-31 and 2024-10-27.
    expect(between(office, 'Europe/Berlin', '2024-03-29T15:00:00Z', '2024-04-01T08:00:00Z')).toBe(2)
    expect(between(office, 'Europe/Berlin', '2024-10-25T14:00:00Z', '2024-10-28T09:00:00Z')).toBe(2)
  })

  test('of a night shift are an hour fewer, or more, in the night that has one', () => {
    const night = 'Sat 22:00-6:00'
    expect(between(night, 'Europe/Berlin', '2024-03-30T12:00:00Z', '2024-03-31T12:00:00Z')).toBe(7)
    expect(between(night, 'Europe/Berlin', '2024-10-26T12:00:00Z', '2024-10-27T12:00:00Z')).toBe(9)
    expect(between(night, 'Europe/Berlin', '2024-06-01T12:00:00Z', '2024-06-02T12:00:00Z')).toBe(8)
  })

  test('leave out holidays, and lunch where it is given', () => {
    const withLunch = 'Mon-Fri 9:00-12:00 13:00-17:00'
    expect(
      between(withLunch, 'America/New_York', '2024-12-24T00:00:00Z', '2024-12-28T00:00:00Z', ['2024-12-25']),
    ).toBe(21)
  })

  test('may overlap, and go around the week', () => {
    expect(
      between('Fri-Mon 9:00-12:00, Sat 10:00-13:00', 'UTC', '2024-03-01T00:00:00Z', '2024-03-08T00:00:00Z'),
    ).toBe(13)
  })

  test.each([
    ['Someday 9:00-17:00', '"Someday" is no day'],
    ['Mon-Fri', '"Mon-Fri" has no times'],
    ['Mon-Fri nine', '"nine" is no stretch of time'],
  ])('that are written wrongly are refused, with how they are written: %s', (text, because) => {
    expect(() => workingHours(text, 'UTC')).toThrow(because)
    expect(() => workingHours(text, 'UTC')).toThrow('Mon-Fri 9:00-17:00')
  })

  test('refuse a zone and a date that there are not', () => {
    expect(() => workingHours(office, 'Mars/Base')).toThrow('no time zone')
    expect(() => workingHours(office, 'UTC', ['Xmas'])).toThrow('no date')
  })

  test('are what waits of an event log are counted in, where they are given', () => {
    const log = readLogText(
      'x.csv',
      'case id,activity,timestamp\n1,open,2024-03-29T16:00:00+01:00\n1,close,2024-04-01T10:00:00+02:00\n',
    )
    const wait = (graph: ReturnType<typeof processGraph>) => [...graph.arcs.values()][0]!.waitedSeconds / 3600
    expect(wait(processGraph(log))).toBe(65)
    expect(wait(processGraph(log, workingHours(office, 'Europe/Berlin')))).toBe(2)
  })
})
