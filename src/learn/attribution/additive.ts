import { type Cuboid, cuboidsOf, type Leaves } from './cuboids.ts'
import { type ForecastError, forecastError, relativeErrors, volumeClasses } from './forecast-error.ts'

/** A segment: for each of its dimensions the code of its value. */
export interface Segment {
  dimensions: number[]
  values: number[]
  /** Log-likelihood ratio, in nats and after the penalty for complexity, of "this segment moved as one" to "it did not". */
  evidence: number
}

export interface AdditiveOptions {
  /** Nats that a segment must be worth beyond the number of segments it was chosen from. */
  strictness?: number
  /** Most segments to return. */
  most?: number
}

/** Accumulators of a segment: count, precision, precision × error, precision × error², surprise. */
const width = 5

/** A common move is not told apart from the bulk below this relative error. */
const smallestMove = 0.04

/** The spread of a common move is at least this, whatever the sample says. */
const smallestSpread = 0.02

/**
 * The smallest set of segments that explains how `actual` departs from `expected`, largest evidence first.
 *
 * All leaves of a true cause move by one ratio (the generalised ripple effect: Li et al., "Generic and Robust Localization of
 * Multi-Dimensional Root Causes" (Squeeze), ISSRE 2019; Kalander, "RiskLoc", 2022; AutoRoot, Jing et al., 2021), so a segment
 * is scored by a likelihood ratio: its leaves' errors share a mean and a spread of their own, against the usual error of the
 * table. Whole segment in closed form from five sums, for all cells of all cuboids in one pass. The best one is taken,
 * broken up where its parts explain more than itself, its leaves leave, and so on until nothing is worth its price. A segment that fell to
 * zero, or came from nothing, has error −1 or 1 like any other.
 */
export function explainAdditive(
  leaves: Leaves,
  actual: Float64Array,
  expected: Float64Array,
  options: AdditiveOptions = {},
): Segment[] {
  const errors = relativeErrors(actual, expected)
  const cuboids = cuboidsOf(leaves)
  if (cuboids.length === 0) return []
  const volume = new Float64Array(leaves.count)
  const all = new Uint8Array(leaves.count)
  let informative = 0
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    volume[leaf] = Math.max(Math.abs(actual[leaf]!), Math.abs(expected[leaf]!))
    if (Number.isNaN(errors[leaf]!)) continue
    all[leaf] = 1
    informative++
  }
  const classes = Math.max(1, Math.min(6, Math.floor(informative / 200)))

  const classOf = volumeClasses(volume, all, classes)

  const most = options.most ?? 40
  const first = searchOf(leaves, cuboids, errors, forecastError(errors, all, classOf, classes), options)
  let chosen = first(all, most)
  const usual = all.slice()
  let explained = 0
  for (const { members } of chosen) {
    explained += members.length
    for (const leaf of members) usual[leaf] = 0
  }
  if (explained > informative * 0.05) {
    // What is left knows the usual error better, so look again with it.
    const error = forecastError(errors, usual, classOf, classes, all)
    chosen = searchOf(leaves, cuboids, errors, error, options)(all, most)
  }
  return chosen.map(({ cuboid, evidence, members }) => ({
    dimensions: cuboid.dimensions,
    values: cuboid.dimensions.map((d) => leaves.codes[d]![members[0]!]!),
    evidence,
  }))
}

interface Chosen {
  cuboid: Cuboid
  evidence: number
  members: Int32Array
}

/** The cells of a cuboid that hold leaves, with their sums. */
interface Tally {
  cuboid: Cuboid
  penalty: number
  sums: Float64Array
  cells: Int32Array
  /** A leaf of each of these cells. */
  leaf: Int32Array
}

/** A tally while leaves leave it: what each cell is worth, and the best. */
interface Ranked extends Tally {
  scores: Float64Array
  best: number
  bestCell: number
  stale: boolean
}

