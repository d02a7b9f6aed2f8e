import { Fault } from '../../contract/index.ts'
import { seeded } from '../../stats/random.ts'
import {
  bestLabel,
  type Confidence,
  confidenceOf,
  learnConfidence,
  type UnseenRow,
  withMoreLabels,
} from './confidence.ts'
import { type Extent, fields, gramsPerCharacter, type TextItem } from './ngrams.ts'
import type { Packed } from './pack.ts'
import { type LinearModel, linearScores, trainSvm, type Unseen } from './svm.ts'
import {
  createReader,
  extendVectors,
  learnVectors,
  openVocabulary,
  type Reading,
  type Vectors,
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
  const labels = [...new Set(examples.flatMap((e) => (e.label === null ? [] : [e.label])))].sort()
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
  const numbers = new Map(labels.map((label, k) => [label, k]))
  const truths = Int32Array.from(examples, ({ label }) =>
    label === null ? labels.length : numbers.get(label)!,
  )
  const folds = divideGroups(examples, random.derive('folds').uniform)
  const strange =
    labels.length >= fewestLabels
      ? divideLabels(truths, labels.length, random.derive('strangers').shuffle)
      : null
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
  const known = new Set(model.labels)
  const further = [
    ...new Set(examples.flatMap((e) => (e.label === null || known.has(e.label) ? [] : [e.label]))),
  ].sort()
  const labels = [...model.labels, ...further]
  const hadLeftAlone = model.linear.classes > model.labels.length
  const classes = labels.length + (hadLeftAlone || examples.some((e) => e.label === null) ? 1 : 0)
  const { vocabulary, rows } = extendVectors(
    model.vocabulary,
    examples.map((e) => e.item),
  )
  const numbers = new Map(labels.map((label, k) => [label, k]))
  const truths = Int32Array.from(examples, ({ label }) =>
    label === null ? labels.length : numbers.get(label)!,
  )
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

/** So many rows tell how sure to be; more would only cost time. */
const enoughUnseen = 4000
const enoughStrangers = 2500

/** Divides the rows by group. Small histories can afford more parts; of large ones not all are looked at. */
function divideGroups(examples: readonly TextExample[], uniform: () => number): Int32Array {
  const rows = examples.length
  const parts = rows < 2000 ? 10 : Math.max(4, Math.ceil(rows / 2500))
  const used = Math.max(1, Math.round((enoughUnseen / rows) * parts))
  const part = new Map<string, number>()
  for (const { group } of examples) if (!part.has(group)) part.set(group, Math.floor(uniform() * parts))
  return Int32Array.from(examples, (e) => (part.get(e.group)! < used ? part.get(e.group)! : -1))
}

/** With fewer labels, taking one away leaves too little to be a likeness of the whole. */
const fewestLabels = 6

/** Divides the rows by label: each part holds all rows of a quarter of the labels, of fewer in large histories. */
function divideLabels(truths: Int32Array, labels: number, shuffle: <T>(values: readonly T[]) => T[]) {
  const parts = Math.min(Math.floor(labels / 2), Math.max(4, Math.ceil(truths.length / 10_000)))
  const order = shuffle(Array.from({ length: labels }, (_, k) => k))
  const groups = new Int32Array(labels)
  for (const [place, k] of order.entries()) groups[k] = place % parts
  const used = Math.max(1, Math.round((enoughStrangers / truths.length) * parts))
  const division = truths.map((truth) => (truth < labels && groups[truth]! < used ? groups[truth]! : -1))
  return { groups, division }
}

function* ownRows(
  { rows, frequency, grams, leastFrequency }: Vectors,
  unseen: Unseen,
  truths: Int32Array,
  classes: number,
): Iterable<UnseenRow> {
  const { starts, columns } = rows
  for (const [i, r] of unseen.rows.entries()) {
    let known = 0
    // Without this row itself, a column must still be frequent enough to be known.
    for (let p = starts[r]!; p < starts[r + 1]!; p++) if (frequency[columns[p]!]! > leastFrequency) known++
    yield {
      scores: unseen.scores.subarray(i * classes, (i + 1) * classes),
      known: known / Math.max(1, grams[r]!),
      grams: grams[r]!,
      truth: truths[r]!,
    }
  }
}

/** The labelled rows as machines saw them that did not know their label, nor the others of its part. */
function* strangerRows(
  { rows, grams }: Vectors,
  unseen: Unseen,
  truths: Int32Array,
  { groups, division }: { groups: Int32Array; division: Int32Array },
  labels: number,
  classes: number,
): Iterable<UnseenRow> {
  const { starts, columns } = rows
  // Class in which a column stands, and whether it stands in a second one.
  const firstClass = new Int32Array(rows.width).fill(-1)
  const several = new Uint8Array(rows.width)
  for (let r = 0; r < rows.count; r++) {
    for (let p = starts[r]!; p < starts[r + 1]!; p++) {
      const column = columns[p]!
      if (firstClass[column] === -1) firstClass[column] = truths[r]!
      else if (firstClass[column] !== truths[r]) several[column] = 1
    }
  }
  for (const [i, r] of unseen.rows.entries()) {
    let known = 0
    for (let p = starts[r]!; p < starts[r + 1]!; p++) known += several[columns[p]!]!
    const scores = unseen.scores.slice(i * classes, (i + 1) * classes)
    for (let k = 0; k < labels; k++) if (groups[k] === division[r]) scores[k] = awayScore
    yield { scores, known: known / Math.max(1, grams[r]!), grams: grams[r]!, truth: truths[r]! }
  }
}

/** Below any score of a machine: the label is not there. */
const awayScore = -9

/** A word that decided, with its part in the score of the label. */
export interface DecidingWord {
  field: 'subject' | 'text' | 'from'
  text: string
  effect: number
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
    words: decidingWords(model, reading, best),
  }
}

const mostWords = 5

/** Every n-gram's part in the score of the label is shared by the words that it is made of. */
function decidingWords({ linear }: TextModel, reading: Reading, label: number): DecidingWord[] {
  const { grams, places, columns, values, count } = reading
  const times = new Int32Array(count)
  for (let g = 0; g < grams.count; g++) if (places[g]! >= 0) times[places[g]!]! += 1
  const parts = new Float64Array(count)
  for (let p = 0; p < count; p++) {
    parts[p] = (values[p]! * linear.weights[columns[p]! * linear.classes + label]!) / (2 * times[p]!)
  }
  const { words, texts } = grams
  const byPlace = new Float64Array(words.count)
  for (let g = 0; g < grams.count; g++) {
    const part = places[g]! < 0 ? 0 : parts[places[g]!]!
    byPlace[grams.first[g]!]! += part
    byPlace[grams.second[g]!]! += part
  }
  const effects = new Map<string, DecidingWord>()
  for (let w = 0; w < words.count; w++) {
    const field = words.field[w]!
    const text = texts[field]!.slice(words.starts[w]!, words.ends[w]!)
    const key = field + text
    const word = effects.get(key)
    if (word) word.effect += byPlace[w]!
    else effects.set(key, { field: fields[field]!, text, effect: byPlace[w]! })
  }
  return [...effects.values()]
    .filter(({ effect }) => effect > 0)
    .sort((a, b) => b.effect - a.effect || (a.text < b.text ? -1 : 1))
    .slice(0, mostWords)
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
