import { isCommit } from './cut-points.ts'
import { type EventLog, none } from './event-log.ts'
import type { RunFound } from './run-groups.ts'
import type { Symbols } from './symbols.ts'
import { isEdit, isPaste } from './verbs.ts'

/**
 * A run goes on while the very same thing is done again at once, or the same element is changed further (one edit after another), and
 * to the commit that ends that: a graph of what follows what cannot tell how often.
 */
export function withRepeats(
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

/** What is done right after the last event of a run to the same thing, in order. */
export function workedOver(
  next: Int32Array,
  last: number,
  taken: Uint8Array,
  log: EventLog,
  symbols: Symbols,
): number[] {
  const more: number[] = []
  const did = symbols.actions[symbols.of[last]!]!
  const wrote = (isEdit.test(did) || isPaste.test(did)) && log.element[last] !== none
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
