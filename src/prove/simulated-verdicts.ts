import type { Random } from '../stats/random.ts'
import { seeded } from '../stats/random.ts'
import { type Gate, gateStart, gateStep } from './gate.ts'

/** A skill at work in simulation: who gives the verdicts, and how often they find it useful. */
export interface SimulatedSkill {
  /** Useful rate over everybody it could be shown to; of the nth verdict where it changes. */
  rate: number | ((n: number) => number)
  /**
   * Clusters: so many people give the verdicts, each with a rate of their own. With `theRest` the rates are drawn for
   * them as a sample of many others (their own mean may be better or worse); with `themselves` their mean is `rate`.
   */
  people?: { count: number; correlation: number; standFor: 'the rest' | 'themselves' }
}

export interface Decided {
  /** Share of runs in which the decision was reached. */
  share: number
  /** Verdicts until it was, Infinity where in more than half of the runs it was not. */
  median: number
}

/**
 * Runs the gate on simulated verdicts, looked at after every one, until it decides or `longest` is reached.
 *
 * @param from verdicts before this one do not count for the decision (a run that decides earlier is dropped)
 */
export function simulateGate(
  skill: SimulatedSkill,
  decision: Gate['verdict'],
  {
    runs,
    longest,
    seed,
    clustered = false,
    from = 0,
  }: { runs: number; longest: number; seed: string; clustered?: boolean; from?: number },
): Decided {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const random = seeded(`${seed} ${run}`)
    const give = verdicts(skill, random)
    let gate = gateStart()
    let reached = Infinity
    while (gate.n < longest) {
      const { useful, person } = give(gate.n)
      gate = clustered ? gateStep(gate, useful, person) : gateStep(gate, useful)
      if (gate.verdict !== decision) continue
      reached = gate.n
      break
    }
    if (reached > from) times.push(reached - from)
  }
  times.sort((a, b) => a - b)
  return {
    share: times.filter((time) => time < Infinity).length / runs,
    median: times[times.length >> 1] ?? Infinity,
  }
}

function verdicts(
  { rate, people }: SimulatedSkill,
  random: Random,
): (n: number) => { useful: boolean; person: string } {
  const at = (n: number) => (typeof rate === 'number' ? rate : rate(n))
  if (!people) return (n) => ({ useful: random.uniform() < at(n), person: `p${n}` })
  const { count, correlation, standFor } = people
  const drawn = Array.from({ length: count }, () => beta(random, at(0), correlation))
  const rates = standFor === 'the rest' ? drawn : withMean(drawn, at(0))
  return () => {
    const who = random.integer(count)
    return { useful: random.uniform() < rates[who]!, person: `p${who}` }
  }
}

/** A rate from Beta with this mean and intraclass correlation (0 is the mean itself). */
export function beta(random: Random, mean: number, correlation: number): number {
  if (correlation === 0) return mean
  const strength = 1 / correlation - 1
  const a = gamma(random, mean * strength)
  return a / (a + gamma(random, (1 - mean) * strength))
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** The rates moved together in log-odds until their mean is the one asked for. */
function withMean(rates: readonly number[], mean: number): number[] {
  const odds = rates.map((rate) => {
    const inside = Math.min(1 - 1e-9, Math.max(1e-9, rate))
    return Math.log(inside / (1 - inside))
  })
  const moved = (by: number) => odds.map((each) => 1 / (1 + Math.exp(-each - by)))
  let low = -50
  let high = 50
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    const got = moved(middle).reduce((sum, rate) => sum + rate, 0) / rates.length
    if (got < mean) low = middle
    else high = middle
  }
  return moved(low)
}
