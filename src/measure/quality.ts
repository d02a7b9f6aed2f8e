import type { Outcome } from '../contract/index.ts'
import { lowerBound } from '../stats/binomial.ts'

/** What became of one shown suggestion, oldest first. */
export interface JudgedOutcome {
  /** Conversation, record: its first verdict is the one that counts. */
  group: string
  outcome: Outcome
  useful: boolean
}

export interface Quality {
  /** Shown suggestions with an outcome. */
  total: number
  counts: Record<Outcome, number>
  /** Share of the total, 0..1; all 0 when there is none. */
  shares: Record<Outcome, number>
  /** Groups judged, and how many of them were useful. */
  groups: number
  useful: number
  /** Null before the first verdict. */
  usefulRate: number | null
  /** Exact one-sided lower bound of the useful rate, as of now. */
  lowerBound: number | null
}

/** Quality of output: what people did with what they were shown. How often they were shown something is no quality. */
export function quality(
  outcomes: Iterable<JudgedOutcome>,
  { confidence = 0.95 }: { confidence?: number } = {},
): Quality {
  const counts: Record<Outcome, number> = { used: 0, edited: 0, discarded: 0, ignored: 0 }
  const verdicts = new Map<string, boolean>()
  let total = 0
  for (const { group, outcome, useful } of outcomes) {
    counts[outcome]++
    total++
    if (!verdicts.has(group)) verdicts.set(group, useful)
  }
  const share = (n: number) => (total === 0 ? 0 : n / total)
  const groups = verdicts.size
  const useful = [...verdicts.values()].filter(Boolean).length
  return {
    total,
    counts,
    shares: {
      used: share(counts.used),
      edited: share(counts.edited),
      discarded: share(counts.discarded),
      ignored: share(counts.ignored),
    },
    groups,
    useful,
    usefulRate: groups === 0 ? null : useful / groups,
    lowerBound: groups === 0 ? null : lowerBound(useful, groups, confidence),
  }
}
