import { describe, expect, it } from 'vitest'
import type { Cell, Example } from '../../contract/index.ts'
import { skillConforms } from '../conformance.suite.ts'
import { completeColumn, fillColumn } from './column.ts'
import { fill } from './index.ts'

const people = [
  'Ada Lovelace',
  'Alan Turing',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'John Backus',
]

function example(
  column: string,
  names: string[],
  make: (name: string) => Cell,
  given: number,
): Example<'table'> {
  return {
    item: {
      kind: 'table',
      key: `${column} ${names[0]}`,
      group: column,
      at: null,
      column,
      columns: ['Name', column],
      rows: names.map((name, row) => [name, row < given ? make(name) : null]),
    },
    deed: {
      kind: 'table',
      at: null,
      person: null,
      seconds: null,
      secondsFrom: null,
      values: Object.fromEntries(names.flatMap((name, row) => (row < given ? [] : [[row, make(name)]]))),
    },
  }
}

const initials = (name: string) => name.replace(/(\p{L})\p{L}+ ?/gu, '$1.')
const last = (name: string) => name.split(' ')[1] ?? null

skillConforms({
  skill: fill,
  history: () => [example('Initials', people, initials, 3), example('Last', people, last, 3)],
  fresh: () => [
    example('Initials', people.toReversed(), initials, 2),
    example('Last', people.toReversed(), last, 2),
  ],
  unlearnable: { 'columns without a deed': () => [{ ...example('Initials', people, initials, 7) }] },
})

describe('the confidence of fill', () => {
  it('falls where the team filled its columns in ways that no program foretold', async () => {
    const odd = (name: string) => (people.indexOf(name) < 3 ? last(name) : `${name.length} odd`)
    const history = Array.from({ length: 6 }, () => example('Last', people, odd, 3))
    const good = await fill.learn([example('Last', people, last, 3)], { seed: 1 })
    const bad = await fill.learn(history, { seed: 1 })
    expect(bad.shift).toBeLessThan(good.shift)
    const { item } = example('Last', people, last, 1)
    expect(await fill.suggest(bad, item, { seed: 1 })).toBeNull()
  })

  it('is judged by the cells that people have settled', () => {
    const deed = example('Last', people, last, 3).deed
    const values = { 3: 'Dijkstra', 4: 'wrong' }
    expect(fill.judge({ type: 'fill', values }, deed)).toEqual({ useful: false, similarity: 0.5 })
    expect(fill.judge({ type: 'fill', values: { 3: 'Dijkstra' } }, deed)).toEqual({
      useful: true,
      similarity: 1,
    })
    expect(fill.judge({ type: 'fill', values: { 0: 'x' } }, deed)).toBeNull()
  })
})

describe('a column of a table', () => {
  const fillOf = (columns: string[], rows: Cell[][], column: string) => fillColumn(columns, rows, column)

  it('is filled with the type that people typed, from the columns that the program reads', () => {
    const rows: Cell[][] = [
      [12, 'a', 24],
      [3, 'b', 6],
      [7, 'c', null],
      [100, 'd', null],
    ].map(([a, b, c]) => [a!, b!, a!, c ?? null])
    const { cells, from } = fillOf(['Net', 'Note', 'Tax', 'Total'], rows, 'Total')
    expect(cells.map(({ row, value }) => [row, value])).toEqual(
      cells.map(({ row }) => [row, row === 2 ? 14 : 200]),
    )
    expect(from).not.toContain('Note')
  })

  it('says the program in words with the names of the columns', () => {
    const rows = people.map((name, row): Cell[] => [name, row < 2 ? last(name) : null])
    const { program, cells } = fillOf(['Full name', 'Last'], rows, 'Last')
    expect(program).toContain('Full name')
    expect(cells.map(({ value }) => value)).toEqual(people.slice(2).map(last))
  })

  it('names filled rows that contradict each other', () => {
    const rows: Cell[][] = [
      ['a b', 'a'],
      ['a b', 'b'],
      ['c d', null],
    ]
    expect(fillOf(['In', 'Out'], rows, 'Out').contradictions).toEqual([[0, 1]])
  })

  it('stays empty in rows of nothing, and asks for the row that is least sure', () => {
    const rows = [
      ...people.map((name, row): Cell[] => [name, row < 1 ? last(name) : null]),
      [null, null],
      ['???', null],
    ] as Cell[][]
    const { cells, next, silent } = fillOf(['Name', 'Last'], rows, 'Last')
    expect(cells.some(({ row }) => row >= people.length)).toBe(false)
    expect(silent).toBeGreaterThanOrEqual(1)
    expect(next).toBe(people.length + 1)
  })

  it('finds its input among 16,384 columns', () => {
    const columns = Array.from({ length: 16_384 }, (_, i) => `c${i}`)
    const rows = people.map((name, row) => {
      const cells: Cell[] = new Array(columns.length).fill(null).map((_, i) => (i % 50 ? null : i))
      cells[9000] = name
      cells[16_383] = row < 2 ? last(name) : null
      return cells
    })
    const { from, cells } = fillOf(columns, rows, 'c16383')
    expect(from).toEqual(['c9000'])
    expect(cells.map(({ value }) => value)).toEqual(people.slice(2).map(last))
  })
})

