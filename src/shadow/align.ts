import type { CutPoints } from './cut-points.ts'

/** A run as it was found in a stream: positions, in order, of its own events; `foreign` are those put in between. */
export interface AlignedRun {
  own: number[]
  foreign: number[]
}

interface Model {
  size: number
  within: Map<number, number>[]
  ends: Float64Array
  starts: Float64Array
  count: Float64Array
  insert: number
  skip: number
}

const longestSkip = 3
/** Share of steps after which a run goes on somewhere that it never went on before. */
const outOfOrder = 0.005
const rounds = 4

/**
 * Streams cut into runs by a model with noise: a profile hidden Markov model (Krogh et al. 1994; Durbin et al. 1998,
 * chapter 5) whose match states are the symbols of the graph and not the columns of one alignment, so that branches and loops of
 * a routine are in it. An event is matched, or inserted (foreign to the run), and steps may be skipped; a silent
 * state between runs is where one ends and the next begins. Decoded by Viterbi, trained by decoding again (Viterbi
 * training, Juang and Rabiner 1990).
 */
export function alignRuns(
  size: number,
  streams: readonly Int32Array[],
  count: Float64Array,
  cuts: CutPoints,
): AlignedRun[][] {
  const model: Model = { size, ...cuts, count, insert: 0.1, skip: 0.1 }
  let decoded: AlignedRun[][] = []
  for (let round = 0; round < rounds; round++) {
    const paths = pathsOf(model)
    decoded = streams.map((stream) => decode(model, paths, stream))
    if (round + 1 < rounds) retrain(model, streams, decoded)
  }
  return decoded
}

interface Paths {
  /** By symbol reached: where from, at what cost (log), within a run. */
  from: { source: Int32Array; log: Float64Array }[]
  end: Float64Array
  start: Float64Array
  insert: Float64Array
  /** Cost of going on elsewhere in the same routine (a field filled out of order); -Infinity into where runs begin. */
  jump: Float64Array
  /** By symbol: which connected part of the graph it is in. */
  part: Int32Array
}

/** Costs of getting from one matched step to the next, skipping up to `longestSkip` in between. */
function pathsOf(model: Model): Paths {
  const { size, within, ends, starts, count, insert, skip } = model
  const out = new Float64Array(size)
  for (let a = 0; a < size; a++) {
    let sum = ends[a]! + 1
    for (const times of within[a]!.values()) sum += times
    out[a] = sum
  }
  const direct = within.map(
    (successors, a) => new Map([...successors].map(([b, times]) => [b, times / out[a]!])),
  )
  const all = count.reduce((sum, each) => sum + each, 0)
  const begun = starts.reduce((sum, each) => sum + each, 0) + 1
  // A run may break off or begin anywhere: rarely.
  const rarely = 0.002
  const start = Float64Array.from(
    starts,
    (times, b) => (times / begun) * (1 - rarely) + (rarely * count[b]!) / all,
  )
  const end = Float64Array.from(ends, (times, a) => (times + rarely) / out[a]!)
  let layer = direct
  const reach = direct.map((successors) => new Map(successors))
  const endReach = Float64Array.from(end)
  const startReach = Float64Array.from(start)
  let startLayer = start
  for (let skipped = 1; skipped <= longestSkip; skipped++) {
    const penalty = skip ** skipped
    for (let a = 0; a < size; a++) for (const [b, p] of layer[a]!) endReach[a]! += penalty * p * end[b]!
    const nextStart = new Float64Array(size)
    for (let a = 0; a < size; a++) {
      if (startLayer[a]! < 1e-9) continue
      for (const [b, p] of direct[a]!) nextStart[b]! += startLayer[a]! * p
    }
    startLayer = nextStart
    for (let b = 0; b < size; b++) startReach[b]! += penalty * nextStart[b]!
    layer = layer.map((row) => {
      const longer = new Map<number, number>()
      for (const [b, p] of row) {
        for (const [c, q] of direct[b]!) if (p * q > 1e-4) longer.set(c, (longer.get(c) ?? 0) + p * q)
      }
      return longer
    })
    for (let a = 0; a < size; a++) {
      for (const [b, p] of layer[a]!) reach[a]!.set(b, (reach[a]!.get(b) ?? 0) + penalty * p)
    }
  }
  const columns: [number, number][][] = Array.from({ length: size }, () => [])
  for (let a = 0; a < size; a++)
    for (const [b, p] of reach[a]!) columns[b]!.push([a, Math.log(p * (1 - insert))])
  return {
    from: columns.map((column) => ({
      source: Int32Array.from(column, ([a]) => a),
      log: Float64Array.from(column, ([, p]) => p),
    })),
    end: endReach.map((p) => Math.log(p)),
    start: startReach.map((p) => Math.log(Math.max(p, 1e-12) * (1 - insert))),
    jump: Float64Array.from(count, (times, b) =>
      starts[b]! > 0.3 * times ? -Infinity : Math.log((outOfOrder * times) / all),
    ),
    part: connected(within),
    insert: Float64Array.from(count, (times) => Math.log((insert * (times + 0.5)) / (all + size))),
  }
}

