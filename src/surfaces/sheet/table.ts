import { type Cell, Fault, type FaultKind, type OtherTable } from '../../contract/index.ts'
import { parseCsv } from './csv-table.ts'
import { decode } from './encoding.ts'
import { looksLikeJson, parseJsonLines } from './jsonl-table.ts'
import { readWholeFile, unpackGzip } from './read-file.ts'
import { columnLetters, parseWorkbook, refuseCompoundFile } from './workbook.ts'

/** A table as it was read. Cells of CSV are text; those of JSON Lines and XLSX are typed, dates ISO 8601 text. */
export interface Table {
  path: string
  format: 'csv' | 'jsonl' | 'xlsx'
  /** The sheet of a workbook; null elsewhere. */
  sheet: string | null
  /** Distinct and not empty. */
  columns: string[]
  /** In the order of `columns`; an empty cell is null. Blank lines are no rows. */
  rows: Cell[][]
  /** What was odd and how it was understood, a sentence each. */
  notices: string[]
  /** Line of the header and of each row (CSV, JSON Lines), or its row in the sheet; from 1. */
  headerNumber: number
  rowNumbers: Int32Array
  /** Where each column stands in the file; from 0. */
  columnNumbers: number[]
  /** The other visible sheets of a workbook, read when asked for; those that are no tables are left out. */
  others?: () => OtherTable[]
}

export interface ReadOptions {
  /** Sheet of a workbook; default the first visible one that holds something. */
  sheet?: string | undefined
  /** What a missing file is: `bad-input` (default), or `unreachable` for a surface that was there before. */
  ifMissing?: FaultKind
}

/**
 * Reads a table: CSV (any delimiter, UTF-8, UTF-16 or Windows-1252), JSON Lines or XLSX, plain or gzipped, told by
 * content and not by name. Throws a Fault (`bad-input`) that says what is wrong, where, and what to do.
 */
export async function readTable(path: string, options: ReadOptions = {}): Promise<Table> {
  const { bytes } = await readWholeFile(path, options.ifMissing)
  const { table } = parseFile(path, bytes, options.sheet)
  if (table.columns.length === 0) throw emptyFault(table)
  if (table.rows.length === 0) {
    throw new Fault('bad-input', `${place(table)} has a header but no rows: add some, or name another file.`)
  }
  return table
}

/** Told by content, and parsed; `table` may have no rows, or not even a column. Throws a Fault for all else. */
export function parseFile(path: string, raw: Buffer, sheet?: string) {
  const { bytes, gzipped } = unpackGzip(path, raw)
  if (bytes.length === 0) throw new Fault('bad-input', `${path} is empty: expected a header line and rows.`)
  refuseCompoundFile(path, bytes)
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50) {
    const workbook = parseWorkbook(path, bytes, sheet)
    return { kind: 'xlsx' as const, gzipped, table: workbook.table, workbook }
  }
  if (sheet !== undefined) {
    throw new Fault(
      'bad-input',
      `${path} is not a workbook and has no sheet "${sheet}": leave the sheet out.`,
    )
  }
  refuseOtherFormats(path, bytes)
  const decoded = decode(bytes)
  refuseBinary(path, decoded.text)
  if (decoded.text.trim() === '')
    throw new Fault('bad-input', `${path} is empty: expected a header line and rows.`)
  if (looksLikeJson(decoded.text)) {
    return { kind: 'jsonl' as const, gzipped, table: parseJsonLines(path, decoded.text) }
  }
  const csv = parseCsv(path, decoded)
  return { kind: 'csv' as const, gzipped, table: csv.table, csv }
}

function refuseOtherFormats(path: string, bytes: Buffer): void {
  const head = bytes.toString('latin1', 0, 200).trimStart()
  if (head.startsWith('%PDF')) throw notATable(path, 'a PDF')
  if (head.startsWith('{\\rtf')) throw notATable(path, 'a text document (RTF)')
  if (/^(<!doctype html|<html)/i.test(head)) throw notATable(path, 'a web page')
  if (head.startsWith('<?xml')) throw notATable(path, 'XML')
}

/** Text has no zero characters and next to no other control characters. */
function refuseBinary(path: string, text: string): void {
  const sample = text.slice(0, 1 << 16)
  const control = sample.match(/[\x00-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0
  if (text.includes('\0') || control > sample.length / 100) throw notATable(path, 'binary data')
}

function notATable(path: string, what: string): Fault {
  return new Fault('bad-input', `${path} is ${what}, not a table: expected CSV, JSON Lines or XLSX.`)
}

function emptyFault(table: Table): Fault {
  return new Fault('bad-input', `${place(table)} is empty: expected a header and rows.`)
}

function place(table: Table): string {
  return table.sheet === null ? table.path : `${table.path}, sheet "${table.sheet}",`
}

/** Where a cell or row stands, for messages: `leads.csv, line 12, column "city"` or `leads.xlsx, cell Sheet1!C12`. */
export function where(table: Table, row: number, column?: number): string {
  const number = table.rowNumbers[row]
  if (table.format === 'xlsx') {
    if (column === undefined) return `${table.path}, sheet "${table.sheet}", row ${number}`
    return `${table.path}, cell ${table.sheet}!${columnLetters(table.columnNumbers[column]!)}${number}`
  }
  const line = `${table.path}, line ${number}`
  return column === undefined ? line : `${line}, column "${table.columns[column]}"`
}
