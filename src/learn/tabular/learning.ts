import type { Cell } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import { fitPlatt } from '../calibration.ts'
import { type Leak, leakOf } from '../leaks.ts'
import { auc } from '../scoring-metrics.ts'
import { binTable } from './binning.ts'
import { blended, type Candidates, chooseShare, driftOf, logLossOf } from './blend.ts'
import { type BoostingOptions, fitBoosting } from './boosting.ts'
import type { TabularModel } from './classifier.ts'
import { columnsOf, type Feature, featuresOf } from './features.ts'
import { type ForestOptions, fitForest } from './forest.ts'
import { fitLogistic, logisticBeyond, logisticModel, logisticScores } from './logistic.ts'
import { meanOf, type SumOfTrees, scoresOf } from './sum-of-trees.ts'
import { type Design, designOf } from './terms.ts'

/** A table to learn from: `columns[f][row]` is the cell of field `fields[f]`; `truth[row]` is 1 for won, 0 for lost. */
export interface Table {
  fields: string[]
  columns: Cell[][]
  truth: Uint8Array
}

export interface LearningTools {
  seed: number
  /** Fields that stay in, whatever the leak finder says. */
  keep: readonly string[]
  /** True when the rows are known to be in the order of time, false when that is only likely. */
  timed: boolean
  /** Called between steps with the share done; may wait, or throw to stop. */
  breathe(share: number): Promise<void>
}

/** What the learners see of a table. */
interface Numbers {
  features: Feature[]
  columns: Float64Array[]
  truth: Uint8Array
}

/** The linear model, laid out for all rows. */
interface Linear {
  design: Design
  ridge: number
  /** Weights of its last fit: the next one, on other rows, begins there. */
  weights: Float64Array | undefined
}

/** More rows than these no longer change a model of a table, they only cost time: a sample is learned from. */
const mostRows = 60_000
/** The linear model has far fewer weights than this, and each of its steps reads every row. */
const mostRowsOfLinear = 30_000
const bagCount = 4
/**
 * The trees' share in the blend, the usual one first. Three parts of the same weight or so: boosted trees, a forest,
 * the linear model. Histories too small for windows in time try more of them.
 */
const sharesInTime = [3 / 4, 0, 1]
const sharesInFolds = [1 / 2, 0, 1 / 4, 3 / 4, 1]
const windows = [0.55, 0.7, 0.85]
const windowLength = 0.15
/**
 * So many standard errors must the area under the curve lie above chance. Rounds, ridge and blend were chosen on the same
 * rows, which lifts it: with 3, about one in fifty tables of pure noise passes for signal.
 */
const errorsAboveChance = 3
/** Below this, windows in time hold too few records to compare models. */
const fewestForWindows = 400

/**
 * Learns to tell won from lost. Rows come in the order of time where it is known.
 *
 * 1. Fields that are only known after the outcome are left out.
 * 2. Trees, half of them boosted and half a random forest, are learned on each choice of three quarters of the rows;
 *    the fourth quarter says when boosting stops. The four bags together are the trees' part of the model. Beside them
 *    stands a logistic regression, which carries on where numbers leave the range that trees have seen.
 * 3. How much each part says is checked on the quarters left out and on windows in time, each predicted by models of
 *    its past.
 * 4. Probabilities are calibrated on the quarters left out (Platt), and moved by what the windows in time have in
 *    common: how far what comes next tends to lie from what the past says.
 */
