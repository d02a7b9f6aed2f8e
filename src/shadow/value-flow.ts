import { type EventLog, none } from './event-log.ts'
import { isCopy, isEdit, isPaste, isRead } from './verbs.ts'

/** A value that went from one event to a later one (positions in the log). */
export interface Link {
  from: number
  to: number
  how: 'pasted' | 'typed'
}

/** Copies looked back on: a clipboard history that is longer is nobody's. */
const remembered = 24
/** A typed value counts as carried over only if it is not one that anybody types by chance. */
const shortestTyped = 4

/**
 * Where each pasted or typed value came from: the latest earlier copy (for a paste) or copy or read (for a typed
 * one) of the same person with the same fingerprint; else, where values are text, the latest that contains it or is contained in it. What
 * was pasted and then changed in the same element is not linked twice. O(events × `remembered`).
 */
export function valueLinks(log: EventLog): Link[] {
  const links: Link[] = []
  const verbs = log.actions.names.map((name) =>
    isCopy.test(name)
      ? 'copy'
      : isPaste.test(name)
        ? 'paste'
        : isEdit.test(name)
          ? 'edit'
          : isRead.test(name)
            ? 'read'
            : '',
  )
  const copies = new Map<number, number[]>()
  const reads = new Map<number, number[]>()
  const pastedInto = new Map<number, number>()
  const [tools, elements] = [log.tools.names.length + 1, log.elements.names.length + 1]
  for (let i = 0; i < log.length; i++) {
    const value = log.value[i]!
    const verb = verbs[log.action[i]!]!
    if (verb === '') continue
    const person = log.person[i]!
    // None is -1.
    const place = (person * tools + log.tool[i]! + 1) * elements + log.element[i]! + 1
    if (verb === 'paste') pastedInto.set(place, i)
    if (value === none) {
      // A paste whose content was not recorded takes what was copied last.
      const last = verb === 'paste' ? copies.get(person)?.at(-1) : undefined
      if (last !== undefined) links.push({ from: last, to: i, how: 'pasted' })
      continue
    }
    if (verb === 'copy' || verb === 'read') {
      const store = verb === 'copy' ? copies : reads
      const list = store.get(person)
      if (list === undefined) store.set(person, [i])
      else if (list.push(i) > remembered) list.shift()
      continue
    }
    if (verb === 'paste') {
      const from = source(log, copies.get(person) ?? [], i)
      if (from !== none) links.push({ from, to: i, how: 'pasted' })
      continue
    }
    const paste = pastedInto.get(place)
    if (paste !== undefined && i - paste < 8) continue
    if (log.values.names[value]!.length < shortestTyped) continue
    const from = source(log, merged(reads.get(person) ?? [], copies.get(person) ?? []), i)
    if (from !== none && log.element[from] !== log.element[i]) links.push({ from, to: i, how: 'typed' })
  }
  return links
}

/** Two lists of positions in order, as one in order. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
  const both: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; )
    both.push(j === b.length || (i < a.length && a[i]! < b[j]!) ? a[i++]! : b[j++]!)
  return both
}

function source(log: EventLog, candidates: readonly number[], i: number): number {
  const value = log.value[i]!
  for (let k = candidates.length - 1; k >= 0; k--)
    if (log.value[candidates[k]!] === value) return candidates[k]!
  const text = log.values.names[value]!
  for (let k = candidates.length - 1; k >= 0; k--) {
    const other = log.values.names[log.value[candidates[k]!]!]!
    const [short, long] = other.length < text.length ? [other, text] : [text, other]
    if (short.length >= shortestTyped && long.includes(short)) return candidates[k]!
  }
  return none
}
