import { type EventLog, none } from './event-log.ts'
import type { Group, RunFound } from './run-groups.ts'
import type { Symbols } from './symbols.ts'

/** So many runs later, at most, what was interrupted is gone on with. */
const soon = 3
/** A record that more runs than this touch is a place (a list, a start page) and tells no run. */
const fewestRunsOfAPlace = 5
/** Share of steps that two parts of one run may both have: a step done twice. */
const overlap = 0.34
/** A part has less than this share of what whole runs have; both together hardly more than a whole. */
const partial = 0.8
const whole = 1.15

/**
 * Parts of one run put together again: work is interrupted by other work, and a graph of what follows what only sees
 * where it breaks off. Two parts are one where they handle the same record and do different things with it, or, with no record to
 * go by, where the second goes on in the routine at the place where the first broke off.
 */
export function joinRuns(groups: readonly Group[], log: EventLog, symbols: Symbols): RunFound[] {
  const byPerson = new Map<number, { run: RunFound; group: Group }[]>()
  for (const group of groups) {
    for (const run of group.members) {
      const list = byPerson.get(run.person)
      if (list) list.push({ run, group })
      else byPerson.set(run.person, [{ run, group }])
    }
  }
  const touched = runsByRecord(groups, log)
  const order = new Map(groups.map((group) => [group, orderOf(group, symbols)]))
  const joined: RunFound[] = []
  for (const list of byPerson.values()) {
    list.sort((a, b) => a.run.own[0]! - b.run.own[0]!)
    const open: { run: RunFound; group: Group; records: Set<number>; steps: Set<number> }[] = []
    for (const { run, group } of list) {
      const records = new Set(
        run.own.map((i) => log.record[i]!).filter((r) => r !== none && touched.get(r)! < fewestRunsOfAPlace),
      )
      const steps = new Set(run.own.map((i) => symbols.of[i]!))
      const goesOn = open.findLast((first) => {
        const common = [...steps].filter((x) => first.steps.has(x)).length
        if (common > overlap * Math.min(steps.size, first.steps.size)) return false
        for (const r of records) if (first.records.has(r)) return true
        const apart = [...records].length > 0 && first.records.size > 0
        return !apart && first.group === group && goesOnIn(order.get(group)!, first.steps, steps)
      })
      if (goesOn) {
        goesOn.run.own.push(...run.own)
        goesOn.run.foreign.push(...run.foreign)
        for (const r of records) goesOn.records.add(r)
        for (const x of steps) goesOn.steps.add(x)
        continue
      }
      const copy = { ...run, own: [...run.own], foreign: [...run.foreign] }
      joined.push(copy)
      open.push({ run: copy, group, records, steps })
      if (open.length > soon) open.shift()
    }
  }
  return joined.sort((a, b) => a.own[0]! - b.own[0]!)
}

function runsByRecord(groups: readonly Group[], log: EventLog): Map<number, number> {
  const touched = new Map<number, number>()
  for (const { members } of groups) {
    for (const { own } of members) {
      for (const r of new Set(own.map((i) => log.record[i]!))) touched.set(r, (touched.get(r) ?? 0) + 1)
    }
  }
  return touched
}

interface Order {
  /** By symbol: where in a whole run it stands, 0..1. */
  place: Map<number, number>
  /** Steps of a whole run: nine in ten have no more. */
  size: number
}

function orderOf({ members }: Group, symbols: Symbols): Order {
  const sizes = members.map(({ own }) => new Set(own.map((i) => symbols.of[i]!)).size).sort((a, b) => a - b)
  const size = sizes[Math.floor(0.5 * sizes.length)] ?? 0
  const sums = new Map<number, { sum: number; times: number }>()
  for (const { own } of members) {
    if (new Set(own.map((i) => symbols.of[i]!)).size < partial * size) continue
    for (const [k, i] of own.entries()) {
      const entry = sums.get(symbols.of[i]!) ?? { sum: 0, times: 0 }
      entry.sum += k / own.length
      entry.times++
      sums.set(symbols.of[i]!, entry)
    }
  }
  return { place: new Map([...sums].map(([x, { sum, times }]) => [x, sum / times])), size }
}

function goesOnIn({ place, size }: Order, first: ReadonlySet<number>, second: ReadonlySet<number>): boolean {
  if (first.size > partial * size || second.size > partial * size) return false
  if (first.size + second.size > whole * size) return false
  const at = (steps: ReadonlySet<number>) =>
    [...steps].map((x) => place.get(x)).filter((each) => each !== undefined)
  const [a, b] = [at(first), at(second)]
  return a.length > 0 && b.length > 0 && Math.max(...a) < Math.min(...b)
}
