import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Change, memoryVault, type TableColumn } from '../../contract/index.ts'
import { surfaces } from '../../surfaces/index.ts'
import { readTable } from '../../surfaces/sheet/table.ts'
import { makeWorkbook } from '../../surfaces/sheet/workbook.fixture.ts'
import { fill } from './index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-live-'))
})
afterAll(() => rm(folder, { recursive: true }))

const names = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov']
const rows = [
  ['Id', 'Name', 'Last'],
  ...names.map((name, i) => [`r${i}`, name, i < 3 ? name.split(' ')[1]! : null]),
]

for (const format of ['csv', 'xlsx'] as const) {
  it(`fills the rest of a column in a watched ${format} file, and takes it back without a trace`, async () => {
    const path = join(folder, `people.${format}`)
    const csv = rows.map((row) => row.map((cell) => cell ?? '').join(',')).join('\r\n')
    await writeFile(
      path,
      format === 'csv' ? `${csv}\r\n` : makeWorkbook({ sheets: [{ name: 'People', rows }] }),
    )
    const before = await readFile(path)
    const own = join(folder, format)
    await mkdir(own)
    const surface = surfaces[format]!
    const tools = {
      now: () => 1_700_000_000_000,
      pseudonym: (raw: string) => raw,
      folder: own,
      vault: memoryVault(),
    }
    const opened = await surface.open(surface.settings.parse({ path }), tools)
    const place = opened.table!
    const stop = new AbortController()
    let item: TableColumn | null = null
    for await (const change of place.watch(null, stop.signal) as AsyncIterable<Change<'table'>>) {
      if (change.type === 'item' && change.item.column === 'Last') item = change.item
      if (change.type === 'caught up') break
    }
    stop.abort()
    const model = { columns: 1, cells: 0, shift: 0 }
    const suggestion = await fill.suggest(model, item!, { seed: 1 })
    const placed = await place.place(item!, suggestion!, 'once')
    expect(placed.placed).toBe(true)
    const last = async () => {
      const table = await readTable(path)
      return table.rows.map((row) => row[table.columns.indexOf('Last')])
    }
    expect(await last()).toEqual(['Lovelace', 'Turing', 'Hopper', 'Dijkstra', 'Liskov'])
    if (placed.placed) await place.withdraw(placed.placement)
    expect(await last()).toEqual(['Lovelace', 'Turing', 'Hopper', null, null])
    if (format === 'csv') expect((await readFile(path)).equals(before)).toBe(true)
    await opened.close()
  })
}
