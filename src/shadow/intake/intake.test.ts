import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { EventLog } from '../event-log.ts'
import { processGraph } from '../process-graph.ts'
import { newLogBuilder } from './log-builder.ts'
import { readLogs, readLogText } from './read-logs.ts'
import { readTime, wallClock } from './timestamp.ts'
import { xesLog } from './xes.ts'

const data = resolve(import.meta.dirname, '../../../../shared/data/shadow')
const withData = test.skipIf(!existsSync(data))
const folder = mkdtempSync(join(tmpdir(), 'inlay-shadow-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const actions = (log: EventLog) => Array.from(log.action, (code) => log.actions.names[code])
const times = (log: EventLog) => Array.from(log.at, (at) => new Date(at).toISOString())

const ui = 'timestamp,person,application,event,element,value,url\n'
const xes = (body: string) => `<?xml version="1.0"?><log xes.version="1.0">${body}</log>`
const event = (name: string, time: string, person = '') =>
  `<event><string key="concept:name" value="${name}"/>${person && `<string key="org:resource" value="${person}"/>`}<date key="time:timestamp" value="${time}"/></event>`

describe('times', () => {
  test('are read with any offset, with and without seconds', () => {
    const utc = wallClock('UTC')
    const same = [
      '2024-03-01T12:30:00Z',
      '2024-03-01T14:30:00.000+02:00',
      '2024-03-01 07:30-0500',
      '1709296200',
      '1709296200000',
    ]
    expect(same.map((text) => readTime(text, utc))).toEqual(same.map(() => Date.UTC(2024, 2, 1, 12, 30)))
    expect(readTime('yesterday', utc)).toBeNaN()
  })

  test('without a zone are wall-clock times of the zone that is named, on both sides of a change of clocks', () => {
    const berlin = wallClock('Europe/Berlin')
    const iso = (text: string) => new Date(readTime(text, berlin)).toISOString()
    expect(iso('2024-03-31T01:30:00')).toBe('2024-03-31T00:30:00.000Z')
    expect(iso('2024-03-31T03:30:00')).toBe('2024-03-31T01:30:00.000Z')
    expect(iso('2024-10-27T01:30:00')).toBe('2024-10-26T23:30:00.000Z')
    expect(iso('2024-10-27T03:30:00')).toBe('2024-10-27T02:30:00.000Z')
  })
})

describe('a UI log', () => {
  test('is put in time order and keeps the numbers of its rows', () => {
    const log = readLogText(
      'x.csv',
      `${ui}2024-01-01T10:00:02Z,ann,Mail,click,b,,\n2024-01-01T10:00:01Z,ann,Mail,copy,a,,\n2024-01-01T10:00:03Z,ann,Mail,paste,c,,\n`,
    )
    expect(actions(log)).toEqual(['copy', 'click', 'paste'])
    expect([...log.index]).toEqual([1, 0, 2])
    expect(log.notices.join()).toContain('not in time order')
  })

  test('never tells a name', () => {
    const log = readLogText('x.csv', `${ui}2024-01-01T10:00:02Z,ann.lee@firm.example,Mail,click,b,,\n`)
    expect(log.people.names).toEqual(['person 1'])
  })

  test('may have one event, quoted line ends, semicolons and a byte order mark', () => {
    const log = readLogText(
      'x.csv',
      '\uFEFFtimestamp;person;application;event;element;value;url\r\n2024-01-01T10:00:02Z;a;"Mail ""new""\nline";click;b;;\r\n',
    )
    expect(log.length).toBe(1)
    expect(log.tools.names).toEqual(['Mail "new"\nline'])
  })

  test('keeps what has a time and says what has none', () => {
    const log = readLogText('x.csv', `${ui}soon,a,Mail,click,b,,\n2024-01-01T10:00:02Z,a,Mail,click,b,,\n`)
    expect([...log.index]).toEqual([1])
    expect(log.notices.join()).toContain('1 rows without a readable time')
    expect(() => readLogText('x.csv', `${ui}soon,a,Mail,click,b,,\n`)).toThrow(
      'x.csv has no readable time in any row',
    )
  })

  test('of several files is one log', async () => {
    const a = file('a.csv', `${ui}2024-01-01T10:00:02Z,a,Mail,late,b,,\n`)
    const b = file('b.csv.gz', gzipSync(`${ui}2024-01-01T10:00:01Z,a,Mail,early,b,,\n`))
    const log = await readLogs([a, b])
    expect(actions(log)).toEqual(['early', 'late'])
    expect([...log.index]).toEqual([1, 0])
  })

  test.each([
    ['nothing', '', 'empty'],
    ['another table', 'name,size\na,1\n', 'not a log that can be read'],
    ['a web page', '<html></html>', 'not XES or OCEL'],
    ['other JSON', '{"a":1}', 'neither an ActivityWatch export'],
    ['half a JSON', '{"events":[', 'not whole JSON'],
  ])('that is %s is refused in one sentence that names the file', (_, content, because) => {
    expect(() => readLogText('x.log', content)).toThrow(because)
    expect(() => readLogText('x.log', content)).toThrow('x.log')
  })

  test('beside an event log is refused, whichever comes first', async () => {
    const a = file('ui.csv', `${ui}2024-01-01T10:00:02Z,a,Mail,late,b,,\n`)
    const b = file('cases.csv', 'case id,activity,timestamp\n1,a,2024-01-01T10:00:02Z\n')
    await expect(readLogs([a, b])).rejects.toThrow('read them apart')
    await expect(readLogs([b, a])).rejects.toThrow('read them apart')
  })

  test('that is not there, or no gzip but for its first bytes, is refused', async () => {
    await expect(readLogs([join(folder, 'none.csv')])).rejects.toThrow('There is no file')
    const damaged = file('damaged.gz', Buffer.concat([gzipSync('a').subarray(0, 10), Buffer.alloc(40, 7)]))
    await expect(readLogs([damaged])).rejects.toThrow('damaged gzip file')
  })
})

describe('XES', () => {
  const traces =
    `<trace><string key="concept:name" value="A &amp; B"/>${event('open', '2024-03-31T01:30:00+01:00', 'x')}${event('close', '2024-03-31T03:30:00+02:00')}</trace>` +
    `<trace>${event('open', '2024-04-01T00:00:00Z')}</trace>`

  test('gives cases, activities and people, also behind comments, single quotes and > in values', () => {
    const odd = xes(
      `<!-- <event> --><trace><string value='a>b' key='concept:name'/>${event('x', '2024-01-01T00:00:00Z')}</trace>${traces}`,
    )
    const log = readLogText('x.xes', odd)
    expect(log.cases.names).toEqual(['a>b', 'A & B', 'trace 3'])
    expect(actions(log)).toEqual(['x', 'open', 'close', 'open'])
  })

  test('has waits that daylight saving does not change', () => {
    const log = readLogText('x.xes', xes(traces))
    expect([...processGraph(log).arcs.values()].map(({ waitedSeconds }) => waitedSeconds)).toEqual([3600])
  })

  test('is read the same whatever the size of the chunks, and up to where it breaks off', async () => {
    const many = xes(
      Array.from(
        { length: 9000 },
        (_, i) => `<trace>${event(`é${i % 7}`, '2024-01-01T00:00:00Z', `p${i % 5}`)}</trace>`,
      ).join(''),
    )
    const odd = Buffer.from(xes(`<!-- <event> --><?odd?>${traces.replace('open', 'a>b')}<trace/>`))
    const inChunks = (size: number) => {
      const builder = newLogBuilder()
      const taker = xesLog('x.xes', builder, (wall) => wall)
      for (let from = 0; from < odd.length; from += size) taker.push(odd.subarray(from, from + size))
      taker.end()
      return builder.finish()
    }
    for (const size of [1, 2, 3, 7, 64]) expect(inChunks(size)).toEqual(inChunks(odd.length))
    const whole = await readLogs([file('many.xes.gz', gzipSync(many))])
    expect(whole.length).toBe(9000)
    expect(whole.actions.names).toHaveLength(7)
    const broken = await readLogs([file('broken.xes', many.slice(0, many.length / 2))])
    expect(broken.length).toBeGreaterThan(4400)
    expect(broken.notices.join()).toContain('breaks off')
    const half = gzipSync(many).subarray(0, 12_000)
    const torn = await readLogs([file('torn.xes.gz', half)])
    expect(torn.length).toBeGreaterThan(0)
    expect(torn.notices.join()).toContain('breaks off')
  })
})

describe('other logs', () => {
  test('ActivityWatch: repeated heartbeats are one event, time away is left out', () => {
    const window = (timestamp: string, duration: number, app: string) => ({
      timestamp,
      duration,
      data: { app, title: app },
    })
    const log = readLogText(
      'aw.json',
      JSON.stringify({
        buckets: {
          w: {
            id: 'w',
            type: 'currentwindow',
            client: 'aw-watcher-window',
            hostname: 'pc',
            events: [
              window('2024-01-01T10:00:00Z', 60, 'Mail'),
              window('2024-01-01T10:00:30Z', 60, 'Mail'),
              window('2024-01-01T10:02:00Z', 60, 'Excel'),
              window('2024-01-01T11:00:00Z', 60, 'Lock screen'),
            ],
          },
          a: {
            id: 'a',
            type: 'afkstatus',
            client: 'aw-watcher-afk',
            hostname: 'pc',
            events: [{ timestamp: '2024-01-01T10:30:00Z', duration: 3600, data: { status: 'afk' } }],
          },
        },
      }),
    )
    expect(Array.from(log.tool, (code) => log.tools.names[code])).toEqual(['Mail', 'Excel'])
  })

  test('OCEL 2.0: cases are the objects that most events belong to', () => {
    const log = readLogText(
      'o.json',
      JSON.stringify({
        objects: [
          { id: 'o1', type: 'order' },
          { id: 'i1', type: 'item' },
        ],
        events: [
          {
            id: 'e1',
            type: 'create',
            time: '2024-01-01T10:00:00Z',
            relationships: [{ objectId: 'o1' }, { objectId: 'i1' }],
          },
          { id: 'e2', type: 'pay', time: '2024-01-02T10:00:00Z', relationships: [{ objectId: 'o1' }] },
        ],
      }),
    )
    expect(actions(log)).toEqual(['create', 'pay'])
    expect(log.cases.names).toEqual(['o1'])
  })

  withData.each(['jsonocel', 'xmlocel', 'sqlite'])(
    'OCEL 2.0 is the same log in each of its formats: %s',
    async (format) => {
      const log = await readLogs([join(data, `ocel/ocel20_example.${format}`)])
      const same = await readLogs([join(data, 'ocel/ocel20_example.jsonocel')])
      // The published files differ in the zone of their times, so that only what was done is compared.
      const told = (each: EventLog) => actions(each).sort()
      expect(log.length).toBe(9)
      expect(told(log)).toEqual(told(same))
    },
  )

  test('a SQLite database of something else is refused', async () => {
    const path = join(folder, 'other.sqlite')
    const database = new DatabaseSync(path)
    database.exec('CREATE TABLE event (a)')
    database.close()
    await expect(readLogs([path])).rejects.toThrow('not an OCEL 2.0 one')
  })

  test('CSV with columns of its own is read by naming them', () => {
    const text = 'Vorgang,Schritt,Zeit\n1,a,2024-01-01 10:00:00\n1,b,2024-01-01 11:00:00\n'
    expect(() => readLogText('v.csv', text)).toThrow('--time')
    const log = readLogText('v.csv', text, {
      zone: 'Europe/Berlin',
      columns: { case: 'vorgang', activity: 'Schritt', time: 'Zeit' },
    })
    expect(times(log)).toEqual(['2024-01-01T09:00:00.000Z', '2024-01-01T10:00:00.000Z'])
    expect(() => readLogText('v.csv', text, { columns: { case: 'Fall' } })).toThrow('no column "Fall"')
  })

  test('times without a zone are said to be read as UTC', () => {
    const log = readLogText('v.csv', `${ui}2024-01-01 10:00:00,a,Mail,click,b,,\n`)
    expect(log.notices.join()).toContain('UTC')
  })
})