/** The greedy search over all cuboids, with one yardstick. */
function searchOf(
  leaves: Leaves,
  cuboids: Cuboid[],
  errors: Float64Array,
  error: ForecastError,
  { strictness = 2 }: AdditiveOptions,
) {
  const { surprise } = error
  const precision = new Float64Array(leaves.count)
  for (let leaf = 0; leaf < leaves.count; leaf++) precision[leaf] = 1 / error.scale[leaf]! ** 2
  const penalties = cuboids.map(
    ({ cells, dimensions }) =>
      Math.log(Math.min(cells, leaves.count)) +
      Math.log(choose(leaves.sizes.length, dimensions.length)) +
      strictness,
  )
  const found = new Int32Array(leaves.count)
  const leafFound = new Int32Array(leaves.count)
  /** Room for the sums of every cuboid, made once and left zeroed; one for what stays, one for what leaves. */
  const rooms: { staying: Float64Array[]; leaving: Float64Array[] } = { staying: [], leaving: [] }

  /** Adds up leaves by cell, finest cuboid first: a coarser one is rolled up from the smallest finer one there is. */
  function talliesOf(members: Int32Array, within: readonly number[], room: Float64Array[]): Tally[] {
    const built: Tally[] = []
    for (let i = within.length - 1; i >= 0; i--) {
      const cuboid = cuboids[within[i]!]!
      let finer: Tally | null = null
      for (const tally of built) {
        const covers = (tally.cuboid.mask & cuboid.mask) === cuboid.mask
        if (covers && (finer === null || tally.cells.length < finer.cells.length)) finer = tally
      }
      room[within[i]!] ??= new Float64Array(cuboid.cells * width)
      const sums = room[within[i]!]!
      const count = finer ? rolledUp(finer, cuboid, sums) : addedUp(members, cuboid, sums)
      const penalty = penalties[within[i]!]!
      built.push({ cuboid, penalty, sums, cells: found.slice(0, count), leaf: leafFound.slice(0, count) })
    }
    return built.reverse()
  }

  function addedUp(members: Int32Array, { cellOf }: Cuboid, sums: Float64Array): number {
    let count = 0
    for (let i = 0; i < members.length; i++) {
      const leaf = members[i]!
      const cell = cellOf[leaf]!
      const at = cell * width
      if (sums[at] === 0) {
        found[count] = cell
        leafFound[count++] = leaf
      }
      const p = precision[leaf]!
      const x = errors[leaf]!
      sums[at]! += 1
      sums[at + 1]! += p
      sums[at + 2]! += p * x
      sums[at + 3]! += p * x * x
      sums[at + 4]! += surprise[leaf]!
    }
    return count
  }

  function rolledUp(finer: Tally, { cellOf }: Cuboid, sums: Float64Array): number {
    let count = 0
    for (let i = 0; i < finer.cells.length; i++) {
      const leaf = finer.leaf[i]!
      const cell = cellOf[leaf]!
      const at = cell * width
      if (sums[at] === 0) {
        found[count] = cell
        leafFound[count++] = leaf
      }
      const from = finer.cells[i]! * width
      for (let k = 0; k < width; k++) sums[at + k]! += finer.sums[from + k]!
    }
    return count
  }

  function evidenceOf(sums: Float64Array, cell: number, penalty: number): number {
    const at = cell * width
    const n = sums[at]!
    if (n < 0.5) return Number.NEGATIVE_INFINITY
    const gain = sums[at + 4]!
    // The densest a move can be is bounded by its smallest spread: most cells are ruled out without a logarithm.
    if (gain < penalty * 0.5) return Number.NEGATIVE_INFINITY
    const weight = sums[at + 1]!
    const mean = sums[at + 2]! / weight
    if (Math.abs(mean) < smallestMove) return Number.NEGATIVE_INFINITY
    const squares = Math.max(0, sums[at + 3]! - mean * sums[at + 2]!)
    const unit = weight / n
    const floor = smallestSpread * smallestSpread * unit
    // Spread in units of the leaves' own scale, shrunk to its floor by one observation's weight.
    const spread = Math.max(squares / n, floor)
    const fit = -0.5 * n * Math.log(2 * Math.PI * spread) - (0.5 * squares) / spread
    // Laplace: the mean has a flat prior over −1..1, the spread costs half a logarithm.
    const priorWidth = 2 * Math.sqrt(unit)
    const occam = 0.5 * Math.log((2 * Math.PI * spread) / n) - Math.log(priorWidth) - 0.5 * Math.log(n)
    return fit + occam + gain - penalty
  }

  /**
   * Takes the best cell of these cuboids, lets its leaves leave, and so on until none is worth its price. Gives up with
   * what it has when all that may still come cannot reach `atLeast`.
   */
  function greedyWithin(members: Int32Array, within: readonly number[], most: number, atLeast = 0): Chosen[] {
    const tallies = talliesOf(members, within, rooms.staying).map(ranked)
    const chosen: Chosen[] = []
    let remaining = members
    let total = 0
    while (chosen.length < most) {
      let top: Ranked | null = null
      let topScore = 0
      for (const tally of tallies) {
        if (tally.stale) findBest(tally)
        if (tally.best > topScore) {
          topScore = tally.best
          top = tally
        }
      }
      if (!top || total + topScore * (most - chosen.length) < atLeast) break
      const { inside, outside } = parted(remaining, top.cuboid.cellOf, top.bestCell)
      remaining = outside
      total += topScore
      chosen.push({ cuboid: top.cuboid, evidence: topScore, members: inside })
      const leaving = talliesOf(inside, within, rooms.leaving)
      tallies.forEach((tally, i) => {
        letLeave(tally, leaving[i]!)
        clear(leaving[i]!)
      })
    }
    tallies.forEach(clear)
    return chosen
  }

  function clear({ sums, cells }: Tally): void {
    if (cells.length * width * 4 > sums.length) sums.fill(0)
    else for (let i = 0; i < cells.length; i++) sums.fill(0, cells[i]! * width, (cells[i]! + 1) * width)
  }

  function ranked(tally: Tally): Ranked {
    const { cuboid, sums, cells, penalty } = tally
    const scores = new Float64Array(cuboid.cells)
    for (let i = 0; i < cells.length; i++) scores[cells[i]!] = evidenceOf(sums, cells[i]!, penalty)
    const own = { ...tally, scores, best: 0, bestCell: -1, stale: false }
    findBest(own)
    return own
  }

  function letLeave(tally: Ranked, leaving: Tally): void {
    const { sums, scores, penalty } = tally
    for (let i = 0; i < leaving.cells.length; i++) {
      const cell = leaving.cells[i]!
      for (let at = cell * width; at < (cell + 1) * width; at++) sums[at]! -= leaving.sums[at]!
      scores[cell] = evidenceOf(sums, cell, penalty)
    }
    tally.stale = true
  }

  function findBest(tally: Ranked): void {
    const { scores, cells } = tally
    tally.best = 0
    tally.bestCell = -1
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!
      if (scores[cell]! > tally.best) {
        tally.best = scores[cell]!
        tally.bestCell = cell
      }
    }
    tally.stale = false
  }

  /** A segment, or its parts where they explain more: it may owe its evidence to some of its leaves only. */
  function broken(segment: Chosen): Chosen[] {
    const { mask } = segment.cuboid
    const finer = cuboids.flatMap((each, index) =>
      (each.mask & mask) === mask && each.mask !== mask ? [index] : [],
    )
    if (finer.length === 0 || segment.members.length < 2 || isPure(segment)) return [segment]
    const parts = greedyWithin(segment.members, finer, 30, segment.evidence)
    const total = parts.reduce((sum, { evidence }) => sum + evidence, 0)
    return total > segment.evidence ? parts.flatMap(broken) : [segment]
  }

  /** Whether leaving out all leaves that rather moved as usual would not even pay for one more segment. */
  function isPure({ members }: Chosen): boolean {
    let weight = 0
    let weighted = 0
    for (const leaf of members) {
      weight += precision[leaf]!
      weighted += precision[leaf]! * errors[leaf]!
    }
    const mean = weighted / weight
    let squares = 0
    for (const leaf of members) squares += precision[leaf]! * (errors[leaf]! - mean) ** 2
    const unit = weight / members.length
    const spread = Math.max(squares / members.length, smallestSpread * smallestSpread * unit)
    const constant = 0.5 * Math.log(2 * Math.PI * spread)
    let gain = 0
    for (const leaf of members) {
      const loss =
        constant + (0.5 * precision[leaf]! * (errors[leaf]! - mean) ** 2) / spread - error.surprise[leaf]!
      if (loss > 0) gain += loss
    }
    return gain < strictness
  }

  return (live: Uint8Array, most: number): Chosen[] => {
    const members = new Int32Array(live.length)
    let count = 0
    for (let leaf = 0; leaf < live.length; leaf++) if (live[leaf]) members[count++] = leaf
    const every = cuboids.map((_, index) => index)
    return greedyWithin(members.subarray(0, count), every, most)
      .flatMap(broken)
      .sort((a, b) => b.evidence - a.evidence)
  }
}

function parted(members: Int32Array, cellOf: Int32Array, cell: number) {
  const inside = new Int32Array(members.length)
  const outside = new Int32Array(members.length)
  let ins = 0
  let outs = 0
  for (let i = 0; i < members.length; i++) {
    const leaf = members[i]!
    if (cellOf[leaf] === cell) inside[ins++] = leaf
    else outside[outs++] = leaf
  }
  return { inside: inside.slice(0, ins), outside: outside.subarray(0, outs) }
}

function choose(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return result
}
