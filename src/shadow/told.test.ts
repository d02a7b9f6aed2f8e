import { describe, expect, test } from 'vitest'
import { type RoutineAnswer, withAnswers } from './answers.ts'
import { readLogText } from './intake/read-logs.ts'
import { painOf } from './pain.ts'
import { picturesOf } from './picture.ts'
import { recordedWork } from './recorded-testing.ts'
import { shadow } from './shadow.ts'

/** Two people file mails and edit a sheet, a day apart. */
function filing(days: number) {
  const rows = ['timestamp,person,application,event,element,value,url']
  for (const [p, person] of ['ann', 'bob'].entries()) {
    for (let day = 0; day < days; day++) {
      let at = Date.UTC(2024, 0, 8 + day, 8 + p)
      const add = (app: string, event: string, element: string) => {
        at += 10_000
        rows.push(`${new Date(at).toISOString()},${person},${app},${event},${element},,`)
      }
      for (let k = 0; k < 20; k++) {
        add('Mail', 'navigate', 'message <new> & "odd"')
        add('Mail', 'click', 'move to')
        add('Mail', 'click', 'folder')
        for (let n = 0; n <= k % 3; n++) add('Excel', 'edit', 'notes')
        add('Excel', 'click', 'Save')
      }
    }
  }
  return readLogText('filing.csv', `${rows.join('\n')}\n`)
}
const log = filing(5)
const report = shadow(log)
const [first] = report.routines

describe('what people say of a routine', () => {
  const said = (
    question: RoutineAnswer['question'],
    answer: RoutineAnswer['answer'],
    at: number,
  ): RoutineAnswer => ({
    at,
    kind: first!.kind,
    steps: first!.steps,
    question,
    answer,
  })
  const of = (answers: RoutineAnswer[], log = report) =>
    withAnswers(log, answers).opportunities.find(({ routine }) => routine === first!.id)!

  test('stands beside its evidence; of each question the last answer counts', () => {
    expect(of([]).hated).toBeNull()
    const told = of([said('hated', false, 2), said('hated', true, 1), said('why', 'the boss wants it', 3)])
    expect(told.hated).toBe(false)
    expect(told.answers).toEqual({ why: 'the boss wants it' })
    expect(of([said('hated', true, 1)]).hated).toBe(true)
  })

  test('is found again when the log has grown, and is not taken for another routine', () => {
    expect(of([said('hated', true, 1)], shadow(filing(8))).hated).toBe(true)
    expect(of([{ ...said('hated', true, 1), steps: ['something else'] }]).hated).toBeNull()
  })
})

describe('the pain of a task', () => {
  test('is the active minutes a person a week of the routine that the skill would take away', () => {
    const { opportunities } = report
    const triage = opportunities.find(({ skill }) => skill === 'triage')!
    const pain = painOf(report, { skill: 'triage', surface: 'maildir' })
    expect(pain.minutesPerPersonPerWeek).toBeCloseTo(triage.minutesPerPersonPerWeek, 0)
    expect(pain).toMatchObject({ named: false })
    expect(pain.from).toContain('fewer than 5 people')
  })

  test('is named where the people who do it hate it', () => {
    const { kind, steps } = first!
    const hated = withAnswers(report, [{ at: 1, kind, steps, question: 'hated', answer: true }])
    expect(painOf(hated, { skill: 'triage', surface: 'imap' }).named).toBe(true)
  })

  test('is nothing, and says so, where the task is never seen', () => {
    expect(painOf(report, { skill: 'summary', surface: 'grafana' })).toEqual({
      minutesPerPersonPerWeek: 0,
      from: 'recorded work from 2024-01-08 to 2024-01-12, which shows no such task',
      named: false,
    })
  })
})

describe('the picture of a routine', () => {
  const [picture] = picturesOf(log, report)

  test('tells the same in words, for those who do not see it', () => {
    expect(picture!.svg).toMatch(/role="img" aria-labelledby="routine-1-title routine-1-desc"/)
    expect(picture!.svg).toContain('<title id="routine-1-title">routine-1:')
    expect(picture!.svg).toContain('is done again')
    for (const step of first!.steps)
      expect(picture!.svg).toContain(
        step
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;'),
      )
  })

  test('is well-formed whatever stands in a step, has one for each routine, and shares that add up', () => {
    expect(picture!.svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/)
    const shares = [...picture!.svg.matchAll(/font-size="12">(\d+) %/g)].map(([, share]) => Number(share))
    expect(Math.abs(shares.reduce((sum, each) => sum + each, 0) - 100)).toBeLessThanOrEqual(shares.length)
    const other = readLogText('x.csv', recordedWork(3).csv)
    const told = shadow(other)
    expect(picturesOf(other, told).map(({ id }) => id)).toEqual(told.routines.map(({ id }) => id))
  })

  test('of an event log shows what is done again', () => {
    const rows = Array.from({ length: 5 }, (_, c) =>
      ['check', 'return', 'check'].map((step, k) => `c${c},${step},2024-01-0${c + 1}T0${k}:00:00Z`),
    ).flat()
    const cases = readLogText('x.csv', `case id,activity,timestamp\n${rows.join('\n')}\n`)
    expect(picturesOf(cases, shadow(cases))[0]!.svg).toContain('back to "check"'.replaceAll('"', '&quot;'))
  })

  test('can be read by those who see little: contrasts of WCAG 2.2, 4.5 for text and 3 for what is drawn', () => {
    const cases = Array.from({ length: 5 }, (_, c) =>
      ['check', 'return', 'check'].map((step, k) => `c${c},${step},2024-01-0${c + 1}T0${k}:00:00Z`),
    ).flat()
    const ofCases = readLogText('x.csv', `case id,activity,timestamp\n${cases.join('\n')}\n`)
    const svgs = [...picturesOf(log, report), ...picturesOf(ofCases, shadow(ofCases))].map(({ svg }) => svg)
    let texts = 0
    for (const svg of svgs) {
      const own = /<svg[^>]* fill="(#\w+)"/.exec(svg)![1]!
      const areas: { x: number; y: number; width: number; height: number; fill: string }[] = []
      const beneath = (x: number, y: number) =>
        areas.findLast(
          (area) => x >= area.x && x <= area.x + area.width && y >= area.y && y <= area.y + area.height,
        )!.fill
      for (const [, tag, attributes] of svg.matchAll(/<(rect|text|line|path)\b([^>]*?)\/?>/g)) {
        const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes!)?.[1]
        const at = (name: string) => Number(of(name) ?? 0)
        if (tag === 'text') {
          texts++
          expect(contrast(of('fill') ?? own, beneath(at('x'), at('y') - 4))).toBeGreaterThanOrEqual(4.5)
          continue
        }
        // Arrow heads are drawn in their own small frame, in the colour of their line.
        const drawn = of('stroke') ?? of('fill')!
        const ground = areas.length === 0 ? null : beneath(at(tag === 'line' ? 'x1' : 'x'), at('y'))
        if (ground !== null) expect(contrast(drawn, ground)).toBeGreaterThanOrEqual(3)
        if (tag !== 'rect') continue
        areas.push({
          x: at('x'),
          y: at('y'),
          width: at('width'),
          height: at('height'),
          fill: of('fill')!,
        })
      }
    }
    expect(texts).toBeGreaterThan(20)
    expect(contrast('#fff', '#000')).toBe(21)
    expect(contrast('#777777', '#fff')).toBeCloseTo(4.48, 2)
  })
})

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const hex = colour.slice(1)
    const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex
    const [red, green, blue] = [0, 2, 4].map((from) => {
      const part = Number.parseInt(full.slice(from, from + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}
