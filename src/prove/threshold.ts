import {
  fewestToReject,
  fewestTrials,
  lowerBound,
  predictiveUpperTail,
  upperTail,
} from '../stats/binomial.ts'

/** One judged suggestion. */
export interface Judged {
  group: string
  claim?: string | undefined
  confidence: number
  useful: boolean
}

/** What a threshold would have done on judged suggestions: counts of groups. */
export interface Point {
  threshold: number
  shown: number
  useful: number
  /** Sum of the shown suggestions' confidences: what the skill itself expects to be useful. */
  expected: number
}

/** The threshold of one claim (null: of suggestions without one). */
export interface ClaimThreshold {
  claim: string | null
  /** Null where no threshold passed. */
  point: Point | null
  /** The threshold with the highest lower bound, passed or not: how far it is. Null below `fewest` groups. */
  closest: (Point & { lowerBound: number }) | null
}

export interface ThresholdChoice {
  claims: ClaimThreshold[]
  /** Level of each claim's test: 1 - confidence, divided by the number of claims that could be proven at all. */
  alpha: number
  /** Groups that must be shown before even a perfect record proves anything. */
  fewest: number
}

export interface ThresholdOptions {
  target: number
  confidence: number
  /** Groups to be verified for each calibrated group. */
  verifyRatio?: number
}

/** Chance of passing on the verify part that a threshold should have. */
const likely = 0.9
/** Neighbouring thresholds differ by about a tenth in what they show: finer steps only add chances to stumble. */
const step = 1.1
/** From so many groups on, the level can be shared among several starts without losing much. */
const severalStartsFrom = 300
/** With 30 shown one miss still passes at 5 %, with 49 three: a mishap at the very top does not end the sequence. */
const strictestStart = 30
const firstStart = 49

/**
 * The silence threshold: Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei, arXiv 2110.01052, section 4,
 * fixed-sequence testing with several starts), with exact binomial p-values on groups.
 *
 * For each claim, thresholds are tested from strict to loose; each rejects "at most `target` of what it shows is
 * useful" at the level it holds, and hands that level on to the next. With probability `confidence` none of the
 * thresholds that pass, of any claim, shows less than `target` useful.
 *
 * Where the sequence starts decides whether it gets anywhere, and a start must not be chosen by looking at what was
 * useful. The strictest threshold is a bad start: with fewer than 19 groups even a perfect record proves nothing
 * (0.85^19 < 0.05), and with 19 a single mishap, which a 95 % skill has 62 times in 100, would silence it for good. So
 *
 * - in small parts there is one start, where the skill's own confidences (which were not fitted on this part) say
 *   that the test is likely to pass, but never stricter than 30 groups or a quarter of them, in case they are wrong
 * - in large ones there are more starts, at 49, 147, 441, … groups, and all share the level equally; then it matters
 *   little whether the confidences are honest
 *
 * Of the thresholds that pass, the loosest is taken that is also likely (90 %) to reach the target again on the
 * verify part: the chance that a part of the expected size has a lower bound of at least `target`, when the rate is
 * Beta(useful + ½, misses + ½). Where none is that likely, the likeliest.
 */
export function chooseThresholds(
  judged: readonly Judged[],
  { target, confidence, verifyRatio = 1 }: ThresholdOptions,
): ThresholdChoice {
  const all = 1 - confidence
  const curves = [...Map.groupBy(judged, (one) => one.claim ?? null)]
    .map(([claim, own]) => ({ claim, curve: thresholdCurve(own) }))
    .sort((a, b) => sizeOf(b.curve) - sizeOf(a.curve))
  // Claims too rare to be proven are not tested and take no share of the level. Only counts decide this.
  let tested = Math.max(1, curves.length)
  while (tested > 1 && sizeOf(curves[tested - 1]!.curve) < fewestTrials(target, all / tested)) tested--
  const alpha = all / tested
  const fewest = fewestTrials(target, alpha)
  const claims = curves.map(({ claim, curve }, i): ClaimThreshold => {
    const grid = i < tested ? gridOf(curve, fewest) : []
    const passed = passing(grid, target, alpha)
    return {
      claim,
      point: likeliestLoosest(passed, { target, alpha: all, verifyRatio }),
      closest: closestOf(grid, 1 - alpha),
    }
  })
  return { claims, alpha, fewest }
}

function sizeOf(curve: readonly Point[]): number {
  return curve.at(-1)?.shown ?? 0
}

