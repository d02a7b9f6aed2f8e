/** Handling times of one arm and one class of predicted time, as sums of powers: what a rollup keeps of any number of items. */
export interface Sums {
  /** Items, whether their handling time is known or not. */
  items: number
  /** Sum of their predicted times; 0 in the class without predictions. */
  predicted: number
  /** Of those whose time is known: how many, and the sums of time t, predicted time p and their products. */
  known: number
  t: number
  t2: number
  t3: number
  t4: number
  p: number
  p2: number
  tp: number
}

export const noItems: Sums = {
  items: 0,
  predicted: 0,
  known: 0,
  t: 0,
  t2: 0,
  t3: 0,
  t4: 0,
  p: 0,
  p2: 0,
  tp: 0,
}

/**
 * @param seconds null where it is not known
 * @param predicted null where nothing was foreseen
 * @param spread variance of the time itself, where it is not the time but what is expected of it
 */
export function addItem(
  sums: Sums,
  { seconds, predicted, spread = 0 }: { seconds: number | null; predicted: number | null; spread?: number },
): void {
  const p = predicted ?? 0
  sums.items++
  sums.predicted += p
  if (seconds === null) return
  sums.known++
  sums.t += seconds
  sums.t2 += seconds ** 2 + spread
  sums.t3 += seconds ** 3
  sums.t4 += seconds ** 4
  sums.p += p
  sums.p2 += p ** 2
  sums.tp += seconds * p
}

export function sumOf(all: readonly Sums[]): Sums {
  const total = { ...noItems }
  for (const sums of all) for (const name of Object.keys(total) as (keyof Sums)[]) total[name] += sums[name]
  return total
}

/** Fourth standardised moment of the known times; 1 at least, 3 for a normal distribution. */
export function kurtosis({ known: n, t, t2, t3, t4 }: Sums): number {
  if (n < 2) return 1
  const mean = t / n
  const variance = t2 / n - mean ** 2
  if (!(variance > 0)) return 1
  const fourth = t4 / n - (4 * mean * t3) / n + (6 * mean ** 2 * t2) / n - 3 * mean ** 4
  return Math.max(1, fourth / variance ** 2)
}