export async function learnTabular(whole: Table, tools: LearningTools): Promise<TabularModel> {
  const table = sampled(whole, tools.seed)
  const { truth } = table
  const n = truth.length
  const won = wonIn(truth)
  const { numbers, leaks } = readTable(table, tools.keep)
  const silent = (noSignal: string): TabularModel => ({
    fields: [],
    features: [],
    logistic: { terms: [], weights: [], averages: [], intercept: Math.log(won / (n - won)) },
    bags: [],
    share: 0,
    platt: { slope: 1, offset: 0 },
    wonShare: wonIn(whole.truth) / whole.truth.length,
    leaks,
    noSignal,
  })
  if (numbers.features.length === 0) return silent(nothingToRead(leaks))
  const folds = Math.min(bagCount, won, n - won)
  if (folds < 2) {
    return silent(
      `Only one of ${n} records was ${won < 2 ? 'won' : 'lost'}: one cannot show what tells them apart.`,
    )
  }

  const fold = stratifiedFolds(truth, folds, tools.seed)
  const rowsWhere = (test: (row: number) => boolean) =>
    Int32Array.from({ length: n }, (_, row) => row).filter(test)
  const parts = Array.from({ length: folds }, (_, k) => ({
    learned: rowsWhere((row) => fold[row] !== k),
    left: rowsWhere((row) => fold[row] === k),
  }))

  const boosting = boostingOptions(n)
  const forest = forestOptions(n)
  const grown = []
  for (const [k, { learned, left }] of parts.entries()) {
    await tools.breathe((0.5 * k) / folds)
    const random = seeded(`${tools.seed}/bag ${k}`).uniform
    const binned = binTable(numbers, learned, random)
    const boosted = fitBoosting(binned, truth, learned, left, boosting, random)
    grown.push({ left, binned, boosted, forest: fitForest(binned, truth, learned, forest, random) })
  }
  const rounds = bestRound(grown.map(({ boosted }) => boosted.heldOutLoss))
  const bags = grown.map(({ boosted, forest }) => meanOf([firstTrees(boosted.model, rounds), forest]))

  await tools.breathe(0.6)
  const design = designOf(numbers.features, numbers.columns)
  const outOfFold = { truth, linear: new Float64Array(n), trees: new Float64Array(n) }
  for (const [k, { left, binned }] of grown.entries())
    scatter(scoresOf(bags[k]!, binned, left), left, outOfFold.trees)
  let linear: Linear = { design, ridge: 1, weights: undefined }
  let least = Number.POSITIVE_INFINITY
  for (const ridge of n < 2_000 ? [1, 10, 100] : [1]) {
    const tried: Linear = { design, ridge, weights: undefined }
    const scores = new Float64Array(n)
    for (const { learned, left } of parts)
      scatter(logisticScores(design, refit(tried, truth, learned), left), left, scores)
    const loss = logLossOf(scores, truth)
    if (loss >= least) continue
    least = loss
    linear = tried
    outOfFold.linear = scores
  }

  const ahead: Candidates[] = []
  if (n >= fewestForWindows && !sortedByOutcome(truth)) {
    for (const [w, from] of windows.entries()) {
      await tools.breathe(0.7 + (0.2 * w) / windows.length)
      const past = rowsWhere((row) => row < Math.floor(from * n))
      const next = rowsWhere((row) => row >= past.length && row < (from + windowLength) * n)
      if (!bothOutcomesIn(truth, past) || !bothOutcomesIn(truth, next)) continue
      const random = seeded(`${tools.seed}/window ${w}`).uniform
      const binned = binTable(numbers, past, random)
      const boosted = fitBoosting(
        binned,
        truth,
        past,
        next,
        { ...boosting, rounds, patience: rounds + 1 },
        random,
      )
      const trees = scoresOf(
        meanOf([boosted.model, fitForest(binned, truth, past, forest, random)]),
        binned,
        next,
      )
      const weights = refit(linear, truth, past)
      const beyond = logisticBeyond(design, weights, numbers.columns, past, next)
      ahead.push({
        truth: truthOf(truth, next),
        linear: logisticScores(design, weights, next),
        trees: trees.map((score, i) => score + beyond[i]!),
      })
    }
  }
  await tools.breathe(0.9)

  const share = chooseShare([outOfFold, ...ahead], ahead.length > 0 ? sharesInTime : sharesInFolds)
  const scores = blended(outOfFold, share)
  const area = auc(truth, scores)!
  if (area < 0.5 + errorsAboveChance * chanceError(won, n - won)) return silent(nothingTold(n, area, leaks))

  const platt = fitPlatt(scores, truth)
  const drift = driftOf(
    ahead.map((window) => ({ scores: blended(window, share), truth: window.truth })),
    platt,
  )
  return {
    ...silent(''),
    fields: [...new Set(numbers.features.map((feature) => feature.field))],
    features: numbers.features,
    logistic: logisticModel(
      design,
      refit(
        linear,
        truth,
        rowsWhere(() => true),
      ),
    ),
    bags: share > 0 ? bags : [],
    share,
    // An order that is only likely to be that of time moves the probabilities half as far.
    platt: { slope: Math.max(0.05, platt.slope), offset: platt.offset + (tools.timed ? drift : drift / 2) },
    noSignal: null,
  }
}

function sampled(table: Table, seed: number): Table {
  const n = table.truth.length
  if (n <= mostRows) return table
  const random = seeded(`${seed}/rows`).uniform
  const drawn = Int32Array.from({ length: n }, (_, row) => row).filter(() => random() < mostRows / n)
  return {
    fields: table.fields,
    columns: table.columns.map((column) => Array.from(drawn, (row) => column[row]!)),
    truth: truthOf(table.truth, drawn),
  }
}

