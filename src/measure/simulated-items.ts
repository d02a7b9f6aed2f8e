import { type Random, seeded } from '../stats/random.ts'
import { classOf, type TimedArm } from './difference.ts'
import { addItem, noItems, type Sums } from './sums.ts'
import { type TimedItem, timeSaved, timeSavedFromSums } from './time-saved.ts'

/** Work in simulation: how long one item takes without help and with it, in seconds. */
export interface SimulatedWork {
  /** Both times of the same item, only one of which anybody will see. */
  draw(random: Random): { alone: number; helped: number; predicted?: number }
  /** Whether its time is recorded, given the time it took; `longerThan` where the recorder gave up. */
  recorded?(
    random: Random,
    seconds: number,
    predicted: number,
  ): { seconds: number | null; longerThan?: number }
  /** True mean of alone less helped, in seconds. */
  saving: number
}

const ratio = 0.7
const fixed = (alone: (random: Random) => number, mean: number): SimulatedWork => ({
  draw: (random) => {
    const seconds = alone(random)
    return { alone: seconds, helped: ratio * seconds }
  },
  saving: (1 - ratio) * mean,
})
const logNormalMean = (mu: number, sigma: number) => Math.exp(mu + sigma ** 2 / 2)

/** Half of the items by chance, whatever they took. */
const halfMissing: SimulatedWork['recorded'] = (random, seconds) => ({
  seconds: random.uniform() < 0.5 ? seconds : null,
})

/** Handling times of every shape that the intervals are asked to hold for. */
export const shapes: Record<string, SimulatedWork> = {
  normal: fixed((random) => random.normal(300, 60), 300),
  'log-normal, sigma 0.6': fixed((random) => random.logNormal(5.7, 0.6), logNormalMean(5.7, 0.6)),
  'log-normal, sigma 1': fixed((random) => random.logNormal(5.7, 1), logNormalMean(5.7, 1)),
  'Pareto, tail index 3': fixed((random) => 60 * (1 - random.uniform()) ** (-1 / 3), 90),
  'Pareto, tail index 2.5': fixed((random) => 60 * (1 - random.uniform()) ** (-1 / 2.5), 100),
  'used or not (mixture)': {
    draw: (random) => ({
      alone: random.logNormal(Math.log(40), 0.45),
      helped:
        random.uniform() < 0.8 ? random.logNormal(Math.log(12), 0.4) : random.logNormal(Math.log(50), 0.45),
    }),
    saving:
      logNormalMean(Math.log(40), 0.45) -
      0.8 * logNormalMean(Math.log(12), 0.4) -
      0.2 * logNormalMean(Math.log(50), 0.45),
  },
  'log-normal, sigma 1, half of the times missing': {
    ...fixed((random) => random.logNormal(5.7, 1), logNormalMean(5.7, 1)),
    recorded: halfMissing,
  },
}

export interface Covered {
  /** Share of runs in which the interval missed the truth at any look. */
  missed: number
  /** The same for GrowthBook's formula (`growthBookHalfWidth`) on the same items. */
  missedByGrowthBook: number
  /** Median width over that of GrowthBook's formula, by number of items. */
  width: Record<number, number>
}

/** Looks at the interval after every `step` items, up to `longest`, in each of `runs` runs. */
export function simulateCoverage(
  work: SimulatedWork,
  {
    runs,
    longest,
    step,
    seed,
    held = 0.1,
    nStar = 500,
  }: { runs: number; longest: number; step: number; seed: string; held?: number; nStar?: number },
): Covered {
  const widths: Record<number, number[]> = { 500: [], 1000: [], 2000: [] }
  let missed = 0
  let missedByGrowthBook = 0
  for (let run = 0; run < runs; run++) {
    const random = seeded(`${seed} ${run}`)
    const arms = { shown: new Map<number, Sums>(), 'held back': new Map<number, Sums>() }
    let out = false
    let growthBookOut = false
    for (let n = 1; n <= longest; n++) {
      const { arm, seconds } = simulatedItem(work, random, held)
      const key = classOf(null)
      const sums = arms[arm].get(key) ?? { ...noItems }
      arms[arm].set(key, sums)
      addItem(sums, { seconds, predicted: null })
      if (n % step !== 0) continue
      const base = { leftOut: { impossible: 0, tooLong: 0 }, people: 8, weeks: 1 }
      const { minutesPerItem } = timeSavedFromSums({ ...base, strata: [arms] }, { nStar })
      if (!minutesPerItem) continue
      const low = minutesPerItem.low * 60
      const high = minutesPerItem.high * 60
      if (low > work.saving || high < work.saving) out = true
      const peer = growthBookInterval(arms, nStar)
      if (Math.abs(peer.estimate - work.saving) > peer.half) growthBookOut = true
      widths[n]?.push((high - low) / (2 * peer.half))
    }
    if (out) missed++
    if (growthBookOut) missedByGrowthBook++
  }
  return {
    missed: missed / runs,
    missedByGrowthBook: missedByGrowthBook / runs,
    width: Object.fromEntries(
      Object.entries(widths)
        .filter(([, all]) => all.length > 0)
        .map(([n, all]) => [n, all.sort((a, b) => a - b)[all.length >> 1]!]),
    ),
  }
}

