import { type Binning, binCount } from './binning.ts'

/** Where a node of a tree is split, and by how much its loss falls (twice the fall, as usual in boosting). */
export interface Split {
  gain: number
  feature: number
  /** Numbers up to this bin go left, and empty cells too when `emptyLeft`. */
  cut: number
  emptyLeft: boolean
  /** Bins that go left, for a feature of levels; else null. */
  levels: number[] | null
}

/** Sums over a node's rows. */
export interface Totals {
  gradient: number
  curvature: number
  rows: number
}

export interface SplitLimits {
  smallestLeaf: number
  /** Precision of a prior that draws a leaf's Newton step to 0. */
  ridge: number
  /** Where given (uniform in 0..1), one cut of each feature is drawn instead of the best one being searched. */
  drawCut?(): number
}

/** Gradient, curvature and number of rows for each bin of each feature, three numbers a bin from `offset[feature]`. */
export interface Histogram {
  sums: Float64Array
  offset: Int32Array
}

/** Added to a level's curvature when levels are sorted, and to the ridge when they are split (Ke et al. 2017, LightGBM). */
const levelSmoothing = 10
const mostLevelsOnOneSide = 32

/** The split of a node, among some features, after which the loss is least; null where none lowers it. */
export function bestSplit(
  histogram: Histogram,
  features: readonly number[],
  binnings: readonly Binning[],
  totals: Totals,
  limits: SplitLimits,
): Split | null {
  const [ofLevel, ofNumber] = limits.drawCut
    ? [drawnLevelSplit, drawnNumberSplit]
    : [bestLevelSplit, bestNumberSplit]
  let best: Split | null = null
  for (const feature of features) {
    const binning = binnings[feature]!
    const find = binning.form === 'level' ? ofLevel : ofNumber
    const split = find(histogram, feature, binCount(binning), totals, limits, best?.gain ?? 1e-6)
    if (split) best = split
  }
  return best
}

function gainOf(totals: Totals, limits: SplitLimits, ridge: number, g: number, h: number, n: number): number {
  if (n < limits.smallestLeaf || totals.rows - n < limits.smallestLeaf) return 0
  const { gradient, curvature } = totals
  const rest = gradient - g
  return (
    (g * g) / (h + ridge) +
    (rest * rest) / (curvature - h + ridge) -
    (gradient * gradient) / (curvature + limits.ridge)
  )
}

/** Cuts between bins in their order, empty cells on either side. */
function bestNumberSplit(
  { sums, offset }: Histogram,
  feature: number,
  bins: number,
  totals: Totals,
  limits: SplitLimits,
  toBeat: number,
): Split | null {
  const base = offset[feature]!
  const empty = { g: sums[base]!, h: sums[base + 1]!, n: sums[base + 2]! }
  let best: Split | null = null
  let bestGain = toBeat
  let g = 0
  let h = 0
  let n = 0
  for (let bin = 1; bin < bins; bin++) {
    const slot = base + 3 * bin
    if (sums[slot + 2]! < 0.5) continue
    g += sums[slot]!
    h += sums[slot + 1]!
    n += sums[slot + 2]!
    const right = gainOf(totals, limits, limits.ridge, g, h, n)
    if (right > bestGain) {
      bestGain = right
      best = { gain: right, feature, cut: bin, emptyLeft: false, levels: null }
    }
    if (empty.n < 0.5) continue
    const left = gainOf(totals, limits, limits.ridge, g + empty.g, h + empty.h, n + empty.n)
    if (left > bestGain) {
      bestGain = left
      best = { gain: left, feature, cut: bin, emptyLeft: true, levels: null }
    }
  }
  return best
}

