import type { Leaves } from './cuboids.ts'
import { surpriseOfT } from './student.ts'

/** A rate's numerator and denominator by leaf and window; the last window is the one to be judged. */
export interface RateEntries {
  leaves: Leaves
  leaf: Int32Array
  window: Int32Array
  numerator: Float64Array
  denominator: Float64Array
  windows: number
}

export interface RateNoise {
  /** Variance of a segment's numerator in units of its expectation, over past windows; at least 1. */
  dispersion: number
  /** −log p-value of the whole rate in the last window, against how it varied before. */
  surprise: number
  /** Past windows. */
  windows: number
}

/**
 * How much the rate of segments varies from window to window when nothing is the matter: Pearson's dispersion (McCullagh and
 * Nelder, "Generalized Linear Models", 1989, section 4.5) of the values of each dimension, in the past windows.
 */
export function rateNoise(entries: RateEntries): RateNoise {
  const { leaves, leaf, window, numerator, denominator, windows } = entries
  const past = windows - 1
  const k = new Float64Array(windows)
  const n = new Float64Array(windows)
  for (let i = 0; i < leaf.length; i++) {
    k[window[i]!]! += numerator[i]!
    n[window[i]!]! += denominator[i]!
  }
  let pearson = 0
  let freedom = 0
  const whole = pearsonOf(k, n, 0, past)
  if (whole) {
    pearson += whole.sum
    freedom += whole.freedom
  }
  leaves.codes.forEach((codes, d) => {
    const size = leaves.sizes[d]!
    const kk = new Float64Array(size * windows)
    const nn = new Float64Array(size * windows)
    for (let i = 0; i < leaf.length; i++) {
      const at = codes[leaf[i]!]! * windows + window[i]!
      kk[at]! += numerator[i]!
      nn[at]! += denominator[i]!
    }
    for (let value = 0; value < size; value++) {
      const part = pearsonOf(kk, nn, value * windows, past)
      if (!part) continue
      pearson += part.sum
      freedom += part.freedom
    }
  })
  const dispersion = freedom > 0 ? Math.max(1, pearson / freedom) : 1
  if (!whole || past < 3 || !(n[past]! > 0)) return { dispersion, surprise: 0, windows: past }
  const expected = n[past]! * whole.rate
  const own = Math.max(1e-12, whole.sum / whole.freedom)
  // The past rate is itself only known to 1/N of its denominator.
  const spread = Math.sqrt(Math.abs(expected) * own * (1 + n[past]! / whole.denominator))
  const t = (k[past]! - expected) / spread
  return { dispersion, surprise: spread > 0 ? surpriseOfT(t, whole.freedom) : 0, windows: past }
}

function pearsonOf(k: Float64Array, n: Float64Array, offset: number, past: number) {
  let numerator = 0
  let denominator = 0
  for (let at = 0; at < past; at++) {
    numerator += k[offset + at]!
    denominator += n[offset + at]!
  }
  if (!(numerator > 0) || !(denominator > 0)) return null
  const rate = numerator / denominator
  let sum = 0
  let used = 0
  for (let at = 0; at < past; at++) {
    const expected = n[offset + at]! * rate
    if (!(expected > 0)) continue
    sum += (k[offset + at]! - expected) ** 2 / expected
    used++
  }
  return used > 1 ? { sum, freedom: used - 1, rate, denominator } : null
}