/** An item as it would be recorded: in an arm drawn before anything is seen. */
export function simulatedItem(
  work: SimulatedWork,
  random: Random,
  held: number,
): Pick<TimedItem, 'arm' | 'seconds' | 'longerThan' | 'predicted'> {
  const arm: TimedArm = random.uniform() < held ? 'held back' : 'shown'
  const { alone, helped, predicted } = work.draw(random)
  const took = arm === 'shown' ? helped : alone
  const recorded = work.recorded?.(random, took, predicted ?? 0) ?? { seconds: took }
  return { arm, ...recorded, ...(predicted !== undefined && { predicted }) }
}

/**
 * Half-width of a sequential two-sided interval as GrowthBook computes it (gbstats, `sequential_interval_halfwidth`,
 * after equation 9 of Waudby-Smith et al., with rho from their equation 161), written down independently.
 *
 * @param variance of one observation: squared standard error of the difference times n
 */
export function growthBookHalfWidth(variance: number, n: number, tuning: number, alpha: number): number {
  const rho = Math.sqrt((-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tuning)
  const grown = n * rho ** 2 + 1
  return Math.sqrt(variance) * Math.sqrt((2 * grown * Math.log(Math.sqrt(grown) / alpha)) / (n * rho) ** 2)
}

function growthBookInterval(
  arms: Record<TimedArm, ReadonlyMap<number, Sums>>,
  tuning: number,
): { estimate: number; half: number } {
  const moments = (arm: TimedArm) => {
    const { known: n, t, t2 } = arms[arm].get(classOf(null))!
    return { n, mean: t / n, variance: (t2 - t ** 2 / n) / (n - 1) }
  }
  const held = moments('held back')
  const shown = moments('shown')
  const n = held.n + shown.n
  const variance = n * (held.variance / held.n + shown.variance / shown.n)
  return { estimate: held.mean - shown.mean, half: growthBookHalfWidth(variance, n, tuning, 0.05) }
}

/**
 * People use a suggestion where the item is easy and leave it where it is hard; looking at one that they do not use
 * costs 8 seconds. The hard items would have taken longest, so that comparing used with unused items flatters.
 */
export const cherryPicking: SimulatedWork = {
  draw: (random) => {
    const hard = random.normal()
    const alone = Math.exp(5.5 + 0.6 * hard)
    const used = hard < random.normal(0, 0.5)
    return { alone, helped: used ? 0.4 * alone : alone + 8, predicted: Math.exp(5.5 + 0.4 * hard) }
  },
  saving: Number.NaN,
}

const quick = (sigma: number): SimulatedWork => ({
  draw: (random) => {
    const foreseen = random.normal()
    const alone = Math.exp(5.5 + 0.5 * foreseen + sigma * random.normal())
    return { alone, helped: 0.6 * alone, predicted: Math.exp(5.5 + 0.5 * foreseen) }
  },
  saving: 0.4 * Math.exp(5.5 + (0.25 + sigma ** 2) / 2),
})

/** Mostly items that are short by their nature are timed: 95 % of those foreseen below the median, 25 % of the rest. */
export const shortOnesRecorded: SimulatedWork = {
  ...quick(0.5),
  recorded: (random, seconds, predicted) => ({
    seconds: random.uniform() < (predicted < Math.exp(5.5) ? 0.95 : 0.25) ? seconds : null,
  }),
}

/** The recorder gives up after four minutes: about half of the items, and more of those without help. */
export const recorderGivesUp: SimulatedWork = {
  ...quick(0.5),
  recorded: (_, seconds) => (seconds <= 240 ? { seconds } : { seconds: null, longerThan: 240 }),
}

export interface Bias {
  /** Seconds: what was true, what was estimated on average, and what comparing the recorded times as they are gives. */
  truth: number
  estimate: number
  naive: number
  /** Of `estimate`, as a share of the truth. */
  bias: number
  naiveBias: number
  /** Standard error of the bias by simulation. */
  error: number
  /** Share of runs whose interval missed the truth. */
  missed: number
}

/** Mean of many estimates beside the truth, with the same items for both. */
export function simulateBias(
  work: SimulatedWork,
  {
    runs,
    items: count,
    seed,
    held = 0.1,
    compare = 'arms',
  }: { runs: number; items: number; seed: string; held?: number; compare?: 'arms' | 'used' },
): Bias {
  let truth = 0
  let naive = 0
  let missed = 0
  const estimates: number[] = []
  for (let run = 0; run < runs; run++) {
    const random = seeded(`${seed} ${run}`)
    const items: TimedItem[] = []
    const sides = { with: { n: 0, sum: 0 }, without: { n: 0, sum: 0 } }
    let saved = 0
    for (let i = 0; i < count; i++) {
      const arm: TimedArm = random.uniform() < held ? 'held back' : 'shown'
      const { alone, helped, predicted } = work.draw(random)
      saved += alone - helped
      const took = arm === 'shown' ? helped : alone
      const recorded = work.recorded?.(random, took, predicted ?? 0) ?? { seconds: took }
      const about = { arm, person: `p${i % 8}`, at: i * 600_000, holdback: held }
      items.push({ ...about, ...recorded, ...(predicted !== undefined && { predicted }) })
      if (recorded.seconds === null) continue
      if (compare === 'used' && arm === 'held back') continue
      const side = sides[(compare === 'used' ? helped < alone : arm === 'shown') ? 'with' : 'without']
      side.n++
      side.sum += recorded.seconds
    }
    const { minutesPerItem } = timeSaved(items)
    const real = Number.isNaN(work.saving) ? saved / count : work.saving
    truth += real / runs
    naive += (sides.without.sum / sides.without.n - sides.with.sum / sides.with.n) / runs
    estimates.push(minutesPerItem!.estimate * 60 - real)
    if (minutesPerItem!.low * 60 > real || minutesPerItem!.high * 60 < real) missed++
  }
  const off = estimates.reduce((sum, each) => sum + each, 0) / runs
  const spread = Math.sqrt(estimates.reduce((sum, each) => sum + (each - off) ** 2, 0) / (runs - 1) / runs)
  return {
    truth,
    estimate: truth + off,
    naive,
    bias: off / truth,
    naiveBias: naive / truth - 1,
    error: spread / truth,
    missed: missed / runs,
  }
}

/** Width with the predicted time over width without, where it explains the share `explained` of the variance. */
export function simulateCuped({
  runs,
  items: count,
  explained,
  seed,
}: {
  runs: number
  items: number
  explained: number
  seed: string
}): number {
  let ratios = 0
  for (let run = 0; run < runs; run++) {
    const random = seeded(`${seed} ${run}`)
    const items = Array.from({ length: count }, (_, i): TimedItem => {
      const predicted = random.normal(300, 60 * Math.sqrt(explained))
      const alone = predicted + random.normal(0, 60 * Math.sqrt(1 - explained))
      const shown = random.uniform() >= 0.1
      return {
        arm: shown ? 'shown' : 'held back',
        seconds: Math.max(1, alone - (shown ? 60 : 0)),
        predicted,
        person: `p${i % 8}`,
        at: i * 600_000,
      }
    })
    const width = (all: readonly TimedItem[]) => {
      const { low, high } = timeSaved(all).minutesPerItem!
      return high - low
    }
    ratios += width(items) / width(items.map(({ predicted: _, ...item }) => item))
  }
  return ratios / runs
}
