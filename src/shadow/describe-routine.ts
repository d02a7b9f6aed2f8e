import type { EventLog } from './event-log.ts'
import type { Routine } from './routines.ts'
import type { Group } from './run-groups.ts'
import type { Symbols } from './symbols.ts'
import type { Link } from './value-flow.ts'

/** Share of a routine's runs that must have a step before it is told, or before a stray event is taken for its own. */
const common = 0.5
const native = 0.15
const longestLead = 4

/** A group of runs as a routine: its steps in order, its runs with what is theirs around them, the values that flow through it. */
export function describeRoutine(
  group: Group,
  log: EventLog,
  symbols: Symbols,
  links: readonly Link[],
): Routine {
  const runCount = group.members.length
  const belongs = (i: number) => group.share[symbols.of[i]!]! / runCount >= native
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
  const pairs = new Map<number, { from: number; to: number; times: number }>()
  const pasting = new Set<number>()
  const typing = new Set<number>()
  for (const { from, to, how } of links) {
    const run = runOf.get(to)
    if (run === undefined || runOf.get(from) !== run) continue
    ;(how === 'pasted' ? pasting : typing).add(run)
    const pair = symbols.of[from]! * symbols.names.length + symbols.of[to]!
    const known = pairs.get(pair)
    if (known) known.times++
    else pairs.set(pair, { from, to, times: 1 })
  }
  // Several actions on one element are one place.
  const flows = new Map<string, { from: string; to: string; times: number }>()
  for (const { from, to, times } of pairs.values()) {
    const flow = { from: whereOf(log, symbols, from), to: whereOf(log, symbols, to), times }
    const known = flows.get(`${flow.from}\n${flow.to}`)
    if (known) known.times += times
    else flows.set(`${flow.from}\n${flow.to}`, flow)
  }
  const times = new Int32Array(log.tools.names.length)
  for (const { events } of runs) for (const i of events) times[log.tool[i]!]!++
  const tools = log.tools.names.flatMap((name, tool) => (times[tool] ? [[name, times[tool]] as const] : []))
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
    tools: tools.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([tool]) => tool),
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

const whereOf = (log: EventLog, symbols: Symbols, i: number) =>
  [log.tools.names[log.tool[i]!]!, symbols.elements[symbols.of[i]!]!].filter((part) => part !== '').join(' ')
