import type { Cell } from '../../../contract/index.ts'

/** The line beside a sentence: a metric by day, week or whatever its table has. */
export interface Chart {
  metric: string
  /** Milliseconds since the epoch and value, oldest first. */
  points: [at: number, value: number][]
}

const dayMs = 86_400_000
/** Days that are drawn one by one; more are drawn in weeks. */
const mostDays = 62
const mostPoints = 80

/** Null where the table has no column of dates, or no column of numbers. */
export function chartOf(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  text: string,
): Chart | null {
  const sample = rows.slice(0, 200)
  const filled = (column: number) => sample.map((row) => row[column] ?? null).filter((cell) => cell !== null)
  const isDate = (cell: Cell) => typeof cell === 'string' && /^\d{4}-\d{2}-\d{2}/.test(cell)
  const isNumber = (cell: Cell) =>
    typeof cell === 'number' || (typeof cell === 'string' && numberOf(cell) !== null)
  const indices = columns.map((_, i) => i)
  const time = indices.find((i) => filled(i).length > 0 && filled(i).every(isDate))
  const numeric = indices.filter((i) => i !== time && filled(i).length > 0 && filled(i).every(isNumber))
  // The sentence says which column it is about.
  const said = text.toLowerCase()
  const metric = numeric.find((i) => said.includes(columns[i]!.toLowerCase())) ?? numeric[0]
  if (time === undefined || metric === undefined) return null
  const sums = new Map<number, number>()
  for (const row of rows) {
    const at = Date.parse(String(row[time] ?? ''))
    const value = numberOf(row[metric] ?? null)
    if (!Number.isNaN(at) && value !== null) sums.set(at, (sums.get(at) ?? 0) + value)
  }
  let points = [...sums].sort(([a], [b]) => a - b)
  const last = points.at(-1)
  if (!last || points.length < 2) return null
  const daily =
    points.length > mostDays && points.every(([at], i) => i === 0 || at - points[i - 1]![0] === dayMs)
  if (daily) points = inWeeks(points, last[0])
  return { metric: columns[metric]!, points: points.slice(-mostPoints) }
}

/** Whole weeks that end with the last day. */
function inWeeks(points: [number, number][], last: number): [number, number][] {
  const weeks = new Map<number, { sum: number; days: number }>()
  for (const [at, value] of points) {
    const start = last - Math.floor((last - at) / (7 * dayMs)) * 7 * dayMs - 6 * dayMs
    const week = weeks.get(start) ?? { sum: 0, days: 0 }
    weeks.set(start, { sum: week.sum + value, days: week.days + 1 })
  }
  return [...weeks].filter(([, { days }]) => days === 7).map(([at, { sum }]) => [at, sum])
}

function numberOf(cell: Cell): number | null {
  if (typeof cell === 'number') return cell
  return typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell.trim()) ? Number(cell) : null
}
