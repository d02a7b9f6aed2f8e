import { longestSeconds } from '../contract/index.ts'
import { type Estimate, fewestPeople } from './time-saved.ts'

/** One piece of work done while a roll-out by person was under way. */
export interface RolledOutItem {
  person: string
  at: number
  /** Null where it is not known. */
  seconds: number | null
  /** Whether its person had been reached when it came in. */
  reached: boolean
}

export interface RolledOut {
  /** People who worked before and after they were reached, or only the one or the other; null below five on a side. */
  people: { reached: number; waiting: number } | null
  /** Minutes less on each piece of work, whether anything was shown on it or not; null while it cannot be told. */
  minutesPerItem: Estimate | null
  because: string
}

const week = 7 * 24 * 3600 * 1000
/** Two-sided 95 % of a normal distribution. */
const z = 1.959964

/**
 * What reaching people changed on all of their work, from a staggered roll-out: people learn from what they see, and
 * then work differently on what is held back as well, which a comparison by item cannot see. Week by week the people
 * who had been reached are compared with those who still waited, by each person's own mean, and the weeks are weighted
 * by their precision (a stepped-wedge design, vertical approach: Thompson et al., Statistics in Medicine 2018,
 * section 2.2). Whom a week finds waiting was drawn at random. The interval holds once, at the end of the roll-out.
 */
export function rolledOut(items: Iterable<RolledOutItem>): RolledOut {
  const weeks = new Map<number, Map<string, { reached: boolean; n: number; sum: number }>>()
  for (const { person, at, seconds, reached } of items) {
    if (seconds === null || !(seconds >= 0 && seconds <= longestSeconds) || !Number.isFinite(at)) continue
    const number = Math.floor(at / week)
    const people = weeks.get(number) ?? new Map()
    weeks.set(number, people)
    // Somebody reached in the middle of a week counts on both sides of it.
    const key = `${reached} ${person}`
    const own = people.get(key) ?? { reached, n: 0, sum: 0 }
    people.set(key, { reached, n: own.n + 1, sum: own.sum + seconds })
  }
  const everybody = { reached: new Set<string>(), waiting: new Set<string>() }
  let weights = 0
  let estimate = 0
  for (const people of weeks.values()) {
    const means = (side: boolean) =>
      [...people].flatMap(([key, { reached, n, sum }]) => (reached === side ? [{ key, mean: sum / n }] : []))
    const [with_, without] = [means(true), means(false)]
    if (with_.length < 2 || without.length < 2) continue
    for (const { key } of with_) everybody.reached.add(key)
    for (const { key } of without) everybody.waiting.add(key)
    const [a, b] = [spread(with_), spread(without)]
    const variance = a.variance / with_.length + b.variance / without.length
    if (!(variance > 0)) continue
    weights += 1 / variance
    estimate += (b.mean - a.mean) / variance
  }
  const people = { reached: everybody.reached.size, waiting: everybody.waiting.size }
  if (Math.min(people.reached, people.waiting) < fewestPeople || weights === 0) {
    const because = 'Too few people were reached while others still waited.'
    return { people: null, minutesPerItem: null, because }
  }
  const middle = estimate / weights / 60
  const half = (z * Math.sqrt(1 / weights)) / 60
  const two = (value: number) => Math.round(value * 100) / 100
  return {
    people,
    minutesPerItem: { estimate: middle, low: middle - half, high: middle + half },
    because: `While it was rolled out, ${people.reached} people who had been reached took ${two(middle)} minutes less on each piece of work than ${people.waiting} who still waited (between ${two(middle - half)} and ${two(middle + half)}).`,
  }
}

function spread(of: readonly { mean: number }[]): { mean: number; variance: number } {
  const mean = of.reduce((sum, each) => sum + each.mean, 0) / of.length
  const squares = of.reduce((sum, each) => sum + (each.mean - mean) ** 2, 0)
  return { mean, variance: squares / (of.length - 1) }
}
