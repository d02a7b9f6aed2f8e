import { readFileSync } from 'node:fs'
import { Fault } from '../contract/fault.ts'
import { type ColumnRoles, columnsOfCells } from '../learn/attribution/metric-columns.ts'
import {
  notANumber,
  parseMetricCsv,
  type ReadMetricTable,
  requireColumns,
} from '../learn/attribution/metric-csv.ts'
import type { MetricTable } from '../learn/attribution/metric-table.ts'
import type { Question } from '../skills/summary/roles.ts'
import type { Summary } from '../skills/summary/tell-compared.ts'
import type { Formats } from '../skills/summary/wording.ts'
import { datesAsIso } from '../surfaces/dashboard/iso-dates.ts'
import { unpackGzip } from '../surfaces/sheet/read-file.ts'
import type { LineOptions } from './plain-line.ts'
import { shortRun } from './short-run.ts'

export const summaryOptions = {
  metric: ['<column>', 'the column of numbers; the likeliest one otherwise'],
  per: ['<column>', 'its denominator, where the metric is a rate'],
  by: ['<columns>', 'the dimensions, with commas between; every column of texts otherwise'],
  time: ['<column>', 'the time column; the first column of dates otherwise'],
  at: ['<time>', 'tell about this moment, as it stands in the time column; the newest otherwise'],
  expected: ['<column>', 'compare with this column of expected values instead of the time before'],
  sheet: ['<name>', 'the sheet of a workbook; the first one otherwise'],
  locale: ['<tag>', 'how you write numbers and dates (default: "en")'],
  json: [null, 'one JSON document on stdout'],
} as const satisfies LineOptions

type SummaryOptions = {
  [Name in keyof typeof summaryOptions]?: (typeof summaryOptions)[Name][0] extends null ? true : string
}

/** Reads the table, tells what changed in it on stdout, and what is odd about it on stderr. */
export async function tellSummary(path: string, options: SummaryOptions): Promise<void> {
  const { metric, per, time, at, expected, sheet, locale = 'en' } = options
  const by = options.by?.split(',').map((name) => name.trim())
  const question = { metric, per, by, time, at, expected }
  if (locale !== 'en') requireLocale(locale)
  const numbers = [metric, per, expected].filter((name) => name !== undefined)
  const texts = [...(by ?? []), ...(time === undefined ? [] : [time])]
  const twice = numbers.find((name) => texts.includes(name))
  if (twice)
    throw new Fault('bad-input', `Column "${twice}" cannot be both a number and a dimension or the time.`)
  // With all of them named, nothing else needs to be read.
  const only = metric !== undefined && by !== undefined && (time !== undefined || expected !== undefined)
  const roles = { numbers, texts, only, dates: datesAsIso }
  const { table, summary } = await shortRun([path], worthOptimising, async () => {
    const table = await readMetricFile(path, roles, sheet)
    return { table, summary: await summaryOf(table, question, { locale }) }
  })
  for (const notice of [...table.notices, ...summary.notices]) console.error(`inlay: ${notice}`)
  console.log(options.json ? JSON.stringify(summary) : summary.text)
}

/** Loads only what the question needs: it is a tenth of a short run. */
async function summaryOf(table: MetricTable, question: Question, formats: Formats): Promise<Summary> {
  const { expected } = question
  if (expected === undefined)
    return (await import('../skills/summary/summarise.ts')).summarise(table, question, formats)
  const { summariseExpected } = await import('../skills/summary/summarise-expected.ts')
  return summariseExpected(table, { ...question, expected }, formats)
}

/** Bytes of a table below which the run is over before V8's last compiler has paid for itself. */
const worthOptimising = 8 << 20

function requireLocale(locale: string): void {
  try {
    if (Intl.NumberFormat.supportedLocalesOf(locale).length > 0) return
  } catch {}
  throw new Fault('bad-input', `"${locale}" is no known locale: give one like en, de or fr-CH.`)
}

/** Plain CSV goes the short way; all else goes through the reader of sheets, which also says what is wrong with a file. */
async function readMetricFile(
  path: string,
  roles: ColumnRoles,
  sheet: string | undefined,
): Promise<ReadMetricTable> {
  const bytes = sheet === undefined ? bytesOf(path) : null
  const plain = bytes && parseMetricCsv(path, bytes, roles)
  if (plain) return plain
  const { readTable, where } = await import('../surfaces/sheet/table.ts')
  const table = await readTable(path, { sheet })
  requireColumns(path, table.columns, roles)
  const { table: columns, wrong } = columnsOfCells(table.columns, table.rows, roles)
  if (wrong) throw notANumber(where(table, wrong.row, table.columns.indexOf(wrong.column)), wrong.value)
  return { ...columns, notices: table.notices }
}

function bytesOf(path: string): Buffer | null {
  try {
    return unpackGzip(path, readFileSync(path)).bytes
  } catch {
    return null
  }
}
