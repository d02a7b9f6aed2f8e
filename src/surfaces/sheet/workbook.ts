import { posix } from 'node:path'
import { type Cell, Fault, type OtherTable } from '../../contract/index.ts'
import { nameColumns } from './column-names.ts'
import { type Decoded, decode } from './encoding.ts'
import { type DateStyle, isoFromSerial, readDateStyles } from './number-formats.ts'
import type { Table } from './table.ts'
import {
  closes,
  decodeXstring,
  elementText,
  nextTag,
  skipElement,
  type TagWalk,
  unescapeXml,
  walkTags,
} from './xml.ts'
import { openZip, type Zip, zipEntry } from './zip.ts'

/** One sheet of a workbook that was read, with all that is needed to patch it. */
export interface Workbook {
  table: Table
  zip: Zip
  /** Entry names; `styles` is null in a workbook without styles. */
  parts: { sheet: string; styles: string | null }
  sheetXml: string
  sheetEncoding: Pick<Decoded, 'encoding' | 'bom'>
  /** `row:column` (row from 1, column from 0) of formulas that show nothing. */
  emptyFormulas: Set<string>
  /** Offsets of every row element by its number, end exclusive. */
  rowSpans: Map<number, { start: number; end: number }>
  /** Column numbers (from 0) in which some cell holds something. */
  usedColumns: Set<number>
  protected: boolean
  date1904: boolean
  dateStyles: (DateStyle | null)[]
}

const compoundFile = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/** Throws the Fault for what an old or encrypted office file is, by its first bytes. */
export function refuseCompoundFile(path: string, bytes: Buffer): void {
  if (!bytes.subarray(0, 8).equals(compoundFile)) return
  const holds = (name: string) => bytes.includes(Buffer.from(name, 'utf16le'))
  if (holds('EncryptedPackage')) {
    throw new Fault(
      'bad-input',
      `${path} is protected by a password: remove it (File, Info, Protect) and save it again.`,
    )
  }
  if (holds('Workbook') || holds('Book')) {
    throw new Fault('bad-input', `${path} is a workbook of the old .xls format: save it as .xlsx or CSV.`)
  }
  throw new Fault(
    'bad-input',
    `${path} is an old office file that holds no table: save the table as .xlsx or CSV.`,
  )
}

/** Reads one sheet: the named one, else the first visible one that holds something. */
export function parseWorkbook(path: string, bytes: Buffer, named?: string): Workbook {
  const zip = openZip(path, bytes)
  const main = mainPart(path, zip)
  const folder = posix.dirname(main)
  const targets = relations(path, zip, main)
  const book = readBook(part(path, zip, main))
  if (book.sheets.length === 0) throw new Fault('bad-input', `${path} is a workbook without a sheet.`)
  const byType = (type: string) =>
    [...targets.values()].find((target) => target.type.endsWith(`/${type}`))?.path ?? null
  const styles = byType('styles')
  const dateStyles = readDateStyles(styles && zip.entries.has(styles) ? part(path, zip, styles) : null)
  const shared = byType('sharedStrings')
  const strings = readSharedStrings(shared && zip.entries.has(shared) ? part(path, zip, shared) : null)

  const visible = book.sheets.filter(({ hidden }) => !hidden)
  const order = visible.length > 0 ? visible : book.sheets
  let kept: OtherTable[] | null = null
  const othersOf = (sheet: BookSheet) => () => {
    kept ??= order
      .filter((other) => other !== sheet)
      .slice(0, mostOthers)
      .flatMap((other) => otherTable(read(other).table))
    return kept
  }
  const withOthers = (workbook: Workbook, sheet: BookSheet): Workbook => {
    if (book.sheets.length > 1) workbook.table.others = othersOf(sheet)
    return workbook
  }
  const read = (sheet: BookSheet): Workbook => {
    const target = targets.get(sheet.relation)?.path ?? posix.join(folder, 'worksheets', 'sheet1.xml')
    const decoded = decodedPart(path, zip, target)
    const source = { path, sheet: sheet.name, decoded, strings, dateStyles, date1904: book.date1904 }
    return readSheet(source, zip, { sheet: target, styles })
  }
  if (named !== undefined) {
    const match =
      book.sheets.find(({ name }) => name === named) ??
      book.sheets.find(({ name }) => name.toLowerCase() === named.toLowerCase())
    if (!match) {
      const names = book.sheets.map(({ name }) => `"${name}"`).join(', ')
      throw new Fault('bad-input', `${path} has no sheet "${named}": it has ${names}.`)
    }
    return withOthers(read(match), match)
  }
  let first: Workbook | null = null
  for (const sheet of order) {
    const workbook = read(sheet)
    first ??= workbook
    if (workbook.table.columns.length === 0) continue
    if (order.length > 1) {
      const others = order.filter((other) => other !== sheet).map(({ name }) => `"${name}"`)
      workbook.table.notices.push(
        `${path}: sheet "${sheet.name}" is read; there is also ${others.join(', ')}.`,
      )
    }
    return withOthers(workbook, sheet)
  }
  return first!
}

