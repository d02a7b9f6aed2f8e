import { longestPauseMs } from './active-time.ts'
import { type EventLog, eventsByPerson, none } from './event-log.ts'
import type { Symbols } from './symbols.ts'
import type { Link } from './value-flow.ts'

/** One use of an AI tool for one item, from what led to it to the last change of what came of it. Positions in the log. */
export interface Episode {
  person: number
  from: number
  to: number
  minutes: number
  /** Extra steps: into another tool or tab, back from it, a paste into it, a paste out of it. */
  hops: number
  /** Minutes outside the tool in which the work is done. */
  awayMinutes: number
  /** Something that it made was taken over. */
  taken: boolean
  /** Changes that a person made to it afterwards, and minutes from its output to the last of them. */
  changes: number
  reviewMinutes: number
  /** Share of the text that is no longer as it came, 0..1; null where only fingerprints were recorded. */
  changedShare: number | null
  /** Where its output lands, or would: the task that it serves. Tool and element. */
  task: string | null
}

/** The task done by hand: from the item's first event to its last. */
export interface ByHand {
  person: number
  minutes: number
}

const accepts = /accept|insert|apply|use|take|keep/i
const writes = /edit|type|insert|input|paste|change|fill|accept|apply|set/i
const pastes = /paste|drop/i
const copies = /copy|cut/i
const looks = /click|scroll|navigate|select|open|visit|focus|read|use/i
const goes = /navigate|open|visit|tab|switch|goto|activate/i
const commits = /send|save|submit|post|commit|close|done|finish/i
/** How far (events) an output may be carried before it lands, or a tool be left and entered again for the same item. */
const reach = 6
const longestTail = 40

