import { describe, expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { readLogText } from './intake/read-logs.ts'
import { recordedWork } from './recorded-testing.ts'
import { shadow } from './shadow.ts'

const { csv } = recordedWork(12)
const [head = '', ...lines] = csv.trimEnd().split('\n')
const read = (list: readonly string[]) => readLogText('log.csv', `${head}\n${list.join('\n')}\n`)
const figures = (list: readonly string[]) => {
  const { events, people, span, opportunities } = shadow(read(list))
  return { events, people, span, opportunities }
}

describe('logs that are not as they should be', () => {
  test('out of order: the same figures, and it is said', () => {
    const shuffled = seeded(4).shuffle(lines)
    expect(figures(shuffled)).toEqual(figures(lines))
    expect(read(shuffled).notices.join()).toContain('not in time order')
  })

  test('a clock that jumps, on or back: no negative minutes, no hours out of nothing', () => {
    const half = lines.length >> 1
    const shifted = (by: number) =>
      lines.map((line, i) => {
        const [time = '', ...rest] = line.split(',')
        return [i < half ? time : new Date(Date.parse(time) + by).toISOString(), ...rest].join(',')
      })
    const plain = shadow(read(lines)).opportunities.reduce((sum, each) => sum + each.hoursPerWeek, 0)
    for (const by of [-2 * 3_600_000, 40 * 86_400_000]) {
      const { routines, opportunities } = shadow(read(shifted(by)))
      expect(routines.every(({ minutesPerRun }) => minutesPerRun >= 0)).toBe(true)
      expect(opportunities.reduce((sum, each) => sum + each.hoursPerWeek, 0)).toBeLessThan(1.5 * plain)
    }
  })

  test('times without a zone, some or all: read in the zone that is named', () => {
    const mixed = lines.map((line, i) => (i % 2 === 0 ? line.replace(/Z,/, ',') : line))
    expect(figures(mixed)).toEqual(figures(lines))
    expect(read(mixed).notices.join()).toContain('--zone')
  })

  test('columns of two versions of a recorder, one file each: one log', () => {
    const renamed = readLogText(
      'other.csv',
      `timeStamp,userID,targetApp,eventType,target.name,content,url\n${lines.join('\n')}\n`,
    )
    expect(shadow(renamed).opportunities).toEqual(shadow(read(lines)).opportunities)
  })

  test('rows that are too short or too long, and a last one that breaks off: the rest is read', () => {
    const odd = [...lines, '2026-02-03T08:00:00Z,u1', `${lines[0]},and,more`, lines[1]!.slice(0, 9)]
    const log = read(odd)
    expect(log.length).toBe(lines.length + 2)
    expect(log.notices.join()).toContain('1 rows without a readable time')
  })

  test('one person only: figures, and never a name', () => {
    const own = lines.filter((line) => line.includes(',u1,'))
    const report = shadow(read(own))
    expect(report.people).toBe(1)
    expect(report.routines.length).toBeGreaterThan(0)
    expect(report.opportunities.every(({ people }) => people === 'fewer than 5')).toBe(true)
  })

  test('one event only, of a UI log and of an event log: nothing found, and no fault', () => {
    expect(shadow(read(lines.slice(0, 1)))).toMatchObject({ events: 1, routines: [], opportunities: [] })
    const cases = readLogText('x.csv', 'case id,activity,timestamp\n1,a,2024-01-01T00:00:00Z\n')
    expect(shadow(cases)).toMatchObject({
      events: 1,
      routines: [],
      process: { cases: 1, variants: 1, arcs: [] },
    })
  })

  test('XES that breaks off in the middle of an event, or mixes versions and name spaces: read as far as it goes', () => {
    const event = (name: string, time: string) =>
      `<event><string key="concept:name" value="${name}"/><date key="time:timestamp" value="${time}"/></event>`
    const trace = `<trace><string key="concept:name" value="1"/>${event('a', '2024-01-01T00:00:00Z')}${event('b', '2024-01-01T01:00:00+01:00')}</trace>`
    const whole = `<?xml version="1.0"?><log xes.version="2.0" xmlns="http://www.xes-standard.org/">${trace}${trace}</log>`
    const cut = readLogText('cut.xes', whole.slice(0, whole.lastIndexOf('<date')))
    expect(cut.length).toBe(3)
    expect(cut.notices.join()).toContain('breaks off')
    const old = readLogText('old.xes', whole.replace('xes.version="2.0"', 'version="1.0"'))
    expect(old.length).toBe(4)
    expect(() => readLogText('none.xes', '<log></log>')).toThrow('has no event')
  })
})
