import { describe, expect, it } from 'vitest'
import type { Cell, Example } from '../../contract/index.ts'
import { skillConforms } from '../conformance.suite.ts'
import { fillColumn } from './column.ts'
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
