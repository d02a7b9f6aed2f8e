/**
 * How far the leaves of a table are off their expectation when nothing is the matter: the yardstick against which a
 * segment is called unusual. Errors are relative, `x = (actual − expected) / max(|actual|, |expected|)`, from −1 (fell to
 * zero) to 1 (came from nothing). Leaves with larger volume err less, so each volume class has a scale of its own;
 * the shape of the error in units of that scale is shared.
 */
export interface ForecastError {
  /** Scale of each leaf's relative error. */
  scale: Float64Array
  /** −log density of each leaf's error in units of its scale. */
  surprise: Float64Array
}

const bins = 64
const smallestScale = 0.004

/** Leaves that are looked at to learn the usual error. */
const sampleSize = 8_000

/** Relative error and volume of each leaf, and the leaves of which they say something: where anything was expected or came. */
export function relativeErrors(actual: Float64Array, expected: Float64Array) {
  const errors = new Float64Array(actual.length)
  const volumes = new Float64Array(actual.length)
  const informative = new Int32Array(actual.length)
  let count = 0
  for (let leaf = 0; leaf < errors.length; leaf++) {
    const a = actual[leaf]!
    const e = expected[leaf]!
    const volume = Math.max(Math.abs(a), Math.abs(e))
    if (!(volume > 0)) continue
    errors[leaf] = (a - e) / volume
    volumes[leaf] = volume
    informative[count++] = leaf
  }
  return { errors, volumes, informative: informative.subarray(0, count) }
}

/** Classes of leaves by volume. */
export interface Classes {
  count: number
  /** Class of each leaf. */
  of: Uint8Array
}

/**
 * Estimates it from the `usual` leaves, for all that are `live`. What is the matter pulls its leaves to one side, so the side that
 * is less spread is taken as the clean one and mirrored (as the cutoff of RiskLoc does: Kalander, 2022, section 4.1).
 */
export function forecastError(
  errors: Float64Array,
  usual: Int32Array,
  classes: Classes,
  live: Int32Array,
): ForecastError {
  const side = cleanSide(errors, usual)
  const step = Math.max(1, Math.floor(usual.length / sampleSize))
  const samples = Array.from(
    { length: classes.count },
    () => new Float64Array(Math.ceil(usual.length / step)),
  )
  const sizes = new Int32Array(classes.count)
  for (let i = 0; i < usual.length; i += step) {
    const leaf = usual[i]!
    const each = classes.of[leaf]!
    const x = errors[leaf]! * side
    if (x >= 0) samples[each]![sizes[each]!++] = x
  }
  const scales = samples.map((sample, each) => {
    const sorted = sample.subarray(0, sizes[each]!).sort()
    return Math.max(smallestScale, sorted[Math.floor(sorted.length * 0.68)] ?? 0)
  })
  const pooled = new Float64Array(sizes.reduce((sum, size) => sum + size, 0))
  let next = 0
  samples.forEach((sample, each) => {
    for (let i = 0; i < sizes[each]!; i++) pooled[next++] = sample[i]! / scales[each]!
  })
  // Too few for a histogram are taken to be normal.
  const density = pooled.length < 20 ? null : foldedDensity(pooled.sort())
  const scale = new Float64Array(errors.length)
  const surprise = new Float64Array(errors.length)
  for (let i = 0; i < live.length; i++) {
    const leaf = live[i]!
    const own = scales[classes.of[leaf]!]!
    const size = Math.abs(errors[leaf]!) / own
    scale[leaf] = own
    if (density === null) surprise[leaf] = 0.5 * (size * size + Math.log(2 * Math.PI))
    else if (size >= density.edge)
      surprise[leaf] = density.atEdge + (size - density.edge) / density.meanExcess
    else surprise[leaf] = density.surprises[Math.min(bins - 1, Math.floor((size / density.edge) * bins))]!
  }
  return { scale, surprise }
}

/**
 * −log density of an error by its size: a smoothed histogram to the 99 % quantile, an exponential tail beyond that edge. Half of
 * the density is on each side of zero.
 */
function foldedDensity(sorted: Float64Array) {
  const count = sorted.length
  const edge = Math.max(sorted[Math.floor(count * 0.99)]!, 0.5)
  const width = edge / bins
  const surprises = new Float64Array(bins)
  let excess = 0
  let beyond = 0
  const counts = new Float64Array(bins)
  for (let i = 0; i < count; i++) {
    const size = sorted[i]!
    if (size >= edge) {
      excess += size - edge
      beyond++
    } else counts[Math.floor((size / edge) * bins)]! += 1
  }
  const total = count + bins * 0.5
  const meanExcess = Math.max((excess + 0.3) / (beyond + 1), 0.1)
  for (let bin = 0; bin < bins; bin++) {
    const low = Math.max(0, bin - 2)
    const high = Math.min(bins - 1, bin + 2)
    let near = 0
    for (let each = low; each <= high; each++) near += counts[each]! + 0.5
    surprises[bin] = -Math.log(near / (high - low + 1) / total / width) + Math.LN2
  }
  return { edge, surprises, atEdge: -Math.log((beyond + 0.5) / total / meanExcess) + Math.LN2, meanExcess }
}

/** The side (1 above, −1 below the expectation) whose errors are smaller. */
function cleanSide(errors: Float64Array, usual: Int32Array): 1 | -1 {
  let above = 0
  let below = 0
  for (let i = 0; i < usual.length; i++) {
    const x = errors[usual[i]!]!
    if (x > 0) above += x
    else below -= x
  }
  return above <= below ? 1 : -1
}

/** Up to six classes of equal number by volume, smallest first. */
export function volumeClasses(volumes: Float64Array, live: Int32Array): Classes {
  const count = Math.max(1, Math.min(6, Math.floor(live.length / 200)))
  const of = new Uint8Array(volumes.length)
  if (count === 1) return { count, of }
  const step = Math.max(1, Math.floor(live.length / sampleSize))
  const sorted = new Float64Array(Math.ceil(live.length / step))
  for (let i = 0; i < sorted.length; i++) sorted[i] = volumes[live[i * step]!]!
  sorted.sort()
  const cuts = Float64Array.from({ length: count - 1 }, (_, i) => {
    return sorted[Math.floor(((i + 1) * sorted.length) / count)]!
  })
  for (let i = 0; i < live.length; i++) {
    const volume = volumes[live[i]!]!
    let each = 0
    while (each < cuts.length && volume >= cuts[each]!) each++
    of[live[i]!] = each
  }
  return { count, of }
}
