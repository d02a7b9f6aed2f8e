import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Cell, Suggestion, TableColumn } from '../../contract/index.ts'
import type { Medium } from '../conformance.suite.ts'
import { readTable } from './table.ts'
import { makeWorkbook } from './workbook.fixture.ts'

/** A file as rows of cells, header first, read and written by other code than the surface's where there is some. */
export interface Hand {
  name: string
  read(path: string): Promise<Cell[][]>
  bytesOf(rows: Cell[][]): Uint8Array
}

export const csvHand: Hand = {
  name: 'leads.csv',
  async read(path) {
    const rows: string[][] = parse(await readFile(path), { relax_column_count: true, bom: true })
    return rows.map((row) => row.map((cell) => (cell === '' ? null : cell)))
  },
  bytesOf(rows) {
    const text = (cell: Cell) =>
      /[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell)
    return Buffer.from(
      rows.map((row) => row.map((cell) => (cell === null ? '' : text(cell))).join(',')).join('\n'),
    )
  },
}

export const xlsxHand: Hand = {
  name: 'leads.xlsx',
  async read(path) {
    const { columns, rows } = await readTable(path)
    return [columns, ...rows]
  },
  bytesOf(rows) {
    const notes = { name: 'Notes', rows: [['about'], ['kept by hand']] }
    return makeWorkbook({ sheets: [{ name: 'Leads', rows }, notes] })
  },
}

/** A folder with one file, and a person who changes it as office programs do: a new file in the old one's place. */
async function folderWith(hand: Hand, rows: Cell[][]) {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-sheet-'))
  const path = join(folder, hand.name)
  await writeFile(path, hand.bytesOf(rows))
  async function change(edit: (rows: Cell[][]) => void): Promise<void> {
    const now = await hand.read(path)
    const width = Math.max(...now.map(({ length }) => length))
    for (const row of now) while (row.length < width) row.push(null)
    edit(now)
    await writeFile(`${path}.new`, hand.bytesOf(now))
    await rename(`${path}.new`, path)
  }
  async function snapshot(): Promise<Record<string, string>> {
    const names = await readdir(folder)
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'base64')))
    return Object.fromEntries(names.map((name, i) => [name, contents[i]!]))
  }
  const vanish = () => rm(path)
  const remove = () => rm(folder, { recursive: true, force: true })
  return { path, change, snapshot, vanish, remove }
}

export const leads: Cell[][] = [
  ['id', 'arrived', 'source', 'message', 'team', 'won'],
  ['L-1', '2024-03-01 09:00', 'web', 'How much is it?', 'sales', 'yes'],
  ['L-2', '2024-03-02 10:30', 'fair', 'It does not start', 'support', 'no'],
  ['L-3', '2024-03-01 08:00', 'web', 'Is there a discount?', 'sales', 'no'],
  ['L-4', '2024-03-04 11:00', 'phone', 'Please call me', null, null],
  ['L-5', '2024-03-05 12:00', 'web', 'Where is my invoice, "again"?', null, null],
  ['L-6', '2024-03-06 12:00', 'fair', 'Prices for ten, please', null, null],
]
const invalid = [{}, { path: '' }, { path: 'a', text: 'b' }, { path: 'a', colour: 'red' }]

/** Who changes the values of a sheet, header first. */
export interface Changing {
  change(edit: (rows: Cell[][]) => void): Promise<void>
}

export function rowHands(medium: Changing, column: string, done: Cell, own: string[]) {
  let next = 7
  const cellOf = (rows: Cell[][], key: string, name: string) => {
    const row = rows.find((each) => each[0] === key)!
    return { row, index: rows[0]!.indexOf(name) }
  }
  return {
    newItem: () =>
      medium.change((rows) => {
        const row: Cell[] = new Array(rows[0]!.length).fill(null)
        row.splice(0, 4, `L-${next++}`, '2024-03-07 12:00', 'web', 'One more')
        rows.push(row)
      }),
    doDeed: (key: string) =>
      medium.change((rows) => {
        const { row, index } = cellOf(rows, key, column)
        row[index] = done
      }),
    removePlacement: (key: string) =>
      medium.change((rows) => {
        for (const name of own) {
          const { row, index } = cellOf(rows, key, name)
          if (index >= 0) row[index] = null
        }
      }),
    dropItem: (key: string) =>
      medium.change((rows) => {
        rows.splice(
          rows.findIndex((each) => each[0] === key),
          1,
        )
      }),
  }
}

export async function messageMedium(hand: Hand): Promise<Medium<'message'>> {
  const medium = await folderWith(hand, leads)
  return {
    ...medium,
    ...rowHands(medium, 'team', 'sales', ['Inlay: team']),
    settings: { path: medium.path, text: 'message', label: 'team' },
    invalid,
    suggestion: () => ({
      kind: 'message',
      value: { type: 'label', label: 'sales' },
      confidence: 0.9,
      reasons: [],
    }),
  }
}

export async function recordMedium(hand: Hand): Promise<Medium<'record'>> {
  const medium = await folderWith(hand, leads)
  return {
    ...medium,
    ...rowHands(medium, 'won', 'yes', ['Inlay: won', 'Inlay: why']),
    settings: { path: medium.path, target: 'won' },
    invalid,
    suggestion: () => ({
      kind: 'record',
      value: { type: 'score', probability: 0.907, band: 'hot' },
      confidence: 0.9,
      reasons: [{ field: 'source', value: 'web', effect: 1.2 }],
    }),
  }
}

export const people: Cell[][] = [
  ['id', 'name', 'mail', 'first', 'domain'],
  ...Array.from({ length: 40 }, (_, i): Cell[] => {
    const begun = i < 3
    return [
      `P-${i}`,
      `Ada${i} Byron`,
      `ada${i}@example.org`,
      begun ? `Ada${i}` : null,
      begun ? 'example.org' : null,
    ]
  }),
]

export async function tableMedium(hand: Hand): Promise<Medium<'table'>> {
  const medium = await folderWith(hand, people)
  return { ...medium, ...tableHands(medium), settings: { path: medium.path }, invalid }
}

export function tableHands(medium: Changing) {
  let next = 1
  const columnOf = (key: string) => key.split(' · ')[0]!
  return {
    newItem: () =>
      medium.change((rows) => {
        const name = `begun ${next++}`
        for (const [i, row] of rows.entries()) row.push(i === 0 ? name : i < 4 ? `value ${i}` : null)
      }),
    doDeed: (key: string) =>
      medium.change((rows) => {
        const index = rows[0]!.indexOf(columnOf(key))
        for (const row of rows) row[index] ??= 'typed by hand'
      }),
    removePlacement: (key: string) =>
      medium.change((rows) => {
        const marks = rows[0]!.indexOf('Inlay: filled')
        const index = rows[0]!.indexOf(columnOf(key))
        for (const row of rows.slice(1)) if (row[marks] !== null) row[index] = null
      }),
    dropItem: (key: string) =>
      medium.change((rows) => {
        const index = rows[0]!.indexOf(columnOf(key))
        for (const row of rows) row.splice(index, 1)
      }),
    suggestion: (item: TableColumn): Suggestion<'table'> => {
      const at = item.columns.indexOf(item.column)
      const empty = item.rows.flatMap((row, i) => (row[at] === null ? [i] : [])).slice(0, 3)
      const values = Object.fromEntries(empty.map((row) => [row, `filled ${row}`]))
      return { kind: 'table', value: { type: 'fill', values }, confidence: 0.95, reasons: [] }
    },
  }
}
