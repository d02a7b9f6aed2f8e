import { alignRuns } from './align.ts'
import { cutPoints, isCommit } from './cut-points.ts'
import { type EventLog, none } from './event-log.ts'
import { flowGraph } from './flow-graph.ts'
import { joinRuns } from './join-runs.ts'
import { type Symbols, symbolsOf } from './symbols.ts'
import { type Link, valueLinks } from './value-flow.ts'

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

/** A run whose own events are fewer is an event and not a routine. */
const shortestRun = 2
/** A routine is what was seen at least this often. */
const fewestRuns = 3
const alike = 0.55

/**
 * The routines in a UI log: each person's events cut into runs (see `cut-points` and `align`), runs that share most of their steps
 * put together, values that flow through them counted. Takes what people did, not when: pauses are not looked at.
 */
export function findRoutines(log: EventLog): { routines: Routine[]; links: Link[] } {
  const symbols = symbolsOf(log)
  const positions = streamsOf(log)
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
  const routines = groups.map((group) => describe(group, log, symbols, links))
  routines.sort((a, b) => b.runs.length - a.runs.length || (a.steps.join() < b.steps.join() ? -1 : 1))
  for (const [i, routine] of routines.entries()) routine.id = `routine-${i + 1}`
  return { routines, links }
}

export interface RunFound {
  person: number
  own: number[]
  foreign: number[]
  /** Events between the run before and this one, nobody's so far. */
  before: number[]
}
/** Positions of each person's events, people in the order of their names. */
function streamsOf(log: EventLog): number[][] {
  const byPerson = new Map<number, number[]>()
  for (let i = 0; i < log.length; i++) {
    const list = byPerson.get(log.person[i]!)
    if (list) list.push(i)
    else byPerson.set(log.person[i]!, [i])
  }
  const name = (code: number) => log.people.names[code]!
  return [...byPerson].sort(([a], [b]) => (name(a) < name(b) ? -1 : 1)).map(([, list]) => list)
}

/**
 * A run goes on while the very same thing is done again at once, or the same element is changed further (one edit after another), and
 * to the commit that ends that: a graph of what follows what cannot tell how often.
 */
function withRepeats(
  runs: RunFound[],
  positions: readonly number[][],
  log: EventLog,
  symbols: Symbols,
): void {
  const taken = new Uint8Array(log.length)
  for (const { own } of runs) for (const i of own) taken[i] = 1
  const next = new Int32Array(log.length).fill(-1)
  for (const list of positions) for (let k = 1; k < list.length; k++) next[list[k - 1]!] = list[k]!
  for (const { own } of runs) {
    const last = own.at(-1)!
    for (const i of workedOver(next, last, taken, log, symbols)) {
      own.push(i)
      taken[i] = 1
    }
  }
}

const writes = /edit|type|insert|input|paste|change|fill/i

/** What is done right after the last event of a run to the same thing, in order. */
function workedOver(
  next: Int32Array,
  last: number,
  taken: Uint8Array,
  log: EventLog,
  symbols: Symbols,
): number[] {
  const more: number[] = []
  const wrote = writes.test(symbols.actions[symbols.of[last]!]!) && log.element[last] !== none
  for (let i = next[last]!; i !== -1 && !taken[i]; i = next[i]!) {
    const again = symbols.of[i] === symbols.of[last] && log.record[i] === log.record[last]
    const here = wrote && log.tool[i] === log.tool[last]
    if (!again && !(here && (log.element[i] === log.element[last] || isCommit(symbols, symbols.of[i]!))))
      break
    more.push(i)
    if (!again && isCommit(symbols, symbols.of[i]!)) break
  }
  return more
}

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

export interface Group {
  members: RunFound[]
  /** By symbol: in how many of the runs it is. */
  share: Map<number, number>
  size: number
}

/**
 * Runs with most steps in common. A run joins the group whose runs have most of its steps (weighted by how many of
 * them have each), else begins one; groups that are alike are put together after that.
 */
