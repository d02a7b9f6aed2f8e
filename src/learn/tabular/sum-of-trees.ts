import { type Binned, type Binning, binOf } from './binning.ts'
import { type Tree, type Walkable, walkable } from './tree.ts'

/** Trees whose values add up to log-odds. */
export interface SumOfTrees {
  binnings: Binning[]
  /** Log-odds before any tree has spoken. */
  base: number
  trees: Tree[]
}

/** The mean of sums of trees over the same bins, as one. */
export function meanOf(sums: readonly SumOfTrees[]): SumOfTrees {
  const share = 1 / sums.length
  return {
    binnings: sums[0]!.binnings,
    base: sums.reduce((total, { base }) => total + share * base, 0),
    trees: sums.flatMap(({ trees }) =>
      trees.map((tree) => ({ ...tree, value: tree.value.map((value) => share * value) })),
    ),
  }
}

/** Adds a tree's values to the scores (by row of the table) of some rows. */
export function addTree(
  { feature, child, value }: Walkable,
  { bins }: Binned,
  rows: Int32Array,
  scores: Float64Array,
): void {
  for (const row of rows) {
    let node = 0
    for (let f = feature[0]!; f >= 0; f = feature[node]!) node = child[256 * node + bins[f]![row]!]!
    scores[row]! += value[node]!
  }
}

/** Log-odds of some rows, in their order. */
export function scoresOf({ base, trees }: SumOfTrees, binned: Binned, rows: Int32Array): Float64Array {
  const scores = new Float64Array(binned.bins[0]?.length ?? 0)
  for (const tree of trees) addTree(walkable(tree), binned, rows, scores)
  return Float64Array.from(rows, (row) => base + scores[row]!)
}

/** Trees made ready to explain records. */
export interface TreesExplainer {
  /** Log-odds before any feature has spoken. */
  start: number
  /**
   * Adds each feature's effect, in log-odds times `share`, to `effects`: on a record's way from root to leaf, each
   * split's feature gets what the split changed (Saabas 2014). With `start` they sum to the log-odds exactly.
   */
  addEffects(values: ArrayLike<number>, share: number, effects: Float64Array): void
}

export function explainerOf({ binnings, base, trees }: SumOfTrees): TreesExplainer {
  const walks = trees.map(walkable)
  return {
    start: trees.reduce((sum, tree) => sum + tree.value[0]!, base),
    addEffects(values, share, effects) {
      const bins = binnings.map((binning, f) => binOf(binning, values[f]!))
      for (const { feature, child, value } of walks) {
        let node = 0
        for (let f = feature[0]!; f >= 0; f = feature[node]!) {
          const next = child[256 * node + bins[f]!]!
          effects[f]! += share * (value[next]! - value[node]!)
          node = next
        }
      }
    },
  }
}
