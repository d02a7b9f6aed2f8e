import type { Cell } from '../../contract/index.ts'
import { type Random, seeded } from '../../stats/random.ts'

/** A table of pure noise, or one in which the last window of one segment was changed. */
export interface GeneratedTable {
  columns: string[]
  rows: Cell[][]
  /** The segment that was changed; null in noise. */
  planted: { column: string; value: string } | null
}

/** How one cell (a combination of dimension values) behaves: its amount on each day. */
type Behaviour = (rng: Random, days: number) => (level: number) => number[]

const dayMs = 86_400_000

const gamma = (rng: Random, shape: number): number => {
  // Marsaglia and Tsang, 2000; below one by the power of a uniform.
  if (shape < 1) return gamma(rng, shape + 1) * rng.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = rng.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

const poisson = (rng: Random, mean: number): number => {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * rng.normal()))
  let count = 0
  for (let product = rng.uniform(); product > Math.exp(-mean); product *= rng.uniform()) count++
  return count
}

const each = (days: number, amount: (day: number) => number): number[] =>
  Array.from({ length: days }, (_, i) => amount(i))

/** Families on which nothing was ever chosen. */
export const onlyReported = new Set(['small counts'])

/** Ways in which the figures of a business vary when nothing is the matter. */
export const families: Record<string, { days: [number, number]; behaviour: Behaviour }> = {
  'log-normal': {
    days: [60, 420],
    behaviour: (rng, days) => {
      const sigma = 0.2 + 0.6 * rng.uniform()
      return (level) => each(days, () => level * rng.logNormal((-sigma * sigma) / 2, sigma))
    },
  },
  'negative binomial': {
    days: [60, 420],
    behaviour: (rng, days) => {
      const shape = 0.5 + 4 * rng.uniform()
      return (level) => each(days, () => poisson(rng, (level * gamma(rng, shape)) / shape))
    },
  },
  autocorrelated: {
    days: [60, 420],
    behaviour: (rng, days) => {
      const phi = 0.3 + 0.6 * rng.uniform()
      const shared = 0.5 * rng.uniform()
      const common = walk(rng, days, phi)
      return (level) => {
        const own = walk(rng, days, phi)
        return each(days, (i) => level * Math.exp(0.15 * (shared * common[i]! + (1 - shared) * own[i]!)))
      }
    },
  },
  'weekday and season': {
    days: [120, 800],
    behaviour: (rng, days) => {
      const weekday = Array.from({ length: 7 }, () => 0.3 + rng.uniform())
      const swing = 0.3 * rng.uniform()
      const growth = -0.2 + 0.5 * rng.uniform()
      const phase = 2 * Math.PI * rng.uniform()
      return (level) =>
        each(
          days,
          (i) =>
            level *
            weekday[i % 7]! *
            (1 + swing * Math.sin((2 * Math.PI * i) / 365 + phase)) *
            (1 + (growth * i) / 365) *
            Math.max(0, 1 + 0.12 * rng.normal()),
        )
    },
  },
  intermittent: {
    days: [60, 420],
    behaviour: (rng, days) => {
      const often = 0.05 + 0.4 * rng.uniform()
      const sigma = 0.3 + 0.7 * rng.uniform()
      return (level) => each(days, () => (rng.uniform() < often ? level * rng.logNormal(0, sigma) : 0))
    },
  },
  short: {
    days: [12, 60],
    behaviour: (rng, days) => {
      const spread = 0.05 + 0.25 * rng.uniform()
      return (level) => each(days, () => Math.max(0, level * (1 + spread * rng.normal())))
    },
  },
  'heavy tails': {
    days: [30, 420],
    behaviour: (rng, days) => {
      // Student's t with 3 degrees of freedom.
      const spread = 0.05 + 0.15 * rng.uniform()
      const t = () => rng.normal() / Math.sqrt(gamma(rng, 1.5) / 1.5)
      return (level) => each(days, () => Math.max(0, level * (1 + spread * t())))
    },
  },
  'small counts': {
    days: [60, 420],
    behaviour: (rng, days) => {
      const share = 0.01 + 0.04 * rng.uniform()
      return (level) => each(days, () => poisson(rng, level * share))
    },
  },
  'contaminated normal': {
    days: [30, 420],
    behaviour: (rng, days) => {
      // One amount in fifty is five times as far from its mean.
      const spread = 0.05 + 0.15 * rng.uniform()
      const far = () => (rng.uniform() < 0.02 ? 5 : 1)
      return (level) => each(days, () => Math.max(0, level * (1 + spread * far() * rng.normal())))
    },
  },
}

