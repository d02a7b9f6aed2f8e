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
  const volume = actual.map((a, leaf) => Math.max(Math.abs(a), Math.abs(expected[leaf]!)))
  const cuboids = cuboidsOf(leaves)
  if (cuboids.length === 0) return []
  const all = Uint8Array.from(errors, (x) => (Number.isNaN(x) ? 0 : 1))
  const informative = all.reduce((sum, each) => sum + each, 0)
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
  cell: number
  evidence: number
  members: Int32Array
}

/** All cells of a cuboid while leaves leave it: their sums, what each is worth, and the best. */
interface Tally {
  cuboid: Cuboid
  penalty: number
  sums: Float64Array
  scores: Float64Array
  /** The cells that hold leaves, where they are few; null is all. */
  cells: Int32Array | null
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
  const precision = error.scale.map((s) => 1 / (s * s))
  const penalties = cuboids.map(
    ({ cells, dimensions }) =>
      Math.log(Math.min(cells, leaves.count)) +
      Math.log(choose(leaves.sizes.length, dimensions.length)) +
      strictness,
  )

  function addUp(cuboid: Cuboid, sums: Float64Array, members: Int32Array, sign: 1 | -1): void {
    const { cellOf } = cuboid
    for (let i = 0; i < members.length; i++) {
      const leaf = members[i]!
      const at = cellOf[leaf]! * width
      const p = precision[leaf]! * sign
      const x = errors[leaf]!
      sums[at]! += sign
      sums[at + 1]! += p
      sums[at + 2]! += p * x
      sums[at + 3]! += p * x * x
      sums[at + 4]! += error.surprise[leaf]! * sign
    }
  }

  function evidenceOf(sums: Float64Array, cell: number, penalty: number): number {
    const at = cell * width
    const n = sums[at]!
    if (n < 0.5) return Number.NEGATIVE_INFINITY
    const surprise = sums[at + 4]!
    // The densest a move can be is bounded by its smallest spread: most cells are ruled out without a logarithm.
    if (surprise < penalty * 0.5) return Number.NEGATIVE_INFINITY
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
    return fit + occam + surprise - penalty
  }

  /**
   * Takes the best cell of these cuboids, lets its leaves leave, and so on until none is worth its price. Gives up with
   * what it has when all that may still come cannot reach `atLeast`.
   */
  function greedyWithin(members: Int32Array, within: number[], most: number, atLeast = 0): Chosen[] {
    const tallies = within.map((index) => tallyOf(members, index))
    const found: Chosen[] = []
    let remaining = members
    let total = 0
    while (found.length < most) {
      let top: Tally | null = null
      let topScore = 0
      for (const tally of tallies) {
        if (tally.stale) findBest(tally)
        if (tally.best > topScore) {
          topScore = tally.best
          top = tally
        }
      }
      if (!top || total + topScore * (most - found.length) < atLeast) break
      const { cuboid, bestCell } = top
      const { inside, outside } = parted(remaining, cuboid.cellOf, bestCell)
      remaining = outside
      total += topScore
      found.push({ cuboid, cell: bestCell, evidence: topScore, members: inside })
      for (const tally of tallies) {
        const { sums, scores, penalty } = tally
        const { cellOf } = tally.cuboid
        addUp(tally.cuboid, sums, inside, -1)
        tally.stale = true
        let last = -1
        for (const leaf of inside) {
          const cell = cellOf[leaf]!
          if (cell !== last) scores[cell] = evidenceOf(sums, cell, penalty)
          last = cell
        }
      }
    }
    return found
  }

  function tallyOf(members: Int32Array, index: number): Tally {
    const cuboid = cuboids[index]!
    const sums = new Float64Array(cuboid.cells * width)
    addUp(cuboid, sums, members, 1)
    const few = members.length < cuboid.cells
    const cells = few ? Int32Array.from(new Set(members.map((leaf) => cuboid.cellOf[leaf]!))) : null
    const scores = new Float64Array(cuboid.cells)
    const penalty = penalties[index]!
    const count = cells?.length ?? cuboid.cells
    for (let i = 0; i < count; i++) {
      const cell = cells ? cells[i]! : i
      scores[cell] = evidenceOf(sums, cell, penalty)
    }
    return { cuboid, penalty, sums, scores, cells, best: 0, bestCell: -1, stale: true }
  }

  function findBest(tally: Tally): void {
    const { scores, cells } = tally
    tally.best = 0
    tally.bestCell = -1
    const count = cells?.length ?? scores.length
    for (let i = 0; i < count; i++) {
      const cell = cells ? cells[i]! : i
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
    const members = Int32Array.from(live.keys()).filter((leaf) => live[leaf])
    const every = cuboids.map((_, index) => index)
    return greedyWithin(members, every, most)
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
