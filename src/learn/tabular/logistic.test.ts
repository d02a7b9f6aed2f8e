import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { fitLogistic, fitSteadily, logisticScores } from './logistic.ts'
import { type Design, designOf } from './terms.ts'

const feature = (field: string) => ({ field, form: 'number', from: 'number', mark: '.' }) as const

/** Weights of the straight lines of a design. */
const linesOf = ({ terms }: Design, weights: Float64Array) => terms.map(({ first }) => weights[first + 1]!)

test('lines of numbers that move together share what they say, and do not cancel each other', () => {
  const random = seeded('logistic')
  const n = 4000
  const rates = Float64Array.from({ length: n }, () => random.normal())
  // Two columns that say the same but for a little, which has nothing to do with the outcome but in this sample.
  const twin = rates.map((rate) => rate + 0.02 * random.normal())
  const truth = Uint8Array.from(rates, (rate, row) =>
    random.uniform() < 1 / (1 + Math.exp(-(rate + 8 * (twin[row]! - rate)))) ? 1 : 0,
  )
  const design = designOf([feature('rates'), feature('twin')], [rates, twin])
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const loose = linesOf(design, fitLogistic(design, truth, rows, 1))
  const steady = linesOf(design, fitSteadily(design, truth, rows, 1, 30))
  for (const line of steady) {
    expect(line).toBeGreaterThan(0)
    expect(line).toBeLessThan(Math.max(...loose))
  }
  expect(steady[0]! + steady[1]!).toBeGreaterThan(0.8)
})

test('a curve is followed as closely when its line was fitted before its bends', () => {
  const n = 2000
  const column = Float64Array.from({ length: n }, (_, row) => (row % 100) / 10)
  const truth = Uint8Array.from(column, (value, row) => (value > 7 ? +(row % 9 > 0) : +(row % 9 === 0)))
  const design = designOf([feature('size')], [column])
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const together = logisticScores(design, fitLogistic(design, truth, rows, 1), rows)
  const steady = logisticScores(design, fitSteadily(design, truth, rows, 1, 30), rows)
  for (const row of [5, 35, 65, 95]) expect(Math.abs(steady[row]! - together[row]!)).toBeLessThan(0.5)
})
