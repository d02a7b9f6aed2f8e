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
const sampleSize = 20_000

/** Relative error of each leaf; NaN where nothing was expected and nothing came, which says nothing. */
export function relativeErrors(actual: Float64Array, expected: Float64Array): Float64Array {
  const errors = new Float64Array(actual.length)
  for (let leaf = 0; leaf < errors.length; leaf++) {
    const a = actual[leaf]!
    const e = expected[leaf]!
    const size = Math.max(Math.abs(a), Math.abs(e))
    errors[leaf] = size > 0 ? (a - e) / size : Number.NaN
  }
  return errors
}

/**
 * Estimates it from the `usual` leaves, for all that are `live`. What is the matter pulls its leaves to one side, so the side that
 * is less spread is taken as the clean one and mirrored (as the cutoff of RiskLoc does: Kalander, 2022, section 4.1).
 */
export function forecastError(
  errors: Float64Array,
  usual: Uint8Array,
  classOf: Uint8Array,
  classes: number,
  live = usual,
): ForecastError {
  const count = errors.length
  const side = cleanSide(errors, usual)
  const step = Math.max(1, Math.floor(count / sampleSize))
  const samples = Array.from({ length: classes }, () => new Float64Array(Math.ceil(count / step)))
  const sizes = new Int32Array(classes)
  for (let leaf = 0; leaf < count; leaf += step) {
    const x = errors[leaf]! * side
    if (usual[leaf] && x >= 0) samples[classOf[leaf]!]![sizes[classOf[leaf]!]!++] = x
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
  const density = foldedDensity(pooled.sort())

  const scale = new Float64Array(count)
  const surprise = new Float64Array(count)
  for (let leaf = 0; leaf < count; leaf++) {
    if (!live[leaf]) continue
    scale[leaf] = scales[classOf[leaf]!]!
    // Folded at zero, so each side has half of the density.
    surprise[leaf] = density(Math.abs(errors[leaf]!) / scale[leaf]!) + Math.LN2
  }
  return { scale, surprise }
}

/** −log density of a size of error: a smoothed histogram to the 99 % quantile, an exponential tail beyond it. */
function foldedDensity(sorted: Float64Array): (size: number) => number {
  const count = sorted.length
  if (count < 20) return (size) => size * size * 0.5 + 0.5 * Math.log(Math.PI / 2)
  const edge = Math.max(sorted[Math.floor(count * 0.99)]!, 0.5)
  let excess = 0
  let beyond = 0
  const counts = new Float64Array(bins)
  for (const size of sorted) {
    if (size >= edge) {
      excess += size - edge
      beyond++
    } else counts[Math.floor((size / edge) * bins)]! += 1
  }
  const meanExcess = Math.max((excess + 0.3) / (beyond + 1), 0.1)
  const width = edge / bins
  const total = count + bins * 0.5
  const table = new Float64Array(bins)
  for (let bin = 0; bin < bins; bin++) {
    const low = Math.max(0, bin - 2)
    const high = Math.min(bins - 1, bin + 2)
    let near = 0
    for (let each = low; each <= high; each++) near += counts[each]! + 0.5
    table[bin] = -Math.log(near / (high - low + 1) / total / width)
  }
  const atEdge = -Math.log((beyond + 0.5) / total / meanExcess)
  return (size) =>
    size < edge
      ? table[Math.min(bins - 1, Math.floor((size / edge) * bins))]!
      : atEdge + (size - edge) / meanExcess
}

/** The side (1 above, −1 below the expectation) whose errors are smaller. */
function cleanSide(errors: Float64Array, live: Uint8Array): 1 | -1 {
  let above = 0
  let below = 0
  for (let leaf = 0; leaf < errors.length; leaf++) {
    const x = errors[leaf]!
    if (!live[leaf] || Number.isNaN(x)) continue
    if (x > 0) above += x
    else below -= x
  }
  return above <= below ? 1 : -1
}

/** Classes of equal number by volume, smallest first. */
export function volumeClasses(volume: Float64Array, live: Uint8Array, classes: number): Uint8Array {
  const classOf = new Uint8Array(volume.length)
  if (classes === 1) return classOf
  const step = Math.max(1, Math.floor(volume.length / sampleSize))
  const sample: number[] = []
  for (let leaf = 0; leaf < volume.length; leaf += step) if (live[leaf]) sample.push(volume[leaf]!)
  const sorted = Float64Array.from(sample).sort()
  const cuts = Float64Array.from({ length: classes - 1 }, (_, i) => {
    return sorted[Math.floor(((i + 1) * sorted.length) / classes)]!
  })
  for (let leaf = 0; leaf < volume.length; leaf++) {
    let each = 0
    while (each < cuts.length && volume[leaf]! >= cuts[each]!) each++
    classOf[leaf] = each
  }
  return classOf
}
