/** Fewest segments from which their likeness is told. */
const fewest = 5
const least = 4
const most = 40

/**
 * How alike the variances of many segments are, from the scatter of their logarithms around what is usual: the degrees of
 * freedom that the usual variance is worth beside a segment's own `own` ones (least 4, at most 40), and what is to be added to the mean
 * logarithm to have the usual variance's own. Smyth, "Linear models and empirical Bayes methods for assessing
 * differential expression", 2004, section 6.2.
 */
export function moderation(residuals: readonly number[], own: number): { freedom: number; bias: number } {
  const n = residuals.length
  const ownBias = Math.log(own / 2) - digamma(own / 2)
  if (n < fewest || own < 1) return { freedom: least, bias: own < 1 ? 0 : ownBias }
  const scatter = residuals.reduce((sum, each) => sum + each * each, 0) / (n - 1)
  const between = scatter - trigamma(own / 2)
  const freedom = between > 0 ? Math.min(most, Math.max(least, 2 * inverseTrigamma(between))) : most
  return { freedom, bias: ownBias + digamma(freedom / 2) - Math.log(freedom / 2) }
}

/** ψ(x), by recurrence to where the asymptotic series holds (Abramowitz and Stegun, 6.3.18). */
export function digamma(x: number): number {
  let sum = 0
  let at = x
  for (; at < 8; at++) sum -= 1 / at
  const f = 1 / (at * at)
  return sum + Math.log(at) - 0.5 / at - f * (1 / 12 - f * (1 / 120 - f / 252))
}

/** ψ′(x), likewise (6.4.12). */
export function trigamma(x: number): number {
  let sum = 0
  let at = x
  for (; at < 8; at++) sum += 1 / (at * at)
  const f = 1 / (at * at)
  return sum + 1 / at + f / 2 + (f / at) * (1 / 6 - f * (1 / 30 - f / 42))
}

/** The x at which ψ′(x) is y, to the precision that a count of errors needs. */
function inverseTrigamma(y: number): number {
  let low = 0.01
  let high = 1e4
  for (let i = 0; i < 50; i++) {
    const middle = Math.sqrt(low * high)
    if (trigamma(middle) > y) low = middle
    else high = middle
  }
  return low
}