describe('a value that stands elsewhere', () => {
  const prices = {
    name: 'Price list',
    columns: ['Sku', 'Title', 'Price'],
    rows: [
      ['A-1', 'Chair', 49.5],
      ['A-2', 'Table', 120],
      ['B-7', 'Lamp', 19],
      ['C-3', 'Shelf', 80],
      ['C-4', 'Desk', 210],
    ] as Cell[][],
    columnNumbers: [0, 1, 2],
  }

  it('is looked up in another sheet after one example, as a number, with the formula for it', () => {
    const rows: Cell[][] = [
      ['o1', 'B-7', 19],
      ['o2', 'A-1', null],
      ['o3', 'C-4', null],
      ['o4', 'a-2 ', null],
      ['o5', 'C-3', null],
      ['o6', 'A-1', null],
    ]
    const { cells, program, formula, from } = fillColumn(['Order', 'Item', 'Price'], rows, 'Price', {
      others: [prices],
    })
    expect(cells.map(({ value }) => value)).toEqual([49.5, 210, 120, 80, 49.5])
    expect(program).toContain('sheet "Price list"')
    expect(from).toEqual(['Item'])
    expect(formula).toBe("INDEX('Price list'!C:C,MATCH({Item},'Price list'!A:A,0))")
  })

  it('is looked up by two keys where one tells no rows apart', () => {
    const rates = {
      name: 'Rates',
      columns: ['Room', 'Season', 'Rate'],
      rows: [
        ['single', 'low', 60],
        ['single', 'high', 90],
        ['double', 'low', 85],
        ['double', 'high', 130],
      ] as Cell[][],
      columnNumbers: [0, 1, 2],
    }
    const rows: Cell[][] = [
      ['Kim', 'double', 'low', 85],
      ['Lee', 'single', 'high', null],
      ['Ann', 'double', 'high', null],
      ['Bob', 'single', 'low', null],
    ]
    const columns = ['Guest', 'Type', 'Season', 'Price']
    const { cells, program, from } = fillColumn(columns, rows, 'Price', { others: [rates] })
    expect(cells.map(({ value }) => value)).toEqual([90, 130, 60])
    expect(from.toSorted()).toEqual(['Season', 'Type'])
    expect(program).toContain('sheet "Rates" where "Room" is Type and "Season" is Season')
  })

  it('stays out of what cannot be found, and of two joins that differ', () => {
    const rows: Cell[][] = [
      ['A-1', 49.5],
      ['A-2', null],
      ['C-3', null],
      ['C-4', null],
      ['X-9', null],
    ]
    const columns = ['Item', 'Price']
    const { cells, silent } = fillColumn(columns, rows, 'Price', { others: [prices] })
    expect(cells.map(({ row }) => row)).toEqual([1, 2, 3])
    expect(silent).toBe(1)
    const old = {
      ...prices,
      name: 'Old',
      rows: prices.rows.map((row, i) => [row[0]!, row[1]!, i === 0 ? 49.5 : 1]),
    }
    expect(fillColumn(columns, rows, 'Price', { others: [prices, old] }).cells).toEqual([])
  })

  it('is found in another row of the same table', () => {
    const rows: Cell[][] = [
      [1, 'Ada Byron', null, null],
      [2, 'Alan Turing', 1, 'Ada Byron'],
      [3, 'Grace Hopper', 1, null],
      [4, 'Edsger Dijkstra', 2, null],
      [5, 'Barbara Liskov', 4, null],
    ]
    const { cells } = fillColumn(['Id', 'Name', 'Boss', 'Boss name'], rows, 'Boss name')
    expect(cells.map(({ row, value }) => [row, value])).toEqual([
      [2, 'Ada Byron'],
      [3, 'Alan Turing'],
      [4, 'Edsger Dijkstra'],
    ])
  })

  it('is what people have always written beside the same key, and nothing beside a new one', () => {
    const countries: Record<string, string> = { Oslo: 'Norway', Rome: 'Italy', Lima: 'Peru' }
    const cities = Object.keys(countries)
    const rows = Array.from({ length: 40 }, (_, i): Cell[] => {
      const city = i === 35 ? 'Quito' : cities[i % 3]!
      return [i, city, i < 30 ? countries[city]! : null]
    })
    const { cells } = fillColumn(['No', 'City', 'Country'], rows, 'Country')
    expect(cells.map(({ row }) => row)).toEqual([30, 31, 32, 33, 34, 36, 37, 38, 39])
    expect(cells.every(({ row, value }) => value === countries[rows[row]![1] as string])).toBe(true)
  })
})

describe('texts that people sort', () => {
  const kinds: Record<string, string[]> = {
    travel: ['train to', 'taxi from', 'flight to', 'hotel in', 'bus ticket to'],
    office: ['printer paper for', 'desk lamp for', 'pens and paper for', 'office chair for', 'toner for'],
    food: ['lunch with', 'coffee for', 'dinner with', 'catering for', 'snacks for'],
  }
  const places = ['Berlin', 'the team', 'Paris', 'our guests', 'the meeting', 'Vienna', 'two people']
  const rows = Array.from({ length: 150 }, (_, i): Cell[] => {
    const kind = Object.keys(kinds)[i % 3]!
    const text = `${kinds[kind]![(i * 7) % 5]} ${places[(i * 3) % 7]} ${i}`
    return [text, i < 110 ? kind : null]
  })

  it('are sorted the same way where no program can, once enough are filled', async () => {
    const { cells, program, from } = await completeColumn(['Expense', 'Kind'], rows, 'Kind')
    expect(cells.length).toBeGreaterThan(20)
    expect(cells.every(({ row, value }) => value === Object.keys(kinds)[row % 3])).toBe(true)
    expect(program).toContain('Expense')
    expect(from).toEqual(['Expense'])
  })

  it('are left alone while few are filled', async () => {
    const few = rows.map(([text, kind], i): Cell[] => [text!, i < 12 ? kind! : null])
    expect((await completeColumn(['Expense', 'Kind'], few, 'Kind')).cells).toEqual([])
  })
})
