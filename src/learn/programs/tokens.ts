import { costs } from './costs.ts'

/** A class of token: what counts as one stretch of text ("a number", "a comma"). */
export interface TokenClass {
  name: string
  /** Plural-free words for people. */
  words: string
  pattern: RegExp
  /** What it costs to stand at an edge of one of these. */
  cost: number
  /** The single character (or constant text) that this class is about, if it is. */
  literal: string | null
  /** Whether the pattern is just the literal. */
  plain?: boolean
  /** What was found in the text that was asked about last: both edges of a token are asked for one after another. */
  found?: { text: string; limit: number; spans: number[]; all: boolean }
}

type CostName = keyof typeof costs
const classes: readonly [string, string, RegExp, CostName][] = [
  ['word', 'word', /\S+/gu, 'word'],
  ['alnum', 'run of letters and digits', /[\p{L}\p{N}\p{M}]+/gu, 'alnum'],
  ['letters', 'run of letters', /[\p{L}\p{M}]+/gu, 'letters'],
  ['digits', 'run of digits', /\p{Nd}+/gu, 'digits'],
  ['digits, wide', 'run of digits with the spaces around it', /\s*\p{Nd}+\s*/gu, 'digitsWide'],
  ['figures', 'group of figures', /\d+(?:[-./:,]\d+)+/gu, 'figures'],
  ['number', 'number', /(?<![\p{L}\d.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?/gu, 'number'],
  ['upper', 'run of capitals', /\p{Lu}+/gu, 'upper'],
  ['lower', 'run of small letters', /\p{Ll}+/gu, 'lower'],
  ['proper', 'capitalised word', /\p{Lu}[\p{Ll}\p{M}]+/gu, 'proper'],
  ['spaces', 'space', /\s+/gu, 'spaces'],
  ['wide', 'gap of two or more spaces', /\s{2,}|\t/gu, 'wide'],
  ['line', 'line', /[^\r\n]+/gu, 'line'],
  ['mark', 'mark', /[^\p{L}\p{N}\p{M}\s]/gu, 'mark'],
]

export const tokenClasses: readonly TokenClass[] = classes.map(([name, words, pattern, cost]) => ({
  name,
  words,
  pattern,
  // Read anew each time, so that the costs can be fitted.
  get cost() {
    return costs[cost]
  },
  literal: null,
}))

/** A text as a pattern that matches just that text. */
export const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Every occurrence of one mark; `wide` takes the spaces around it with it. */
export function literalClass(text: string, wide: boolean): TokenClass {
  const source = wide ? `\\s*${literally(text)}\\s*` : literally(text)
  const letters = /[\p{L}\p{N}]/u.test(text)
  return {
    name: `${wide ? '~' : ''}${text}`,
    words: `"${text}"`,
    pattern: new RegExp(source, 'gu'),
    cost: letters ? costs.literalWord : costs.literalMark + (wide ? 0.1 : 0),
    literal: text,
    plain: !wide,
  }
}

/** Starts and ends of all tokens of a class in a text: `[s0, e0, s1, e1, …]`, at most `limit` tokens. */
export function spansOf(text: string, kind: TokenClass, limit = 400): readonly number[] {
  const known = kind.found
  if (known?.text === text && (known.limit === limit || (known.all && known.spans.length <= 2 * limit)))
    return known.spans
  const spans: number[] = []
  if (kind.plain) {
    const { length } = kind.literal as string
    let at = text.indexOf(kind.literal as string)
    for (; at >= 0 && spans.length < 2 * limit; at = text.indexOf(kind.literal as string, at + length))
      spans.push(at, at + length)
    kind.found = { text, limit, spans, all: at < 0 }
    return spans
  }
  kind.pattern.lastIndex = 0
  for (let found = kind.pattern.exec(text); found; found = kind.pattern.exec(text)) {
    spans.push(found.index, found.index + found[0].length)
    if (found[0].length === 0) kind.pattern.lastIndex++
    if (spans.length >= 2 * limit) break
  }
  kind.found = { text, limit, spans, all: spans.length < 2 * limit }
  return spans
}

/** Where the n-th token (from 1, or from -1 backwards) of a class starts or ends in a text; -1 without one. */
export function edgeIn(text: string, kind: TokenClass, n: number, side: 'start' | 'end'): number {
  const known = kind.found
  if (n > 0 && known?.text === text && known.spans.length >= 2 * n) return edgeOf(known.spans, n, side)
  return edgeOf(spansOf(text, kind, n > 0 ? n : 400), n, side)
}

/** As `edgeIn`, in what `spansOf` gave. */
export function edgeOf(spans: readonly number[], n: number, side: 'start' | 'end'): number {
  const count = spans.length >> 1
  const index = n > 0 ? n - 1 : count + n
  if (index < 0 || index >= count) return -1
  return spans[2 * index + (side === 'start' ? 0 : 1)] as number
}

/** Which marks, and which words common to nearly all rows, are worth standing beside in this column. */
export function literalsOf(texts: readonly string[], examples: number): TokenClass[] {
  const marks = new Set<string>()
  for (const text of texts.slice(0, examples)) {
    for (const mark of text.match(/[^\p{L}\p{N}\p{M}\s]/gu) ?? []) if (marks.size < 14) marks.add(mark)
  }
  const found: TokenClass[] = []
  const first = texts[0] ?? ''
  const groups = new Set(first.match(/[^\p{L}\p{N}\p{M}\s]{2,3}/gu) ?? [])
  for (const group of [...groups].slice(0, 6)) {
    if (texts.filter((text) => text.includes(group)).length >= 0.8 * texts.length)
      found.push(literalClass(group, false))
  }
  for (const mark of marks) {
    found.push(literalClass(mark, false))
    if (texts.some((text) => text.includes(` ${mark}`) || text.includes(`${mark} `))) {
      found.push(literalClass(mark, true))
    }
  }
  // `#sunny`, `@anna`, `$12.50`: the mark belongs to what follows it.
  for (const mark of marks) {
    if (!'#@$€£'.includes(mark)) continue
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${literally(mark)}[\\p{L}\\p{N}_]+(?:[.,]\\p{N}+)*`, 'gu')
    if (first.search(pattern) < 0) continue
    found.push({
      name: `${mark}word`,
      words: `word with "${mark}"`,
      pattern,
      cost: costs.word,
      literal: null,
    })
  }
  // `utm_campaign=`, `Status: `: what names the part that follows.
  const keys = new Set(first.match(/[\p{L}_][\p{L}\p{N}_-]*\s?[=:]/gu) ?? [])
  for (const key of [...keys].slice(0, 8)) {
    if (texts.length > 1 && texts.filter((text) => text.includes(key)).length >= 0.8 * texts.length)
      found.push(literalClass(key, false))
  }
  const common = new Set(first.match(/\p{L}{1,}/gu) ?? [])
  let words = 0
  for (const word of common) {
    if (texts.length < 2 || words >= 10) break
    const share = texts.filter((text) => text.includes(word)).length / texts.length
    if (share < 0.8 || (word.length < 2 && share < 1)) continue
    words++
    found.push(literalClass(word, true))
  }
  return found
}