function grouped(runs: readonly RunFound[], symbols: Symbols): Group[] {
  const groups: Group[] = []
  const setOf = (run: RunFound) => new Set(run.own.map((i) => symbols.of[i]!))
  const likeness = (set: ReadonlySet<number>, group: Group) => {
    let common = 0
    for (const x of set) common += (group.share.get(x) ?? 0) / group.members.length
    return common / Math.max(1, Math.min(set.size, group.size / group.members.length))
  }
  // Longest first: a broken-off run then finds the whole one that it is a part of.
  const order = runs.map((run) => ({ run, set: setOf(run) })).sort((a, b) => b.set.size - a.set.size)
  for (const { run, set } of order) {
    let best: Group | null = null
    let most = alike
    for (const group of groups) {
      const value = likeness(set, group)
      if (value > most) {
        most = value
        best = group
      }
    }
    if (best === null) {
      best = { members: [], share: new Map(), size: 0 }
      groups.push(best)
    }
    best.members.push(run)
    best.size += set.size
    for (const x of set) best.share.set(x, (best.share.get(x) ?? 0) + 1)
  }
  for (const group of groups) group.members.sort((a, b) => a.own[0]! - b.own[0]!)
  return groups
}

/**
 * Runs without what only happened to stand before or after: from either end of each run the steps that few runs of
 * its group have and that are mostly found in others. What is taken off is a run by itself where it is long enough.
 */
function withoutMargins(groups: readonly Group[], symbols: Symbols, everywhere: Float64Array): RunFound[] {
  const runs: RunFound[] = []
  for (const { members, share } of groups) {
    const foreign = (i: number) => {
      const times = share.get(symbols.of[i]!) ?? 0
      return times < 0.6 * members.length && times < 0.5 * everywhere[symbols.of[i]!]!
    }
    for (const run of members) {
      let from = 0
      let to = run.own.length
      while (from < to && foreign(run.own[from]!)) from++
      while (to > from && foreign(run.own[to - 1]!)) to--
      if (from === to) {
        runs.push(run)
        continue
      }
      const first = run.own[from]!
      const last = run.own[to - 1]!
      const inner = run.foreign.filter((i) => i > first && i < last)
      runs.push({
        ...run,
        own: run.own.slice(from, to),
        foreign: inner,
        before: from === 0 ? run.before : [],
      })
      for (const own of [run.own.slice(0, from), run.own.slice(to)]) {
        if (own.length >= shortestRun) runs.push({ ...run, own, foreign: [], before: [] })
      }
    }
  }
  return runs.sort((a, b) => a.own[0]! - b.own[0]!)
}

/** Values carried one after another from one tool to another: with so many of them, twice is a routine. */
const fewestCarried = 3
const fewestCarryingRuns = 2
const carryGap = 8

/**
 * What is done too seldom for a graph to show it, found by its values alone: bursts of links from one tool to another
 * in events that belong to no routine yet, each from the first copy to the last change of what was pasted.
 */
function carriedRarely(
  groups: readonly Group[],
  links: readonly Link[],
  log: EventLog,
  symbols: Symbols,
): Group[] {
  const taken = new Uint8Array(log.length)
  for (const { members } of groups) for (const { own } of members) for (const i of own) taken[i] = 1
  const streams = streamsOf(log)
  const place = new Int32Array(log.length)
  const next = new Int32Array(log.length).fill(-1)
  for (const list of streams) {
    for (const [k, i] of list.entries()) {
      place[i] = k
      next[i] = list[k + 1] ?? -1
    }
  }
  const streamOf = new Map(streams.map((list) => [log.person[list[0]!]!, list]))
  const free = links
    .filter(({ from, to }) => !taken[from] && !taken[to] && log.tool[from] !== log.tool[to])
    .sort((a, b) => log.person[a.to]! - log.person[b.to]! || a.to - b.to)
  const bursts: { last: Link; links: Link[] }[] = []
  for (const link of free) {
    const burst = bursts.at(-1)
    const goesOn =
      burst !== undefined &&
      log.person[burst.last.to] === log.person[link.to] &&
      log.tool[burst.last.from] === log.tool[link.from] &&
      log.tool[burst.last.to] === log.tool[link.to] &&
      place[link.from]! - place[burst.last.to]! <= carryGap
    if (goesOn && burst) {
      burst.links.push(link)
      burst.last = link
    } else bursts.push({ last: link, links: [link] })
  }
  const byTools = new Map<string, Group>()
  for (const { links: carried } of bursts) {
    if (carried.length < fewestCarried) continue
    const [first, last] = [carried[0]!, carried.at(-1)!]
    const tools = [log.tool[first.from]!, log.tool[first.to]!]
    const list = streamOf.get(log.person[first.to]!)!
    const own = list
      .slice(place[first.from]!, place[last.to]! + 1)
      .filter((i) => !taken[i] && tools.includes(log.tool[i]!))
    own.push(...workedOver(next, last.to, taken, log, symbols))
    const group: Group = byTools.get(tools.join('/')) ?? { members: [], share: new Map(), size: 0 }
    byTools.set(tools.join('/'), group)
    group.members.push({ person: log.person[first.to]!, own, foreign: [], before: [] })
    const set = new Set(own.map((i) => symbols.of[i]!))
    group.size += set.size
    for (const x of set) group.share.set(x, (group.share.get(x) ?? 0) + 1)
  }
  return [...byTools.values()].filter(({ members }) => members.length >= fewestCarryingRuns)
}

