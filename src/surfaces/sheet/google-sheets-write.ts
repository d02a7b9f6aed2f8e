import { randomBytes } from 'node:crypto'
import type { sheets_v4 } from '@googleapis/sheets'
import { type Cell, Fault } from '../../contract/index.ts'
import type { GoogleSheetsApi } from './google-sheets-calls.ts'
import { type GoogleSheetRef, quotedTitle, readRanges, scratchPrefix } from './google-sheets-read.ts'

/** One cell to write, in the sheet's own rows and columns, from 0. */
export interface GuardedCell {
  row: number
  column: number
  /** What it holds as it was read: written only while that is so. */
  was: Cell
  value: Cell
  /** Cells of the same row that tell which row it is, as they were read. */
  witness: [column: number, cell: Cell][]
  /** What is written beside the value: our mark, or what was there before it. Absent: left as it is. */
  note?: string | null
  background?: sheets_v4.Schema$Color | null
  /** Shown as a date. */
  date?: boolean
}

/** A write that is under way; enough to finish it after a crash. */
export interface GuardedWrite {
  ref: GoogleSheetRef
  /** Number and title of the scratch sheet. */
  scratchId: number
  scratchTitle: string
  cells: GuardedCell[]
  /** The header as it was read, by column: where another stands, people have moved columns. */
  headRow: number
  heads: [column: number, cell: Cell][]
  /** Marks to be taken away, whatever stands there. */
  unmark: Pick<GuardedCell, 'row' | 'column' | 'note' | 'background'>[]
  /** Columns that must be there; a sheet that is too narrow is widened. */
  width: number
  widen: number
}

/** Rounds in which somebody may change the same cells at the very same moment. */
const rounds = 12

export function guardedWrite(
  given: Pick<GuardedWrite, 'ref' | 'cells' | 'headRow' | 'heads' | 'unmark'>,
  columnCount: number,
): GuardedWrite {
  const { cells, unmark } = given
  const width = Math.max(
    ...[...cells, ...unmark].map(({ column }) => column + 1),
    ...cells.flatMap(({ witness }) => witness.map(([column]) => column + 1)),
  )
  const id = randomBytes(4).readUInt32BE() & 0x3fffffff
  return {
    ...given,
    scratchId: id,
    scratchTitle: `${scratchPrefix}${id.toString(36)}`,
    width,
    widen: Math.max(0, width - columnCount),
  }
}

/**
 * Writes cells that a person may be changing at the same time, and loses nothing of theirs. Google has no write on a
 * condition, but one request changes all or nothing and in order. So in one request the rows are copied to a hidden
 * sheet and then written: the copy shows what stood there at the very moment of writing, also what came after it was
 * read. What was not as expected is put back, in the same manner, until nothing came between.
 *
 *     read ──► [copy row → scratch; write cell] ──► look at scratch ──► as expected: done
 *                                                        │ not
 *                                                        └─► [copy cell → second scratch; put back] ──► look again
 */
export async function startWrite(api: GoogleSheetsApi, write: GuardedWrite): Promise<void> {
  const { ref, cells } = write
  const requests: sheets_v4.Schema$Request[] = []
  if (write.widen > 0) {
    requests.push({ appendDimension: { sheetId: ref.sheetId, dimension: 'COLUMNS', length: write.widen } })
  }
  requests.push(
    addScratch(write.scratchId, write.scratchTitle, write),
    ...rowBlocks(write).map(([from, to]) =>
      copy(ref.sheetId, write.scratchId, { from, to, left: 0, right: write.width }),
    ),
    ...cells.map((cell) => setCell(ref.sheetId, cell)),
    ...write.unmark.map((mark) => setMark(ref.sheetId, mark)),
  )
  await batch(api, ref, requests)
}

/**
 * Looks at what stood there when it was written, and puts back what was not as expected. Gives the cells that are lost.
 *
 * @param settled called when all is as it shall be, before the scratch sheets, which tell so, go
 */
