import { setImmediate } from 'node:timers/promises'
import {
  type Cell,
  type DataRecord,
  type Example,
  Fault,
  type Reason,
  type RecordValue,
  type Skill,
} from '../contract/index.ts'
import type { Leak } from '../learn/leaks.ts'
import {
  cellOf,
  type Prediction,
  type Predictor,
  predictorOf,
  type TabularModel,
} from '../learn/tabular/classifier.ts'
import { learnTabular, type Table } from '../learn/tabular/learning.ts'
import { pack, unpack } from '../learn/text/pack.ts'

export interface ScoreModel {
  /** The column whose outcome is predicted. */
  target: string
  /** Number of records with a known outcome. */
  learned: number
  tabular: TabularModel
}

const version = 3

/** A `score` that leaves the fields of `keep` in, whatever the leak finder says. */
export function scoreWith(options: { keep: string[] }): Skill<'record', ScoreModel> {
  return {
    name: 'score',
    kind: 'record',
    about:
      'Says how likely a lead or deal is to be won, marks the hot and the cold ones, and names the reasons.',
    version,

    async learn(examples, tools) {
      const { table, target } = tableOf(examples)
      const tabular = await learnTabular(table, {
        seed: tools.seed,
        keep: options.keep,
        async breathe(share) {
          tools.progress?.(share)
          await setImmediate()
          tools.signal?.throwIfAborted()
        },
      })
      return { target, learned: table.truth.length, tabular }
    },

    async suggest(model, item) {
      if (noSignal(model) !== null) return null
      const prediction = predictionOf(model, item)
      const { probability } = prediction
      const band = bandOf(probability)
      return {
        kind: 'record',
        value: { type: 'score', probability, band },
        confidence: Math.max(probability, 1 - probability),
        reasons: reasonsOf(model, item, prediction),
        // Each band is proven by itself, and shown only where it is.
        claim: band,
      }
    },

    judge(suggested, deed) {
      if (typeof deed.value !== 'boolean') return null
      const useful = (suggested.band ?? bandOf(suggested.probability)) === (deed.value ? 'hot' : 'cold')
      return { useful, similarity: useful ? 1 : 0 }
    },

    save: (model) => pack(version, { plain: model, arrays: {} }),
    load: (bytes) => unpack(version, bytes, 'score').plain as ScoreModel,
  }
}

/** Lead scoring: the calibrated probability that a record is won. */
export const score = scoreWith({ keep: [] })

/** The fields that were left out because they are only known after the outcome. */
export const leaksOf = (model: ScoreModel): Leak[] => model.tabular.leaks

/** One sentence when the columns do not tell won from lost, else null. */
export const noSignal = (model: ScoreModel): string | null => model.tabular.noSignal

/** Calibrated probability that the record is won, whether or not the model knows enough to speak. */
export const probabilityOf = (model: ScoreModel, item: DataRecord): number =>
  predictionOf(model, item).probability

/** Log-odds, before calibration, of the average record: with the effects of all reasons it adds up to the prediction. */
export const baseRate = (model: ScoreModel): number => predictorFor(model).base

/** Log-odds of the record before calibration. */
export const rawLogOdds = (model: ScoreModel, item: DataRecord): number => predictionOf(model, item).raw

const bandOf = (probability: number): NonNullable<RecordValue['band']> =>
  probability >= 0.5 ? 'hot' : 'cold'

const predictors = new WeakMap<ScoreModel, Predictor>()

function predictorFor(model: ScoreModel): Predictor {
  let predictor = predictors.get(model)
  if (!predictor) {
    predictor = predictorOf(model.tabular)
    predictors.set(model, predictor)
  }
  return predictor
}

const predictionOf = (model: ScoreModel, item: DataRecord): Prediction =>
  predictorFor(model).predict(item.fields)

/** Every field with its value as given and its effect in log-odds, strongest first. */
function reasonsOf(model: ScoreModel, item: DataRecord, prediction: Prediction): Reason[] {
  return model.tabular.fields
    .map((field, i) => ({ field, value: cellOf(item.fields, field), effect: prediction.effects[i]! }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
}

/** By time where every record has one, else as given. */
function oldestFirst(examples: Iterable<Example<'record'>>): Example<'record'>[] {
  const all = [...examples]
  return all.every(({ item }) => item.at !== null) ? all.sort((a, b) => a.item.at! - b.item.at!) : all
}

/** The records whose outcome is known, column by column. */
function tableOf(examples: Iterable<Example<'record'>>): {
  table: Table
  target: string
} {
  const columns = new Map<string, Cell[]>()
  const truth: number[] = []
  let target = ''
  for (const { item, deed } of oldestFirst(examples)) {
    if (deed.value === null) continue
    if (typeof deed.value !== 'boolean') {
      throw new Fault(
        'bad-input',
        `The outcome of record "${item.key}" is ${JSON.stringify(deed.value)}; score learns from true (won) and false (lost) only.`,
      )
    }
    target = deed.target
    for (const [field, cell] of Object.entries(item.fields)) {
      let column = columns.get(field)
      if (!column) {
        column = new Array<Cell>(truth.length).fill(null)
        columns.set(field, column)
      }
      while (column.length < truth.length) column.push(null)
      column.push(cell)
    }
    truth.push(deed.value ? 1 : 0)
  }
  const won = truth.reduce((sum, y) => sum + y, 0)
  if (won === 0 || won === truth.length) {
    throw new Fault('bad-input', notBothOutcomes(target, truth.length, won))
  }
  for (const column of columns.values()) while (column.length < truth.length) column.push(null)
  return {
    table: {
      fields: [...columns.keys()],
      columns: [...columns.values()],
      truth: Uint8Array.from(truth),
    },
    target,
  }
}

function notBothOutcomes(target: string, known: number, won: number): string {
  if (known === 0)
    return 'No record has a known outcome yet; score needs some that were won and some that were lost.'
  return `All ${known} records with a known outcome of "${target}" were ${won ? 'won' : 'lost'}; score needs some of both.`
}
