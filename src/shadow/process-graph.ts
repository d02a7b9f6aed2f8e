import { type EventLog, none } from './event-log.ts'
import { calendarOver, type WorkingHours, workedMs } from './working-calendar.ts'

/** An event log's cases in their order, and what follows what in them. */
export interface ProcessGraph {
  /** Positions of events, case by case; case c has those from `first[c]` to `first[c + 1]`. */
  order: Int32Array
  first: Int32Array
  /** Activity a directly followed by b, `from × activities + to` → times, seconds waited in all. */
  arcs: Map<number, { from: number; to: number; times: number; waitedSeconds: number }>
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
 * a case events are in time order, and in that of the file where times tie. Waits are differences of instants, so that
 * daylight saving neither adds nor takes an hour; with `hours`, only the part of them in which the team works. O(events).
 */
export function processGraph(log: EventLog, hours?: WorkingHours): ProcessGraph {
  const waited = waitIn(log, hours)
  const cases = log.cases.names.length
  const activities = log.actions.names.length
  const first = new Int32Array(cases + 1)
  for (let i = 0; i < log.length; i++) if (log.case[i] !== none) first[log.case[i]! + 1]!++
  for (let c = 0; c < cases; c++) first[c + 1]! += first[c]!
  const order = new Int32Array(first[cases]!)
  const at = first.slice(0, cases)
  for (let i = 0; i < log.length; i++) if (log.case[i] !== none) order[at[log.case[i]!]!++] = i
  const arcs: ProcessGraph['arcs'] = new Map()
  const variants = new Map<string, { cases: number; example: number }>()
  const starts = new Map<number, number>()
  const ends = new Map<number, number>()
  for (let c = 0; c < cases; c++) {
    const from = first[c]!
    const to = first[c + 1]!
    if (from === to) continue
    sortByTime(log, order, from, to)
    let sequence = ''
    for (let k = from; k < to; k++) {
      const i = order[k]!
      sequence += String.fromCharCode(log.action[i]!)
      if (k === from) continue
      const before = order[k - 1]!
      const key = log.action[before]! * activities + log.action[i]!
      let arc = arcs.get(key)
      if (arc === undefined) {
        arc = { from: log.action[before]!, to: log.action[i]!, times: 0, waitedSeconds: 0 }
        arcs.set(key, arc)
      }
      arc.times++
      arc.waitedSeconds += waited(log.at[before]!, log.at[i]!) / 1000
    }
    const known = variants.get(sequence)
    if (known) known.cases++
    else variants.set(sequence, { cases: 1, example: c })
    const begun = log.action[order[from]!]!
    const ended = log.action[order[to - 1]!]!
    starts.set(begun, (starts.get(begun) ?? 0) + 1)
    ends.set(ended, (ends.get(ended) ?? 0) + 1)
  }
  return {
    order,
    first,
    arcs,
    variants: [...variants.values()].sort((a, b) => b.cases - a.cases || a.example - b.example),
    starts,
    ends,
    waited,
  }
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
