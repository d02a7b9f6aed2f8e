import { Fault } from '../../contract/fault.ts'
import type { MetricTable } from '../../learn/attribution/metric-table.ts'
import { type Base, keptRows, periodsFor } from './counted-rows.ts'
import { type Compared, type Finding, tellNews, tellQuiet } from './findings.ts'
import { type Rows, untrue } from './read-back.ts'
import { leaveOutRepeated } from './repeated-periods.ts'
import { type Question, rolesOf } from './roles.ts'
import { type Formats, numbersOf, type StatedNumber, textOf } from './wording.ts'

/** What `inlay summary --json` prints. */
export interface Summary {
  total: { from: number | null; to: number; change: number | null; relative: number | null }
  causes: { where: Record<string, string>; from: number; to: number; change: number; share: number | null }[]
  findings: { kind: Finding['kind']; text: string; numbers: StatedNumber[] }[]
  text: string
  notices: string[]
}

/** A summary with what is needed to check other words for it. */
export interface TellingOfTable {
  summary: Summary
  /** Names and dates that the text mentions. */
  names: string[]
  /** Why a text may not be shown in place of the summary's, or null: every number in it must be one of ours, and true. */
  untrue(text: string): string | null
}

/** What is asked of a table, with the rows and periods that count. Throws a Fault (`bad-input`) where either is wrong. */
export function baseOf(table: MetricTable, question: Question): Base {
  const roles = rolesOf(table, question)
  const notices: string[] = []
  const kept = keptRows(table.rows, roles, notices)
  leaveOutRepeated(roles, kept, notices)
  const periods = roles.time && periodsFor(roles, question, kept)
  if (periods) notices.push(...periods.notices)
  return { table, roles, question, kept, periods, notices }
}

/** Words for it, with every number checked; a sentence that does not hold is left out, and is a fault of ours. */
export function toldTrue(base: Base, compared: Compared, formats: Formats): TellingOfTable {
  const rows = rowsOf(base)
  const { total, causes, findings, text } =
    compared.news || compared.incidents.length > 0
      ? tellNews(compared, rows, formats)
      : tellQuiet(compared, rows, formats)
  const afresh = rowsOf(base)
  for (const pieces of [text, ...findings.map((each) => each.pieces)]) {
    const because = untrue(textOf(pieces), pieces, afresh, formats)
    if (because !== null)
      throw new Fault('bug', `The summary says ${JSON.stringify(textOf(pieces))}, but ${because}.`)
  }
  const summary: Summary = {
    total,
    causes,
    findings: findings.map(({ kind, pieces }) => ({
      kind,
      text: textOf(pieces),
      numbers: numbersOf(pieces),
    })),
    text: textOf(text),
    notices: base.notices,
  }
  return {
    summary,
    names: text.flatMap((piece) => (typeof piece !== 'string' && 'name' in piece ? [piece.name] : [])),
    untrue: (other) => untrue(other, text, afresh, formats),
  }
}

function rowsOf({ roles, kept, periods }: Base): Rows {
  const columns = { metric: roles.metric, per: roles.per, expected: roles.expected }
  return {
    kept,
    windowOf: periods?.windowOf ?? null,
    numbers: (column) => columns[column]!.numbers,
    dimension(column, value) {
      const { codes, values } = roles.dimensions.find(({ name }) => name === column)!
      return { codes, code: value === '' ? -1 : values.indexOf(value) }
    },
    known: new Map(),
    members: new Map(),
  }
}
