import { type EventLog, none } from '../event-log.ts'

/**
 * Positions of events in time order. Of events that tie in time, the one that most often leads on to the next comes
 * last, and so backwards; else by their names. Nothing depends on the order in which tied events were written.
 */
export function timeOrder(log: EventLog): Int32Array {
  const rows = Int32Array.from({ length: log.length }, (_, i) => i)
  const content = contents(log)
  const compare = (a: number, b: number) =>
    log.at[a]! - log.at[b]! || (content(a) < content(b) ? -1 : content(a) > content(b) ? 1 : a - b)
  let ordered = true
  for (let k = 1; k < log.length && ordered; k++) ordered = log.at[k]! > log.at[k - 1]!
  if (ordered) return rows
  rows.sort(compare)

  const kind = kinds(log)
  const follows = new Map<number, number>()
  const left = new Float64Array(kind.count)
  const tied = (k: number) =>
    (k > 0 && log.at[rows[k]!] === log.at[rows[k - 1]!]) ||
    (k + 1 < rows.length && log.at[rows[k]!] === log.at[rows[k + 1]!])
  for (let k = 1; k < rows.length; k++) {
    if (tied(k) || tied(k - 1)) continue
    const [a, b] = [kind.of[rows[k - 1]!]!, kind.of[rows[k]!]!]
    follows.set(a * kind.count + b, (follows.get(a * kind.count + b) ?? 0) + 1)
    left[a]!++
  }
  const leadsTo = (i: number, next: number) =>
    (follows.get(kind.of[i]! * kind.count + kind.of[next]!) ?? 0) / (left[kind.of[i]!]! + 1)
  for (let to = rows.length; to > 0; ) {
    let from = to - 1
    while (from > 0 && log.at[rows[from - 1]!] === log.at[rows[to - 1]!]) from--
    for (let end = to; end - from > 1; end--) {
      const next = end < rows.length ? rows[end]! : -1
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
  return rows
}

function contents(log: EventLog): (i: number) => string {
  const known = new Map<number, string>()
  const name = (names: readonly string[], code: number) => (code === none ? '' : names[code]!)
  return (i) => {
    let text = known.get(i)
    if (text === undefined) {
      text = [
        name(log.tools.names, log.tool[i]!),
        name(log.actions.names, log.action[i]!),
        name(log.elements.names, log.element[i]!),
        name(log.values.names, log.value[i]!),
        name(log.hosts.names, log.host[i]!),
        name(log.records.names, log.record[i]!),
        name(log.people.names, log.person[i]!),
      ].join('\n')
      known.set(i, text)
    }
    return text
  }
}

function kinds(log: EventLog): { of: Int32Array; count: number } {
  const of = new Int32Array(log.length)
  const bare = log.elements.names.map((name) => name.replace(/\d+/g, '#'))
  const byKey = new Map<string, number>()
  for (let i = 0; i < log.length; i++) {
    const key = `${log.tool[i]}/${log.action[i]}/${log.element[i] === none ? '' : bare[log.element[i]!]}`
    let code = byKey.get(key)
    if (code === undefined) {
      code = byKey.size
      byKey.set(key, code)
    }
    of[i] = code
  }
  return { of, count: byKey.size }
}
