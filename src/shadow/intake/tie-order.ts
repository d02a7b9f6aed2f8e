import { codeOf, type EventLog, newCodes, none } from '../event-log.ts'

/**
 * Positions of events in time order. Of events that tie in time, the one that most often leads on to the next comes
 * last, and so backwards; else by their names. Nothing depends on the order in which tied events were written.
 */
export function timeOrder(log: EventLog): Int32Array {
  const rows = Int32Array.from({ length: log.length }, (_, i) => i)
  const content = contents(log)
  const compare = (a: number, b: number) =>
    log.at[a]! - log.at[b]! || (content(a) < content(b) ? -1 : content(a) > content(b) ? 1 : a - b)
  let falls = false
  let ties = false
  for (let k = 1; k < log.length && !falls; k++) {
    falls = log.at[k]! < log.at[k - 1]!
    ties ||= log.at[k] === log.at[k - 1]
  }
  if (!falls && !ties) return rows
  if (falls) rows.sort(compare)
  else {
    for (let to = 1, from = 0; to <= log.length; to++) {
      if (to < log.length && log.at[to] === log.at[from]) continue
      if (to - from > 1) rows.subarray(from, to).sort(compare)
      from = to
    }
  }

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

/** Tool, action and element without its numbers, as one number. */
function kinds(log: EventLog): { of: Int32Array; count: number } {
  const of = new Int32Array(log.length)
  const bare = newCodes()
  const bareOf = Int32Array.from(log.elements.names, (name) => codeOf(bare, name.replace(/\d+/g, '#')) + 1)
  const [actions, elements] = [log.actions.names.length, bare.names.length + 1]
  const byKey = new Map<number, number>()
  for (let i = 0; i < log.length; i++) {
    const element = log.element[i] === none ? 0 : bareOf[log.element[i]!]!
    const key = (log.tool[i]! * actions + log.action[i]!) * elements + element
    let code = byKey.get(key)
    if (code === undefined) {
      code = byKey.size
      byKey.set(key, code)
    }
    of[i] = code
  }
  return { of, count: byKey.size }
}
