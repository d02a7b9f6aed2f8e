import { crc32 } from 'node:zlib'
import type { Cell } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import { decode, encode } from './encoding.ts'
import { serialFromIso } from './number-formats.ts'
import { emptiedColumns, type Memory, type Patch, type Patched, type Sheet, type Was } from './patch.ts'
import { columnLetters, columnOfReference, type Workbook } from './workbook.ts'
import { addQuietStyles } from './workbook-styles.ts'
import { encodeXstring, escapeXml, nextTag, skipElement, walkTags } from './xml.ts'
import { type RawEntry, rawEntry, replaceEntries, zipEntry } from './zip.ts'

/**
 * One sheet of a workbook to write into. Its XML is patched as text and one entry of the archive replaced, so that
 * whatever is not understood here (charts, comments, tables, extensions, other sheets) stays byte for byte.
 *
 * Libraries were tried first, on a workbook with an extension list, a calculation chain and two parts of no known
 * kind, loaded and saved unchanged: hucre 1.0.0 rewrote every part and dropped the extension list, exceljs 4.4.0
 * dropped the unknown parts as well, xlsx-populate 1.21.0 dropped the calculation chain and the formulas' values.
 */
export function workbookSheet(workbook: Workbook): Sheet {
  const { table } = workbook
  return {
    table,
    refusal: workbook.protected
      ? `the sheet "${table.sheet}" is protected: unprotect it to let Inlay write`
      : null,
    writable: (text) => text.isWellFormed() && text.length <= 32_767,
    blocked: (row, column) => {
      const index = table.columns.indexOf(column)
      return (
        index >= 0 && workbook.emptyFormulas.has(`${table.rowNumbers[row]}:${table.columnNumbers[index]}`)
      )
    },
    patch: (patch, memory) => patchWorkbook(workbook, patch, memory),
  }
}

interface CellEdit {
  column: number
  /** The new raw cell; '' takes it away. */
  raw(existing: string, prefix: string): string
  /** Told what stood there. */
  was?(existing: string): void
}

function patchWorkbook(workbook: Workbook, { sets, resets }: Patch, memory: Memory | null): Patched {
  const { table } = workbook
  const next: Memory = { ...memory, headers: { ...memory?.headers } }
  const place = new Map(table.columns.map((column, index) => [column, table.columnNumbers[index]!]))
  const added = [...new Set(sets.map(({ column }) => column))].filter((column) => !place.has(column))
  let free = Math.max(-1, ...table.columnNumbers) + 1
  for (const column of added) {
    while (workbook.usedColumns.has(free)) free++
    place.set(column, free++)
  }
  const dropped = emptiedColumns(table, sets, resets)
  const edits = new Map<number, CellEdit[]>()
  const edit = (row: number, cell: CellEdit) => {
    const list = edits.get(row)
    if (list) list.push(cell)
    else edits.set(row, [cell])
  }
  for (const column of added) {
    edit(table.headerNumber, {
      column: place.get(column)!,
      raw: (_, prefix) =>
        cellXml(prefix, place.get(column)!, table.headerNumber, headerStyle(workbook), column),
      was: (existing) => {
        next.headers![column] = existing
      },
    })
  }
  for (const column of dropped) {
    const was = next.headers![column] ?? ''
    delete next.headers![column]
    edit(table.headerNumber, { column: place.get(column)!, raw: () => was })
  }
  const styles = quietStyles(workbook, sets, place, next)
  const was: Was[] = new Array(sets.length).fill('')
  for (const [index, { row, column, value }] of sets.entries()) {
    const number = table.rowNumbers[row]!
    const at = place.get(column)!
    edit(number, {
      column: at,
      raw: (existing, prefix) => {
        const base = styleOf(existing) ?? styles.ofColumn(column)
        const typed = isOwnColumn(column) ? value : typedLike(workbook, column, base, value)
        const style = isOwnColumn(column) ? styleOf(existing) : (styles.variants[base ?? 0] ?? base)
        return cellXml(prefix, at, number, style, typed)
      },
      was: (existing) => {
        was[index] = existing
      },
    })
  }
  for (const { row, column, was: before } of resets) {
    edit(table.rowNumbers[row]!, { column: place.get(column)!, raw: () => String(before) })
  }

  let xml = editRows(workbook, edits)
  const ownLeft = table.columns.filter(isOwnColumn).length + added.length > dropped.length
  xml = ownLeft ? growDimension(xml, Math.max(...place.values()), next) : restoreDimension(xml, next)
  return { ...pack(workbook, xml, styles.xml, next, memory, ownLeft), was }
}