/** A workbook's parts by what they are for, for whoever patches one of them. */
export interface Book {
  zip: Zip
  /** In their order; `part` is the entry with the sheet's XML. */
  sheets: { name: string; hidden: boolean; part: string }[]
  /** Defined names and what they refer to, as written: `Report!$B$2`. */
  names: Map<string, string>
  strings(): string[]
  text(part: string): Decoded
  /** Entries that a part refers to by a type of relation, `drawing` for one. */
  related(part: string, type: string): string[]
}

/** Throws a Fault (`bad-input`) for a damaged workbook, and for what is none. */
export function openBook(path: string, bytes: Buffer): Book {
  refuseCompoundFile(path, bytes)
  const zip = openZip(path, bytes)
  const main = mainPart(path, zip)
  const targets = relations(path, zip, main)
  const xml = part(path, zip, main)
  const names = new Map<string, string>()
  const walk = walkTags(xml)
  while (nextTag(walk)) {
    if (walk.closing || walk.name !== 'definedName') continue
    const name = unescapeXml(walk.attributes.get('name') ?? '')
    names.set(name, elementText(walk))
  }
  const related = (of: string, type: string) =>
    [...relations(path, zip, of).values()]
      .filter((each) => each.type.endsWith(`/${type}`) && zip.entries.has(each.path))
      .map((each) => each.path)
  return {
    zip,
    sheets: readBook(xml).sheets.map(({ name, hidden, relation }) => ({
      name,
      hidden,
      part: targets.get(relation)?.path ?? '',
    })),
    names,
    strings() {
      const [shared] = related(main, 'sharedStrings')
      return readSharedStrings(shared ? part(path, zip, shared) : null)
    },
    text: (name) => decodedPart(path, zip, name),
    related,
  }
}

/** Sheets that are looked into beside the one that was asked for. */
const mostOthers = 12

function otherTable({ sheet, columns, rows, columnNumbers }: Table): OtherTable[] {
  return columns.length > 1 && rows.length > 0 ? [{ name: sheet ?? '', columns, rows, columnNumbers }] : []
}

function part(path: string, zip: Zip, name: string): string {
  return decodedPart(path, zip, name).text
}

function decodedPart(path: string, zip: Zip, name: string): Decoded {
  const bytes = zipEntry(path, zip, name)
  if (!bytes) {
    throw new Fault('bad-input', `${path} is a damaged workbook (its part ${name} is missing): save it anew.`)
  }
  return decode(bytes)
}