/** Where each event is done, so that an AI tool inside the tool of the work is told from one beside it. */
export function episodesWith(
  log: EventLog,
  symbols: Symbols,
  links: readonly Link[],
  isTool: (i: number) => boolean,
): { episodes: Episode[]; byHand: Map<string, ByHand[]> } {
  const source = new Map(links.map(({ from, to }) => [to, from]))
  const episodes: Episode[] = []
  const byHand = new Map<string, ByHand[]>()
  const streams = eventsByPerson(log)
  const used = new Uint8Array(log.length)
  const action = (i: number) => log.actions.names[log.action[i]!]!
  const words = (i: number) => `${action(i)} ${symbols.elements[symbols.of[i]!]}`
  const task = (i: number) => `${log.tools.names[log.tool[i]!]} ${symbols.elements[symbols.of[i]!]}`.trim()
  const minutes = (list: readonly number[], from: number, to: number) => {
    let sum = 0
    for (let k = from + 1; k <= to; k++) {
      sum += Math.min(longestPauseMs, Math.max(0, log.at[list[k]!]! - log.at[list[k - 1]!]!))
    }
    return sum / 60_000
  }

  /** The reading before: events in the same tool, back to the last commit or another tool. */
  function begin(list: readonly number[], k: number): number {
    const tool = log.tool[list[k]!]
    let from = k
    for (let steps = 0; steps < reach && from > 0; steps++) {
      const i = list[from - 1]!
      if (used[i] || log.tool[i] !== tool || isTool(i) || commits.test(words(i)) || !looks.test(action(i)))
        break
      from--
    }
    return from
  }
  /** Further changes of the same element, up to the commit that ends the work on it. */
  function finish(list: readonly number[], k: number): { to: number; changes: number[] } {
    const tool = log.tool[list[k]!]
    const element = symbols.elements[symbols.of[list[k]!]!]
    const changes: number[] = []
    let to = k
    for (let j = k + 1; j < list.length && j <= k + longestTail; j++) {
      const i = list[j]!
      if (log.tool[i] !== tool || isTool(i)) break
      if (commits.test(words(i))) {
        to = j
        break
      }
      const same = symbols.elements[symbols.of[i]!] === element
      if (same && writes.test(action(i))) {
        if (log.element[i] !== log.element[list[k]!] && log.record[i] !== log.record[list[k]!]) break
        changes.push(i)
        to = j
      } else if (!same && !/scroll|focus/i.test(action(i))) break
    }
    return { to, changes }
  }

  for (const list of streams) {
    for (let k = 0; k < list.length; k++) {
      if (!isTool(list[k]!)) continue
      let last = k
      let landing = -1
      let took = false
      for (let j = k; j < list.length && j <= last + reach; j++) {
        const i = list[j]!
        if (isTool(i)) {
          if (took && j > last + 1) break
          last = j
          if (accepts.test(words(i)) || copies.test(action(i))) took = true
          continue
        }
        if (commits.test(words(i))) break
        const from = source.get(i)
        if (from !== undefined && isTool(from)) {
          landing = j
          break
        }
        if (took && writes.test(action(i)) && landing < 0) {
          landing = j
          break
        }
      }
      let first = k
      const carriedIn = list
        .slice(k, last + 1)
        .map((i) => source.get(i))
        .filter((i) => i !== undefined && !isTool(i))
      if (carriedIn.length > 0) {
        const at = list.lastIndexOf(Math.min(...(carriedIn as number[])), k)
        if (at >= 0 && k - at <= 2 * reach) first = at
      }
      const before = first > 0 && first === k ? list[k - 1]! : list[first]!
      const after = landing >= 0 ? list[landing]! : list[last + 1]
      const pastedOut = landing >= 0 && pastes.test(action(list[landing]!))
      const block = list.slice(k, last + 1).filter(isTool)
      // In a browser an address of its own is another tab, unless it was never gone to: then it is a panel in the page.
      const panel = !block.some((i) => goes.test(action(i))) && carriedIn.length === 0 && !pastedOut
      const inside = (i: number) =>
        [before, after].some(
          (other) =>
            other !== undefined &&
            !isTool(other) &&
            log.tool[i] === log.tool[other] &&
            (panel || samePlace(log, i, other)),
        )
      const away = block.filter((i) => !inside(i))
      const hops =
        (away.length > 0 ? 1 : 0) +
        (away.length > 0 && landing >= 0 ? 1 : 0) +
        (carriedIn.length > 0 ? 1 : 0) +
        (pastedOut ? 1 : 0)
      const start = begin(list, first)
      const tail = landing >= 0 ? finish(list, landing) : { to: last, changes: [] }
      // What lands by being taken over where it stands is itself no change; what is written after that is.
      const same = landing >= 0 && block.some((i) => hasValueOf(log, i, list[landing]!))
      const landed = landing >= 0 && !pastedOut && !same && source.get(list[landing]!) === undefined
      const changes = landed ? [list[landing]!, ...tail.changes] : tail.changes
      const anchor = landing >= 0 ? list[landing]! : first < k ? list[first]! : before
      const lastChange = changes.at(-1)
      episodes.push({
        person: log.person[list[k]!]!,
        from: list[start]!,
        to: list[tail.to]!,
        minutes: minutes(list, start, tail.to),
        hops,
        awayMinutes: away.length > 0 ? minutes(list, k, last) : 0,
        taken: took || landing >= 0,
        changes: changes.length,
        reviewMinutes: lastChange === undefined ? 0 : minutes(list, last, list.indexOf(lastChange, landing)),
        changedShare: changedShare(log, landing >= 0 ? list[landing]! : none, changes),
        task: isTool(anchor) ? null : landing >= 0 ? task(anchor) : null,
      })
      for (let j = start; j <= tail.to; j++) used[list[j]!] = 1
      k = Math.max(last, tail.to)
    }
  }

  const tasks = new Set(episodes.map((episode) => episode.task).filter((each) => each !== null))
  for (const list of streams) {
    for (let k = 0; k < list.length; k++) {
      const i = list[k]!
      if (used[i] || isTool(i) || !writes.test(action(i)) || !tasks.has(task(i))) continue
      const from = begin(list, k)
      const { to } = finish(list, k)
      const entry = { person: log.person[i]!, minutes: minutes(list, from, to) }
      const all = byHand.get(task(i))
      if (all) all.push(entry)
      else byHand.set(task(i), [entry])
      for (let j = from; j <= to; j++) used[list[j]!] = 1
      k = to
    }
  }
  return { episodes, byHand }
}

const hasValueOf = (log: EventLog, i: number, j: number) =>
  log.value[i] !== none && log.value[i] === log.value[j]

/** A program that holds many tools, one a tab: in it, another address is another place. */
const browser = /browser|chrome|chromium|firefox|edge|safari|opera|brave|vivaldi|^web$/i

function samePlace(log: EventLog, i: number, j: number): boolean {
  if (log.tool[i] !== log.tool[j]) return false
  return !browser.test(log.tools.names[log.tool[i]!]!) || log.host[i] === log.host[j]
}

function changedShare(log: EventLog, landing: number, changes: readonly number[]): number | null {
  const last = changes.at(-1)
  if (landing === none || last === undefined) return null
  const [a, b] = [log.value[landing]!, log.value[last]!].map((code) =>
    code === none ? '' : log.values.names[code]!,
  )
  if (!a || !b || fingerprint.test(a) || !a.includes(' ') || !b.includes(' ')) return null
  const left = a.split(/\s+/)
  const right = new Set(b.split(/\s+/))
  const kept = left.filter((word) => right.has(word)).length
  return 1 - kept / Math.max(left.length, b.split(/\s+/).length)
}
const fingerprint = /^[0-9a-f]{8,64}$/
