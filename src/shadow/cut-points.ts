import { components, type FlowGraph, frequentArcs, perplexity } from './flow-graph.ts'
import type { Symbols } from './symbols.ts'

/** Words that finish a piece of work where they stand in an action or on a button. */
const commitWords =
  /(^|[^a-z])(submit|save|send|ok|okay|cancel|done|finish|confirm|apply|post|close|book|approve|reject|form_submit)([^a-z]|$)/i

/** What stands on it; an address is no label. */
const labelOf = (element: string) => (/[/.]/.test(element) ? '' : element.split('!').at(-1)!)

/** Whether a step finishes a piece of work: it submits, saves, sends, closes. */
export const isCommit = (symbols: Symbols, s: number): boolean =>
  commitWords.test(`${symbols.actions[s]} ${labelOf(symbols.elements[s]!)}`)

export interface CutPoints {
  /** Arcs within a run: a → b → times. */
  within: Map<number, number>[]
  /** By symbol: how often a run ends, or begins, there. */
  ends: Float64Array
  starts: Float64Array
}

/**
 * Where runs end and begin, from a graph of what follows what. Three kinds of evidence, each for another kind of log:
 * - an arc between a place that leads to many and a place that comes from many (work of several sorts in any order);
 * - the back edges into the header of a loop, per strongly connected component, and whatever else follows where those
 *   leave (Leno et al. 2020, section 3.2: dominators and back edges);
 * - a commit ("Submit", "OK") near the cut: then the run ends there, since a loop alone does not say where it begins.
 * Time between events is not evidence: real work pauses anywhere.
 */
export function cutPoints(graph: FlowGraph, symbols: Symbols, streams: readonly Int32Array[]): CutPoints {
  const total = graph.count.reduce((sum, each) => sum + each, 0)
  const kept = frequentArcs(graph, Math.max(2, Math.min(5, total / 400)), 0.15)
  const into: Map<number, number>[] = Array.from({ length: graph.size }, () => new Map())
  for (const [a, successors] of kept.entries()) {
    for (const [b, times] of successors) into[b]!.set(a, times)
  }
  const crossed = new Set(crossings(graph, kept).map(([a, b]) => key(a, b, graph.size)))
  const cut = new Set(crossed)
  cutLoops(graph, kept, streams, cut)
  // A crossing stands where it stands: only loops leave open where they begin.
  const loops = new Set([...cut].filter((each) => !crossed.has(each)))
  moveToCommits(graph, symbols, kept, into, loops)
  cut.clear()
  for (const each of [...crossed, ...loops]) cut.add(each)
  return evidence(graph, kept, cut)
}

const deepest = 2
/**
 * Cuts the back edges of loops: into the header of each strongly connected component, and whatever else follows where
 * those leave. What is still a loop then is a part of a run, unless it is long and nothing leads into it:
 * then it is another routine, which shares steps with the first.
 */
function cutLoops(
  graph: FlowGraph,
  kept: readonly Map<number, number>[],
  streams: readonly Int32Array[],
  cut: Set<number>,
): void {
  for (let level = 0; level < deepest; level++) {
    const open = kept.map(
      (successors, a) => new Map([...successors].filter(([b]) => !cut.has(key(a, b, graph.size)))),
    )
    const before = cut.size
    for (const set of loopsIn(open)) {
      const header = firstIn(set, open, streams, graph.count)
      const backs = [...set].filter((a) => open[a]!.has(header))
      if (level > 0 && !isRoutine(set, header, open)) continue
      for (const a of backs) {
        cut.add(key(a, header, graph.size))
        if (open[a]!.get(header)! / graph.outOf[a]! < 0.2) continue
        // The same once more, right after, is no new beginning.
        for (const b of open[a]!.keys()) if (b !== a) cut.add(key(a, b, graph.size))
      }
    }
    if (cut.size === before) return
  }
}

/** Fields filled again and again are shorter loops than this, mostly. */
const shortestLoop = 6
/** A loop that the rest of a run leads into oftener than this share of its rounds is a part of that run. */
const enteredFromRun = 0.03

function isRoutine(loop: ReadonlySet<number>, header: number, open: readonly Map<number, number>[]): boolean {
  let rounds = 0
  let entered = 0
  for (const [a, successors] of open.entries()) {
    if (loop.has(a)) rounds += successors.get(header) ?? 0
    else entered += successors.get(header) ?? 0
  }
  return loop.size >= shortestLoop && entered <= enteredFromRun * rounds
}

