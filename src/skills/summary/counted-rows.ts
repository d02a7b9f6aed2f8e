import { Fault } from '../../contract/fault.ts'
import type { MetricTable } from '../../learn/attribution/metric-table.ts'
import { instantOf, type Periods, periodsOf } from './periods.ts'
import type { Question, Roles } from './roles.ts'

/** A table with what is asked of it, and which of its rows count. */
export interface Base {
  table: MetricTable
  roles: Roles
  question: Question
  /** Rows that count: 1; total rows and rows in another currency: 0. */
  kept: Uint8Array
  periods: Periods | null
  notices: string[]
}

export function shared({ roles, periods }: Base, window: number | null) {
  return { metric: roles.metric.name, per: roles.per?.name ?? null, periods, window }
}

const totalWords = /^(grand )?(totals?|all|sum|overall|gesamt(summe)?|summe|alle|insgesamt|ensemble)$/i

/** Leaves out rows that hold the sum of others, and amounts in another currency than the commonest. */
export function keptRows(count: number, { dimensions, unit, metric }: Roles, notices: string[]): Uint8Array {
  const kept = new Uint8Array(count).fill(1)
  for (const { name, values, codes } of dimensions) {
    const isTotal = values.map((value) => totalWords.test(value.trim()))
    if (!isTotal.includes(true) || isTotal.every(Boolean)) continue
    let left = 0
    for (let row = 0; row < count; row++) {
      if (codes[row]! < 0 || !isTotal[codes[row]!]) continue
      kept[row] = 0
      left++
    }
    notices.push(
      `${left} rows with "${values[isTotal.indexOf(true)]}" in column "${name}" are sums of others and were left out.`,
    )
  }
  if (unit && unit.values.length > 1) {
    const counts = new Float64Array(unit.values.length)
    for (const code of unit.codes) if (code >= 0) counts[code]!++
    const main = counts.indexOf(Math.max(...counts))
    for (let row = 0; row < count; row++) if (unit.codes[row] !== main) kept[row] = 0
    notices.push(
      `Column "${unit.name}" has ${unit.values.slice(0, 6).join(', ')}, which cannot be added up: only ${unit.values[main]} is told about.`,
    )
  }
  let empty = 0
  for (let row = 0; row < count; row++) if (kept[row] && Number.isNaN(metric.numbers[row]!)) empty++
  if (empty > 0) notices.push(`${empty} rows have no "${metric.name}" and count as nothing.`)
  return kept
}

export function periodsFor({ time }: Roles, { at, per }: Question, kept: Uint8Array): Periods {
  const { column, instants } = time!
  const codes = column.codes.map((code, row) => (kept[row] ? code : -1))
  // A rate pools its past, so that few weeks of it are enough.
  const fewestWeeks = per === undefined ? 8 : 3
  if (at === undefined) return periodsOf(codes, instants, { fewestWeeks })
  const until = instantOf(at)
  const named = column.values.indexOf(at)
  if (named < 0 && until === null) {
    throw new Fault(
      'bad-input',
      `"${at}" is no date or time of column "${column.name}": give one as it stands there (${JSON.stringify(column.values[0])}).`,
    )
  }
  const moment = named >= 0 ? instants[named]! : until!
  const periods = periodsOf(codes, instants, { until: moment, single: per !== undefined })
  if (periods.starts.length === 0 || moment < periods.starts[0]! || moment >= periods.ends.at(-1)!) {
    throw new Fault('bad-input', `"${at}" is outside of the times of column "${column.name}".`)
  }
  return periods
}
