import { Fault } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import { fitTemperature } from '../calibration.ts'
import type { TextItem } from './ngrams.ts'
import type { Packed } from './pack.ts'
import { type LinearModel, linearScores, trainSvm } from './svm.ts'
import {
  countGrams,
  createReader,
  inverseFrequency,
  openVocabulary,
  type Reading,
  type Vocabulary,
  weigh,
} from './vectors.ts'

export interface TextExample {
  item: TextItem
  /** Null: people left it alone. */
  label: string | null
  /** Never split between what is learned from and what is calibrated on. */
  group: string
}

/** What `learnText` found. The last class stands for "left alone" where the history has such items. */
export interface TextModel {
  labels: string[]
  leftAlone: boolean
  vocabulary: Vocabulary
  linear: LinearModel
  /** Scores are multiplied by it before the softmax. */
  sharpness: number
  read(item: TextItem): Reading
}

export interface LearnTools {
  seed: number
  pause?(share: number): Promise<void>
}

/** Share of the items that calibrates. */
const heldOut = 4

/**
 * Learns which label people give to a text. Fault of kind `bad-input` when fewer than two outcomes are there to tell
 * apart.
 */
export async function learnText(examples: TextExample[], tools: LearnTools): Promise<TextModel> {
  const labels = [...new Set(examples.flatMap((e) => (e.label === null ? [] : [e.label])))].sort()
  const leftAlone = examples.some((e) => e.label === null)
  const classes = labels.length + (leftAlone ? 1 : 0)
  if (examples.length === 0) throw new Fault('bad-input', 'There is no example to learn labels from.')
  if (labels.length === 0) {
    throw new Fault(
      'bad-input',
      `None of the ${examples.length} examples has a label: nothing can be learned.`,
    )
  }
  if (classes < 2) {
    throw new Fault(
      'bad-input',
      `All ${examples.length} examples have the label "${labels[0]}": it takes at least two labels, or examples that people left alone, to learn which is which.`,
    )
  }
  const random = seeded(tools.seed)
  const { vocabulary, rows } = countGrams(
    examples.map((e) => e.item),
    {
      limit: 4_000,
      leastFrequency: 1,
      mostColumns: Math.min(1_000_000, Math.floor(60e6 / classes)),
    },
  )
  const idf = inverseFrequency(vocabulary)
  weigh(rows, idf, vocabulary.blocks)
  const number = new Map(labels.map((label, k) => [label, k]))
  const truths = Int32Array.from(examples, (e) => (e.label === null ? labels.length : number.get(e.label)!))
  const folds = foldsByGroup(examples, random.derive('folds').uniform)
  const { model: linear, unseen } = await trainSvm(rows, truths, classes, {
    cost: 1,
    random: random.derive('learn').uniform,
    divisions: [folds],
    ...(tools.pause && { pause: tools.pause }),
  })
  const sharpness = fitTemperature(unseen[0]!, classes, truths)
  return { labels, leftAlone, vocabulary, linear, sharpness, read: createReader(vocabulary, idf) }
}

function foldsByGroup(examples: TextExample[], uniform: () => number): Int32Array {
  const fold = new Map<string, number>()
  for (const { group } of examples) if (!fold.has(group)) fold.set(group, Math.floor(uniform() * heldOut))
  return Int32Array.from(examples, (e) => fold.get(e.group)!)
}

export interface Classified {
  label: string
  confidence: number
}

/** The likeliest label of a text and the probability that people would choose exactly it. */
export function classifyText(model: TextModel, item: TextItem): Classified {
  const reading = model.read(item)
  const scores = new Float64Array(model.linear.classes)
  linearScores(model.linear, reading, 0, reading.count, scores)
  let best = 0
  for (let k = 1; k < model.labels.length; k++) if (scores[k]! > scores[best]!) best = k
  let total = 0
  for (const score of scores) total += Math.exp(model.sharpness * (score - scores[best]!))
  return { label: model.labels[best]!, confidence: 1 / total }
}

/** The model as plain JSON and typed arrays, for `pack`. */
export function textModelParts(model: TextModel): Packed {
  const { hashes, blocks, frequency, items, limit } = model.vocabulary
  const { labels, leftAlone, sharpness } = model
  return {
    plain: { labels, leftAlone, sharpness, items, limit },
    arrays: { hashes, blocks, frequency, weights: model.linear.weights, bias: model.linear.bias },
  }
}

export function textModelFromParts({ plain, arrays }: Packed): TextModel {
  const { labels, leftAlone, sharpness, items, limit } = plain as {
    labels: string[]
    leftAlone: boolean
    sharpness: number
    items: number
    limit: number
  }
  const vocabulary = openVocabulary({
    hashes: arrays.hashes as Uint32Array,
    blocks: arrays.blocks as Uint8Array,
    frequency: arrays.frequency as Int32Array,
    items,
    limit,
  })
  const bias = arrays.bias as Float32Array
  const linear = {
    classes: bias.length,
    width: vocabulary.hashes.length,
    weights: arrays.weights as Float32Array,
    bias,
  }
  const read = createReader(vocabulary, inverseFrequency(vocabulary))
  return { labels, leftAlone, vocabulary, linear, sharpness, read }
}