function loopsIn(open: readonly Map<number, number>[]): Set<number>[] {
  const members = new Map<number, Set<number>>()
  for (const [node, number] of components(open).entries()) {
    const set = members.get(number)
    if (set) set.add(node)
    else members.set(number, new Set([node]))
  }
  return [...members.values()].filter((set) => set.size > 1)
}

/** From how many equally likely ways on a step is one after which anything may come, and before which anything may have been. */
const branching = 4
/** So many times as often as what comes after anything: then it follows for a reason. */
const forAReason = 5

/**
 * Arcs from a step after which anything may come to one that may come after anything, that are no more than that: b
 * follows a hardly more often than it follows all other such steps, and a comes before b hardly more often than before
 * all others.
 */
function crossings(graph: FlowGraph, kept: readonly Map<number, number>[]): [number, number][] {
  const into: Map<number, number>[] = Array.from({ length: graph.size }, () => new Map())
  for (const [a, successors] of graph.next.entries()) {
    for (const [b, times] of successors) into[b]!.set(a, times)
  }
  const anyAfter = graph.next.map((successors) => perplexity(successors.values()) >= branching)
  const anyBefore = into.map((sources) => perplexity(sources.values()) >= branching)
  const after = new Float64Array(graph.size)
  const before = new Float64Array(graph.size)
  let left = 1
  let entered = 1
  for (const [a, successors] of graph.next.entries()) {
    for (const [b, times] of successors) {
      if (anyAfter[a]) {
        after[b]! += times
        left += times
      }
      if (anyBefore[b]) {
        before[a]! += times
        entered += times
      }
    }
  }
  return [...kept.entries()].flatMap(([a, successors]) =>
    [...successors]
      .filter(
        ([b, times]) =>
          anyAfter[a] &&
          anyBefore[b] &&
          times / graph.outOf[a]! <= (forAReason * (after[b]! - times)) / (left - graph.outOf[a]!) &&
          times / graph.into[b]! <= (forAReason * (before[a]! - times)) / (entered - graph.into[b]!),
      )
      .map(([b]): [number, number] => [a, b]),
  )
}

const opening = 12
const rare = 0.3

/**
 * The member with which a loop begins, its header, which dominates the rest because it is entered there: of all, the one from which the way most taken fits best with what each
 * person does first in it. Single events at the very beginning may be noise.
 */
function firstIn(
  set: ReadonlySet<number>,
  next: readonly Map<number, number>[],
  streams: readonly Int32Array[],
  count: Float64Array,
): number {
  const beginnings = streams.map((stream) => beginning(set, stream)).filter((events) => events.length > 0)
  const seen = [...new Set(beginnings.flat())].filter((node) => set.has(node))
  let best = -1
  let most = -1
  for (const node of seen) {
    const way = [node]
    for (let at = node; way.length < opening; ) {
      let strongest = -1
      let times = 0
      for (const [b, each] of next[at]!) {
        if (each > times && b !== at) {
          times = each
          strongest = b
        }
      }
      if (strongest === -1) break
      way.push(strongest)
      at = strongest
    }
    // What is done far more seldom than the way it leads into only happened to come before.
    const usual = way.map((x) => count[x]!).sort((a, b) => a - b)[way.length >> 1]!
    if (count[node]! < rare * usual) continue
    const fit = beginnings.reduce((sum, events) => sum + fitOf(way, events), 0)
    if (fit > most) {
      most = fit
      best = node
    }
  }
  return best === -1 ? set.values().next().value! : best
}

function beginning(set: ReadonlySet<number>, stream: Int32Array): number[] {
  for (let i = 0; i + 3 < stream.length; i++) {
    if (!set.has(stream[i]!)) continue
    const after = [1, 2, 3].filter((step) => set.has(stream[i + step]!)).length
    if (after >= 2) return [...stream.subarray(i, i + opening)]
  }
  return []
}

const missing = 0.5
const extra = 0.2

/** How well `events` begin the way: matches, less what of the way is missing and what stands in between. */
function fitOf(way: readonly number[], events: readonly number[]): number {
  let row = Float64Array.from({ length: events.length + 1 }, (_, j) => -extra * j)
  let best = 0
  for (const x of way) {
    const next = new Float64Array(row.length)
    next[0] = row[0]! - missing
    for (let j = 0; j < events.length; j++) {
      const match = x === events[j] ? row[j]! + 1 : Number.NEGATIVE_INFINITY
      next[j + 1] = Math.max(match, row[j + 1]! - missing, next[j]! - extra)
      best = Math.max(best, next[j + 1]!)
    }
    row = next
  }
  return best
}

