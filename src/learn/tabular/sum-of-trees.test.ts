import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { auc } from '../scoring-metrics.ts'
import { binTable } from './binning.ts'
import { type BoostingOptions, fitBoosting } from './boosting.ts'
import type { Feature } from './features.ts'
import { explainerOf, scoresOf } from './sum-of-trees.ts'

const options: BoostingOptions = {
  leaves: 8,
  smallestLeaf: 5,
  ridge: 1,
  rate: 0.1,
  rounds: 60,
  patience: 60,
  rowShare: 0.7,
  featureShare: 1,
}
const number = (field: string): Feature => ({ field, form: 'number', from: 'number', mark: '.' })
const level = (field: string, count: number): Feature => ({
  field,
  form: 'level',
  from: 'level',
  levels: Array.from({ length: count }, (_, code) => `level ${code}`),
})
const upTo = (n: number, from = 0) => Int32Array.from({ length: n - from }, (_, i) => from + i)

function heldOutArea(features: Feature[], columns: Float64Array[], truth: Uint8Array): number {
  const n = truth.length
  const left = upTo(n, Math.floor(0.6 * n))
  const fitted = fitBoosting({ features, columns, truth }, upTo(Math.floor(0.6 * n)), left, options, 'a')
  return auc(
    Array.from(left, (row) => truth[row]!),
    fitted.heldOutScores(options.rounds),
  )!
}

test('an outcome that only two fields together decide is learned', () => {
  const random = seeded(1)
  const columns = [0, 1].map(() => Float64Array.from({ length: 1000 }, () => random.uniform()))
  const truth = Uint8Array.from(columns[0]!, (a, row) => (a > 0.5 === columns[1]![row]! > 0.5 ? 1 : 0))
  expect(heldOutArea([number('a'), number('b')], columns, truth)).toBeGreaterThan(0.97)
})

test('empty cells and levels in any order are split where it helps', () => {
  const random = seeded(2)
  const codes = Float64Array.from({ length: 1000 }, () => random.integer(20))
  const gaps = Float64Array.from({ length: 1000 }, () =>
    random.uniform() < 0.3 ? Number.NaN : random.uniform(),
  )
  const truth = Uint8Array.from(codes, (code, row) => (code % 3 === 1 || Number.isNaN(gaps[row]!) ? 1 : 0))
  expect(heldOutArea([level('a', 20), number('b')], [codes, gaps], truth)).toBeGreaterThan(0.99)
})

test('a column with a level of its own for nearly every row teaches nothing that is not there', () => {
  const random = seeded(3)
  const ids = Float64Array.from({ length: 1500 }, () => random.integer(900))
  const truth = Uint8Array.from(ids, () => (random.uniform() < 0.4 ? 1 : 0))
  const fitted = fitBoosting(
    { features: [level('id', 900)], columns: [ids], truth },
    upTo(1000),
    upTo(1500, 1000),
    options,
    'a',
  )
  const best = Math.min(...fitted.heldOutLoss)
  expect(best).toBeGreaterThan(0.97 * fitted.heldOutLoss[0]!)
  // Without the ordering, each row would find its own outcome in its level and the held-out loss would explode.
  expect(fitted.heldOutLoss.at(-1)!).toBeLessThan(1.12 * fitted.heldOutLoss[0]!)
})

test('a level of high cardinality that does matter is learned from its share of won', () => {
  const random = seeded(4)
  const ids = Float64Array.from({ length: 4000 }, () => random.integer(150))
  const truth = Uint8Array.from(ids, (id) => (random.uniform() < (id % 2 ? 0.85 : 0.15) ? 1 : 0))
  expect(heldOutArea([level('id', 150)], [ids], truth)).toBeGreaterThan(0.8)
})

test('the effects and the start add up to the score of every row', () => {
  const random = seeded(5)
  const columns = [0, 1, 2].map(() =>
    Float64Array.from({ length: 400 }, () => (random.uniform() < 0.1 ? Number.NaN : random.normal())),
  )
  const truth = Uint8Array.from(columns[0]!, (a, row) =>
    a + columns[1]![row]! + random.normal() > 0 ? 1 : 0,
  )
  const features = ['a', 'b', 'c'].map(number)
  const fitted = fitBoosting({ features, columns, truth }, upTo(300), upTo(400, 300), options, 'a')
  const scores = fitted.heldOutScores(fitted.model.trees.length)
  const explainer = boostingExplainer(fitted.model)
  for (let row = 300; row < 400; row++) {
    const effects = new Float64Array(3)
    explainer.addEffects(
      columns.map((column) => column[row]!),
      1,
      effects,
    )
    expect(effects.reduce((sum, effect) => sum + effect, explainer.start)).toBeCloseTo(scores[row - 300]!, 9)
  }
})