function mainPart(path: string, zip: Zip): string {
  const root = zip.entries.has('_rels/.rels') ? relations(path, zip, '') : new Map<string, Relation>()
  const main =
    [...root.values()].find(({ type }) => type.endsWith('/officeDocument'))?.path ?? 'xl/workbook.xml'
  if (zip.entries.has(main) && main.endsWith('.xml') && /(^|\/)xl\//.test(main)) return main
  const refuse = (what: string) =>
    new Fault('bad-input', `${path} is ${what}: save the table as .xlsx or CSV.`)
  if (main.endsWith('.bin')) throw refuse('a binary workbook (.xlsb)')
  if (zip.entries.has('word/document.xml')) throw refuse('a Word document')
  if (zip.entries.has('ppt/presentation.xml')) throw refuse('a presentation')
  const mimetype = zipEntry(path, zip, 'mimetype')?.toString('latin1') ?? ''
  if (mimetype.includes('opendocument.spreadsheet')) throw refuse('an OpenDocument spreadsheet (.ods)')
  if ([...zip.entries.keys()].some((name) => name.endsWith('.iwa'))) throw refuse('an Apple Numbers document')
  throw refuse('a zip archive that holds no workbook')
}

interface Relation {
  type: string
  path: string
}

/** Relations of a part (OPC, ECMA-376 part 2): id → type and the entry that it means. */
function relations(path: string, zip: Zip, of: string): Map<string, Relation> {
  const folder = posix.dirname(of)
  const name = posix.join(folder, '_rels', `${posix.basename(of)}.rels`)
  const found = new Map<string, Relation>()
  if (!zip.entries.has(name)) return found
  const walk = walkTags(part(path, zip, name))
  while (nextTag(walk)) {
    if (walk.name !== 'Relationship' || walk.attributes.get('TargetMode') === 'External') continue
    const target = unescapeXml(walk.attributes.get('Target') ?? '')
    const entry = target.startsWith('/') ? target.slice(1) : posix.join(folder, target)
    found.set(walk.attributes.get('Id') ?? '', { type: walk.attributes.get('Type') ?? '', path: entry })
  }
  return found
}

interface BookSheet {
  name: string
  hidden: boolean
  relation: string
}

function readBook(xml: string): { sheets: BookSheet[]; date1904: boolean } {
  const sheets: BookSheet[] = []
  let date1904 = false
  const walk = walkTags(xml)
  while (nextTag(walk)) {
    if (walk.closing) continue
    const { attributes } = walk
    if (walk.name === 'workbookPr') date1904 = isTrue(attributes.get('date1904'))
    if (walk.name !== 'sheet') continue
    // The prefix of the relation's id is the file's own choice.
    const relation = [...attributes].find(([name]) => name.endsWith(':id'))?.[1] ?? ''
    const hidden = (attributes.get('state') ?? 'visible') !== 'visible'
    sheets.push({ name: unescapeXml(attributes.get('name') ?? ''), hidden, relation })
  }
  return { sheets, date1904 }
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true'
}

function readSharedStrings(xml: string | null): string[] {
  const strings: string[] = []
  if (xml === null) return strings
  const walk = walkTags(xml)
  while (nextTag(walk)) {
    if (walk.name === 'si' && !walk.closing) strings.push(richText(walk, 'si'))
  }
  return strings
}

/** The walk stands on `<si>` or `<is>`: all its text but the phonetic hints. */
export function richText(walk: TagWalk, element: string): string {
  if (walk.empty) return ''
  let text = ''
  while (nextTag(walk)) {
    if (walk.closing) {
      if (walk.name === element) break
    } else if (walk.name === 't') text += elementText(walk)
    else if (walk.name === 'rPh') skipElement(walk)
  }
  return decodeXstring(text)
}

interface SheetSource {
  path: string
  sheet: string
  decoded: Decoded
  strings: string[]
  dateStyles: (DateStyle | null)[]
  date1904: boolean
}

interface RawRow {
  number: number
  cells: Cell[]
}

function readSheet(source: SheetSource, zip: Zip, parts: Workbook['parts']): Workbook {
  const { path, sheet, decoded, dateStyles, date1904 } = source
  const sheetXml = decoded.text
  const rowSpans: Workbook['rowSpans'] = new Map()
  const usedColumns = new Set<number>()
  const emptyFormulas = new Set<string>()
  const rows: RawRow[] = []
  let isProtected = false
  let uncalculated = 0
  const walk = walkTags(sheetXml)
  let number = 0
  while (nextTag(walk)) {
    if (walk.closing) continue
    if (walk.name === 'sheetProtection') isProtected = isTrue(walk.attributes.get('sheet'))
    if (walk.name !== 'row') continue
    number = Number(walk.attributes.get('r') ?? number + 1)
    const { start } = walk
    const cells = walk.empty
      ? []
      : readRow(walk, source, (column) => {
          emptyFormulas.add(`${number}:${column}`)
          usedColumns.add(column)
        })
    rowSpans.set(number, { start, end: walk.end })
    if (cells.length > 0) rows.push({ number, cells })
    for (const [column, cell] of cells.entries()) {
      if (cell === null) continue
      usedColumns.add(column)
      if (typeof cell === 'string' && cell.startsWith('=')) uncalculated++
    }
  }
  const table = tableOfRows(path, sheet, rows)
  if (uncalculated > 0) {
    table.notices.push(
      `${path}: ${uncalculated} formula(s) were never calculated and are read as they are written: open the file and save it.`,
    )
  }
  return {
    table,
    zip,
    parts,
    sheetXml,
    sheetEncoding: decoded,
    emptyFormulas,
    rowSpans,
    usedColumns,
    protected: isProtected,
    date1904,
    dateStyles,
  }
}

/** The walk stands on `<row>`: its cells by column, behind the last filled one nothing; moves to its end. */
function readRow(walk: TagWalk, source: SheetSource, emptyFormula: (column: number) => void): Cell[] {
  const cells: Cell[] = []
  let column = -1
  while (nextTag(walk) && !closes(walk, 'row')) {
    if (walk.closing || walk.name !== 'c') continue
    const reference = walk.attributes.get('r')
    column = reference ? columnOfReference(reference) : column + 1
    const cell = readCell(walk, source, () => emptyFormula(column))
    if (cell === null) continue
    while (cells.length < column) cells.push(null)
    cells[column] = cell
  }
  return cells
}

/** `BC12` → 54. */
export function columnOfReference(reference: string): number {
  let column = 0
  for (let i = 0; i < reference.length; i++) {
    const code = reference.charCodeAt(i) & 0xdf
    if (code < 65 || code > 90) break
    column = column * 26 + code - 64
  }
  return column - 1
}

/** 54 → `BC`. */
export function columnLetters(column: number): string {
  let letters = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  }
  return letters
}

