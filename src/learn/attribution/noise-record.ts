import { forecast, type Weighted } from './expectation.ts'
import { moderation } from './moderation.ts'
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

/** Degrees of freedom that the tail of the noise may have, lightest tail first. */
const tailShapes = [5, 4, 3, 2]
/** The size by which a spread is judged: the usual one, or the middle of a fall where that is less, as little varies little. */
function fallenSize(usual: number, actual: number, expected: number): number {
  return actual < expected ? Math.min(usual, (Math.abs(actual) + Math.abs(expected)) / 2) : usual
}

/** Fewest sizes from which a tail is told. */
const fewestSizes = 50
/** Sizes beyond which the far end of a tail begins. */
const farEnd = 10
/** A share so small that the record says little of it: there a sum's tail is as heavy as that of its heaviest part. */
const rare = 0.001
/** In units of reach a tail is as many times lighter: a segment that had far errors has a long reach. */
const lighter = 1.7
/** What a segment's furthest error counts for in its reach, beside their spread. */
const ofFurthest = 0.5
interface Where {
  of: CellSeries
  cell: number
}

/** Of a cell's errors: their squares, clipped at `cap`; its summed size; and the two furthest. */
interface Errors {
  squares: number
  cap: number
  size: number
  furthest: number
  next: number
}

