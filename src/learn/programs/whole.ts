import { costs } from './costs.ts'
import { plain } from './letters.ts'
import { literally } from './tokens.ts'
import type { Atom, Row, Sample } from './types.ts'

export type Offer = (atom: Atom | null) => void

/** Builds an atom from a function of a row, evaluated on all sample rows; null where it is no part of the outputs. */
export function atomOf(
  sample: Sample,
  cost: number,
  words: string,
  run: (row: Row) => string | null,
  formula: string | null = null,
): Atom | null {
  for (const [k, out] of sample.outs.entries()) {
    const value = run(sample.rows[k] as Row)
    if (value === null || !out.includes(value)) return null
  }
  return { cost: cost + costs.whole, words, run, formula, values: sample.rows.map(run) }
}

/** Texts made from a whole cell: cleaned, stripped of a sort of character, one mark for another, initials. */
export function wholeCells(column: number, sample: Sample, offer: Offer): void {
  const cell = `{${column}}`
  const at = (row: Row) => row[column] ?? ''
  const made = (
    cost: number,
    words: string,
    change: (text: string) => string | null,
    formula: string | null = null,
  ) => offer(atomOf(sample, cost, words, (row) => change(at(row)), formula))
  const first = at(sample.rows[0] as Row)
  const out = sample.outs[0] as string
  if (first.length > 5000) return
  made(1.2, `${cell} without spaces around it`, (text) => text.trim())
  if (/[^\x00-\x7f]/.test(first)) made(2.2, `${cell} in plain characters`, plainCharacters)
  made(1.6, `${cell} with single spaces`, (text) => text.trim().replace(/\s+/g, ' '), `TRIM(${cell})`)
  const strips: [number, string, RegExp][] = [
    [2.4, 'only the digits of', /\P{Nd}/gu],
    [2.2, 'only the letters of', /[^\p{L}\p{M}]/gu],
    [2.2, 'only the letters and digits of', /[^\p{L}\p{M}\p{N}]/gu],
    [2.4, 'only the letters, digits and spaces of', /[^\p{L}\p{M}\p{N}\s]/gu],
    [2.4, 'only the capitals of', /\P{Lu}/gu],
    [2.6, 'only the small letters of', /\P{Ll}/gu],
    [2.4, 'all but the digits of', /\p{Nd}/gu],
    [2.8, 'all but the letters of', /[\p{L}\p{M}]/gu],
    [1.8, 'all but the spaces of', /\s/gu],
    [2.6, 'only the digits and marks of', /[\p{L}\p{M}\s]/gu],
    [2.6, 'only the digits and points of', /[^\p{Nd}.]/gu],
  ]
  for (const [what, pattern] of asides) {
    if (first.search(pattern) < 0) continue
    strips.push([2, `without what stands in ${what},`, pattern])
    made(2.2, `without what stands in ${what}, ${cell} with single spaces`, (text) =>
      text.replace(pattern, ' ').trim().replace(/\s+/g, ' '),
    )
  }
  for (const [base, name, digits] of bases) {
    const read = (text: string) => {
      const found = digits.exec(text.trim())?.[1]
      return found === undefined ? null : String(Number.parseInt(found, base))
    }
    if (digits.test(first.trim())) made(3, `${cell} read as a ${name} number`, read)
    const write = (text: string) => (/^\s*\d{1,15}\s*$/.test(text) ? Number(text).toString(base) : null)
    made(3.2, `${cell} as a ${name} number`, write)
    if (base > 10)
      made(3.2, `${cell} as a ${name} number in capitals`, (text) => write(text)?.toUpperCase() ?? null)
  }
  if (out.includes('%')) made(2.4, `${cell} as part of a web address`, percentEncoded)
  if (first.includes('%')) made(2.4, `${cell} as read from a web address`, percentDecoded)
  const cases: [number, string, (text: string) => string][] = [
    [0, '', (text) => text],
    [1, ', in capitals', (text) => text.toUpperCase()],
    [1, ', in small letters', (text) => text.toLowerCase()],
  ]
  // A minus that joins nothing is a sign; who takes the digits of such numbers only changes them.
  const signed = sample.rows.some((row) => /(?<![\p{L}\p{N})\]])-\d/u.test(at(row)))
  for (const [cost, words, pattern] of strips) {
    // What was cut off around is hardly to be cut out of the middle: of `<os>` and `<sys.h>` nobody wants `sysh`.
    const whole = (row: Row) => at(row).includes(at(row).replace(pattern, ''))
    const around = sample.outs.every((_, k) => whole(sample.rows[k] as Row))
    const inner = around ? (0.8 * sample.rows.filter((row) => !whole(row)).length) / sample.rows.length : 0
    for (const [more, how, change] of cases) {
      if (more && !/\p{L}/u.test(first)) continue
      const dear = signed && words.startsWith('only') ? 1.5 : 0
      made(cost + more + dear + inner, `${words} ${cell}${how}`, (text) => change(text.replace(pattern, '')))
    }
  }
  // One or two marks taken out or replaced everywhere.
  const marks = [...new Set(first.match(/[^\p{L}\p{N}]/gu) ?? [])].slice(0, 10)
  const fresh = ['', ...new Set(out.match(/[^\p{L}\p{N}]/gu) ?? [])].slice(0, 7)
  const replacing = (from: RegExp, to: string) => (text: string) => text.replace(from, () => to)
  for (const mark of marks) {
    for (const to of fresh) {
      if (to === mark) continue
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
      const words = to === '' ? `${cell} without "${mark}"` : `${cell} with "${to}" for "${mark}"`
      const formula = `SUBSTITUTE(${cell},${quoted(mark)},${quoted(to)})`
      for (const [more, how, change] of cases) {
        if (more && !/\p{L}/u.test(first)) continue
        const change2 = replacing(new RegExp(literally(mark), 'gu'), to)
        made(2 + more, `${words}${how}`, (text) => change(change2(text)), more ? null : formula)
      }
      if (mark !== ' ') {
        const wide = new RegExp(`\\s*${literally(mark)}\\s*`, 'gu')
        made(2.5, `${words} and no spaces around`, replacing(wide, to))
      }
      for (const [times, pattern] of [
        ['first', literally(mark)],
        ['last', `${literally(mark)}(?!.*${literally(mark)})`],
      ] as const) {
        made(3, `${words} (the ${times} one)`, replacing(new RegExp(pattern, 'u'), to))
      }
    }
    for (const other of marks) {
      if (other <= mark) continue
      const both = new RegExp(`${literally(mark)}|${literally(other)}`, 'gu')
      for (const to of fresh) {
        if (to === mark || to === other) continue
        made(2.9, `${cell} with "${to}" for "${mark}" and "${other}"`, replacing(both, to))
      }
    }
  }
  made(2.6, `${cell} without the company's legal form`, withoutLegalForm)
  swappedWords(column, sample, offer)
  exchanged(column, sample, offer)
  if (/:\/\/|^www\./i.test(first)) {
    made(1.6, `the host of ${cell}`, hostOf)
    made(2, `the host of ${cell} without "www."`, (text) => hostOf(text)?.replace(/^www\./i, '') ?? null)
  }
  initials(column, sample, offer)
  counts(column, sample, offer)
  made(4, `${cell} backwards`, (text) => [...text].reverse().join(''))
  if (/\p{L}/u.test(first)) {
    for (const odd of [0, 1]) {
      made(4.5, `the letters of ${cell} in alternating case`, (text) =>
        [...text.replace(/[^\p{L}]/gu, '')]
          .map((l, i) => (i % 2 === odd ? l.toUpperCase() : l.toLowerCase()))
          .join(''),
      )
    }
    made(3.5, `${cell} without accents`, plain)
    made(4, `${cell} without accents, in small letters`, (text) => plain(text).toLowerCase())
  }
  if (out.length > 1) {
    for (const mark of new Set(out.match(/[^\p{L}\p{N}]/gu) ?? [])) {
      made(4.2, `the characters of ${cell} with "${mark}" between`, (text) => [...text].join(mark))
    }
  }
}

