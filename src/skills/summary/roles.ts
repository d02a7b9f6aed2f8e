import { Fault } from '../../contract/fault.ts'
import type { MetricColumn, MetricTable } from '../../learn/attribution/metric-table.ts'
import { instantOf } from './periods.ts'

/** What a person asks of a metric table; what they leave out is told by the table. */
export interface Question {
  metric?: string | undefined
  /** The denominator: makes the metric a rate. */
  per?: string | undefined
  by?: string[] | undefined
  time?: string | undefined
  at?: string | undefined
  /** A column of expected values to compare with, instead of the time before. */
  expected?: string | undefined
}

export type TextColumn = Extract<MetricColumn, { codes: Int32Array }>
export type NumberColumn = Extract<MetricColumn, { numbers: Float64Array }>

/** What each column is. */
export interface Roles {
  metric: NumberColumn
  per: NumberColumn | null
  expected: NumberColumn | null
  time: { column: TextColumn; instants: Float64Array } | null
  dimensions: TextColumn[]
  /** Column whose values are currencies or units that cannot be added up. */
  unit: TextColumn | null
}

const isText = (column: MetricColumn): column is TextColumn => 'codes' in column
const metricNames =
  /revenue|sales|amount|turnover|umsatz|betrag|erlös|profit|cost|value|total|count|orders|units/i
const expectedNames = /^(plan|planned|expected|predict(ed|ion)?|forecast|budget|target|soll|ziel)$/i
const unitNames = /^(currency|ccy|währung|unit|einheit|devise)$/i
const keyNames = /(^|[_ ])(id|key|uuid|no|nr|number)$/i

/** Throws a Fault (`bad-input`) where a named column is missing or of the wrong sort, or there is nothing to tell about. */
export function rolesOf(table: MetricTable, question: Question): Roles {
  const named = (name: string): MetricColumn => {
    const column = table.columns.find((each) => each.name === name)
    if (column) return column
    const names = table.columns.map((each) => each.name).slice(0, 30)
    throw new Fault('bad-input', `There is no column "${name}"; there are ${names.join(', ')}.`)
  }
  const numeric = (name: string): NumberColumn => {
    const column = named(name)
    if (isText(column)) {
      throw new Fault(
        'bad-input',
        `Column "${name}" holds text (${JSON.stringify(column.values[0] ?? '')}), not numbers: name another.`,
      )
    }
    return column
  }

  const time = timeOf(table, question.time === undefined ? null : asText(named(question.time)), question)
  const free = table.columns.filter((column) => column.name !== time?.column.name)
  const numbers = free.filter((column): column is NumberColumn => !isText(column))
  const metric = question.metric !== undefined ? numeric(question.metric) : likelyMetric(numbers)
  if (!metric)
    throw new Fault('bad-input', 'There is no column of numbers to tell about: name one as the metric.')
  const per = question.per === undefined ? null : numeric(question.per)
  const expected = question.expected === undefined ? null : numeric(question.expected)
  const taken = new Set([metric.name, per?.name, expected?.name])
  const texts = free.filter((column): column is TextColumn => isText(column) && !taken.has(column.name))
  const unit = texts.find((column) => unitNames.test(column.name)) ?? null
  const dimensions =
    question.by?.map((name) => asText(named(name))) ??
    texts.filter(
      ({ name, values }) => values.length > 1 && !keyNames.test(name) && values.length <= table.rows / 2,
    )
  return {
    metric,
    per,
    expected,
    time,
    unit,
    dimensions: dimensions.filter((column) => column !== unit).slice(0, 12),
  }
}

function likelyMetric(numbers: NumberColumn[]): NumberColumn | undefined {
  const candidates = numbers.filter(({ name }) => !expectedNames.test(name) && !keyNames.test(name))
  return (
    candidates.find(
      ({ name }) => metricNames.test(name) && /revenue|sales|umsatz|amount|betrag/i.test(name),
    ) ??
    candidates.find(({ name }) => metricNames.test(name)) ??
    candidates[0]
  )
}

/** A column of numbers that serves as a dimension or as time is a column of texts. */
function asText(column: MetricColumn): TextColumn {
  if (isText(column)) return column
  const codeOf = new Map<number, number>()
  const codes = Int32Array.from(column.numbers, (value) => {
    if (Number.isNaN(value)) return -1
    let code = codeOf.get(value)
    if (code === undefined) {
      code = codeOf.size
      codeOf.set(value, code)
    }
    return code
  })
  return { name: column.name, codes, values: Array.from(codeOf.keys(), String) }
}

function timeOf(table: MetricTable, named: TextColumn | null, question: Question): Roles['time'] {
  const taken = new Set([question.metric, question.per, question.expected, ...(question.by ?? [])])
  const candidates = named
    ? [named]
    : table.columns.filter((column): column is TextColumn => isText(column) && !taken.has(column.name))
  for (const column of candidates) {
    const instants = Float64Array.from(column.values, (value) => instantOf(value) ?? Number.NaN)
    const bad = instants.findIndex(Number.isNaN)
    if (bad < 0 && column.values.length > 0) return { column, instants }
    if (named && (bad === 0 || instants.filter(Number.isNaN).length > 0.1 * instants.length)) {
      throw new Fault(
        'bad-input',
        `Column "${named.name}" is to be the time, but ${JSON.stringify(column.values[bad])} is no date, week, month or time: name another.`,
      )
    }
    if (named) return { column, instants }
  }
  return null
}
