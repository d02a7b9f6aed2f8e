/**
 * Asymptotic confidence sequences for a mean (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central
 * limit theory and asymptotic confidence sequences", arXiv 2103.06476, theorem 2.2, proposition B.1 for one side):
 * intervals that may be looked at after every value and stopped on at will.
 */
export interface SequenceTuning {
  /** Number of values near which the interval should be tightest. */
  nStar: number
  /** 1 - confidence, e.g. 0.05. */
  alpha: number
  sides: 1 | 2
}

/** Half-width after n values of unit variance; multiply by the standard deviation. Infinity for n = 0. */
export function halfWidth(n: number, { nStar, alpha, sides }: SequenceTuning): number {
  if (n <= 0) return Infinity
  const tail = -2 * Math.log(sides === 2 ? alpha : 2 * alpha)
  const rho2 = (tail + Math.log(tail + 1)) / nStar
  const m = n * rho2 + 1
  const logTerm = sides === 2 ? Math.log(Math.sqrt(m) / alpha) : Math.log1p(Math.sqrt(m) / (2 * alpha))
  return Math.sqrt(((2 * m) / (n * n * rho2)) * logTerm)
}

/** Count, mean and sum of squared deviations of values seen one at a time (Welford 1962). Plain data. */
export interface Stream {
  n: number
  mean: number
  squares: number
}

export const emptyStream: Stream = { n: 0, mean: 0, squares: 0 }

export function streamStep({ n, mean, squares }: Stream, value: number): Stream {
  const gap = value - mean
  const next = mean + gap / (n + 1)
  return { n: n + 1, mean: next, squares: squares + gap * (value - next) }
}

/** Variance of the values (divided by n - 1); 0 for fewer than two. */
export function streamVariance({ n, squares }: Stream): number {
  return n < 2 ? 0 : squares / (n - 1)
}

/** The interval of the mean at this moment; a one-sided sequence bounds from below only. */
export function sequenceInterval(stream: Stream, tuning: SequenceTuning): { low: number; high: number } {
  // Fewer than two values say nothing about the spread.
  if (stream.n < 2) return { low: -Infinity, high: Infinity }
  const half = halfWidth(stream.n, tuning) * Math.sqrt(streamVariance(stream))
  return { low: stream.mean - half, high: tuning.sides === 2 ? stream.mean + half : Infinity }
}
