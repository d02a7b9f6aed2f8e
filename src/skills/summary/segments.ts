import type { Segment } from '../../learn/attribution/additive.ts'
import { type Leaves, numberPairs } from '../../learn/attribution/cuboids.ts'
import type { Departure } from '../../learn/attribution/window-scan.ts'
import type { Base } from './counted-rows.ts'
import type { Told } from './findings.ts'
import type { TextColumn } from './roles.ts'
import type { Recipe } from './wording.ts'

/** Values of a dimension that are told apart; the rest is one. */
const mostValues = 400

/** The distinct combinations of values among these rows, and each row's; −1 for rows that do not count. */
export function leavesOf(base: Base, counts: (row: number) => boolean) {
  const { dimensions } = base.roles
  const weight = base.roles.per ?? base.roles.metric
  const chosen = new Int32Array(base.table.rows)
  let count = 0
  for (let row = 0; row < base.table.rows; row++) if (base.kept[row] && counts(row)) chosen[count++] = row
  const rows = chosen.subarray(0, count)
  const whole = count === base.table.rows
  const used = dimensions.map((column) =>
    whole && column.values.length <= mostValues && !column.codes.includes(-1)
      ? { values: column.values, code: column.codes }
      : commonValues(column, rows, weight.numbers),
  )
  const leafOf = new Int32Array(count)
  let cells = 1
  used.forEach(({ code, values }) => {
    cells = numberPairs(leafOf, cells, code, values.length)
  })
  const codes = used.map(({ code }) => spread(code, leafOf, cells))
  const leaves: Leaves = { count: cells, sizes: used.map(({ values }) => values.length), codes }
  return { leaves, rows, leafOf, values: used.map(({ values }) => values) }
}

/** What each leaf has, from what its rows have. */
function spread(code: Int32Array, leafOf: Int32Array, cells: number): Int32Array {
  const ofLeaf = new Int32Array(cells)
  for (let i = 0; i < leafOf.length; i++) ofLeaf[leafOf[i]!] = code[i]!
  return ofLeaf
}

/** Codes of a dimension among some rows: its common values, and one code (null) for all that are rare. */
function commonValues({ values, codes }: TextColumn, rows: Int32Array, weight: Float64Array) {
  const own = new Int32Array(rows.length)
  const seen = new Uint8Array(values.length + 1)
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    own[i] = code < 0 ? values.length : code
    seen[own[i]!] = 1
  }
  const present = Array.from(seen.keys()).filter((code) => seen[code])
  if (present.length > mostValues) {
    const volume = new Float64Array(values.length + 1)
    for (let i = 0; i < rows.length; i++) volume[own[i]!]! += Math.abs(weight[rows[i]!]!) || 1e-9
    present.sort((a, b) => volume[b]! - volume[a]!).length = mostValues
  }
  const names: (string | null)[] = present.map((code) => values[code] ?? '')
  if (present.length === seen.length || (present.length === values.length && !seen[values.length])) {
    return { values: names, code: own }
  }
  const to = new Int32Array(values.length + 1).fill(present.length)
  present.forEach((code, index) => {
    to[code] = index
  })
  let rare = false
  for (let i = 0; i < own.length; i++) {
    own[i] = to[own[i]!]!
    if (own[i] === present.length) rare = true
  }
  if (rare) names.push(null)
  return { values: names, code: own }
}

export type Indexed = ReturnType<typeof leavesOf>

/** Null for a segment of rare values taken together: it has no name. */
export function namedSegment(
  base: Base,
  { values }: Indexed,
  segment: { dimensions: number[]; values: number[] },
) {
  const where = segment.dimensions.map((d, i) => ({
    column: base.roles.dimensions[d]!.name,
    value: values[d]![segment.values[i]!] ?? null,
  }))
  return where.every((each): each is { column: string; value: string } => each.value !== null) ? where : null
}

/** Recipes of the segments found, before (or expected) and now. */
export function segmentCauses(
  base: Base,
  indexed: Indexed,
  segments: (Segment | Departure)[],
  window: number | null,
  before: { window: number; weight: number }[] | null,
): Told[] {
  return segments.flatMap((segment) => {
    const where = namedSegment(base, indexed, segment)
    if (!where) return []
    const from: Recipe = before
      ? { sum: before.map((each) => ({ column: 'metric', ...each, where })) }
      : { sum: [{ column: 'expected', window, weight: 1, where }] }
    return [{ where, from, to: { sum: [{ column: 'metric', window, weight: 1, where }] } satisfies Recipe }]
  })
}
