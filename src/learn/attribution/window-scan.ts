import { type Cuboid, cuboidsOf, type Leaves } from './cuboids.ts'
import {
  bestPredictor,
  errorScale,
  fewestErrors,
  forecast,
  makings,
  reach,
  type Weighted,
} from './expectation.ts'
import { quantileOfT, surpriseOfT } from './student.ts'

/** How much of an additive metric each leaf had in each window of time; pairs that do not occur are zero. */
export interface WindowEntries {
  leaf: Int32Array
  window: Int32Array
  value: Float64Array
  windows: number
}

/** One segment (no dimensions: everything) in one window, against what its own past let expect. */
export interface Departure {
  dimensions: number[]
  values: number[]
  actual: number
  expected: number
  /** Half of the 95 % interval of what was to be expected. */
  margin: number
  /** −log p-value. */
  surprise: number
  /** Departure in units of its spread. */
  t: number
}

export interface ScanResult {
  window: number
  total: Departure
  /** Whether anything here is beyond ordinary noise, all looks at it counted. */
  news: boolean
  /** The smallest set of segments that explains it, strongest first; empty where it is everywhere, or nothing. */
  causes: Departure[]
}

/** Share of noise tables in which one look may cry wolf. */
export interface Budget {
  total: number
  segments: number
}

/** Cells × windows that may be held at once. */
const mostCells = 6_000_000
/** Share of its strength that a segment keeps for each further dimension. */
const keep = 0.9
/** Degrees of freedom that the tail of the noise may have, lightest tail first. */
const tailShapes = [100, 40, 20, 14, 10, 8, 6, 5, 4, 3, 2]
/** Weight, in forecast errors, of the spread that segments of its size have. */
const pooledErrors = 4

/**
 * Looks at one window after another for what departs from its own past, over all segments: a scan statistic
 * (Kulldorff, 1997) on forecast errors, whose spread is moderated towards that of segments of the same size (Smyth,
 * "Linear models and empirical Bayes methods", 2004), with Bonferroni's correction by layer.
 */
