import { costs } from './costs.ts'
import { isAscii, joint, letterings } from './letters.ts'
import { ordinal, type Position, positionsOf } from './positions.ts'
import { spansOf, type TokenClass } from './tokens.ts'
import type { Row, Sample } from './types.ts'
import type { Offer } from './whole.ts'

/** Both edges, and what they say together: one token, one field between marks, or two places. */
interface Reach {
  from: Position
  to: Position
  cost: number
  words: string
  /** What to say instead where a row has something before its first token, or behind its last. */
  exactly?: { kind: TokenClass; words: string }
}

/**
 * Substrings of one column between two learned places (Gulwani, "Automating string processing in spreadsheets using
 * input-output examples", POPL 2011), restricted to those that occur in the outputs, one for each vector of values.
 */
export function substrings(column: number, sample: Sample, offer: Offer, deadline: number): void {
  const texts = sample.rows.map((row) => row[column] ?? '')
  const examples = sample.outs.length
  const first = texts[0] as string
  const out = sample.outs[0] as string
  if (first === '' || out === '') return
  const { positions, stretches } = positionsOf(texts, examples)
  for (const { from, to } of stretches) {
    if (performance.now() > deadline) return
    offerBetween(column, sample, texts, reach(from, to), offer)
  }
  const starts = byPlace(positions)
  // `blue-shirt` may have become `blue shirt`.
  const joints = out.includes(' ') && first.search(joint) >= 0
  const foldedOut = fold(joints ? out.replace(joint, ' ') : out)
  const foldedFirst = fold(joints ? first.replace(joint, ' ') : first)
  const places = [...starts.keys()].sort((a, b) => a - b)
  let budget = 4000
  const longestAt = new Map(places.map((s) => [s, matchLength(foldedFirst, s, foldedOut)]))
  let pairs = 0
  for (const s of places) {
    for (const e of places) if (e > s && e <= s + (longestAt.get(s) as number)) pairs++
  }
  // All pairs of the cheap places; of the others only the two edges of one token or field.
  const cheap = Math.max(2, Math.min(7, Math.floor(Math.sqrt(budget / 2 / Math.max(1, pairs)))))
  for (const s of places) {
    if (performance.now() > deadline) return
    const longest = longestAt.get(s) as number
    if (longest === 0) continue
    for (const e of places) {
      if (e <= s || e > s + longest) continue
      const froms = starts.get(s) as Position[]
      const tos = starts.get(e) as Position[]
      for (const [i, from] of froms.entries()) {
        for (const [j, to] of tos.entries()) {
          if ((i >= cheap || j >= cheap) && to.after !== from) continue
          if (budget-- < 0) return
          offerBetween(column, sample, texts, reach(from, to), offer)
        }
      }
    }
    // A fixed number of characters after a place.
    for (let length = 1; length <= Math.min(longest, 12); length++) {
      if (places.includes(s + length) && length > 4) continue
      for (const from of (starts.get(s) as Position[]).slice(0, 6)) {
        const to = moved(from, length, texts)
        const words = length === 1 ? `the character ${from.words}` : `the ${length} characters ${from.words}`
        offerBetween(
          column,
          sample,
          texts,
          {
            from,
            to,
            cost:
              costs.lengthAfter +
              from.cost +
              (from.words === 'the start' ? 0 : 0.4) +
              (length === 1 ? 0 : 0.5 + costs.perLength * length),
            words:
              from.words === 'the start'
                ? `the first ${length === 1 ? 'character' : `${length} characters`}`
                : words,
          },
          offer,
        )
      }
    }
  }
  // A fixed number of characters before a place.
  for (const e of places) {
    for (let length = 1; length <= Math.min(e, 12); length++) {
      if (!foldedOut.includes(foldedFirst.slice(e - length, e))) break
      if (places.includes(e - length) && length > 4) continue
      for (const to of (starts.get(e) as Position[]).slice(0, 6)) {
        if (budget-- < 0) return
        offerBetween(
          column,
          sample,
          texts,
          {
            from: moved(to, -length, texts),
            to,
            // The last few characters are asked for as often as the first few.
            cost:
              (to.words === 'the end' && length <= 4 ? costs.lengthAfter + 0.1 : costs.lengthBefore) +
              to.cost +
              costs.perLength * length,
            words:
              to.words === 'the end'
                ? `the last ${length === 1 ? 'character' : `${length} characters`}`
                : `the ${length === 1 ? 'character' : `${length} characters`} ${to.words}`,
          },
          offer,
        )
      }
    }
  }
  fixedPlaces(column, sample, texts, starts, offer)
}

