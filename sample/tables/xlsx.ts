import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'

/** Numbers of the cell styles in `styles.xml`. */
export const styles = { plain: 0, head: 1, money: 2, date: 3, wrap: 4 } as const

export type SheetCell =
  | string
  | number
  | null
  | { formula: string; value: number }
  /** Days since 1899-12-30. */
  | { serial: number }

export interface SheetPlan {
  name: string
  header: readonly string[]
  widths: readonly number[]
  rows: SheetCell[][]
  /** Columns (0-based) shown as money. */
  money?: readonly number[]
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'

/** A minimal workbook (ECMA-376, part 1) that Excel and LibreOffice open. The same plan gives the same bytes. */
export function writeWorkbook(sheets: readonly SheetPlan[]): Uint8Array {
  const part = (n: number) => `worksheets/sheet${n + 1}.xml`
  const office = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zipParts({
    '[Content_Types].xml': `${declaration}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${office}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${office}.styles+xml"/>${sheets.map((_, n) => `<Override PartName="/xl/${part(n)}" ContentType="${office}.worksheet+xml"/>`).join('')}</Types>`,
    '_rels/.rels': `${declaration}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${declaration}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${sheets.map(({ name }, n) => `<sheet name="${escapeXml(name)}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${declaration}<Relationships xmlns="${packages}/relationships">${sheets.map((_, n) => `<Relationship Id="rId${n + 1}" Type="${relations}/worksheet" Target="${part(n)}"/>`).join('')}<Relationship Id="rId${sheets.length + 1}" Type="${relations}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${declaration}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDE6EE"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf></cellXfs></styleSheet>`,
    ...Object.fromEntries(sheets.map((sheet, n) => [`xl/${part(n)}`, sheetXml(sheet)])),
  })
}

function sheetXml({ header, widths, rows, money = [] }: SheetPlan): string {
  const head = `<row r="1">${header.map((name, i) => cellXml(i, 1, name, styles.head)).join('')}</row>`
  const body = rows.map((cells, i) => rowXml(i + 2, cells, money))
  return `${declaration}<worksheet xmlns="${main}"><dimension ref="A1:${letters(header.length - 1)}${rows.length + 1}"/><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.map((width, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`).join('')}</cols><sheetData>${head}${body.join('')}</sheetData></worksheet>`
}

export function rowXml(row: number, cells: readonly SheetCell[], money: readonly number[] = []): string {
  const xml = cells.map((cell, i) => cellXml(i, row, cell, money.includes(i) ? styles.money : styles.plain))
  return `<row r="${row}">${xml.join('')}</row>`
}

export function cellXml(column: number, row: number, cell: SheetCell, style: number): string {
  if (cell === null || cell === '') return ''
  const at = `r="${letters(column)}${row}"${style ? ` s="${style}"` : ''}`
  if (typeof cell === 'string') {
    return `<c ${at} t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`
  }
  if (typeof cell === 'number') return `<c ${at}><v>${cell}</v></c>`
  if ('serial' in cell) return `<c r="${letters(column)}${row}" s="${styles.date}"><v>${cell.serial}</v></c>`
  return `<c ${at}><f>${escapeXml(cell.formula)}</f><v>${cell.value}</v></c>`
}

/** 0 → A, 26 → AA. */
export function letters(column: number): string {
  return (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))
}

export function columnOf(reference: string): number {
  let column = 0
  for (const letter of reference.match(/^[A-Z]+/)![0]) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

const escapeXml = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const unescapeXml = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex
      ? String.fromCodePoint(Number.parseInt(hex, 16))
      : decimal
        ? String.fromCodePoint(Number(decimal))
        : (entities[name] ?? whole),
  )

/** A fixed time in every entry, so that the bytes depend on nothing but the content. */
const packedAt = new Date(2020, 0, 1)

function zipParts(parts: Record<string, string | Uint8Array>): Uint8Array {
  const bytes = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === 'string' ? strToU8(part) : part,
  ])
  return zipSync(Object.fromEntries(bytes), { level: 6, mtime: packedAt })
}

/** An opened workbook of which one sheet is edited as text; everything else in it stays as it is. */
export interface OpenSheet {
  parts: Record<string, Uint8Array>
  part: string
  xml: string
  shared: string[]
}

/** Opens the sheet at a position (0-based) among `xl/worksheets/sheetN.xml`, as this program numbers them. */
export function openSheet(bytes: Uint8Array, position: number): OpenSheet {
  const parts = unzipSync(bytes)
  const part = `xl/worksheets/sheet${position + 1}.xml`
  const strings = parts['xl/sharedStrings.xml']
  const shared = strings
    ? [...strFromU8(strings).matchAll(/<si\b[^>]*?(?:\/>|>([\s\S]*?)<\/si>)/g)].map((si) =>
        textIn(si[1] ?? ''),
      )
    : []
  return { parts, part, xml: strFromU8(parts[part]!), shared }
}

export function closeSheet(sheet: OpenSheet): Uint8Array {
  return zipParts({ ...sheet.parts, [sheet.part]: sheet.xml })
}

const textIn = (xml: string) =>
  [...xml.matchAll(/<t\b[^>]*>([\s\S]*?)<\/t>/g)].map(([, text]) => unescapeXml(text!)).join('')

/** Row number (1-based) → column (0-based) → what stands there as text; formulas give their value. */
export function readRows({ xml, shared }: OpenSheet): Map<number, Map<number, string>> {
  const rows = new Map<number, Map<number, string>>()
  for (const [, attributes, content] of xml.matchAll(/<row\b([^>]*?)(?:\/>|>([\s\S]*?)<\/row>)/g)) {
    const cells = new Map<number, string>()
    rows.set(Number(/\br="(\d+)"/.exec(attributes!)![1]), cells)
    for (const [, tag, inner] of (content ?? '').matchAll(/<c\b([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)) {
      const reference = /\br="([A-Z]+)\d+"/.exec(tag!)
      if (!reference || inner === undefined) continue
      const value = /<v>([\s\S]*?)<\/v>/.exec(inner)?.[1]
      const text = /\bt="s"/.test(tag!)
        ? shared[Number(value)]
        : value === undefined
          ? textIn(inner)
          : unescapeXml(value)
      if (text) cells.set(columnOf(reference[1]!), text)
    }
  }
  return rows
}

/** Writes a text into one cell, in its place among the cells of its row, which must be there. */
export function setCell(sheet: OpenSheet, row: number, column: number, text: string): void {
  const cell = cellXml(column, row, text, styles.plain)
  sheet.xml = sheet.xml.replace(
    new RegExp(`(<row\\b[^>]*?\\br="${row}"[^>]*?)(?:/>|>([\\s\\S]*?)</row>)`),
    (_, open: string, content = '') => {
      const cells = [...(content as string).matchAll(/<c\b[^>]*?(?:\/>|>[\s\S]*?<\/c>)/g)].map(([one]) => one)
      const placeOf = (one: string) => columnOf(/\br="([A-Z]+)/.exec(one)![1]!)
      const kept = cells.filter((one) => placeOf(one) !== column)
      const at = kept.findIndex((one) => placeOf(one) > column)
      kept.splice(at < 0 ? kept.length : at, 0, cell)
      return `${open}>${kept.join('')}</row>`
    },
  )
}

/** Adds a row below the last one and says which number it got. */
export function appendRow(sheet: OpenSheet, cells: readonly SheetCell[], money: readonly number[]): number {
  const row = Math.max(...readRows(sheet).keys()) + 1
  sheet.xml = sheet.xml
    .replace('</sheetData>', () => `${rowXml(row, cells, money)}</sheetData>`)
    .replace(/(<dimension ref="[A-Z]+\d+:[A-Z]+)\d+"/, `$1${row}"`)
  return row
}
