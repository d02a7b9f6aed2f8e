import { logLowerTail, logPoint, logUpperTail } from './binomial.ts'

/**
 * log of the beta-mixture e-process against "the rate is at most p0" after k useful of n:
 *
 *     E = 1/(1-p0) · ∫ p^k (1-p)^(n-k) dp over [p0, 1]  /  (p0^k (1-p0)^(n-k))
 *
 * Under the null hypothesis it exceeds 1/alpha at any time with probability at most alpha (Ville), so it may be
 * looked at after every verdict (Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference", 2023).
 *
 * The integral is a binomial tail: with B(k+1, n-k+1) = 1/((n+1) C(n,k)) it is
 * P(Bin(n+1, p0) <= k) / ((n+1) C(n,k)), so everything stays in logs and holds to n = 1e6.
 */
export function logE(k: number, n: number, p0: number): number {
  return logLowerTail(k, n + 1, p0) - logPoint(k, n, p0) - Math.log(n + 1) - Math.log1p(-p0)
}

/** The mirror of `logE`, against "the rate is at least p0": the integral runs over [0, p0] with weight 1/p0. */
export function mirrorLogE(k: number, n: number, p0: number): number {
  return logUpperTail(k + 1, n + 1, p0) - logPoint(k, n, p0) - Math.log(n + 1) - Math.log(p0)
}

/**
 * Rates that the detector looks for, as shares of p0 (0.85 → 0.78, 0.68, 0.51, 0.26): from a slow decline to a
 * collapse. A handful is enough, as the detection delay depends on the rate only logarithmically.
 */
const decayed = [0.92, 0.8, 0.6, 0.3]

/** State of the detector: one log value for each decayed rate. Empty before the first verdict. */
export type DecayPaths = readonly number[]

/**
 * One step of a restarting e-detector for decay below p0 (Shin, Ramdas and Rinaldo, "E-detectors", arXiv
 * 2203.03532, section 3: Shiryaev-Roberts). At every verdict a new e-process against "the rate is still at least
 * p0" is started and all of them are summed, M_n = (M_{n-1} + 1) · L_n, so that a long good record cannot outweigh
 * what happens now. While the rate is at least p0, the mean number of verdicts until `logDetector` reaches log(T)
 * is at least T, for any T.
 */
export function detectorStep(paths: DecayPaths, useful: boolean, p0: number): number[] {
  return decayed.map((share, i) => {
    const p1 = share * p0
    const logRatio = useful ? Math.log(share) : Math.log1p(-p1) - Math.log1p(-p0)
    return logSumExp([paths[i] ?? -Infinity, 0]) + logRatio
  })
}

/** log of the detector: the mean of its paths. -Infinity before the first verdict. */
export function logDetector(paths: DecayPaths): number {
  return paths.length === 0 ? -Infinity : logSumExp(paths) - Math.log(paths.length)
}

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values)
  if (top === -Infinity) return top
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0))
}