/**
 * Viterbi with the last matched symbol as state. An insertion costs every state the same, so scores are kept relative to
 * it, and each event changes the score of one state only: that of its own symbol. O(events × arcs into a symbol).
 */
function decode(model: Model, paths: Paths, stream: Int32Array): AlignedRun[] {
  const { size } = model
  const length = stream.length
  const score = new Float64Array(size).fill(-Infinity)
  const lastMatch = new Int32Array(size).fill(-1)
  const back = new Int32Array(length).fill(-1)
  const crossed = new Uint8Array(length)
  // Scores never fall, so that the best so far need not be looked for again: in each part, and over all runs ended.
  const bestOf = new Int32Array(size).fill(-1)
  let ended = 0
  let endedIn = -1
  for (let i = 0; i < length; i++) {
    const x = stream[i]!
    const { source, log } = paths.from[x]!
    const part = paths.part[x]!
    let best = -Infinity
    let from = -1
    for (let k = 0; k < source.length; k++) {
      const value = score[source[k]!]! + log[k]!
      if (value > best) {
        best = value
        from = source[k]!
      }
    }
    if (bestOf[part]! > -1 && score[bestOf[part]!]! + paths.jump[x]! > best) {
      best = score[bestOf[part]!]! + paths.jump[x]!
      from = bestOf[part]!
    }
    const over = ended + paths.start[x]!
    const cost = paths.insert[x]!
    // Scores are kept relative to the insertions so far: a match saves the insertion of its event.
    const cross = over >= best
    const value = (cross ? over : best) - cost
    if (value > score[x]!) {
      const source = cross ? endedIn : from
      back[i] = source === -1 ? -1 : lastMatch[source]!
      crossed[i] = cross ? 1 : 0
      score[x] = value
      lastMatch[x] = i
      if (bestOf[part] === -1 || value > score[bestOf[part]!]!) bestOf[part] = x
      if (value + paths.end[x]! > ended) {
        ended = value + paths.end[x]!
        endedIn = x
      }
    }
  }
  const runs: AlignedRun[] = []
  let run: AlignedRun = { own: [], foreign: [] }
  for (let i = endedIn === -1 ? -1 : lastMatch[endedIn]!; i >= 0; i = back[i]!) {
    run.own.push(i)
    if (crossed[i] || back[i] === -1) {
      runs.push(run)
      run = { own: [], foreign: [] }
    } else for (let j = i - 1; j > back[i]!; j--) run.foreign.push(j)
  }
  for (const each of runs) {
    each.own.reverse()
    each.foreign.reverse()
  }
  return runs.reverse()
}

/** Connected parts of the graph, arcs taken both ways (union and find). */
function connected(next: readonly Map<number, number>[]): Int32Array {
  const parent = Int32Array.from(next, (_, a) => a)
  const root = (a: number) => {
    while (parent[a] !== a) a = parent[a] = parent[parent[a]!]!
    return a
  }
  for (const [a, successors] of next.entries()) for (const b of successors.keys()) parent[root(a)] = root(b)
  return parent.map((_, a) => root(a))
}

function retrain(model: Model, streams: readonly Int32Array[], decoded: readonly AlignedRun[][]): void {
  const { size, within } = model
  const next = within.map((successors) => new Map([...successors.keys()].map((b) => [b, 0.05])))
  const ends = new Float64Array(size)
  const starts = new Float64Array(size)
  let matched = 0
  let skipped = 1
  for (const [k, runs] of decoded.entries()) {
    const stream = streams[k]!
    for (const { own } of runs) {
      if (own.length < 2) continue
      matched += own.length
      starts[stream[own[0]!]!]!++
      ends[stream[own.at(-1)!]!]!++
      for (let i = 1; i < own.length; i++) {
        const a = stream[own[i - 1]!]!
        const b = stream[own[i]!]!
        const times = next[a]!.get(b)
        if (times === undefined) skipped++
        else next[a]!.set(b, times + 1)
      }
    }
  }
  const all = streams.reduce((sum, stream) => sum + stream.length, 0)
  model.within = next
  model.ends = ends
  model.starts = starts
  model.insert = Math.min(0.5, Math.max(0.005, (all - matched + 1) / (all + 2)))
  model.skip = Math.min(0.3, Math.max(0.01, skipped / (matched + 2)))
}
