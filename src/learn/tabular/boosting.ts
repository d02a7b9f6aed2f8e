import { sigmoid, softplus } from '../calibration.ts'
import type { Binned } from './binning.ts'
import type { Totals } from './split.ts'
import { addTree, type SumOfTrees } from './sum-of-trees.ts'
import { growTree, type Tree, walkable } from './tree.ts'

export interface BoostingOptions {
  leaves: number
  smallestLeaf: number
  ridge: number
  /** Share of its Newton step that each tree takes. */
  rate: number
  rounds: number
  /** Stop when the held-out loss has not fallen for so many rounds. */
  patience: number
  /** Share of rows and of features that each tree sees. */
  rowShare: number
  featureShare: number
}

/**
 * Stochastic gradient boosting of the logistic loss by Newton steps (Friedman 2001 and 2002; Chen and Guestrin 2016).
 * Learns from `rows`; the `heldOut` rows only decide when to stop. Returns all trees grown and the mean log loss on
 * the held-out rows after 0, 1, 2 … of them.
 */
export function fitBoosting(
  binned: Binned,
  truth: Uint8Array,
  rows: Int32Array,
  heldOut: Int32Array,
  options: BoostingOptions,
  random: () => number,
): { model: SumOfTrees; heldOutLoss: number[] } {
  const features = binned.binnings.map((_, f) => f)
  const won = rows.reduce((sum, row) => sum + truth[row]!, 0)
  const base = Math.log((won + 0.5) / (rows.length - won + 0.5))
  const scores = new Float64Array(truth.length).fill(base)
  const gradients = new Float64Array(truth.length)
  const curvatures = new Float64Array(truth.length)
  const drawn = new Int32Array(rows.length)
  const trees: Tree[] = []
  const heldOutLoss = [lossOf(scores, truth, heldOut)]
  const grow = {
    ...options,
    leafValue: ({ gradient, curvature }: Totals) => (-options.rate * gradient) / (curvature + options.ridge),
  }
  let bestRound = 0
  for (let round = 1; round <= options.rounds; round++) {
    let n = 0
    for (const row of rows) {
      if (random() >= options.rowShare) continue
      drawn[n++] = row
      const p = sigmoid(scores[row]!)
      gradients[row] = p - truth[row]!
      curvatures[row] = Math.max(1e-9, p * (1 - p))
    }
    const usable = features.filter(() => random() < options.featureShare)
    if (usable.length === 0) usable.push(Math.floor(random() * features.length))
    const tree = growTree(binned, usable, drawn.subarray(0, n), gradients, curvatures, grow)
    trees.push(tree)
    const walk = walkable(tree)
    addTree(walk, binned, rows, scores)
    addTree(walk, binned, heldOut, scores)
    heldOutLoss.push(lossOf(scores, truth, heldOut))
    if (heldOutLoss[round]! < heldOutLoss[bestRound]! - 1e-6) bestRound = round
    if (round - bestRound >= options.patience) break
  }
  return { model: { binnings: binned.binnings, base, trees }, heldOutLoss }
}

function lossOf(scores: Float64Array, truth: Uint8Array, rows: Int32Array): number {
  let loss = 0
  for (const row of rows) loss += softplus(truth[row] ? -scores[row]! : scores[row]!)
  return loss / Math.max(1, rows.length)
}
