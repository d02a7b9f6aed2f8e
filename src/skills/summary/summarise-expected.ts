import type { MetricTable } from '../../learn/attribution/metric-table.ts'
import { againstExpected } from './against-expected.ts'
import type { Question } from './roles.ts'
import { baseOf, type Summary, toldTrue } from './tell-compared.ts'
import type { Formats } from './wording.ts'

/**
 * What `summarise` says of a table with a column of expected values, for a run so short that loading the comparisons with the
 * past would be felt.
 */
export function summariseExpected(
  table: MetricTable,
  question: Question & { expected: string },
  formats: Formats,
): Summary {
  const base = baseOf(table, question)
  return toldTrue(base, againstExpected(base), formats).summary
}
