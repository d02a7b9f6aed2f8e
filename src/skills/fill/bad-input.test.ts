import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import { readTable } from '../../surfaces/sheet/table.ts'
import { type FixtureCell, makeWorkbook } from '../../surfaces/sheet/workbook.fixture.ts'
import { fillColumn } from './column.ts'

async function filledFrom(rows: FixtureCell[][], column: string) {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-fill-'))
  try {
    const path = join(folder, 'table.xlsx')
    await writeFile(path, makeWorkbook({ sheets: [{ name: 'Sheet', rows }] }))
    const table = await readTable(path)
    return { table, ...fillColumn(table.columns, table.rows, column, { others: table.others?.() }) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const people = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov']

test('the results of formulas are read as any other cell', async () => {
  const rows = people.map((name, i): FixtureCell[] => [
    { value: name, formula: `A${i}&" "&B${i}` },
    i < 2 ? name.split(' ')[1]! : null,
  ])
  const { cells } = await filledFrom([['Name', 'Last'], ...rows], 'Last')
  expect(cells.map(({ value }) => value)).toEqual(['Hopper', 'Dijkstra', 'Liskov'])
})

test('cells that are merged into the one above are empty, and stay so', async () => {
  const rows = people.flatMap((name, i): FixtureCell[][] => [
    [name, 'first', i < 2 ? name.split(' ')[1]! : null],
    [null, 'second', null],
  ])
  const { cells } = await filledFrom([['Name', 'Half', 'Last'], ...rows], 'Last')
  expect(cells.length).toBeGreaterThan(0)
  for (const { row, value } of cells) expect([row % 2, value]).toEqual([0, people[row / 2]!.split(' ')[1]])
})

test('dates that are stored as numbers are dates, and as bare numbers too', () => {
  const days = [45306, 45232, 45503, 44629, 45650]
  const rows = days.map((day, i): Cell[] => [day, i < 2 ? ['2024-01-15', '2023-11-02'][i]! : null])
  const { cells } = fillColumn(['Day', 'ISO'], rows, 'ISO')
  expect(cells.map(({ value }) => value)).toEqual(['2024-07-30', '2022-03-09', '2024-12-24'])
})

test('a column that mixes the ways to write numbers is not filled wrongly', () => {
  const amounts = ['1.234,50', '99,90', '1,234.50', '7.450,05', '12,000', '5.5']
  const rows = amounts.map((text, i): Cell[] => [text, i < 2 ? ['1234.50', '99.90'][i]! : null])
  const { cells } = fillColumn(['Amount', 'Plain'], rows, 'Plain')
  const right: Record<number, string> = { 2: '1234.50', 3: '7450.05' }
  for (const { row, value } of cells) if (right[row]) expect(value).toBe(right[row])
  expect(cells.some(({ row }) => row === 5)).toBe(false)
})

test('right-to-left text, combining letters and emoji are kept whole', () => {
  const words = [
    'שלום עולם',
    'e\u0301te\u0301 chaud',
    '👩‍👩‍👧 family',
    'مرحبا بالعالم',
    'नमस्ते दुनिया',
    'ada b',
  ]
  const rows = words.map((text, i): Cell[] => [text, i < 3 ? text.split(' ')[0]! : null])
  const { cells } = fillColumn(['Text', 'First'], rows, 'First')
  for (const { row, value } of cells) expect(value).toBe(words[row]!.split(' ')[0])
})

test('of many rows with the same inputs and different answers each pair is named', () => {
  const rows: Cell[][] = [
    ['a b', 'a'],
    ['c d', 'c'],
    ['a b', 'b'],
    ['c d', 'd'],
    ['e f', null],
  ]
  const { contradictions } = fillColumn(['In', 'Out'], rows, 'Out')
  expect(contradictions).toEqual([
    [0, 2],
    [1, 3],
  ])
})

test('60,000 rows are filled', () => {
  const rows = Array.from({ length: 60_000 }, (_, i): Cell[] => [
    `${people[i % 5]} ${i}`,
    i < 3 ? String(i) : null,
  ])
  const { cells } = fillColumn(['Who', 'Number'], rows, 'Number')
  expect(cells.length).toBeGreaterThan(55_000)
  expect(cells.every(({ row, value }) => String(value) === String(row))).toBe(true)
})