/** All segments of as many dimensions. */
interface Layer {
  /** By window: the strongest rise and the strongest fall, in units of reach. */
  rises: Float64Array
  falls: Float64Array
  /** By window: the strongest departure in units of spread, and whose it is. */
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
  function read(series: Float64Array, offset: number): Errors {
    let used = 0
    let size = 0
    let furthest = 0
    let next = 0
    for (let i = 0; i < count; i++) {
      size += Math.abs(series[offset + first + i]!)
      errors[i] = series[offset + first + i]! - forecast(makingsOf(first + i), series, offset)
      if (setAside[first + i]) continue
      const error = Math.abs(errors[i]!)
      sizes[used++] = error
      if (error > furthest) {
        next = furthest
        furthest = error
      } else if (error > next) next = error
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
    return { squares, cap, size, furthest, next }
  }

  const { usual, pooledErrors } = spreadBySize()
  function moderated(squares: number, used: number, size: number): number {
    const common = usual(size)
    return Math.sqrt((squares + pooledErrors * common * common) / (used + pooledErrors))
  }

  /** Of a spread. */
  const freedom = clean + pooledErrors - 1
  const furthestOfNormal = greatestOfNormal(Math.max(1, clean))
  /**
   * The unit in which departures are measured: half-way between the spread of a segment's errors and the furthest of them,
   * taken as many times as makes it a standard deviation where the noise is normal. What is far beyond a spread, but has been before,
   * is not far; so that one unit is right for noise with light and with heavy tails.
   */
  const reachOf = (scale: number, far: number): number =>
    (scale + ofFurthest * far) / (1 + ofFurthest * furthestOfNormal)

  /**
   * Spread and reach of a cell's forecast error in one window, from its errors in the others. Its size is that of all windows,
   * this one too: of what never was before, nothing else is known.
   */
  function spreadOf({ series }: CellSeries, cell: number, at: number): { scale: number; reach: number } {
    const offset = cell * windows
    const { squares, cap, size, furthest, next } = read(series, offset)
    const among = at < latest && at >= first && !setAside[at]
    const error = among ? series[offset + at]! - forecast(makingsOf(at), series, offset) : 0
    const own = Math.min(Math.abs(error), cap) ** 2
    const known = at >= first && at < latest
    const actual = series[offset + at]!
    const usualSize = known ? size / count : (size + Math.abs(actual)) / (count + 1)
    const fallen = fallenSize(usualSize, actual, forecast(makingsOf(at), series, offset))
    const scale = moderated(Math.max(0, squares - own), among ? clean - 1 : clean, fallen)
    return { scale, reach: reachOf(scale, Math.abs(error) >= furthest ? next : furthest) }
  }

  /** By number of dimensions: the strongest departure of each other window, and the power of the tail. */
  const layers = new Map<number, Layer>()
  for (const of of all) {
    const { dimensions, cells, series } = of
    let layer = layers.get(dimensions.length)
    if (!layer) {
      layer = {
        rises: new Float64Array(count),
        falls: new Float64Array(count),
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
      const { squares, cap, size, furthest, next } = read(series, offset)
      for (let i = 0; i < count; i++) {
        const error = Math.abs(errors[i]!)
        if (error === 0) continue
        const among = !setAside[first + i]
        const rest = among ? Math.max(0, squares - Math.min(error, cap) ** 2) : squares
        const used = among ? clean - 1 : clean
        const far = among && error >= furthest ? next : furthest
        const least = Math.sqrt(rest / (used + pooledErrors)) || Number.MIN_VALUE
        const side = errors[i]! > 0 ? layer.rises : layer.falls
        const sampled = among && cell % step === 0
        // Moderation can only make it less.
        if (error <= side[i]! * reachOf(least, far) && error <= layer.strongest[i]! * least && !sampled)
          continue
        const actual = series[offset + first + i]!
        const fallen = fallenSize(size / count, actual, actual - errors[i]!)
        const scale = Math.max(moderated(rest, used, fallen), Number.MIN_VALUE)
        const t = error / reachOf(scale, far)
        if (sampled) layer.sample.push(t)
        if (t > side[i]!) side[i] = t
        if (error <= layer.strongest[i]! * scale) continue
        layer.strongest[i] = error / scale
        layer.where[i] = { of, cell }
      }
    }
  }
  for (const layer of layers.values()) layer.power = tailPower(layer.sample)
  const told = [...layers.values()].filter(({ sample }) => sample.length >= fewestSizes)
  const heaviest = told.length > 0 ? Math.min(...told.map(({ power }) => power)) : 4
  // The whole has too few errors to tell its own tail.
  const wholeLayer = layers.get(0)
  if (wholeLayer) wholeLayer.power = layers.get(1)?.power ?? 4

  /**
   * How strong a rise or fall of some segment of a layer must be in window `at`, to be beyond noise but for this share. Each side
   * has a record of its own, and half of the share: what cannot fall below nothing rises much further than it falls.
   */
  function needed(dimensions: number, at: number, share: number, rise: boolean): number {
    const layer = layers.get(dimensions)
    if (!layer || count < 2) return Number.POSITIVE_INFINITY
    const side = rise ? layer.rises : layer.falls
    let strongest = 0
    let aside = 0
    let others = 0
    for (let i = 0; i < count; i++) {
      if (first + i === at) continue
      others++
      if (setAside[first + i]) aside++
      else strongest = Math.max(strongest, side[i]!)
    }
    // No tail falls faster than the normal one, which at x falls with the power x² (Mills' ratio).
    const alpha = Math.min(layer.power, Math.max(3, strongest * strongest), share < rare ? heaviest : 99)
    const excess = (aside + 1) / (((others + 1) * share) / 2)
    return strongest * (excess > 1 ? excess ** (1 / alpha) : 1)
  }

  /** Degrees of freedom by which a departure in this layer is judged: few where the noise has a heavy tail. */
  const freedomIn = (dimensions: number): number =>
    Math.max(1, Math.min(freedom, lighter * (layers.get(dimensions)?.power ?? 4)))

  /**
   * The strongest departure of any segment of a layer in window `at`, in units of its spread, and whose it is. Not of its reach:
   * an incident of two windows would hide itself.
   */
  function strongestIn(dimensions: number, at: number): { strength: number; where: Where | null } {
    const layer = layers.get(dimensions)
    return { strength: layer?.strongest[at - first] ?? 0, where: layer?.where[at - first] ?? null }
  }

  /**
   * The spread of the forecast errors of segments by their size: log-linear, by least squares. And how much it tells of one
   * segment's, in forecast errors: a lot where segments of a size are alike.
   */
  function spreadBySize(): { usual: (size: number) => number; pooledErrors: number } {
    const logSizes: number[] = []
    const logVariances: number[] = []
    for (const { dimensions, cells, series } of all) {
      if (dimensions.length > 2) continue
      const step = Math.max(1, Math.floor(cells / 400))
      for (let cell = 0; cell < cells; cell += step) {
        const { squares, size } = read(series, cell * windows)
        if (!(squares > 0) || !(size > 0)) continue
        logSizes.push(Math.log(size / count))
        logVariances.push(Math.log(squares / clean))
      }
    }
    const n = logSizes.length
    if (n === 0) return { usual: () => 0, pooledErrors: 4 }
    const sum = (of: (i: number) => number) => logSizes.reduce((total, _, i) => total + of(i), 0)
    const middle = sum((i) => logSizes[i]!) / n
    const height = sum((i) => logVariances[i]!) / n
    const width = sum((i) => (logSizes[i]! - middle) ** 2)
    const tilt = sum((i) => (logSizes[i]! - middle) * (logVariances[i]! - height)) / (2 * width)
    const slope = n > 3 && width > 1e-9 ? Math.min(1, Math.max(0.3, tilt)) : 0.5
    const residuals = logVariances.map((each, i) => each - height - 2 * slope * (logSizes[i]! - middle))
    const { freedom, bias } = moderation(residuals, clean)
    const level = (height + bias) / 2
    return {
      usual: (size) => (size > 0 ? Math.exp(level + slope * (Math.log(size) - middle)) : 0),
      pooledErrors: freedom,
    }
  }

  return { spreadOf, needed, strongestIn, freedom, freedomIn }
}

/** About how far the furthest of n normal errors lies from 0, in standard deviations (Blom's plotting position). */
function greatestOfNormal(n: number): number {
  return quantileOfT(0.625 / (n + 0.25), 200)
}

/**
 * The degrees of freedom of the Student's tail that runs through the 90 % and the 98 % quantile of these sizes, or less where
 * their far end is heavier.
 */
function tailPower(sample: number[]): number {
  if (sample.length < fewestSizes) return 4
  const body = powerBetween(sample, 0.9, 0.98)
  if (sample.length < 25 * farEnd) return body
  return Math.min(body, powerBetween(sample, 0.95, 1 - farEnd / sample.length))
}

function powerBetween(sizes: number[], near: number, far: number): number {
  const sorted = Float64Array.from(sizes).sort()
  const low = sorted[Math.floor(sorted.length * near)]!
  const high = sorted[Math.floor(sorted.length * far)]!
  if (!(low > 0)) return 2
  return (
    tailShapes.find((each) => quantileOfT(1 - far, each) / quantileOfT(1 - near, each) >= high / low) ?? 2
  )
}
