import type { Cuboid, Leaves } from './cuboids.ts'
import type { ForecastError } from './forecast-error.ts'

/** A segment that moved as one. */
export interface Chosen {
  cuboid: Cuboid
  /** Nats. */
  evidence: number
  /** Its leaves. */
  members: Int32Array
}

/** Accumulators of a segment: count, precision, precision × error, precision × error², surprise. */
const width = 5

/** A common move is not told apart from the bulk below this relative error. */
const smallestMove = 0.04

/** The spread of a common move is at least this, whatever the sample says. */
const smallestSpread = 0.02

/** The cells of a cuboid that hold leaves, in the order in which they occur. */
interface Tally {
  cuboid: Cuboid
  penalty: number
  cells: Int32Array
  /** A leaf of each. */
  leaf: Int32Array
  /** `width` sums of each. */
  sums: Float64Array
  /** Where each cell of the cuboid stands among these; −1 for those without leaves. */
  places: Int32Array
}

/** A tally while leaves leave it: what each of its cells is worth, and the best. */
interface Ranked extends Tally {
  scores: Float64Array
  /** Places of cells that were worth something at some time: the best is one of them. */
  hopeful: number[]
  best: number
  bestCell: number
  stale: boolean
}

/**
 * The greedy search for segments over all cuboids: the best cell is taken, broken up where its parts explain more than
 * itself, its leaves leave, and so on until nothing is worth its price. The search may be made again with another yardstick.
 */
