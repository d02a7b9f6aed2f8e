import { type EventLog, eventsByPerson } from './event-log.ts'
import { addRun, type Group, newGroup } from './run-groups.ts'
import type { Symbols } from './symbols.ts'
import type { Link } from './value-flow.ts'
import { workedOver } from './worked-over.ts'

/** Values carried one after another from one tool to another: with so many of them, twice is a routine. */
const fewestCarried = 3
const fewestCarryingRuns = 2
const carryGap = 8

/**
 * What is done too seldom for a graph to show it, found by its values alone: bursts of links from one tool to another
 * in events that belong to no routine yet, each from the first copy to the last change of what was pasted.
 */
export function carriedRarely(
  groups: readonly Group[],
  links: readonly Link[],
  log: EventLog,
  symbols: Symbols,
): Group[] {
  const taken = new Uint8Array(log.length)
  for (const { members } of groups) for (const { own } of members) for (const i of own) taken[i] = 1
  const streams = eventsByPerson(log)
  const place = new Int32Array(log.length)
  const next = new Int32Array(log.length).fill(-1)
  for (const list of streams) {
    for (const [k, i] of list.entries()) {
      place[i] = k
      next[i] = list[k + 1] ?? -1
    }
  }
  const streamOf = new Map(streams.map((list) => [log.person[list[0]!]!, list]))
  const free = links
    .filter(({ from, to }) => !taken[from] && !taken[to] && log.tool[from] !== log.tool[to])
    .sort((a, b) => log.person[a.to]! - log.person[b.to]! || a.to - b.to)
  const bursts: { last: Link; links: Link[] }[] = []
  for (const link of free) {
    const burst = bursts.at(-1)
    const goesOn =
      burst !== undefined &&
      log.person[burst.last.to] === log.person[link.to] &&
      log.tool[burst.last.from] === log.tool[link.from] &&
      log.tool[burst.last.to] === log.tool[link.to] &&
      place[link.from]! - place[burst.last.to]! <= carryGap
    if (goesOn && burst) {
      burst.links.push(link)
      burst.last = link
    } else bursts.push({ last: link, links: [link] })
  }
  const byTools = new Map<string, Group>()
  for (const { links: carried } of bursts) {
    if (carried.length < fewestCarried) continue
    const [first, last] = [carried[0]!, carried.at(-1)!]
    const tools = [log.tool[first.from]!, log.tool[first.to]!]
    const list = streamOf.get(log.person[first.to]!)!
    const own = list
      .slice(place[first.from]!, place[last.to]! + 1)
      .filter((i) => !taken[i] && tools.includes(log.tool[i]!))
    own.push(...workedOver(next, last.to, taken, log, symbols))
    const group = byTools.get(tools.join('/')) ?? newGroup(symbols)
    byTools.set(tools.join('/'), group)
    const run = { person: log.person[first.to]!, own, foreign: [], before: [] }
    addRun(group, run, [...new Set(own.map((i) => symbols.of[i]!))])
  }
  return [...byTools.values()].filter(({ members }) => members.length >= fewestCarryingRuns)
}
