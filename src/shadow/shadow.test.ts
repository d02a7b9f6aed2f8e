import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { againstTruth } from './against-truth-testing.ts'
import { withoutPerson } from './event-log.ts'
import { readLogs, readLogText } from './intake/read-logs.ts'
import { processGraph } from './process-graph.ts'
import { type ShadowReport, shadow } from './shadow.ts'
import { valueLinks } from './value-flow.ts'

const data = resolve(import.meta.dirname, '../../../shared/data/shadow')
// Recorded and published logs, read in place.
const withData = test.skipIf(!existsSync(data))

const rowsOf = (name: string): Record<string, string>[] => {
  const bytes = readFileSync(join(data, name))
  return parse(name.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true })
}

/** F1 of the places where one run gives way to the next. */
function boundaryF1(report: ShadowReport, truth: readonly string[]): number {
  const starts = report.routines
    .flatMap(({ runs }) => runs.map(({ events }) => Math.min(...events)))
    .sort((a, b) => a - b)
  const found = starts.slice(1)
  const real = new Set(truth.flatMap((name, i) => (i > 0 && name !== truth[i - 1] ? [i] : [])))
  return (2 * found.filter((i) => real.has(i)).length) / (found.length + real.size)
}

const columns = ['timestamp', 'person', 'application', 'event', 'element', 'value', 'url']
const csv = (rows: readonly string[][]) =>
  `${columns.join(',')}\n${rows.map((row) => row.join(',')).join('\n')}\n`

/** Orders carried from mail to a sheet, in between whatever else; one person after the other. */
function orders(people: readonly string[], seed: number): string[][] {
  const random = seeded(seed)
  const rows: string[][] = []
  let at = Date.UTC(2024, 0, 1, 8)
  for (const person of people) {
    const add = (...cells: string[]) => {
      at += 2000 + random.integer(9000)
      rows.push([new Date(at).toISOString(), person, ...cells])
    }
    for (let k = 0; k < 30; k++) {
      for (let other = random.integer(3); other > 0; other--)
        add('News', 'click', `page ${random.integer(9)}`, '', '')
      const row = 2 + random.integer(900)
      add('Mail', 'navigate', 'message', '', '')
      for (const [name, column] of [
        ['number', 'A'],
        ['customer', 'B'],
        ['amount', 'C'],
      ]) {
        const value = `${name}-${random.integer(1e6)}`
        add('Mail', 'copy', name!, value, '')
        add('Excel', 'paste', `Orders!${column}${row}`, value, '')
      }
      add('Excel', 'save', 'workbook', '', '')
    }
  }
  return rows
}

describe('recorded work', () => {
  withData(
    'the recorded log of form filling gives all fifty fills, and what was pasted from where',
    async () => {
      const log = await readLogs([join(data, 'truth/StudentRecord_truth.csv')])
      const truth = rowsOf('truth/StudentRecord_truth.csv').map((row) => row.truthCase!)
      const report = shadow(log)
      const { found, purity } = againstTruth(report, truth)
      expect(found).toBe(50)
      expect(purity).toBeGreaterThan(0.99)
      expect(report.routines[0]!.kind).toBe('copy-paste')
      const real = new Set(
        rowsOf('truth/StudentRecord_valueflow.csv').map((row) => `${row.copyIdx}>${row.pasteIdx}`),
      )
      const links = valueLinks(log).map(({ from, to }) => `${log.index[from]}>${log.index[to]}`)
      const right = links.filter((link) => real.has(link)).length
      expect((2 * right) / (links.length + real.size)).toBeGreaterThanOrEqual(0.98)
    },
  )

  withData.each(['SR_RT_plus', 'SR_RT_shuffled_noise10'])(
    'two routines mixed are told apart: %s',
    async (name) => {
      const file = `composite/${name}.csv.gz`
      const report = shadow(await readLogs([join(data, file)]))
      const { found, purity } = againstTruth(
        report,
        rowsOf(file).map((row) => row.truthInstance!),
      )
      expect(found).toBeGreaterThanOrEqual(98)
      expect(purity).toBeGreaterThanOrEqual(0.97)
      expect(report.routines).toHaveLength(2)
    },
  )

  withData.each([
    ['log1_p00', 0.99],
    ['log4_p10', 0.95],
    ['log1_p20', 0.9],
    ['log4_p40', 0.75],
    ['log3_p40', 0.75],
  ])('runs are cut where they end, with noise, and with all pauses made equal: %s', async (name, least) => {
    const file = `noisy/${name}.csv.gz`
    const log = await readLogs([join(data, file)])
    const truth = rowsOf(file).map((row) => row.truthCase!)
    expect(boundaryF1(shadow(log), truth)).toBeGreaterThanOrEqual(least)
    // Simulated cases have a gap between them: nothing may hang on it.
    for (let i = 0; i < log.length; i++) log.at[i] = i * 1000
    expect(boundaryF1(shadow(log), truth)).toBeGreaterThanOrEqual(least)
  })

  withData('rows that tie in time may stand in any order', async () => {
    const file = 'noisy/log4_p20.csv.gz'
    const rows = rowsOf(file)
    const names = Object.keys(rows[0]!).filter((name) => !name.startsWith('truth') && name !== 'noise')
    const text = (list: readonly Record<string, string>[]) =>
      `${names.join(',')}\n${list.map((row) => names.map((name) => row[name]).join(',')).join('\n')}\n`
    const random = seeded(3)
    const shuffled = random.shuffle(rows)
    const figures = (list: readonly Record<string, string>[]) => {
      const { routines, opportunities } = shadow(readLogText('x.csv', text(list)))
      return {
        opportunities,
        runs: routines.map(({ runs }) => runs.map(({ from, to, events }) => [from, to, events.length])),
      }
    }
    expect(figures(shuffled)).toEqual(figures(rows))
  })
})

