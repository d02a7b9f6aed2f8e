import type { Judgement } from '../../contract/index.ts'

const common = new Set(
  'about above after against also because been before below but for from had has have into its just more most much not nothing our out over per same some than that the their them then there these they this those under very was week were what when where which while whole with year month quarter day change expected expect usual ordinary rose fell rise fall up down less lower higher nothing jan feb mar apr may jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
)
const quietWords =
  /\b(nothing|no (big |major |notable )?changes?|as (usual|expected)|in line|stable|unchanged|normal|flat|ordinary|unauffällig|stabil)\b/i

/**
 * Whether a comment told what the person told: the parts they name are among those that it names, or both say that nothing
 * happened. `similarity` is the share of the person's own words (names, figures) that it has too. Null where the person
 * wrote nothing to compare with.
 */
export function judgeComment(suggested: string, written: string): Judgement | null {
  const theirs = words(written)
  if (written.trim() === '') return null
  if (suggested.trim() === written.trim()) return { useful: true, similarity: 1 }
  const ours = words(suggested)
  const bothQuiet = quietWords.test(suggested) && quietWords.test(written)
  const shared = [...theirs].filter((word) => ours.has(word)).length
  const similarity = theirs.size === 0 ? (bothQuiet ? 1 : 0) : shared / theirs.size
  const names = properNames(written, ours)
  const named = names.filter((name) => ours.has(name)).length
  const causeFound = names.length > 0 && named / names.length >= 0.5
  return {
    useful: quietWords.test(written) ? bothQuiet : causeFound,
    similarity: Math.max(similarity, bothQuiet ? 0.5 : 0),
  }
}

/** Words that carry meaning, and figures. */
function words(text: string): Set<string> {
  const found = text.toLowerCase().match(/\p{L}[\p{L}\p{N}-]{2,}|\d[\d.,]*/gu) ?? []
  return new Set(found.map((word) => word.replace(/[.,]+$/, '')).filter((word) => !common.has(word)))
}

/** Words with a capital or with digits: how segments are written. The first word of a sentence counts where `ours` has it. */
function properNames(text: string, ours: Set<string>): string[] {
  const found = new Set<string>()
  for (const match of text.matchAll(/\p{Lu}[\p{L}\p{N}-]{2,}|\p{L}+\d+/gu)) {
    const word = match[0].toLowerCase()
    const begins = /(^|[.!?]\s+)$/.test(text.slice(0, match.index))
    if (!common.has(word) && (!begins || ours.has(word))) found.add(word)
  }
  return [...found]
}
