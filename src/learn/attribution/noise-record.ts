import { forecast, type Weighted } from './expectation.ts'
import { quantileOfT } from './student.ts'
import type { CellSeries } from './window-scan.ts'

export interface RecordOptions {
  windows: number
  /** Windows whose forecast errors are looked at: `first` to `latest`. */
  first: number
  latest: number
  /** 1 for windows that do not look ordinary. They tell no spread; but they have happened, so they keep their rank. */
  setAside: Uint8Array
  /** What the forecast of a window is made of. */
  makingsOf(at: number): Weighted[]
}

/** Weight, in forecast errors, of the spread that segments of its size have. */
const pooledErrors = 4
/** Degrees of freedom that the tail of the noise may have, lightest tail first. */
const tailShapes = [8, 6, 5, 4, 3, 2]
interface Where {
  of: CellSeries
  cell: number
}

/** All segments of as many dimensions. */
interface Layer {
  /** By window: the strongest departure, and whose it is. */
  strongest: Float64Array
  where: (Where | null)[]
  /** Sizes of ordinary departures, for the tail. */
  sample: number[]
  /** With which the tail falls. */
  power: number
}

/**
 * What was ordinary: the spread of each segment's forecast errors, and the strongest departure of any segment in each
 * window. The spread of few errors is moderated towards that of segments of its size (Smyth, "Linear models and empirical
 * Bayes methods", 2004), and an error is held against the spread of the others only, so that past and present are measured alike.
 *
 * A record is judged as conformal prediction does (Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005): the
 * strongest departure of one window is above the r-th strongest of n others with a chance of r / (n + 1), whatever the
 * noise is like. Beyond that it is let fall with the power of the noise's own tail, as for a Pareto tail: κ times
 * the r-th strongest has a chance of κ^−α · r / (n + 1). The r − 1 strongest are the windows set aside.
 */
