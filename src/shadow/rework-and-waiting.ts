import { type EventLog, none } from './event-log.ts'
import type { ProcessGraph } from './process-graph.ts'
import type { Routine } from './routines.ts'

/** Reported of each sort: the rest costs less than all of these. */
const most = 10
const fewest = 3
/** What one step of an event log is taken to cost at most, where only its end is recorded. */
const longestStepMinutes = 15

/** Runs that are told one by one; the figures are of all. */
const mostRuns = 20_000

/** A routine of an event log, with the minutes that it is thought to cost in all, and how often it was seen. */
export interface CaseRoutine {
  routine: Routine
  minutes: number
  times: number
}

/**
 * Rework: an activity done again in a case after something else was done in between (reopened, edited again, sent
 * back). Its cost is what the repeated steps took: the time since the case's or the person's last event, whichever is shorter,
 * at most a quarter of an hour each (only ends are recorded, so this is a lower estimate of the step).
 */
export function findRework(log: EventLog, graph: ProcessGraph): CaseRoutine[] {
  const step = stepMinutes(log)
  const found = new Map<number, CaseRoutine>()
  for (let c = 0; c + 1 < graph.first.length; c++) {
    const lastAt = new Map<number, number>()
    for (let k = graph.first[c]!; k < graph.first[c + 1]!; k++) {
      const i = graph.order[k]!
      const activity = log.action[i]!
      const last = lastAt.get(activity)
      lastAt.set(activity, k)
      if (last === undefined || last === k - 1) continue
      let entry = found.get(activity)
      if (entry === undefined) {
        const name = log.actions.names[activity]!
        entry = {
          routine: caseRoutine('rework', [name, 'something else', `${name} again`], log),
          minutes: 0,
          times: 0,
        }
        found.set(activity, entry)
      }
      if (entry.times++ < mostRuns) {
        entry.routine.runs.push({
          person: log.person[i]!,
          events: Array.from(graph.order.subarray(last, k + 1)),
        })
      }
      const before = graph.order[k - 1]!
      entry.minutes += Math.min(
        step(i),
        Math.max(0, log.at[i]! - log.at[before]!) / 60_000,
        longestStepMinutes,
      )
    }
  }
  return worstOf(found)
}

/**
 * What people do in a tool again and again, from a history that tells only when each deed was done (mail answered, a field set):
 * each step that is somebody's, at what it took at most a quarter of an hour since that person's last deed or the item's.
 */
export function findDeeds(log: EventLog, graph: ProcessGraph): CaseRoutine[] {
  const step = stepMinutes(log)
  const found = new Map<number, CaseRoutine>()
  for (let c = 0; c + 1 < graph.first.length; c++) {
    for (let k = graph.first[c]!; k < graph.first[c + 1]!; k++) {
      const i = graph.order[k]!
      if (log.tool[i] === none || log.person[i] === none) continue
      const activity = log.action[i]!
      let entry = found.get(activity)
      if (entry === undefined) {
        const tool = log.tools.names[log.tool[i]!]!
        const routine = caseRoutine('routine', [`${tool} ${log.actions.names[activity]}`], log)
        entry = { routine: { ...routine, tools: [tool] }, minutes: 0, times: 0 }
        found.set(activity, entry)
      }
      if (entry.times++ < mostRuns) entry.routine.runs.push({ person: log.person[i]!, events: [i] })
      const since =
        k > graph.first[c]!
          ? Math.max(0, log.at[i]! - log.at[graph.order[k - 1]!]!) / 60_000
          : longestStepMinutes
      entry.minutes += Math.min(step(i), since, longestStepMinutes)
    }
  }
  return worstOf(found)
}

function worstOf(found: ReadonlyMap<number, CaseRoutine>): CaseRoutine[] {
  return [...found.values()]
    .filter(({ times }) => times >= fewest)
    .sort((a, b) => b.minutes - a.minutes)
    .slice(0, most)
}

function stepMinutes(log: EventLog): (i: number) => number {
  const order = Int32Array.from({ length: log.length }, (_, i) => i)
  if (log.at.some((at, i) => i > 0 && at < log.at[i - 1]!))
    order.sort((a, b) => log.at[a]! - log.at[b]! || a - b)
  const last = new Map<number, number>()
  const minutes = new Float64Array(log.length).fill(Number.POSITIVE_INFINITY)
  for (const i of order) {
    const person = log.person[i]!
    if (person === none) continue
    const before = last.get(person)
    if (before !== undefined) minutes[i] = (log.at[i]! - before) / 60_000
    last.set(person, log.at[i]!)
  }
  return (i) => minutes[i]!
}

/** Waiting: the handovers between two activities in which cases lie longest, all in all. Elapsed time, not work. */
export function findWaiting(log: EventLog, graph: ProcessGraph): CaseRoutine[] {
  const worst = [...graph.arcs]
    .filter(([, { from, to, times }]) => from !== to && times >= fewest)
    .sort(([, a], [, b]) => b.waitedSeconds - a.waitedSeconds)
    .slice(0, most)
  const byArc = new Map<number, CaseRoutine>(
    worst.map(([arc, { from, to, times, waitedSeconds }]) => [
      arc,
      {
        routine: caseRoutine('waiting', [log.actions.names[from]!, log.actions.names[to]!], log),
        minutes: waitedSeconds / 60,
        times,
      },
    ]),
  )
  const activities = log.actions.names.length
  for (let c = 0; c + 1 < graph.first.length; c++) {
    for (let k = graph.first[c]! + 1; k < graph.first[c + 1]!; k++) {
      const [a, b] = [graph.order[k - 1]!, graph.order[k]!]
      const runs = byArc.get(log.action[a]! * activities + log.action[b]!)?.routine.runs
      if (runs && runs.length < mostRuns) runs.push({ person: log.person[b]!, events: [a, b] })
    }
  }
  return [...byArc.values()]
}

function caseRoutine(kind: 'rework' | 'waiting' | 'routine', steps: string[], log: EventLog): Routine {
  const tools = new Set<string>()
  for (const name of log.tools.names) tools.add(name)
  return { id: '', kind, steps, runs: [], flows: [], tools: [...tools] }
}