export function segmentSearch(
  leaves: Leaves,
  cuboids: Cuboid[],
  errors: Float64Array,
  /** Nats that a segment must be worth beyond the number of segments it was chosen from. */
  strictness: number,
): (members: Int32Array, error: ForecastError, most: number) => Chosen[] {
  const penalties = cuboids.map(
    ({ cells, dimensions }) =>
      Math.log(Math.min(cells, leaves.count)) +
      Math.log(choose(leaves.sizes.length, dimensions.length)) +
      strictness,
  )
  /** Places in each cuboid, made when needed and left at −1: of the leaves that stay, and (in one for all) of those that leave. */
  const staying: Int32Array[] = []
  const leaving = new Int32Array(cuboids.reduce((most, { cells }) => Math.max(most, cells), 0)).fill(-1)
  const precision = new Float64Array(leaves.count)
  const found = new Int32Array(leaves.count)
  const leafFound = new Int32Array(leaves.count)
  const into = new Int32Array(leaves.count)
  let surprise: Float64Array = new Float64Array(0)

  return (members, error, most) => {
    surprise = error.surprise
    for (let i = 0; i < members.length; i++) precision[members[i]!] = 1 / error.scale[members[i]!]! ** 2
    return greedyWithin(members, [...cuboids.keys()], most)
      .flatMap(broken)
      .sort((a, b) => b.evidence - a.evidence)
  }

  /** Adds up leaves by cell, finest cuboid first: a coarser one is rolled up from the smallest finer one there is. */
  function talliesOf(
    members: Int32Array,
    within: readonly number[],
    use: (index: number) => Int32Array,
  ): Tally[] {
    const built: Tally[] = []
    for (let i = within.length - 1; i >= 0; i--) {
      const index = within[i]!
      const cuboid = cuboids[index]!
      let finer: Tally | null = null
      for (const tally of built) {
        const covers = (tally.cuboid.mask & cuboid.mask) === cuboid.mask
        if (covers && (finer === null || tally.cells.length <= finer.cells.length)) finer = tally
      }
      const places = use(index)
      if (finer) coarserCells(finer, cuboid)
      else cellsOf(members, cuboid)
      const count = numberCells(places, finer ? finer.leaf : members)
      const sums = new Float64Array(count * width)
      if (finer) rollUp(finer, sums)
      else addUp(members, sums)
      const [cells, leaf] = [found.slice(0, count), leafFound.slice(0, count)]
      built.push({ cuboid, penalty: penalties[index]!, cells, leaf, sums, places })
      if (places === leaving) forget(places, cells)
    }
    return built.reverse()
  }

  /** Into `into`: the cell of each leaf. */
  function cellsOf(members: Int32Array, { cellOf }: Cuboid): void {
    for (let i = 0; i < members.length; i++) into[i] = cellOf[members[i]!]!
  }

  /** In `into`, puts the place of each cell in its stead, and notes the cells and a leaf of each; returns how many there are. */
  function numberCells(places: Int32Array, leaf: Int32Array): number {
    let count = 0
    for (let i = 0; i < leaf.length; i++) {
      const cell = into[i]!
      let place = places[cell]!
      if (place < 0) {
        place = count
        places[cell] = count
        found[count] = cell
        leafFound[count++] = leaf[i]!
      }
      into[i] = place
    }
    return count
  }

  function addUp(members: Int32Array, sums: Float64Array): void {
    for (let i = 0; i < members.length; i++) {
      const leaf = members[i]!
      const at = into[i]! * width
      const p = precision[leaf]!
      const x = errors[leaf]!
      sums[at]! += 1
      sums[at + 1]! += p
      sums[at + 2]! += p * x
      sums[at + 3]! += p * x * x
      sums[at + 4]! += surprise[leaf]!
    }
  }

  function rollUp({ cells, sums: from }: Tally, sums: Float64Array): void {
    for (let i = 0; i < cells.length; i++) {
      const at = into[i]! * width
      const of = i * width
      sums[at]! += from[of]!
      sums[at + 1]! += from[of + 1]!
      sums[at + 2]! += from[of + 2]!
      sums[at + 3]! += from[of + 3]!
      sums[at + 4]! += from[of + 4]!
    }
  }

  function forget(places: Int32Array, cells: Int32Array): void {
    for (let i = 0; i < cells.length; i++) places[cells[i]!] = -1
  }

  /** Into `into`: the cell of a coarser cuboid for each cell of a tally. */
  function coarserCells({ cuboid: finer, cells, leaf }: Tally, cuboid: Cuboid): void {
    if (!finer.packed || !cuboid.packed || finer.dimensions.length !== cuboid.dimensions.length + 1) {
      cellsOf(leaf, cuboid)
      return
    }
    // The number without one of its digits.
    const gone = finer.dimensions.findIndex((d) => !cuboid.dimensions.includes(d))
    const below = finer.dimensions.slice(gone + 1).reduce((product, d) => product * leaves.sizes[d]!, 1)
    const above = below * leaves.sizes[finer.dimensions[gone]!]!
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!
      into[i] = ((cell / above) | 0) * below + (cell % below)
    }
  }

  /** What the cells of a tally are worth, in nats after their price: the first `count`, or as many that changed. */
  function rescore({ sums, scores, hopeful, penalty }: Ranked, count: number, changed?: Int32Array): void {
    for (let i = 0; i < count; i++) {
      const place = changed ? changed[i]! : i
      const at = place * width
      const n = sums[at]!
      const gain = sums[at + 4]!
      const weight = sums[at + 1]!
      const mean = sums[at + 2]! / weight
      let score = 0
      // The densest a move can be is bounded by its smallest spread: most cells are ruled out without a logarithm.
      if (n > 0.5 && gain >= penalty * 0.5 && Math.abs(mean) >= smallestMove) {
        const squares = Math.max(0, sums[at + 3]! - mean * sums[at + 2]!)
        const unit = weight / n
        // Spread in units of the leaves' own scale, shrunk to its floor by one observation's weight.
        const spread = Math.max(squares / n, smallestSpread * smallestSpread * unit)
        const fit = -0.5 * n * Math.log(2 * Math.PI * spread) - (0.5 * squares) / spread
        // Laplace: the mean has a flat prior over −1..1, the spread costs half a logarithm.
        const priorWidth = 2 * Math.sqrt(unit)
        const occam = 0.5 * Math.log((2 * Math.PI * spread) / n) - Math.log(priorWidth) - 0.5 * Math.log(n)
        score = fit + occam + gain - penalty
      }
      if (score > 0 && !(scores[place]! > 0)) hopeful.push(place)
      scores[place] = score
    }
  }

  /**
   * Takes the best cell of these cuboids, lets its leaves leave, and so on until none is worth its price. Gives up with
   * what it has when all that may still come cannot reach `atLeast`.
   */
  function greedyWithin(members: Int32Array, within: readonly number[], most: number, atLeast = 0): Chosen[] {
    const tallies = talliesOf(members, within, stayingPlaces).map(ranked)
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
      const gone = talliesOf(inside, within, () => leaving)
      for (const [i, tally] of tallies.entries()) letLeave(tally, gone[i]!)
    }
    for (const { places, cells } of tallies) forget(places, cells)
    return chosen
  }

  function stayingPlaces(index: number): Int32Array {
    staying[index] ??= new Int32Array(cuboids[index]!.cells).fill(-1)
    return staying[index]
  }

  function ranked(tally: Tally): Ranked {
    const scores = new Float64Array(tally.cells.length)
    const own: Ranked = { ...tally, scores, hopeful: [], best: 0, bestCell: -1, stale: true }
    rescore(own, scores.length)
    return own
  }

  function letLeave(tally: Ranked, { cells, sums: less }: Tally): void {
    const { sums, places } = tally
    for (let i = 0; i < cells.length; i++) {
      into[i] = places[cells[i]!]!
      const at = into[i]! * width
      for (let k = 0; k < width; k++) sums[at + k]! -= less[i * width + k]!
    }
    rescore(tally, cells.length, into)
    tally.stale = true
  }

  function findBest(tally: Ranked): void {
    tally.best = 0
    tally.bestCell = -1
    for (const place of tally.hopeful) {
      if (tally.scores[place]! <= tally.best) continue
      tally.best = tally.scores[place]!
      tally.bestCell = tally.cells[place]!
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
        constant + (0.5 * precision[leaf]! * (errors[leaf]! - mean) ** 2) / spread - surprise[leaf]!
      if (loss > 0) gain += loss
    }
    return gain < strictness
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
