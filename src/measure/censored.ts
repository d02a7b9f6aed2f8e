import { longestSeconds } from '../contract/index.ts'
import type { TimedArm } from './difference.ts'

interface MaybeTimed {
  arm: TimedArm
  seconds: number | null
  longerThan?: number
  predicted?: number
}

export interface ExpectedTime {
  /** Null where nothing is known. */
  seconds: number | null
  /** Variance of the time itself around `seconds`; 0 where it was measured. */
  spread: number
}

const rounds = 100
/** Fewer known times than this say nothing about the shape of the unknown ones. */
const fewestKnown = 20

/**
 * Handling times, where those that a recorder gave up on are replaced by what is expected of them. A recorder that
 * stops at a limit leaves only the quick items, and more of them in the arm that is quicker; leaving the slow ones out
 * would hide most of what was saved.
 *
 * Within each arm the logarithm of the time is taken as normal, linear in the logarithm of the predicted time (Tobit:
 * Tobin, Econometrica 1958), fitted by expectation and maximisation (Dempster, Laird and Rubin 1977, section 4.2). It
 * is as good as that shape is; items without a limit are not touched.
 */
export function timesExpected(items: readonly MaybeTimed[]): ExpectedTime[] {
  const times = items.map(({ seconds }): ExpectedTime => ({ seconds, spread: 0 }))
  for (const arm of ['shown', 'held back'] as const) {
    const cut: number[] = []
    const known: number[] = []
    for (const [i, item] of items.entries()) {
      if (item.arm !== arm) continue
      if (item.seconds !== null && item.seconds > 0 && item.seconds <= longestSeconds) known.push(i)
      else if (item.seconds === null && (item.longerThan ?? 0) > 0) cut.push(i)
    }
    if (cut.length === 0 || known.length < fewestKnown) continue
    const used = [...known, ...cut]
    const { mean, deviation } = fit(
      used.map((i) => ({
        log: Math.log(items[i]!.seconds ?? items[i]!.longerThan!),
        cut: items[i]!.seconds === null,
        x: logOf(items[i]!.predicted),
      })),
    )
    // The shape itself is only estimated, from the known times.
    const unsure = 1 + used.length / known.length
    for (const [place, i] of used.entries()) {
      if (items[i]!.seconds !== null) continue
      const m = mean[place]!
      const z = (Math.log(items[i]!.longerThan!) - m) / deviation
      const beyond = Math.max(1e-300, aboveNormal(z))
      const expected = (Math.exp(m + deviation ** 2 / 2) * aboveNormal(z - deviation)) / beyond
      const squared = (Math.exp(2 * m + 2 * deviation ** 2) * aboveNormal(z - 2 * deviation)) / beyond
      times[i] = { seconds: expected, spread: Math.max(0, squared - expected ** 2) * unsure }
    }
  }
  return times
}

function logOf(predicted: number | undefined): number | null {
  return predicted !== undefined && predicted > 0 && predicted < Infinity ? Math.log(predicted) : null
}

/** Mean of the log for each value, and the common standard deviation around it. */
function fit(values: readonly { log: number; cut: boolean; x: number | null }[]): {
  mean: number[]
  deviation: number
} {
  const n = values.length
  const xs = values.flatMap(({ x }) => x ?? [])
  const centre = xs.reduce((sum, x) => sum + x, 0) / Math.max(1, xs.length)
  const x = values.map((value) => (value.x ?? centre) - centre)
  const xx = x.reduce((sum, each) => sum + each ** 2, 0)
  let level = values.reduce((sum, { log }) => sum + log, 0) / n
  let slope = 0
  let deviation = Math.max(0.05, Math.sqrt(values.reduce((sum, { log }) => sum + (log - level) ** 2, 0) / n))
  for (let round = 0; round < rounds; round++) {
    let sum = 0
    let product = 0
    let squares = 0
    const expected = values.map(({ log, cut }, i) => {
      const mean = level + slope * x[i]!
      if (!cut) return { log, spread: 0 }
      const z = (log - mean) / deviation
      const ratio = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / Math.max(1e-300, aboveNormal(z))
      return {
        log: mean + deviation * ratio,
        spread: deviation ** 2 * Math.max(0, 1 + z * ratio - ratio ** 2),
      }
    })
    for (const [i, { log }] of expected.entries()) {
      sum += log
      product += log * x[i]!
    }
    const before = level
    level = sum / n
    slope = xx > 0 ? product / xx : 0
    for (const [i, { log, spread }] of expected.entries()) {
      squares += (log - level - slope * x[i]!) ** 2 + spread
    }
    deviation = Math.max(0.01, Math.sqrt(squares / n))
    if (Math.abs(level - before) < 1e-7) break
  }
  return { mean: x.map((each) => level + slope * each), deviation }
}

/** P(Z > z) for a standard normal Z, to 1.2e-7 of its value (Press et al., Numerical Recipes, section 6.2, `erfcc`). */
function aboveNormal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.5 * x)
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368, -1.26551223,
  ].reduce((sum, term) => sum * t + term, 0)
  const tail = 0.5 * t * Math.exp(-x * x + series)
  return z >= 0 ? tail : 1 - tail
}
