import { type Cell, Fault } from '../../contract/index.ts'
import { nameColumns } from './column-names.ts'
import { cellText, type Dialect, type Scan, scanCsv, sniffDialect } from './csv-scan.ts'
import type { Decoded } from './encoding.ts'
import type { Table } from './table.ts'

/** A CSV text that was read, with all that is needed to patch it. */
export interface CsvText extends Omit<Decoded, 'damaged'> {
  table: Table
  dialect: Dialect
  scan: Scan
  /** Cells of the widest row. */
  width: number
}

/** Reads a decoded CSV text. Throws a Fault for an unterminated quote. A table without rows is returned as such. */
export function parseCsv(path: string, decoded: Decoded): CsvText {
  const { text, encoding, bom, damaged } = decoded
  const dialect = sniffDialect(text)
  const scan = scanCsv(text, dialect)
  if (scan.unterminatedLine !== null) {
    const message = `${path}, line ${scan.unterminatedLine}: a quote (") opens a cell and is never closed: close it, or double it where it is meant as a character.`
    throw new Fault('bad-input', message)
  }
  const notices: string[] = []
  if (damaged > 0) {
    notices.push(`${path}: ${damaged} byte(s) are not valid UTF-8 and are shown as \uFFFD.`)
  }
  const clean = damaged > 0 ? (value: string) => value.toWellFormed() : (value: string) => value

  const counts = cellCounts(scan)
  const width = counts.reduce((most, count) => Math.max(most, count), 0)
  const rowCount = Math.max(0, scan.rows - 1)
  const raw: Cell[][] = new Array(rowCount)
  const filled = new Uint8Array(width)
  for (let row = 0; row < rowCount; row++) {
    const first = scan.firstCell[row + 1]!
    const count = counts[row + 1]!
    const cells: Cell[] = new Array(width).fill(null)
    for (let column = 0; column < count; column++) {
      const start = scan.starts[first + column]!
      const end = scan.ends[first + column]!
      if (start === end) continue
      const value = cellText(text, start, end, dialect)
      if (value.trim() === '') continue
      cells[column] = clean(value)
      filled[column] = 1
    }
    raw[row] = cells
  }

  const header = Array.from({ length: counts[0] ?? 0 }, (_, column) =>
    clean(cellText(text, scan.starts[column]!, scan.ends[column]!, dialect)),
  )
  // Nameless columns without a single cell come from trailing delimiters: they are no columns.
  const kept: number[] = []
  for (let column = 0; column < width; column++) {
    if (filled[column] || (header[column] ?? '').trim() !== '') kept.push(column)
  }
  const named = nameColumns(
    kept.map((column) => header[column] ?? ''),
    kept.map((column) => column + 1),
    path,
  )
  // Columns beyond the header are told about once, as ragged rows.
  const beyond = kept.filter((column) => column >= header.length).length
  notices.push(...named.notices.slice(0, named.notices.length - beyond))
  notices.push(...raggedNotices(path, counts, scan))
  const rows = kept.length === width ? raw : raw.map((cells) => kept.map((column) => cells[column]!))
  const table: Table = {
    path,
    format: 'csv',
    sheet: null,
    columns: named.columns,
    rows,
    notices,
    headerNumber: scan.lines[0] ?? 1,
    rowNumbers: scan.lines.subarray(1, rowCount + 1),
    columnNumbers: kept,
  }
  return { table, dialect, scan, width, text, encoding, bom }
}

function cellCounts(scan: Scan): Int32Array {
  const counts = new Int32Array(scan.rows)
  for (let row = 0; row < scan.rows; row++) counts[row] = scan.firstCell[row + 1]! - scan.firstCell[row]!
  return counts
}

function raggedNotices(path: string, counts: Int32Array, scan: Scan): string[] {
  const expected = counts[0] ?? 0
  const notices: string[] = []
  for (const [few, word, meaning] of [
    [true, 'fewer', 'the missing ones are empty'],
    [false, 'more', 'those without a name are kept under a number'],
  ] as const) {
    let ragged = 0
    let first = 0
    for (let row = 1; row < counts.length; row++) {
      if (few ? counts[row]! >= expected : counts[row]! <= expected) continue
      if (ragged++ === 0) first = scan.lines[row]!
    }
    if (ragged === 0) continue
    const rows = ragged === 1 ? '1 row has' : `${ragged} rows have`
    notices.push(`${path}, line ${first}: ${rows} ${word} cells than the header's ${expected}; ${meaning}.`)
  }
  return notices
}
