import { expect, it } from 'vitest'
import { blockLengths, type Extent, type TextItem } from './ngrams.ts'
import { createReader, learnVectors } from './vectors.ts'

const extent: Extent = { characters: 1000, fine: true }
const options = { extent, leastFrequency: 1, mostColumns: 1e6 }
const item = (text: string, subject = '', sender: string[] = []): TextItem => ({ subject, text, sender })

const items = [
  item('please refund the invoice', 'Refund', ['ann@example.org', 'example.org']),
  item('the parcel is late\nwhere is it?'),
  item('refund refund refund'),
  item(''),
]

it('reads a single item into the row that learning made of it', () => {
  const { vocabulary, rows } = learnVectors(items, options)
  const read = createReader(vocabulary)
  for (const [r, one] of items.entries()) {
    const reading = read(one)
    expect(reading.unknown).toBe(0)
    const row = new Map<number, number>()
    for (let p = rows.starts[r]!; p < rows.starts[r + 1]!; p++) row.set(rows.columns[p]!, rows.values[p]!)
    expect(reading.count).toBe(row.size)
    for (let p = 0; p < reading.count; p++) {
      expect(reading.values[p]).toBeCloseTo(row.get(reading.columns[p]!)!, 6)
    }
  }
})

it('brings each block of a row to its length', () => {
  const { vocabulary, rows } = learnVectors(items, options)
  const squares = blockLengths.map(() => 0)
  for (let p = rows.starts[0]!; p < rows.starts[1]!; p++) {
    squares[vocabulary.blocks[rows.columns[p]!]!]! += rows.values[p]! ** 2
  }
  for (const [b, length] of blockLengths.entries()) expect(Math.sqrt(squares[b]!)).toBeCloseTo(length, 5)
})

it('counts unknown n-grams into the length of a row, and tells how many there are', () => {
  const { vocabulary } = learnVectors(items, options)
  const read = createReader(vocabulary)
  const alone = read(item('refund'))
  expect(alone.unknown).toBe(0)
  const value = alone.values[0]!
  const beside = read(item('refund zyxwv'))
  expect(beside.unknown).toBeGreaterThan(5)
  expect(beside.values[0]).toBeLessThan(value)
  expect(read(item('zyxwv zyxwv')).count).toBe(0)
})

it('leaves out what is rarer than asked for, and the rarest where there are too many columns', () => {
  const all = learnVectors(items, options)
  const twice = learnVectors(items, { ...options, leastFrequency: 2 })
  expect(twice.rows.width).toBeLessThan(all.rows.width)
  expect(Math.min(...twice.frequency)).toBe(2)
  const few = learnVectors(items, { ...options, mostColumns: twice.rows.width })
  expect(few.rows.width).toBeLessThanOrEqual(twice.rows.width)
  expect(few.grams).toEqual(all.grams)
})

it('reads no more of a text than the extent says', () => {
  const read = (characters: number, text: string) =>
    learnVectors([item(text)], { ...options, extent: { characters, fine: true } }).rows.width
  expect(read(10, 'one two three four five six')).toBe(read(10, 'one two thXXXXXXXXXX'.replace('X', 'r')))
  expect(read(100, 'one two three four')).toBeGreaterThan(read(10, 'one two three four'))
  const coarse = learnVectors([item('one two three')], {
    ...options,
    extent: { characters: 99, fine: false },
  })
  expect(coarse.rows.width).toBe(5)
})
