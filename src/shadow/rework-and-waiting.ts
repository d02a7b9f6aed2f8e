import { type Cost, noCost, spend } from './cost.ts'
import { type EventLog, none } from './event-log.ts'
import type { ProcessGraph } from './process-graph.ts'
import type { Routine } from './routines.ts'

/** Cases in their order, and what follows what in them. */
type Cases = Pick<ProcessGraph, 'order' | 'first' | 'arcs' | 'waited'>

/** Reported of each sort: the rest costs less than all of these. */
const most = 10
const fewest = 3
/** What one step of an event log is taken to cost at most, where only its end is recorded. */
const longestStepMinutes = 15

/** Runs that are told one by one; the figures are of all. */
const mostRuns = 1000

/** A routine of an event log, and what it is thought to cost. */
export interface CaseRoutine {
  routine: Routine
  cost: Cost
}

/**
 * Rework: an activity done again in a case after something else was done in between (reopened, edited again, sent
 * back). Its cost is what the repeated steps took: the time since the case's or the person's last event, whichever is shorter,
 * at most a quarter of an hour each (only ends are recorded, so this is a lower estimate of the step).
 */
export function findRework(log: EventLog, graph: Cases): CaseRoutine[] {
  const step = stepMinutes(log, graph)
  const found = new Map<number, CaseRoutine>()
  const lastAt = new Int32Array(log.actions.names.length).fill(-1)
  for (let c = 0; c + 1 < graph.first.length; c++) {
    const from = graph.first[c]!
    for (let k = from; k < graph.first[c + 1]!; k++) {
      const i = graph.order[k]!
      const activity = log.action[i]!
      const last = lastAt[activity]!
      lastAt[activity] = k
      // What comes in from outside again is nobody's doing here.
      const outside = log.tool[i] !== none && log.person[i] === none
      if (last < from || last === k - 1 || outside) continue
      const entry = entryOf(found, activity, () => {
        const name = log.actions.names[activity]!
        return caseRoutine('rework', [name, 'something else', `${name} again`], log.tools.names)
      })
      tell(entry, log, graph.order, last, k, step(k, from))
    }
  }
  return costliest(found)
}

/**
 * What people do in a tool again and again, from a history that tells only when each deed was done (mail answered, a field set):
 * each step that is somebody's, at what it took at most a quarter of an hour since that person's last deed or the item's.
 */
export function findDeeds(log: EventLog, graph: Cases): CaseRoutine[] {
  if (log.tools.names.length === 0) return []
  const step = stepMinutes(log, graph)
  const found = new Map<number, CaseRoutine>()
  for (let c = 0; c + 1 < graph.first.length; c++) {
    for (let k = graph.first[c]!; k < graph.first[c + 1]!; k++) {
      const i = graph.order[k]!
      if (log.tool[i] === none || log.person[i] === none) continue
      const entry = entryOf(found, log.action[i]!, () => {
        const tool = log.tools.names[log.tool[i]!]!
        return caseRoutine('routine', [`${tool} ${log.actions.names[log.action[i]!]}`], [tool])
      })
      tell(entry, log, graph.order, k, k, step(k, graph.first[c]!))
    }
  }
  return costliest(found)
}

/** Waiting: the handovers between two activities in which cases lie longest, all in all. Elapsed time, not work. */
export function findWaiting(log: EventLog, graph: Cases): CaseRoutine[] {
  const worst = [...graph.arcs]
    .filter(([, { from, to, times }]) => from !== to && times >= fewest)
    .sort(([, a], [, b]) => b.waitedSeconds - a.waitedSeconds)
    .slice(0, most)
  const byArc = new Map<number, CaseRoutine>(
    worst.map(([arc, { from, to }]) => [
      arc,
      caseRoutine('waiting', [log.actions.names[from]!, log.actions.names[to]!], log.tools.names),
    ]),
  )
  const activities = log.actions.names.length
  for (let c = 0; c + 1 < graph.first.length; c++) {
    for (let k = graph.first[c]! + 1; k < graph.first[c + 1]!; k++) {
      const [a, b] = [graph.order[k - 1]!, graph.order[k]!]
      const entry = byArc.get(log.action[a]! * activities + log.action[b]!)
      if (entry) tell(entry, log, graph.order, k - 1, k, graph.waited(log.at[a]!, log.at[b]!) / 60_000)
    }
  }
  return [...byArc.values()]
}

function entryOf(found: Map<number, CaseRoutine>, key: number, make: () => CaseRoutine): CaseRoutine {
  let entry = found.get(key)
  if (entry === undefined) {
    entry = make()
    found.set(key, entry)
  }
  return entry
}

/** One run more: the events at the places `from` to `to` of `order`, both among them. */
function tell(
  { routine, cost }: CaseRoutine,
  log: EventLog,
  order: Int32Array,
  from: number,
  to: number,
  minutes: number,
): void {
  const last = order[to]!
  if (cost.times < mostRuns)
    routine.runs.push({ person: log.person[last]!, events: Array.from(order.subarray(from, to + 1)) })
  spend(cost, log, last, minutes)
}

function costliest(found: ReadonlyMap<number, CaseRoutine>): CaseRoutine[] {
  return [...found.values()]
    .filter(({ cost }) => cost.times >= fewest)
    .sort((a, b) => b.cost.minutes - a.cost.minutes)
    .slice(0, most)
}

function caseRoutine(
  kind: 'rework' | 'waiting' | 'routine',
  steps: string[],
  tools: readonly string[],
): CaseRoutine {
  return { routine: { id: '', kind, steps, runs: [], flows: [], tools: [...tools] }, cost: noCost() }
}

/**
 * Minutes that the step at place `k` of `graph.order` took at most: since the last event of its case (which begins at `from`) or of
 * its person, whichever is later. Events of a person that tie in time share what came before them.
 */
function stepMinutes(log: EventLog, graph: Cases): (k: number, from: number) => number {
  const people = log.people.names.length
  const first = new Int32Array(people + 1)
  for (let i = 0; i < log.length; i++) if (log.person[i] !== none) first[log.person[i]! + 1]!++
  for (let p = 0; p < people; p++) first[p + 1]! += first[p]!
  const times = new Float64Array(first[people]!)
  const next = first.slice()
  for (let i = 0; i < log.length; i++) if (log.person[i] !== none) times[next[log.person[i]!]!++] = log.at[i]!
  for (let p = 0; p < people; p++) times.subarray(first[p]!, first[p + 1]!).sort()
  return (k, from) => {
    const i = graph.order[k]!
    const at = log.at[i]!
    const inCase = k === from ? Number.POSITIVE_INFINITY : (at - log.at[graph.order[k - 1]!]!) / 60_000
    if (log.person[i] === none) return Math.min(inCase, longestStepMinutes)
    const begin = first[log.person[i]!]!
    let [low, high] = [begin, first[log.person[i]! + 1]!]
    while (low < high) {
      const middle = (low + high) >> 1
      if (times[middle]! < at) low = middle + 1
      else high = middle
    }
    let tied = 0
    while (low + tied < first[log.person[i]! + 1]! && times[low + tied] === at) tied++
    const own = low === begin ? Number.POSITIVE_INFINITY : (at - times[low - 1]!) / 60_000 / Math.max(1, tied)
    return Math.min(own, inCase, longestStepMinutes)
  }
}
