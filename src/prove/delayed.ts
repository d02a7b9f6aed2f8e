/** One decision and what became of it, where that takes a while: a lead is lost within days and won within weeks. */
export interface DelayedVerdict {
  group: string
  /** When it was decided, in milliseconds since the epoch. */
  decidedAt: number
  /** Null while nothing is known. */
  judgedAt: number | null
  useful: boolean | null
}

export interface Matured {
  /** Verdicts that may be counted, one for each group, in the order in which they became due. */
  verdicts: { group: string; useful: boolean; dueAt: number }[]
  /** Due, but nothing was known by then. */
  undecided: number
  /** Not yet due, whether something is known already or not. */
  waiting: number
}

/**
 * Verdicts that may be counted now without bias. Taken as they come, the quick outcomes are over-represented among
 * the newest work, and if bad ones are quick a good skill looks bad (or the other way round). So a verdict counts only
 * when its decision is `window` old, with what was known at that age: whether it counts then depends on nothing but
 * the time of the decision.
 *
 * @param window milliseconds; `outcomeWindow` of the history
 */
export function maturedVerdicts(
  decisions: readonly DelayedVerdict[],
  { window, now }: { window: number; now: number },
): Matured {
  const matured: Matured = { verdicts: [], undecided: 0, waiting: 0 }
  const seen = new Set<string>()
  for (const { group, decidedAt, judgedAt, useful } of [...decisions].sort(
    (a, b) => a.decidedAt - b.decidedAt,
  )) {
    if (seen.has(group)) continue
    seen.add(group)
    const dueAt = decidedAt + window
    if (dueAt > now) matured.waiting++
    else if (useful === null || judgedAt === null || judgedAt > dueAt) matured.undecided++
    else matured.verdicts.push({ group, useful, dueAt })
  }
  return matured
}

/**
 * How long to wait for outcomes: the time within which `share` of those in the history were known.
 *
 * @param delays milliseconds from the decision to the outcome; those below zero (a clock that jumped) count as 0
 * @returns milliseconds; 0 without history
 */
export function outcomeWindow(delays: readonly number[], share = 0.95): number {
  const sorted = delays
    .filter(Number.isFinite)
    .map((delay) => Math.max(0, delay))
    .sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}
