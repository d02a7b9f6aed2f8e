import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Encoding, encode } from './encoding.ts'
import { parseFile, readTable, where } from './table.ts'
import { fixtureStyles, makeWorkbook } from './workbook.fixture.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-table-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
async function tableOf(content: string | Uint8Array) {
  return readTable(await fileOf('table', content))
}
async function faultOf(content: string | Uint8Array, sheet?: string): Promise<string> {
  const path = await fileOf('broken', content)
  const error = await readTable(path, { sheet }).then(
    () => null,
    (fault) => fault,
  )
  expect(error).toMatchObject({ name: 'Fault', kind: 'bad-input' })
  expect(error.message).toContain(path)
  return error.message
}

const encodings: [Encoding, boolean][] = [
  ['utf-8', false],
  ['utf-8', true],
  ['utf-16le', true],
  ['utf-16be', true],
  ['windows-1252', false],
]

describe('CSV', () => {
  test('is read the same in every delimiter, line end and encoding, plain or gzipped', () => {
    const cell = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', 'B', '7', ' ', 'é', 'ß', '€', ',', ';', '\t', '|', '"', '\n'),
        maxLength: 8,
      }),
      fc.constantFrom('12.5', '2024-03-04', 'yes', ''),
    )
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 12 })
    const shape = fc.record({
      rows,
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      newline: fc.constantFrom('\n', '\r\n', '\r'),
      encoding: fc.constantFrom(...encodings),
      final: fc.boolean(),
      gzipped: fc.boolean(),
    })
    fc.assert(
      fc.property(shape, ({ rows, delimiter, newline, encoding: [encoding, bom], final, gzipped }) => {
        const all = [['Größe', 'note', 'naïve'], ...rows]
        const lines = all.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(delimiter))
        const bytes = Buffer.from(encode(lines.join(newline) + (final ? newline : ''), encoding, bom))
        const { table } = parseFile('x.csv', gzipped ? gzipSync(bytes) : bytes)
        expect(table.columns).toEqual(all[0])
        expect(table.rows).toEqual(rows.map((row) => row.map((each) => (each.trim() === '' ? null : each))))
        expect(table.notices).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('without quotes, the delimiter is the one under which rows have as many cells as the header', async () => {
    expect((await tableOf('date;amount, EUR;text\n2024;1,5;a, b\n2023;2,5;c\n')).rows[0]).toEqual([
      '2024',
      '1,5',
      'a, b',
    ])
    expect((await tableOf('a\tb\n1,2,3\tx\n1,2,3\ty')).columns).toEqual(['a', 'b'])
    expect((await tableOf('sep=|\na|b\n1,5|2')).rows).toEqual([['1,5', '2']])
    expect((await tableOf('text\nHello, you\nBye; then, go\n')).rows).toEqual([
      ['Hello, you'],
      ['Bye; then, go'],
    ])
  })

  test('names lines right behind quoted line ends and blank lines', async () => {
    const table = await tableOf('a,b\n"1\n2\r\n3",x\n\n4,y\n')
    expect([...table.rowNumbers]).toEqual([2, 6])
    expect(where(table, 1, 1)).toMatch(/line 6, column "b"$/)
  })

  test('understands quotes that are escaped by backslashes, and quotes inside plain cells', async () => {
    expect((await tableOf('a,b\n"say \\"hi, you\\"",1\n"x",2')).rows[0]).toEqual(['say "hi, you"', '1'])
    expect((await tableOf('a,b\n5" pipe,1\n6" pipe,2')).rows[0]).toEqual(['5" pipe', '1'])
  })

  test('keeps ragged rows and says so', async () => {
    const table = await tableOf('a,b\n1\n1,2,extra\n1,2\n')
    expect(table.columns).toEqual(['a', 'b', 'column 3'])
    expect(table.rows).toEqual([
      ['1', null, null],
      ['1', '2', 'extra'],
      ['1', '2', null],
    ])
    expect(table.notices.join('\n')).toMatch(
      /line 2: 1 row has fewer cells.*\n.*line 3: 1 row has more cells/,
    )
  })

  test('tells apart columns of the same name, and names those without one', async () => {
    const table = await tableOf('name,name,,name (2),\n1,2,3,4,\n')
    expect(table.columns).toEqual(['name', 'name (3)', 'column 3', 'name (2)'])
    expect(table.notices).toHaveLength(2)
  })
})

