import type { sheets_v4 } from '@googleapis/sheets'
import { type Cell, Fault } from '../../contract/index.ts'
import { nameColumns } from './column-names.ts'
import type { GoogleSheetsApi } from './google-sheets-calls.ts'
import type { Sheet } from './patch.ts'
import type { Table } from './table.ts'

/** Which sheet of which spreadsheet: the sheet's number stays when people rename it. */
export interface GoogleSheetRef {
  spreadsheet: string
  sheetId: number
  title: string
}

/** What a sheet looks like beside its values. */
export interface Layout {
  spreadsheetTitle: string
  ref: GoogleSheetRef
  rowCount: number
  columnCount: number
  merges: sheets_v4.Schema$GridRange[]
  /** Ranges that we may not write. */
  locked: sheets_v4.Schema$GridRange[]
  open: sheets_v4.Schema$GridRange[]
  /** Sheets of ours that a crash may have left. */
  scratch: { sheetId: number; title: string }[]
}

export interface GoogleSheet extends Sheet {
  layout: Layout
  /** Every cell as typed: formulas as text, all else as its value. In the sheet's own rows and columns, from 0. */
  typed: Cell[][]
  /** Column number of a column; the first free one for each that is not there yet. */
  columnNumber(column: string): number
}

export const scratchPrefix = 'Inlay scratch '

export const quotedTitle = (title: string) => `'${title.replaceAll("'", "''")}'`

const layoutFields =
  'properties.title,sheets(properties(sheetId,title,index,hidden,sheetType,gridProperties(rowCount,columnCount)),merges,protectedRanges(range,unprotectedRanges,requestingUserCanEdit,warningOnly))'

/** @param wanted the sheet by its number, by its title, or the first one that is shown */
export async function readLayout(
  api: GoogleSheetsApi,
  spreadsheet: string,
  wanted: { sheetId: number } | { title: string | undefined },
): Promise<Layout> {
  const found = await api.call('read the spreadsheet', 'read', () =>
    api.sheets.spreadsheets.get({ spreadsheetId: spreadsheet, fields: layoutFields }),
  )
  const all = (found.sheets ?? []).filter(({ properties }) => (properties?.sheetType ?? 'GRID') === 'GRID')
  const theirs = all.filter(({ properties }) => !properties!.title!.startsWith(scratchPrefix))
  const sheet =
    'sheetId' in wanted
      ? theirs.find(({ properties }) => (properties!.sheetId ?? 0) === wanted.sheetId)
      : wanted.title === undefined
        ? theirs.find(({ properties }) => !properties!.hidden)
        : theirs.find(
            ({ properties }) =>
              properties!.title!.trim().toLowerCase() === wanted.title!.trim().toLowerCase(),
          )
  if (!sheet) {
    const titles = theirs.map(({ properties }) => `"${properties!.title}"`).join(', ') || 'no sheet'
    const what = 'title' in wanted ? `no sheet "${wanted.title ?? ''}"` : 'the sheet no more: it was deleted'
    throw new Fault(
      'unreachable',
      `The spreadsheet "${found.properties?.title}" has ${what}; it has ${titles}. Connect it again.`,
    )
  }
  const { properties, merges = [], protectedRanges = [] } = sheet
  const locks = protectedRanges.filter((each) => !each.requestingUserCanEdit && !each.warningOnly)
  return {
    spreadsheetTitle: found.properties?.title ?? spreadsheet,
    ref: { spreadsheet, sheetId: properties!.sheetId ?? 0, title: properties!.title! },
    rowCount: properties!.gridProperties?.rowCount ?? 0,
    columnCount: properties!.gridProperties?.columnCount ?? 0,
    merges,
    locked: locks.flatMap(({ range }) => (range ? [range] : [])),
    open: locks.flatMap(({ unprotectedRanges }) => unprotectedRanges ?? []),
    scratch: all.flatMap(({ properties: { sheetId, title } = {} }) =>
      title?.startsWith(scratchPrefix) ? [{ sheetId: sheetId ?? 0, title }] : [],
    ),
  }
}

export type Render = 'shown' | 'typed'

