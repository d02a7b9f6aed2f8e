import type { Feature } from './features.ts'
import { countBelow } from './sorted.ts'
import { levelStatistics, orderedStatistics, statisticOf } from './target-statistics.ts'

/**
 * How a feature is cut into at most 255 bins for the trees. Bin 0 is always "empty". Numbers: bin b holds the values
 * up to `edges[b - 1]`. Levels: bin 1 is everything rare or unseen, the others one level each. Levels of high
 * cardinality become a number first, their share of won (`statistics`, by code).
 */
export type Binning =
  | { form: 'number'; edges: number[] }
  | { form: 'level'; kept: number }
  | { form: 'statistic'; statistics: number[]; prior: number; edges: number[] }

/** A table cut into bins, one column a feature. */
export interface Binned {
  binnings: Binning[]
  bins: Uint8Array[]
}

/** Bins a table for learning from `rows`: other rows are binned as if they came later. */
export function binTable(
  table: { features: readonly Feature[]; columns: readonly Float64Array[]; truth: Uint8Array },
  rows: Int32Array,
  random: () => number,
): Binned {
  const cut = table.features.map((feature, f) =>
    binColumn(feature, table.columns[f]!, table.truth, rows, random),
  )
  return { binnings: cut.map(({ binning }) => binning), bins: cut.map(({ bins }) => bins) }
}

const mostBins = 254
/** Above this many levels, a level's share of won says more than a split of the set of levels. */
const mostLevelsToSplit = 64

/** Bins and the binned column, for all rows of the table; only `rows` are learned from. */
function binColumn(
  feature: Feature,
  column: Float64Array,
  truth: Uint8Array,
  rows: Int32Array,
  random: () => number,
): { binning: Binning; bins: Uint8Array } {
  const bins = new Uint8Array(column.length)
  if (feature.form === 'level' && feature.levels.length <= mostLevelsToSplit) {
    const counts = new Int32Array(feature.levels.length)
    for (const row of rows) if (column[row]! >= 0) counts[column[row]!]!++
    // Levels are ordered by frequency: the rare ones are the tail.
    let kept = counts.length
    while (kept > 0 && counts[kept - 1]! < 2) kept--
    const binning: Binning = { form: 'level', kept }
    for (let row = 0; row < column.length; row++) bins[row] = binOf(binning, column[row]!)
    return { binning, bins }
  }
  if (feature.form === 'level') {
    const { statistics, prior } = levelStatistics(column, truth, rows, feature.levels.length)
    const numbers = Float64Array.from(column, (code) => statisticOf(statistics, prior, code))
    // Rows that are learned from see only rows drawn before them, so that no row sees its own outcome.
    orderedStatistics(column, truth, rows, feature.levels.length, prior, random, numbers)
    const edges = edgesOf(numbers, rows)
    for (let row = 0; row < column.length; row++) bins[row] = 1 + countBelow(edges, numbers[row]!)
    return { binning: { form: 'statistic', statistics, prior, edges }, bins }
  }
  const edges = edgesOf(column, rows)
  const binning: Binning = { form: 'number', edges }
  for (let row = 0; row < column.length; row++) bins[row] = binOf(binning, column[row]!)
  return { binning, bins }
}

/** The bin of one value as a feature reads it. */
export function binOf(binning: Binning, value: number): number {
  if (binning.form === 'statistic')
    return 1 + countBelow(binning.edges, statisticOf(binning.statistics, binning.prior, value))
  if (Number.isNaN(value)) return 0
  if (binning.form === 'number') return 1 + countBelow(binning.edges, value)
  return value >= 0 && value < binning.kept ? 2 + value : 1
}

/** Number of bins, the empty one included. */
export function binCount(binning: Binning): number {
  return binning.form === 'level' ? binning.kept + 2 : binning.edges.length + 2
}

/**
 * Cuts half-way between neighbouring distinct values. Where there are too many of them, bins hold at least so many rows
 * that they suffice: a value as frequent has a bin for itself, and the rare ones between share theirs, so that
 * one very frequent value costs no more than its own bin.
 */
function edgesOf(column: Float64Array, rows: Int32Array): number[] {
  const values = new Float64Array(rows.length)
  let n = 0
  for (const row of rows) if (!Number.isNaN(column[row]!)) values[n++] = column[row]!
  const sorted = values.subarray(0, n).sort()
  const distinct: number[] = []
  const counts: number[] = []
  for (let i = 0; i < n; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) {
      distinct.push(sorted[i]!)
      counts.push(0)
    }
    counts[counts.length - 1]!++
  }
  const cutsAt = (least: number): number[] => {
    const cuts: number[] = []
    let held = 0
    for (let d = 0; d + 1 < distinct.length; d++) {
      held += counts[d]!
      if (held < least && counts[d + 1]! < least) continue
      cuts.push((distinct[d]! + distinct[d + 1]!) / 2)
      held = 0
    }
    return cuts
  }
  let [least, enough] = [1, Math.ceil((3 * n) / mostBins)]
  while (least < enough) {
    const middle = (least + enough) >> 1
    if (cutsAt(middle).length < mostBins) enough = middle
    else least = middle + 1
  }
  return cutsAt(least)
}