const bases: readonly (readonly [number, string, RegExp])[] = [
  [16, 'hexadecimal', /^(?:0x)?([\da-f]{1,12})$/i],
  [2, 'binary', /^(?:0b)?([01]{1,40})$/],
]

/** What people put in and leave out again; tags as in HTML. */
const asides: readonly (readonly [string, RegExp])[] = [
  ['round brackets', /(?<!\s)\s*\([^()]*\)/gu],
  ['square brackets', /(?<!\s)\s*\[[^[\]]*\]/gu],
  ['tags', /<[^<>]*>/gu],
]

/** RFC 3986, section 2.1: all but the unreserved characters. */
const percentEncoded = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Wide letters as narrow ones, digits of other scripts as 0 to 9. */
const plainCharacters = (text: string) =>
  text.normalize('NFKC').replace(/\p{Nd}/gu, (digit) => {
    // The digits of a script stand in a row from its zero (Unicode, chapter 4.6).
    let zero = digit.codePointAt(0) as number
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && (digit.codePointAt(0) as number) - zero < 9)
      zero--
    return String((digit.codePointAt(0) as number) - zero)
  })

/** What stands behind a company's name for the form that it has in law, in the countries where it is most met. */
const legalForm =
  /(?:[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|lp|plc|gmbh(?:\s*&\s*co\.?\s*kg)?|ag|kg|ohg|se|e\.?k|ug|sa|s\.a|sas|sarl|srl|s\.r\.l|spa|s\.p\.a|bv|b\.v|nv|n\.v|ab|as|a\/s|aps|oy|oyj|pty|sl|s\.l|sp\.\s*z\s*o\.\s*o|kk)\.?)+$/iu
