import { codeOf, type EventLog, newCodes, none } from '../event-log.ts'
import { byContents, type Kinds, settleTies } from '../tied-events.ts'

/** Positions of events in time order. Nothing depends on the order in which tied events were written (`settleTies`). */
export function timeOrder(log: EventLog): Int32Array {
  const rows = Int32Array.from({ length: log.length }, (_, i) => i)
  const contents = byContents(log)
  const compare = (a: number, b: number) => log.at[a]! - log.at[b]! || contents(a, b) || a - b
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

  settleTies(log, rows, kinds(log))
  return rows
}

/** Tool, action and element without its numbers, as one number. */
function kinds(log: EventLog): Kinds {
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
