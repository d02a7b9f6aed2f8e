import { type Estimate, fewestPeople, type TimeSaved } from './time-saved.ts'

export interface GroupSaved {
  group: string
  saved: Pick<TimeSaved, 'minutesPerItem' | 'standardError' | 'people' | 'shown' | 'weeks'>
}

export interface ShrunkGroup {
  group: string
  /** Minutes on each shown item, drawn towards what all groups save; null where it cannot be told. */
  minutesPerItem: Estimate | null
  /** 1: all its own, 0: all that of the others. */
  ownWeight: number | null
  /** Null below five people. */
  hoursPerPersonPerWeek: Estimate | null
  hoursPerWeek: Estimate | null
}

/**
 * Figures of several groups, those that are sure of little drawn towards the mean of all (empirical Bayes with the
 * between-group variance of DerSimonian and Laird, Controlled Clinical Trials 1986): the smallest team is else always
 * the best or the worst of the list by chance alone. The interval keeps its own width, and is moved with the estimate
 * and widened by the way moved, so that it still covers what the group's own covered.
 */
export function shrunk(groups: readonly GroupSaved[]): ShrunkGroup[] {
  const known = groups.flatMap(({ saved: { minutesPerItem: own, standardError: error } }) =>
    own && error !== null && error > 0 ? [{ estimate: own.estimate, variance: error ** 2 }] : [],
  )
  const between = betweenVariance(known)
  const weights = known.map(({ variance }) => 1 / (variance + between))
  const mean =
    known.reduce((sum, { estimate }, i) => sum + weights[i]! * estimate, 0) /
    weights.reduce((sum, weight) => sum + weight, 0)
  return groups.map(({ group, saved }): ShrunkGroup => {
    const { minutesPerItem: own, standardError: error, people, shown, weeks } = saved
    if (!own || error === null)
      return { group, minutesPerItem: null, ownWeight: null, hoursPerPersonPerWeek: null, hoursPerWeek: null }
    // With fewer than three groups nothing is known of how much groups differ.
    const ownWeight = known.length < 3 || error === 0 ? 1 : between / (between + error ** 2)
    const estimate = ownWeight * own.estimate + (1 - ownWeight) * mean
    const minutesPerItem = {
      estimate,
      low: Math.min(own.low, estimate - (own.estimate - own.low)),
      high: Math.max(own.high, estimate + (own.high - own.estimate)),
    }
    const perWeek = (by: number): Estimate => ({
      estimate: minutesPerItem.estimate * by,
      low: minutesPerItem.low * by,
      high: minutesPerItem.high * by,
    })
    const hours = shown / weeks / 60
    return {
      group,
      minutesPerItem,
      ownWeight,
      hoursPerWeek: perWeek(hours),
      hoursPerPersonPerWeek: people >= fewestPeople ? perWeek(hours / people) : null,
    }
  })
}

function betweenVariance(groups: readonly { estimate: number; variance: number }[]): number {
  if (groups.length < 2) return 0
  const weights = groups.map(({ variance }) => 1 / variance)
  const sum = weights.reduce((a, b) => a + b, 0)
  const mean = groups.reduce((total, { estimate }, i) => total + weights[i]! * estimate, 0) / sum
  const q = groups.reduce((total, { estimate }, i) => total + weights[i]! * (estimate - mean) ** 2, 0)
  const c = sum - weights.reduce((total, weight) => total + weight ** 2, 0) / sum
  return Math.max(0, (q - (groups.length - 1)) / c)
}
