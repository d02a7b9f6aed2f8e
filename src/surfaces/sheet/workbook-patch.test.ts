import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { strFromU8, strToU8, unzipSync, Zip, ZipDeflate, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import type { CellSet, Memory } from './patch.ts'
import { type FixtureCell, type FixtureOptions, makeWorkbook } from './workbook.fixture.ts'
import { parseWorkbook } from './workbook.ts'
import { workbookSheet } from './workbook-patch.ts'

const sheetOf = (bytes: Buffer, name?: string) => workbookSheet(parseWorkbook('x.xlsx', bytes, name))
const entry = (bytes: Buffer, name: string) => strFromU8(unzipSync(bytes)[name]!)
const sheetPart = 'xl/worksheets/sheet1.xml'

/** What offices put into a workbook and nobody here understands. */
const rich: FixtureOptions = {
  sheets: [
    {
      name: 'Leads',
      rows: [
        [
          { value: 'id', style: 3 },
          { value: 'when', style: 3 },
          { value: 'amount', style: 3 },
          { value: 'double', style: 3 },
          { value: 'city', style: 3 },
        ],
        ['a', { value: 45355, style: 1 }, 10, { value: 20, formula: 'C2*2' }, 'Rome'],
        ['b', { value: 45356, style: 1 }, 11, { value: 22, formula: 'C3*2' }, { value: null, style: 3 }],
        ['c', { value: null, style: 1 }, null, { value: '', formula: 'IF(C4="","",C4*2)' }, null],
        ['d', { value: 45358, style: 1 }, 13, { value: 26, formula: 'C5*2' }, 'Oslo & "Bergen" <N>'],
      ],
      tail: '<autoFilter ref="A1:E5"/><conditionalFormatting sqref="C2:C5"><cfRule type="cellIs" priority="1" operator="greaterThan"><formula>12</formula></cfRule></conditionalFormatting><drawing r:id="rId1"/><legacyDrawing r:id="rId2"/><tableParts count="1"><tablePart r:id="rId3"/></tableParts><extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" xmlns:x14="urn:x14"><x14:sparklineGroups/></ext></extLst>',
    },
    { name: 'Other', rows: [['total'], [{ value: 34, formula: 'SUM(Leads!C:C)' }]] },
  ],
  parts: {
    'xl/calcChain.xml': '<calcChain><c r="D2" i="1"/></calcChain>',
    'xl/comments1.xml': '<comments><commentList><comment ref="A2"/></commentList></comments>',
    'xl/drawings/drawing1.xml': '<wsDr/>',
    'xl/charts/chart1.xml': '<chartSpace/>',
    'xl/tables/table1.xml': '<table ref="A1:E5"/>',
    'customXml/item1.xml': '<mine xmlns="urn:mine">kept</mine>',
  },
}

const sets: CellSet[] = [
  { row: 1, column: 'Inlay: city', value: 'hot · 91 %' },
  { row: 1, column: 'Inlay: why', value: 'raised by a <b> & "c"' },
  { row: 2, column: 'amount', value: '12' },
  { row: 2, column: 'when', value: '2024-03-06' },
  { row: 2, column: 'Inlay: filled', value: 'amount; when' },
]

function place(bytes: Buffer, memory: Memory | null = null, what = sets) {
  return sheetOf(bytes).patch({ sets: what, resets: [] }, memory)
}
function takeBack(bytes: Buffer, was: ReturnType<typeof place>, what = sets) {
  const resets = what.map(({ row, column }, i) => ({ row, column, was: was.was[i]! }))
  return sheetOf(bytes).patch({ sets: [], resets }, was.memory)
}

describe('patching a workbook', () => {
  const bytes = makeWorkbook(rich)

  test('writes cells and leaves every other entry of the archive as it is, packed form included', () => {
    const { bytes: patched } = place(bytes)
    const { table } = sheetOf(patched)
    expect(table.columns.slice(-3)).toEqual(['Inlay: city', 'Inlay: why', 'Inlay: filled'])
    expect(table.rows[1]).toEqual([
      'b',
      '2024-03-05',
      11,
      22,
      null,
      'hot · 91 %',
      'raised by a <b> & "c"',
      null,
    ])
    expect(table.rows[2]!.slice(0, 3)).toEqual(['c', '2024-03-06', 12])
    const [before, after] = [parseWorkbook('x', bytes).zip, parseWorkbook('x', patched).zip]
    expect([...after.entries.keys()]).toEqual([...before.entries.keys()])
    for (const [name, { start, end }] of before.entries) {
      const now = after.entries.get(name)!
      const same = after.bytes.subarray(now.start, now.end).equals(before.bytes.subarray(start, end))
      expect([name, same]).toEqual([name, name !== sheetPart && name !== 'xl/styles.xml'])
    }
  })

  test('touches nothing in the sheet but the cells, the header and the dimension', () => {
    const was = entry(bytes, sheetPart)
    const now = entry(place(bytes).bytes, sheetPart)
    const stripped = now
      .replace(/<c r="[F-H]\d"[^>]*>.*?<\/c>/g, '')
      .replace('<c r="C4" s="5"><v>12</v></c>', '')
      .replace('<c r="B4" s="6"><v>45357</v></c>', '<c r="B4" s="1"/>')
      .replace('A1:H5', 'A1:E5')
    expect(stripped).toBe(was)
    expect(now).toContain('<f>C3*2</f><v>22</v>')
  })

  test('shows in quiet italics what it filled, in the format of the column', () => {
    const styles = entry(place(bytes).bytes, 'xl/styles.xml')
    expect(styles).toContain('<fonts count="4">')
    expect(styles).toContain('<cellXfs count="7">')
    expect(styles).toMatch(/<font><i\/><sz val="11"\/><color rgb="FF808080"\/><name val="Calibri"\/>/)
    expect(styles).toMatch(
      /<xf numFmtId="14" fontId="3"[^>]*applyFont="1"[^>]*\/><\/cellXfs>|<xf applyFont="1" numFmtId="14" fontId="3"/,
    )
  })

  test('comes back byte for byte, the archive too', () => {
    const placed = place(bytes)
    const back = takeBack(placed.bytes, placed)
    expect(back.bytes.equals(bytes)).toBe(true)
    expect(back.memory).toBeNull()
  })

  test('comes back in steps: what is left stays, the last one takes everything', () => {
    const one = place(bytes, null, sets.slice(0, 2))
    const two = place(one.bytes, one.memory, sets.slice(2))
    const between = takeBack(two.bytes, { ...one, memory: two.memory }, sets.slice(0, 2))
    expect(sheetOf(between.bytes).table.columns.slice(-2)).toEqual(['city', 'Inlay: filled'])
    const last = takeBack(between.bytes, { ...two, memory: between.memory }, sets.slice(2))
    expect(last.bytes.equals(bytes)).toBe(true)
  })

  test('leaves no trace either when another program has packed the workbook anew meanwhile', () => {
    const placed = place(bytes)
    const repacked = Buffer.from(zipSync(unzipSync(placed.bytes), { level: 1 }))
    const back = takeBack(repacked, placed).bytes
    for (const name of Object.keys(unzipSync(bytes))) expect(entry(back, name)).toBe(entry(bytes, name))
  })

  test('keeps the styles when a person has typed over a filled cell', () => {
    const placed = place(bytes)
    const typed = Buffer.from(
      zipSync({
        ...unzipSync(placed.bytes),
        [sheetPart]: strToU8(
          entry(placed.bytes, sheetPart).replace(
            '<c r="C4" s="5"><v>12</v></c>',
            '<c r="C4" s="5"><v>99</v></c>',
          ),
        ),
      }),
    )
    const others = sets.map((_, i) => i).filter((i) => i !== 2)
    const back = sheetOf(typed).patch(
      {
        sets: [],
        resets: others.map((i) => ({ row: sets[i]!.row, column: sets[i]!.column, was: placed.was[i]! })),
      },
      placed.memory,
    )
    expect(sheetOf(back.bytes).table.rows[2]![2]).toBe(99)
    expect(entry(back.bytes, 'xl/styles.xml')).toContain('<cellXfs count="7">')
  })

  test('sees a formula that shows nothing as somebody’s, and a protected sheet as closed', () => {
    const sheet = sheetOf(bytes)
    expect(sheet.table.rows[2]![3]).toBeNull()
    expect(sheet.blocked(2, 'double')).toBe(true)
    expect(sheet.blocked(2, 'amount')).toBe(false)
    const locked = makeWorkbook({
      sheets: [{ name: 'S', rows: [['a'], [1]], tail: '<sheetProtection sheet="1"/>' }],
    })
    expect(sheetOf(locked).refusal).toContain('protected')
  })

  test.each<[string, Partial<FixtureOptions>]>([
    ['prefixed names', { prefix: 'x:' }],
    ['no references', { bare: true }],
    ['no styles', { styles: null }],
  ])('works in other programs’ spellings: %s', (_, spelling) => {
    const rows: FixtureCell[][] = [
      ['id', 'n', 'm'],
      ['a', 1, 'x'],
      ['b', 2, 'x'],
      ['c', null, 'x'],
    ]
    const odd = makeWorkbook({ sheets: [{ name: 'S', rows }], ...spelling })
    const what: CellSet[] = [
      { row: 2, column: 'n', value: 3 },
      { row: 0, column: 'Inlay: m', value: 'y' },
    ]
    const placed = place(odd, null, what)
    expect(sheetOf(placed.bytes).table.rows).toEqual([
      ['a', 1, 'x', 'y'],
      ['b', 2, 'x', null],
      ['c', 3, 'x', null],
    ])
    expect(takeBack(placed.bytes, placed, what).bytes.equals(odd)).toBe(true)
  })

  test('understands archives written in one pass (sizes behind the data) and gives them back as they were', () => {
    const chunks: Uint8Array[] = []
    const zip = new Zip((_, chunk) => chunks.push(chunk))
    for (const [name, content] of Object.entries(unzipSync(bytes))) {
      const file = new ZipDeflate(name)
      zip.add(file)
      file.push(content, true)
    }
    zip.end()
    const streamed = Buffer.concat(chunks)
    const placed = place(streamed)
    expect(sheetOf(placed.bytes).table.rows[2]!.slice(0, 3)).toEqual(['c', '2024-03-06', 12])
    expect(Object.keys(unzipSync(placed.bytes))).toHaveLength(Object.keys(rich.parts!).length + 8)
    expect(takeBack(placed.bytes, placed).bytes.equals(streamed)).toBe(true)
  })

  test('any cells, placed and taken back, give the same bytes; what was there is there meanwhile', () => {
    const cell: fc.Arbitrary<FixtureCell> = fc.oneof(
      fc.constant(null),
      fc.string({ maxLength: 5 }),
      fc.integer(),
      fc.constant({ value: null, style: 3 }),
      fc.constant({ value: 5, formula: '2+3' }),
    )
    const rows = fc.array(fc.tuple(fc.constant('k'), cell, cell), { minLength: 1, maxLength: 6 })
    const value: fc.Arbitrary<Cell> = fc.oneof(
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 6 })
        .filter((text) => text.trim() !== '' && !/\r/.test(text)),
      fc.integer({ min: 1 }),
    )
    fc.assert(
      fc.property(rows, value, fc.nat(), (rows, value, pick) => {
        const original = makeWorkbook({ sheets: [{ name: 'S', rows: [['k', 'a', 'b'], ...rows] }] })
        const { table } = sheetOf(original)
        const row = pick % table.rows.length
        const empty = ['a', 'b'].filter((column) => table.rows[row]![table.columns.indexOf(column)] === null)
        const what = ['Inlay: a', ...empty].map((column) => ({ row, column, value }))
        const placed = place(original, null, what)
        const after = sheetOf(placed.bytes).table
        for (const { column } of what)
          expect(String(after.rows[row]![after.columns.indexOf(column)])).toBe(String(value))
        for (const [i, cells] of table.rows.entries()) {
          for (const [j, before] of cells.entries())
            if (before !== null) expect(after.rows[i]![j]).toBe(before)
        }
        expect(takeBack(placed.bytes, placed, what).bytes.equals(original)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test.skipIf(!hasOffice())('LibreOffice opens what was written (skipped without soffice)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'inlay-office-'))
    try {
      writeFileSync(join(folder, 'leads.xlsx'), place(bytes).bytes)
      execFileSync('soffice', [
        '--headless',
        '--convert-to',
        // In UTF-8 (76), whatever the locale.
        'csv:Text - txt - csv (StarCalc):44,34,76',
        '--outdir',
        folder,
        join(folder, 'leads.xlsx'),
      ])
      expect(readFileSync(join(folder, 'leads.csv'), 'utf8')).toContain('hot · 91 %')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function hasOffice(): boolean {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
