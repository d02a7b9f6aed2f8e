/** A seeded source of chance. Two sources with the same seed give the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, n). */
  int(n: number): number
  /** Uniform integer in [from, to]. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Picks by weight; weights need not add up to 1. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T
  /** Standard normal. */
  normal(): number
  /** exp(N(ln median, sigma)): how long people take. */
  logNormal(median: number, sigma: number): number
  shuffle<T>(list: readonly T[]): T[]
  /** An independent source, so that more draws in one part never move the numbers of another. */
  fork(name: string | number): Random
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded through cyrb128-style mixing of the seed's characters. */
export function random(seed: string | number): Random {
  let [a, b, c, d] = mix(String(seed))
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()

  const self: Random = {
    next,
    int: (n) => Math.floor(next() * n),
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new Error('pick from an empty list')
      return list[Math.floor(next() * list.length)]!
    },
    weighted: (choices) => {
      let left = next() * choices.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [value, weight] of choices) {
        left -= weight
        if (left < 0) return value
      }
      return choices.at(-1)![0]
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    logNormal: (median, sigma) => median * Math.exp(sigma * self.normal()),
    shuffle: (list) => {
      const mixed = [...list]
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        const held = mixed[i]!
        mixed[i] = mixed[j]!
        mixed[j] = held
      }
      return mixed
    },
    fork: (name) => random(`${seed}/${name}`),
  }
  return self
}

function mix(text: string): [number, number, number, number] {
  let h1 = 1779033703
  let h2 = 3144134277
  let h3 = 1013904242
  let h4 = 2773480762
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i)
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067)
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233)
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213)
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179)
  }
  return [h1 | 0, h2 | 0, h3 | 0, h4 | 0]
}
