import { strToU8, zipSync } from 'fflate'
import type { Cell } from '../../contract/index.ts'
import { columnLetters } from './workbook.ts'
import { escapeXml } from './xml.ts'

/** What a sheet is made of: cells with an optional style, or a formula with the value it had. */
export type FixtureCell = Cell | { value: Cell; style?: number; formula?: string }

export interface FixtureSheet {
  name: string
  rows: FixtureCell[][]
  hidden?: boolean
  /** XML behind `<sheetData>`. */
  tail?: string
}

export interface FixtureOptions {
  sheets: FixtureSheet[]
  /** Further entries, as they are. */
  parts?: Record<string, string>
  styles?: string | null
  date1904?: boolean
  /** Prefix of all names of the sheet's XML, as some programs write it. */
  prefix?: string
  /** Leave out references (`r="A1"`), as some programs do. */
  bare?: boolean
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** Style 1 is a date, 2 a date with time, 3 bold with a border, 4 a percentage. */
export const fixtureStyles = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><color rgb="FF204060"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="2"><border/><border><bottom style="thin"/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"><alignment horizontal="left"/></xf><xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1"/><xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles><dxfs count="0"/></styleSheet>`

/** A workbook as office programs write it: shared strings for text, one part a sheet. */
export function makeWorkbook(options: FixtureOptions): Buffer {
  const strings: string[] = []
  const share = (text: string) => {
    const known = strings.indexOf(text)
    return known >= 0 ? known : strings.push(text) - 1
  }
  const sheets = options.sheets.map((sheet) => sheetXml(sheet, share, options))
  const styles = options.styles === undefined ? fixtureStyles : options.styles
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const parts: Record<string, string> = {
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>${options.sheets.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${types}.worksheet+xml"/>`).join('')}<Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${types}.sharedStrings+xml"/></Types>`,
    '_rels/.rels': relationsXml([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${main}" xmlns:r="${relationships}"><workbookPr${options.date1904 ? ' date1904="1"' : ''}/><sheets>${options.sheets.map(({ name, hidden }, i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}"${hidden ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationsXml([
      ...options.sheets.map((_, i) => ['worksheet', `worksheets/sheet${i + 1}.xml`] as const),
      ...(styles === null ? [] : [['styles', '/xl/styles.xml'] as const]),
      ['sharedStrings', 'sharedStrings.xml'],
    ]),
    ...(styles === null ? {} : { 'xl/styles.xml': styles }),
    'xl/sharedStrings.xml': `<?xml version="1.0"?><sst xmlns="${main}" count="${strings.length}" uniqueCount="${strings.length}">${strings.map((text) => `<si><t xml:space="preserve">${escapeXml(text)}</t></si>`).join('')}</sst>`,
    ...Object.fromEntries(sheets.map((xml, i) => [`xl/worksheets/sheet${i + 1}.xml`, xml])),
    ...options.parts,
  }
  const entries = Object.entries(parts).map(
    ([name, text]) => [name, [strToU8(text), { mtime: 1.7e12 }]] as const,
  )
  return Buffer.from(zipSync(Object.fromEntries(entries) as never))
}

function relationsXml(targets: (readonly [string, string])[]): string {
  const list = targets.map(
    ([type, target], i) =>
      `<Relationship Id="rId${i + 1}" Type="${relationships}/${type}" Target="${target}"/>`,
  )
  return `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list.join('')}</Relationships>`
}

function sheetXml(sheet: FixtureSheet, share: (text: string) => number, options: FixtureOptions): string {
  const p = options.prefix ?? ''
  const width = Math.max(1, ...sheet.rows.map(({ length }) => length))
  const rows = sheet.rows.map((cells, r) => {
    const inner = cells.map((cell, c) => {
      const full = typeof cell === 'object' && cell !== null ? cell : { value: cell }
      if (full.value === null && full.style === undefined && full.formula === undefined && !options.bare)
        return ''
      const place = options.bare ? '' : ` r="${columnLetters(c)}${r + 1}"`
      const style = full.style === undefined ? '' : ` s="${full.style}"`
      const formula = full.formula === undefined ? '' : `<${p}f>${escapeXml(full.formula)}</${p}f>`
      if (full.value === null && formula === '') return `<${p}c${place}${style}/>`
      const [type, raw] =
        typeof full.value === 'string'
          ? formula
            ? [' t="str"', escapeXml(full.value)]
            : [' t="s"', share(full.value)]
          : typeof full.value === 'boolean'
            ? [' t="b"', full.value ? 1 : 0]
            : ['', full.value]
      const value = full.value === null ? '' : `<${p}v>${raw}</${p}v>`
      return `<${p}c${place}${style}${type}>${formula}${value}</${p}c>`
    })
    const place = options.bare ? '' : ` r="${r + 1}" spans="1:${width}"`
    return inner.join('') === '' ? `<${p}row${place}/>` : `<${p}row${place}>${inner.join('')}</${p}row>`
  })
  const namespace = p === '' ? `xmlns="${main}"` : `xmlns:${p.slice(0, -1)}="${main}"`
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<${p}worksheet ${namespace} xmlns:r="${relationships}"><${p}dimension ref="A1:${columnLetters(width - 1)}${sheet.rows.length}"/><${p}sheetViews><${p}sheetView workbookViewId="0"/></${p}sheetViews><${p}cols><${p}col min="1" max="1" width="22.5" customWidth="1"/></${p}cols><${p}sheetData>${rows.join('')}</${p}sheetData>${sheet.tail ?? ''}</${p}worksheet>`
}
