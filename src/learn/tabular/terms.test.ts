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