/** Absolute places: columns of fixed width, `938242504` cut in threes. Dear, unless all rows are of one length. */
function fixedPlaces(
  column: number,
  sample: Sample,
  texts: readonly string[],
  starts: Map<number, Position[]>,
  offer: Offer,
): void {
  const first = texts[0] as string
  const out = sample.outs[0] as string
  const even = texts.every((text) => text.length === first.length) && alikeShare(texts, first) > 0.9
  const spaces = texts.filter((text) => /\s{2,}/.test(text)).length / texts.length
  const padded = out !== out.trim() && spaces > 0.5
  const dear = padded ? costs.padded : even ? costs.even : spaces > 0.9 ? costs.spaced : costs.absolute
  const whole = first.length
  let budget = even || spaces > 0.9 ? 600 : 120
  for (let s = 0; s < whole; s++) {
    const longest = matchLength(first, s, out)
    const natural = starts.has(s)
    for (let length = longest; length >= 1; length--) {
      const e = s + length
      // All the shorter pieces of a run say the same about nothing: take the longest, and those at a natural edge.
      if (length < longest && length < 4 && !even && !(natural || starts.has(e))) continue
      if (longest > 24 && length < longest && !natural && !starts.has(e)) continue
      for (const [from, to] of [
        [fixed(s, texts), e === whole ? (starts.get(e)?.[0] as Position) : fixed(e, texts)],
        [fixed(s - whole, texts), fixed(e - whole, texts)],
      ] as [Position, Position][]) {
        if (budget-- < 0) return
        offerBetween(
          column,
          sample,
          texts,
          {
            from,
            to,
            // One character out of the middle of a word or number is there by chance.
            cost:
              dear + (from.cost + to.cost) * (even ? 0.5 : 1) + (length === 1 && inside(first, s) ? 0.8 : 0),
            words: `the characters ${s + 1} to ${e}`,
          },
          offer,
        )
      }
    }
  }
}

const inside = (text: string, at: number) =>
  /^[\p{L}]{3}$|^\p{N}{3}$/u.test(text.slice(Math.max(0, at - 1), at + 2))

/** Share of places at which the rows have the same sort of character as the first one. */
function alikeShare(texts: readonly string[], first: string): number {
  let alike = 0
  for (const text of texts) {
    for (let i = 0; i < first.length; i++) if (sort(text.charCodeAt(i)) === sort(first.charCodeAt(i))) alike++
  }
  return alike / Math.max(1, texts.length * first.length)
}

function fixed(place: number, texts: readonly string[]): Position {
  const run = (text: string) => {
    const at = place < 0 ? text.length + place : place
    return at < 0 || at > text.length ? -1 : at
  }
  return {
    cost: place === 0 ? 0 : 0.6 + 0.02 * Math.abs(place),
    at: Int32Array.from(texts, run),
    run,
    words: `at ${place}`,
    fixed: true,
    formula: place < 0 ? `LEN({c})${place}` : String(place),
    token: null,
  }
}

function moved(base: Position, by: number, texts: readonly string[]): Position {
  const shift = (text: string, at: number) => (at < 0 ? -1 : Math.min(text.length, Math.max(0, at + by)))
  return {
    cost: base.cost,
    at: Int32Array.from(texts, (text, i) => shift(text, base.at[i] as number)),
    run: (text) => shift(text, base.run(text)),
    words: base.words,
    formula: base.formula && `(${base.formula})${by < 0 ? by : `+${by}`}`,
    token: null,
    counted: base.words === 'the start' || base.words === 'the end',
  }
}

function byPlace(positions: Position[]): Map<number, Position[]> {
  const places = new Map<number, Position[]>()
  for (const position of positions) {
    const at = position.at[0] as number
    const list = places.get(at)
    if (list) list.push(position)
    else places.set(at, [position])
  }
  for (const list of places.values()) list.sort((a, b) => a.cost - b.cost).splice(24)
  return places
}

/** What two edges mean together: the two edges of one token cost little more than one. */
function reach(from: Position, to: Position): Reach {
  const a = from.token
  const b = to.token
  const whole = from.words === 'the start' && to.words === 'the end'
  if (whole) return { from, to, cost: 0, words: '{c}' }
  if (a && b && a.kind === b.kind) {
    if (a.n === b.n && a.side === 'start' && b.side === 'end') {
      return {
        from,
        to,
        cost: costs.token + Math.max(from.cost, to.cost),
        words: `the ${ordinal(a.n)} ${a.kind.words}`,
      }
    }
    if (a.side === 'end' && b.side === 'start' && b.n === a.n + 1 && a.n * b.n > 0) {
      const words = `the part between the ${ordinal(a.n)} and ${ordinal(b.n)} ${a.kind.words}`
      return { from, to, cost: costs.field + Math.min(from.cost, to.cost), words }
    }
  }
  if (to.after === from)
    return { from, to, cost: costs.next + to.cost, words: `the part of {c} ${from.words} up to ${to.words}` }
  if (from.words === 'the start') return { from, to, cost: costs.head + to.cost, ...headWords(to) }
  if (to.words === 'the end') return { from, to, cost: costs.tail + from.cost, ...tailWords(from) }
  const pair = `${a?.kind.literal}${b?.kind.literal}`
  const brackets =
    a?.kind.literal && b?.kind.literal
      ? /^(\(\)|\[\]|\{\}|<>)$/.test(pair)
        ? costs.brackets
        : costs.bothLiteral
      : 0
  return {
    from,
    to,
    cost: costs.free + from.cost + to.cost + brackets,
    words: `the part of {c} ${onFrom(from)} and ${upTo(to)}`,
  }
}

