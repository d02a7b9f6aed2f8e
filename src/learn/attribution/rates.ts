import type { Segment } from './additive.ts'
import { type Cuboid, cuboidsOf, type Leaves } from './cuboids.ts'

/** What each leaf had of something, of how many. */
export interface Counts {
  numerator: Float64Array
  denominator: Float64Array
}

export interface RateOptions {
  /** Share of its evidence that a segment keeps for each dimension beyond the first. */
  keep?: number
  /** A further cause must have at least this share of the first one's evidence … */
  further?: number
  /** … and explain at least this share of the whole change. */
  share?: number
  /** Denominator that a segment's own past needs to weigh as much as the whole table's. */
  prior?: number
  /** Variance of the numerator in units of its expectation; 1 for independent counts. */
  dispersion?: number
  /** Nats that the first cause needs. */
  strictness?: number
}

/**
 * The segments whose rate moved, as the smallest set that explains how the whole rate moved: a scan with the Poisson likelihood
 * ratio k·log(k/e) − (k − e) (Kulldorff, "A spatial scan statistic", 1997) over all cells of all cuboids, k being the
 * numerator and e what the segment's own past rate, shrunk to the whole table's, makes of its denominator. As
 * counts cluster (one cause hits many at once), evidence grows with volume, not only with truth; so complexity has its
 * price in proportion: a further dimension must add more than `1 / keep` times the evidence. RobustSpot (Lin et al., "RobustSpot: root cause
 * localization with robustness", 2021) is the method to compare with.
 */
export function explainRate(
  leaves: Leaves,
  now: Counts,
  before: Counts,
  options: RateOptions = {},
): Segment[] {
  const { keep = 0.9, further = 0.1, share = 0.15, prior = 50, dispersion = 1, strictness = 3 } = options
  const cuboids = cuboidsOf(leaves)
  const nowTotal = totalOf(now)
  const beforeTotal = totalOf(before)
  if (!(nowTotal.denominator > 0) || !(beforeTotal.denominator > 0)) return []
  const usual = beforeTotal.numerator / beforeTotal.denominator
  const change = nowTotal.numerator - nowTotal.denominator * usual
  const up = change >= 0

  const live = new Uint8Array(leaves.count).fill(1)
  const found: Segment[] = []
  let first = 0
  while (found.length < 5) {
    const best = bestCell()
    if (!best || best.evidence / dispersion < strictness + Math.log(best.cuboid.cells)) break
    if (found.length === 0) first = best.evidence
    else if (best.evidence < further * first || Math.abs(best.excess) < share * Math.abs(change)) break
    const { dimensions, cellOf } = best.cuboid
    const leaf = cellOf.findIndex((cell, each) => cell === best.cell && live[each] === 1)
    const values = dimensions.map((d) => leaves.codes[d]![leaf]!)
    found.push({ dimensions, values, evidence: best.evidence / dispersion })
    for (let each = 0; each < leaves.count; each++) if (cellOf[each] === best.cell) live[each] = 0
  }
  return found

  function bestCell() {
    let best: { cuboid: Cuboid; cell: number; evidence: number; excess: number } | null = null
    for (const cuboid of cuboids) {
      const { cells, cellOf } = cuboid
      const factor = keep ** (cuboid.dimensions.length - 1)
      const sums = new Float64Array(cells * 4)
      for (let leaf = 0; leaf < leaves.count; leaf++) {
        if (!live[leaf]) continue
        const at = cellOf[leaf]! * 4
        sums[at]! += now.numerator[leaf]!
        sums[at + 1]! += now.denominator[leaf]!
        sums[at + 2]! += before.numerator[leaf]!
        sums[at + 3]! += before.denominator[leaf]!
      }
      for (let cell = 0; cell < cells; cell++) {
        const at = cell * 4
        const k = Math.max(0, sums[at]!)
        const rate = (sums[at + 2]! + usual * prior) / (sums[at + 3]! + prior)
        const e = sums[at + 1]! * rate
        if (!(e > 0) || k > e !== up) continue
        const evidence = factor * ((k > 0 ? k * Math.log(k / e) : 0) - (k - e))
        // Of two segments with the same leaves the simpler one comes first, and stays.
        if (!best || evidence > best.evidence * (1 + 1e-9)) best = { cuboid, cell, evidence, excess: k - e }
      }
    }
    return best
  }
}

function totalOf({ numerator, denominator }: Counts) {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
  return { numerator: sum(numerator), denominator: sum(denominator) }
}
