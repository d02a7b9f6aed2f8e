import { crc32 } from 'node:zlib'
import { Fault } from '../../contract/index.ts'
import { encode } from './encoding.ts'
import { type Book, columnLetters, columnOfReference, openBook, richText } from './workbook.ts'
import { cellsOf, cellXml, styleOf } from './workbook-patch.ts'
import { decodeXstring, elementText, escapeXml, nextTag, skipElement, walkTags } from './xml.ts'
import { type RawEntry, rawEntry, replaceEntries } from './zip.ts'

/** One cell or text box of a workbook whose text is written as a whole. All other bytes stay as they are. */
export interface Spot {
  /** The entry that it stands in. */
  part: string
  /** Its XML as it stands there; empty for a cell that is not there yet. */
  inside: string
  /** What a person sees of such XML; a formula as it is written. */
  shown(inside: string): string
  /** The XML for a text in its place. */
  composed(text: string): string
  /** Why nothing may be written there; null where it may. */
  refusal: string | null
  /** The workbook with other XML there, and what must be kept to have every byte back. */
  replaced(to: string, kept: string | null): { bytes: Buffer; kept: string }
}

/** What an undo to the byte needs: the entry as it was, and whether its row was made for us. */
interface Kept {
  record: string
  directory: string
  crc: number
  rowAdded: boolean
}

/**
 * Finds `Sheet!B2`, a defined name, or a text box by the name that the office program shows for it. Null where there is no such
 * thing in this workbook. Throws a Fault (`bad-input`) where the workbook is damaged.
 */
export function findSpot(path: string, bytes: Buffer, where: string): (Spot & { sheet: string }) | null {
  const book = openBook(path, bytes)
  const named = [...book.names].find(([name]) => name.toLowerCase() === where.toLowerCase())?.[1]
  const reference = /^(?:'((?:[^']|'')+)'|([^!]+))!\$?([A-Z]{1,3})\$?(\d+)(?::.*)?$/i.exec(named ?? where)
  if (reference) {
    const wanted = (reference[1]?.replaceAll("''", "'") ?? reference[2]!).toLowerCase()
    const sheet = book.sheets.find(({ name }) => name.toLowerCase() === wanted)
    if (!sheet) return null
    const cell = { row: Number(reference[4]), column: columnOfReference(reference[3]!) }
    return { ...cellSpot(book, sheet.part, cell), sheet: sheet.name }
  }
  for (const { name, part } of book.sheets) {
    for (const drawing of book.related(part, 'drawing')) {
      const box = textBoxSpot(book, drawing, where)
      if (box) return { ...box, sheet: name }
    }
  }
  return null
}

