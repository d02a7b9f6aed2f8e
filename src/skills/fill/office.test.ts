import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryVault, type TableColumn } from '../../contract/index.ts'
import { surfaces } from '../../surfaces/index.ts'
import { fill } from './index.ts'

const hasOffice = (() => {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

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
    const office = (to: string, from: string) =>
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

      office('csv:Text - txt - csv (StarCalc):44,34,76', 'people.xlsx')
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