export function noiseRecord(all: CellSeries[], options: RecordOptions) {
  const { windows, first, latest, setAside, makingsOf } = options
  const count = Math.max(0, latest - first)
  let clean = 0
  for (let at = first; at < latest; at++) if (!setAside[at]) clean++
  const errors = new Float64Array(count)
  const sizes = new Float64Array(count)

  /** Forecast errors of a cell in the other windows; its squares clipped, so that one incident does not hide the next. */
  function read(series: Float64Array, offset: number): { squares: number; cap: number } {
    let used = 0
    for (let i = 0; i < count; i++) {
      errors[i] = series[offset + first + i]! - forecast(makingsOf(first + i), series, offset)
      if (!setAside[first + i]) sizes[used++] = Math.abs(errors[i]!)
    }
    let cap = Number.POSITIVE_INFINITY
    // Too few to tell an incident from a wide spread.
    if (used >= 12) {
      sizes.subarray(0, used).sort()
      const middle = used >> 1
      const median = used % 2 ? sizes[middle]! : (sizes[middle - 1]! + sizes[middle]!) / 2
      if (median > 0) cap = 3 * 1.4826 * median
    }
    let squares = 0
    for (let i = 0; i < used; i++) squares += Math.min(sizes[i]!, cap) ** 2
    return { squares, cap }
  }

  const usual = spreadBySize()
  function moderated(squares: number, used: number, size: number): number {
    const common = usual(size)
    return Math.sqrt((squares + pooledErrors * common * common) / (used + pooledErrors))
  }

  /** Spread of a cell's forecast error in one window, from its errors in the others. */
  function scaleOf({ series }: CellSeries, cell: number, at: number): number {
    const offset = cell * windows
    const { squares, cap } = read(series, offset)
    const actual = series[offset + at]!
    const expected = forecast(makingsOf(at), series, offset)
    const among = at < latest && at >= first && !setAside[at]
    const own = among ? Math.min(Math.abs(actual - expected), cap) ** 2 : 0
    const size = Math.abs(actual) + Math.abs(expected)
    return moderated(Math.max(0, squares - own), among ? clean - 1 : clean, size)
  }

  /** By number of dimensions: the strongest departure of each other window, and the power of the tail. */
  const layers = new Map<number, Layer>()
  for (const of of all) {
    const { dimensions, cells, series } = of
    let layer = layers.get(dimensions.length)
    if (!layer) {
      layer = {
        strongest: new Float64Array(count),
        where: new Array(count).fill(null),
        sample: [],
        power: 0,
      }
      layers.set(dimensions.length, layer)
    }
    const step = Math.max(1, Math.floor(cells / 50))
    for (let cell = 0; cell < cells; cell++) {
      const offset = cell * windows
      const { squares, cap } = read(series, offset)
      for (let i = 0; i < count; i++) {
        const size = Math.abs(errors[i]!)
        if (size === 0) continue
        const among = !setAside[first + i]
        const rest = among ? Math.max(0, squares - Math.min(size, cap) ** 2) : squares
        const used = among ? clean - 1 : clean
        const bound = size / Math.sqrt(rest / (used + pooledErrors) || Number.MIN_VALUE)
        const sampled = among && cell % step === 0
        // Moderation can only make it less.
        if (bound <= layer.strongest[i]! && !sampled) continue
        const actual = series[offset + first + i]!
        const scale = moderated(rest, used, Math.abs(actual) + Math.abs(actual - errors[i]!))
        const t = size / Math.max(scale, Number.MIN_VALUE)
        if (sampled) layer.sample.push(t)
        if (t <= layer.strongest[i]!) continue
        layer.strongest[i] = t
        layer.where[i] = { of, cell }
      }
    }
  }
  for (const layer of layers.values()) layer.power = tailPower(layer.sample)
  // The whole has too few errors to tell its own tail.
  const wholeLayer = layers.get(0)
  if (wholeLayer) wholeLayer.power = layers.get(1)?.power ?? 4

  /** How strong a departure of some segment of a layer must be in window `at`, to be beyond noise but for this share. */
  function needed(dimensions: number, at: number, share: number): number {
    const layer = layers.get(dimensions)
    if (!layer || count < 2) return Number.POSITIVE_INFINITY
    let strongest = 0
    let aside = 0
    let others = 0
    for (let i = 0; i < count; i++) {
      if (first + i === at) continue
      others++
      if (setAside[first + i]) aside++
      else strongest = Math.max(strongest, layer.strongest[i]!)
    }
    // No tail falls faster than the normal one, which at x falls with the power x² (Mills' ratio).
    const alpha = Math.min(layer.power, Math.max(3, strongest * strongest))
    const excess = (aside + 1) / ((others + 1) * share)
    return strongest * (excess > 1 ? excess ** (1 / alpha) : 1)
  }

  /** The strongest departure of any segment of a layer in window `at`, in units of its spread, and whose it is. */
  function strongestIn(dimensions: number, at: number): { strength: number; where: Where | null } {
    const layer = layers.get(dimensions)
    return { strength: layer?.strongest[at - first] ?? 0, where: layer?.where[at - first] ?? null }
  }

  /** The spread of the forecast errors of segments by their size: log-linear, by least squares. */
  function spreadBySize(): (size: number) => number {
    let n = 0
    let sx = 0
    let sy = 0
    let sxx = 0
    let sxy = 0
    for (const { dimensions, cells, series } of all) {
      if (dimensions.length > 2) continue
      const step = Math.max(1, Math.floor(cells / 400))
      for (let cell = 0; cell < cells; cell += step) {
        const { squares } = read(series, cell * windows)
        let size = 0
        for (let at = 0; at < latest; at++) size += Math.abs(series[cell * windows + at]!)
        if (!(squares > 0) || !(size > 0)) continue
        const x = Math.log((2 * size) / latest)
        const y = 0.5 * Math.log(squares / clean)
        n++
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
      }
    }
    if (n === 0) return () => 0
    const spread = sxx - (sx * sx) / n
    const slope = n > 3 && spread > 1e-9 ? Math.min(1, Math.max(0.3, (sxy - (sx * sy) / n) / spread)) : 0.5
    const level = (sy - slope * sx) / n
    return (size) => (size > 0 ? Math.exp(level + slope * Math.log(size)) : 0)
  }

  return { scaleOf, needed, strongestIn, freedom: clean + pooledErrors - 1 }
}

/** The degrees of freedom of the Student's tail that runs through the 90 % and the 98 % quantile of these sizes. */
function tailPower(sample: number[]): number {
  if (sample.length < 50) return 4
  const sorted = Float64Array.from(sample).sort()
  const q90 = sorted[Math.floor(sorted.length * 0.9)]!
  const q98 = sorted[Math.floor(sorted.length * 0.98)]!
  if (!(q90 > 0)) return 2
  return tailShapes.find((each) => quantileOfT(0.02, each) / quantileOfT(0.1, each) >= q98 / q90) ?? 2
}
