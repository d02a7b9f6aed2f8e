import { createHash } from 'node:crypto'

/** A stream of random numbers that a seed fully determines, on every machine. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number
  /** Uniform whole number from 0 to below - 1. */
  integer(below: number): number
  normal(mean?: number, deviation?: number): number
  /** exp of a normal; `mu` and `sigma` are those of the logarithm. */
  logNormal(mu: number, sigma: number): number
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(values: readonly T[]): T[]
  /** An independent stream by name: drawing from one never moves another. */
  derive(name: string): Random
}

/** sfc32 (Doty-Humphrey, PractRand), seeded from SHA-256 so that neighbouring seeds share nothing. */
export function seeded(seed: number | string): Random {
  const digest = createHash('sha256').update(String(seed)).digest()
  let a = digest.readUInt32LE(0)
  let b = digest.readUInt32LE(4)
  let c = digest.readUInt32LE(8)
  let counter = digest.readUInt32LE(12)
  const bits = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  const uniform = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992
  const integer = (below: number) => Math.floor(uniform() * below)
  // Box and Muller; the second value is thrown away so that a draw has no hidden state.
  const normal = (mean = 0, deviation = 1) =>
    mean + deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    uniform,
    integer,
    normal,
    logNormal: (mu, sigma) => Math.exp(normal(mu, sigma)),
    shuffle: (values) => {
      const copy = [...values]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        const moved = copy[i]!
        copy[i] = copy[j]!
        copy[j] = moved
      }
      return copy
    },
    derive: (name) => seeded(`${seed}/${name}`),
  }
}
