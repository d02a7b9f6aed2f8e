import type { Symbols } from './symbols.ts'

/** A run as it was cut out of a stream: positions in the log. */
export interface RunFound {
  person: number
  own: number[]
  foreign: number[]
  /** Events between the run before and this one, nobody's so far. */
  before: number[]
}

/** A run whose own events are fewer is an event and not a routine. */
export const shortestRun = 2
const alike = 0.55

export interface Group {
  members: RunFound[]
  /** By symbol: in how many of the runs it is. */
  share: Int32Array
  size: number
}

/**
 * Runs with most steps in common. A run joins the group whose runs have most of its steps (weighted by how many of
 * them have each), else begins one.
 */
export function grouped(runs: readonly RunFound[], symbols: Symbols): Group[] {
  const groups: Group[] = []
  const seen = new Int32Array(symbols.names.length).fill(-1)
  const distinct = ({ own }: RunFound, run: number) => {
    const set: number[] = []
    for (const i of own) {
      const x = symbols.of[i]!
      if (seen[x] === run) continue
      seen[x] = run
      set.push(x)
    }
    return set
  }
  const likeness = (set: readonly number[], { share, members, size }: Group) => {
    let common = 0
    for (let k = 0; k < set.length; k++) common += share[set[k]!]! / members.length
    return common / Math.max(1, Math.min(set.length, size / members.length))
  }
  // Longest first: a broken-off run then finds the whole one that it is a part of.
  const order = runs
    .map((run, k) => ({ run, set: distinct(run, k) }))
    .sort((a, b) => b.set.length - a.set.length)
  for (const { run, set } of order) {
    let best: Group | null = null
    let most = alike
    for (const group of groups) {
      const value = likeness(set, group)
      if (value > most) {
        most = value
        best = group
      }
    }
    if (best === null) {
      best = newGroup(symbols)
      groups.push(best)
    }
    addRun(best, run, set)
  }
  for (const group of groups) group.members.sort((a, b) => a.own[0]! - b.own[0]!)
  return groups
}

export function newGroup(symbols: Symbols): Group {
  return { members: [], share: new Int32Array(symbols.names.length), size: 0 }
}

/** @param set the distinct symbols of the run */
export function addRun(group: Group, run: RunFound, set: readonly number[]): void {
  group.members.push(run)
  group.size += set.length
  for (const x of set) group.share[x]!++
}

/**
 * Runs without what only happened to stand before or after: from either end of each run the steps that few runs of
 * its group have and that are mostly found in others. What is taken off is a run by itself where it is long enough.
 */
export function withoutMargins(
  groups: readonly Group[],
  symbols: Symbols,
  everywhere: Float64Array,
): RunFound[] {
  const runs: RunFound[] = []
  for (const { members, share } of groups) {
    const foreign = (i: number) => {
      const times = share[symbols.of[i]!]!
      return times < 0.6 * members.length && times < 0.5 * everywhere[symbols.of[i]!]!
    }
    for (const run of members) {
      let from = 0
      let to = run.own.length
      while (from < to && foreign(run.own[from]!)) from++
      while (to > from && foreign(run.own[to - 1]!)) to--
      if (from === to) {
        runs.push(run)
        continue
      }
      const first = run.own[from]!
      const last = run.own[to - 1]!
      const inner = run.foreign.filter((i) => i > first && i < last)
      runs.push({
        ...run,
        own: run.own.slice(from, to),
        foreign: inner,
        before: from === 0 ? run.before : [],
      })
      for (const own of [run.own.slice(0, from), run.own.slice(to)]) {
        if (own.length >= shortestRun) runs.push({ ...run, own, foreign: [], before: [] })
      }
    }
  }
  return runs.sort((a, b) => a.own[0]! - b.own[0]!)
}
