import { costs } from './costs.ts'
import {
  type Decimal,
  decimalText,
  type NumberStyle,
  parseDecimal,
  type Rounding,
  rescaled,
  rounded,
  shifted,
  written,
} from './decimals.ts'
import { monthNames } from './moments.ts'
import type { Row, Sample } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/** A number that can be read off a row. */
interface Source {
  words: string
  formula: string | null
  cost: number
  /** One a sample row. */
  values: (Decimal | null)[]
  run(row: Row): Decimal | null
  /** The number as it stands on each sample row, where it was read as it stands. */
  texts: (string | null)[]
}

const numberPattern =
  /(?<![\d.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]\d{1,3})?|(?<![\d.])[-+]?\.\d+/gu
const unsignedPattern = /\d+(?:\.\d+)?/gu

/** The whole cell as a number, its n-th number from either end, sums and products of two columns. */
function sourcesOf(sample: Sample): Source[] {
  const width = (sample.rows[0] as Row).length
  const examples = sample.outs.length
  const sources: Source[] = []
  const seen = new Set<string>()
  const add: Add = (cost, words, formula, read, whole) => {
    const run = (row: Row) => (whole ? whole(row) : parsed(read(row)))
    const values = sample.rows.map(run)
    if (values.slice(0, examples).some((value) => value === null)) return
    const key = values.map((value) => (value ? `${value.units}/${value.scale}` : '')).join()
    if (seen.has(key)) return
    seen.add(key)
    sources.push({
      cost,
      words,
      formula,
      values,
      run,
      texts: whole ? values.map(() => null) : sample.rows.map(read),
    })
  }
  for (let c = 0; c < width && c < 12; c++) {
    const at = (row: Row) => row[c] ?? ''
    if ((sample.rows[0]?.[c] ?? '').length > 600) continue
    add(0, `{${c}}`, `{${c}}`, at)
    add(0.3, `{${c}}`, null, (row) => at(row).replace(/^[^\d.+-]+|[^\d.]+$/g, ''))
    for (const n of [1, 2, 3, 4, 5, 6, -1, -2, -3]) {
      add(
        0.6 + 0.25 * (Math.abs(n) - 1) + (n < 0 ? 0.1 : 0),
        `number ${n} in {${c}}`,
        null,
        (row) =>
          at(row)
            .match(numberPattern)
            ?.at(n > 0 ? n - 1 : n) ?? null,
      )
      add(
        0.8 + 0.25 * (Math.abs(n) - 1),
        `number ${n} in {${c}}`,
        null,
        (row) =>
          at(row)
            .match(unsignedPattern)
            ?.at(n > 0 ? n - 1 : n) ?? null,
      )
    }
  }
  if (width > 1 && width <= 6) arithmetic(width, add)
  return sources
}

const parsed = (text: string | null) => (text === null ? null : parseDecimal(text))

/** A source is read from a text, or (`whole`) worked out. */
type Add = (
  cost: number,
  words: string,
  formula: string | null,
  read: (row: Row) => string | null,
  whole?: (row: Row) => Decimal | null,
) => void

const nothing = () => null

function arithmetic(width: number, add: Add): void {
  const number = (row: Row, c: number) => parseDecimal((row[c] ?? '').replace(/^[$€£]|%$/g, ''))
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      if (a === b) continue
      const two = (cost: number, sign: string, make: (x: Decimal, y: Decimal) => Decimal | null) =>
        add(cost, `{${a}} ${sign} {${b}}`, `{${a}}${sign === '×' ? '*' : sign}{${b}}`, nothing, (row) => {
          const x = number(row, a)
          const y = number(row, b)
          return x && y ? make(x, y) : null
        })
      const sum = (x: Decimal, y: Decimal, sign: bigint): Decimal => {
        const scale = Math.max(x.scale, y.scale)
        return { units: rescaled(x, scale) + sign * rescaled(y, scale), scale }
      }
      two(1.4, '-', (x, y) => sum(x, y, -1n))
      if (a < b) {
        two(1.3, '+', (x, y) => sum(x, y, 1n))
        two(1.4, '×', (x, y) => ({ units: x.units * y.units, scale: x.scale + y.scale }))
      }
      two(1.6, '/', (x, y) => {
        const divisor = y.units
        return divisor === 0n
          ? null
          : { units: (rescaled(x, y.scale + 12 + x.scale) * 10n ** 0n) / divisor, scale: 12 + x.scale }
      })
    }
  }
  if (width > 2) {
    add(1.2, 'the sum of all columns', null, nothing, (row) => {
      let total: Decimal = { units: 0n, scale: 0 }
      for (let c = 0; c < width; c++) {
        const x = number(row, c)
        if (!x) return null
        const scale = Math.max(x.scale, total.scale)
        total = { units: rescaled(x, scale) + rescaled(total, scale), scale }
      }
      return total
    })
  }
}

