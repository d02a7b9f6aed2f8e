import type { MetricTable } from '../../learn/attribution/metric-table.ts'
import { againstExpected } from './against-expected.ts'
import { againstBefore } from './against-past.ts'
import { rateAgainstBefore } from './against-past-rate.ts'
import { type Base, shared } from './counted-rows.ts'
import type { Compared } from './findings.ts'
import type { Question } from './roles.ts'
import { baseOf, type Summary, type TellingOfTable, toldTrue } from './tell-compared.ts'
import type { Formats } from './wording.ts'

/**
 * What changed in a metric table, where, by how much, and whether it is news at all. Every number in the text is read back
 * out of it and computed again from the rows. Throws a Fault (`bad-input`) where the table or the question is wrong.
 */
export function summarise(table: MetricTable, question: Question = {}, formats?: Formats): Summary {
  return tellTable(table, question, formats).summary
}

/** The same, for whoever puts the text in other words. */
export function tellTable(
  table: MetricTable,
  question: Question = {},
  formats: Formats = { locale: 'en' },
): TellingOfTable {
  const base = baseOf(table, question)
  const { roles, periods } = base
  const compared = roles.expected
    ? againstExpected(base)
    : !periods || periods.starts.length < 2
      ? nothingBefore(base)
      : roles.per
        ? rateAgainstBefore(base)
        : againstBefore(base)
  return toldTrue(base, compared, formats)
}

function nothingBefore(base: Base): Compared {
  return {
    ...shared(base, null),
    basis: { kind: 'nothing' },
    from: null,
    to: base.roles.per
      ? {
          ratio: [
            { sum: [{ column: 'metric', window: null, weight: 1, where: [] }] },
            { sum: [{ column: 'per', window: null, weight: 1, where: [] }] },
          ],
          minus: 0,
        }
      : { sum: [{ column: 'metric', window: null, weight: 1, where: [] }] },
    news: false,
    totalNews: false,
    margin: null,
    causes: [],
    incidents: [],
  }
}