export async function finishWrite(
  api: GoogleSheetsApi,
  write: GuardedWrite,
  settled: () => Promise<void>,
): Promise<GuardedCell[]> {
  const { ref } = write
  const blocks = rowBlocks(write)
  const copies = await readRanges(
    api,
    ref.spreadsheet,
    blocks.map(
      ([from, to]) => `${quotedTitle(write.scratchTitle)}!A${from + 1}:${letters(write.width - 1)}${to}`,
    ),
    'typed',
  )
  const before = (row: number, column: number): Cell => {
    const block = blocks.findIndex(([from, to]) => row >= from && row < to)
    return copies[block]?.[row - blocks[block]![0]]?.[column] ?? null
  }
  const moved = new Set(
    write.heads.flatMap(([column, head]) => (sameCell(before(write.headRow, column), head) ? [] : [column])),
  )
  const lost = write.cells.filter(
    (cell) =>
      moved.has(cell.column) ||
      !sameCell(before(cell.row, cell.column), cell.was) ||
      cell.witness.some(([column, expected]) => !sameCell(before(cell.row, column), expected)),
  )
  // What we wrote last into each, and what is to be put back there.
  let open = lost.map((cell) => ({
    cell,
    ours: cell.value,
    theirs: before(cell.row, cell.column),
    from: write.scratchId,
  }))
  const scratches = [write.scratchId]
  for (let round = 0; open.length > 0; round++) {
    if (round === rounds) {
      throw new Fault(
        'busy',
        `The sheet "${ref.title}" is being changed all the time; it goes on when it rests.`,
      )
    }
    const id = randomBytes(4).readUInt32BE() & 0x3fffffff
    const title = `${scratchPrefix}${id.toString(36)}`
    await batch(api, ref, [
      addScratch(id, title, write),
      ...open.flatMap(({ cell, theirs, from }) => {
        const at = { from: cell.row, to: cell.row + 1, left: cell.column, right: cell.column + 1 }
        return [
          copy(ref.sheetId, id, at),
          setCell(ref.sheetId, { ...cell, value: null, note: null, background: null, date: false }),
          ...(theirs === null ? [] : [copy(from, ref.sheetId, at)]),
        ]
      }),
    ])
    scratches.push(id)
    const found = await readRanges(
      api,
      ref.spreadsheet,
      open.map(({ cell }) => `${quotedTitle(title)}!${letters(cell.column)}${cell.row + 1}`),
      'typed',
    )
    open = open.flatMap(({ cell, ours, theirs }, index) => {
      const stood = found[index]?.[0]?.[0] ?? null
      // Ours, or what we put back ourselves: nobody came between.
      return sameCell(stood, ours) ? [] : [{ cell, ours: theirs, theirs: stood, from: id }]
    })
  }
  await settled()
  await batch(
    api,
    ref,
    scratches.map((sheetId) => ({ deleteSheet: { sheetId } })),
  )
  return lost
}

function batch(api: GoogleSheetsApi, { spreadsheet }: GoogleSheetRef, requests: sheets_v4.Schema$Request[]) {
  return api.call('write into the sheet', 'write', () =>
    api.sheets.spreadsheets.batchUpdate({ spreadsheetId: spreadsheet, requestBody: { requests } }),
  )
}

/** As large as what is copied into it: cells keep their addresses, so that formulas read the same there. */
function addScratch(sheetId: number, title: string, write: GuardedWrite): sheets_v4.Schema$Request {
  const { headRow, cells, width } = write
  const rowCount = Math.max(headRow, ...cells.map(({ row }) => row)) + 1
  return {
    addSheet: {
      properties: { sheetId, title, hidden: true, gridProperties: { rowCount, columnCount: width } },
    },
  }
}

interface Block {
  from: number
  to: number
  left: number
  right: number
}

/** Values and formulas, without formats. */
function copy(
  fromSheet: number,
  toSheet: number,
  { from, to, left, right }: Block,
): sheets_v4.Schema$Request {
  const range = { startRowIndex: from, endRowIndex: to, startColumnIndex: left, endColumnIndex: right }
  return {
    copyPaste: {
      source: { sheetId: fromSheet, ...range },
      destination: { sheetId: toSheet, ...range },
      pasteType: 'PASTE_FORMULA',
      pasteOrientation: 'NORMAL',
    },
  }
}

function setCell(sheetId: number, cell: GuardedCell): sheets_v4.Schema$Request {
  const { row, column, note, background } = cell
  const fields = ['userEnteredValue']
  const data: sheets_v4.Schema$CellData = {}
  const value = extended(cell)
  if (value) data.userEnteredValue = value
  if (note !== undefined) {
    fields.push('note')
    if (note !== null) data.note = note
  }
  if (background !== undefined) {
    fields.push('userEnteredFormat.backgroundColor')
    if (background !== null) data.userEnteredFormat = { backgroundColor: background }
  }
  if (cell.date !== undefined) {
    fields.push('userEnteredFormat.numberFormat')
    if (cell.date) data.userEnteredFormat = { ...data.userEnteredFormat, numberFormat: { type: 'DATE' } }
  }
  const range = {
    startRowIndex: row,
    endRowIndex: row + 1,
    startColumnIndex: column,
    endColumnIndex: column + 1,
  }
  return {
    updateCells: { range: { sheetId, ...range }, rows: [{ values: [data] }], fields: fields.join(',') },
  }
}

function setMark(
  sheetId: number,
  { row, column, note, background }: GuardedWrite['unmark'][number],
): sheets_v4.Schema$Request {
  const whole = setCell(sheetId, {
    row,
    column,
    note,
    background,
    was: null,
    value: null,
    witness: [],
  } as GuardedCell)
  const { updateCells } = whole
  return { updateCells: { ...updateCells!, fields: updateCells!.fields!.replace('userEnteredValue,', '') } }
}

/** Never as a formula: what a model says is text, whatever it begins with. */
function extended({ value }: GuardedCell): sheets_v4.Schema$ExtendedValue | null {
  if (value === null) return null
  if (typeof value === 'number') return { numberValue: value }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value }
}

/** Rows that are next to each other, as [from, to). */
function rowBlocks({ cells, headRow }: GuardedWrite): [from: number, to: number][] {
  const blocks: [number, number][] = []
  for (const row of [...new Set([headRow, ...cells.map((cell) => cell.row)])].sort((a, b) => a - b)) {
    const last = blocks.at(-1)
    if (last && last[1] === row) last[1]++
    else blocks.push([row, row + 1])
  }
  return blocks
}

export function sameCell(a: Cell, b: Cell): boolean {
  return (a ?? '') === (b ?? '') || (a !== null && b !== null && String(a) === String(b))
}

export function letters(column: number): string {
  const rest = Math.floor(column / 26)
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(65 + (column % 26))
}
