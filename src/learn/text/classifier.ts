import { Fault } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import { bestLabel, type Confidence, confidenceOf, learnConfidence, withMoreLabels } from './confidence.ts'
import { type DecidingWord, decidingWords } from './deciding-words.ts'
import { type Extent, gramsPerCharacter, type TextItem } from './ngrams.ts'
import type { Packed } from './pack.ts'
import { type LinearModel, linearScores, trainSvm } from './svm.ts'
import { divideGroups, divideLabels, ownRows, strangerRows } from './unseen-rows.ts'
import {
  createReader,
  extendVectors,
  learnVectors,
  openVocabulary,
  type Reading,
  type Vocabulary,
} from './vectors.ts'

export interface TextExample {
  item: TextItem
  /** Null: people left it alone. */
  label: string | null
  /** Never split between what is learned from and what is calibrated on. */
  group: string
}

/** What `learnText` found. */
export interface TextModel {
  labels: string[]
  vocabulary: Vocabulary
  /** One class a label, in their order, and a last one for "left alone" where the history has such items. */
  linear: LinearModel
  confidence: Confidence
  read(item: TextItem): Reading
}

export interface LearnTools {
  seed: number
  pause?(share: number): Promise<void>
}

/** Numbers in the weights of all columns and classes: 160 MB. */
const mostWeights = 40e6
const mostColumns = 1_000_000
/** N-grams of all items together, and those times the classes: what fits into memory, and into a minute. */
const mostGrams = 24e6
const mostProducts = 2.4e9
/** From so many items on, n-grams of a single one only cost time. */
const manyItems = 20_000
/** What decides stands early in a text; what follows is quoted, logged or pasted. The first that fits is taken. */
const extents: Extent[] = [
  ...[4000, 2000, 1000].map((characters) => ({ characters, fine: true })),
  ...[4000, 2000, 1000, 500, 250].map((characters) => ({ characters, fine: false })),
]

function chooseExtent(examples: readonly TextExample[], classes: number): Extent {
  const fits = (extent: Extent) => {
    let characters = 0
    for (const { item } of examples) {
      characters +=
        Math.min(extent.characters, item.text.length) + Math.min(extent.characters, item.subject.length)
    }
    const grams = characters * gramsPerCharacter(extent)
    return grams <= mostGrams && (grams * classes <= mostProducts || !extent.fine)
  }
  return extents.find(fits) ?? extents.at(-1)!
}

/**
 * Learns which label people give to a text, and how sure to be of it. The same seed and examples give the same model.
 *
 * @throws Fault of kind `bad-input` when there are not two outcomes to tell apart
 */
export async function learnText(examples: readonly TextExample[], tools: LearnTools): Promise<TextModel> {
  const labels = labelsOf(examples)
  const classes = labels.length + (examples.some((e) => e.label === null) ? 1 : 0)
  checkOutcomes(examples, labels, classes)
  const random = seeded(tools.seed)
  const vectors = learnVectors(
    examples.map((e) => e.item),
    {
      extent: chooseExtent(examples, classes),
      leastFrequency: examples.length < manyItems ? 1 : 2,
      mostColumns: Math.min(mostColumns, Math.floor(mostWeights / classes)),
    },
  )
  const { vocabulary, rows } = vectors
  const truths = classesOf(examples, labels)
  const folds = divideGroups(examples, random.derive('folds').uniform)
  const strange = divideLabels(truths, labels.length, random.derive('strangers').shuffle)
  const { model: linear, unseen } = await trainSvm(rows, truths, classes, {
    cost: 1,
    random: random.derive('svm').uniform,
    divisions: [
      { parts: folds, wholeClasses: false },
      ...(strange ? [{ parts: strange.division, wholeClasses: true }] : []),
    ],
    ...(tools.pause && { pause: tools.pause }),
  })
  const confidence = learnConfidence(
    ownRows(vectors, unseen[0]!, truths, classes),
    strange ? strangerRows(vectors, unseen[1]!, truths, strange, labels.length, classes) : [],
    labels.length,
    classes,
  )
  return assemble({ labels, vocabulary, linear, confidence })
}

/**
 * Learns further examples on top of a model: only their own duals move, from weights that hold what was learned
 * before, which is one more block of the same coordinate descent. New n-grams and new labels are taken in. How sure
 * to be stays as it was: after many new examples, or when the work changes, learn again from everything.
 */
