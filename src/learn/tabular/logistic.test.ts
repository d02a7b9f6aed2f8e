import { expect, test } from 'vitest'
import { fitLogistic, logisticScores } from './logistic.ts'
import { bendsOf, designOf } from './terms.ts'

const feature = { field: 'size', form: 'number', from: 'number', mark: '.' } as const

test('weights that are held stay, and the others are fitted as if they were not there', () => {
  const n = 2000
  const column = Float64Array.from({ length: n }, (_, row) => (row % 100) / 10)
  const truth = Uint8Array.from(column, (value, row) => (value > 7 ? +(row % 9 > 0) : +(row % 9 === 0)))
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const design = designOf([feature], [column])
  const bends = bendsOf(design)!
  const straight = fitLogistic(design, truth, rows, 1, undefined, bends)
  for (const [i, isBend] of bends.entries()) if (isBend) expect(straight[i]).toBe(0)
  const scores = logisticScores(design, straight, rows)
  const step = scores[11]! - scores[10]!
  for (const row of [20, 50, 90]) expect(scores[row + 1]! - scores[row]!).toBeCloseTo(step, 5)
  // At the least loss the errors of a straight line are balanced, over all rows and along the line but for the ridge.
  const errors = scores.map((score, row) => 1 / (1 + Math.exp(-score)) - truth[row]!)
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0))).toBeLessThan(1)
  const along = errors.reduce((sum, error, row) => sum + error * design.value[design.start[row]!]!, 0)
  expect(Math.abs(along)).toBeLessThan(1 + straight[1]!)
})

test('a design of the past does not know how far numbers go later', () => {
  const column = Float64Array.from({ length: 2000 }, (_, row) => row)
  const past = Int32Array.from({ length: 1000 }, (_, row) => row)
  const [term] = designOf([feature], [column], past).terms
  expect(term).toMatchObject({ form: 'number', seen: [0, 999] })
  expect(term?.form === 'number' && Math.max(...term.knots)).toBeLessThanOrEqual(999)
})
