import {
  type Decimal,
  decimalText,
  floatOf,
  type NumberStyle,
  parseDecimal,
  rescaled,
  rounded,
  written,
} from './decimals.ts'
import { shortenings } from './magnitudes.ts'
import { monthNames } from './moments.ts'
import type { Row, Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/** A number that was read off a row. */
export interface NumberRead {
  words: string
  cost: number
  /** One a sample row. */
  values: (Decimal | null)[]
  run(row: Row): Decimal | null
}

/** A number as people write it other than in figures alone: `3rd`, `XIV`, `12K`, `1.5E3`, `★★★`, the month of that number. */
export function numberNames(source: NumberRead, sample: Sample, offer: Offer): void {
  monthsOf(source, sample, offer)
  ordinals(source, sample, offer)
  repeated(source, sample, offer)
  if (/(?<!\p{L})[IVXLCDM]+(?!\p{L})/u.test(sample.outs[0] as string)) romans(source, sample, offer)
  shortened(source, sample, offer)
  withExponent(source, sample, offer)
}

/** `1st`, `22nd`, `13th`. */
function ordinals(source: NumberRead, sample: Sample, offer: Offer): void {
  const write = (value: Decimal | null) => {
    if (value === null || value.scale > 0 || value.units < 0n) return null
    const n = Number(value.units % 100n)
    const suffix = n >= 11 && n <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
    return `${value.units}${suffix}`
  }
  const words = `${source.words} as an ordinal`
  offer(atomOf(sample, 2 + source.cost, words, (row) => write(source.run(row))))
}

const zeros = (figures: string) => '0'.repeat(figures.length)

/** `1.59E3`, `1.3e-05`: a mantissa with as many decimals, and an exponent with as many digits, as in the example. */
function withExponent(source: NumberRead, sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  const found = /(?<![\d.])-?\d(?:\.(\d+))?([eE])([-+]?)(\d{1,3})(?!\d)/u.exec(out)
  if (!found) return
  const [, fraction = '', letter, sign, exponent = ''] = found
  const write = (value: Decimal | null): string | null => {
    if (value === null) return null
    const [mantissa = '', power = '0'] = floatOf(value).toExponential(fraction.length).split('e')
    const size = power.slice(1).padStart(exponent.length, '0')
    return `${mantissa}${letter}${power.startsWith('-') ? '-' : sign === '-' ? '' : sign}${size}`
  }
  const words = `${source.words} as 0${fraction && `.${zeros(fraction)}`}${letter}${zeros(exponent)}`
  offer(atomOf(sample, 2 + source.cost, words, (row) => write(source.run(row))))
}

/** `12K`, `3M`. */
function shortened(source: NumberRead, sample: Sample, offer: Offer): void {
  const given = source.values[0]
  if (!given) return
  for (const { cost, words, write } of shortenings(given, sample.outs[0] as string)) {
    const run = (row: Row) => {
      const value = source.run(row)
      return value && write(value)
    }
    offer(atomOf(sample, 2.4 + source.cost + cost, `${source.words} ${words}`, run))
  }
}

/** `★★★`: one character as often as the number says, or as often as it leaves of the highest one. */
function repeated(source: NumberRead, sample: Sample, offer: Offer): void {
  const given = source.values[0]
  if (!given || given.scale > 0 || given.units < 0n || given.units > 40n) return
  const n = Number(given.units)
  for (const [run] of (sample.outs[0] as string).matchAll(/([^\p{L}\p{N}\s])\1*/gu)) {
    const mark = String.fromCodePoint(run.codePointAt(0) as number)
    const length = run.length / mark.length
    const offered = (cost: number, words: string, times: (n: number) => number) =>
      offer(
        atomOf(sample, cost + source.cost, words, (row) => {
          const value = source.run(row)
          const count = value && value.scale === 0 ? times(Number(value.units)) : -1
          return count >= 0 && count <= 40 ? mark.repeat(count) : null
        }),
      )
    if (length === n) offered(2.2, `"${mark}" ${source.words} times`, (each) => each)
    if (length + n === 5 || length + n === 10)
      offered(2.8, `"${mark}" ${length + n} less ${source.words} times`, (each) => length + n - each)
  }
}

/** `XIV`: for numbers from 1 to 3999. */
function romans(source: NumberRead, sample: Sample, offer: Offer): void {
  const words = `${source.words} in Roman figures`
  offer(atomOf(sample, 2.4 + source.cost, words, (row) => roman(source.run(row))))
}

function roman(value: Decimal | null): string | null {
  if (value === null || value.scale > 0 || value.units < 1n || value.units > 3999n) return null
  let rest = Number(value.units)
  let text = ''
  for (const [size, letters] of romanFigures) {
    for (; rest >= size; rest -= size) text += letters
  }
  return text
}

const romanFigures: readonly [number, string][] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
]

/** The name of the month of a number from 1 to 12. */
function monthsOf(source: NumberRead, sample: Sample, offer: Offer): void {
  for (const length of [3, 20]) {
    const write = (value: Decimal | null) => {
      const name = value && value.scale === 0 ? monthNames[Number(value.units) - 1] : undefined
      return name?.slice(0, length) ?? null
    }
    const words = `the name of month ${source.words}`
    offer(atomOf(sample, 2.2 + source.cost, words, (row) => write(source.run(row))))
  }
}

/** Bins: `20-40` for 31. */
export function ranges(source: NumberRead, sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  for (const found of out.matchAll(
    /(\d[\d,]*(?:\.\d+)?)(\s*(?:-|–|—|to|\.\.|,|~)\s*)(\d[\d,]*(?:\.\d+)?)/gu,
  )) {
    const low = parseDecimal(found[1] as string)
    const high = parseDecimal(found[3] as string)
    if (!low || !high) continue
    const scale = Math.max(low.scale, high.scale)
    const width = rescaled(high, scale) - rescaled(low, scale)
    if (width <= 0n) continue
    const group = (found[1] as string).includes(',') || (found[3] as string).includes(',') ? ',' : ''
    const style: NumberStyle = {
      least: scale,
      most: scale,
      width: 1,
      group,
      mark: '.',
      plus: false,
      bare: false,
    }
    for (const gap of [0n, 1n]) {
      const grid = { units: width + gap, scale }
      const write = (value: Decimal | null) => {
        if (value === null) return null
        const from = rounded(value, grid, 'down')
        const to = {
          units:
            rescaled(from, Math.max(scale, from.scale)) +
            rescaled({ units: width, scale }, Math.max(scale, from.scale)),
          scale: Math.max(scale, from.scale),
        }
        return written(from, style) + found[2] + written(to, style)
      }
      if (write(source.values[0] as Decimal) !== found[0]) continue
      const round = /^[125]0*$/.test(decimalText(grid).replace('.', '')) ? 0 : 1
      offer(
        atomOf(
          sample,
          2.2 + source.cost + round,
          `the range of ${decimalText(grid)} that ${source.words} is in`,
          (row) => write(source.run(row)),
        ),
      )
    }
  }
}
