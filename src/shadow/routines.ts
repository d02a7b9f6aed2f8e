import { alignRuns } from './align.ts'
import { carriedRarely } from './carried-rarely.ts'
import { cutPoints } from './cut-points.ts'
import { describeRoutine } from './describe-routine.ts'
import { type EventLog, eventsByPerson } from './event-log.ts'
import { flowGraph } from './flow-graph.ts'
import { joinRuns } from './join-runs.ts'
import { grouped, type RunFound, shortestRun, withoutMargins } from './run-groups.ts'
import { symbolsOf } from './symbols.ts'
import { type Link, valueLinks } from './value-flow.ts'
import { withRepeats } from './worked-over.ts'

export type RoutineKind = 'copy-paste' | 'retyping' | 'rework' | 'waiting' | 'routine'

/** One time that a person did it: positions in the log, in time order. */
export interface Run {
  person: number
  events: number[]
}

export interface Routine {
  id: string
  kind: RoutineKind
  /** What most runs have in common, in order. */
  steps: string[]
  runs: Run[]
  /** Values carried from one place to another, most frequent first. */
  flows: { from: string; to: string; times: number }[]
  /** Hosts and tools that it happens in, most used first. */
  tools: string[]
}

/** A routine is what was seen at least this often. */
const fewestRuns = 3

/**
 * The routines in a UI log: each person's events cut into runs (see `cut-points` and `align`), runs that share most of their steps
 * put together, values that flow through them counted. Takes what people did, not when: pauses are not looked at.
 */
export function findRoutines(log: EventLog): { routines: Routine[]; links: Link[] } {
  const symbols = symbolsOf(log)
  const positions = eventsByPerson(log)
  const streams = positions.map((list) => Int32Array.from(list, (i) => symbols.of[i]!))
  const graph = flowGraph(symbols.names.length, streams)
  const cuts = cutPoints(graph, symbols, streams)
  const aligned = alignRuns(symbols.names.length, streams, graph.count, cuts)
  const links = valueLinks(log)

  const runs: RunFound[] = []
  for (const [k, list] of aligned.entries()) {
    const position = positions[k]!
    for (const { own, foreign } of list) {
      if (own.length < shortestRun) continue
      runs.push({
        person: log.person[position[own[0]!]!]!,
        own: own.map((j) => position[j]!),
        foreign: foreign.map((j) => position[j]!),
        before: [],
      })
    }
  }
  eventsBetween(runs, positions, log)
  const trimmed = withoutMargins(grouped(runs, symbols), symbols, graph.count)
  const whole = joinRuns(grouped(trimmed, symbols), log, symbols)
  withRepeats(whole, positions, log, symbols)
  const groups = grouped(whole, symbols).filter(({ members }) => members.length >= fewestRuns)
  groups.push(...carriedRarely(groups, links, log, symbols))
  const routines = groups.map((group) => describeRoutine(group, log, symbols, links))
  routines.sort((a, b) => b.runs.length - a.runs.length || (a.steps.join() < b.steps.join() ? -1 : 1))
  for (const [i, routine] of routines.entries()) routine.id = `routine-${i + 1}`
  return { routines, links }
}

/** Gives each run the events of its person since the run before. */
function eventsBetween(runs: RunFound[], positions: readonly number[][], log: EventLog): void {
  const byPerson = new Map<number, RunFound[]>()
  for (const run of runs) {
    const list = byPerson.get(run.person)
    if (list) list.push(run)
    else byPerson.set(run.person, [run])
  }
  for (const list of positions) {
    const own = byPerson.get(log.person[list[0]!]!) ?? []
    let j = 0
    for (const run of own) {
      const first = run.own[0]!
      const last = run.own.at(-1)!
      for (; j < list.length && list[j]! < first; j++) run.before.push(list[j]!)
      while (j < list.length && list[j]! <= last) j++
    }
  }
}