describe('made-up work', () => {
  test('a loop among other work is found, with its flows, its skill and its questions', () => {
    const { routines, opportunities } = shadow(readLogText('x.csv', csv(orders(['ann'], 1))))
    const loop = routines.find(({ kind }) => kind === 'copy-paste')!
    expect(loop.runs).toHaveLength(30)
    expect(loop.flows.map(({ from, to, times }) => [from, to, times])).toContainEqual([
      'Mail number',
      'Excel Orders!A#',
      30,
    ])
    const opportunity = opportunities.find(({ routine }) => routine === loop.id)!
    expect(opportunity.skill).toBe('fill')
    expect(opportunity.people).toBe('fewer than 5')
    expect(opportunity.ask).toHaveLength(3)
  })

  test('hours a week are active minutes over working weeks', () => {
    const { routines, opportunities } = shadow(readLogText('x.csv', csv(orders(['ann'], 1))))
    const loop = routines.find(({ kind }) => kind === 'copy-paste')!
    const { hoursPerWeek } = opportunities.find(({ routine }) => routine === loop.id)!
    // One recorded day is a fifth of a week.
    expect(hoursPerWeek).toBeCloseTo((30 * loop.minutesPerRun * 5) / 60, 6)
    expect(loop.minutesPerRun).toBeGreaterThan(0.5)
  })

  test('erasing a person takes all that is theirs out of every figure', () => {
    const both = readLogText('x.csv', csv(orders(['p-00000001', 'p-00000002'], 2)))
    const rest = shadow(withoutPerson(both, 'p-00000002'))
    const alone = shadow(
      readLogText(
        'x.csv',
        csv(orders(['p-00000001', 'p-00000002'], 2).filter(([, who]) => who === 'p-00000001')),
      ),
    )
    expect(rest).toEqual(alone)
    expect(rest.people).toBe(1)
  })

  test('one event is no routine and no fault', () => {
    const report = shadow(
      readLogText('x.csv', csv([['2024-01-01T10:00:00Z', 'a', 'Mail', 'click', 'b', '', '']])),
    )
    expect(report).toMatchObject({ events: 1, people: 1, routines: [], opportunities: [] })
  })
})

describe('event logs', () => {
  withData('BPI Challenge 2012 has as many arcs and variants as in pm4py', async () => {
    const log = await readLogs([join(data, 'event-logs/bpic2012.xes.gz')])
    const graph = processGraph(log)
    expect([log.length, log.cases.names.length, graph.arcs.size, graph.variants.length]).toEqual([
      262_200, 13_087, 125, 4366,
    ])
  })

  test('rework and waiting are found, and waiting is nobody’s hours', () => {
    const rows = Array.from({ length: 6 }, (_, c) =>
      [
        ['open', 0],
        ['check', 10],
        ['return', 20],
        ['check', 200],
        ['close', 2000],
      ].map(
        ([activity, minute]) =>
          `c${c},${activity},${new Date(Date.UTC(2024, 0, 1 + c) + Number(minute) * 60_000).toISOString()},u${c % 2}`,
      ),
    ).flat()
    const { routines, opportunities, process } = shadow(
      readLogText('x.csv', `case id,activity,timestamp,resource\n${rows.join('\n')}\n`),
    )
    expect(routines.find(({ kind }) => kind === 'rework')).toMatchObject({
      steps: ['check', 'something else', 'check again'],
    })
    expect(
      routines.find(({ kind, steps }) => kind === 'waiting' && steps[1] === 'close')!.minutesPerRun,
    ).toBe(1800)
    expect(process).toMatchObject({ cases: 6, variants: 1 })
    expect(opportunities.map(({ skill }) => skill)).toEqual(opportunities.map(() => null))
    expect(opportunities[0]!.routine).toBe(routines.find(({ kind }) => kind === 'rework')!.id)
  })

  test('events that tie in time may stand in any order: the same routines, runs, hours and waits', () => {
    for (let seed = 0; seed < 25; seed++) {
      const random = seeded(`ties ${seed}`)
      const rows: string[] = []
      for (let c = 0; c < 30; c++) {
        // Whole minutes, few of them: most events tie with another, of their own case or of another one.
        let minute = random.integer(40)
        for (let k = 3 + random.integer(8); k > 0; k--) {
          minute += random.integer(3)
          const at = new Date(Date.UTC(2024, 0, 1 + random.integer(2)) + minute * 60_000).toISOString()
          rows.push(
            `c${c},${'abcde'[random.integer(5)]},${at},${random.integer(3) ? `u${random.integer(4)}` : ''}`,
          )
        }
      }
      const told = (list: readonly string[]) => {
        const { routines, opportunities, process } = shadow(
          readLogText('x.csv', `case id,activity,timestamp,resource\n${list.join('\n')}\n`),
        )
        const runs = routines.map((routine) => ({
          ...routine,
          // Events are numbered as they stand in the input.
          runs: routine.runs.map(({ events, ...run }) => ({ ...run, events: events.length })),
        }))
        return { runs, opportunities, cases: process!.cases }
      }
      const inTime = rows.toSorted((a, b) => (a.split(',')[2]! < b.split(',')[2]! ? -1 : 1))
      expect(told(rows).runs.length).toBeGreaterThan(0)
      expect(told(random.shuffle(rows))).toEqual(told(rows))
      expect(told(inTime)).toEqual(told(rows))
    }
  })
})
