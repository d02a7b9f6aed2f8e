import { cuboidsOf, type Leaves } from './cuboids.ts'
import { forecastError, relativeErrors, volumeClasses } from './forecast-error.ts'
import { segmentSearch } from './segment-search.ts'

/** A segment: for each of its dimensions the code of its value. */
export interface Segment {
  dimensions: number[]
  values: number[]
  /** Log-likelihood ratio, in nats and after the penalty for complexity, of "this segment moved as one" to "it did not". */
  evidence: number
}

export interface AdditiveOptions {
  /** Nats that a segment must be worth beyond the number of segments it was chosen from. */
  strictness?: number
  /** Most segments to return. */
  most?: number
}

/**
 * The smallest set of segments that explains how `actual` departs from `expected`, largest evidence first.
 *
 * All leaves of a true cause move by one ratio (the generalised ripple effect: Li et al., "Generic and Robust Localization of
 * Multi-Dimensional Root Causes" (Squeeze), ISSRE 2019; Kalander, "RiskLoc", 2022; AutoRoot, Jing et al., 2021), so a segment
 * is scored by a likelihood ratio: its leaves' errors share a mean and a spread of their own, against the usual error of the
 * table. Whole segment in closed form from five sums, for all cells of all cuboids in one pass. The best one is taken,
 * broken up where its parts explain more than itself, its leaves leave, and so on until nothing is worth its price. A segment that fell to
 * zero, or came from nothing, has error −1 or 1 like any other.
 */
export function explainAdditive(
  leaves: Leaves,
  actual: Float64Array,
  expected: Float64Array,
  { strictness = 2, most = 40 }: AdditiveOptions = {},
): Segment[] {
  const cuboids = cuboidsOf(leaves)
  if (cuboids.length === 0) return []
  const { errors, volumes, informative: all } = relativeErrors(actual, expected)
  const classes = volumeClasses(volumes, all)
  const search = segmentSearch(leaves, cuboids, errors, strictness)
  let chosen = search(all, forecastError(errors, all, classes, all), most)
  const explained = new Uint8Array(leaves.count)
  let count = 0
  for (const { members } of chosen) {
    count += members.length
    for (const leaf of members) explained[leaf] = 1
  }
  if (count > all.length * 0.05) {
    // What is left knows the usual error better, so look again with it.
    const usual = all.filter((leaf) => !explained[leaf])
    chosen = search(all, forecastError(errors, usual, classes, all), most)
  }
  return chosen.map(({ cuboid, evidence, members }) => ({
    dimensions: cuboid.dimensions,
    values: cuboid.dimensions.map((d) => leaves.codes[d]![members[0]!]!),
    evidence,
  }))
}
