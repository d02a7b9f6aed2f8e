import { type Binned, binCount } from './binning.ts'

/**
 * One regression tree. Node i splits on feature `feature[i]` (-1: a leaf) into `left[i]` and `right[i]`. Numbers up
 * to bin `cut[i]` go left, empty cells too when `emptyLeft[i]`; levels go left when their bin is in `levels[i]`.
 * `value[i]` is the mean, over the rows learned from, of the leaves below: log-odds.
 */
export interface Tree {
  feature: number[]
  cut: number[]
  emptyLeft: boolean[]
  levels: (number[] | null)[]
  left: number[]
  right: number[]
  value: number[]
}

export interface TreeOptions {
  leaves: number
  /** Fewest rows in a leaf. */
  smallestLeaf: number
  /** Precision of a prior that draws a leaf's Newton step to 0. */
  ridge: number
  /** Value of a leaf from the sums of its gradients and curvatures and its number of rows. */
  leafValue(gradient: number, curvature: number, rows: number): number
  /** Which features a split may choose from; all that the tree may use when left out. */
  drawForSplit?(usable: readonly number[]): readonly number[]
}

interface Split {
  gain: number
  feature: number
  cut: number
  emptyLeft: boolean
  levels: number[] | null
}

interface Growing {
  node: number
  from: number
  to: number
  histogram: Float64Array
  gradient: number
  curvature: number
  split: Split | null
}

/** Added to a level's curvature when levels are sorted, and to the ridge when they are split (Ke et al. 2017, LightGBM). */
const levelSmoothing = 10
const mostLevelsOnOneSide = 32

/**
 * Grows one tree leaf by leaf, always splitting where the loss falls most, on histograms of gradients and
 * curvatures, with a sibling's histogram by subtraction (Ke et al. 2017). Levels are sorted by their gradient and
 * then split like numbers (Fisher 1958). `rows` comes back in another order.
 */