const grids = [
  '0.05',
  '0.1',
  '0.2',
  '0.25',
  '0.5',
  '1',
  '2',
  '5',
  '10',
  '15',
  '20',
  '25',
  '30',
  '50',
  '100',
  '200',
  '250',
  '500',
  '1000',
  '5000',
  '10000',
  '50000',
  '100000',
  '500000',
  '1000000',
].map((text) => ({ text, grid: parseDecimal(text) as Decimal }))

/**
 * Numbers read off the row and written another way: decimals, thousands, leading zeros, units of ten, rounding. The
 * rounding grid and its mode are inferred together, from all examples at once.
 */
export function numbers(sample: Sample, offer: Offer): void {
  const out = sample.outs[0] as string
  if (out.length > 300) return
  const found = [...new Set(out.match(/[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+/gu) ?? [])]
  const targets = new Set<string>()
  for (const text of found.slice(0, 10)) {
    targets.add(text)
    if (/^[-+]/.test(text)) targets.add(text.slice(1))
  }
  const sources = sourcesOf(sample)
  for (const target of targets) for (const source of sources) rewritten(target, source, sample, offer)
  for (const source of sources.slice(0, 16)) {
    monthsOf(source, sample, offer)
    ordinals(source, sample, offer)
  }
  for (const source of sources.slice(0, 16)) ranges(source, sample, offer)
}

function rewritten(target: string, source: Source, sample: Sample, offer: Offer): void {
  const wanted = parseDecimal(target)
  const given = source.values[0] as Decimal
  if (!wanted) return
  const dot = target.indexOf('.')
  const decimals = dot < 0 ? 0 : target.length - dot - 1
  const whole = (dot < 0 ? target : target.slice(0, dot)).replace(/[-+]/, '')
  const commas = whole.includes(',')
  const digits = whole.replaceAll(',', '').length
  const plus = target.startsWith('+')
  const bare = whole === ''
  const widths = commas || bare ? [1] : digits <= 9 ? [1, digits] : [1]
  const styles: [number, NumberStyle][] = []
  for (const width of new Set(widths)) {
    const zeros = width > 1
    const led = whole.startsWith('0') && whole.length > 1
    const dear = zeros ? (led ? 0.2 : 1.6) : 0
    const base = { width, commas, plus, bare }
    styles.push([
      dear + (decimals > 0 || given.scale > 0 ? 0.2 : 0.1),
      { least: decimals, most: decimals, ...base },
    ])
    if (decimals > 0 && !target.endsWith('0'))
      styles.push([dear + 0.5, { least: 0, most: decimals, ...base }])
    if (decimals > 0) styles.push([dear + 0.9, { least: 1, most: Math.max(1, decimals), ...base }])
    if (!target.includes('.') || !target.endsWith('0'))
      styles.push([dear + (given.scale >= decimals ? 0.1 : 0.3), { least: 0, most: 30, ...base }])
    if (decimals > 0) styles.push([dear + 0.4, { least: -1, most: 30, ...base }])
    if (decimals === 1 && target.endsWith('0')) styles.push([dear + 0.4, { least: 1, most: 30, ...base }])
  }
  for (const power of [0, 3, -3, 2, -2, 6, -6, 1, -1, 9, -9, -4, 4]) {
    for (const sign of [1n, -1n]) {
      const scaledBy = (value: Decimal): Decimal => {
        const moved = shifted(value, power)
        return sign === 1n
          ? moved
          : { units: moved.units < 0n ? -moved.units : moved.units, scale: moved.scale }
      }
      if (sign === -1n && given.units >= 0n && power !== 0) continue
      const base = scaledBy(given)
      if (!near(base, wanted)) continue
      const unit = power === 0 ? 0 : Math.abs(power) % 3 === 0 ? 1.2 : 1.6
      const step = sign === -1n ? (given.units < 0n ? 0.6 : 1.4) : 0
      for (const [styleCost, style] of styles) {
        const attempt = (
          cost: number,
          how: string,
          change: (value: Decimal) => Decimal,
          formula: string | null = null,
        ) => {
          const write = (value: Decimal | null) =>
            value === null ? null : written(change(scaledBy(value)), style)
          for (let k = 0; k < sample.outs.length; k++) {
            const text = write(source.values[k] as Decimal)
            if (text === null || (k === 0 ? text !== target : !(sample.outs[k] as string).includes(text)))
              return false
          }
          // Read and written as it was: a substring says the same, and keeps the zeros of 027.
          const texts = source.texts
          const same = sample.outs.every((_, k) => texts[k] === write(source.values[k] as Decimal))
          const led = same && texts.some((text) => text !== null && /^[-+]?0\d/.test(text)) ? 2.5 : 0
          offer({
            cost:
              costs.rewritten +
              source.cost +
              styleCost +
              unit +
              step +
              cost +
              (same ? costs.sameNumber : 0) +
              led,
            values: source.values.map(write),
            run: (row) => write(source.run(row)),
            words: `${source.words}${power ? ` times 10^${power}` : ''}${how}`,
            formula,
          })
          return true
        }
        const pattern = `${commas ? '#,##' : ''}${'0'.repeat(style.width)}${decimals ? `.${'0'.repeat(decimals)}` : ''}`
        const formula =
          source.formula && !power && sign === 1n && style.least === style.most
            ? `TEXT(${source.formula},"${pattern}")`
            : null
        // As it is, only written another way: half up at the last decimal shown, if any is dropped.
        const exact = attempt(0, ` with ${decimals} decimals`, (value) => value, formula)
        if (style.most === 30 || (exact && base.scale <= decimals && !roundNumber(wanted))) continue
        const unitGrid = { units: 1n, scale: decimals }
        for (const mode of ['down', 'up', 'cut'] as Rounding[]) {
          if (mode === 'cut' && given.units >= 0n) continue
          attempt(exact ? 1.5 : 0.8, `, rounded ${mode}`, (value) => rounded(value, unitGrid, mode))
        }
        for (const { text: gridText, grid } of grids) {
          const g = rescaled(grid, Math.max(grid.scale, wanted.scale))
          if (grid.scale > style.most || rescaled(wanted, Math.max(grid.scale, wanted.scale)) % g !== 0n)
            continue
          const round = /^0?\.?0*1[0]*$/.test(gridText)
          const coarse = wanted.units === 0n ? 0.5 : 0
          for (const mode of ['nearest', 'down', 'up'] as Rounding[]) {
            attempt(
              0.9 +
                (exact ? 1 : 0) +
                coarse +
                (round ? 0 : /25|15/.test(gridText) ? 1.1 : /5/.test(gridText) ? 0.5 : 0.9) +
                (mode === 'nearest' ? 0 : 0.6) -
                gridFit(grid, wanted),
              `, rounded ${mode === 'nearest' ? '' : `${mode} `}to ${gridText}`,
              (value) => rounded(value, grid, mode),
            )
          }
        }
      }
    }
  }
}

const roundNumber = (value: Decimal) => /0$/.test(decimalText(value)) || value.units === 0n

/** A multiple of a coarse grid is good evidence for it: chance would have given one in ten. */
const gridFit = (grid: Decimal, wanted: Decimal): number => {
  const ratio = Number(grid.units) / 10 ** grid.scale / (1 / 10 ** wanted.scale)
  return ratio > 1 ? Math.min(0.9, 0.3 * Math.log10(ratio)) : 0
}

/** Rounding cannot have moved it by more than this. */
function near(base: Decimal, wanted: Decimal): boolean {
  const x = Number(base.units) / 10 ** base.scale
  const y = Number(wanted.units) / 10 ** wanted.scale
  const gap = Math.abs(x - y)
  if (gap <= 1.0001 * 10 ** -wanted.scale) return true
  return gap <= Math.max(Math.abs(y), 10) || (y === 0 && gap <= 1e6)
}

/** `1st`, `22nd`, `13th`. */
function ordinals(source: Source, sample: Sample, offer: Offer): void {
  const write = (value: Decimal | null) => {
    if (value === null || value.scale > 0 || value.units < 0n) return null
    const n = Number(value.units % 100n)
    const suffix = n >= 11 && n <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
    return `${value.units}${suffix}`
  }
  const words = `${source.words} as an ordinal`
  offer(atomOf(sample, 2 + source.cost, words, (row) => write(source.run(row))))
}

/** The name of the month of a number from 1 to 12. */
function monthsOf(source: Source, sample: Sample, offer: Offer): void {
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
function ranges(source: Source, sample: Sample, offer: Offer): void {
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
    const commas = (found[1] as string).includes(',') || (found[3] as string).includes(',')
    const style: NumberStyle = { least: scale, most: scale, width: 1, commas, plus: false, bare: false }
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
