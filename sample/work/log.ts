import { createHash } from 'node:crypto'
import { day, hour, isWorkday, localMidnight, localStamp, minute, second } from '../calendar.ts'
import { type Person, personNamed } from '../company.ts'
import type { HandledLetter } from '../mail/history.ts'
import type { Random } from '../random.ts'
import { plainCsv } from '../tables/csv.ts'
import type { Lead } from '../tables/leads.ts'
import { otherWork, type RoutineName, routineNames, runs, type Step } from './steps.ts'

/** One line of the log; `run` is truth and is not written. */
export interface WorkEvent extends Step {
  at: number
  person: Person
  run: Run | null
}
export interface Run {
  routine: RoutineName
  person: Person
}

export interface RoutineTruth {
  routine: RoutineName
  people: string[]
  runs: { person: string; events: number[] }[]
  /** Active minutes, averaged over the people who do it and the recorded weeks. */
  minutesPerPersonPerWeek: number
}

export const recordedPeople = ['Maja', 'Jonas', 'Ines', 'Ruben', 'Leonie', 'Piotr'].map(personNamed)
export const recordedWeeks = 2
/** A longer pause between two events of a run is not counted as work on it beyond this. */
const longestPause = 60 * second

/**
 * Two weeks of recorded work of six people before `now`: as many mails filed and leads judged as there were in
 * these weeks, order entry, other work between and within them, breaks, and two weekends.
 */
export function recordWork(
  rng: Random,
  now: number,
  mails: readonly HandledLetter[],
  leads: readonly Lead[],
  remarksPerWeek: number,
): WorkEvent[] {
  const days: number[] = []
  for (let at = localMidnight(now) - 12 * hour; days.length < recordedWeeks * 5; at -= day) {
    if (isWorkday(at)) days.unshift(localMidnight(at))
  }
  const from = days[0]!
  const until = days.at(-1)! + day
  const perDay = new Map<string, number>()
  const count = (person: Person, at: number) => {
    const key = `${person.first}/${nearest(days, at)}`
    perDay.set(key, (perDay.get(key) ?? 0) + 1)
  }
  for (const { person, handledAt, letter, folder } of mails) {
    if (person && handledAt && handledAt >= from && handledAt < until && letter.kind !== 'answer' && folder) {
      count(person, handledAt)
    }
  }
  for (const [i, lead] of leads.entries()) {
    if (lead.createdAt >= from && lead.createdAt < until) {
      count(personNamed(i % 2 ? 'Leonie' : 'Piotr'), lead.createdAt)
    }
  }

  const events: WorkEvent[] = []
  for (const person of recordedPeople) {
    for (const [number, midnight] of days.entries()) {
      const own = rng.fork(`${person.first}/${number}`)
      const main: RoutineName = person.team === 'Sales' ? 'judging leads' : 'filing the team mailbox'
      const tasks: RoutineName[] = Array(perDay.get(`${person.first}/${midnight}`) ?? 0).fill(main)
      const add = (routine: RoutineName, times: number) => {
        for (let i = 0; i < times; i++) tasks.push(routine)
      }
      if (person.first === 'Ruben') {
        add('order from mail to workbook and CRM', own.between(13, 18))
        add('labelling remarks', Math.round(remarksPerWeek / 5 + own.normal() * 2))
      }
      if (person.first === 'Maja' || person.first === 'Jonas') {
        add('order from mail to workbook and CRM', own.between(3, 6))
      }
      if (person.first === 'Leonie' && number % 5 === 0) add('weekly figures', 1)
      if (person.first === 'Jonas' || person.first === 'Piotr') {
        // Tried for a few days, then left.
        add('writing with an AI tool', [3, 2, 2, 1, 1, 0, 1, 0, 0, 0][number]!)
      }
      events.push(...workday(own, person, midnight, own.shuffle(tasks)))
    }
  }
  return events.sort((a, b) => a.at - b.at)
}

function nearest(days: readonly number[], at: number): number {
  return days.findLast((midnight) => midnight <= at) ?? days[0]!
}

/** A day from a quarter past eight or so until the tasks are done, at five at the earliest, with breaks. */
function workday(rng: Random, person: Person, midnight: number, tasks: readonly RoutineName[]): WorkEvent[] {
  const events: WorkEvent[] = []
  let at = midnight + 8 * hour + rng.between(0, 40) * minute
  const lunch = midnight + 12 * hour + rng.between(0, 45) * minute
  let eaten = false
  const emit = (steps: readonly Step[], run: Run | null) => {
    for (const [i, step] of steps.entries()) {
      at += Math.max(400, Math.round(rng.logNormal(step.after, 0.45) * second))
      events.push({ ...step, at, person, run })
      // Somebody asks something in the middle of it.
      if (run && i < steps.length - 1 && rng.chance(0.02)) emit(otherWork(rng), null)
    }
  }
  const left = [...tasks]
  const end = midnight + 17 * hour
  while (left.length > 0 || at < end) {
    if (!eaten && at > lunch) {
      at += rng.between(28, 50) * minute
      eaten = true
    }
    const hoursLeft = Math.max(0.2, (end - at) / hour)
    const busy = left.length / hoursLeft > rng.between(0, 40)
    const routine = busy || at >= end ? left.pop() : undefined
    if (routine) {
      emit(runs[routine](rng), { routine, person })
      at += Math.round(rng.logNormal(14, 0.8) * second)
    } else {
      emit(otherWork(rng), null)
      at += Math.round(rng.logNormal(45, 1) * second)
      if (rng.chance(0.035)) at += rng.between(6, 22) * minute
    }
  }
  return events
}

/** The log as CSV. Values are keyed fingerprints: the same text in the same company gives the same sixteen digits. */
export function workCsv(events: readonly WorkEvent[], seed: string): string {
  return plainCsv(
    ['timestamp', 'person', 'application', 'event', 'element', 'value', 'url'],
    events.map(({ at, person, application, event, element, value, url }) => [
      localStamp(at),
      pseudonym(person, seed),
      application,
      event,
      element,
      value === null ? '' : fingerprint(value, seed),
      url,
    ]),
  )
}

const fingerprint = (text: string, seed: string) =>
  createHash('sha256').update(`${seed}\n${text}`).digest('hex').slice(0, 16)
export const pseudonym = (person: Person, seed: string) =>
  `p-${fingerprint(person.address, seed).slice(0, 8)}`

/** What each routine costs, counted from the log: the time between the events of a run, long pauses cut. */
export function routineCosts(events: readonly WorkEvent[], seed: string): RoutineTruth[] {
  const byRun = new Map<Run, number[]>()
  for (const [i, { run }] of events.entries()) {
    if (!run) continue
    const indices = byRun.get(run)
    if (indices) indices.push(i)
    else byRun.set(run, [i])
  }
  return routineNames.map((routine) => {
    const own = [...byRun].filter(([run]) => run.routine === routine)
    const people = new Set(own.map(([run]) => pseudonym(run.person, seed)))
    let active = 0
    for (const [, indices] of own) {
      for (let i = 1; i < indices.length; i++) {
        active += Math.min(longestPause, events[indices[i]!]!.at - events[indices[i - 1]!]!.at)
      }
    }
    return {
      routine,
      people: [...people].sort(),
      runs: own.map(([run, indices]) => ({ person: pseudonym(run.person, seed), events: indices })),
      minutesPerPersonPerWeek:
        people.size === 0 ? 0 : Math.round((10 * active) / minute / people.size / recordedWeeks) / 10,
    }
  })
}