const withoutLegalForm = (text: string) => text.trim().replace(legalForm, '')

/** RFC 3986, section 3.2, without the port; with or without a scheme before it. */
const hostOf = (text: string) =>
  /^\s*(?:[a-z][a-z\d+.-]*:)?(?:\/\/)?(?:[^\s/?#@]*@)?([^\s/?#@:]+\.[^\s/?#@:]+)/i.exec(text)?.[1] ?? null

/** Both sides of a mark or space, the second one first: `Anna Berg` as `Berg, Anna`. */
function exchanged(column: number, sample: Sample, offer: Offer): void {
  const text = sample.rows[0]?.[column] ?? ''
  const out = sample.outs[0] as string
  if (text.length > 200) return
  const texts = sample.rows.map((row) => row[column] ?? '')
  const marks = new Set(text.match(/\s*[^\p{L}\p{N}\s]\s*|\s+/gu) ?? [])
  for (const mark of [...marks].slice(0, 8)) {
    const often = texts.some((each) => each.indexOf(mark) < each.lastIndexOf(mark))
    for (const last of often ? [false, true] : [false]) {
      const sides = (cell: string): [string, string] | null => {
        const at = last ? cell.lastIndexOf(mark) : cell.indexOf(mark)
        return at < 0 ? null : [cell.slice(0, at), cell.slice(at + mark.length)]
      }
      const [before = '', after = ''] = sides(text) ?? []
      const start = after && before ? out.indexOf(after) : -1
      const again = start < 0 ? -1 : out.indexOf(before, start + after.length)
      if (again < 0) continue
      const between = out.slice(start + after.length, again)
      if (between.length > 3 || /[\p{L}\p{N}]/u.test(between)) continue
      const words = `the part of {${column}} after the ${last ? 'last' : 'first'} "${mark}", then "${between}", then the part before it`
      offer(
        atomOf(sample, 4 + (last ? 0.5 : 0), words, (row) => {
          const both = sides(row[column] ?? '')
          return both && both[1] + between + both[0]
        }),
      )
    }
  }
}

/** A word of the input that the example changed into another, everywhere: `.com` to `.org`. */
function swappedWords(column: number, sample: Sample, offer: Offer): void {
  const text = sample.rows[0]?.[column] ?? ''
  const out = sample.outs[0] as string
  if (text === '' || text === out || text.length > 400) return
  let head = 0
  while (head < text.length && head < out.length && text[head] === out[head]) head++
  let tail = 0
  while (tail < text.length - head && tail < out.length - head && text.at(-1 - tail) === out.at(-1 - tail))
    tail++
  const wordAt = (whole: string, from: number, to: number): string => {
    let s = from
    let e = to
    while (s > 0 && /[\p{L}\p{N}]/u.test(whole[s - 1] as string)) s--
    while (e < whole.length && /[\p{L}\p{N}]/u.test(whole[e] as string)) e++
    return whole.slice(s, e)
  }
  for (const [old, fresh] of [
    [text.slice(head, text.length - tail), out.slice(head, out.length - tail)],
    [wordAt(text, head, text.length - tail), wordAt(out, head, out.length - tail)],
  ] as const) {
    if (old === '' || old.length > 30 || old === text) continue
    const support = sample.outs.length > 1 ? 0.5 : 1
    const weigh = (part: string) =>
      0.3 * Math.min(14, part.length) + 0.6 * (part.match(/\p{N}/gu)?.length ?? 0)
    const missed = sample.rows.filter((row) => !(row[column] ?? '').includes(old)).length / sample.rows.length
    // What stands in another column was hardly typed.
    const read = (sample.rows[0] as Row).some(
      (cell, c) => c !== column && cell.length > 1 && fresh.includes(cell) && !text.includes(cell),
    )
    const cost =
      3.4 +
      support * (weigh(old) + weigh(fresh)) +
      5 * missed +
      (tornWord(text, old) ? 1 : 0) +
      (read ? costs.constantRead : 0)
    const words = fresh === '' ? `{${column}} without "${old}"` : `{${column}} with "${fresh}" for "${old}"`
    const quoted = (each: string) => `"${each.replaceAll('"', '""')}"`
    offer(
      atomOf(
        sample,
        cost,
        words,
        (row) => {
          const text = row[column] ?? ''
          // `https` is not made of `http` twice.
          return fresh.includes(old) && text.includes(fresh) ? text : text.replaceAll(old, () => fresh)
        },
        fresh.includes(old) ? null : `SUBSTITUTE({${column}},${quoted(old)},${quoted(fresh)})`,
      ),
    )
    offer(
      atomOf(sample, cost + 0.3, `${words}, the first time`, (row) =>
        (row[column] ?? '').replace(old, () => fresh),
      ),
    )
  }
}

const tornWord = (text: string, part: string) => {
  const at = text.indexOf(part)
  const word = /^[\p{L}\p{N}]{2}$/u
  return (
    word.test(text.slice(Math.max(0, at - 1), at + 1)) ||
    word.test(text.slice(at + part.length - 1, at + part.length + 1))
  )
}

/** First letters of each word, with what the example puts after and between them. */
function initials(column: number, sample: Sample, offer: Offer): void {
  const splits: [string, RegExp, number][] = [
    ['word', /[\p{L}\p{N}\p{M}]+/gu, 0],
    ['capitalised word', /\p{Lu}[\p{Ll}\p{M}]*/gu, 0.4],
    ['word between spaces', /\S+/gu, 0.3],
    ['part in small letters', /\p{Ll}+/gu, 0.8],
  ]
  for (const [name, pattern, usual] of splits) {
    // Nobody takes the first figure of a year for an initial.
    const numbers = (sample.rows[0]?.[column] ?? '').match(pattern)?.some((word) => /^\p{N}{2}/u.test(word))
    const more = usual + (numbers ? 1.5 : 0)
    for (const [after, between] of [
      ['', ''],
      ['.', ''],
      ['.', ' '],
      ['', ' '],
      ['', '-'],
      ['', '.'],
    ] as const) {
      for (const [how, change, dear] of [
        ['', (text: string) => text, 0],
        [', in capitals', (text: string) => text.toUpperCase(), 0.3],
        [', in small letters', (text: string) => text.toLowerCase(), 0.6],
      ] as const) {
        const join = between + after ? ` with "${after}${between}"` : ''
        for (const [which, from, to] of [
          ['all but the last', 0, -1],
          ['all but the first', 1, undefined],
        ] as const) {
          // Of one letter nobody can tell that it is all but the last.
          const shown = (sample.rows[0]?.[column] ?? '').match(pattern)?.slice(from, to) ?? []
          if (name !== 'word' || shown.length < 2) continue
          offer(
            atomOf(
              sample,
              3.2 + more + dear + (between + after ? 0.3 : 0),
              `the first letters of ${which} ${name} of {${column}}${join}${how}`,
              (row) => {
                const words = (row[column] ?? '').match(pattern)?.slice(from, to)
                if (!words?.length) return null
                return words
                  .map((word) => change(String.fromCodePoint(word.codePointAt(0) as number)) + after)
                  .join(between)
              },
            ),
          )
        }
        offer(
          atomOf(
            sample,
            2.4 + more + dear + (between + after ? 0.3 : 0),
            `the first letter of each ${name} of {${column}}${join}${how}`,
            (row) => {
              const words = (row[column] ?? '').match(pattern)
              if (!words) return null
              return words
                .map((word) => change(String.fromCodePoint(word.codePointAt(0) as number)) + after)
                .join(between)
            },
          ),
        )
      }
    }
  }
}

function counts(column: number, sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  if (!/^\d{1,5}$/.test(out)) return
  const cell = `{${column}}`
  const first = sample.rows[0]?.[column] ?? ''
  // Of a number, people ask other things than how long it is.
  const dear = /^\s*[-+$€£]?[\d.,]+\s*%?\s*$/.test(first) ? 1.5 : 0
  const made = (cost: number, words: string, pattern: RegExp, more = 0) =>
    offer(
      atomOf(sample, cost + dear, words, (row) =>
        String(((row[column] ?? '').match(pattern)?.length ?? 0) + more),
      ),
    )
  offer(
    atomOf(
      sample,
      3 + dear,
      `the number of characters of ${cell}`,
      (row) => String([...(row[column] ?? '')].length),
      `LEN(${cell})`,
    ),
  )
  made(3, `the number of words of ${cell}`, /\S+/gu)
  made(3.6, `the number of digits of ${cell}`, /\p{Nd}/gu)
  made(3.6, `the number of numbers in ${cell}`, /\p{Nd}+/gu)
  made(3.6, `the number of letters of ${cell}`, /\p{L}/gu)
  made(3.6, `the number of capitals of ${cell}`, /\p{Lu}/gu)
  made(3.8, `the number of lines of ${cell}`, /[^\r\n]+/gu)
  const seen = new Set(
    sample.rows.flatMap((row) => (row[column] ?? '').slice(0, 200).match(/[^\p{L}\p{N}]/gu) ?? []),
  )
  for (const mark of [...seen].slice(0, 20)) {
    const pattern = new RegExp(literally(mark), 'gu')
    made(3.4, `how often "${mark}" stands in ${cell}`, pattern)
    made(3.7, `how many parts "${mark}" makes of ${cell}`, pattern, 1)
  }
  for (const letter of new Set(first.slice(0, 60).match(/\p{L}/gu) ?? [])) {
    made(5, `how often "${letter}" stands in ${cell}`, new RegExp(letter, 'gu'))
  }
  const groups = new Set(first.match(/[^\p{L}\p{N}\s]\p{L}/gu) ?? [])
  for (const group of [...groups].slice(0, 5)) {
    const pattern = new RegExp(literally(group), 'gu')
    made(4.2, `how often "${group}" stands in ${cell}`, pattern)
    made(4.4, `how many parts "${group}" makes of ${cell}`, pattern, 1)
  }
}

/** What two columns give together: one without the other, one for the other, counts, the n-th part, arithmetic. */
export function columnPairs(a: number, b: number, sample: Sample, offer: Offer): void {
  const A = `{${a}}`
  const B = `{${b}}`
  const made = (
    cost: number,
    words: string,
    make: (x: string, y: string) => string | null,
    formula: string | null = null,
  ) => offer(atomOf(sample, cost, words, (row) => make(row[a] ?? '', row[b] ?? ''), formula))
  made(
    2.2,
    `${A} without ${B}`,
    (x, y) => (y === '' || x.includes(y) ? x.replaceAll(y || '\u0000', '') : null),
    `SUBSTITUTE(${A},${B},"")`,
  )
  made(2.1, `${A} without ${B} at its end`, (x, y) =>
    x.endsWith(y) ? x.slice(0, x.length - y.length) : null,
  )
  made(2.1, `${A} without ${B} at its start`, (x, y) => (x.startsWith(y) ? x.slice(y.length) : null))
  made(2.4, `${A} without ${B}, trimmed`, (x, y) =>
    (y === '' ? x : x.replaceAll(y, '')).trim().replace(/\s+/g, ' '),
  )
  made(2.3, `the part of ${A} before ${B}`, (x, y) => (y && x.includes(y) ? x.slice(0, x.indexOf(y)) : null))
  made(2.3, `the part of ${A} after ${B}`, (x, y) =>
    y && x.includes(y) ? x.slice(x.indexOf(y) + y.length) : null,
  )
  if (a < b) {
    made(3.2, `the longer of ${A} and ${B}`, (x, y) => (x.length >= y.length ? x : y))
    made(3.2, `the shorter of ${A} and ${B}`, (x, y) => (x.length <= y.length ? x : y))
    made(3, `${A}, or ${B} where it is empty`, (x, y) => x || y)
    made(3.1, `${B}, or ${A} where it is empty`, (x, y) => y || x)
  }
  made(3.4, `how often ${B} stands in ${A}`, (x, y) => (y ? String(x.split(y).length - 1) : null))
  const whole = (text: string) => (/^\d{1,4}$/.test(text.trim()) ? Number(text) : null)
  const nth = (
    words: string,
    cost: number,
    make: (x: string, n: number) => string | null | undefined,
    f: string | null = null,
  ) =>
    made(
      cost,
      words,
      (x, y) => {
        const n = whole(y)
        return n === null ? null : (make(x, n) ?? null)
      },
      f,
    )
  nth(`word number ${B} of ${A}`, 2.4, (x, n) => x.match(/\S+/gu)?.[n - 1])
  nth(`the first ${B} characters of ${A}`, 2.4, (x, n) => x.slice(0, n), `LEFT(${A},${B})`)
  nth(`the last ${B} characters of ${A}`, 2.4, (x, n) => (n ? x.slice(-n) : ''), `RIGHT(${A},${B})`)
  nth(`${A} without its first ${B} characters`, 2.4, (x, n) => x.slice(n), `MID(${A},${B}+1,LEN(${A}))`)
  nth(`${A} without its last ${B} characters`, 2.4, (x, n) => x.slice(0, Math.max(0, x.length - n)))
  nth(`the first ${B} characters of ${A}, less one`, 2.8, (x, n) => x.slice(0, Math.max(0, n - 1)))
  nth(`${A} from character ${B} on`, 2.6, (x, n) => x.slice(Math.max(0, n - 1)), `MID(${A},${B},LEN(${A}))`)
  nth(`character ${B} of ${A}`, 2.6, (x, n) => x[n - 1])
  nth(`${A} padded with spaces to ${B}`, 2.6, (x, n) => x.padStart(n))
  nth(`${A} padded with spaces behind to ${B}`, 2.8, (x, n) => x.padEnd(n))
  nth(`${A} padded with zeros to ${B}`, 2.6, (x, n) => x.padStart(n, '0'))
  nth(`${A} ${B} times`, 3, (x, n) => (n <= 100 ? x.repeat(n) : null), `REPT(${A},${B})`)
  const first = sample.rows[0]?.[a] ?? ''
  for (const mark of [...new Set(first.match(/[^\p{L}\p{N}\s]/gu) ?? [])].slice(0, 6)) {
    nth(`part number ${B} of ${A}, cut at "${mark}"`, 2.5, (x, n) => x.split(mark)[n - 1]?.trim())
    nth(`part number ${B} from the end of ${A}, cut at "${mark}"`, 2.7, (x, n) =>
      x.split(mark).at(-n)?.trim(),
    )
  }
  if (sample.rows.some((row) => row.length > 2)) {
    for (let c = 0; c < (sample.rows[0] as Row).length; c++) {
      if (c === a || c === b) continue
      offer(
        atomOf(
          sample,
          2.8,
          `${A} with {${c}} for ${B}`,
          (row) => {
            const y = row[b] ?? ''
            return y ? (row[a] ?? '').replaceAll(y, () => row[c] ?? '') : null
          },
          `SUBSTITUTE(${A},${B},{${c}})`,
        ),
      )
      offer(
        atomOf(sample, 3, `characters {${b}} to {${c}} of ${A}`, (row) => {
          const from = whole(row[b] ?? '')
          const to = whole(row[c] ?? '')
          return from === null || to === null ? null : (row[a] ?? '').slice(Math.max(0, from - 1), to)
        }),
      )
      offer(
        atomOf(sample, 3, `{${c}} characters of ${A} from {${b}} on`, (row) => {
          const from = whole(row[b] ?? '')
          const count = whole(row[c] ?? '')
          return from === null || count === null ? null : (row[a] ?? '').substr(Math.max(0, from - 1), count)
        }),
      )
    }
  }
  // A placeholder in the first column, like <NAME>, to be replaced with the second.
  for (const hole of [...new Set(first.match(/<[^<>]+>|\{[^{}]+\}|\[[^[\]]+\]/gu) ?? [])].slice(0, 4)) {
    made(2.4, `${A} with ${B} for "${hole}"`, (x, y) => x.replaceAll(hole, () => y))
  }
}

/** All cells with something in them, joined. */
export function joinedColumns(sample: Sample, offer: Offer): void {
  const width = (sample.rows[0] as Row).length
  if (width < 2) return
  const out = sample.outs[0] as string
  const marks = new Set(['', ' ', ', ', ...(out.match(/[^\p{L}\p{N}]{1,3}/gu) ?? [])])
  for (const mark of [...marks].slice(0, 10)) {
    offer(
      atomOf(
        sample,
        mark === '' ? 3.2 : 2.2,
        `all columns that are not empty, joined with "${mark}"`,
        (row) =>
          row
            .map((each) => each.trim())
            .filter((each) => each !== '')
            .join(mark),
      ),
    )
  }
}
