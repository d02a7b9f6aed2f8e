import type { Cell } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import { type Leak, leakOf } from '../leaks.ts'
import { auc } from '../scoring-metrics.ts'
import { binTable } from './binning.ts'
import { blended, type Candidates, chooseShare, logLossOf, lossesOf, mean } from './blend.ts'
import { type BoostingOptions, fitBoosting } from './boosting.ts'
import { fitCalibration, uncalibrated } from './calibrated.ts'
import type { TabularModel } from './classifier.ts'
import { columnsOf, type Feature, featuresOf } from './features.ts'
import { type ForestOptions, fitForest } from './forest.ts'
import { fitLogistic, logisticBeyond, logisticModel, logisticScores } from './logistic.ts'
import { meanOf, scoresOf } from './sum-of-trees.ts'
import { bendsOf, type Design, designOf } from './terms.ts'

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
  /** Weights of its last fits, with bends and without: the next ones, on other rows, begin there. */
  last: Weights | undefined
}

/** Numbers as lines with bends, and as straight lines (the same where no number bends). */
interface Weights {
  bent: Float64Array
  straight: Float64Array
}

/** More rows than these no longer change a model of a table, they only cost time: a sample is learned from. */
const mostRows = 60_000
/** The linear model has far fewer weights than this, and each of its steps reads every row. */
const mostRowsOfLinear = 30_000
/** More bags tell a little more apart where records are few; with many of them they only cost time. */
const bagsFor = (records: number): number => (records < 20_000 ? 8 : 4)
/**
 * The trees' share in the blend, the usual one first. Three parts of the same weight or so: boosted trees, forests,
 * the linear model. Histories too small for windows in time try more of them.
 */
const sharesInTime = [3 / 4, 0, 1]
const sharesInFolds = [1 / 2, 0, 1 / 4, 3 / 4, 1]
/**
 * Share of the linear model that has bends, the rest being straight lines, which carry on better when numbers leave
 * the range seen.
 */
const bendShares = [1, 1 / 2, 0]
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
 * 2. Trees, half of them boosted and half a forest, are learned on all rows but a part (an eighth, of many rows a
 *    quarter), once for each part, which says when boosting stops. These bags together are the trees' part of the
 *    model. Beside them stands a logistic regression, which carries on where numbers leave the range that trees have
 *    seen.
 * 3. How much each part says, and whether lines may bend, is checked on the parts left out and on windows in time,
 *    each predicted by models of its past.
 * 4. Probabilities are calibrated on the parts left out; the level follows the newest records as far as it moved
 *    before (`fitCalibration`).
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
    calibration: uncalibrated,
    wonShare: wonIn(whole.truth) / whole.truth.length,
    leaks,
    noSignal,
  })
  if (numbers.features.length === 0) return silent(nothingToRead(leaks))
  const folds = Math.min(bagsFor(n), won, n - won)
  if (folds < 2) {
    return silent(
      `Only one of ${n} records was ${won < 2 ? 'won' : 'lost'}: one cannot show what tells them apart.`,
    )
  }

  const parts = partsOf(truth, folds, tools.seed)
  const grown = await growBags(numbers, parts, tools)
  await tools.breathe(0.6)
  const linear = fitLinear(numbers, parts)
  const outOfFold = linear.outOfFold.map((scores) => ({ truth, linear: scores, trees: grown.outOfFold }))
  const ahead: Candidates[][] = []
  if (n >= fewestForWindows && !sortedByOutcome(truth)) {
    for (const [w, from] of windows.entries()) {
      await tools.breathe(0.7 + (0.2 * w) / windows.length)
      const window = candidatesAhead(numbers, from, linear.ridge, grown.rounds, tools.seed)
      if (window) ahead.push(window)
    }
  }
  await tools.breathe(0.9)

  const shares = ahead.length > 0 ? sharesInTime : sharesInFolds
  const samplesOf = (b: number) => [outOfFold, ...ahead].map((sample) => sample[b]!)
  const losses = bendShares.map((_, b) => mean(lossesOf(samplesOf(b), shares[0]!)))
  const bend = losses.indexOf(Math.min(...losses))
  const share = chooseShare(samplesOf(bend), shares)
  const scores = blended(outOfFold[bend]!, share)
  const area = auc(truth, scores)!
  if (area < 0.5 + errorsAboveChance * chanceError(won, n - won)) return silent(nothingTold(n, area, leaks))
  return {
    ...silent(''),
    fields: [...new Set(numbers.features.map((feature) => feature.field))],
    features: numbers.features,
    logistic: logisticModel(linear.design, mixed(refit(linear, truth, rowsUpTo(n)), bendShares[bend]!)),
    bags: share > 0 ? grown.bags : [],
    share,
    calibration: fitCalibration(scores, truth),
    noSignal: null,
  }
}

/** One way to leave rows out: what is learned from, and what is left. */
interface Part {
  learned: Int32Array
  left: Int32Array
}

