import { expect, test } from 'vitest'
import { fitLogistic, logisticScores } from './logistic.ts'
import { designOf } from './terms.ts'

const feature = { field: 'size', form: 'number', from: 'number', mark: '.' } as const

test('a number may bend: what pays in the middle only is learned by the linear model', () => {
  const n = 2000
  const column = Float64Array.from({ length: n }, (_, row) => (row % 100) / 10)
  const truth = Uint8Array.from(column, (value, row) =>
    value > 3 && value < 7 ? +(row % 9 > 0) : +(row % 9 === 0),
  )
  const design = designOf([feature], [column])
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const scores = logisticScores(design, fitLogistic(design, truth, rows, 1), rows)
  expect(scores[50]!).toBeGreaterThan(1)
  expect(scores[5]!).toBeLessThan(-1)
  expect(scores[95]!).toBeLessThan(-1)
})

test('few records, or few different numbers, give a straight line; empty cells have a weight of their own', () => {
  const few = designOf([feature], [Float64Array.from({ length: 40 }, (_, row) => row)])
  expect(few.width).toBe(2)
  const flags = designOf([feature], [Float64Array.from({ length: 900 }, (_, row) => row % 2)])
  expect(flags.width).toBe(2)
  const many = Float64Array.from({ length: 900 }, (_, row) => (row === 7 ? Number.NaN : row))
  const { start, index } = designOf([feature], [many])
  expect([...index.subarray(start[7], start[8])]).toEqual([0])
  expect(start[9]! - start[8]!).toBe(3)
})

test('a number that many records share has a weight of its own, unlike its neighbours', () => {
  const n = 3000
  const column = Float64Array.from({ length: n }, (_, row) => (row % 3 === 0 ? 12 : row % 97))
  const truth = Uint8Array.from(column, (value, row) => (value === 12 ? +(row % 10 > 0) : +(row % 10 === 1)))
  const design = designOf([feature], [column])
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const scores = logisticScores(design, fitLogistic(design, truth, rows, 1), rows)
  expect(scores[0]!).toBeGreaterThan(1.5)
  for (const near of [11, 13]) expect(scores[column.indexOf(near)]!).toBeLessThan(-1)
})

test('no more than sixty numbers have a weight of their own, the most frequent', () => {
  const column = Float64Array.from({ length: 20_000 }, (_, row) => row % 190)
  column.fill(-5, 0, 200)
  const { terms } = designOf([feature], [column])
  expect(terms[0]).toMatchObject({ spikes: expect.arrayContaining([-5]) })
  expect(terms[0]!.form === 'number' && terms[0]!.spikes.length).toBe(60)
})