describe('JSON Lines', () => {
  test('has the union of names as columns, in order of appearance', async () => {
    const table = await tableOf('{"a":1,"b":"x"}\n\n{"b":null,"c":{"d":[1]},"a":true}\n')
    expect(table).toMatchObject({ format: 'jsonl', columns: ['a', 'b', 'c'] })
    expect(table.rows).toEqual([
      [1, 'x', null],
      [true, null, '{"d":[1]}'],
    ])
    expect(where(table, 1)).toMatch(/line 3$/)
  })
})

describe('XLSX', () => {
  const rows = [
    ['id', 'when', 'at', 'share', 'ok', 'sum', 'a_x000A_b & <c>'],
    [
      'x',
      { value: 45355, style: 1 },
      { value: 45355.424305556, style: 2 },
      { value: 0.25, style: 4 },
      true,
      { value: 7, formula: '3+4' },
      ' spaced ',
    ],
    [],
    ['y', { value: 1, style: 1 }, null, null, false, { value: null, formula: 'A1&"?"' }, null],
  ]

  test('gives typed cells, dates as ISO text, and formulas by the value they had', async () => {
    const table = await tableOf(makeWorkbook({ sheets: [{ name: 'Data', rows }] }))
    expect(table.columns.at(-1)).toBe('a\nb & <c>')
    expect(table.rows[0]).toEqual(['x', '2024-03-04', '2024-03-04T10:11:00', 0.25, true, 7, ' spaced '])
    expect(table.rows[1]).toEqual(['y', '1900-01-01', null, null, false, '=A1&"?"', null])
    expect(table.notices.join()).toContain('1 formula(s) were never calculated')
    expect(where(table, 1, 1)).toMatch(/cell Data!B4$/)
  })

  test('is read in other programs’ spellings: prefixed names, no references, the calendar of 1904', async () => {
    const plain = rows.map((row) => row.slice(0, 2))
    for (const spelling of [{ prefix: 'x:' }, { bare: true }]) {
      const table = await tableOf(makeWorkbook({ sheets: [{ name: 'Data', rows: plain }], ...spelling }))
      expect(table.rows).toEqual([
        ['x', '2024-03-04'],
        ['y', '1900-01-01'],
      ])
    }
    const apple = await tableOf(makeWorkbook({ sheets: [{ name: 'Data', rows: plain }], date1904: true }))
    expect(apple.rows[0]).toEqual(['x', '2028-03-05'])
    const bare = await tableOf(makeWorkbook({ sheets: [{ name: 'Data', rows: plain }], styles: null }))
    expect(bare.rows[0]).toEqual(['x', 45355])
  })

  test('takes the named sheet, else the first visible one that holds something, and says so', async () => {
    const bytes = makeWorkbook({
      sheets: [
        { name: 'Secret', rows: [['s'], ['1']], hidden: true },
        { name: 'Empty', rows: [] },
        { name: 'Leads', rows: [['a'], ['2']] },
      ],
    })
    const path = await fileOf('sheets.xlsx', bytes)
    expect(await readTable(path)).toMatchObject({
      sheet: 'Leads',
      notices: [expect.stringContaining('"Empty"')],
    })
    expect((await readTable(path, { sheet: 'secret' })).columns).toEqual(['s'])
    expect(await faultOf(bytes, 'Leeds')).toContain('no sheet "Leeds": it has "Secret", "Empty", "Leads"')
  })

  test('looks for the header below a title', async () => {
    const titled = [['Leads of March'], [], [null, 'id', 'city'], [null, 'x', 'Rome'], [null, 'y', null]]
    const table = await tableOf(makeWorkbook({ sheets: [{ name: 'Data', rows: titled }] }))
    expect(table).toMatchObject({
      columns: ['id', 'city'],
      rows: [
        ['x', 'Rome'],
        ['y', null],
      ],
      headerNumber: 3,
    })
    expect(where(table, 1, 1)).toMatch(/cell Data!C5$/)
  })
})