/** A bag of trees for each part, and what each says about the rows left out of it. */
async function growBags(numbers: Numbers, parts: Part[], tools: LearningTools) {
  const { truth } = numbers
  const grown = []
  for (const [k, { learned, left }] of parts.entries()) {
    await tools.breathe((0.6 * k) / parts.length)
    const random = seeded(`${tools.seed}/bag ${k}`).uniform
    const binned = binTable(numbers, learned, random)
    const boosted = fitBoosting(binned, truth, learned, left, boostingOptions(truth.length), random)
    const forest = fitForest(binned, truth, learned, forestOptions(truth.length), random)
    grown.push({ left, binned, boosted, forest })
  }
  const rounds = bestRound(grown.map(({ boosted }) => boosted.heldOutLoss))
  const outOfFold = new Float64Array(truth.length)
  const bags = grown.map(({ left, binned, boosted, forest }) => {
    const bag = meanOf([{ ...boosted.model, trees: boosted.model.trees.slice(0, rounds) }, forest])
    scatter(scoresOf(bag, binned, left), left, outOfFold)
    return bag
  })
  return { bags, rounds, outOfFold }
}

/**
 * The linear model with the ridge that does best on the rows left out (small tables may need a strong one), and what it
 * says about them with each share of bends.
 */
function fitLinear(numbers: Numbers, parts: Part[]): Linear & { outOfFold: Float64Array[] } {
  const { truth } = numbers
  const design = designOf(numbers.features, numbers.columns)
  const tried = (truth.length < 2_000 ? [1, 10, 100] : [1]).map((ridge) => {
    const linear: Linear = { design, ridge, last: undefined }
    const outOfFold = bendShares.map(() => new Float64Array(truth.length))
    for (const { learned, left } of parts) {
      const weights = refit(linear, truth, learned)
      for (const [b, bends] of bendShares.entries()) {
        scatter(logisticScores(design, mixed(weights, bends), left), left, outOfFold[b]!)
      }
    }
    return { ...linear, outOfFold, loss: logLossOf(outOfFold[0]!, truth) }
  })
  return tried.reduce((a, b) => (b.loss < a.loss ? b : a))
}

/**
 * What models of the past say about the window that begins at the share `from` of the rows, with each share of bends.
 */
function candidatesAhead(
  numbers: Numbers,
  from: number,
  ridge: number,
  rounds: number,
  seed: number,
): Candidates[] | null {
  const { truth, columns, features } = numbers
  const n = truth.length
  const past = rowsUpTo(Math.floor(from * n))
  const next = rowsUpTo(Math.min(n, Math.floor((from + windowLength) * n))).subarray(past.length)
  if (!bothOutcomesIn(truth, past) || !bothOutcomesIn(truth, next)) return null
  const random = seeded(`${seed}/window ${from}`).uniform
  const binned = binTable(numbers, past, random)
  const options = { ...boostingOptions(n), rounds, patience: rounds + 1 }
  const boosted = fitBoosting(binned, truth, past, next, options, random)
  const trees = meanOf([boosted.model, fitForest(binned, truth, past, forestOptions(n), random)])
  const scores = scoresOf(trees, binned, next)
  const linear: Linear = { design: designOf(features, columns, past), ridge, last: undefined }
  const both = refit(linear, truth, past)
  return bendShares.map((bends) => {
    const weights = mixed(both, bends)
    const beyond = logisticBeyond(linear.design, weights, columns, past, next)
    return {
      truth: truthOf(truth, next),
      linear: logisticScores(linear.design, weights, next),
      trees: scores.map((score, i) => score + beyond[i]!),
    }
  })
}

function sampled(table: Table, seed: number): Table {
  const n = table.truth.length
  if (n <= mostRows) return table
  const random = seeded(`${seed}/rows`).uniform
  const drawn = rowsUpTo(n).filter(() => random() < mostRows / n)
  return {
    ...table,
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
    rowShare: Math.min(1, 40_000 / n),
    featureShare: 0.5,
  }
}

function forestOptions(n: number): ForestOptions {
  return {
    trees: 60,
    leaves: 128,
    smallestLeaf: Math.max(3, Math.min(10, Math.floor(n / 1500))),
    rowShare: Math.min(0.63, 15_000 / n),
    rowShareOfDrawn: Math.min(1, 15_000 / n),
    featureShare: 0.2,
  }
}

/** Fits the linear model to some rows (every second, third … of very many), beginning at its last fit. */
function refit(linear: Linear, truth: Uint8Array, rows: Int32Array): Weights {
  const { design, ridge, last } = linear
  const every = Math.ceil(rows.length / mostRowsOfLinear)
  const read = rows.filter((_, i) => i % every === 0)
  const bends = bendsOf(design)
  const bent = fitLogistic(design, truth, read, ridge, last?.bent)
  const straight = bends ? fitLogistic(design, truth, read, ridge, last?.straight, bends) : bent
  linear.last = { bent, straight }
  return linear.last
}

const mixed = ({ bent, straight }: Weights, bends: number): Float64Array =>
  bent.map((weight, i) => bends * weight + (1 - bends) * straight[i]!)

/** Each row is left out of one of so many parts, drawn at random with equal shares of won. */
function partsOf(truth: Uint8Array, count: number, seed: number): Part[] {
  const fold = new Uint8Array(truth.length)
  const next = [0, 0]
  const order = seeded(`${seed}/folds`).shuffle(Array.from(truth, (_, row) => row))
  for (const row of order) fold[row] = next[truth[row]!]!++ % count
  return Array.from({ length: count }, (_, k) => ({
    learned: rowsUpTo(truth.length).filter((row) => fold[row] !== k),
    left: rowsUpTo(truth.length).filter((row) => fold[row] === k),
  }))
}

const rowsUpTo = (n: number): Int32Array => Int32Array.from({ length: n }, (_, row) => row)

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