/** All values of a sheet in one call: numbers as numbers, dates as their cells show them, formulas as text if `typed`. */
export async function readValues(
  api: GoogleSheetsApi,
  ref: GoogleSheetRef,
  render: Render,
  range = '',
): Promise<Cell[][]> {
  const [values] = await readRanges(
    api,
    ref.spreadsheet,
    [`${quotedTitle(ref.title)}${range && `!${range}`}`],
    render,
  )
  return values!
}

export async function readRanges(
  api: GoogleSheetsApi,
  spreadsheet: string,
  ranges: string[],
  render: Render,
): Promise<Cell[][][]> {
  const { valueRanges = [] } = await api.call('read the sheet', 'read', () =>
    api.sheets.spreadsheets.values.batchGet({
      spreadsheetId: spreadsheet,
      ranges,
      majorDimension: 'ROWS',
      valueRenderOption: render === 'typed' ? 'FORMULA' : 'UNFORMATTED_VALUE',
      dateTimeRenderOption: render === 'typed' ? 'SERIAL_NUMBER' : 'FORMATTED_STRING',
    }),
  )
  return valueRanges.map(({ values }) =>
    ((values ?? []) as Cell[][]).map((row) => row.map((cell) => (cell === '' ? null : cell))),
  )
}

/** The sheet as a table; the first row that holds something is its header. */
export function sheetFrom(layout: Layout, shown: Cell[][], typed: Cell[][]): GoogleSheet {
  const { ref, spreadsheetTitle } = layout
  const place = `"${spreadsheetTitle}", sheet "${ref.title}"`
  const header = shown.findIndex((row) => row.some((cell) => cell !== null))
  const width = Math.max(0, ...shown.map(({ length }) => length))
  const filled = (column: number) =>
    shown.some((row, index) => index >= header && (row[column] ?? null) !== null)
  const columnNumbers = Array.from({ length: width }, (_, column) => column).filter(filled)
  const { columns, notices } = nameColumns(
    columnNumbers.map((column) => String(shown[header]?.[column] ?? '')),
    columnNumbers.map((column) => column + 1),
    place,
  )
  const rows: Cell[][] = []
  const rowNumbers: number[] = []
  for (let index = header + 1; header >= 0 && index < shown.length; index++) {
    const row = columnNumbers.map((column) => shown[index]![column] ?? null)
    if (row.every((cell) => cell === null)) continue
    rows.push(row)
    rowNumbers.push(index + 1)
  }
  const table: Table = {
    path: spreadsheetTitle,
    format: 'xlsx',
    sheet: ref.title,
    columns,
    rows,
    notices,
    headerNumber: header + 1,
    rowNumbers: Int32Array.from(rowNumbers),
    columnNumbers,
  }
  const added = new Map<string, number>()
  function columnNumber(column: string): number {
    const index = columns.indexOf(column)
    if (index >= 0) return columnNumbers[index]!
    const known = added.get(column) ?? (columnNumbers.at(-1) ?? -1) + 1 + added.size
    added.set(column, known)
    return known
  }
  return {
    table,
    layout,
    typed,
    refusal: header < 0 ? `The sheet "${ref.title}" is empty` : null,
    writable: () => true,
    columnNumber,
    blocked(row, column) {
      const at = { row: rowNumbers[row]! - 1, column: columnNumber(column) }
      const formula = typed[at.row]?.[at.column] ?? null
      return (
        (typeof formula === 'string' && formula.startsWith('=')) ||
        layout.merges.some((range) => holds(range, at) && !isCorner(range, at)) ||
        (layout.locked.some((range) => holds(range, at)) && !layout.open.some((range) => holds(range, at)))
      )
    },
    patch() {
      throw new Fault('bug', 'A sheet of Google is not written as a file.')
    },
  }
}

/** Ends are not part of a range, and what a range leaves out is all of it. */
function holds(range: sheets_v4.Schema$GridRange, { row, column }: { row: number; column: number }): boolean {
  return (
    row >= (range.startRowIndex ?? 0) &&
    row < (range.endRowIndex ?? Number.POSITIVE_INFINITY) &&
    column >= (range.startColumnIndex ?? 0) &&
    column < (range.endColumnIndex ?? Number.POSITIVE_INFINITY)
  )
}

function isCorner(
  range: sheets_v4.Schema$GridRange,
  { row, column }: { row: number; column: number },
): boolean {
  return row === (range.startRowIndex ?? 0) && column === (range.startColumnIndex ?? 0)
}
