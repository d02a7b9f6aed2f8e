import type { ShadowReport } from './shadow.ts'

export interface AgainstTruth {
  /** True runs looked for. */
  true: number
  /** Of them those that one found run has at least half in common with (Jaccard). */
  found: number
  /** Mean share of the best found run's events that are of the true one. */
  purity: number
}

/** A report against the names of the true runs, one an event ('' for none); true runs of fewer than `least` events are left out. */
export function againstTruth({ routines }: ShadowReport, truth: readonly string[], least = 1): AgainstTruth {
  const sizes = new Map<string, number>()
  for (const name of truth) if (name !== '') sizes.set(name, (sizes.get(name) ?? 0) + 1)
  const best = new Map<string, { jaccard: number; purity: number }>()
  for (const { events } of routines.flatMap(({ runs }) => runs)) {
    const times = new Map<string, number>()
    for (const i of events) times.set(truth[i]!, (times.get(truth[i]!) ?? 0) + 1)
    for (const [name, n] of times) {
      const jaccard = n / (events.length + (sizes.get(name) ?? 0) - n)
      if (jaccard > (best.get(name)?.jaccard ?? 0)) best.set(name, { jaccard, purity: n / events.length })
    }
  }
  const all = [...sizes].filter(([, size]) => size >= least).map(([name]) => best.get(name))
  return {
    true: all.length,
    found: all.filter((each) => each && each.jaccard >= 0.5).length,
    purity: all.reduce((sum, each) => sum + (each?.purity ?? 0), 0) / all.length,
  }
}
