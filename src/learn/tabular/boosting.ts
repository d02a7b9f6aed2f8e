import { seeded } from '../../stats/random.ts'
import { type Binning, binColumn, binOf } from './binning.ts'
import type { Feature } from './features.ts'
import { growTree, type Tree, type TreeOptions, type Walkable, walkable } from './tree.ts'

export interface BoostingOptions extends TreeOptions {
  rounds: number
  /** Stop when the held-out loss has not fallen for so many rounds. */
  patience: number
  /** Share of rows and of features that each tree sees. */
  rowShare: number
  featureShare: number
}

export interface BoostedTrees {
  binnings: Binning[]
  /** Log-odds of the average row. */
  base: number
  trees: Tree[]
}

/** Boosted trees, and how they do on the rows held out. */
export interface Boosted {
  model: BoostedTrees
  /** Mean log loss on the held-out rows after 0, 1, 2 … rounds. */
  heldOutLoss: number[]
  /** Log-odds of the held-out rows, in their order, by the first `rounds` trees. */
  heldOutScores(rounds: number): Float64Array
}

/**
 * Stochastic gradient boosting of the logistic loss by Newton steps (Friedman 2001 and 2002; Chen and Guestrin 2016).
 * Learns from `rows`; `heldOut` rows decide when to stop and are otherwise not looked at.
 */
export function fitBoosting(
  table: { features: readonly Feature[]; columns: readonly Float64Array[]; truth: Uint8Array },
  rows: Int32Array,
  heldOut: Int32Array,
  options: BoostingOptions,
  seed: string,
): Boosted {
  const { features, columns, truth } = table
  const random = seeded(seed).uniform
  const cut = features.map((feature, f) => binColumn(feature, columns[f]!, truth, rows, random))
  const binnings = cut.map(({ binning }) => binning)
  const bins = cut.map((column) => column.bins)
  let won = 0
  for (const row of rows) won += truth[row]!
  const base = Math.log((won + 0.5) / (rows.length - won + 0.5))
  const scores = new Float64Array(truth.length).fill(base)
  const gradients = new Float64Array(truth.length)
  const curvatures = new Float64Array(truth.length)
  const sampled = new Int32Array(rows.length)
  const trees: Tree[] = []
  const heldOutLoss: number[] = [lossOf(scores, truth, heldOut)]
  let bestRound = 0
  for (let round = 0; round < options.rounds && features.length > 0; round++) {
    let n = 0
    for (const row of rows) if (random() < options.rowShare) sampled[n++] = row
    for (let i = 0; i < n; i++) {
      const row = sampled[i]!
      const p = 1 / (1 + Math.exp(-scores[row]!))
      gradients[row] = p - truth[row]!
      curvatures[row] = Math.max(1e-9, p * (1 - p))
    }
    const usable = features.map((_, f) => f).filter(() => random() < options.featureShare)
    if (usable.length === 0) usable.push(Math.floor(random() * features.length))
    const tree = growTree({ binnings, bins }, usable, sampled.subarray(0, n), gradients, curvatures, options)
    if (tree.feature.length === 1 && usable.length === features.length) break
    trees.push(tree)
    const walk = walkable(tree)
    addScores(walk, bins, rows, scores)
    addScores(walk, bins, heldOut, scores)
    heldOutLoss.push(lossOf(scores, truth, heldOut))
    if (heldOutLoss[round + 1]! < heldOutLoss[bestRound]! - 1e-6) bestRound = round + 1
    if (heldOut.length > 0 && round + 1 - bestRound >= options.patience) break
  }
  return {
    model: { binnings, base, trees },
    heldOutLoss,
    heldOutScores(rounds) {
      const upTo = new Float64Array(truth.length).fill(base)
      for (const tree of trees.slice(0, rounds)) addScores(walkable(tree), bins, heldOut, upTo)
      return Float64Array.from(heldOut, (row) => upTo[row]!)
    },
  }
}

function addScores(
  { feature, child, value }: Walkable,
  bins: readonly Uint8Array[],
  rows: Int32Array,
  scores: Float64Array,
): void {
  for (const row of rows) {
    let node = 0
    for (let f = feature[0]!; f >= 0; f = feature[node]!) node = child[256 * node + bins[f]![row]!]!
    scores[row]! += value[node]!
  }
}

function lossOf(scores: Float64Array, truth: Uint8Array, rows: Int32Array): number {
  let loss = 0
  for (const row of rows) {
    const score = scores[row]!
    loss += Math.log1p(Math.exp(-Math.abs(score))) + Math.max(0, truth[row]! ? -score : score)
  }
  return rows.length ? loss / rows.length : 0
}

/** Boosted trees made ready to explain records. */
export interface BoostingExplainer {
  /** Log-odds before any feature has spoken. */
  start: number
  /**
   * Adds each feature's effect, in log-odds times `share`, to `effects`: on a record's way from root to leaf, each
   * split's feature gets what the split changed (Saabas 2014). With `start` they sum to the log-odds exactly.
   */
  addEffects(values: ArrayLike<number>, share: number, effects: Float64Array): void
}

export function boostingExplainer({ binnings, base, trees }: BoostedTrees): BoostingExplainer {
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