/** The walk stands on `<c>`: its value as a person sees it; moves behind it. */
function readCell(
  walk: TagWalk,
  { strings, dateStyles, date1904 }: SheetSource,
  emptyFormula: () => void,
): Cell {
  if (walk.empty) return null
  const type = walk.attributes.get('t') ?? 'n'
  const style = Number(walk.attributes.get('s') ?? 0)
  let raw: string | null = null
  let formula: string | null = null
  let inline: string | null = null
  while (nextTag(walk) && !closes(walk, 'c')) {
    if (walk.closing) continue
    if (walk.name === 'v') raw = elementText(walk)
    else if (walk.name === 'f') formula = elementText(walk)
    else if (walk.name === 'is') inline = richText(walk, 'is')
    else skipElement(walk)
  }
  if (type === 'inlineStr') return textCell(inline ?? '')
  if (raw === null && formula !== null) return `=${formula}`
  if (raw === null || raw.trim() === '') {
    if (formula !== null) emptyFormula()
    return null
  }
  if (type === 's') return textCell(strings[Number(raw)] ?? '')
  if (type === 'b') return raw === '1' || raw === 'true'
  if (type === 'n') {
    const value = Number(raw)
    const dateStyle = dateStyles[style]
    return Number.isNaN(value) ? raw : dateStyle ? isoFromSerial(value, dateStyle, date1904) : value
  }
  return textCell(decodeXstring(raw))
}

function textCell(text: string): Cell {
  return text.trim() === '' ? null : text
}

/** Takes the header as the first row that is about as wide as the table; what stands above is a title. */
function tableOfRows(path: string, sheet: string, rows: RawRow[]): Table {
  const widths = rows.slice(0, 50).map(({ cells }) => cells.filter((cell) => cell !== null).length)
  const widest = Math.max(0, ...widths)
  const headerIndex = Math.max(
    0,
    widths.slice(0, 20).findIndex((width) => width * 2 > widest),
  )
  const header = rows[headerIndex]
  const place = `${path}, sheet "${sheet}"`
  const body = rows.slice(headerIndex + 1)
  const width = rows.slice(headerIndex).reduce((most, { cells }) => Math.max(most, cells.length), 0)
  const filled = new Uint8Array(width)
  for (const { cells } of body) for (let c = 0; c < cells.length; c++) if (cells[c] != null) filled[c] = 1
  const kept: number[] = []
  for (let column = 0; column < width; column++) {
    if (filled[column] || header!.cells[column] != null) kept.push(column)
  }
  const { columns, notices } = nameColumns(
    kept.map((column) => String(header!.cells[column] ?? '')),
    kept.map((column) => column + 1),
    place,
  )
  if (headerIndex > 0) {
    notices.push(`${place}: row ${header!.number} is taken as the header, what stands above it as a title.`)
  }
  return {
    path,
    format: 'xlsx',
    sheet,
    columns,
    rows: body.map(({ cells }) => kept.map((column) => cells[column] ?? null)),
    notices,
    headerNumber: header?.number ?? 1,
    rowNumbers: Int32Array.from(body, ({ number }) => number),
    columnNumbers: kept,
  }
}