export function styleOf(cell: string): number | undefined {
  const style = /^<[^>]*\ss=["'](\d+)["']/.exec(cell)?.[1]
  return style === undefined ? undefined : Number(style)
}

function headerStyle(workbook: Workbook): number | undefined {
  const { table } = workbook
  return styleOf(rawCell(workbook, table.headerNumber, table.columnNumbers.at(-1)!))
}

function rawCell(workbook: Workbook, rowNumber: number, column: number): string {
  const span = workbook.rowSpans.get(rowNumber)
  if (!span) return ''
  return (
    cellsOf(workbook.sheetXml.slice(span.start, span.end)).cells.find((cell) => cell.column === column)
      ?.raw ?? ''
  )
}

/** A value in the type of the column's other cells, as far as that loses nothing. */
function typedLike(workbook: Workbook, column: string, style: number | undefined, value: Cell): Cell {
  const { table, dateStyles, date1904 } = workbook
  if (typeof value !== 'string') return value
  const dateStyle = dateStyles[style ?? 0]
  if (dateStyle) return serialFromIso(value, dateStyle, date1904) ?? value
  const index = table.columns.indexOf(column)
  const numbers = table.rows.every((row) => row[index] === null || typeof row[index] === 'number')
  return numbers && String(Number(value)) === value ? Number(value) : value
}

/** The style of the first filled cell of a column, and a quiet variant of every style that the sets will need. */
function quietStyles(workbook: Workbook, sets: Patch['sets'], place: Map<string, number>, next: Memory) {
  const { table, zip, parts } = workbook
  const ofColumn = new Map<string, number | undefined>()
  const bases = new Set<number>()
  for (const { row, column } of sets) {
    if (isOwnColumn(column)) continue
    const at = place.get(column)!
    if (!ofColumn.has(column)) {
      const filled = table.rows.findIndex((cells) => cells[table.columns.indexOf(column)] !== null)
      ofColumn.set(column, filled < 0 ? undefined : styleOf(rawCell(workbook, table.rowNumbers[filled]!, at)))
    }
    bases.add(styleOf(rawCell(workbook, table.rowNumbers[row]!, at)) ?? ofColumn.get(column) ?? 0)
  }
  const none = {
    ofColumn: (column: string) => ofColumn.get(column),
    variants: {} as Record<string, number>,
    xml: null,
  }
  const bytes = parts.styles === null || bases.size === 0 ? null : zipEntry(table.path, zip, parts.styles)
  if (!bytes) return none
  // Another program that saved the file renumbered its styles: ours of earlier mean nothing then.
  const known = next.styles && next.styles.crc === crc32(bytes) ? next.styles.variants : {}
  const missing = [...bases].filter((base) => known[base] === undefined)
  if (missing.length === 0) return { ...none, variants: known }
  const decoded = decode(bytes)
  const added = addQuietStyles(decoded.text, missing)
  if (!added) return none
  const xml = Buffer.from(encode(added.xml, decoded.encoding, decoded.bom))
  const variants = { ...known, ...added.variants }
  next.styles = { crc: crc32(xml), variants }
  return { ...none, variants, xml }
}

export function cellXml(
  prefix: string,
  column: number,
  row: number,
  style: number | undefined,
  value: Cell,
): string {
  const open = `<${prefix}c r="${columnLetters(column)}${row}"${style === undefined ? '' : ` s="${style}"`}`
  if (typeof value === 'number') return `${open}><${prefix}v>${value}</${prefix}v></${prefix}c>`
  if (typeof value === 'boolean')
    return `${open} t="b"><${prefix}v>${value ? 1 : 0}</${prefix}v></${prefix}c>`
  const text = escapeXml(encodeXstring(value ?? ''))
  return `${open} t="inlineStr"><${prefix}is><${prefix}t xml:space="preserve">${text}</${prefix}t></${prefix}is></${prefix}c>`
}

/** Cells of one row's XML with their offsets in it, and where its content begins. */
export function cellsOf(rowXml: string) {
  const walk = walkTags(rowXml)
  nextTag(walk)
  const { prefix, end: contentStart, empty } = walk
  const cells: { column: number; start: number; end: number; raw: string }[] = []
  let column = -1
  while (!empty && nextTag(walk)) {
    if (walk.closing || walk.name !== 'c') continue
    const reference = walk.attributes.get('r')
    column = reference ? columnOfReference(reference) : column + 1
    const { start } = walk
    skipElement(walk)
    cells.push({ column, start, end: walk.end, raw: rowXml.slice(start, walk.end) })
  }
  return { cells, prefix, contentStart, empty }
}

function editRows(workbook: Workbook, edits: Map<number, CellEdit[]>): string {
  const { sheetXml, rowSpans } = workbook
  const parts: string[] = []
  let from = 0
  const rows = [...edits].map(([number, list]) => ({ span: rowSpans.get(number)!, list }))
  for (const { span, list } of rows.sort((a, b) => a.span.start - b.span.start)) {
    parts.push(sheetXml.slice(from, span.start), editRow(sheetXml.slice(span.start, span.end), list))
    from = span.end
  }
  parts.push(sheetXml.slice(from))
  return parts.join('')
}

function editRow(rowXml: string, edits: CellEdit[]): string {
  const { cells, prefix, contentStart } = cellsOf(rowXml)
  const parts: string[] = []
  let from = 0
  for (const edit of edits.toSorted((a, b) => a.column - b.column)) {
    const existing = cells.find(({ column }) => column === edit.column)
    const before = cells.findLast(({ column }) => column < edit.column)
    const at = existing ?? { start: before?.end ?? contentStart, end: before?.end ?? contentStart, raw: '' }
    edit.was?.(at.raw)
    parts.push(rowXml.slice(from, at.start), edit.raw(at.raw, prefix))
    from = at.end
  }
  parts.push(rowXml.slice(from))
  return parts.join('')
}

const dimensionTag = /<(?:\w+:)?dimension\b[^>]*\bref="([^"]*)"[^>]*\/?>/