const headWords = (to: Position) =>
  to.token?.side === 'end' && to.token.n === 1 && to.token.kind.literal === null
    ? {
        words: `the first ${to.token.kind.words} of {c}`,
        exactly: { kind: to.token.kind, words: `the part of {c} ${upTo(to)}` },
      }
    : { words: `the part of {c} ${upTo(to)}` }
const tailWords = (from: Position) =>
  from.token?.side === 'start' && from.token.n === -1 && from.token.kind.literal === null
    ? {
        words: `the last ${from.token.kind.words} of {c}`,
        exactly: { kind: from.token.kind, words: `the part of {c} ${onFrom(from)}` },
      }
    : { words: `the part of {c} ${onFrom(from)}` }

/** `before the first comma`, `up to and with the first word`. */
const upTo = (to: Position) =>
  to.token?.side === 'end' ? to.words.replace(/^after/, 'up to and with') : to.words
/** `after the first comma`, `from the first word on`. */
const onFrom = (from: Position) =>
  from.token?.side === 'start' ? `${from.words.replace(/^before/, 'from')} on` : from.words

function offerBetween(
  column: number,
  sample: Sample,
  texts: readonly string[],
  { from, to, cost, words: short, exactly }: Reach,
  offer: Offer,
): void {
  const examples = sample.outs.length
  for (let k = 0; k < examples; k++) if ((to.at[k] as number) < (from.at[k] as number)) return
  const head = texts.slice(0, examples).map((text, k) => text.slice(from.at[k], to.at[k]))
  const ascii = head.every(isAscii)
  const plain = head.every((value) => value.search(joint) < 0)
  const possible = letterings
    .filter(({ accents, joints }) => !(accents && ascii) && !(joints && plain))
    .filter(({ run }) => head.every((value, k) => (sample.outs[k] as string).includes(run(value))))
  if (possible.length === 0) return
  // From the start to the end of the first token is the first token only where nothing stands before it.
  const bare = (text: string) => {
    const spans = exactly ? spansOf(text, exactly.kind) : []
    return from.words === 'the start' ? spans[0] === 0 : spans.at(-1) === text.length
  }
  const words = exactly && !texts.every((text) => text === '' || bare(text)) ? exactly.words : short
  const cut = texts.map((text, i) => between(text, from.at[i] as number, to.at[i] as number))
  const cutting = oddEdges(cut, texts, from, to, examples) + spaceEdges(head, sample.outs)
  let plainly = false
  for (const lettering of possible) {
    // Changing letters that come out unchanged on every example has no support.
    if (plainly && lettering.cost > 0 && (cost > 2.2 || !/\p{L}/u.test(cut[0] as string))) break
    if (lettering.cost === 0) plainly = true
    const named = words.includes('{c}') ? words.replace('{c}', `{${column}}`) : `${words} of {${column}}`
    const core = formulaBetween(column, from, to)
    const changed = cut.map((value) => (value === null ? null : lettering.run(value)))
    // What stands in the cell as it is was hardly made of a piece of a word: the A of `Berg, Anna`.
    let elsewhere = 0
    for (let k = 0; k < examples; k++) {
      const text = texts[k] as string
      if (changed[k] === cut[k] || !text.includes(changed[k] as string)) continue
      if (isTorn(edge(text, from.at[k] as number))) elsewhere++
    }
    offer({
      cost:
        costs.atom +
        cost +
        cutting +
        lettering.cost * costs.lettering +
        (costs.letteringElsewhere * elsewhere) / examples +
        (plainly && lettering.cost > 0 ? costs.letteringUnseen : 0),
      values: changed,
      run: (row: Row) => {
        const text = row[column] ?? ''
        const value = between(text, from.run(text), to.run(text))
        return value === null ? null : lettering.run(value)
      },
      words: lettering.words.replace('{x}', named),
      formula: core && (lettering.formula?.replaceAll('{x}', core) ?? null),
    })
  }
}

