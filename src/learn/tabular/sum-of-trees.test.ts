import { expect, test } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { auc } from '../scoring-metrics.ts'
import { binTable } from './binning.ts'
import { type BoostingOptions, fitBoosting } from './boosting.ts'
import type { Feature } from './features.ts'
import { type ForestOptions, fitForest } from './forest.ts'
import { explainerOf, meanOf, type SumOfTrees, scoresOf } from './sum-of-trees.ts'

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
const forestOptions: ForestOptions = {
  trees: 60,
  leaves: 64,
  smallestLeaf: 3,
  rowShare: 0.6,
  featureShare: 0.5,
  rowShareOfDrawn: 1,
}
const number = (field: string): Feature => ({ field, form: 'number', from: 'number', mark: '.' })
const level = (field: string, count: number): Feature => ({
  field,
  form: 'level',
  from: 'level',
  levels: Array.from({ length: count }, (_, code) => `level ${code}`),
})
const upTo = (n: number, from = 0) => Int32Array.from({ length: n - from }, (_, i) => from + i)

type Table = { features: Feature[]; columns: Float64Array[]; truth: Uint8Array }

/** Learns from the first part of the rows, by boosting and by a forest, and gives the area on the rest by each. */
function heldOutAreas({ features, columns, truth }: Table): { boosting: number; forest: number } {
  const n = truth.length
  const [rows, left] = [upTo(Math.floor(0.6 * n)), upTo(n, Math.floor(0.6 * n))]
  const random = seeded('a').uniform
  const binned = binTable({ features, columns, truth }, rows, random)
  const areaOf = (model: SumOfTrees) =>
    auc(
      Array.from(left, (row) => truth[row]!),
      scoresOf(model, binned, left),
    )!
  return {
    boosting: areaOf(fitBoosting(binned, truth, rows, left, options, random).model),
    forest: areaOf(fitForest(binned, truth, rows, forestOptions, random)),
  }
}

test('an outcome that only two fields together decide is learned', () => {
  const random = seeded(1)
  const columns = [0, 1].map(() => Float64Array.from({ length: 1000 }, () => random.uniform()))
  const truth = Uint8Array.from(columns[0]!, (a, row) => (a > 0.5 === columns[1]![row]! > 0.5 ? 1 : 0))
  const areas = heldOutAreas({ features: [number('a'), number('b')], columns, truth })
  expect(areas.boosting).toBeGreaterThan(0.97)
  expect(areas.forest).toBeGreaterThan(0.97)
})

test('empty cells and levels in any order are split where it helps', () => {
  const random = seeded(2)
  const codes = Float64Array.from({ length: 1000 }, () => random.integer(20))
  const gaps = Float64Array.from({ length: 1000 }, () =>
    random.uniform() < 0.3 ? Number.NaN : random.uniform(),
  )
  const truth = Uint8Array.from(codes, (code, row) => (code % 3 === 1 || Number.isNaN(gaps[row]!) ? 1 : 0))
  const areas = heldOutAreas({ features: [level('a', 20), number('b')], columns: [codes, gaps], truth })
  expect(areas.boosting).toBeGreaterThan(0.99)
  expect(areas.forest).toBeGreaterThan(0.95)
})

test('a column with a level of its own for nearly every row teaches nothing that is not there', () => {
  const random = seeded(3)
  const ids = Float64Array.from({ length: 1500 }, () => random.integer(900))
  const truth = Uint8Array.from(ids, () => (random.uniform() < 0.4 ? 1 : 0))
  const draw = seeded('b').uniform
  const binned = binTable({ features: [level('id', 900)], columns: [ids], truth }, upTo(1000), draw)
  const fitted = fitBoosting(binned, truth, upTo(1000), upTo(1500, 1000), options, draw)
  const best = Math.min(...fitted.heldOutLoss)
  expect(best).toBeGreaterThan(0.97 * fitted.heldOutLoss[0]!)
  // Without the ordering, each row would find its own outcome in its level and the held-out loss would explode.
  expect(fitted.heldOutLoss.at(-1)!).toBeLessThan(1.12 * fitted.heldOutLoss[0]!)
})

test('a level of high cardinality that does matter is learned from its share of won', () => {
  const random = seeded(4)
  const ids = Float64Array.from({ length: 4000 }, () => random.integer(150))
  const truth = Uint8Array.from(ids, (id) => (random.uniform() < (id % 2 ? 0.85 : 0.15) ? 1 : 0))
  const areas = heldOutAreas({ features: [level('id', 150)], columns: [ids], truth })
  expect(areas.boosting).toBeGreaterThan(0.8)
  expect(areas.forest).toBeGreaterThan(0.8)
})

test('the effects and the start add up to the score of every row', () => {
  const random = seeded(5)
  const columns = [0, 1, 2].map(() =>
    Float64Array.from({ length: 400 }, () => (random.uniform() < 0.1 ? Number.NaN : random.normal())),
  )
  const truth = Uint8Array.from(columns[0]!, (a, row) =>
    a + columns[1]![row]! + random.normal() > 0 ? 1 : 0,
  )
  const table = { features: ['a', 'b', 'c'].map(number), columns, truth }
  const rows = upTo(300)
  const left = upTo(400, 300)
  const binned = binTable(table, rows, random.uniform)
  const model = meanOf([
    fitBoosting(binned, truth, rows, left, options, random.uniform).model,
    fitForest(binned, truth, rows, forestOptions, random.uniform),
  ])
  const scores = scoresOf(model, binned, left)
  const explainer = explainerOf(model)
  for (const [i, row] of left.entries()) {
    const effects = new Float64Array(3)
    explainer.addEffects(
      columns.map((column) => column[row]!),
      1,
      effects,
    )
    expect(effects.reduce((sum, effect) => sum + effect, explainer.start)).toBeCloseTo(scores[i]!, 9)
  }
})
