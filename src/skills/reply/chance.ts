import { fitLogistic, type Logistic, logistic } from '../../learn/calibration.ts'

/** A draft that was tried on the past: what was known of it, and whether it was useful. */
export interface Tried {
  features: number[]
  useful: boolean
}

/** How likely a draft is useful, by what is known of it. */
export interface Chance {
  model: Logistic
  /** Smallest and largest value of each feature among the drafts it was learned from. */
  low: number[]
  high: number[]
  tried: number
}

/** Fewer drafts than this tell nothing. */
export const fewestTried = 30
const ridge = 1

/** Null where too few were tried. */
export function learnChance(tried: readonly Tried[]): Chance | null {
  if (tried.length < fewestTried) return null
  const width = tried[0]!.features.length
  const outcomes = Uint8Array.from(tried, ({ useful }) => (useful ? 1 : 0))
  const features = Float64Array.from(tried.flatMap((each) => each.features))
  const column = (f: number) => tried.map((each) => each.features[f]!)
  const columns = Array.from({ length: width }, (_, f) => column(f))
  return {
    model: fitLogistic(features, width, outcomes, undefined, ridge),
    low: columns.map((values) => values.reduce((a, b) => Math.min(a, b))),
    high: columns.map((values) => values.reduce((a, b) => Math.max(a, b))),
    tried: tried.length,
  }
}

/**
 * Chance that a draft with these features is useful, 0..1. What lies beyond anything that was tried counts as its
 * edge, and nothing is surer than as many drafts can tell (Laplace).
 */
export function chanceOf({ model, low, high, tried }: Chance, features: readonly number[]): number {
  const inside = features.map((value, f) => Math.min(high[f]!, Math.max(low[f]!, value)))
  const edge = 1 / (tried + 2)
  return Math.min(1 - edge, Math.max(edge, logistic(model, inside)))
}
