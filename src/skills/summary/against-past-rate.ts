import { rateNoise } from '../../learn/attribution/rate-noise.ts'
import { type Counts, explainRate } from '../../learn/attribution/rates.ts'
import { type Base, shared } from './counted-rows.ts'
import type { Compared } from './findings.ts'
import { budget } from './noise-budget.ts'
import { leavesOf, namedSegment } from './segments.ts'
import type { Recipe, Term } from './wording.ts'

/** How a rate in the newest window departs from the windows before, taken together. */
export function rateAgainstBefore(base: Base): Compared {
  const { roles } = base
  const periods = base.periods!
  const window = periods.starts.length - 1
  const firstWindow = Math.max(0, window - 60)
  const indexed = leavesOf(base, (row) => periods.windowOf[row]! >= firstWindow)
  const { leaves, rows, leafOf } = indexed
  const now = zeroCounts(leaves.count)
  const before = zeroCounts(leaves.count)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const side = periods.windowOf[row] === window ? now : before
    side.numerator[leafOf[i]!]! += roles.metric.numbers[row]! || 0
    side.denominator[leafOf[i]!]! += roles.per!.numbers[row]! || 0
  }
  const noise = rateNoise({
    leaves,
    leaf: leafOf,
    window: Int32Array.from(rows, (row) => periods.windowOf[row]! - firstWindow),
    numerator: Float64Array.from(rows, (row) => roles.metric.numbers[row]! || 0),
    denominator: Float64Array.from(rows, (row) => roles.per!.numbers[row]! || 0),
    windows: window - firstWindow + 1,
  })
  const asked = base.question.at !== undefined
  const sure = explainRate(leaves, now, before, { dispersion: noise.dispersion, strictness: 6 })
  const totalNews = noise.surprise > -Math.log(budget.now.total)
  // Asked about one moment, the likeliest cause is the answer, also where it would not be news by itself.
  const segments = asked && sure.length === 0 ? explainRate(leaves, now, before) : sure
  const beforeWindows = Array.from({ length: window - firstWindow }, (_, i) => firstWindow + i)
  const rate = (windows: number[], where: Term['where']): Recipe => {
    const sum = (column: Term['column']): Recipe => ({
      sum: windows.map((each) => ({ column, window: each, weight: 1, where })),
    })
    return { ratio: [sum('metric'), sum('per')], minus: 0 }
  }
  const news = totalNews || (noise.dispersion > 0 && sure.length > 0 && noise.windows >= 3)
  return {
    ...shared(base, window),
    basis: { kind: 'before', count: beforeWindows.length },
    from: rate(beforeWindows, []),
    to: rate([window], []),
    news,
    totalNews,
    sparse: noise.windows < 3,
    margin: null,
    causes: segments.flatMap((segment) => {
      const where = namedSegment(base, indexed, segment)
      return where
        ? [
            {
              where,
              from: rate(beforeWindows, where),
              to: rate([window], where),
              weight: rateWeight(where, window),
            },
          ]
        : []
    }),
    incidents: [],
  }
}

/** What a segment's rate counts for in the whole rate: its denominator. */
const rateWeight = (where: Term['where'], window: number): Recipe => ({
  sum: [{ column: 'per', window, weight: 1, where }],
})

const zeroCounts = (count: number): Counts => ({
  numerator: new Float64Array(count),
  denominator: new Float64Array(count),
})
