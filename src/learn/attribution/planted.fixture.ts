import { seeded } from '../../stats/random.ts'
import type { Leaves } from './cuboids.ts'

/** A made-up table of actual and expected values with causes that are known. */
export interface PlantedCase {
  leaves: Leaves
  actual: Float64Array
  expected: Float64Array
  /** Each cause as `dimension=value` joined by `&`, dimensions ascending. */
  causes: string[]
}

export interface PlantedOptions {
  sizes?: number[]
  /** Largest relative forecast error (one standard deviation). */
  noise?: number
  /** Groups of segments that move by one ratio; 0 is pure noise. */
  groups?: number
  /** Smallest severity beyond the noise, up to 1 (fell to nothing). */
  severity?: number
}

/** As the generator that RiskLoc is judged with (Kalander, 2022, section 5.1) describes its cases, with other settings. */
export function plantedCase(seed: number, options: PlantedOptions = {}): PlantedCase {
  const { sizes = [6, 8, 5, 4], noise = 0.15, groups = 2, severity = 0.3 } = options
  const rng = seeded(seed)
  const count = sizes.reduce((product, size) => product * size, 1)
  const codes = sizes.map(() => new Int32Array(count))
  for (let leaf = 0; leaf < count; leaf++) {
    let rest = leaf
    for (let d = sizes.length - 1; d >= 0; d--) {
      codes[d]![leaf] = rest % sizes[d]!
      rest = Math.floor(rest / sizes[d]!)
    }
  }
  const actual = new Float64Array(count)
  const expected = new Float64Array(count)
  const level = noise * rng.uniform()
  const shape = 0.5 + 0.5 * rng.uniform()
  for (let leaf = 0; leaf < count; leaf++) {
    const value = rng.uniform() < 0.1 ? 0 : 100 * (-Math.log(1 - rng.uniform())) ** (1 / shape)
    const other = Math.max(0, value * (1 + level * rng.normal()))
    const swap = rng.uniform() < 0.5
    actual[leaf] = swap ? other : value
    expected[leaf] = swap ? value : other
  }
  const causes: string[] = []
  const taken = sizes.map(() => new Set<number>())
  const fall = rng.uniform() < 0.5
  for (let group = 0; group < groups; group++) {
    const layer = 1 + Math.floor(rng.uniform() * (sizes.length - 1))
    const dimensions = sizes.map((_, d) => d)
    while (dimensions.length > layer) dimensions.splice(Math.floor(rng.uniform() * dimensions.length), 1)
    const free = dimensions.map((d) =>
      Array.from({ length: sizes[d]! }, (_, v) => v).filter((v) => !taken[d]!.has(v)),
    )
    if (free.some((values) => values.length === 0)) continue
    const values = free.map((each) => each[Math.floor(rng.uniform() * each.length)]!)
    dimensions.forEach((d, i) => {
      taken[d]!.add(values[i]!)
    })
    const loss = Math.min(1, severity + level + (1 - severity) * rng.uniform())
    for (let leaf = 0; leaf < count; leaf++) {
      if (!dimensions.every((d, i) => codes[d]![leaf] === values[i])) continue
      const moved = Math.max(0, 1 - loss + 0.03 * rng.normal())
      if (fall) actual[leaf] = expected[leaf]! * moved
      else expected[leaf] = actual[leaf]! * moved
    }
    causes.push(dimensions.map((d, i) => `${d}=${values[i]}`).join('&'))
  }
  return { leaves: { count, sizes, codes }, actual, expected, causes }
}