export function growTree(
  { binnings, bins }: Binned,
  usable: readonly number[],
  rows: Int32Array,
  gradients: Float64Array,
  curvatures: Float64Array,
  options: TreeOptions,
): Tree {
  const offset = new Int32Array(binnings.length)
  let width = 0
  for (const f of usable) {
    offset[f] = width
    width += 3 * binCount(binnings[f]!)
  }
  const tree: Tree = { feature: [], cut: [], emptyLeft: [], levels: [], left: [], right: [], value: [] }
  const scratch = new Int32Array(rows.length)
  const covers: number[] = []

  const gradientsHere = new Float64Array(rows.length)
  const curvaturesHere = new Float64Array(rows.length)
  function fill(histogram: Float64Array, from: number, to: number): void {
    // Gathered once, read once a feature: far fewer jumps through memory.
    for (let i = from; i < to; i++) {
      gradientsHere[i] = gradients[rows[i]!]!
      curvaturesHere[i] = curvatures[rows[i]!]!
    }
    for (const f of usable) {
      const column = bins[f]!
      const base = offset[f]!
      for (let i = from; i < to; i++) {
        const slot = base + 3 * column[rows[i]!]!
        histogram[slot]! += gradientsHere[i]!
        histogram[slot + 1]! += curvaturesHere[i]!
        histogram[slot + 2]! += 1
      }
    }
  }

  function leaf(from: number, to: number, histogram: Float64Array): Growing {
    let gradient = 0
    let curvature = 0
    for (let i = from; i < to; i++) {
      gradient += gradients[rows[i]!]!
      curvature += curvatures[rows[i]!]!
    }
    const node = tree.feature.length
    tree.feature.push(-1)
    tree.cut.push(0)
    tree.emptyLeft.push(false)
    tree.levels.push(null)
    tree.left.push(-1)
    tree.right.push(-1)
    tree.value.push(options.leafValue(gradient, curvature, to - from))
    covers.push(to - from)
    const growing: Growing = { node, from, to, histogram, gradient, curvature, split: null }
    if (to - from >= 2 * options.smallestLeaf) growing.split = bestSplit(growing)
    return growing
  }

  function bestSplit({ histogram, gradient, curvature, from, to }: Growing): Split | null {
    const { ridge, smallestLeaf } = options
    const count = to - from
    const unsplit = (gradient * gradient) / (curvature + ridge)
    let best: Split | null = null
    let bestGain = 1e-6
    const gainOf = (g: number, h: number, n: number, extra: number) => {
      if (n < smallestLeaf || count - n < smallestLeaf) return 0
      const rest = gradient - g
      return (g * g) / (h + ridge + extra) + (rest * rest) / (curvature - h + ridge + extra) - unsplit
    }
    for (const f of options.drawForSplit?.(usable) ?? usable) {
      const base = offset[f]!
      const bins = binCount(binnings[f]!)
      if (binnings[f]!.form === 'level') {
        const present: number[] = []
        for (let b = 0; b < bins; b++) if (histogram[base + 3 * b + 2]! > 0.5) present.push(b)
        if (present.length < 2) continue
        const order = present
          .map((b) => ({
            b,
            key: histogram[base + 3 * b]! / (histogram[base + 3 * b + 1]! + levelSmoothing),
          }))
          .sort((a, c) => a.key - c.key || a.b - c.b)
        const extra = present.length > 3 ? levelSmoothing : 0
        for (const reversed of [false, true]) {
          let g = 0
          let h = 0
          let n = 0
          const most = Math.min(mostLevelsOnOneSide, order.length - 1)
          for (let k = 0; k < most; k++) {
            const slot = base + 3 * order[reversed ? order.length - 1 - k : k]!.b
            g += histogram[slot]!
            h += histogram[slot + 1]!
            n += histogram[slot + 2]!
            const gain = gainOf(g, h, n, extra)
            if (gain > bestGain) {
              bestGain = gain
              const side = reversed ? order.slice(order.length - 1 - k) : order.slice(0, k + 1)
              best = { gain, feature: f, cut: 0, emptyLeft: false, levels: side.map(({ b }) => b) }
            }
          }
        }
        continue
      }
      const emptyG = histogram[base]!
      const emptyH = histogram[base + 1]!
      const emptyN = histogram[base + 2]!
      let g = 0
      let h = 0
      let n = 0
      for (let b = 1; b < bins; b++) {
        const slot = base + 3 * b
        if (histogram[slot + 2]! < 0.5) continue
        g += histogram[slot]!
        h += histogram[slot + 1]!
        n += histogram[slot + 2]!
        const right = gainOf(g, h, n, 0)
        if (right > bestGain) {
          bestGain = right
          best = { gain: right, feature: f, cut: b, emptyLeft: false, levels: null }
        }
        if (emptyN > 0.5) {
          const left = gainOf(g + emptyG, h + emptyH, n + emptyN, 0)
          if (left > bestGain) {
            bestGain = left
            best = { gain: left, feature: f, cut: b, emptyLeft: true, levels: null }
          }
        }
      }
    }
    return best
  }

  function part({ from, to }: Growing, split: Split): number {
    const column = bins[split.feature]!
    const goesLeft = new Uint8Array(256)
    markLeft(goesLeft, split)
    let left = from
    let right = 0
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      if (goesLeft[column[row]!]) rows[left++] = row
      else scratch[right++] = row
    }
    rows.set(scratch.subarray(0, right), left)
    return left
  }

  const first = new Float64Array(width)
  fill(first, 0, rows.length)
  const open = [leaf(0, rows.length, first)]
  for (let leaves = 1; leaves < options.leaves; leaves++) {
    let pick = -1
    for (let i = 0; i < open.length; i++) {
      const gain = open[i]!.split?.gain ?? 0
      if (gain > (pick < 0 ? 0 : open[pick]!.split!.gain)) pick = i
    }
    if (pick < 0) break
    const parent = open[pick]!
    const split = parent.split!
    const middle = part(parent, split)
    const smaller = new Float64Array(width)
    const leftIsSmaller = middle - parent.from <= parent.to - middle
    if (leftIsSmaller) fill(smaller, parent.from, middle)
    else fill(smaller, middle, parent.to)
    const larger = parent.histogram
    for (let i = 0; i < width; i++) larger[i]! -= smaller[i]!
    const left = leaf(parent.from, middle, leftIsSmaller ? smaller : larger)
    const right = leaf(middle, parent.to, leftIsSmaller ? larger : smaller)
    tree.feature[parent.node] = split.feature
    tree.cut[parent.node] = split.cut
    tree.emptyLeft[parent.node] = split.emptyLeft
    tree.levels[parent.node] = split.levels
    tree.left[parent.node] = left.node
    tree.right[parent.node] = right.node
    open.splice(pick, 1, left, right)
  }
  // Children come after their parents: from the back, each inner node is the mean of what lies below it.
  for (let node = tree.feature.length - 1; node >= 0; node--) {
    if (tree.feature[node]! < 0) continue
    const l = tree.left[node]!
    const r = tree.right[node]!
    tree.value[node] = (covers[l]! * tree.value[l]! + covers[r]! * tree.value[r]!) / covers[node]!
  }
  return tree
}

/** Sets 1 at every bin that goes left. */
function markLeft(goesLeft: Uint8Array, split: Pick<Split, 'cut' | 'emptyLeft' | 'levels'>): void {
  if (split.levels) for (const bin of split.levels) goesLeft[bin] = 1
  else {
    goesLeft.fill(1, 1, split.cut + 1)
    goesLeft[0] = split.emptyLeft ? 1 : 0
  }
}

/** A tree made ready to be walked: at 256 × node + bin, the child to which the bin goes. */
export interface Walkable {
  feature: Int16Array
  child: Uint8Array
  value: Float64Array
}

export function walkable(tree: Tree): Walkable {
  const child = new Uint8Array(256 * tree.feature.length)
  for (let node = 0; node < tree.feature.length; node++) {
    if (tree.feature[node]! < 0) continue
    const of = child.subarray(256 * node, 256 * node + 256)
    markLeft(of, { cut: tree.cut[node]!, emptyLeft: tree.emptyLeft[node]!, levels: tree.levels[node]! })
    for (let bin = 0; bin < 256; bin++) of[bin] = of[bin] ? tree.left[node]! : tree.right[node]!
  }
  return { feature: Int16Array.from(tree.feature), child, value: Float64Array.from(tree.value) }
}