const zerosBefore = /(?:^|\P{N})0+$/u

/**
 * Against edges that stand between other sorts of characters than on the examples (where a field ended at a comma, it
 * should end at a comma), most of all against those that cut a word or number in two.
 */
function oddEdges(
  cut: readonly (string | null)[],
  texts: readonly string[],
  from: Position,
  to: Position,
  examples: number,
): number {
  const fixedWidth = from.fixed && to.fixed
  const marks = [from, to].flatMap(({ token }) =>
    token?.kind.literal && !/[\p{L}\p{N}\s]/u.test(token.kind.literal) ? [token.kind.literal] : [],
  )
  const alone = marks.filter((mark) => cut.slice(0, examples).every((value) => !value?.includes(mark)))
  const known = new Set<number>()
  let cost = 0
  let own = 0
  for (let i = 0; i < texts.length; i++) {
    if (cut[i] === null || cut[i] === '') continue
    const text = texts[i] as string
    const [left, right] = [edge(text, from.at[i] as number), edge(text, to.at[i] as number)]
    const [start, end] = [left, right + 0.5]
    if (i < examples) {
      known.add(start)
      known.add(end)
      if (isTorn(left) && !from.fixed && !from.counted) own += costs.tornHere
      if (isTorn(right) && !to.fixed && !to.counted) own += costs.tornHere
      // Who leaves the zeros before a number out means the number, however many there are.
      if (isTorn(left) && /^[1-9]/.test(cut[i] as string) && zerosBefore.test(text.slice(0, from.at[i])))
        own += costs.zerosCut
      continue
    }
    // A field has its own delimiter in it: it was another occurrence that was meant.
    for (const mark of alone) if ((cut[i] as string).includes(mark)) cost += costs.ownMark
    if (!known.has(start)) cost += isTorn(left) ? costs.tornEdge : fixedWidth ? costs.oddFixed : costs.oddEdge
    if (!known.has(end)) cost += isTorn(right) ? costs.tornEdge : fixedWidth ? costs.oddFixed : costs.oddEdge
  }
  return cost / texts.length + own / examples
}

/** Against spaces taken along with a piece: what stands between two pieces was typed as such. */
function spaceEdges(head: readonly string[], outs: readonly string[]): number {
  let edges = 0
  for (const [k, value] of head.entries()) {
    const out = outs[k] as string
    if (/^\s/.test(value) && !out.startsWith(value)) edges++
    if (/\s$/.test(value) && !out.endsWith(value)) edges++
  }
  return (costs.spaceEdge * edges) / head.length
}

const sort = (code: number): number => {
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code >= 192)
    return 1
  return code <= 32 || code === 160 ? 2 : code
}
/** Inside a word, and inside a number: `2x` may be cut where `10x` may not. */
const torn = 1 * 256 + 1
const tornFigures = -1
const isTorn = (place: number) => place === torn || place === tornFigures
/** What stands on both sides of a place, as one number; the ends of the text are like spaces. */
function edge(text: string, at: number): number {
  if (isFigure(text, at - 1) && isFigure(text, at)) return tornFigures
  return 256 * (at > 0 ? sortAt(text, at - 1) : 2) + (at < text.length ? sortAt(text, at) : 2)
}
function isFigure(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

/** The apostrophe of O'Brien belongs to the word. */
function sortAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  const joins =
    (code === 39 || code === 0x2019) &&
    at > 0 &&
    sort(text.charCodeAt(at - 1)) === 1 &&
    sort(text.charCodeAt(at + 1)) === 1
  return joins ? 1 : sort(code)
}

const between = (text: string, from: number, to: number): string | null =>
  from < 0 || to < from ? null : text.slice(from, to)

function formulaBetween(column: number, from: Position, to: Position): string | null {
  if (from.formula === null || to.formula === null) return null
  const cell = `{${column}}`
  const a = from.formula.replaceAll('{c}', cell)
  const b = to.formula.replaceAll('{c}', cell)
  if (a === '0' && b === `LEN(${cell})`) return cell
  if (a === '0') return `LEFT(${cell},${b})`
  if (b === `LEN(${cell})`) return `MID(${cell},${a}+1,LEN(${cell}))`
  return `MID(${cell},${a}+1,${b}-(${a}))`
}

const fold = (text: string) => {
  const lower = text.toLowerCase().normalize('NFC')
  return lower.length === text.length ? lower : text
}

/** Length of the longest piece of `text` starting at `s` that occurs in `out`. */
function matchLength(text: string, s: number, out: string): number {
  let length = 0
  while (s + length < text.length && out.includes(text.slice(s, s + length + 1))) length++
  return length
}
