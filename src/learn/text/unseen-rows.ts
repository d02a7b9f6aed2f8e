import type { UnseenRow } from './confidence.ts'
import type { Unseen } from './svm.ts'
import type { Vectors } from './vectors.ts'

/** So many rows tell how sure to be; more would only cost time. */
const enoughUnseen = 4000
const enoughStrangers = 2500

/** Divides the rows by group. Small histories can afford more parts; of large ones not all are looked at. */
export function divideGroups(examples: readonly { group: string }[], uniform: () => number): Int32Array {
  const rows = examples.length
  const parts = rows < 2000 ? 10 : Math.max(4, Math.ceil(rows / 2500))
  const used = Math.max(1, Math.round((enoughUnseen / rows) * parts))
  const part = new Map<string, number>()
  for (const { group } of examples) if (!part.has(group)) part.set(group, Math.floor(uniform() * parts))
  return Int32Array.from(examples, (e) => (part.get(e.group)! < used ? part.get(e.group)! : -1))
}

/** With fewer labels, taking one away leaves too little to be a likeness of the whole. */
const fewestLabels = 6

export interface LabelDivision {
  /** Group of each label. */
  groups: Int32Array
  /** Group of each row's label; -1 where it is not looked at. */
  division: Int32Array
}

/**
 * Divides the rows by label: each part holds all rows of a quarter of the labels, of fewer in large histories. Null
 * where there are too few labels.
 */
export function divideLabels(
  truths: Int32Array,
  labels: number,
  shuffle: <T>(values: readonly T[]) => T[],
): LabelDivision | null {
  if (labels < fewestLabels) return null
  const parts = Math.min(Math.floor(labels / 2), Math.max(4, Math.ceil(truths.length / 10_000)))
  const order = shuffle(Array.from({ length: labels }, (_, k) => k))
  const groups = new Int32Array(labels)
  for (const [place, k] of order.entries()) groups[k] = place % parts
  const used = Math.max(1, Math.round((enoughStrangers / truths.length) * parts))
  const division = truths.map((truth) => (truth < labels && groups[truth]! < used ? groups[truth]! : -1))
  return { groups, division }
}

/** Rows as machines saw them that had learned without them. */
export function* ownRows(
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
export function* strangerRows(
  { rows, grams }: Vectors,
  unseen: Unseen,
  truths: Int32Array,
  { groups, division }: LabelDivision,
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