describe('what is no table is told in one sentence with what to do', () => {
  const workbook = () => makeWorkbook({ sheets: [{ name: 'Data', rows: [['a'], ['1']] }] })
  const compound = (stream: string) =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from(stream, 'utf16le')])
  const zipped = (parts: Record<string, string>) => makeWorkbook({ sheets: [], parts })

  test.each<[string, () => string | Uint8Array, RegExp]>([
    ['an empty file', () => '', /is empty/],
    ['nothing but blanks', () => ' \n\n', /is empty/],
    ['an empty gzip', () => gzipSync(''), /is empty/],
    ['a header alone', () => 'a,b\n', /has a header but no rows/],
    [
      'a sheet with a header alone',
      () => makeWorkbook({ sheets: [{ name: 'D', rows: [['a', 'b']] }] }),
      /sheet "D", has a header but no rows/,
    ],
    ['an empty sheet', () => makeWorkbook({ sheets: [{ name: 'D', rows: [] }] }), /sheet "D", is empty/],
    ['an unterminated quote', () => 'a,b\n1,2\n3,"4\n5,6\n', /line 3: a quote .* never closed/],
    [
      'binary data',
      () => Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 256),
      /binary data, not a table/,
    ],
    ['a PDF', () => '%PDF-1.7\n1 0 obj', /is a PDF/],
    ['a web page', () => '<!DOCTYPE html><html>', /is a web page/],
    ['a cut gzip', () => gzipSync('a,b\n1,2\n'.repeat(100)).subarray(0, 30), /damaged gzip/],
    ['a workbook with a password', () => compound('EncryptedPackage'), /password/],
    ['an old workbook', () => compound('Workbook'), /old \.xls format/],
    ['another old office file', () => compound('WordDocument'), /old office file/],
    ['a cut workbook', () => workbook().subarray(0, -200), /damaged or incomplete workbook/],
    [
      'a workbook with a flipped bit',
      () => flipped(workbook(), 'xl/worksheets/sheet1.xml'),
      /damaged workbook/,
    ],
    [
      'another zip',
      () => zipped({ 'a.txt': 'x', 'xl/workbook.xml': '', '_rels/.rels': '<Relationships/>' }),
      /workbook/,
    ],
    ['a line that is no JSON', () => '{"a":1}\n{"a":2\n', /line 2: expected one JSON object a line/],
    ['a line that is no object', () => '{"a":1}\n[1]\n', /line 2: expected a JSON object, found a list/],
    ['a JSON list over lines', () => '[\n {"a": 1}\n]', /line 1: expected/],
    [
      'entities in a workbook',
      () =>
        makeWorkbook({
          sheets: [{ name: 'D', rows: [['a'], [1]] }],
          styles: `<!DOCTYPE x [<!ENTITY e "e">]>${fixtureStyles}`,
        }),
      /entities/,
    ],
  ])('%s', async (_, content, message) => {
    const path = await fileOf('broken', content())
    await expect(readTable(path)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringMatching(message),
    })
  })

  test('a folder, and a file that is not there', async () => {
    await expect(readTable(folder)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('folder'),
    })
    await expect(readTable(join(folder, 'no.csv'))).rejects.toMatchObject({
      message: expect.stringContaining('no file'),
    })
    await expect(readTable(join(folder, 'no.csv'), { ifMissing: 'unreachable' })).rejects.toMatchObject({
      kind: 'unreachable',
    })
  })

  test('a sheet named for a file without sheets', async () => {
    expect(await faultOf('a,b\n1,2\n', 'Data')).toContain('not a workbook')
  })
})

function flipped(bytes: Buffer, entry: string): Buffer {
  const copy = Buffer.from(bytes)
  const at = copy.indexOf(entry) + entry.length + 20
  copy[at] = copy[at]! ^ 0xff
  return copy
}

const data = resolve(import.meta.dirname, '../../../../shared/data')

test.skipIf(!existsSync(data))('reads real tables whole (skipped without the shared data)', async () => {
  const sizes = await Promise.all(
    ['triage/banking77/train.csv', 'triage/it-tickets/train.csv', 'score/leads/train.csv.gz'].map(
      async (name) => {
        const { columns, rows, notices } = await readTable(join(data, name))
        return [columns.length, rows.length, notices.length]
      },
    ),
  )
  expect(sizes).toEqual([
    [2, 10_003, 0],
    [4, 3_763, 0],
    [26, 6_930, 0],
  ])
})