/** Some readers believe the sheet's dimension: it must cover our columns. */
function growDimension(xml: string, lastColumn: number, next: Memory): string {
  const match = dimensionTag.exec(xml.slice(0, 10_000))
  const corners = /^([A-Z]+)(\d+):([A-Z]+)(\d+)$/.exec(match?.[1] ?? '')
  if (!match || !corners || columnOfReference(corners[3]!) >= lastColumn) return xml
  const reference = `${corners[1]}${corners[2]}:${columnLetters(lastColumn)}${corners[4]}`
  const now = match[0].replace(match[1]!, reference)
  next.dimension = { was: next.dimension?.now === match[0] ? next.dimension.was : match[0], now }
  return xml.slice(0, match.index) + now + xml.slice(match.index + match[0].length)
}

function restoreDimension(xml: string, { dimension }: Memory): string {
  if (!dimension) return xml
  const at = xml.slice(0, 10_000).indexOf(dimension.now)
  return at < 0 ? xml : xml.slice(0, at) + dimension.was + xml.slice(at + dimension.now.length)
}

function pack(
  workbook: Workbook,
  xml: string,
  stylesXml: Buffer | null,
  next: Memory,
  memory: Memory | null,
  ownLeft: boolean,
): Pick<Patched, 'bytes' | 'memory'> {
  const { zip, parts, table, sheetEncoding } = workbook
  const sheetBytes = Buffer.from(encode(xml, sheetEncoding.encoding, sheetEncoding.bom))
  const replaced = new Map<string, Uint8Array | RawEntry>([[parts.sheet, sheetBytes]])
  if (stylesXml) replaced.set(parts.styles!, stylesXml)
  if (ownLeft) {
    const originals = { ...memory?.originals }
    const touched = [parts.sheet, ...(stylesXml ? [parts.styles!] : [])]
    for (const name of touched) originals[name] ??= original(workbook, name)
    next.originals = originals
    return { bytes: replaceEntries(zip, replaced), memory: next }
  }
  // Nothing of ours is left: entries that are again what they were get their old compressed bytes, too.
  const before = memory?.originals ?? {}
  const sheetBefore = before[parts.sheet]
  if (sheetBefore?.crc === crc32(sheetBytes)) replaced.set(parts.sheet, asRaw(sheetBefore))
  const stylesBefore = parts.styles === null ? undefined : before[parts.styles]
  if (stylesBefore && next.styles) {
    const now = zipEntry(table.path, zip, parts.styles!)
    const variants = Object.values(next.styles.variants)
    const used = variants.some((variant) => new RegExp(`\\ss=["']${variant}["']`).test(xml))
    if (now && crc32(now) === next.styles.crc && !used) replaced.set(parts.styles!, asRaw(stylesBefore))
  }
  return { bytes: replaceEntries(zip, replaced), memory: null }
}

function original({ zip }: Workbook, name: string) {
  const { record, directory } = rawEntry(zip, name)
  const { crc } = zip.entries.get(name)!
  return { record: record.toString('base64'), directory: directory.toString('base64'), crc }
}

function asRaw({ record, directory }: { record: string; directory: string }): RawEntry {
  return { record: Buffer.from(record, 'base64'), directory: Buffer.from(directory, 'base64') }
}