/** Finds the leaks, and reads the other fields as numbers. */
function readTable(table: Table, keep: readonly string[]): { numbers: Numbers; leaks: Leak[] } {
  const leaks: Leak[] = []
  const numbers: Numbers = { features: [], columns: [], truth: table.truth }
  for (const [f, field] of table.fields.entries()) {
    const cells = table.columns[f]!
    const leak = keep.includes(field) ? null : leakOf(field, cells, table.truth)
    if (leak) {
      leaks.push(leak)
      continue
    }
    const features = featuresOf(field, cells)
    numbers.features.push(...features)
    numbers.columns.push(...columnsOf(features, cells))
  }
  return { numbers, leaks }
}

function nothingToRead(leaks: readonly Leak[]): string {
  return leaks.length > 0
    ? 'These columns do not tell won from lost: all that bear on the outcome are only known after it.'
    : 'These columns do not tell won from lost: all of them are empty or the same throughout.'
}

function nothingTold(n: number, area: number, leaks: readonly Leak[]): string {
  const apart =
    leaks.length > 0
      ? ` (apart from ${leaks.length} that ${leaks.length === 1 ? 'is' : 'are'} only known after the outcome)`
      : ''
  return `These columns do not tell won from lost${apart}: on ${n} past records they put ${(100 * area).toFixed(0)} % of pairs in the right order, where chance gives 50 %.`
}

/** Standard error of the area under the curve where nothing tells the classes apart (Mann and Whitney 1947). */
function chanceError(won: number, lost: number): number {
  return Math.sqrt((won + lost + 1) / (12 * won * lost))
}

function boostingOptions(n: number): BoostingOptions {
  return {
    leaves: 16,
    smallestLeaf: Math.min(8, Math.max(2, Math.floor(n / 20))),
    ridge: 5,
    rate: n > 15_000 ? 0.1 : 0.06,
    rounds: 400,
    patience: 25,
    rowShare: Math.min(0.5, 25_000 / n),
    featureShare: 0.5,
  }
}

function forestOptions(n: number): ForestOptions {
  return {
    trees: 50,
    leaves: 128,
    smallestLeaf: Math.max(3, Math.min(10, Math.floor(n / 1500))),
    rowShare: Math.min(0.63, 15_000 / n),
    featureShare: 0.2,
  }
}

const firstTrees = (model: SumOfTrees, count: number): SumOfTrees => ({
  ...model,
  trees: model.trees.slice(0, count),
})

/** Fits a form of the linear model to some rows (every second, third … of very many), beginning at its last fit. */
function refit(linear: Linear, truth: Uint8Array, rows: Int32Array): Float64Array {
  const every = Math.ceil(rows.length / mostRowsOfLinear)
  const read = rows.filter((_, i) => i % every === 0)
  linear.weights = fitLogistic(linear.design, truth, read, linear.ridge, linear.weights)
  return linear.weights
}

/** Folds of equal size with equal shares of won, in seeded random order. */
function stratifiedFolds(truth: Uint8Array, folds: number, seed: number): Uint8Array {
  const fold = new Uint8Array(truth.length)
  const next = [0, 0]
  const order = seeded(`${seed}/folds`).shuffle(Array.from(truth, (_, row) => row))
  for (const row of order) fold[row] = next[truth[row]!]!++ % folds
  return fold
}

/** The round with the least mean loss over all bags; a bag that stopped early stays as it was. */
function bestRound(losses: readonly number[][]): number {
  const longest = Math.max(...losses.map((loss) => loss.length))
  let best = { round: 0, loss: Number.POSITIVE_INFINITY }
  for (let round = 0; round < longest; round++) {
    const loss = losses.reduce((total, each) => total + each[Math.min(round, each.length - 1)]!, 0)
    if (loss < best.loss) best = { round, loss }
  }
  return best.round
}

/** A file sorted by its outcome has no order of time: it has far fewer changes of outcome than chance would give. */
function sortedByOutcome(truth: Uint8Array): boolean {
  let changes = 0
  for (let row = 1; row < truth.length; row++) if (truth[row] !== truth[row - 1]) changes++
  const won = wonIn(truth) / truth.length
  return changes < 0.5 * 2 * won * (1 - won) * truth.length
}

const wonIn = (truth: Uint8Array): number => truth.reduce((sum, y) => sum + y, 0)

const truthOf = (truth: Uint8Array, rows: Int32Array): Uint8Array =>
  Uint8Array.from(rows, (row) => truth[row]!)

function bothOutcomesIn(truth: Uint8Array, rows: Int32Array): boolean {
  const won = wonIn(truthOf(truth, rows))
  return won > 1 && won < rows.length - 1
}

function scatter(values: Float64Array, rows: Int32Array, into: Float64Array): void {
  for (let i = 0; i < rows.length; i++) into[rows[i]!] = values[i]!
}
