/** The distinct combinations of dimension values that occur, column by column: the rows that attribution works on. */
export interface Leaves {
  count: number
  /** Number of values of each dimension; codes run from 0 to `sizes[d] - 1`. */
  sizes: number[]
  /** One array a dimension: the code of each leaf's value. */
  codes: Int32Array[]
}

/**
 * One combination of dimensions ("region × product"), with each leaf's cell in it. A cell is a segment: one value for
 * each of these dimensions, everything else free.
 */
export interface Cuboid {
  /** Indices of its dimensions, ascending. */
  dimensions: number[]
  /** The same as a bit mask. */
  mask: number
  /** Number of cells; `cellOf` runs below it. */
  cells: number
  /**
   * Whether a cell's number is its values' codes in mixed radix (the last dimension counts one), so that the number in a
   * coarser cuboid follows from it; otherwise the cells are numbered as they occur.
   */
  packed: boolean
  /** Each leaf's cell; made when it is first asked for, as most are never. */
  readonly cellOf: Int32Array
}

/** Leaf visits that one pass over all cuboids may cost; deeper combinations are left out beyond it. */
const mostVisits = 40_000_000

/**
 * All cuboids of one dimension and more, fewest dimensions first. Keys are packed in mixed radix, and numbered through a
 * hash where the packed range is much larger than the leaves.
 */
export function cuboidsOf(leaves: Leaves, deepest = leaves.sizes.length): Cuboid[] {
  const dimensions = leaves.sizes.length
  const cuboids: Cuboid[] = []
  const byMask = new Map<number, Cuboid>()
  for (let layer = 1; layer <= Math.min(deepest, dimensions); layer++) {
    for (let mask = 1; mask < 1 << dimensions; mask++) {
      const chosen = bitsOf(mask)
      if (chosen.length !== layer) continue
      if ((cuboids.length + 1) * leaves.count > mostVisits) return cuboids
      // The same without its last dimension was made in the layer before.
      const cuboid = cuboidOf(leaves, chosen, mask, byMask.get(mask & ~(1 << chosen.at(-1)!)))
      byMask.set(mask, cuboid)
      cuboids.push(cuboid)
    }
  }
  return cuboids
}

const bitsOf = (mask: number): number[] =>
  Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => (mask >> bit) & 1)

function cuboidOf(
  { count, sizes, codes }: Leaves,
  dimensions: number[],
  mask: number,
  simpler: Cuboid | undefined,
): Cuboid {
  const last = dimensions.at(-1)!
  const size = sizes[last]!
  const code = codes[last]!
  if (!simpler) return { dimensions, mask, cells: size, packed: true, cellOf: code }
  const range = simpler.cells * size
  if (range <= Math.max(1 << 16, 8 * count)) {
    let made: Int32Array | null = null
    return {
      dimensions,
      mask,
      cells: range,
      packed: simpler.packed,
      get cellOf() {
        made ??= pairsOf(simpler.cellOf, code, size)
        return made
      },
    }
  }
  // Too wide to be addressed directly: number the pairs (cell so far, next value) that occur.
  const cellOf = simpler.cellOf.slice()
  const cells = numberPairs(cellOf, simpler.cells, code, size)
  return { dimensions, mask, cells, packed: false, cellOf }
}

function pairsOf(before: Int32Array, code: Int32Array, size: number): Int32Array {
  const cellOf = new Int32Array(before.length)
  for (let leaf = 0; leaf < cellOf.length; leaf++) cellOf[leaf] = before[leaf]! * size + code[leaf]!
  return cellOf
}

/** Replaces `cellOf` by a number for each distinct pair (cell, code); returns how many there are. */
export function numberPairs(cellOf: Int32Array, cells: number, code: Int32Array, size: number): number {
  const count = cellOf.length
  if (cells * size <= Math.max(1 << 16, 4 * count)) {
    const numberOf = new Int32Array(cells * size).fill(-1)
    let next = 0
    for (let leaf = 0; leaf < count; leaf++) {
      const key = cellOf[leaf]! * size + code[leaf]!
      if (numberOf[key]! < 0) numberOf[key] = next++
      cellOf[leaf] = numberOf[key]!
    }
    return next
  }
  let capacity = 16
  while (capacity < 2 * count) capacity *= 2
  const keys = new Float64Array(capacity).fill(-1)
  const numbers = new Int32Array(capacity)
  let next = 0
  for (let leaf = 0; leaf < count; leaf++) {
    const key = cellOf[leaf]! * size + code[leaf]!
    let slot = (Math.imul(cellOf[leaf]!, 0x9e3779b1) ^ Math.imul(code[leaf]!, 0x85ebca6b)) >>> 0
    slot = (slot ^ (slot >>> 15)) & (capacity - 1)
    while (keys[slot]! !== key && keys[slot]! !== -1) slot = (slot + 1) & (capacity - 1)
    if (keys[slot] === -1) {
      keys[slot] = key
      numbers[slot] = next++
    }
    cellOf[leaf] = numbers[slot]!
  }
  return next
}
