import { type Item, longestSeconds } from '../contract/index.ts'

/**
 * Handling time foreseen from the item alone, before its arm is drawn: the logarithm of the seconds, linear in a few
 * sizes of the item. It need not be good: whatever it explains narrows the interval of what was saved (CUPED), and
 * whatever it misses does no harm. Plain numbers: the level, then one slope for each size.
 */
export type Foresight = number[]

/** Times that are needed before anything is foreseen. */
const fewest = 50
/** Draws slopes that little speaks for towards zero. */
const ridge = 1

/** Sizes of an item that make it long to handle; as many for every kind. */
export function sizesOf(item: Item): number[] {
  switch (item.kind) {
    case 'message': {
      const words = item.text.split(/\s+/).length + item.subject.split(/\s+/).length
      return [Math.log1p(words), Math.log1p(item.references.length), item.attachments.length > 0 ? 1 : 0]
    }
    case 'record': {
      const cells = Object.values(item.fields).filter((cell) => cell !== null && cell !== '')
      const words = cells.reduce<number>((sum, cell) => sum + String(cell).split(/\s+/).length, 0)
      return [Math.log1p(words), Math.log1p(cells.length), 0]
    }
    case 'table': {
      const at = item.columns.indexOf(item.column)
      const empty = item.rows.filter((row) => row[at] === null).length
      return [Math.log1p(empty), Math.log1p(item.columns.length), 0]
    }
    case 'report':
      return [Math.log1p(item.rows.length), Math.log1p(item.columns.length), 0]
  }
}

/** Least squares on the logarithm of the times, with a ridge; null where too few are known. */
export function learnForesight(examples: Iterable<{ item: Item; seconds: number | null }>): Foresight | null {
  const rows: { x: number[]; y: number }[] = []
  for (const { item, seconds } of examples) {
    if (seconds === null || !(seconds > 0 && seconds <= longestSeconds)) continue
    rows.push({ x: sizesOf(item), y: Math.log(seconds) })
  }
  if (rows.length < fewest) return null
  const mean = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length
  const width = rows[0]!.x.length
  const centre = Array.from({ length: width }, (_, i) => mean(({ x }) => x[i]!))
  const level = mean(({ y }) => y)
  const normal = Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (_, j) =>
      rows.reduce((sum, { x }) => sum + (x[i]! - centre[i]!) * (x[j]! - centre[j]!), i === j ? ridge : 0),
    ),
    rows.reduce((sum, { x, y }) => sum + (x[i]! - centre[i]!) * (y - level), 0),
  ])
  const slopes = solved(normal)
  return [level - slopes.reduce((sum, slope, i) => sum + slope * centre[i]!, 0), ...slopes]
}

/** Seconds; null where nothing can be foreseen. */
export function foreseenSeconds(foresight: Foresight | undefined, item: Item): number | null {
  if (!foresight) return null
  const [level, ...slopes] = foresight as [number, ...number[]]
  const log = sizesOf(item).reduce((sum, size, i) => sum + size * (slopes[i] ?? 0), level)
  const seconds = Math.exp(log)
  return seconds > 0 && seconds <= longestSeconds ? Math.round(seconds * 1000) / 1000 : null
}

/** Gauss and Jordan, for a positive definite matrix with its right side in the last column. */
function solved(matrix: number[][]): number[] {
  const n = matrix.length
  const rows = matrix.map((row) => [...row])
  for (let i = 0; i < n; i++) {
    for (let other = 0; other < n; other++) {
      if (other === i) continue
      const by = rows[other]![i]! / rows[i]![i]!
      for (let j = i; j <= n; j++) rows[other]![j]! -= by * rows[i]![j]!
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!)
}
