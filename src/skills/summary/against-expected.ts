import { explainAdditive } from '../../learn/attribution/additive.ts'
import { type Base, shared } from './counted-rows.ts'
import type { Compared } from './findings.ts'
import { leavesOf, segmentCauses } from './segments.ts'
import type { Recipe, Term } from './wording.ts'

/** How the rows (of the newest window, where time was asked for) depart from a column of expected values. */
export function againstExpected(base: Base): Compared {
  const { roles, periods } = base
  const metric = roles.metric.numbers
  const expectedColumn = roles.expected!.numbers
  const window =
    periods && (base.question.at !== undefined || base.question.time !== undefined)
      ? periods.starts.length - 1
      : null
  const indexed = leavesOf(base, (row) => window === null || periods!.windowOf[row] === window)
  const { leaves, rows, leafOf } = indexed
  const actual = new Float64Array(leaves.count)
  const expected = new Float64Array(leaves.count)
  for (let i = 0; i < rows.length; i++) {
    actual[leafOf[i]!]! += metric[rows[i]!]! || 0
    expected[leafOf[i]!]! += expectedColumn[rows[i]!]! || 0
  }
  const segments = explainAdditive(leaves, actual, expected)
  let squares = 0
  let sum = 0
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    squares += (actual[leaf]! - expected[leaf]!) ** 2
    sum += actual[leaf]! - expected[leaf]!
  }
  const z = squares > 0 && leaves.count >= 10 ? sum / Math.sqrt(squares) : 0
  const term = (column: Term['column']): Recipe => ({ sum: [{ column, window, weight: 1, where: [] }] })
  return {
    ...shared(base, window),
    basis: { kind: 'expected', name: roles.expected!.name },
    from: term('expected'),
    to: term('metric'),
    news: segments.length > 0 || Math.abs(z) > 2.6,
    totalNews: Math.abs(z) > 2.6,
    margin: null,
    causes: segmentCauses(base, indexed, segments, window, null),
    incidents: [],
  }
}