function walk(rng: Random, days: number, phi: number): Float64Array {
  const values = new Float64Array(days)
  let at = rng.normal()
  for (let i = 0; i < days; i++) {
    at = phi * at + Math.sqrt(1 - phi * phi) * rng.normal()
    values[i] = at
  }
  return values
}

/**
 * A daily table of one family: two or three dimensions. Where a change is planted, one value of one dimension comes to half of
 * what it was or 60 % above it in the last window; where it was further away from its mean before, to two and a half
 * times as far above it as ever (and as far above the eight windows before).
 */
export function generatedTable(family: string, seed: number, plant: boolean): GeneratedTable {
  const {
    days: [fewest, most],
    behaviour,
  } = families[family]!
  const rng = seeded(`${family}/${seed}`)
  const days = fewest + rng.integer(most - fewest)
  const sizes = Array.from({ length: 2 + rng.integer(2) }, () => 2 + rng.integer(4))
  const names = ['region', 'product', 'channel'].slice(0, sizes.length)
  const cellCount = sizes.reduce((product, size) => product * size, 1)
  const levels = Array.from({ length: cellCount }, () => 100 * rng.logNormal(0, 0.8))
  const behave = behaviour(rng, days)
  const series = levels.map((level) => behave(level))
  const valuesOf = (cell: number) => {
    let rest = cell
    return sizes.map((size, d) => {
      const value = `${['Region', 'Product', 'Channel'][d]} ${rest % size}`
      rest = Math.floor(rest / size)
      return value
    })
  }
  let planted: GeneratedTable['planted'] = null
  if (plant) {
    const dimension = rng.integer(sizes.length)
    const value = `${['Region', 'Product', 'Channel'][dimension]} ${rng.integer(sizes[dimension]!)}`
    planted = { column: names[dimension]!, value }
    const members = series.filter((_, cell) => valuesOf(cell)[dimension] === value)
    // Whole weeks where the table is told about in weeks.
    const length = days >= 56 ? 7 : 1
    const windows: number[] = []
    for (let end = days; end - length >= 0; end -= length) {
      let sum = 0
      for (const one of members) for (let i = end - length; i < end; i++) sum += one[i]!
      windows.push(sum)
    }
    const near = windows.slice(1, 9).reduce((sum, one) => sum + one, 0) / Math.min(8, windows.length - 1)
    const mean = windows.slice(1).reduce((sum, one) => sum + one, 0) / (windows.length - 1)
    const furthest = Math.max(...windows.slice(1).map((one) => Math.abs(one / mean - 1)))
    const size = Math.max(0.5, 2.5 * furthest)
    const factor = size > 0.5 || rng.uniform() < 0.5 ? 1 + Math.max(0.6, size) : 0.5
    // Of noise that swings far, the last windows may happen to be low: half of what was once usual is no rise.
    const wanted = size > 0.5 ? Math.max(near * factor, mean * (1 + size)) : near * factor
    for (const one of members) {
      for (let i = days - length; i < days; i++) {
        one[i] = windows[0]! > 0 ? (one[i]! * wanted) / windows[0]! : wanted / members.length / length
      }
    }
  }
  const rows: Cell[][] = []
  for (let i = 0; i < days; i++) {
    const date = new Date(Date.UTC(2025, 0, 1) + i * dayMs).toISOString().slice(0, 10)
    for (let cell = 0; cell < cellCount; cell++) {
      rows.push([date, ...valuesOf(cell), Math.round(100 * series[cell]![i]!) / 100])
    }
  }
  return { columns: ['date', ...names, 'amount'], rows, planted }
}
