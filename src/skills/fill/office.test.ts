import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { type Cell, memoryVault, type TableColumn } from '../../contract/index.ts'
import { surfaces } from '../../surfaces/index.ts'
import { makeWorkbook } from '../../surfaces/sheet/workbook.fixture.ts'
import { fillColumn } from './column.ts'
import { fill } from './index.ts'

const hasOffice = (() => {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Converts a file in the folder, as LibreOffice saves it. */
const officeIn = (folder: string) => (to: string, from: string) =>
  execFileSync(
    'soffice',
    [
      `-env:UserInstallation=file://${folder}/profile`,
      '--headless',
      '--convert-to',
      to,
      '--outdir',
      folder,
      join(folder, from),
    ],
    { stdio: 'ignore' },
  )
const asCsv = 'csv:Text - txt - csv (StarCalc):44,34,76'

const people = [
  'Ada Lovelace',
  'Alan Turing',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
]

test.skipIf(!hasOffice)(
  'fills a workbook that LibreOffice has saved, and LibreOffice reads it (skipped without soffice)',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inlay-office-'))
    const office = officeIn(folder)
    try {
      await writeFile(
        join(folder, 'people.csv'),
        `Id,Name,Born,Last\n${people.map((name, i) => `${i},${name},19${10 + i}-0${i + 1}-03,\n`).join('')}`,
      )
      // A person opens it in LibreOffice, types one value, and saves it as a workbook.
      office('fods', 'people.csv')
      const sheet = await readFile(join(folder, 'people.fods'), 'utf8')
      const row = sheet.indexOf('Ada Lovelace')
      const end = sheet.indexOf('</table:table-row>', row)
      const typed = sheet.slice(row, end).replace(/<table:table-cell[^>]*\/>\s*$/, '')
      const cell = '<table:table-cell office:value-type="string"><text:p>Lovelace</text:p></table:table-cell>'
      await writeFile(join(folder, 'people.fods'), sheet.slice(0, row) + typed + cell + sheet.slice(end))
      office('xlsx', 'people.fods')
      const path = join(folder, 'people.xlsx')
      const saved = await readFile(path)

      const xlsx = surfaces.xlsx!
      const own = join(folder, 'own')
      await mkdir(own)
      const tools = { now: () => 0, pseudonym: (raw: string) => raw, folder: own, vault: memoryVault() }
      const opened = await xlsx.open(xlsx.settings.parse({ path }), tools)
      const stop = new AbortController()
      let item: TableColumn | null = null
      for await (const change of opened.table!.watch(null, stop.signal)) {
        if (change.type === 'item' && change.item.column === 'Last') item = change.item
        if (change.type === 'caught up') break
      }
      stop.abort()
      const suggestion = await fill.suggest({ columns: 1, cells: 0, shift: 0 }, item!, { seed: 1 })
      const placed = await opened.table!.place(item!, suggestion!, 'office')
      expect(placed.placed).toBe(true)

      office(asCsv, 'people.xlsx')
      const lines = (await readFile(join(folder, 'people.csv'), 'utf8')).trim().split(/\r?\n/)
      expect(lines.slice(1).map((line) => line.split(',')[3])).toEqual(
        people.map((name) => name.split(' ')[1]),
      )
      expect(lines[0]).toContain('Inlay: filled')
      if (placed.placed) await opened.table!.withdraw(placed.placement)
      expect((await readFile(path)).equals(saved)).toBe(true)
      await opened.close()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

/** Columns that a formula can fill: the inputs of each row, and what a person typed into the first two. */
const columns: [Cell[][], Cell[]][] = [
  [
    [['ada@x.org'], ['alan@y.net'], ['grace@z.de']],
    ['ada', 'alan'],
  ],
  [
    [['2024-01-15'], ['2023-11-02'], ['2022-03-09']],
    ['Jan 2024', 'Nov 2023'],
  ],
  [
    [['ada byron'], ['ALAN TURING'], ['grace hopper']],
    ['Ada Byron', 'Alan Turing'],
  ],
  [
    [
      [12, 5],
      [7, 20],
      [100, 3],
    ],
    [60, 140],
  ],
  [
    [['AB-1023'], ['CD-44'], ['XK-981']],
    ['1023', '44'],
  ],
  [
    [
      ['Ada', 'Byron'],
      ['Alan', 'Turing'],
      ['Grace', 'Hopper'],
    ],
    ['Byron, Ada', 'Turing, Alan'],
  ],
  [
    [['a-b-c'], ['d-e-f'], ['g-h']],
    ['a/b/c', 'd/e/f'],
  ],
]

test.skipIf(!hasOffice)(
  'gives formulas that LibreOffice works out to the same values (skipped without soffice)',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inlay-office-'))
    try {
      const rows: (Cell | { value: Cell; formula: string })[][] = []
      const wanted: string[] = []
      for (const [inputs, typed] of columns) {
        const names = inputs[0]!.map((_, i) => `in ${i}`)
        const table = inputs.map((row, i) => [...row, typed[i] ?? null])
        const { formula, cells } = fillColumn([...names, 'Out'], table, 'Out')
        expect(formula, JSON.stringify(typed)).not.toBeNull()
        expect(cells, JSON.stringify(typed)).toHaveLength(1)
        for (const [i, row] of inputs.entries()) {
          const place = (name: string) => `${'AB'[names.indexOf(name)]}${rows.length + 1}`
          const filled = formula!.replace(/\{([^{}]*)\}/g, (_, name) => place(name))
          rows.push([...row, ...(row.length < 2 ? [null] : []), { value: null, formula: filled }])
          wanted.push(String(typed[i] ?? cells[0]!.value))
        }
      }
      await writeFile(join(folder, 'formulas.xlsx'), makeWorkbook({ sheets: [{ name: 'Sheet', rows }] }))
      officeIn(folder)(asCsv, 'formulas.xlsx')
      const lines: string[][] = parse(await readFile(join(folder, 'formulas.csv')), {
        relax_column_count: true,
      })
      expect(lines.map((line) => line[2])).toEqual(wanted)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
