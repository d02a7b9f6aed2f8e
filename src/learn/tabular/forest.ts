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
  /** Share of rows that a tree sees whose cuts are drawn. */
  rowShareOfDrawn: number
}

/** Weight, in records, of the share of won over all rows in the share of a leaf. */
const leafPrior = 2

/**
 * A forest that votes in log-odds: each leaf says how far its share of won lies from that of all rows, and the trees'
 * mean is taken. Deep trees on few features each, so it errs otherwise than boosting does. Every other tree searches
 * the best cut of each feature (Breiman 2001), the rest draw one at random (Geurts, Ernst, Wehenkel 2006): a drawn cut
 * fits less of the noise, so these see more features and rows.
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
  }
  const drawing = (share: number) => (usable: readonly number[]) => {
    const drawn = usable.filter(() => random() < share)
    return drawn.length > 0 ? drawn : [usable[Math.floor(random() * usable.length)]!]
  }
  const kinds = [
    { rowShare: options.rowShare, grow: { ...grow, drawForSplit: drawing(options.featureShare) } },
    {
      rowShare: options.rowShareOfDrawn,
      grow: { ...grow, drawForSplit: drawing(2 * options.featureShare), drawCut: random },
    },
  ]
  const trees = Array.from({ length: options.trees }, (_, t) => {
    const kind = kinds[t % kinds.length]!
    const drawn = rows.filter(() => random() < kind.rowShare)
    return growTree(binned, features, drawn, gradients, curvatures, kind.grow)
  })
  return { binnings: binned.binnings, base, trees }
}
