import { capital, isAscii, plain } from './letters.ts'
import { literally } from './tokens.ts'
import type { Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

const splits: readonly [string, number, RegExp][] = [
  ['words', 0, /[\p{L}\p{N}\p{M}]+/gu],
  ['words between spaces', 0.2, /\S+/gu],
  ['numbers', 0.9, /\d+(?:\.\d+)?/gu],
  // `homePhoneNumber`, `HTTPServer2`: a hump begins with a capital; a run of capitals is one.
  ['parts', 0.5, /\p{Lu}+(?![\p{Ll}\p{M}])|\p{Lu}?[\p{Ll}\p{M}]+|\p{N}+|\p{Lo}+/gu],
]

type Cased = readonly [how: string, cost: number, change: (word: string, at: number) => string]
const cases: readonly Cased[] = [
  ['', 0, (word) => word],
  [', in small letters', 0.4, (word) => word.toLowerCase()],
  [', in capitals', 0.4, (word) => word.toUpperCase()],
  [', each with a capital', 0.4, capital],
  [', all but the first with a capital', 0.7, (word, at) => (at === 0 ? word.toLowerCase() : capital(word))],
  [', the first with a capital', 0.7, (word, at) => (at === 0 ? capital(word) : word.toLowerCase())],
]
const accentCases: readonly Cased[] = [
  [', without accents', 0.6, plain],
  [', in small letters without accents', 0.9, (word) => plain(word).toLowerCase()],
]

const ranges: readonly [string, number, (words: string[]) => string[]][] = [
  ['all', 0, (words) => words],
  ['all but the first of', 0.5, (words) => words.slice(1)],
  ['all but the last of', 0.5, (words) => words.slice(0, -1)],
  ...[2, 3, 4].flatMap((n): [string, number, (words: string[]) => string[]][] => [
    [`the first ${n} of`, 2.2, (words) => words.slice(0, n)],
    [`the last ${n} of`, 2.2, (words) => words.slice(-n)],
  ]),
  ['backwards,', 0.9, (words) => words.toReversed()],
  ['the last, then the other', 0.9, (words) => [...words.slice(-1), ...words.slice(0, -1)]],
  ['the first behind the other', 0.9, (words) => [...words.slice(1), ...words.slice(0, 1)]],
]

/** The parts of a list, `red, green` or `orders.unit_price`, by the mark between the first two. */
function between(text: string): typeof splits {
  const mark = /[\p{L}\p{N}\p{M}]\s*([^\p{L}\p{N}\p{M}\s'’])\s*[\p{L}\p{N}\p{M}]/u.exec(text)?.[1]
  if (mark === undefined) return []
  const other = `[^${literally(mark)}`
  return [[`parts between "${mark}"`, -0.1, new RegExp(`${other}\\s](?:${other}]*${other}\\s])?`, 'gu')]]
}

/** `thanks @anna and @bob!`: the words that a mark names, without it. */
function marked(text: string): typeof splits {
  const mark = /(?<![\p{L}\p{N}])([#@])[\p{L}\p{N}_]/u.exec(text)?.[1]
  if (mark === undefined) return []
  return [[`words behind "${mark}"`, 0, new RegExp(`(?<=(?<![\\p{L}\\p{N}])${mark})[\\p{L}\\p{N}_]+`, 'gu')]]
}

/** The words of a cell put together again: another case, another mark between, another order (`date_of_birth`). */
export function rejoinedWords(column: number, sample: Sample, offer: Offer): void {
  const text = sample.rows[0]?.[column] ?? ''
  const out = sample.outs[0] as string
  if (text.length > 200 || !/\p{L}/u.test(text)) return
  const ascii = sample.outs.every((_, k) => isAscii(sample.rows[k]?.[column] ?? ''))
  const changes = ascii ? cases : [...cases, ...accentCases]
  const marks = new Set(['', ' ', ...(out.match(/[^\p{L}\p{N}\p{M}]{1,2}/gu) ?? [])])
  // `'red', 'green'`: what closes one word and opens the next.
  for (const run of out.match(/(?<=[\p{L}\p{N}\p{M}])[^\p{L}\p{N}\p{M}]{3,6}(?=[\p{L}\p{N}\p{M}])/gu) ?? [])
    marks.add(run)
  for (const [name, split, pattern] of [...splits, ...between(text), ...marked(text)]) {
    const words = text.match(pattern)
    if (!words || words.length < 2) continue
    for (const [range, part, take] of ranges) {
      const taken = take(words)
      if (taken.length < 2) continue
      for (const mark of [...marks].slice(0, 9)) {
        for (const [how, cased, change] of changes) {
          if (!out.includes(taken.map(change).join(mark))) continue
          const joined = mark === '' ? 'joined' : `joined with "${mark}"`
          offer(
            atomOf(
              sample,
              2.3 + split + part + cased,
              `${range} the ${name} of {${column}} ${joined}${how}`,
              (row) => {
                const found = (row[column] ?? '').match(pattern)
                return found ? take(found).map(change).join(mark) : null
              },
            ),
          )
        }
      }
    }
  }
}
