import { type EventLog, none } from './event-log.ts'
import { byContents, settleTies } from './tied-events.ts'
import { calendarOver, type WorkingHours, workedMs } from './working-calendar.ts'

interface Arc {
  from: number
  to: number
  times: number
  waitedSeconds: number
}

/** An event log's cases in their order, and what follows what in them. */
export interface ProcessGraph {
  /** Positions of events, case by case; case c has those from `first[c]` to `first[c + 1]`. */
  order: Int32Array
  first: Int32Array
  /** Activity a directly followed by b, `from × activities + to` → times, seconds waited in all. */
  arcs: Map<number, Arc>
  /** Distinct sequences of activities, most frequent first. */
  variants: { cases: number; example: number }[]
  /** Cases that begin, and that end, with an activity. */
  starts: Map<number, number>
  ends: Map<number, number>
  /** Milliseconds that count as waiting between two instants. */
  waited: (from: number, to: number) => number
}

/**
 * Directly-follows graph, variants and waits of an event log (van der Aalst 2016, Process Mining, section 6.2). Within
 * a case events are in time order, and in that of the file where times tie, as in pm4py. Waits are differences of instants, so that
 * daylight saving neither adds nor takes an hour; with `hours`, only the part of them in which the team works. O(events).
 */
export function processGraph(log: EventLog, hours?: WorkingHours): ProcessGraph {
  const waited = waitIn(log, hours)
  const ordered = casesInFile(log)
  const { order, first } = ordered
  const variants = new Map<string, { cases: number; example: number }>()
  const starts = new Map<number, number>()
  const ends = new Map<number, number>()
  for (let c = 0; c + 1 < first.length; c++) {
    const from = first[c]!
    const to = first[c + 1]!
    if (from === to) continue
    let sequence = ''
    for (let k = from; k < to; k++) sequence += String.fromCharCode(log.action[order[k]!]!)
    const known = variants.get(sequence)
    if (known) known.cases++
    else variants.set(sequence, { cases: 1, example: c })
    const begun = log.action[order[from]!]!
    const ended = log.action[order[to - 1]!]!
    starts.set(begun, (starts.get(begun) ?? 0) + 1)
    ends.set(ended, (ends.get(ended) ?? 0) + 1)
  }
  return {
    ...ordered,
    arcs: arcsOf(log, ordered, waited),
    variants: [...variants.values()].sort((a, b) => b.cases - a.cases || a.example - b.example),
    starts,
    ends,
    waited,
  }
}

type Cases = Pick<ProcessGraph, 'order' | 'first'>

/**
 * The same cases, and what follows what in them, in an order that does not depend on how events that tie in time were written:
 * cases by when they began and by name, tied events as `settleTies` puts them.
 */
export function settledCases(
  log: EventLog,
  graph: ProcessGraph,
): Cases & Pick<ProcessGraph, 'arcs' | 'waited'> {
  const cases = inOrderOfTime(log, graph)
  settleTiesInCases(log, cases)
  return { ...cases, arcs: arcsOf(log, cases, graph.waited), waited: graph.waited }
}

function casesInFile(log: EventLog): Cases {
  const cases = log.cases.names.length
  const first = new Int32Array(cases + 1)
  for (let i = 0; i < log.length; i++) if (log.case[i] !== none) first[log.case[i]! + 1]!++
  for (let c = 0; c < cases; c++) first[c + 1]! += first[c]!
  const order = new Int32Array(first[cases]!)
  const at = first.slice(0, cases)
  for (let i = 0; i < log.length; i++) if (log.case[i] !== none) order[at[log.case[i]!]!++] = i
  for (let c = 0; c < cases; c++) sortByTime(log, order, first[c]!, first[c + 1]!)
  return { order, first }
}

function arcsOf(
  log: EventLog,
  { order, first }: Cases,
  waited: ProcessGraph['waited'],
): ProcessGraph['arcs'] {
  const activities = log.actions.names.length
  const arcs: ProcessGraph['arcs'] = new Map()
  // What has just been looked up is mostly looked up again.
  const recent: (Arc | undefined)[] = new Array(256)
  for (let c = 0; c + 1 < first.length; c++) {
    for (let k = first[c]! + 1; k < first[c + 1]!; k++) {
      const before = order[k - 1]!
      const i = order[k]!
      const from = log.action[before]!
      const to = log.action[i]!
      const slot = (from * 17 + to) & 255
      let arc = recent[slot]
      if (arc === undefined || arc.from !== from || arc.to !== to) {
        const key = from * activities + to
        arc = arcs.get(key)
        if (arc === undefined) {
          arc = { from, to, times: 0, waitedSeconds: 0 }
          arcs.set(key, arc)
        }
        recent[slot] = arc
      }
      arc.times++
      arc.waitedSeconds += waited(log.at[before]!, log.at[i]!) / 1000
    }
  }
  return arcs
}

function inOrderOfTime(log: EventLog, { order, first }: Cases): Cases {
  const cases = first.length - 1
  const began = (c: number) =>
    first[c] === first[c + 1] ? Number.POSITIVE_INFINITY : log.at[order[first[c]!]!]!
  let inOrder = true
  for (let c = 1; c < cases && inOrder; c++) inOrder = began(c) > began(c - 1)
  if (inOrder) return { order: order.slice(), first }
  const name = (c: number) => log.cases.names[c]!
  const times = Float64Array.from({ length: cases }, (_, c) => began(c))
  const ranked = Int32Array.from({ length: cases }, (_, c) => c).sort(
    (a, b) => times[a]! - times[b]! || (name(a) < name(b) ? -1 : 1),
  )
  const settled = { order: new Int32Array(order.length), first: new Int32Array(cases + 1) }
  for (let r = 0, to = 0; r < cases; r++) {
    const c = ranked[r]!
    settled.order.set(order.subarray(first[c]!, first[c + 1]!), to)
    to += first[c + 1]! - first[c]!
    settled.first[r + 1] = to
  }
  return settled
}

function settleTiesInCases(log: EventLog, { order, first }: Cases): void {
  const contents = byContents(log)
  let ties = false
  for (let c = 0; c + 1 < first.length; c++) {
    const end = first[c + 1]!
    for (let from = first[c]!, to = from + 1; to <= end; to++) {
      if (to < end && log.at[order[to]!] === log.at[order[from]!]) continue
      if (to - from > 1) {
        ties = true
        order.subarray(from, to).sort((a, b) => contents(a, b) || a - b)
      }
      from = to
    }
  }
  if (!ties) return
  const begin = new Uint8Array(order.length)
  for (let c = 0; c + 1 < first.length; c++) begin[first[c]!] = 1
  settleTies(log, order, { of: log.action, count: log.actions.names.length }, begin)
}

function waitIn(log: EventLog, hours: WorkingHours | undefined): (from: number, to: number) => number {
  if (hours === undefined) return (from, to) => to - from
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < log.length; i++) {
    first = Math.min(first, log.at[i]!)
    last = Math.max(last, log.at[i]!)
  }
  const calendar = calendarOver(hours, first, last)
  return (from, to) => workedMs(calendar, to) - workedMs(calendar, from)
}

/** Stable insertion sort: cases are short and nearly always in order already. */
function sortByTime(log: EventLog, order: Int32Array, from: number, to: number): void {
  for (let k = from + 1; k < to; k++) {
    const i = order[k]!
    let j = k - 1
    while (j >= from && log.at[order[j]!]! > log.at[i]!) {
      order[j + 1] = order[j]!
      j--
    }
    order[j + 1] = i
  }
}
