import {
  absolute,
  type Decimal,
  localized,
  type Mark,
  parseDecimal,
  product,
  quotient,
  shifted,
  sum,
  trimmed,
} from './decimals.ts'
import type { Row, Sample } from './types.ts'

/** A source is read from a text, or (`whole`) worked out. */
export type Add = (
  cost: number,
  words: string,
  formula: string | null,
  read: (row: Row) => string | null,
  whole?: (row: Row) => Decimal | null,
) => void

export const nothing = () => null

const less = (x: Decimal, y: Decimal) => sum(x, y, -1n).units < 0n

/** `10-20` are ten and twenty, `-3, 5` less than nothing and five. */
const listed = /(?:(?<=^|[\s,;:(])-)?\d+(?:\.\d+)?/gu
/** Letters of a cell beyond which it is a text with numbers in it rather than a list of them. */
const longestList = 60

/** What the numbers in one cell make together: `120x80x60`, `10-20`, `3:1`; and of larger and smaller units, `5'11"`. */
export function togetherIn(c: number, at: (row: Row) => string, sample: Sample, add: Add): void {
  const numbersIn = (row: Row): Decimal[] => {
    const found = at(row).length > longestList ? null : at(row).match(listed)
    return (found ?? []).flatMap((text) => parseDecimal(text) ?? [])
  }
  const span = (row: Row) => {
    const found = /(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)/u.exec(at(row))
    const [low, high] = found ? [parseDecimal(found[1] as string), parseDecimal(found[2] as string)] : []
    return low && high ? sum(high, low, -1n) : null
  }
  add(1.8, `the length of the range in {${c}}`, null, nothing, span)
  add(2.2, `the length of the range in {${c}}, both ends counted`, null, nothing, (row) => {
    const length = span(row)
    return length && sum(length, { units: 1n, scale: 0 }, 1n)
  })
  const counts = sample.outs.map((_, k) => numbersIn(sample.rows[k] as Row).length)
  if (counts.some((count) => count < 2 || count > 6)) return
  const same = counts.every((count) => count === counts[0]) ? counts[0] : 0
  const all = (cost: number, words: string, make: (values: Decimal[]) => Decimal | null) =>
    add(cost, `${words} in {${c}}`, null, nothing, (row) => {
      const values = numbersIn(row)
      return values.length === 0 || (same && values.length !== same) ? null : make(values)
    })
  all(1.5, 'the sum of the numbers', total)
  all(1.6, 'the product of the numbers', (values) => values.reduce(product))
  all(1.7, 'the mean of the numbers', meanOf)
  all(1.9, 'the largest of the numbers', largest)
  all(1.9, 'the smallest of the numbers', smallest)
  if (same === 3) {
    const parts = (values: Decimal[]) => {
      const [degrees, minutes, seconds] = values as [Decimal, Decimal, Decimal]
      const all = sum(product(sum(product(degrees, sixty), minutes, 1n), sixty), seconds, 1n)
      return quotient(all, product(sixty, sixty))
    }
    all(2.1, 'the degrees, minutes and seconds as degrees', parts)
  }
  if (same !== 2) return
  all(1.7, 'number 2 less number 1', ([x, y]) => sum(y as Decimal, x as Decimal, -1n))
  all(1.7, 'number 1 less number 2', ([x, y]) => sum(x as Decimal, y as Decimal, -1n))
  all(1.8, 'number 1 divided by number 2', ([x, y]) => quotient(x as Decimal, y as Decimal))
  all(1.9, 'number 2 divided by number 1', ([x, y]) => quotient(y as Decimal, x as Decimal))
  for (const ratio of [7n, 12n, 14n, 16n, 24n, 60n, 100n])
    all(2.1, `${ratio} times number 1 plus number 2`, ([x, y]) =>
      sum(product(x as Decimal, { units: ratio, scale: 0 }), y as Decimal, 1n),
    )
}

const sixty: Decimal = { units: 60n, scale: 0 }

const total = (values: Decimal[]) => values.reduce((x, y) => sum(x, y, 1n))
const meanOf = (values: Decimal[]) => quotient(total(values), { units: BigInt(values.length), scale: 0 })
const largest = (values: Decimal[]) => values.reduce((x, y) => (less(x, y) ? y : x))
const smallest = (values: Decimal[]) => values.reduce((x, y) => (less(x, y) ? x : y))

/** A cell that is a number, and one in which only one number stands: `1,450 sqft`, `Ibuprofen 200 mg`. */
const numberOf = (text: string) => parseDecimal(text.replace(/^\s*[$€£]\s*|\s*[%€£$]\s*$/g, ''))
function onlyNumberIn(text: string): Decimal | null {
  const found = text.length > longestList ? null : text.match(/\d+(?:,\d{3})*(?:\.\d+)?/gu)
  return found?.length === 1 ? parseDecimal(found[0]) : null
}

const percent = /%\s*$/

/** What two columns, or all of them, make together. */
export function arithmetic(first: Row, marks: readonly Mark[], add: Add): void {
  const width = first.length
  const at = (row: Row, c: number) => localized(row[c] ?? '', marks[c] as Mark)
  const amongWords = first.map((_, c) => numberOf(at(first, c)) === null)
  const number = (row: Row, c: number) => {
    const text = at(row, c)
    return numberOf(text) ?? (amongWords[c] ? onlyNumberIn(text) : null)
  }
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      if (a === b) continue
      const [A, B] = [`{${a}}`, `{${b}}`]
      const dear = (amongWords[a] ? 0.4 : 0) + (amongWords[b] ? 0.4 : 0)
      const two = (
        cost: number,
        words: string,
        formula: string | null,
        make: (x: Decimal, y: Decimal) => Decimal | null,
      ) =>
        add(cost + dear, words, formula, nothing, (row) => {
          const x = number(row, a)
          const y = number(row, b)
          return x && y ? make(x, y) : null
        })
      // Parts of a hundred are no amount.
      const parts = [a, b].filter((c) => percent.test(first[c] ?? '')).length
      const unlike = parts === 1 ? 1 : 0
      two(1.4 + unlike, `${A} - ${B}`, `(${A}-${B})`, (x, y) => sum(x, y, -1n))
      if (a < b)
        two(2, `the difference of ${A} and ${B}`, `ABS(${A}-${B})`, (x, y) => absolute(sum(x, y, -1n)))
      two(1.6, `${A} / ${B}`, `(${A}/${B})`, quotient)
      two(2.2, `${A} / ${B}²`, `(${A}/${B}^2)`, (x, y) => quotient(x, product(y, y)))
      two(2, `(${A} - ${B}) / ${B}`, `((${A}-${B})/${B})`, (x, y) => quotient(sum(x, y, -1n), y))
      two(2.1, `(${A} - ${B}) / ${A}`, `((${A}-${B})/${A})`, (x, y) => quotient(sum(x, y, -1n), x))
      two(1.9, `${A} × (1 + ${B} %)`, `(${A}*(1+${B}/100))`, (x, y) =>
        product(x, sum({ units: 1n, scale: 0 }, shifted(y, -2), 1n)),
      )
      two(1.8, `${A} × (1 - ${B} %)`, `(${A}*(1-${B}/100))`, (x, y) =>
        product(x, sum({ units: 1n, scale: 0 }, shifted(y, -2), -1n)),
      )
      if (percent.test(first[b] ?? '')) two(1.4, `${B} of ${A}`, null, (x, y) => product(x, shifted(y, -2)))
      if (a > b) continue
      two(1.3 + unlike, `${A} + ${B}`, `(${A}+${B})`, (x, y) => sum(x, y, 1n))
      two(1.4, `${A} × ${B}`, `(${A}*${B})`, product)
      two(1.7, `the mean of ${A} and ${B}`, `AVERAGE(${A},${B})`, (x, y) =>
        trimmed(product(sum(x, y, 1n), { units: 5n, scale: 1 })),
      )
      two(1.2, `the larger of ${A} and ${B}`, `MAX(${A},${B})`, (x, y) => (less(x, y) ? y : x))
      two(1.2, `the smaller of ${A} and ${B}`, `MIN(${A},${B})`, (x, y) => (less(x, y) ? x : y))
    }
  }
  if (width < 3) return
  const all = (row: Row): Decimal[] | null => {
    const found: Decimal[] = []
    for (let c = 0; c < width; c++) {
      const x = amongWords[c] ? null : number(row, c)
      if (!x) return null
      found.push(x)
    }
    return found
  }
  const many = (cost: number, words: string, make: (values: Decimal[]) => Decimal | null) =>
    add(cost, words, null, nothing, (row) => {
      const values = all(row)
      return values && make(values)
    })
  many(1.2, 'the sum of all columns', total)
  many(1.6, 'the mean of all columns', meanOf)
  many(1.3, 'the product of all columns', (values) =>
    shifted(values.reduce(product), -2 * first.filter((cell) => percent.test(cell)).length),
  )
  // Where all columns are numbers, all of them were meant rather than two.
  many(1.1, 'the largest of all columns', largest)
  many(1.1, 'the smallest of all columns', smallest)
}
