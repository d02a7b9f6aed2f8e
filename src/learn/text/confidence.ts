import { fitLogistic, fitTemperature, type Logistic, logistic } from '../calibration.ts'

/**
 * How sure to be of a label: a probability that the label is what people will choose, also for texts unlike
 * anything in the history. Learned from scores that machines gave to rows which they had not seen, and to rows of
 * labels which they had not seen ("strangers").
 */
export interface Confidence {
  /** Scores are multiplied by it before the softmax. */
  sharpness: number
  /** Log-odds that a suggestion of this label was right, shrunk towards all labels. */
  labelOdds: number[]
  /** For texts like those of the history. */
  usual: Logistic
  /** Where some of what comes in is of labels that nobody taught. */
  wary: Logistic
  /**
   * The loosest wary confidence above which at least `target` would be right if `strangerShare` of what comes in
   * were of labels that nobody taught. Below it a text is unfamiliar.
   */
  familiarFrom: number
}

/** What a text looks like to a machine that has not seen it. */
export interface Seen {
  /** One score for each label, and a last one for "left alone" where that is learned. */
  scores: Float32Array | Float64Array
  /** Share of its n-grams that the machine knows, 0..1. */
  known: number
  grams: number
}
export interface UnseenRow extends Seen {
  /** Its class; the number of labels for "left alone". */
  truth: number
}

/** Share of strangers to be ready for where the history does not show them. */
const strangerShare = 0.3
/** Three points above what is wanted: how hard strangers are to tell depends on which labels are missing. */
const target = 0.88
/** Weight of the average in a label's odds, in rows. */
const shrinkage = 20
const oddsParts = 5
const ridge = 3
const width = 7

/**
 * @param own rows as seen by machines that had learned without them
 * @param strange rows as seen by machines that had learned without their label
 */
export function learnConfidence(
  own: Iterable<UnseenRow>,
  strange: Iterable<UnseenRow>,
  labels: number,
  classes: number,
): Confidence {
  const rows = [...own]
  const scores = new Float32Array(rows.length * classes)
  for (const [r, row] of rows.entries()) scores.set(row.scores, r * classes)
  const sharpness = fitTemperature(
    scores,
    classes,
    rows.map((row) => row.truth),
  )
  const model = { sharpness, labelOdds: learnLabelOdds(rows, labels) }
  // A row must not find its own outcome in its label's odds: with few rows a label that alone would decide.
  const oddsWithout = Array.from({ length: oddsParts }, (_, part) =>
    learnLabelOdds(
      rows.filter((_, r) => r % oddsParts !== part),
      labels,
    ),
  )

  const strangers = [...strange]
  const all = [...rows, ...strangers]
  const features = new Float64Array(all.length * width)
  const outcomes = new Uint8Array(all.length)
  const weights = new Float64Array(all.length).fill(1)
  for (const [r, row] of all.entries()) {
    const labelOdds = r < rows.length ? oddsWithout[r % oddsParts]! : model.labelOdds
    certaintyFeatures({ sharpness, labelOdds }, row, labels, features.subarray(r * width, (r + 1) * width))
    if (r < rows.length) outcomes[r] = bestLabel(row.scores, labels) === row.truth ? 1 : 0
    else weights[r] = (rows.length * strangerShare) / (1 - strangerShare) / strangers.length
  }
  const usual = fitLogistic(features, width, outcomes.subarray(0, rows.length), undefined, ridge)
  const wary = strangers.length > 0 ? fitLogistic(features, width, outcomes, weights, ridge) : usual
  const confidences = Float64Array.from(all, (_, r) =>
    logistic(wary, features.subarray(r * width, (r + 1) * width)),
  )
  const familiarFrom = strangers.length > 0 ? loosest(confidences, outcomes, weights) : 0
  return { ...model, usual, wary, familiarFrom }
}

function learnLabelOdds(rows: readonly UnseenRow[], labels: number): number[] {
  const right = new Float64Array(labels)
  const said = new Float64Array(labels)
  for (const { scores, truth } of rows) {
    const best = bestLabel(scores, labels)
    said[best]! += 1
    if (best === truth) right[best]! += 1
  }
  const average = right.reduce((sum, n) => sum + n, 0) / Math.max(1, rows.length)
  return Array.from({ length: labels }, (_, k) => {
    const p = (right[k]! + shrinkage * average + 0.5) / (said[k]! + shrinkage + 1)
    return Math.log(p / (1 - p))
  })
}

/** The lowest confidence from which on `target` of the weight is right; 0 where that is so for all. */
function loosest(confidences: Float64Array, outcomes: Uint8Array, weights: Float64Array): number {
  const order = Array.from(confidences, (_, r) => r).sort((a, b) => confidences[b]! - confidences[a]!)
  let right = 0
  let all = 0
  let found = 1
  for (const r of order) {
    right += weights[r]! * outcomes[r]!
    all += weights[r]!
    if (right >= target * all) found = confidences[r]!
  }
  return right >= target * all ? 0 : found
}

export function bestLabel(scores: ArrayLike<number>, labels: number): number {
  let best = 0
  for (let k = 1; k < labels; k++) if (scores[k]! > scores[best]!) best = k
  return best
}

function certaintyFeatures(
  { sharpness, labelOdds }: Pick<Confidence, 'sharpness' | 'labelOdds'>,
  { scores, known, grams }: Seen,
  labels: number,
  into: Float64Array,
): void {
  const best = bestLabel(scores, labels)
  const top = scores[best]!
  let second = Number.NEGATIVE_INFINITY
  let others = 0
  for (let k = 0; k < scores.length; k++) {
    if (k === best) continue
    if (scores[k]! > second) second = scores[k]!
    others += Math.exp(sharpness * (scores[k]! - top))
  }
  into[0] = Math.max(-15, Math.min(15, -Math.log(others)))
  into[1] = top
  into[2] = Math.min(3, top - second)
  into[3] = known
  into[4] = Math.log1p(grams)
  into[5] = labelOdds[best]!
  into[6] = scores.length > labels ? Math.max(-3, top - scores[labels]!) : 0
}

const features = new Float64Array(width)

/**
 * Probability that the best label of a text is what people will choose, and whether the text is like those of the
 * history at all. Where it is not, the probability is the wary one.
 */
export function confidenceOf(model: Confidence, text: Seen): { confidence: number; familiar: boolean } {
  certaintyFeatures(model, text, model.labelOdds.length, features)
  const usual = logistic(model.usual, features)
  const wary = logistic(model.wary, features)
  const familiar = wary >= model.familiarFrom
  return { confidence: familiar ? usual : Math.min(usual, wary), familiar }
}

/** With the average odds for labels that came later. */
export function withMoreLabels(model: Confidence, labels: number): Confidence {
  const average = model.labelOdds.reduce((sum, odds) => sum + odds, 0) / model.labelOdds.length
  const added = new Array<number>(labels - model.labelOdds.length).fill(average)
  return { ...model, labelOdds: [...model.labelOdds, ...added] }
}
