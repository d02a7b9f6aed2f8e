/**
 * Evidence for "more than p0 of what it shows is useful, to whomever it will be shown", when verdicts of one person
 * resemble each other: some people agree with nearly everything, some with little, and twenty verdicts of one of them
 * are not twenty verdicts.
 *
 * Each person has a useful rate of their own, drawn from Beta(m·s, (1-m)·s) with s = 1/rho - 1: mean m, intraclass
 * correlation rho. The evidence is the likelihood of the verdicts under a fixed mixture with m > p0, over their
 * greatest likelihood under m = p0 with any rho of a grid (universal inference: Wasserman, Ramdas and Balakrishnan,
 * PNAS 2020, section 8, with the mixture of Robbins). For each rho it is at most a martingale divided by itself, so it
 * exceeds 1/alpha at any time with probability at most alpha, whatever rho is, and the verdicts themselves say how
 * much they resemble each other: with one verdict a person it is the e-process of independent verdicts.
 */
export interface ClusteredEvidence {
  /** Useful and all verdicts of each person, by pseudonym. */
  people: Readonly<Record<string, readonly [useful: number, n: number]>>
  /** log likelihoods, in the order of `hypotheses(p0)`. */
  nulls: readonly number[]
  alternatives: readonly number[]
}

/** Intraclass correlations that may explain a good record away. */
const nullCorrelations = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]
/** What a good skill's verdicts may look like: mostly unclustered, so that little is lost where they are. */
const alternativeCorrelations: readonly (readonly [rho: number, weight: number])[] = [
  [0, 0.5],
  [0.05, 0.25],
  [0.2, 0.25],
]
const rates = 8

interface Hypothesis {
  mean: number
  /** 1/rho - 1; Infinity where all people have the same rate. */
  strength: number
  logWeight: number
}

const known = new Map<number, { nulls: Hypothesis[]; alternatives: Hypothesis[] }>()

function hypotheses(p0: number): { nulls: Hypothesis[]; alternatives: Hypothesis[] } {
  const before = known.get(p0)
  if (before) return before
  const strength = (rho: number) => (rho === 0 ? Infinity : 1 / rho - 1)
  const nulls = nullCorrelations.map((rho) => ({ mean: p0, strength: strength(rho), logWeight: 0 }))
  const alternatives = Array.from({ length: rates }, (_, i) => p0 + ((1 - p0) * (i + 0.5)) / rates).flatMap(
    (mean) =>
      alternativeCorrelations.map(([rho, weight]) => ({
        mean,
        strength: strength(rho),
        logWeight: Math.log(weight / rates),
      })),
  )
  known.set(p0, { nulls, alternatives })
  return { nulls, alternatives }
}

export const noClusters: ClusteredEvidence = { people: {}, nulls: [], alternatives: [] }

/** The evidence after one more verdict of a person. */
export function clusteredStep(
  { people, nulls, alternatives }: ClusteredEvidence,
  useful: boolean,
  person: string,
  p0: number,
): ClusteredEvidence {
  const [k, n] = Object.hasOwn(people, person) ? people[person]! : ([0, 0] as const)
  const all = hypotheses(p0)
  const next = (logs: readonly number[], under: Hypothesis[]) =>
    under.map(({ mean, strength }, i) => {
      const rate = strength === Infinity ? mean : (mean * strength + k) / (strength + n)
      return (logs[i] ?? 0) + Math.log(useful ? rate : 1 - rate)
    })
  return {
    people: { ...people, [person]: [k + (useful ? 1 : 0), n + 1] },
    nulls: next(nulls, all.nulls),
    alternatives: next(alternatives, all.alternatives),
  }
}

/** log of the evidence; 0 before the first verdict. */
export function clusteredLogE({ nulls, alternatives }: ClusteredEvidence, p0: number): number {
  if (nulls.length === 0) return 0
  const likeliest = Math.max(...nulls)
  const weights = hypotheses(p0).alternatives
  return Math.log(
    alternatives.reduce((sum, log, i) => sum + Math.exp(weights[i]!.logWeight + log - likeliest), 0),
  )
}
