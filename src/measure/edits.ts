/** What sort of change a person made to a suggested text. */
export type EditKind =
  | 'numbers'
  | 'greeting or closing'
  | 'order'
  | 'spelling and marks'
  | 'added'
  | 'removed'
  | 'wording'

export interface Edits {
  /** 1 where nothing was changed, 0 where nothing was kept: words kept in order, over the longer of the two. */
  similarity: number
  /** None where nothing was changed. */
  kinds: EditKind[]
}

/** Longer texts are compared by their first so many words. */
const longest = 1500
/** Words at either end that a greeting or a closing takes up. */
const ends = 6

/**
 * What a person changed in a suggested text before they sent it, by its words (longest common subsequence: Wagner and
 * Fischer, J. ACM 1974). Case, spaces and punctuation alone are no other words, but they are an edit.
 */
export function editsBetween(suggested: string, sent: string): Edits {
  if (suggested.trim() === sent.trim()) return { similarity: 1, kinds: [] }
  const before = wordsOf(suggested)
  const after = wordsOf(sent)
  const kept = keptWords(before, after)
  const most = Math.max(before.length, after.length)
  const removed = before.flatMap((word, i) => (kept.before[i] ? [] : [{ word, i }]))
  const added = after.flatMap((word, i) => (kept.after[i] ? [] : [{ word, i }]))
  if (removed.length === 0 && added.length === 0) return { similarity: 1, kinds: ['spelling and marks'] }
  const kinds = new Set<EditKind>()
  const isNumber = ({ word }: { word: string }) => /\p{N}/u.test(word)
  const atEnd = (length: number) => (one: { i: number }) => one.i < ends || one.i >= length - ends
  const long = before.length > 4 * ends
  const inEnds = long && removed.every(atEnd(before.length)) && added.every(atEnd(after.length))
  if (removed.some(isNumber) || added.some(isNumber)) kinds.add('numbers')
  const slips = removed.length === added.length && removed.every(({ word }, i) => near(word, added[i]!.word))
  if (slips) kinds.add('spelling and marks')
  else if (inEnds) kinds.add('greeting or closing')
  else if (sameWords(removed, added)) kinds.add('order')
  else if (removed.length === 0) kinds.add('added')
  else if (added.length === 0) kinds.add('removed')
  else if (!(removed.every(isNumber) && added.every(isNumber))) kinds.add('wording')
  return { similarity: most === 0 ? 1 : kept.count / most, kinds: [...kinds] }
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+(?:[.,:'’/-][\p{L}\p{N}]+)*/gu) ?? []).slice(0, longest)
}

function keptWords(a: readonly string[], b: readonly string[]) {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const before = a.map(() => false)
  const after = b.map(() => false)
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      before[i++] = true
      after[j++] = true
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return { count: lengths[0]!, before, after }
}

function sameWords(a: readonly { word: string }[], b: readonly { word: string }[]): boolean {
  const sorted = (words: readonly { word: string }[]) =>
    words
      .map(({ word }) => word)
      .sort()
      .join(' ')
  return sorted(a) === sorted(b)
}

/** The same but for a letter or two: a slip mended, not another word. Numbers are never near. */
function near(a: string, b: string): boolean {
  if (/\p{N}/u.test(a + b) || Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 4)
    return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return Math.max(a.length, b.length) - start - end <= 2
}
