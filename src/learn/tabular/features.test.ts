import { expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import { featuresOf, readerOf, unseen } from './features.ts'

const formsOf = (cells: Cell[]) => featuresOf('f', cells).map((feature) => feature.from)
const many = (cell: (i: number) => Cell) => Array.from({ length: 100 }, (_, i) => cell(i))

test('each column is read by what it holds', () => {
  expect(formsOf(many((i) => String(i)))).toEqual(['number'])
  expect(formsOf(many((i) => (i % 10 ? `${i},5` : 'unknown')))).toEqual(['number', 'word'])
  expect(formsOf(many((i) => `2024-03-${1 + (i % 28)}`))).toEqual(['day', 'weekday', 'month'])
  expect(formsOf(many((i) => `2024-03-05 ${i % 24}:10`))).toContain('hour')
  expect(formsOf(many((i) => (i % 2 ? 'yes' : 'Select')))).toEqual(['level'])
  expect(formsOf(many((i) => i % 3 === 0))).toEqual(['level'])
  expect(formsOf(many((i) => `please call ${i} about the ${i % 2 ? 'contract' : 'offer'}`))).toContain('has')
})

test('a column that is empty or the same throughout has nothing to say, but one filled here and there has', () => {
  expect(formsOf(many(() => null))).toEqual([])
  expect(formsOf(many(() => 'x'))).toEqual([])
  expect(formsOf(many((i) => (i % 2 ? 'x' : null)))).toEqual(['level'])
})

test('cells of another kind, new levels and absent cells are read without a fault', () => {
  const [number] = featuresOf(
    'f',
    many((i) => i),
  )
  expect(readerOf(number!)('12')).toBe(12)
  expect(readerOf(number!)('soon')).toBeNaN()
  expect(readerOf(number!)(undefined)).toBeNaN()
  const [level] = featuresOf(
    'f',
    many((i) => (i % 3 ? 'Web' : 'fair')),
  )
  expect(readerOf(level!)('WEB ')).toBe(0)
  expect(readerOf(level!)('phone')).toBe(unseen)
  expect(readerOf(level!)(7)).toBe(unseen)
  expect(readerOf(level!)('')).toBeNaN()
})

test('free text is read by its frequent words', () => {
  const text = featuresOf(
    'f',
    many((i) => `note ${i} from the ${i % 4 ? 'owner' : 'buyer'} today`),
  )
  const words = text.flatMap((feature) => (feature.from === 'has' ? [feature.word] : []))
  expect(words).toContain('buyer')
  const buyer = readerOf(text.find((feature) => feature.from === 'has' && feature.word === 'buyer')!)
  expect([buyer('The BUYER called'), buyer('nobody called'), buyer(null)]).toEqual([1, 0, Number.NaN])
})