/** Share of a routine's runs that must have a step before it is told, or before a stray event is taken for its own. */
const common = 0.5
const native = 0.15
const longestLead = 4

function describe(group: Group, log: EventLog, symbols: Symbols, links: readonly Link[]): Routine {
  const runCount = group.members.length
  const belongs = (i: number) => (group.share.get(symbols.of[i]!) ?? 0) / runCount >= native
  const runs = group.members.map(({ person, own, foreign, before }) => ({
    person,
    events: [...leadingUp(before, belongs), ...foreign.filter(belongs), ...own].sort((a, b) => a - b),
  }))

  const place = new Map<number, { sum: number; times: number }>()
  for (const { own } of group.members) {
    const seen = new Set<number>()
    for (const [k, i] of own.entries()) {
      const x = symbols.of[i]!
      if (seen.has(x)) continue
      seen.add(x)
      const entry = place.get(x) ?? { sum: 0, times: 0 }
      entry.sum += k / own.length
      entry.times++
      place.set(x, entry)
    }
  }
  const usual = [...place]
    .filter(([, { times }]) => times >= common * runCount)
    .sort((a, b) => a[1].sum / a[1].times - b[1].sum / b[1].times || a[0] - b[0])
    .map(([x]) => x)
  const steps = inOrder(usual, group, symbols).map((x) => symbols.names[x]!)

  const runOf = new Map<number, number>()
  for (const [k, { events }] of runs.entries()) for (const i of events) runOf.set(i, k)
  const flows = new Map<string, { from: string; to: string; times: number }>()
  const pasting = new Set<number>()
  const typing = new Set<number>()
  for (const { from, to, how } of links) {
    const run = runOf.get(to)
    if (run === undefined || runOf.get(from) !== run) continue
    ;(how === 'pasted' ? pasting : typing).add(run)
    const flow = { from: whereOf(log, symbols, from), to: whereOf(log, symbols, to), times: 1 }
    const known = flows.get(`${flow.from}\n${flow.to}`)
    if (known) known.times++
    else flows.set(`${flow.from}\n${flow.to}`, flow)
  }
  const tools = new Map<string, number>()
  for (const { events } of runs) {
    for (const i of events) {
      const tool = log.tools.names[log.tool[i]!]!
      tools.set(tool, (tools.get(tool) ?? 0) + 1)
    }
  }
  return {
    id: '',
    kind:
      pasting.size >= common * runCount
        ? 'copy-paste'
        : typing.size >= common * runCount
          ? 'retyping'
          : 'routine',
    steps,
    runs,
    flows: [...flows.values()].sort((a, b) => b.times - a.times || (a.from + a.to < b.from + b.to ? -1 : 1)),
    tools: [...tools].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([tool]) => tool),
  }
}

/** Neighbours change places where the second mostly comes right before the first: steps that runs leave out blur their mean places. */
function inOrder(steps: number[], { members }: Group, symbols: Symbols): number[] {
  const times = new Map<number, number>()
  const key = (a: number, b: number) => a * symbols.names.length + b
  for (const { own } of members) {
    for (let k = 1; k < own.length; k++) {
      const pair = key(symbols.of[own[k - 1]!]!, symbols.of[own[k]!]!)
      times.set(pair, (times.get(pair) ?? 0) + 1)
    }
  }
  const follows = (a: number, b: number) => times.get(key(a, b)) ?? 0
  for (let round = 0; round < 3; round++) {
    for (let k = 1; k < steps.length; k++) {
      const [a, b] = [steps[k - 1]!, steps[k]!]
      if (follows(b, a) > follows(a, b)) [steps[k - 1], steps[k]] = [b, a]
    }
  }
  return steps
}

/** What led up to a run without a break: a step out of order, done before the one that the model takes for the first. */
function leadingUp(before: readonly number[], belongs: (i: number) => boolean): number[] {
  const strange = before.findLastIndex((i) => !belongs(i))
  return before.length - 1 - strange > longestLead ? [] : before.slice(strange + 1)
}

const whereOf = (log: EventLog, symbols: Symbols, i: number) => {
  const x = symbols.of[i]!
  return [log.tools.names[log.tool[i]!]!, symbols.elements[x]!].filter((part) => part !== '').join(' ')
}
