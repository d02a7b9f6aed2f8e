import { costs } from './costs.ts'
import { edgeIn, edgeOf, literalsOf, spansOf, type TokenClass, tokenClasses } from './tokens.ts'

/**
 * A way of saying where in a text to stand, evaluated on every sample row at once (`at`, -1 where there is no such
 * place). Two that stand at the same places on all rows are the same one: the cheaper is kept.
 */
export interface Position {
  cost: number
  at: Int32Array
  run(text: string): number
  words: string
  /** An expression giving the 0-based index, with `{c}` for the cell; null where there is no short one. */
  formula: string | null
  /** The place after which it is the next of its kind. */
  after?: Position
  /** A number of characters from the start or the end. */
  fixed?: boolean
  /** A number of characters from the start or the end of the text, so that it may well stand inside a word. */
  counted?: boolean
  /** The token that it is an edge of, so that both edges of one token are recognised as one thing. */
  token: { kind: TokenClass; n: number; side: 'start' | 'end' } | null
}

const ordinal = (n: number): string => {
  if (n === -1) return 'last'
  if (n < 0) return `${ordinal(-n)} from the end`
  return (
    ['zeroth', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'][n] ?? `${n}th`
  )
}

export { ordinal }

/** Both edges of one token, or of the field between two marks of one kind. */
export interface Stretch {
  from: Position
  to: Position
}

/**
 * All the ways to stand somewhere in this column, one for each vector of places on the sample rows; and the tokens
 * as stretches, since of two ways to stand at one place only one token has its other edge.
 */
export function positionsOf(
  texts: readonly string[],
  examples: number,
): { positions: Position[]; stretches: Stretch[] } {
  const best = new Map<string, Position>()
  const stretches: Stretch[] = []
  const keep = (position: Position): Position | undefined => {
    for (let k = 0; k < examples; k++) if ((position.at[k] as number) < 0) return undefined
    const key = position.at.join()
    const known = best.get(key)
    if (known && known.cost <= position.cost) return known
    best.set(key, position)
    return position
  }
  const rows = texts.length
  const fill = (run: (row: number) => number) => {
    const at = new Int32Array(rows)
    for (let i = 0; i < rows; i++) at[i] = run(i)
    return at
  }
  keep({ cost: 0, at: fill(() => 0), run: () => 0, words: 'the start', formula: '0', token: null })
  keep({
    cost: 0,
    at: fill((i) => (texts[i] as string).length),
    run: (text) => text.length,
    words: 'the end',
    formula: 'LEN({c})',
    token: null,
  })
  const kinds = [...tokenClasses, ...literalsOf(texts, examples)]
  const long = texts.some((text, i) => i < examples && text.length > 200)
  const reach = long ? 5 : 9
  for (const kind of kinds) {
    const spans = texts.map((text) => spansOf(text, kind, long ? 60 : 200))
    const count = Math.min(reach, Math.min(...spans.slice(0, examples).map((each) => each.length >> 1)))
    const edges = new Map<string, Position>()
    for (const side of ['start', 'end'] as const) {
      for (let step = 1; step <= count; step++) {
        for (const n of [step, -step]) {
          const at = fill((i) => edgeOf(spans[i] as readonly number[], n, side))
          const cost =
            kind.cost +
            (kind.literal === null ? costs.step : costs.literalStep) * (step - 1) +
            (n < 0 ? costs.fromEnd : 0)
          const words = `${side === 'start' ? 'before' : 'after'} the ${ordinal(n)} ${kind.words}`
          const run = (text: string) => edgeIn(text, kind, n, side)
          const position: Position = {
            cost,
            at,
            run,
            words,
            formula: literalFormula(kind, n, side),
            token: { kind, n, side },
          }
          keep(position)
          edges.set(`${n}${side}`, position)
          if (kind.literal === null) continue
          // What a split does where the mark is missing: the first field ends, the last one starts, with the text.
          const toEnd = n === 1 && side === 'start'
          const toStart = n === -1 && side === 'end'
          if (!toEnd && !toStart) continue
          keep({
            cost: cost + costs.orEnd,
            at: fill((i) =>
              (at[i] as number) >= 0 ? (at[i] as number) : toEnd ? (texts[i] as string).length : 0,
            ),
            run: (text) => {
              const place = run(text)
              return place >= 0 ? place : toEnd ? text.length : 0
            },
            words,
            formula: null,
            token: { kind, n, side },
          })
        }
      }
    }
    for (const [, from] of edges) {
      const { n, side } = from.token as { n: number; side: 'start' | 'end' }
      const to = side === 'start' ? edges.get(`${n}end`) : n !== -1 ? edges.get(`${n + 1}start`) : undefined
      if (to && (side === 'start' ? kind.literal === null : true)) stretches.push({ from, to })
    }
  }
  addMeetings(texts, examples, keep)
  addNext(texts, examples, kinds, keep)
  return { positions: [...best.values()], stretches }
}

/** The next mark, space or end of a word after a literal: `www.google.com` between `://` and the next `/`. */
function addNext(
  texts: readonly string[],
  examples: number,
  kinds: readonly TokenClass[],
  keep: (position: Position) => Position | undefined,
): void {
  const literals = kinds.filter((kind) => kind.literal !== null)
  const ends = [
    ...literals.filter((kind) => !kind.name.startsWith('~')),
    ...kinds.filter((kind) => kind.name === 'spaces'),
  ]
  if (literals.length * ends.length > 400) return
  for (const anchor of literals) {
    for (const n of [1, -1]) {
      const base = (text: string) => edgeIn(text, anchor, n, 'end')
      const from: Position = {
        cost: anchor.cost + (n < 0 ? costs.fromEnd : 0),
        at: Int32Array.from(texts, base),
        run: base,
        words: `after the ${ordinal(n)} ${anchor.words}`,
        formula: literalFormula(anchor, n, 'end'),
        token: { kind: anchor, n, side: 'end' },
      }
      const start = keep(from)
      if (!start) continue
      for (const end of ends) {
        const next = (text: string, at: number) => {
          if (at < 0) return -1
          end.pattern.lastIndex = at
          const found = end.pattern.exec(text)
          return found ? found.index : text.length
        }
        // Where the examples do not have it, the end of the text was meant.
        const unseen = texts
          .slice(0, examples)
          .every((text, i) => next(text, from.at[i] as number) === text.length)
        keep({
          cost: from.cost + end.cost * 0.5 + (unseen ? 0.6 : 0),
          at: Int32Array.from(texts, (text, i) => next(text, from.at[i] as number)),
          run: (text) => next(text, base(text)),
          words: `the next ${end.words}`,
          formula: null,
          token: null,
          after: start,
        })
      }
    }
  }
}

/** Places where one sort of character meets another: `5|km`, `)|A`. */
function addMeetings(
  texts: readonly string[],
  examples: number,
  keep: (position: Position) => Position | undefined,
): void {
  const sorts: [string, string][] = [
    ['\\p{Nd}', 'digit'],
    ['\\p{L}', 'letter'],
    ['\\p{Lu}', 'capital'],
    ['\\p{Ll}', 'small letter'],
    ['\\s', 'space'],
    ['[^\\p{L}\\p{N}\\s]', 'mark'],
  ]
  for (const [left, leftWords] of sorts) {
    for (const [right, rightWords] of sorts) {
      if (left === right) continue
      const pattern = new RegExp(`(?<=${left})(?=${right})`, 'gu')
      const kind: TokenClass = {
        name: `${left}|${right}`,
        words: '',
        pattern,
        cost: costs.meeting,
        literal: null,
      }
      const spans = texts.map((text) => spansOf(text, kind, 60))
      const count = Math.min(3, Math.min(...spans.slice(0, examples).map((each) => each.length >> 1)))
      for (let step = 1; step <= count; step++) {
        for (const n of [step, -step]) {
          keep({
            cost: costs.meeting + 0.4 * (step - 1) + (n < 0 ? costs.fromEnd : 0),
            at: Int32Array.from(spans, (each) => edgeOf(each, n, 'start')),
            run: (text) => edgeIn(text, kind, n, 'start'),
            words: `where a ${leftWords} meets a ${rightWords} (the ${ordinal(n)} time)`,
            formula: null,
            token: null,
          })
        }
      }
    }
  }
}

function literalFormula(kind: TokenClass, n: number, side: 'start' | 'end'): string | null {
  if (n !== 1) return null
  const text = kind.name === 'spaces' ? ' ' : kind.name.startsWith('~') ? null : kind.literal
  if (text === null) return null
  return `FIND("${text.replaceAll('"', '""')}",{c})${side === 'start' ? '-1' : text.length === 1 ? '' : `+${text.length - 1}`}`
}
