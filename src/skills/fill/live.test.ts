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

const names = [
  'Ada Lovelace',
  'Alan Turing',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'John Backus',
  'Mary Ann Horton',
]
const last = (name: string) => name.split(' ').at(-1) as string
const second = (name: string) => name.split(' ')[1] as string
const model = { columns: 1, cells: 0, shift: 0 }

/** The columns of a file as the person sees them, and Inlay beside it. */
async function sitDown(path: string, format: 'csv' | 'xlsx') {
  const own = join(folder, `${format}-${Math.random()}`)
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
  const changes = place.watch(null, stop.signal)[Symbol.asyncIterator]()
  return {
    place,
    /** The newest version of the column since the last look. */
    async item(column = 'Last'): Promise<TableColumn | null> {
      let item: TableColumn | null = null
      for (;;) {
        const { value } = (await changes.next()) as { value: Change<'table'> }
        if (value.type === 'item' && value.item.column === column) item = value.item
        if (value.type === 'caught up') return item
      }
    },
    async column(name = 'Last') {
      const { columns, rows } = await readTable(path)
      return rows.map((row) => row[columns.indexOf(name)] ?? null)
    },
    async close() {
      stop.abort()
      await changes.return?.()
      await opened.close()
    },
  }
}

/** The file as a person would save it with these values. */
async function save(path: string, format: 'csv' | 'xlsx', values: (string | null)[], more: string[] = []) {
  const { columns: now } = await readTable(path).catch(() => ({ columns: ['Id', 'Name', 'Last'] }))
  const head = now.length > 3 ? now : ['Id', 'Name', 'Last', ...more]
  const marks = now.length > 3 ? (await readTable(path)).rows.map((row) => row[3] ?? null) : []
  const rows = names.map((name, i) => [
    `r${i}`,
    name,
    values[i] ?? null,
    ...(head[3] ? [marks[i] ?? null] : []),
  ])
  const csv = [head, ...rows].map((row) => row.map((cell) => cell ?? '').join(',')).join('\r\n')
  await writeFile(
    path,
    format === 'csv' ? `${csv}\r\n` : makeWorkbook({ sheets: [{ name: 'People', rows: [head, ...rows] }] }),
  )
}

for (const format of ['csv', 'xlsx'] as const) {
  it(`fills a column of a watched ${format} file after one typed value, and takes it back without a trace`, async () => {
    const path = join(folder, `people.${format}`)
    await save(path, format, [second(names[0]!)])
    const before = await readFile(path)
    const { place, item, column, close } = await sitDown(path, format)
    const told = (await item())!
    const suggestion = await fill.suggest(model, told, { seed: 1 })
    const placed = await place.place(told, suggestion!, 'once')
    expect(placed.placed).toBe(true)
    const filled = await column()
    // The name of three words is the one that it may leave for the person.
    expect(filled.slice(0, 7)).toEqual(names.slice(0, 7).map(last))
    if (placed.placed) await place.withdraw(placed.placement)
    expect(await column()).toEqual([second(names[0]!), ...names.slice(1).map(() => null)])
    if (format === 'csv') expect((await readFile(path)).equals(before)).toBe(true)
    await close()
  })

  it(`learns from a correction in a watched ${format} file: what it had filled is filled anew`, async () => {
    const path = join(folder, `corrected.${format}`)
    await save(path, format, [names[0]!.slice(0, 3)])
    const { place, item, column, close } = await sitDown(path, format)
    const first = (await item())!
    const wrong = Object.fromEntries(names.slice(1).map((name, i) => [i + 1, name.slice(0, 3)]))
    const value = { type: 'fill', values: wrong } as const
    expect(
      (await place.place(first, { kind: 'table', value, confidence: 1, reasons: [] }, 'first')).placed,
    ).toBe(true)
    expect(await item()).toBeNull()
    expect((await column())[3]).toBe('Eds')
    // Ada is the whole first name: so is what the person meant by it.
    const now = await column()
    now[3] = 'Edsger'
    await save(path, format, now as string[])
    const again = (await item())!
    const better = await fill.suggest(model, again, { seed: 1 })
    const placed = await place.place(again, better!, 'second')
    expect(placed.placed).toBe(true)
    expect((await column()).slice(0, 7)).toEqual(names.slice(0, 7).map((name) => name.split(' ')[0]))
    // Not sure of a name of three words, and what stood there was of the refuted kind.
    expect((await column())[7]).not.toBe('Mar')
    if (placed.placed) await place.withdraw(placed.placement)
    expect(await column()).toEqual(['Ada', null, null, 'Edsger', null, null, null, null])
    await close()
  })
}
