import type { Binned } from './binning.ts'
import type { Totals } from './split.ts'
import type { SumOfTrees } from './sum-of-trees.ts'
import { growTree } from './tree.ts'

export interface ForestOptions {
  trees: number
  leaves: number
  smallestLeaf: number
  /** Share of rows that each tree sees, and of features that each split chooses from. */
  rowShare: number
  featureShare: number
}

/** Weight, in records, of the share of won over all rows in the share of a leaf. */
const leafPrior = 2

/**
 * A random forest (Breiman 2001) that votes in log-odds: each leaf says how far its share of won lies from that of
 * all rows, and the trees' mean is taken. Deep trees on few features each, so it errs otherwise than boosting does.
 */
export function fitForest(
  binned: Binned,
  truth: Uint8Array,
  rows: Int32Array,
  options: ForestOptions,
  random: () => number,
): SumOfTrees {
  const features = binned.binnings.map((_, f) => f)
  const won = rows.reduce((sum, row) => sum + truth[row]!, 0)
  const prior = (won + 0.5) / (rows.length + 1)
  const base = Math.log(prior / (1 - prior))
  const gradients = Float64Array.from(truth, (y) => prior - y)
  const curvatures = new Float64Array(truth.length).fill(prior * (1 - prior))
  const grow = {
    ...options,
    ridge: 1e-3,
    leafValue({ gradient, rows: n }: Totals) {
      const share = ((n + leafPrior) * prior - gradient) / (n + leafPrior)
      return (Math.log(share / (1 - share)) - base) / options.trees
    },
    drawForSplit(usable: readonly number[]) {
      const drawn = usable.filter(() => random() < options.featureShare)
      return drawn.length > 0 ? drawn : [usable[Math.floor(random() * usable.length)]!]
    },
  }
  const trees = Array.from({ length: options.trees }, () => {
    const drawn = rows.filter(() => random() < options.rowShare)
    return growTree(binned, features, drawn, gradients, curvatures, grow)
  })
  return { binnings: binned.binnings, base, trees }
}