export async function learnMoreText(
  model: TextModel,
  examples: readonly TextExample[],
  tools: LearnTools,
): Promise<TextModel> {
  if (examples.length === 0) return model
  const labels = [...model.labels, ...labelsOf(examples).filter((label) => !model.labels.includes(label))]
  const hadLeftAlone = model.linear.classes > model.labels.length
  const classes = labels.length + (hadLeftAlone || examples.some((e) => e.label === null) ? 1 : 0)
  const { vocabulary, rows } = extendVectors(
    model.vocabulary,
    examples.map((e) => e.item),
  )
  const truths = classesOf(examples, labels)
  const { model: linear } = await trainSvm(rows, truths, classes, {
    cost: 1,
    random: seeded(tools.seed).derive('more').uniform,
    start: widen(model.linear, rows.width, classes, (k) => (k < model.labels.length ? k : labels.length)),
    ...(tools.pause && { pause: tools.pause }),
  })
  return assemble({ labels, vocabulary, linear, confidence: withMoreLabels(model.confidence, labels.length) })
}

/** The same scores in a wider model; a class that is new there says no to everything that was learned before. */
function widen(
  old: LinearModel,
  width: number,
  classes: number,
  placeOf: (k: number) => number,
): LinearModel {
  const weights = new Float32Array(width * classes)
  const bias = new Float32Array(classes).fill(-1)
  for (let k = 0; k < old.classes; k++) {
    const place = placeOf(k)
    bias[place] = old.bias[k]!
    for (let column = 0; column < old.width; column++) {
      weights[column * classes + place] = old.weights[column * old.classes + k]!
    }
  }
  return { classes, width, weights, bias }
}

function labelsOf(examples: readonly TextExample[]): string[] {
  return [...new Set(examples.flatMap((e) => (e.label === null ? [] : [e.label])))].sort()
}

/** The class of each example: the number of its label, or the one behind the last label for "left alone". */
function classesOf(examples: readonly TextExample[], labels: readonly string[]): Int32Array {
  const numbers = new Map(labels.map((label, k) => [label, k]))
  return Int32Array.from(examples, ({ label }) => (label === null ? labels.length : numbers.get(label)!))
}

function assemble(parts: Omit<TextModel, 'read'>): TextModel {
  return { ...parts, read: createReader(parts.vocabulary) }
}

function checkOutcomes(examples: readonly TextExample[], labels: string[], classes: number): void {
  if (examples.length === 0) throw new Fault('bad-input', 'There is no example to learn labels from.')
  if (labels.length === 0) {
    throw new Fault(
      'bad-input',
      `None of the ${examples.length} examples has a label: label some of them first.`,
    )
  }
  if (classes < 2) {
    throw new Fault(
      'bad-input',
      `All ${examples.length} examples have the label "${labels[0]}": to learn which is which takes a second label, or examples that people left alone.`,
    )
  }
}

export interface Classified {
  label: string
  /** Probability that people would choose exactly this label. */
  confidence: number
  /** False where the text is unlike what was learned from, so that the label is little more than a guess. */
  familiar: boolean
  /** The words with the largest effects, at most five, largest first. */
  words: DecidingWord[]
}

/** The likeliest label of a text. */
export function classifyText(model: TextModel, item: TextItem): Classified {
  const reading = model.read(item)
  const scores = new Float64Array(model.linear.classes)
  linearScores(model.linear, reading, 0, reading.count, scores)
  const grams = reading.count + reading.unknown
  const { confidence, familiar } = confidenceOf(model.confidence, {
    scores,
    known: grams === 0 ? 0 : reading.count / grams,
    grams,
  })
  const best = bestLabel(scores, model.labels.length)
  return {
    label: model.labels[best]!,
    confidence,
    familiar,
    words: decidingWords(model.linear, reading, best),
  }
}

/** The model as plain JSON and typed arrays, for `pack`. */
export function textModelParts({ labels, vocabulary, linear, confidence }: TextModel): Packed {
  const { hashes, blocks, idf, unknownIdf, extent } = vocabulary
  return {
    plain: { labels, unknownIdf, extent, confidence },
    arrays: { hashes, blocks, idf, weights: linear.weights, bias: linear.bias },
  }
}

export function textModelFromParts({ plain, arrays }: Packed): TextModel {
  const { labels, unknownIdf, extent, confidence } = plain as {
    labels: string[]
    unknownIdf: number
    extent: Extent
    confidence: Confidence
  }
  const bias = arrays.bias as Float32Array
  const hashes = arrays.hashes as Uint32Array
  const linear = { classes: bias.length, width: hashes.length, weights: arrays.weights as Float32Array, bias }
  const vocabulary = openVocabulary({
    hashes,
    blocks: arrays.blocks as Uint8Array,
    idf: arrays.idf as Float32Array,
    unknownIdf,
    extent,
  })
  return assemble({ labels, vocabulary, linear, confidence })
}
