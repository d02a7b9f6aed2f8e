import type { Outcome } from '../contract/index.ts'
import { lowerBound } from '../stats/binomial.ts'
import type { EditKind } from './edits.ts'

/** What became of one shown suggestion, oldest first. */
export interface JudgedOutcome {
  /** Conversation, record: its first verdict is the one that counts. */
  group: string
  outcome: Outcome
  useful: boolean
  /** How much of it was kept, 0..1; where it is not known an edit counts as light. */
  similarity?: number
  /** What sort of changes the person made. */
  edits?: readonly EditKind[]
  /** It was used and found wrong afterwards: a label changed back, a cell corrected. */
  foundWrong?: boolean
}

/** How much of a suggestion was left in what the person did. */
export type Kept = 'as is' | 'lightly edited' | 'rewritten' | 'discarded' | 'ignored'

export interface Quality {
  /** Shown suggestions with an outcome. */
  total: number
  counts: Record<Outcome, number>
  /** Share of the total, 0..1; all 0 when there is none. */
  shares: Record<Outcome, number>
  /** The same by how much was kept: an edit that leaves less than two thirds of it is a rewrite. */
  kept: Record<Kept, number>
  /** Number of edited suggestions with each sort of change; one may have several. */
  edits: Partial<Record<EditKind, number>>
  /** Suggestions that were used, and of those the ones found wrong afterwards. */
  taken: number
  foundWrong: number
  /** Groups judged, and how many of them were useful. */
  groups: number
  useful: number
  /** Null before the first verdict. */
  usefulRate: number | null
  /** Exact one-sided lower bound of the useful rate, as of now. */
  lowerBound: number | null
}

/** Share of the words from which an edited suggestion counts as lightly edited. */
const lightly = 2 / 3

/** Quality of output: what people did with what they were shown. How often they were shown something is no quality. */
export function quality(
  outcomes: Iterable<JudgedOutcome>,
  { confidence = 0.95 }: { confidence?: number } = {},
): Quality {
  const counts: Record<Outcome, number> = { used: 0, edited: 0, discarded: 0, ignored: 0 }
  const kept: Record<Kept, number> = {
    'as is': 0,
    'lightly edited': 0,
    rewritten: 0,
    discarded: 0,
    ignored: 0,
  }
  const edits: Partial<Record<EditKind, number>> = {}
  const verdicts = new Map<string, boolean>()
  let total = 0
  let wrong = 0
  for (const { group, outcome, useful, similarity, edits: kinds = [], foundWrong } of outcomes) {
    counts[outcome]++
    kept[keptOf(outcome, similarity)]++
    total++
    if (outcome === 'edited') for (const kind of kinds) edits[kind] = (edits[kind] ?? 0) + 1
    if (foundWrong && (outcome === 'used' || outcome === 'edited')) wrong++
    if (!verdicts.has(group)) verdicts.set(group, useful)
  }
  const groups = verdicts.size
  const useful = [...verdicts.values()].filter(Boolean).length
  return qualityOf({ total, counts, kept, edits, foundWrong: wrong, groups, useful }, { confidence })
}

/** What outcomes come to, counted. */
export type CountedOutcomes = Pick<
  Quality,
  'total' | 'counts' | 'kept' | 'edits' | 'foundWrong' | 'groups' | 'useful'
>

export function qualityOf(
  { total, counts, kept, edits, foundWrong, groups, useful }: CountedOutcomes,
  { confidence = 0.95 }: { confidence?: number } = {},
): Quality {
  const share = (n: number) => (total === 0 ? 0 : n / total)
  return {
    total,
    counts,
    shares: {
      used: share(counts.used),
      edited: share(counts.edited),
      discarded: share(counts.discarded),
      ignored: share(counts.ignored),
    },
    kept,
    edits,
    taken: counts.used + counts.edited,
    foundWrong,
    groups,
    useful,
    usefulRate: groups === 0 ? null : useful / groups,
    lowerBound: groups === 0 ? null : lowerBound(useful, groups, confidence),
  }
}

function keptOf(outcome: Outcome, similarity: number | undefined): Kept {
  if (outcome === 'used') return 'as is'
  if (outcome !== 'edited') return outcome
  return (similarity ?? 1) >= lightly ? 'lightly edited' : 'rewritten'
}
