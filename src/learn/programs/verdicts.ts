import { conditionsOf } from './conditions.ts'
import type { Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

const pairs = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['1', '0'],
  ['t', 'f'],
  ['wahr', 'falsch'],
  ['ja', 'nein'],
  ['vrai', 'faux'],
  ['oui', 'non'],
] as const
const opposites = new Map<string, string>(
  pairs.flatMap(
    ([yes, no]) =>
      [
        [yes, no],
        [no, yes],
      ] as const,
  ),
)

/** The opposite of yes, true, 1 …, written the same way; null for other words. */
function oppositeOf(word: string): string | null {
  const other = opposites.get(word.toLowerCase())
  if (other === undefined) return null
  if (word === word.toUpperCase()) return other.toUpperCase()
  return word[0] === word[0]?.toUpperCase() ? (other[0] as string).toUpperCase() + other.slice(1) : other
}

/** Answers to a question about the row: `TRUE` where the two columns are equal, `FALSE` elsewhere. */
export function verdicts(sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  const other = oppositeOf(out)
  if (other === null || sample.outs.some((each) => each !== out && each !== other)) return
  const chosen = sample.outs.map((_, k) => k)
  for (const { cost, run, truth, words } of conditionsOf(sample.rows, chosen, true).slice(0, 80)) {
    const share = truth.reduce((sum, each) => sum + each, 0) / truth.length
    if (share === 0 || share === 1) continue
    const yes = truth[0] ? out : other
    const no = truth[0] ? other : out
    const weighed = 2.6 + cost + 1.5 * Math.abs(share - 0.5)
    offer(atomOf(sample, weighed, `"${yes}" where ${words}, else "${no}"`, (row) => (run(row) ? yes : no)))
  }
}
