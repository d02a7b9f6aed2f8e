/**
 * Exact binomial tails, in log space so that they neither underflow nor cancel up to n = 1e6 and beyond.
 *
 * The point probability is Loader's saddle-point form ("Fast and accurate computation of binomial probabilities",
 * 2000); a tail is the point probability at its edge times a continued fraction (Press et al., Numerical Recipes,
 * section 6.4, modified Lentz).
 */

/** Throws a RangeError unless 0 <= k <= n are whole numbers. */
function checkCounts(k: number, n: number) {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 0 || k > n) {
    throw new RangeError(`expected whole numbers 0 <= k <= n, got k = ${k}, n = ${n}`)
  }
}

function checkShare(name: string, share: number) {
  if (!(share > 0 && share < 1)) throw new RangeError(`expected 0 < ${name} < 1, got ${share}`)
}

/** log(n!) minus Stirling's approximation; the series is exact to 1e-16 from 16 on. */
const stirlingErrors = (() => {
  const errors = [0]
  let logFactorial = 0
  for (let n = 1; n < 16; n++) {
    logFactorial += Math.log(n)
    errors.push(logFactorial - ((n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI)))
  }
  return errors
})()

function stirlingError(n: number): number {
  if (n < 16) return stirlingErrors[n]!
  const square = n * n
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n
}

/** x log(x / mean) + mean - x without cancellation when x is close to the mean (Loader's `bd0`). */
function deviance(x: number, mean: number): number {
  const gap = x - mean
  if (Math.abs(gap) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - gap
  const v = gap / (x + mean)
  let sum = gap * v
  let term = 2 * x * v
  for (let j = 1; ; j++) {
    term *= v * v
    const next = sum + term / (2 * j + 1)
    if (next === sum) return sum
    sum = next
  }
}

/** log P(X = k) for X ~ Binomial(n, p). */
export function logPoint(k: number, n: number, p: number): number {
  checkCounts(k, n)
  checkShare('p', p)
  if (k === 0) return n * Math.log1p(-p)
  if (k === n) return n * Math.log(p)
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    deviance(k, n * p) -
    deviance(n - k, n * (1 - p)) +
    0.5 * Math.log(n / (2 * Math.PI * k * (n - k)))
  )
}

/** The continued fraction of the incomplete beta function; converges in O(sqrt(a + b)) steps below the mean. */
function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < tiny ? tiny : d)
  let fraction = d
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let change = 1
    for (const step of [even, odd]) {
      d = 1 + step * d
      c = 1 + step / c
      if (Math.abs(d) < tiny) d = tiny
      if (Math.abs(c) < tiny) c = tiny
      d = 1 / d
      change = d * c
      fraction *= change
    }
    if (Math.abs(change - 1) < 1e-15 || m > 100_000) return fraction
  }
}

/** log(1 - exp(x)) for x <= 0. */
function logOneMinusExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))
}

/** log P(X >= k) for X ~ Binomial(n, p). `k` may be n + 1, which gives -Infinity. */
export function logUpperTail(k: number, n: number, p: number): number {
  if (k === n + 1) return -Infinity
  checkCounts(k, n)
  checkShare('p', p)
  if (k === 0) return 0
  if (k === n) return n * Math.log(p)
  // P(X >= k) = I_p(k, n - k + 1); the fraction converges on the side of the mean where the tail is small.
  if (p <= (k + 1) / (n + 3)) {
    return logPoint(k, n, p) + Math.log1p(-p) + Math.log(betaFraction(k, n - k + 1, p))
  }
  return logOneMinusExp(logLowerTail(k - 1, n, p))
}

/** log P(X <= k) for X ~ Binomial(n, p). `k` may be -1, which gives -Infinity. */
export function logLowerTail(k: number, n: number, p: number): number {
  if (k === -1) return -Infinity
  checkCounts(k, n)
  checkShare('p', p)
  if (k === n) return 0
  if (k === 0) return n * Math.log1p(-p)
  if (p > (k + 2) / (n + 3)) {
    return logPoint(k, n, p) + Math.log(p) + Math.log(betaFraction(n - k, k + 1, 1 - p))
  }
  return logOneMinusExp(logUpperTail(k + 1, n, p))
}

/** P(X >= k) for X ~ Binomial(n, p): the exact p-value of "the rate is at most p" after k of n. */
export function upperTail(k: number, n: number, p: number): number {
  return Math.exp(logUpperTail(k, n, p))
}

/**
 * Exact one-sided lower bound of a rate after k of n (Clopper and Pearson 1934).
 *
 * @param confidence share 0..1, e.g. 0.95
 * @returns share 0..1; 0 when nothing was seen
 */
export function lowerBound(k: number, n: number, confidence: number): number {
  checkCounts(k, n)
  checkShare('confidence', confidence)
  if (k === 0) return 0
  const logAlpha = Math.log1p(-confidence)
  if (k === n) return Math.exp(logAlpha / n)
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (logUpperTail(k, n, middle) < logAlpha) low = middle
    else high = middle
  }
  return low
}

/** Exact one-sided upper bound of a rate after k of n: `lowerBound` seen from the other side. */
export function upperBound(k: number, n: number, confidence: number): number {
  checkCounts(k, n)
  return 1 - lowerBound(n - k, n, confidence)
}

/** The fewest of n that reject "the rate is at most p" at level `alpha`; n + 1 when not even n of n would. */
export function fewestToReject(n: number, p: number, alpha: number): number {
  checkShare('alpha', alpha)
  const logAlpha = Math.log(alpha)
  let low = 0
  let high = n + 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (logUpperTail(middle, n, p) <= logAlpha) high = middle
    else low = middle
  }
  return high
}

/** The smallest n at which a perfect record rejects "the rate is at most p" at level `alpha`: 19 for 0.85, 0.05. */
export function fewestTrials(p: number, alpha: number): number {
  checkShare('p', p)
  checkShare('alpha', alpha)
  return Math.ceil(Math.log(alpha) / Math.log(p))
}

/**
 * P(K >= k) for K ~ BetaBinomial(n, a, b): the chance of at least k useful among n to come, when what is known of the
 * rate is Beta(a, b). O(n), by the ratios of neighbouring probabilities outward from the middle.
 */
export function predictiveUpperTail(k: number, n: number, a: number, b: number): number {
  const middle = Math.round((n * a) / (a + b))
  const ratio = (j: number) => (((n - j) / (j + 1)) * (a + j)) / (b + n - j - 1)
  let all = 0
  let tail = 0
  const add = (j: number, weight: number) => {
    all += weight
    if (j >= k) tail += weight
  }
  add(middle, 1)
  for (let j = middle, weight = 1; j < n && weight > 1e-18; j++) {
    weight *= ratio(j)
    add(j + 1, weight)
  }
  for (let j = middle, weight = 1; j > 0 && weight > 1e-18; j--) {
    weight /= ratio(j - 1)
    add(j - 1, weight)
  }
  return tail / all
}