/** Sorts levels by their gradient and cuts the sorted list from both ends (Fisher 1958). */
function bestLevelSplit(
  { sums, offset }: Histogram,
  feature: number,
  bins: number,
  totals: Totals,
  limits: SplitLimits,
  toBeat: number,
): Split | null {
  const base = offset[feature]!
  const { present, ridge } = levelsByGradient(sums, base, bins, limits)
  let best: Split | null = null
  let bestGain = toBeat
  for (const order of [present, present.toReversed()]) {
    let g = 0
    let h = 0
    let n = 0
    for (let k = 0; k < Math.min(mostLevelsOnOneSide, order.length - 1); k++) {
      const slot = base + 3 * order[k]!
      g += sums[slot]!
      h += sums[slot + 1]!
      n += sums[slot + 2]!
      const gain = gainOf(totals, limits, ridge, g, h, n)
      if (gain <= bestGain) continue
      bestGain = gain
      best = { gain, feature, cut: 0, emptyLeft: false, levels: order.slice(0, k + 1) }
    }
  }
  return best
}

/** The levels that a node has, by their gradient, and the ridge that fits so much choice. */
function levelsByGradient(
  sums: Float64Array,
  base: number,
  bins: number,
  limits: SplitLimits,
): { present: number[]; ridge: number } {
  const keyed: { bin: number; key: number }[] = []
  for (let bin = 0; bin < bins; bin++) {
    const slot = base + 3 * bin
    if (sums[slot + 2]! > 0.5) keyed.push({ bin, key: sums[slot]! / (sums[slot + 1]! + levelSmoothing) })
  }
  keyed.sort((a, b) => a.key - b.key || a.bin - b.bin)
  // With so few levels there is little choice that could fit noise.
  const ridge = limits.ridge + (keyed.length > 3 ? levelSmoothing : 0)
  return { present: keyed.map(({ bin }) => bin), ridge }
}

/** A cut drawn between the least and the greatest number of the node, the side of its empty cells drawn as well. */
function drawnNumberSplit(
  { sums, offset }: Histogram,
  feature: number,
  bins: number,
  totals: Totals,
  limits: SplitLimits,
  toBeat: number,
): Split | null {
  const base = offset[feature]!
  const rowsIn = (bin: number) => sums[base + 3 * bin + 2]!
  let least = 1
  let greatest = bins - 1
  while (least < bins && rowsIn(least) < 0.5) least++
  while (greatest > least && rowsIn(greatest) < 0.5) greatest--
  const anyEmpty = rowsIn(0) > 0.5
  if (least === bins || (least === greatest && !anyEmpty)) return null
  const cut = least + Math.floor(limits.drawCut!() * (greatest - least))
  const emptyLeft = anyEmpty && least < greatest && limits.drawCut!() < 0.5
  const from = emptyLeft ? 0 : 1
  const gain = gainOfBins(sums, base, cut + 1 - from, (k) => from + k, totals, limits, limits.ridge)
  return gain > toBeat ? { gain, feature, cut, emptyLeft, levels: null } : null
}

/** Levels by their gradient, cut at a drawn place. */
function drawnLevelSplit(
  { sums, offset }: Histogram,
  feature: number,
  bins: number,
  totals: Totals,
  limits: SplitLimits,
  toBeat: number,
): Split | null {
  const base = offset[feature]!
  const { present, ridge } = levelsByGradient(sums, base, bins, limits)
  if (present.length < 2) return null
  const count = 1 + Math.floor(limits.drawCut!() * (present.length - 1))
  const gain = gainOfBins(sums, base, count, (k) => present[k]!, totals, limits, ridge)
  return gain > toBeat ? { gain, feature, cut: 0, emptyLeft: false, levels: present.slice(0, count) } : null
}

/** Gain where the left side has `count` bins, the k-th of them `binAt(k)`. */
function gainOfBins(
  sums: Float64Array,
  base: number,
  count: number,
  binAt: (k: number) => number,
  totals: Totals,
  limits: SplitLimits,
  ridge: number,
): number {
  let g = 0
  let h = 0
  let n = 0
  for (let k = 0; k < count; k++) {
    const slot = base + 3 * binAt(k)
    g += sums[slot]!
    h += sums[slot + 1]!
    n += sums[slot + 2]!
  }
  return gainOf(totals, limits, ridge, g, h, n)
}