/** A step that nearly always follows, or is followed by, its neighbour: the cut may stand on either side of it. */
const nearlyAlways = 0.75
const chainLength = 3

function moveToCommits(
  graph: FlowGraph,
  symbols: Symbols,
  kept: readonly Map<number, number>[],
  into: readonly Map<number, number>[],
  cut: Set<number>,
): void {
  const size = graph.size
  const commits = symbols.names.map((_, s) => isCommit(symbols, s))
  const strongest = (from: Map<number, number>) => {
    let best: [number, number] | null = null
    for (const each of from) if (!best || each[1] > best[1]) best = each
    return best
  }
  for (const each of [...cut]) {
    const a = Math.floor(each / size)
    const b = each % size
    if (commits[a] && !commits[b]) continue
    // Forward over commits that belong to the same end (Submit, form_submit), else back to the last commit.
    if (commits[b]) {
      const after = strongest(kept[b]!)
      if (after && kept[a]!.get(b)! / graph.outOf[a]! >= nearlyAlways) {
        cut.delete(each)
        for (const next of kept[b]!.keys()) cut.add(key(b, next, size))
      }
      continue
    }
    let node = a
    for (let steps = 0; steps < chainLength; steps++) {
      const before = strongest(into[node]!)
      if (!before || before[1] / graph.into[node]! < nearlyAlways / 2) break
      const [previous, times] = before
      if (times / graph.outOf[previous]! < 0.3) break
      if (commits[previous]) {
        cut.delete(each)
        for (const next of kept[previous]!.keys()) if (!commits[next]) cut.add(key(previous, next, size))
        break
      }
      node = previous
    }
  }
}

const key = (a: number, b: number, size: number) => a * size + b

/** From this share of its arcs on, a step that begins runs, or ends them, always does. */
const mostly = 0.5
/** Below this share of ways that are taken often enough to be kept, a step is reached from anywhere, or anything follows it. */
const fromAnywhere = 0.2

/**
 * How often runs begin and end where. A step that mostly begins a run begins one by whatever way it is reached, also by
 * those too rare to be kept (from other work, which is never twice the same); so does what follows a step that mostly ends one.
 * Where such ways are all there is, a step reached from anywhere that always leads on to the same begins a run too; what is
 * strange on both sides is noise.
 */
function evidence(
  graph: FlowGraph,
  kept: readonly Map<number, number>[],
  cut: ReadonlySet<number>,
): CutPoints {
  const { size } = graph
  const isCut = (a: number, b: number) => cut.has(key(a, b, size))
  const share = { into: new Float64Array(size), outOf: new Float64Array(size) }
  for (const [a, successors] of kept.entries()) {
    const all = { into: 0, outOf: 0 }
    for (const [b, times] of successors) {
      all.outOf += times
      share.into[b]! += times
    }
    share.outOf[a] = all.outOf
  }
  const cutInto = new Float64Array(size)
  const cutOutOf = new Float64Array(size)
  for (const [a, successors] of kept.entries()) {
    for (const [b, times] of successors) {
      if (!isCut(a, b)) continue
      cutInto[b]! += times
      cutOutOf[a]! += times
    }
  }
  const begins = new Uint8Array(size)
  const finishes = new Uint8Array(size)
  for (let x = 0; x < size; x++) {
    const reached = (share.into[x]! - cutInto[x]!) / graph.count[x]!
    const left = (share.outOf[x]! - cutOutOf[x]!) / graph.count[x]!
    begins[x] = cutInto[x]! > mostly * share.into[x]! || (reached < fromAnywhere && left > mostly) ? 1 : 0
    finishes[x] = cutOutOf[x]! > mostly * share.outOf[x]! || (left < fromAnywhere && reached > mostly) ? 1 : 0
  }

  const ends = new Float64Array(size)
  const starts = new Float64Array(size)
  const within: Map<number, number>[] = []
  for (const [a, successors] of graph.next.entries()) {
    const inner = new Map<number, number>()
    within.push(inner)
    for (const [b, times] of successors) {
      if (isCut(a, b) || (a !== b && (begins[b] || finishes[a]))) {
        ends[a]! += times
        starts[b]! += times
      } else if (kept[a]!.has(b)) inner.set(b, times)
    }
  }
  return { within, ends, starts }
}
