import { type Cuboid, cuboidsOf, type Leaves } from './cuboids.ts'
import { bestPredictor, fewestErrors, forecast, makings, reach, type Weighted } from './expectation.ts'
import { noiseRecord } from './noise-record.ts'
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
  /** Departure in units of its reach (`noise-record.ts`). */
  t: number
}

export interface ScanResult {
  window: number
  total: Departure
  /** Whether the whole is beyond ordinary noise. */
  totalNews: boolean
  /** Whether anything here is beyond ordinary noise, all looks at it counted. */
  news: boolean
  /** The smallest set of segments that explains it, strongest first; empty where it is everywhere, or nothing. */
  causes: Departure[]
}

/** Share of noise tables in which one look may cry wolf. */
export interface Budget {
  total: number
  segments: number
  /** As many times as often may the record of the past be beaten. */
  record: number
}

/** Cells × windows that may be held at once. */
const mostCells = 6_000_000
/** Windows whose forecast errors tell what is ordinary. */
const remembered = 60

/** A combination of dimensions with the series of each of its cells; no dimensions: everything, in one cell. */
export interface CellSeries {
  dimensions: number[]
  cells: number
  /** Cell `c` in window `w` is at `c × windows + w`. */
  series: Float64Array
}

/**
 * Looks at one window after another for what departs from its own past, over all segments: a scan statistic
 * (Kulldorff, "A spatial scan statistic", 1997) on forecast errors. What is ordinary is told by the past twice, and
 * both must say that a departure is not: by the spread of a segment's own errors (Student's t, Bonferroni over segments), and by the
 * strongest departures of all segments in other windows (`noise-record.ts`), which supposes no shape of the noise.
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
  const whole: CellSeries = { dimensions: [], cells: 1, series: totals }
  const parts = seriesOfAll()
  const layerSizes = new Map<number, number>()
  for (const { dimensions, cells } of cuboids) {
    const known = layerSizes.get(dimensions.length) ?? 0
    layerSizes.set(dimensions.length, known + Math.min(cells, leaves.count))
  }
  const first = Math.max(reach(predictor), latest - remembered)
  let record: ReturnType<typeof noiseRecord> | null = null
  const recordOf = () =>
    (record ??= noiseRecord([whole, ...parts], { windows, first, latest, setAside, makingsOf }))
  setSuspectsAside()

  /** The series of all cells; a coarser one is rolled up from a finer one where that has fewer numbers than there are entries. */
  function seriesOfAll(): CellSeries[] {
    const made: CellSeries[] = []
    for (let index = cuboids.length - 1; index >= 0; index--) {
      const { dimensions, mask, cells, cellOf } = cuboids[index]!
      const series = new Float64Array(cells * windows)
      const finer = cuboids.findLastIndex(
        (each, i) => i > index && (each.mask & mask) === mask && each.cells * windows < entries.leaf.length,
      )
      if (finer >= 0) rollUp(made[finer]!.series, cuboids[finer]!, series, cellOf)
      else
        for (let i = 0; i < entries.leaf.length; i++)
          series[cellOf[entries.leaf[i]!]! * windows + entries.window[i]!]! += entries.value[i]!
      made[index] = { dimensions, cells, series }
    }
    return made
  }

  function rollUp(from: Float64Array, finer: Cuboid, to: Float64Array, cellOf: Int32Array): void {
    const coarse = new Int32Array(finer.cells).fill(-1)
    for (let leaf = 0; leaf < leaves.count; leaf++) coarse[finer.cellOf[leaf]!] = cellOf[leaf]!
    for (let cell = 0; cell < finer.cells; cell++) {
      if (coarse[cell]! < 0) continue
      const offset = coarse[cell]! * windows
      for (let at = 0; at < windows; at++) to[offset + at]! += from[cell * windows + at]!
    }
  }

  /** The same without some leaves. */
  function without(all: CellSeries[], gone: Uint8Array): CellSeries[] {
    const leaving: number[] = []
    for (let i = 0; i < entries.leaf.length; i++) if (gone[entries.leaf[i]!]) leaving.push(i)
    return all.map((each, index) => {
      const series = each.series.slice()
      const { cellOf } = cuboids[index]!
      for (const i of leaving)
        series[cellOf[entries.leaf[i]!]! * windows + entries.window[i]!]! -= entries.value[i]!
      return { ...each, series }
    })
  }

  /** Whether there is enough past to say anything of this window. */
  const reaches = (window: number) => window - reach(predictor) >= fewestErrors

  function scan(window: number, budget: Budget, most = 5): ScanResult {
    const { spreadOf, needed, freedom, freedomIn } = recordOf()
    const total = departure([], [], whole, 0, window)
    const totalNews =
      surpriseOfT(total.t, freedomIn(0)) > -Math.log(budget.total) &&
      Math.abs(total.t) > needed(0, window, budget.record * budget.total, total.t > 0)
    let news = totalNews
    const causes: Departure[] = []
    /** Leaves of the causes so far; null before the first. */
    let gone: Uint8Array | null = null
    let of = parts
    while (causes.length < most) {
      let best = news && !gone ? null : strongest(window, of, budget.segments, causes[0] ?? null)
      if (gone === null) {
        if (best) news = true
        // Once it is known that something happened, its cause need only be likelier than the others.
        const share = Math.max(budget.segments, likelier)
        if (news && (!best || share > budget.segments)) best = strongest(window, of, share, null)
      }
      if (!best) break
      if (gone === null && restMovedToo(best, window)) break
      causes.push(best.found)
      const { cellOf } = cuboids[best.index]!
      gone = gone ? gone.fill(0) : new Uint8Array(leaves.count)
      for (let leaf = 0; leaf < leaves.count; leaf++) if (cellOf[leaf] === best.cell) gone[leaf] = 1
      if (causes.length < most) of = without(of, gone)
    }
    return { window, total, totalNews, news, causes }

    function departure(dimensions: number[], values: number[], of: CellSeries, cell: number, at: number) {
      const offset = cell * windows
      const actual = of.series[offset + at]!
      const expected = forecast(makingsOf(at), of.series, offset)
      const { scale, reach } = spreadOf(of, cell, at)
      const t = actual === expected ? 0 : (actual - expected) / Math.max(reach, Number.MIN_VALUE)
      const margin = quantileOfT(0.05, Math.max(1, freedom)) * scale
      return { dimensions, values, actual, expected, margin, t }
    }

    /** Whether what is outside of a segment moved like it: then naming the segment would be less than the truth. */
    function restMovedToo({ found, index, cell }: Best, at: number): boolean {
      const { series } = parts[index]!
      const rest = totals.map((value, each) => value - series[cell * windows + each]!)
      const { t, actual, expected } = departure([], [], { ...whole, series: rest }, 0, at)
      if (Math.sign(t) !== Math.sign(found.t) || Math.abs(t) < 2.5 || expected === 0) return false
      return Math.abs(actual / expected - 1) > 0.5 * Math.abs(found.actual / found.expected - 1)
    }

    function strongest(at: number, of: CellSeries[], share: number, before: Departure | null): Best | null {
      let best: { index: number; cell: number } | null = null
      let bestStrength = 0
      const layers = layerSizes.size
      of.forEach(({ dimensions, cells, series }, index) => {
        const layer = dimensions.length
        const gate = Math.log(layerSizes.get(layer)! * layers) - Math.log(share)
        const judgedWith = freedomIn(layer)
        const rise = needed(layer, at, (budget.record * share) / layers, true)
        const fall = needed(layer, at, (budget.record * share) / layers, false)
        for (let cell = 0; cell < cells; cell++) {
          const offset = cell * windows
          const actual = series[offset + at]!
          const expected = forecast(makingsOf(at), series, offset)
          if (actual === expected) continue
          if (before && Math.abs(actual - expected) < 0.15 * Math.abs(before.actual - before.expected))
            continue
          const t = (actual - expected) / Math.max(spreadOf(of[index]!, cell, at).reach, Number.MIN_VALUE)
          const strength = Math.abs(t) * keep ** layer
          if (
            strength <= bestStrength ||
            Math.abs(t) < (t > 0 ? rise : fall) ||
            surpriseOfT(t, judgedWith) < gate
          )
            continue
          best = { index, cell }
          bestStrength = strength
        }
      })
      if (!best) return null
      const { index, cell } = best as { index: number; cell: number }
      const { dimensions, cellOf } = cuboids[index]!
      const leaf = cellOf.indexOf(cell)
      const values = dimensions.map((d) => leaves.codes[d]![leaf]!)
      return { found: departure(dimensions, values, of[index]!, cell, at), index, cell }
    }
  }

  /**
   * Sets windows aside that do not look ordinary, strongest first, so that nothing is expected to be as it was in them. Each time
   * anew: what came after an incident only looks odd while the incident is what is expected.
   */
  function setSuspectsAside(): void {
    const numbers = cuboids.reduce((sum, { cells }) => sum + cells, 0) * windows
    // Each time costs a pass over all of them.
    const most = Math.min(numbers > mostCells / 8 ? 4 : 12, Math.floor((latest - first) / 4))
    for (let found = 0; found < most; found++) {
      const { strongestIn, freedom } = recordOf()
      let suspect = -1
      let worst = 1
      for (let at = first; at < latest; at++) {
        if (setAside[at] || runWith(at) > longestIncident) continue
        for (const [layer, size] of [[0, 1] as const, ...layerSizes]) {
          const gate = Math.log(size * (layerSizes.size + 1) * (latest - first)) - Math.log(suspectShare)
          const { strength, where } = strongestIn(layer, at)
          const excess = surpriseOfT(strength, freedom) / gate
          if (excess <= worst || !where || !passed(where.of, where.cell, at)) continue
          worst = excess
          suspect = at
        }
      }
      if (suspect < 0) return
      setAside[suspect] = 1
      made = []
      record = null
    }
  }

  /**
   * Whether it went by: an incident comes back to about what was expected within its longest time, a drift and a new level do
   * not. Of the last two windows nobody knows yet; they are believed, unless they only follow an incident.
   */
  function passed({ series }: CellSeries, cell: number, at: number): boolean {
    const offset = cell * windows
    const expected = forecast(makingsOf(at), series, offset)
    const size = Math.abs(series[offset + at]! - expected)
    for (let after = at + 1; after <= Math.min(at + longestIncident, latest - 1); after++) {
      if (Math.abs(series[offset + after]! - expected) <= 0.5 * size) return true
    }
    return latest - at <= 2 && !setAside[at - 1]
  }

  /** Length of the run of set-aside windows that this one would make. */
  function runWith(at: number): number {
    let from = at
    let to = at
    while (setAside[from - 1]) from--
    while (setAside[to + 1]) to++
    return to - from + 1
  }

  const suspects = () => Array.from(setAside.keys()).filter((at) => setAside[at])
  return { predictor, scan, reaches, makingsOf, suspects }
}

/** Windows after which an incident is how things are now. */
const longestIncident = 4
/** Share of noise tables, were the noise normal, in which a window is set aside. */
const suspectShare = 0.05
/** Share of noise tables in which a cause may be named where something is known to have happened. */
const likelier = 0.1

/** Share of its strength that a segment keeps for each further dimension. */
const keep = 0.9

interface Best {
  found: Departure
  /** Of its cuboid. */
  index: number
  cell: number
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
