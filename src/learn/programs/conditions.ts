import { orderOf, readDate } from './moments.ts'
import { spansOf, tokenClasses } from './tokens.ts'
import type { Row } from './types.ts'

/** A question that every row answers with yes or no. */
export interface Condition {
  cost: number
  truth: Uint8Array
  run(row: Row): boolean
  words: string
}

/**
 * The questions that tell sample rows apart, one for each vector of answers, cheapest first: emptiness, a mark or a
 * word that is there, how many tokens, comparison with the values that occur, two columns compared. They tell the
 * chosen rows apart, or (`oneSided`) any rows.
 */
export function conditionsOf(rows: readonly Row[], chosen: readonly number[], oneSided = false): Condition[] {
  const best = new Map<string, Condition>()
  const shown = chosen.map((k) => rows[k] as Row)
  const ask = (cost: number, words: string, run: (row: Row) => boolean) => {
    const truth = new Uint8Array(rows.length)
    for (let i = 0; i < rows.length; i++) truth[i] = run(rows[i] as Row) ? 1 : 0
    let seen = 0
    for (const k of chosen) seen |= truth[k] ? 1 : 2
    if (seen !== 3 && !oneSided) return
    let others = 0
    for (let i = 0; i < rows.length; i++) others += truth[i] as number
    for (const k of chosen) others -= truth[k] as number
    const left = rows.length - chosen.length
    // A question that sets no other row apart was made for the example.
    const alone = left > 2 && (others === 0 || others === left) ? 0.8 : 0
    const key = truth.join('')
    const known = best.get(key)
    if (!known || known.cost > cost + alone) best.set(key, { cost: cost + alone, truth, run, words })
  }
  const width = (rows[0] as Row).length
  for (let c = 0; c < width && c < 12; c++) {
    const at = (row: Row) => row[c] ?? ''
    const texts = shown.map(at)
    const order = orderOf(rows.slice(0, 60).map(at))
    const dayOf = (text: string): number | null => {
      const date = /\d/.test(text) ? readDate(text, order, 0) : null
      return date && date.year !== null && date.day !== null
        ? Date.UTC(date.year, (date.month as number) - 1, date.day) + 1000 * (date.seconds ?? 0)
        : null
    }
    // Whether a cell is there is seldom asked for by itself.
    ask(oneSided ? 0.9 : 0.3, `{${c}} is empty`, (row) => at(row).trim() === '')
    for (const kind of tokenClasses) {
      const count = (row: Row) => spansOf(at(row), kind, 60).length >> 1
      for (const n of new Set(texts.map((text) => spansOf(text, kind, 60).length >> 1))) {
        if (n === 0) ask(0.9 + 0.3 * kind.cost, `{${c}} has no ${kind.words}`, (row) => count(row) === 0)
        else {
          ask(
            1 + 0.3 * kind.cost + 0.1 * n,
            `{${c}} has ${n} or more times a ${kind.words}`,
            (row) => count(row) >= n,
          )
          ask(
            1.2 + 0.3 * kind.cost + 0.1 * n,
            `{${c}} has exactly ${n} times a ${kind.words}`,
            (row) => count(row) === n,
          )
        }
      }
      const pattern = kind.pattern
      ask(
        1.4 + 0.3 * kind.cost,
        `{${c}} starts with a ${kind.words}`,
        (row) => spansOf(at(row), kind, 1)[0] === 0,
      )
      ask(1.5 + 0.3 * kind.cost, `{${c}} ends with a ${kind.words}`, (row) =>
        new RegExp(`(?:${pattern.source})$`, 'u').test(at(row)),
      )
    }
    const pieces = new Set(
      texts.flatMap((text) => text.slice(0, 300).match(/[^\p{L}\p{N}\s]|[\p{L}\p{M}]+|\p{Nd}+/gu) ?? []),
    )
    // `July 31 - August 3` among `July 2-4`.
    for (const text of texts)
      for (const apart of text.slice(0, 300).match(/ [^\p{L}\p{N}\s] /gu) ?? []) pieces.add(apart)
    const kinds = kindsIn(rows.map(at), pieces)
    for (const piece of [...pieces].slice(0, 60)) {
      const mark = !/[\p{L}\p{N}]/u.test(piece)
      // Of a cell that is just this number, `is` says it better.
      const word = /\p{N}/u.test(piece) ? (texts.includes(piece) ? 2.9 : 2.2) : kinds.has(piece) ? 0.7 : 1.7
      const cost = mark ? 0.8 : word
      ask(cost, `{${c}} has "${piece}"`, (row) => at(row).includes(piece))
      ask(cost + 0.5, `{${c}} starts with "${piece}"`, (row) => at(row).startsWith(piece))
      ask(cost + 0.4, `{${c}} ends with "${piece}"`, (row) => at(row).endsWith(piece))
      if (mark) ask(cost + 0.6, `{${c}} has "${piece}" twice`, (row) => at(row).split(piece).length > 2)
    }
    for (const text of new Set(texts)) ask(2.2, `{${c}} is "${text}"`, (row) => at(row) === text)
    ask(1.4, `{${c}} is a number`, (row) => /^\s*[-+]?[\d,]*\.?\d+\s*%?\s*$/.test(at(row)))
    ask(1.6, `{${c}} is all in small letters`, (row) => at(row) === at(row).toLowerCase())
    ask(1.6, `{${c}} is all in capitals`, (row) => at(row) === at(row).toUpperCase())
    const amount = (row: Row) => Number.parseFloat(at(row).replace(/[$€£,\s]/g, ''))
    // A date or a code begins with figures too, but is no amount.
    const plainly = texts.every((text) => /^[^\p{L}\d]*[\d.,\s]*[^\d]*$/u.test(text)) ? 0 : 0.8
    const values = [...new Set(shown.map(amount))].filter(Number.isFinite).sort((x, y) => x - y)
    for (let i = 0; i + 1 < values.length; i++) {
      const limit = roundBetween(values[i] as number, values[i + 1] as number)
      ask(1.6 + plainly, `{${c}} is at least ${limit}`, (row) => amount(row) >= limit)
    }
    if (values.some((value) => value <= 0)) ask(0.7, `{${c}} is below zero`, (row) => amount(row) < 0)
    if (values.some((value) => value === 0)) ask(1.3, `{${c}} is zero`, (row) => amount(row) === 0)
    if (texts.every((text) => /\d/.test(text) && readDate(text, order, 0) !== null)) {
      ask(1.6, `{${c}} is on a weekend`, (row) => {
        const day = dayOf(at(row))
        return day !== null && [0, 6].includes(new Date(day).getUTCDay())
      })
    }
    // Initials and abbreviations.
    for (const [letters, pattern] of shortWords)
      ask(1.9, `{${c}} has a word of ${letters}`, (row) => pattern.test(at(row)))
    // A telephone number with and without its area code, however it is written.
    const figures = (text: string) => text.match(/\p{Nd}/gu)?.length ?? 0
    const counts = [...new Set(texts.map(figures))].sort((x, y) => x - y)
    for (const least of counts.slice(1)) {
      if (least > 3) ask(1.5, `{${c}} has ${least} digits or more`, (row) => figures(at(row)) >= least)
    }
    const lengths = [...new Set(texts.map((text) => text.length))].sort((x, y) => x - y)
    for (let i = 0; i + 1 < lengths.length; i++) {
      const limit = lengths[i + 1] as number
      ask(2.2, `{${c}} has ${limit} characters or more`, (row) => at(row).length >= limit)
    }
    for (let d = 0; d < width && d < 12; d++) {
      if (d === c) continue
      const other = (row: Row) => row[d] ?? ''
      ask(0.8, `{${c}} has {${d}} in it`, (row) => at(row).includes(other(row)))
      ask(1.1, `{${c}} has {${d}} in it, whatever the case`, (row) =>
        at(row).toLowerCase().includes(other(row).toLowerCase()),
      )
      ask(1.2, `{${c}} starts with {${d}}`, (row) => at(row).startsWith(other(row)))
      ask(1.2, `{${c}} ends with {${d}}`, (row) => at(row).endsWith(other(row)))
      if (d < c) {
        ask(0.7, `{${c}} equals {${d}}`, (row) => at(row) === other(row))
        ask(
          1,
          `{${c}} equals {${d}}, whatever the case`,
          (row) => at(row).toLowerCase() === other(row).toLowerCase(),
        )
        ask(1.6, `{${c}} is longer than {${d}}`, (row) => at(row).length > other(row).length)
      }
      if (dayOf(texts[0] ?? '') !== null && dayOf(shown[0]?.[d] ?? '') !== null) {
        ask(
          1,
          `{${c}} is before {${d}}`,
          (row) => (dayOf(at(row)) ?? Number.NaN) < (dayOf(other(row)) ?? Number.NaN),
        )
      }
      const second = (row: Row) => Number.parseFloat(other(row).replace(/[$€£,\s]/g, ''))
      ask(1.3, `{${c}} is greater than {${d}}`, (row) => amount(row) > second(row))
    }
  }
  return [...best.values()].sort((x, y) => x.cost - y.cost)
}

