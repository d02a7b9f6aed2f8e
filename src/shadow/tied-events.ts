import { type EventLog, none } from './event-log.ts'

/** What each event is, as one number below `count`. */
export interface Kinds {
  of: Int32Array
  count: number
}

/**
 * Puts events that tie in time into an order that does not depend on how they were written: the one that most often
 * leads on to the next comes last, and so backwards; else as in `rows`. What leads on to what is counted where nothing ties.
 *
 * @param rows positions of events, in order of time and, where times tie, of their contents; changed in place
 * @param begins 1 where a sequence of its own (a case) begins at this place of `rows`; absent, all are one
 */
export function settleTies(log: EventLog, rows: Int32Array, kind: Kinds, begins?: Uint8Array): void {
  // 1 where the event ties with the one before it.
  const ties = new Uint8Array(rows.length + 1)
  let any = false
  for (let k = 1; k < rows.length; k++) {
    if (log.at[rows[k]!] !== log.at[rows[k - 1]!] || begins?.[k]) continue
    ties[k] = 1
    any = true
  }
  if (!any) return
  const follows = pairCounts(kind.count)
  const left = new Float64Array(kind.count)
  for (let k = 1; k < rows.length; k++) {
    if (ties[k] || ties[k + 1] || ties[k - 1] || begins?.[k]) continue
    const a = kind.of[rows[k - 1]!]!
    follows.add(a, kind.of[rows[k]!]!)
    left[a]!++
  }
  const leadsTo = (i: number, next: number) =>
    follows.of(kind.of[i]!, kind.of[next]!) / (left[kind.of[i]!]! + 1)
  for (let to = rows.length; to > 0; ) {
    let from = to - 1
    while (ties[from]) from--
    for (let end = to; end - from > 1; end--) {
      const next = end < rows.length && !begins?.[end] ? rows[end]! : -1
      let best = end - 1
      for (let k = end - 2; k >= from && next !== -1; k--) {
        if (leadsTo(rows[k]!, next) > leadsTo(rows[best]!, next)) best = k
      }
      const chosen = rows[best]!
      rows.copyWithin(best, best + 1, end)
      rows[end - 1] = chosen
    }
    to = from
  }
}

/** Few kinds have a table of all pairs, many a map of those that there are. */
const mostInTable = 1024

function pairCounts(kinds: number) {
  if (kinds <= mostInTable) {
    const table = new Int32Array(kinds * kinds)
    return {
      add: (a: number, b: number) => void table[a * kinds + b]!++,
      of: (a: number, b: number) => table[a * kinds + b]!,
    }
  }
  const map = new Map<number, number>()
  return {
    add: (a: number, b: number) => void map.set(a * kinds + b, (map.get(a * kinds + b) ?? 0) + 1),
    of: (a: number, b: number) => map.get(a * kinds + b) ?? 0,
  }
}

/** Compares two events by what they say, whatever their times and places in the input; 0 where they say the same. */
export function byContents(log: EventLog): (a: number, b: number) => number {
  const columns = [
    { names: log.tools.names, of: log.tool },
    { names: log.actions.names, of: log.action },
    { names: log.elements.names, of: log.element },
    { names: log.values.names, of: log.value },
    { names: log.hosts.names, of: log.host },
    { names: log.records.names, of: log.record },
    { names: log.people.names, of: log.person },
  ]
  return (a, b) => {
    for (const { names, of } of columns) {
      if (of[a] === of[b]) continue
      const [left, right] = [of[a] === none ? '' : names[of[a]!]!, of[b] === none ? '' : names[of[b]!]!]
      return left < right ? -1 : 1
    }
    return 0
  }
}