/**
 * What each threshold would have shown, from strict to loose. A group stands for one verdict, that of its first
 * suggestion (in the order given) at or above the threshold: the verdict that the gate will see too.
 */
export function thresholdCurve(judged: readonly Judged[]): Point[] {
  const byConfidence = judged.map((_, i) => i).sort((a, b) => judged[b]!.confidence - judged[a]!.confidence)
  const first = new Map<string, number>()
  const curve: Point[] = []
  let useful = 0
  let expected = 0
  const count = (i: number, sign: 1 | -1) => {
    useful += judged[i]!.useful ? sign : 0
    expected += sign * judged[i]!.confidence
  }
  for (const [place, i] of byConfidence.entries()) {
    const { group, confidence } = judged[i]!
    const before = first.get(group)
    if (before === undefined || i < before) {
      if (before !== undefined) count(before, -1)
      count(i, 1)
      first.set(group, i)
    }
    const next = byConfidence[place + 1]
    if (next === undefined || judged[next]!.confidence < confidence) {
      curve.push({ threshold: confidence, shown: first.size, useful, expected })
    }
  }
  return curve
}

/** Points of the curve that are tested: from `fewest` groups on, each showing about a tenth more than the one before. */
function gridOf(curve: readonly Point[], fewest: number): Point[] {
  const grid: Point[] = []
  let from = fewest
  for (const [i, point] of curve.entries()) {
    const isLast = i === curve.length - 1
    if (point.shown >= from || (isLast && point.shown >= fewest)) {
      grid.push(point)
      from = Math.max(point.shown + 1, Math.round(point.shown * step))
    }
  }
  return grid
}

/** The points that pass: each level walks from its start toward loose, and joins the levels that start on its way. */
function passing(grid: readonly Point[], target: number, alpha: number): Point[] {
  const starts = startsOf(grid, target, alpha)
  const passed: Point[] = []
  let level = 0
  for (const point of grid) {
    level += starts.has(point) ? alpha / starts.size : 0
    if (level === 0) continue
    if (point.useful >= fewestToReject(point.shown, target, level)) passed.push(point)
    else level = 0
  }
  return passed
}

function startsOf(grid: readonly Point[], target: number, alpha: number): Set<Point> {
  const starts = new Set<Point>()
  const all = sizeOf(grid)
  if (all < severalStartsFrom) {
    const start = promisingStart(grid, target, alpha)
    if (start) starts.add(start)
  } else {
    for (let from = firstStart; from <= all; from *= 3) starts.add(grid.find(({ shown }) => shown >= from)!)
    const start = promisingStart(grid, target, alpha / (starts.size + 1))
    if (start) starts.add(start)
  }
  return starts
}

/**
 * The strictest point, of those not too strict, that is 90 % likely to pass if the skill's confidences are right; else
 * the likeliest. Confidences are drawn 30 % towards the target first, since a skill tends to be surer of itself than it should.
 */
function promisingStart(grid: readonly Point[], target: number, alpha: number): Point | null {
  const all = sizeOf(grid)
  const from = Math.min(all, Math.max(strictestStart, all / 4))
  let best: { point: Point; power: number } | null = null
  for (const point of grid) {
    if (point.shown < from) continue
    const rate = target + 0.7 * (point.expected / point.shown - target)
    const needed = fewestToReject(point.shown, target, alpha)
    const power = rate <= 0 || rate >= 1 ? 0 : upperTail(needed, point.shown, rate)
    if (power >= 0.9) return point
    if (!best || power > best.power + 0.001) best = { point, power }
  }
  return best?.point ?? null
}

function likeliestLoosest(
  passed: readonly Point[],
  { target, alpha, verifyRatio }: { target: number; alpha: number; verifyRatio: number },
): Point | null {
  let best: { point: Point; chance: number } | null = null
  for (const point of passed.toReversed()) {
    const toCome = Math.round(point.shown * verifyRatio)
    const needed = fewestToReject(toCome, target, alpha)
    const chance = predictiveUpperTail(needed, toCome, point.useful + 0.5, point.shown - point.useful + 0.5)
    if (chance >= likely) return point
    if (!best || chance > best.chance) best = { point, chance }
  }
  return best?.point ?? null
}

function closestOf(grid: readonly Point[], confidence: number): ClaimThreshold['closest'] {
  let closest: ClaimThreshold['closest'] = null
  for (const point of grid) {
    const bound = lowerBound(point.useful, point.shown, confidence)
    if (!closest || bound > closest.lowerBound) closest = { ...point, lowerBound: bound }
  }
  return closest
}