const shortWords = ['one letter', 'at most 2 letters', 'at most 3 letters'].map(
  (words, i) =>
    [words, new RegExp(`(?<![\\p{L}\\p{M}])[\\p{L}\\p{M}]{1,${i + 1}}(?![\\p{L}\\p{M}])`, 'u')] as const,
)

const mostWords = 12
/** Rows below which one word or the other stands in all of them by chance. */
const fewestOfKinds = 4

/** Words of which each row has one or the other: `debit` and `credit`, `Dr` and `Cr`. They tell the rows apart by kind. */
function kindsIn(texts: readonly string[], pieces: ReadonlySet<string>): Set<string> {
  const kinds = new Set<string>()
  if (texts.length < fewestOfKinds) return kinds
  const words = [...pieces].filter((piece) => /^[\p{L}\p{M}]+$/u.test(piece)).slice(0, mostWords)
  const has = words.map((word) => texts.map((text) => text.includes(word)))
  for (let a = 0; a < words.length; a++) {
    for (let b = 0; b < a; b++) {
      const apart = texts.every((_, i) => has[a]?.[i] !== has[b]?.[i])
      if (apart) kinds.add(words[a] as string).add(words[b] as string)
    }
  }
  return kinds
}

/** The roundest number between two, the upper one included. */
function roundBetween(low: number, high: number): number {
  for (let power = 1e9; power >= 1e-6; power /= 10) {
    const candidate = Math.ceil((low + power * 1e-9) / power) * power
    if (candidate > low && candidate <= high) return Number(candidate.toPrecision(12))
  }
  return high
}
