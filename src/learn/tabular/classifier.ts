import type { Cell } from '../../contract/index.ts'
import type { Leak } from '../leaks.ts'
import { type Calibration, calibrated } from './calibrated.ts'
import { type Feature, readerOf } from './features.ts'
import { addLogisticEffects, type LogisticModel } from './logistic.ts'
import { explainerOf, type SumOfTrees } from './sum-of-trees.ts'

/**
 * Tells won from lost by the fields of a record: `share` of the mean of the bags of trees and the rest of the
 * logistic regression, added in log-odds, then calibrated. For numbers beyond those seen, where trees stay level, the
 * logistic regression carries on in full.
 */
export interface TabularModel {
  /** Fields that the model reads, in the order of a prediction's effects. */
  fields: string[]
  features: Feature[]
  logistic: LogisticModel
  /** One for each bag; the trees' part is their mean. */
  bags: SumOfTrees[]
  /** Share of the trees in the blend, 0..1. */
  share: number
  calibration: Calibration
  /** Share of won in the history. */
  wonShare: number
  leaks: Leak[]
  /** One sentence when the fields do not tell won from lost, else null. */
  noSignal: string | null
}

/** What a model says about one record. */
export interface Prediction {
  /** Calibrated, 0..1. */
  probability: number
  /** Log-odds before calibration: the predictor's base and all of `effects` add up to it. */
  raw: number
  /** One for each of the model's fields, in log-odds. */
  effects: Float64Array
}

/** A model made ready to predict. */
export interface Predictor {
  /** Log-odds of the average record, before calibration. */
  base: number
  /** Fields that the history did not have are not looked at; missing ones count as empty. */
  predict(fields: Record<string, Cell>): Prediction
}

/** The record's own cell; a field may be called "constructor". */
export function cellOf(fields: Record<string, Cell>, field: string): Cell {
  return Object.hasOwn(fields, field) ? (fields[field] ?? null) : null
}

export function predictorOf(model: TabularModel): Predictor {
  const readers = model.features.map(readerOf)
  const position = new Map(model.fields.map((field, i) => [field, i]))
  const fieldOf = model.features.map((feature) => position.get(feature.field)!)
  const each = model.bags.length ? model.share / model.bags.length : 0
  const ofLogistic = 1 - model.share
  const trees = model.bags.map(explainerOf)
  const base = trees.reduce((sum, { start }) => sum + each * start, ofLogistic * model.logistic.intercept)
  return {
    base,
    predict(fields) {
      const values = model.features.map((feature, f) => readers[f]!(cellOf(fields, feature.field)))
      const byFeature = new Float64Array(values.length)
      addLogisticEffects(model.logistic, values, ofLogistic, byFeature)
      for (const { addEffects } of trees) addEffects(values, each, byFeature)
      const effects = new Float64Array(model.fields.length)
      for (let f = 0; f < values.length; f++) effects[fieldOf[f]!]! += byFeature[f]!
      const raw = effects.reduce((sum, effect) => sum + effect, base)
      return {
        probability: model.noSignal === null ? calibrated(model.calibration, raw) : model.wonShare,
        raw,
        effects,
      }
    },
  }
}
