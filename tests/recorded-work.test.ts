import { expect, test } from 'vitest'
import { mailboxDesk } from '../sample/company.ts'
import type { HandledLetter } from '../sample/mail/history.ts'
import { random } from '../sample/random.ts'
import { leadHistory } from '../sample/tables/leads.ts'
import { recordWork, routineCosts, workCsv } from '../sample/work/log.ts'
import { readLogText, shadow, withoutPerson } from '../src/shadow/index.ts'
import { seeded } from '../src/stats/random.ts'

const now = Date.UTC(2026, 4, 20, 12)
const hour = 3_600_000

/** Mails as the desk filed them; of a letter only what the recording looks at. */
const mails = Array.from({ length: 300 }, (_, k) => ({
  letter: { kind: 'order' },
  folder: 'Orders',
  person: mailboxDesk[k % 3]!,
  handledAt: now - (k % 240) * hour,
  answered: false,
  misfiled: false,
})) as unknown as HandledLetter[]

const events = recordWork(random('work'), now, mails, leadHistory(random('leads'), now), 80)
const planted = routineCosts(events, '1')
const csv = workCsv(events, '1')
const report = shadow(readLogText('recorded-work.csv', csv))

/** The routine of the report that has most events of what was planted. */
function foundFor({ runs }: (typeof planted)[number]) {
  const own = new Set(runs.flatMap((run) => run.events))
  const shared = (routine: (typeof report)['routines'][number]) =>
    routine.runs.reduce((sum, run) => sum + run.events.filter((i) => own.has(i)).length, 0)
  return report.routines.toSorted((a, b) => shared(b) - shared(a))[0]!
}

// Twice in two weeks, two minutes: nothing that hours could tell.
const loops = planted.filter(({ routine }) => routine !== 'weekly figures')

test.each(loops)('what was planted is found, with its hours a week within a tenth: $routine', (loop) => {
  const hours = (loop.minutesPerPersonPerWeek * loop.people.length) / 60
  const { hoursPerWeek, runs } = foundFor(loop)
  expect(Math.abs(hoursPerWeek - hours)).toBeLessThanOrEqual(0.1 * hours)
  expect(Math.abs(runs.length - loop.runs.length)).toBeLessThanOrEqual(0.1 * loop.runs.length)
})

test('also what is done only twice is found', () => {
  expect(foundFor(planted.find(({ routine }) => routine === 'weekly figures')!).runs).toHaveLength(2)
})

test('nothing changes when events that tie in time are shuffled', () => {
  const [head = '', ...lines] = csv.trimEnd().split('\n')
  // Whole seconds make many of them tie.
  const coarse = lines.map((line) => line.replace(/(T\d\d:\d\d:\d)\d\.\d+/, '$10'))
  const told = (list: readonly string[]) => {
    const { opportunities, routines } = shadow(readLogText('x.csv', `${head}\n${list.join('\n')}\n`))
    return {
      opportunities,
      runs: routines.map(({ runs }) => runs.map(({ from, to, person }) => [from, to, person])),
    }
  }
  expect(told(seeded(5).shuffle(coarse))).toEqual(told(coarse))
})

test('when a person is erased, every figure is what it would be had they never been recorded', () => {
  const log = readLogText('x.csv', csv)
  const [gone] = planted.find(({ routine }) => routine === 'judging leads')!.people
  const [head = '', ...lines] = csv.trimEnd().split('\n')
  const others = lines.filter((line) => line.split(',')[1] !== gone)
  const without = shadow(withoutPerson(log, gone!))
  const never = shadow(readLogText('x.csv', `${head}\n${others.join('\n')}\n`))
  const bare = ({ routines, ...rest }: typeof without) => ({
    ...rest,
    // Numbers of events count the input, which differs.
    routines: routines.map((routine) => ({
      ...routine,
      runs: routine.runs.map(({ person, from, to }) => [person, from, to]),
    })),
  })
  expect(bare(without)).toEqual(bare(never))
  expect(JSON.stringify(without)).not.toContain(gone)
})