function cellSpot(book: Book, part: string, { row, column }: { row: number; column: number }): Spot {
  const decoded = book.text(part)
  const xml = decoded.text
  const at = placeOfCell(xml, row, column)
  let strings: string[] | null = null
  function replaced(to: string, kept: string | null) {
    const before: Kept | null = kept === null ? null : JSON.parse(kept)
    let after: string
    if (at.rowStart === null) {
      after = `${xml.slice(0, at.start)}<${at.prefix}row r="${row}">${to}</${at.prefix}row>${xml.slice(at.start)}`
    } else if (at.rowEmpty) {
      // `<row r="3"/>` has no room for a cell.
      after = `${xml.slice(0, at.start - 2)}>${to}</${at.prefix}row>${xml.slice(at.end)}`
    } else {
      // An office program that saved the file may have renumbered its styles.
      const style = styleOf(at.inside)
      const styled = style === undefined ? to : to.replace(/(^<[^>]*\ss=["'])\d+/, `$1${style}`)
      after = xml.slice(0, at.start) + styled + xml.slice(at.end)
      const made = `<${at.prefix}row r="${row}"></${at.prefix}row>`
      if (before?.rowAdded && to === '') after = after.replace(made, '')
    }
    return packed(book, part, encode(after, decoded.encoding, decoded.bom), before, at.rowStart === null)
  }
  return {
    part,
    inside: at.inside,
    shown(inside) {
      strings ??= book.strings()
      return cellText(inside, strings)
    },
    composed: (text) => cellXml(at.prefix, column, row, styleOf(at.inside), text),
    refusal: /<(?:\w+:)?sheetProtection\b[^>]*\bsheet="(?:1|true)"/.test(xml)
      ? `The sheet of ${columnLetters(column)}${row} is protected: unprotect it to let Inlay write.`
      : null,
    replaced,
  }
}

/** Where a cell stands in a sheet's XML, or would stand. */
function placeOfCell(xml: string, row: number, column: number) {
  const walk = walkTags(xml)
  let number = 0
  let behind = -1
  while (nextTag(walk)) {
    if (walk.name === 'sheetData') {
      if (walk.closing || walk.empty) {
        if (walk.empty)
          throw new Fault('bad-input', 'The sheet holds nothing at all: write something into it.')
        break
      }
      behind = walk.end
      continue
    }
    if (walk.closing || walk.name !== 'row') continue
    number = Number(walk.attributes.get('r') ?? number + 1)
    const { start, prefix, empty } = walk
    if (number > row) break
    skipElement(walk)
    behind = walk.end
    if (number < row) continue
    if (empty) return { start: walk.end, end: walk.end, inside: '', prefix, rowStart: start, rowEmpty: true }
    const { cells, contentStart } = cellsOf(xml.slice(start, walk.end))
    const own = cells.find((cell) => cell.column === column)
    const before = cells.findLast((cell) => cell.column < column)
    const from = start + (own?.start ?? before?.end ?? contentStart)
    const inside = own?.raw ?? ''
    return { start: from, end: from + inside.length, inside, prefix, rowStart: start, rowEmpty: false }
  }
  if (behind < 0) throw new Fault('bad-input', 'The sheet has no rows: write something into it.')
  const prefix = /<(\w+:)?sheetData/.exec(xml)?.[1] ?? ''
  return { start: behind, end: behind, inside: '', prefix, rowStart: null, rowEmpty: false }
}

function cellText(raw: string, strings: string[]): string {
  if (raw === '') return ''
  const walk = walkTags(raw)
  nextTag(walk)
  const type = walk.attributes.get('t') ?? 'n'
  if (walk.empty) return ''
  let text = ''
  while (nextTag(walk)) {
    if (walk.closing) continue
    if (walk.name === 'f') return `=${elementText(walk)}`
    if (walk.name === 'is') text = richText(walk, 'is')
    if (walk.name === 'v')
      text = type === 's' ? (strings[Number(elementText(walk))] ?? '') : decodeXstring(elementText(walk))
  }
  return text.trim()
}

function textBoxSpot(book: Book, part: string, name: string): Spot | null {
  const decoded = book.text(part)
  const xml = decoded.text
  const walk = walkTags(xml)
  let found = false
  while (nextTag(walk)) {
    if (walk.closing) continue
    if (walk.name === 'cNvPr')
      found = (walk.attributes.get('name') ?? '').toLowerCase() === name.toLowerCase()
    if (walk.name !== 'txBody' || !found) continue
    const end = skipElement({ ...walk, attributes: new Map(walk.attributes) })
    const body = xml.slice(walk.end, end)
    const paragraph = /<(\w+:)?p[\s>/]/.exec(body)
    if (!paragraph) return null
    const start = walk.end + paragraph.index
    const prefix = paragraph[1] ?? ''
    // How the box was written in so far is how it goes on.
    const looks = new RegExp(`<${prefix}(?:endParaRPr|rPr)\\b([^>]*?)/?>`).exec(body)?.[1] ?? ''
    return {
      part,
      inside: xml.slice(start, end),
      shown: (inside) => paragraphsText(inside),
      composed: (text) =>
        text
          .split('\n')
          .map(
            (line) =>
              `<${prefix}p><${prefix}r><${prefix}rPr${looks.trimEnd()}/><${prefix}t>${escapeXml(line)}</${prefix}t></${prefix}r></${prefix}p>`,
          )
          .join(''),
      refusal: null,
      replaced(to, kept) {
        const after = xml.slice(0, start) + to + xml.slice(end)
        const before: Kept | null = kept === null ? null : JSON.parse(kept)
        return packed(book, part, encode(after, decoded.encoding, decoded.bom), before, false)
      },
    }
  }
  return null
}

/** Text of a text box (DrawingML): its runs, a line a paragraph. */
function paragraphsText(inside: string): string {
  const lines: string[] = []
  const walk = walkTags(inside)
  while (nextTag(walk)) {
    if (walk.closing) continue
    if (walk.name === 'p') lines.push('')
    if (walk.name === 't') lines[lines.length - 1] += elementText(walk)
    if (walk.name === 'br') lines[lines.length - 1] += '\n'
  }
  return lines.join('\n').trim()
}

/** The archive with this entry; where the entry is again what it was, with the very bytes that it had. */
function packed({ zip }: Book, part: string, content: Uint8Array, kept: Kept | null, rowAdded: boolean) {
  const now = rawEntry(zip, part)
  const record = (entry: RawEntry) => ({
    record: entry.record.toString('base64'),
    directory: entry.directory.toString('base64'),
  })
  const next: Kept = kept ?? { ...record(now), crc: zip.entries.get(part)!.crc, rowAdded }
  const same = kept !== null && kept.crc === crc32(content)
  const entry: Uint8Array | RawEntry = same
    ? { record: Buffer.from(kept.record, 'base64'), directory: Buffer.from(kept.directory, 'base64') }
    : content
  return { bytes: replaceEntries(zip, new Map([[part, entry]])), kept: JSON.stringify(next) }
}