export function windowScan(
  leaves: Leaves,
  entries: WindowEntries,
  season: number,
  latest = entries.windows - 1,
) {
  const { windows } = entries
  const totals = new Float64Array(windows)
  for (let i = 0; i < entries.leaf.length; i++) totals[entries.window[i]!]! += entries.value[i]!
  const predictor = bestPredictor(totals, latest, season)
  const setAside = new Uint8Array(windows)
  let made: (Weighted[] | undefined)[] = []
  const makingsOf = (at: number): Weighted[] => (made[at] ??= makings(predictor, at, setAside))
  const cuboids = chosenCuboids(leaves, entries)
  let everything: Float64Array[] | null = null

  function seriesOf(live: Uint8Array | null): Float64Array[] {
    if (live === null && everything) return everything
    const all = cuboids.map(({ cells, cellOf }) => {
      const series = new Float64Array(cells * windows)
      for (let i = 0; i < entries.leaf.length; i++) {
        const leaf = entries.leaf[i]!
        if (live === null || live[leaf])
          series[cellOf[leaf]! * windows + entries.window[i]!]! += entries.value[i]!
      }
      return series
    })
    if (live === null) everything = all
    return all
  }

  const scratch = new Float64Array(windows)
  const history = (window: number) => Math.max(0, Math.min(60, window - reach(predictor)))

  function scaleAt(series: Float64Array, offset: number, window: number): number {
    const count = history(window)
    let used = 0
    for (let at = window - count; at < window; at++) {
      if (setAside[at]) continue
      scratch[used++] = series[offset + at]! - forecast(makingsOf(at), series, offset)
    }
    return errorScale(scratch, used)
  }

  /** Whether there is enough past to say anything of this window. */
  const reaches = (window: number) => history(window) >= fewestErrors

  function scan(window: number, budget: Budget, most = 5): ScanResult {
    const errors = history(window)
    const total = departure([], [], totals, 0, window, scaleAt(totals, 0, window), errors)
    let news = total.surprise > -Math.log(budget.total)
    // Once the whole is known to have moved, its cause need only be likelier than the others.
    const likeliest = news ? { ...budget, segments: Math.max(budget.segments, 0.1) } : budget
    const causes: Departure[] = []
    let live: Uint8Array | null = null
    while (causes.length < most) {
      const best = strongest(
        window,
        seriesOf(live),
        errors,
        live ? budget : likeliest,
        live === null ? null : causes[0]!,
      )
      if (!best) break
      if (live === null) {
        news = true
        if (restMovedToo(best, seriesOf(null), window, errors)) break
        live = new Uint8Array(leaves.count).fill(1)
      }
      causes.push(best.found)
      for (let leaf = 0; leaf < leaves.count; leaf++)
        if (best.cuboid.cellOf[leaf] === best.cell) live[leaf] = 0
    }
    return { window, total, news, causes }
  }

  /** Whether what is outside of a segment moved like it: then naming the segment would be less than the truth. */
  function restMovedToo(
    { found, cuboid, cell }: { found: Departure; cuboid: Cuboid; cell: number },
    all: Float64Array[],
    window: number,
    errors: number,
  ): boolean {
    const series = all[cuboids.indexOf(cuboid)]!
    const rest = totals.map((value, at) => value - series[cell * windows + at]!)
    const { t, actual, expected } = departure([], [], rest, 0, window, scaleAt(rest, 0, window), errors)
    if (Math.sign(t) !== Math.sign(found.t) || Math.abs(t) < 2.5 || expected === 0) return false
    return Math.abs(actual / expected - 1) > 0.5 * Math.abs(found.actual / found.expected - 1)
  }

  function strongest(
    window: number,
    all: Float64Array[],
    errors: number,
    budget: Budget,
    first: Departure | null,
  ): { found: Departure; cuboid: Cuboid; cell: number } | null {
    const pooled = pooledSpread(all, window)
    const tail = tailAt(window)
    let best: { found: Departure; cuboid: Cuboid; cell: number } | null = null
    let bestStrength = 0
    const layers = new Map<number, number>()
    for (const { dimensions, cells } of cuboids) {
      layers.set(dimensions.length, (layers.get(dimensions.length) ?? 0) + Math.min(cells, leaves.count))
    }
    cuboids.forEach((cuboid, index) => {
      const series = all[index]!
      const { dimensions, cells } = cuboid
      const gate =
        Math.log(layers.get(dimensions.length)!) + dimensions.length * Math.LN2 - Math.log(budget.segments)
      for (let cell = 0; cell < cells; cell++) {
        const offset = cell * windows
        const actual = series[offset + window]!
        const expected = forecast(makingsOf(window), series, offset)
        if (actual === expected) continue
        if (first && Math.abs(actual - expected) < 0.15 * Math.abs(first.actual - first.expected)) continue
        const own = scaleAt(series, offset, window)
        const usual = pooled(Math.abs(expected) + Math.abs(actual))
        const scale = Math.sqrt((errors * own * own + pooledErrors * usual * usual) / (errors + pooledErrors))
        const t = (actual - expected) / Math.max(scale, Number.MIN_VALUE)
        const strength = Math.abs(t) * keep ** dimensions.length
        if (strength <= bestStrength || surpriseOfT(t, errors) < gate || tail(Math.abs(t)) < gate) continue
        const leaf = cuboid.cellOf.indexOf(cell)
        const values = dimensions.map((d) => leaves.codes[d]![leaf]!)
        best = { found: departure(dimensions, values, series, offset, window, scale, errors), cuboid, cell }
        bestStrength = strength
      }
    })
    return best
  }

  let tails: { window: number; of: (t: number) => number } | null = null

  /**
   * −log of the share of past errors of segments that were as large as `t`, in their own spread: noise may have heavier tails than
   * Student's. Told by the 90 % and the 98 % quantile, so that a few incidents do not hide the next.
   */
  function tailAt(window: number): (t: number) => number {
    // The tail changes slowly: one estimate serves a few windows.
    if (tails && Math.abs(tails.window - window) < 8) return tails.of
    const all = seriesOf(null)
    const count = history(window)
    const sizes: number[] = []
    cuboids.forEach(({ dimensions, cells }, index) => {
      if (dimensions.length > 2) return
      const series = all[index]!
      const step = Math.max(1, Math.floor(cells / 100))
      for (let cell = 0; cell < cells; cell += step) {
        const scale = scaleAt(series, cell * windows, window)
        if (!(scale > 0)) continue
        for (let at = window - count; at < window; at++) {
          sizes.push(
            Math.abs(series[cell * windows + at]! - forecast(makingsOf(at), series, cell * windows)) / scale,
          )
        }
      }
    })
    const sorted = Float64Array.from(sizes).sort()
    const of = sorted.length >= 200 ? studentTail(sorted) : () => Number.POSITIVE_INFINITY
    tails = { window, of }
    return of
  }

  /** The spread of the forecast errors of segments by their size: log-linear, by least squares. */
  function pooledSpread(all: Float64Array[], window: number): (size: number) => number {
    let n = 0
    let sx = 0
    let sy = 0
    let sxx = 0
    let sxy = 0
    cuboids.forEach(({ dimensions, cells }, index) => {
      if (dimensions.length > 2) return
      const series = all[index]!
      const step = Math.max(1, Math.floor(cells / 400))
      for (let cell = 0; cell < cells; cell += step) {
        const scale = scaleAt(series, cell * windows, window)
        let size = 0
        for (let at = 0; at < window; at++) size += Math.abs(series[cell * windows + at]!)
        if (!(scale > 0) || !(size > 0)) continue
        const x = Math.log((2 * size) / window)
        const y = Math.log(scale)
        n++
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
      }
    })
    if (n === 0) return () => 0
    const spread = sxx - (sx * sx) / n
    const slope = n > 3 && spread > 1e-9 ? Math.min(1, Math.max(0.3, (sxy - (sx * sy) / n) / spread)) : 0.5
    const level = (sy - slope * sx) / n
    return (size) => (size > 0 ? Math.exp(level + slope * Math.log(size)) : 0)
  }

  function departure(
    dimensions: number[],
    values: number[],
    series: Float64Array,
    offset: number,
    window: number,
    scale: number,
    errors: number,
  ): Departure {
    const actual = series[offset + window]!
    const expected = forecast(makingsOf(window), series, offset)
    const t = actual === expected ? 0 : (actual - expected) / Math.max(scale, Number.MIN_VALUE)
    const margin = errors > 0 ? quantileOfT(0.05, errors) * scale : Number.POSITIVE_INFINITY
    return {
      dimensions,
      values,
      actual,
      expected,
      margin,
      t,
      surprise: errors > 0 ? surpriseOfT(t, errors) : 0,
    }
  }

  /** From now on nothing is expected to be as it was in this window. */
  function passOver(window: number): void {
    setAside[window] = 1
    made = []
  }

  return { predictor, scan, reaches, passOver, makingsOf, first: reach(predictor) + fewestErrors }
}

/** Student's tail through the 90 % and the 98 % quantile of these sizes. */
function studentTail(sorted: Float64Array): (t: number) => number {
  const q90 = sorted[Math.floor(sorted.length * 0.9)]!
  const q98 = sorted[Math.floor(sorted.length * 0.98)]!
  if (!(q90 > 0)) return () => Number.POSITIVE_INFINITY
  const df = tailShapes.find((each) => quantileOfT(0.02, each) / quantileOfT(0.1, each) >= q98 / q90) ?? 2
  const scale = q90 / quantileOfT(0.1, df)
  return (t) => surpriseOfT(t / scale, df)
}

/** Combinations of dimensions as deep as their series can be held, without those that say the same as a simpler one. */
function chosenCuboids(leaves: Leaves, { windows, leaf }: WindowEntries): Cuboid[] {
  let room = mostCells
  let visits = 60_000_000
  return cuboidsOf(leaves, 3).filter(({ cells }) => {
    room -= cells * windows
    visits -= leaf.length
    return cells > 1 && room > 0 && visits > 0
  })
}
