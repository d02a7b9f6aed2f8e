import { type Add, arithmetic, nothing, togetherIn } from './arithmetic.ts'
import { costs } from './costs.ts'
import {
  absolute,
  type Decimal,
  decimalText,
  floatOf,
  localized,
  type Mark,
  markOf,
  type NumberStyle,
  parseDecimal,
  product,
  quotient,
  type Rounding,
  rounded,
  shifted,
  sum,
  trimmed,
  written,
} from './decimals.ts'
import { readShortened } from './magnitudes.ts'
import { type NumberRead, numberNames, ranges } from './number-names.ts'
import { remembered } from './remembered.ts'
import type { Row, Sample } from './types.ts'
import type { Offer } from './whole.ts'

/** A number that can be read off a row. */
interface Source extends NumberRead {
  formula: string | null
  /** The number as it stands on each sample row, where it was read as it stands. */
  texts: (string | null)[]
  /** Whether some of the texts have marks between their thousands. */
  grouped: boolean
  /** Digits in it that only the first example has told. */
  frozen?: number
}

const numberPattern =
  /(?<![\d.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]\d{1,3})?|(?<![\d.])[-+]?\.\d+/gu

const unsignedPattern = /\d+(?:\.\d+)?/gu

/** The columns that words or a formula name. */
const columnsIn = (text: string) => [...text.matchAll(/\{(\d+)\}/g)].map(([, c]) => Number(c))
const hasThousands = (text: string) => /\d[,.'’\u00a0\u202f ]\d{3}(?!\d)/.test(text)

/** The whole cell as a number, its n-th number from either end, sums and products of two columns. */
function sourcesOf(sample: Sample): Source[] {
  const width = (sample.rows[0] as Row).length
  const examples = sample.outs.length
  const sources: Source[] = []
  const seen = new Set<string>()
  const marks: Mark[] = (sample.rows[0] as Row).map((_, c) => markOf(sample.rows.map((row) => row[c] ?? '')))
  /** Whether a spreadsheet takes all cells that a formula names for numbers, wherever it is opened. */
  const numeric = (formula: string) =>
    columnsIn(formula).every((c) => sample.rows.every((row) => /^-?\d*\.?\d+$|^$/.test(row[c] ?? '')))
  const groupedColumns = marks.map((_, c) => sample.rows.some((row) => hasThousands(row[c] ?? '')))
  const add: Add = (cost, words, formula, read, whole) => {
    const run = remembered((row: Row) => (whole ? whole(row) : parsed(read(row))))
    const values = sample.rows.map(run)
    if (values.slice(0, examples).some((value) => value === null)) return
    const key = values.map((value) => (value ? `${value.units}/${value.scale}` : '')).join()
    if (seen.has(key)) return
    seen.add(key)
    const texts = whole ? values.map(() => null) : sample.rows.map(read)
    sources.push({
      cost,
      words,
      formula: formula && numeric(formula) ? formula : null,
      values,
      run,
      texts,
      grouped: whole
        ? columnsIn(words).some((c) => groupedColumns[c])
        : texts.some((text) => text !== null && hasThousands(text)),
    })
  }
  for (let c = 0; c < width && c < 12; c++) {
    const mark = marks[c] as Mark
    const read = new Map(sample.rows.map((row) => [row, localized(row[c] ?? '', mark)]))
    const at = remembered((row: Row) => read.get(row) ?? localized(row[c] ?? '', mark))
    if ((sample.rows[0]?.[c] ?? '').length > 600) continue
    // A minus that joins nothing is a sign, and hardly to be dropped.
    const signed = sample.rows.some((row) => /(?<![\p{L}\p{N})\]])-\d/u.test(row[c] ?? ''))
    add(0, `{${c}}`, `{${c}}`, at)
    add(0.3, `{${c}}`, null, (row) => at(row).replace(/^[^\d.+-]+|[^\d.]+$/g, ''))
    // Bookkeepers' negative numbers.
    add(0.4, `{${c}}`, null, (row) => at(row).replace(/^\s*\(\s*[$€£]?\s*([\d.,]+)\s*\)\s*$/, '-$1'))
    // `1.5M` beside `20K`; a number without a unit stands for itself.
    add(0.6, `{${c}} written out`, null, nothing, (row) => readShortened(at(row)) ?? parseDecimal(at(row)))
    // `2.14.3` is no 2.14: a version, an address of the network.
    const dotted = sample.outs.every((_, k) => /\d\.\d+\.\d/.test(sample.rows[k]?.[c] ?? ''))
    if (dotted) {
      for (const n of [1, 2, 3, 4])
        add(
          0.6 + 0.25 * (n - 1),
          `run of digits ${n} in {${c}}`,
          null,
          (row) => (row[c] ?? '').match(/\d+/g)?.[n - 1] ?? null,
        )
      continue
    }
    togetherIn(c, at, sample, add)
    // The cents of a price.
    if (/\d\.\d/.test(at(sample.rows[0] as Row)))
      add(1.2, `the figures after the point in {${c}}`, null, (row) => /\d\.(\d+)/.exec(at(row))?.[1] ?? null)
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
        (signed ? 1.6 : 0.8) + 0.25 * (Math.abs(n) - 1),
        `number ${n} in {${c}}`,
        null,
        (row) =>
          at(row)
            .match(unsignedPattern)
            ?.at(n > 0 ? n - 1 : n) ?? null,
      )
    }
  }
  if (width > 1 && width <= 6) arithmetic(sample.rows[0] as Row, marks, add)
  return sources
}

const parsed = (text: string | null) => (text === null ? null : parseDecimal(text))

/** Units that people change into each other; factors by definition (NIST SP 811, appendix B). */
const units: readonly [string, string][] = [
  ['inches as cm', '2.54'],
  ['feet as m', '0.3048'],
  ['miles as km', '1.609344'],
  ['pounds as kg', '0.45359237'],
  ['ounces as g', '28.349523125'],
  ['gallons as litres', '3.785411784'],
  ['yards as m', '0.9144'],
  ['inches as mm', '25.4'],
  ['feet as inches', '12'],
  ['KB as bytes', '1024'],
]
/** Others, by the same source; only numbers of three digits and more are taken for them. */
const rarerUnits: readonly [string, string][] = [
  ['miles as m', '1609.344'],
  ['feet as cm', '30.48'],
  ['nautical miles as km', '1.852'],
  ['pounds as g', '453.59237'],
  ['stones as kg', '6.35029318'],
  ['fluid ounces as ml', '29.5735295625'],
  ['fluid ounces as litres', '0.0295735295625'],
  ['cups as ml', '236.5882365'],
  ['square feet as square metres', '0.09290304'],
  ['acres as hectares', '0.40468564224'],
  ['acres as square metres', '4046.8564224'],
  ['acres as square feet', '43560'],
  ['square miles as square km', '2.589988110336'],
  ['m/s as km/h', '3.6'],
  ['kcal as kJ', '4.184'],
  ['psi as bar', '0.06894757293168'],
]
const rates = ['1.05', '1.055', '1.07', '1.08', '1.1', '1.15', '1.19', '1.2', '1.21', '1.22', '1.23', '1.25']

/**
 * A number times or plus one that is the same in every row: tax, units, a number of days. Which one it is, the first
 * example says; only round ones are believed, and other examples must agree.
 */
function constantly(source: Source, wanted: Decimal, examples: number): Source[] {
  // From one example alone every number would do.
  const perDigit = examples > 1 ? 0.4 : 1
  const given = source.values[0] as Decimal
  const found: Source[] = []
  const derive = (
    cost: number,
    words: string,
    formula: string | null,
    change: (value: Decimal) => Decimal | null,
    frozen = 0,
  ) => {
    const first = change(given)
    if (!first || !nearly(first, wanted)) return
    const run = (row: Row) => {
      const value = source.run(row)
      return value && change(value)
    }
    found.push({
      cost: source.cost + cost + costs.constantly,
      words,
      formula: source.formula && formula,
      values: source.values.map((value) => value && change(value)),
      run,
      texts: source.values.map(() => null),
      grouped: source.grouped,
      frozen,
    })
  }
  const x = source.words
  const f = source.formula
  if (given.units !== 0n && wanted.units !== 0n) {
    const factor = quotient(wanted, given)
    if (factor && exactly(product(given, factor), wanted)) {
      const digits = significant(factor)
      const power = /^-?10*$/.test(factor.units.toString()) && digits === 1
      if (digits <= 3 && !power && factor.units > 1n) {
        const text = decimalText(factor)
        derive(
          1.6 + perDigit * digits,
          `${x} × ${text}`,
          `(${f}*${text})`,
          (value) => product(value, factor),
          digits,
        )
      }
    }
    const ratio = quotient(given, wanted)
    // What is left over was cut: the divisor is the whole number nearby.
    const divisor =
      ratio && significant(wanted) > 4 ? rounded(ratio, { units: 1n, scale: 0 }, 'nearest') : ratio
    if (
      divisor &&
      divisor.scale === 0 &&
      divisor.units > 1n &&
      divisor.units < 1000n &&
      !/^10*$/.test(`${divisor.units}`)
    ) {
      derive(
        1.8 + perDigit * significant(divisor),
        `${x} / ${divisor.units}`,
        `(${f}/${divisor.units})`,
        (value) => quotient(value, divisor),
        significant(divisor),
      )
    }
    for (const rate of rates) {
      const by = parseDecimal(rate) as Decimal
      const one = { units: 1n, scale: 0 }
      derive(2.4, `${x} × ${rate}`, `(${f}*${rate})`, (value) => product(value, by))
      derive(2.5, `${x} / ${rate}`, `(${f}/${rate})`, (value) => quotient(value, by))
      derive(2.9, `the ${decimalText(shifted(sum(by, one, -1n), 2))} % in ${x}`, null, (value) => {
        const net = quotient(value, by)
        return net && sum(value, net, -1n)
      })
    }
    const convert = (cost: number, [name, text]: readonly [string, string]) => {
      const by = parseDecimal(text) as Decimal
      const back = name.split(' as ').reverse().join(' as ')
      derive(cost, `${x} ${name}`, `(${f}*${text})`, (value) => product(value, by))
      derive(cost + 0.1, `${x} ${back}`, `(${f}/${text})`, (value) => quotient(value, by))
    }
    for (const unit of units) convert(2.2, unit)
    if (significant(wanted) > 2) {
      for (const unit of rarerUnits) convert(2.6, unit)
      derive(2.4, `${x} °C as K`, `(${f}+273.15)`, (value) => sum(value, kelvin, 1n))
    }
  }
  const nine = { units: 18n, scale: 1 }
  const thirtyTwo = { units: 32n, scale: 0 }
  derive(2, `${x} °C as °F`, `(${f}*1.8+32)`, (value) => sum(product(value, nine), thirtyTwo, 1n))
  derive(2, `${x} °F as °C`, `((${f}-32)/1.8)`, (value) => quotient(sum(value, thirtyTwo, -1n), nine))
  const step = trimmed(sum(wanted, given, -1n))
  const digits = significant(step)
  if (step.units !== 0n && digits <= 2 && step.scale <= Math.max(given.scale, 2)) {
    const sign = step.units < 0n ? '-' : '+'
    const text = decimalText(absolute(step))
    derive(
      (text === '1' ? 1.5 : 1.9) + perDigit * digits,
      `${x} ${sign} ${text}`,
      `(${f}${sign}${text})`,
      (value) => sum(value, step, 1n),
      digits,
    )
  }
  return found
}

const kelvin: Decimal = { units: 27315n, scale: 2 }

const exactly = (x: Decimal, y: Decimal) => sum(x, y, -1n).units === 0n
const significant = (value: Decimal) =>
  trimmed(value).units.toString().replace(/^-/, '').replace(/0+$/, '').length || 1

const modes: readonly Rounding[] = ['nearest', 'down', 'up']
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
  const targets = targetsIn(out)
  const mostDigits = Math.max(...sample.outs.flatMap(targetsIn).map(({ value }) => significant(value)))
  const sources = sourcesOf(sample)
  for (const target of targets) {
    const thousands = target.mark === ',' ? /\d\.\d{3}(?!\d)/ : /\d,\d{3}(?!\d)/
    const seen = {
      mostDigits,
      grouped: [...sample.outs, ...sample.others].some((out) => thousands.test(out)),
    }
    for (const source of sources) rewritten(target, source, sample, offer, { ...seen, worked: false })
    for (const source of sources.slice(0, 6)) {
      if (source.texts[0] === null) continue
      for (const derived of constantly(source, target.value, sample.outs.length))
        rewritten(target, derived, sample, offer, { ...seen, worked: true })
    }
  }
  for (const source of sources.slice(0, 16)) {
    numberNames(source, sample, offer)
    ranges(source, sample, offer)
  }
}

/** A number as it stands in the output, read one way. */
interface Target {
  text: string
  value: Decimal
  group: string
  mark: Mark
  /** Whether a per cent sign stands behind it. */
  percent: boolean
}

/** The numbers of an output, each in every way in which it may be meant (`1.234`). */
function targetsIn(out: string): Target[] {
  const found = new Map<string, Target>()
  const add = (text: string, group: string, mark: Mark, end: number) => {
    const percent = /^\s?%/.test(out.slice(end))
    for (const each of /^[-+]/.test(text) ? [text, text.slice(1)] : [text]) {
      const plain = each.replaceAll(group || ',', '').replace(mark, '.')
      const value = parseDecimal(plain)
      if (value && found.size < 14)
        found.set(`${each}${group}${mark}`, { text: each, value, group, mark, percent })
    }
  }
  for (const { 0: text, index } of out.matchAll(/[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+/gu))
    add(text, text.includes(',') ? ',' : '', '.', index + text.length)
  for (const { 0: text, index } of out.matchAll(/[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?/gu)) {
    if (/[.,]/.test(text)) add(text, text.includes('.') ? '.' : '', ',', index + text.length)
  }
  for (const { 0: text, 1: mark, index } of out.matchAll(
    /[-+]?\d{1,3}(?:(['’\u00a0\u202f ])\d{3})(?:\1\d{3})*(?!\d)(?:[.,]\d+)?/gu,
  ))
    add(text, mark as string, text.includes(',') ? ',' : '.', index + text.length)
  // The parts of a version are numbers of their own.
  if (/\d\.\d+\.\d/.test(out))
    for (const { 0: text, index } of out.matchAll(/\d+/gu)) add(text, '', '.', index + text.length)
  return [...found.values()]
}

/**
 * `mostDigits`: the most significant digits of any number in the outputs. `grouped`: some output has marks between
 * thousands. `worked`: the source is no number of the row, but worked out for just this target; rounding it again is far off.
 */
function rewritten(
  { text: target, value: wanted, group, mark, percent }: Target,
  source: Source,
  sample: Sample,
  offer: Offer,
  { mostDigits, grouped, worked }: { mostDigits: number; grouped: boolean; worked: boolean },
): void {
  const given = source.values[0] as Decimal
  if (source.values[0] === null) return
  const dot = target.lastIndexOf(mark)
  const decimals = dot < 0 ? 0 : target.length - dot - 1
  const whole = (dot < 0 ? target : target.slice(0, dot)).replace(/[-+]/, '')
  const digits = whole.replace(/\D/g, '').length
  const plus = target.startsWith('+')
  const bare = whole === ''
  const widths = group !== '' || bare ? [1] : digits <= 9 ? [1, digits] : [1]
  const styles: [number, NumberStyle][] = []
  // As the column writes its other numbers; and a sum of numbers with marks between thousands is written as they are.
  const alike = grouped || (source.grouped && source.texts[0] === null)
  const groups: [string, number][] = [[group, mark === ',' || (alike && group === '') ? 0.3 : 0]]
  // Too small to show whether thousands have marks: where the input has them they are likely.
  const shown = source.grouped || grouped
  if (group === '' && digits < 4 && (mark === ',' || shown))
    groups.push([mark === ',' ? '.' : ',', alike ? 0 : shown ? 0.3 : 0.9])
  for (const [between, more] of groups)
    for (const width of new Set(widths)) {
      if (between !== '' && width > 1) continue
      const zeros = width > 1
      const led = whole.startsWith('0') && whole.length > 1
      const dear = more + (zeros ? (led ? 0.2 : 1.6) : 0)
      const base = { width, group: between, mark, plus, bare }
      styles.push([
        dear + (decimals > 0 || given.scale > 0 ? 0.2 : 0.1),
        { least: decimals, most: decimals, ...base },
      ])
      if (decimals > 0 && !target.endsWith('0'))
        styles.push([dear + 0.5, { least: 0, most: decimals, ...base }])
      if (decimals > 0) styles.push([dear + 0.9, { least: 1, most: Math.max(1, decimals), ...base }])
      if (decimals === 0 || !target.endsWith('0'))
        styles.push([dear + (given.scale >= decimals ? 0.1 : 0.3), { least: 0, most: 30, ...base }])
      if (decimals > 0) styles.push([dear + 0.4, { least: -1, most: 30, ...base }])
      if (decimals > 0)
        styles.push([
          dear + (decimals === 1 && target.endsWith('0') ? 0.4 : 0.9),
          { least: 1, most: 30, ...base },
        ])
    }
  // What came out of a sum is often cut to so many digits, not decimals. The first example may end in zeros left out.
  const telling = significant(wanted)
  if (decimals > 0 && !target.endsWith('0')) {
    for (const digits of new Set([telling, telling + 1, telling + 2, Math.min(15, mostDigits)])) {
      if (digits < Math.max(3, telling)) continue
      const style = { least: 0, most: 30, width: 1, group, mark, plus, bare, significant: digits }
      styles.push([(worked ? 0.9 : 1.6) + 0.5 * Math.min(2, digits - telling), style])
    }
  }
  for (const power of worked ? [0, 2] : [0, 3, -3, 2, -2, 6, -6, 1, -1, 9, -9, -4, 4]) {
    for (const sign of [1n, -1n]) {
      const scaledBy = (value: Decimal): Decimal => {
        const moved = shifted(value, power)
        return sign === 1n ? moved : absolute(moved)
      }
      if (sign === -1n && given.units >= 0n && power !== 0) continue
      const base = scaledBy(given)
      if (!near(base, wanted)) continue
      const unit =
        power === 0
          ? percent && source.texts[0] === null
            ? 1.2
            : 0
          : percent && power === 2
            ? 0.2
            : Math.abs(power) % 3 === 0
              ? 1.2
              : 1.6
      const step = sign === -1n ? (given.units < 0n ? 0.6 : 1.4) : 0
      // Grids that give the wanted number, whatever the style that it is then written in.
      const fitting = worked
        ? []
        : grids.flatMap(({ text, grid }) =>
            modes
              .filter((mode) => exactly(rounded(base, grid, mode), wanted))
              .map((mode) => ({ text, grid, mode })),
          )
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
          // Decimals that are cut on other rows though no example shows it.
          let lost = 0
          // Nor is it missed where a sum is written with the zeros at its end, as money is.
          const money = texts[0] === null && decimals > 0 && target.endsWith('0')
          if (!money && style.most < 30 && how.startsWith(' with') && trimmed(base).scale <= style.most) {
            for (const value of source.values) if (value && trimmed(value).scale - power > style.most) lost++
          }
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
              (power !== 0 && style.least < decimals ? 0.3 : 0) +
              (same ? costs.sameNumber : 0) +
              (costs.lostDecimals * lost) / sample.rows.length +
              led,
            values: source.values.map(write),
            run: (row) => write(source.run(row)),
            ...(source.frozen && { frozen: source.frozen }),
            words: `${source.words}${power ? ` times 10^${power}` : ''}${how}`,
            formula,
          })
          return true
        }
        const pattern = `${style.group === ',' ? '#,##' : ''}${'0'.repeat(style.width)}${decimals ? `.${'0'.repeat(decimals)}` : ''}`
        const formula =
          source.formula &&
          !power &&
          sign === 1n &&
          !plus &&
          style.least === style.most &&
          style.mark === '.' &&
          (style.group === '' || style.group === ',')
            ? `TEXT(${source.formula},"${pattern}")`
            : null
        // As it is, only written another way: half up at the last decimal shown, if any is dropped.
        const how = style.significant
          ? ` to ${style.significant} significant digits`
          : ` with ${decimals} decimals${style.group === '' ? '' : ` and "${style.group}" between thousands`}`
        const exact = attempt(0, how, (value) => value, style.significant ? null : formula)
        if (worked && exact) continue
        if (style.most === 30 || (exact && base.scale <= decimals && !roundNumber(wanted))) continue
        const unitGrid = { units: 1n, scale: decimals }
        for (const mode of ['down', 'up', 'cut'] as Rounding[]) {
          if (mode === 'cut' && given.units >= 0n) continue
          attempt(exact ? 1.5 : 0.8, `, rounded ${mode}`, (value) => rounded(value, unitGrid, mode))
        }
        for (const { text: gridText, grid, mode } of fitting) {
          if (grid.scale > style.most) continue
          const round = /^0?\.?0*1[0]*$/.test(gridText)
          // Who rounds to tenths does not write hundredths; to quarters and halves, people do.
          const tenfold =
            decimals > 1 && grid.scale === 0
              ? 0.7
              : round && grid.scale < decimals
                ? grid.scale + 1 === decimals
                  ? 0.9
                  : 0.4
                : 0
          const coarse = (wanted.units === 0n ? 0.5 : 0) + tenfold
          attempt(
            0.9 +
              costs.grid +
              (exact ? 1 : 0) +
              coarse +
              (round ? 0 : /25|15/.test(gridText) ? 1.1 : /5/.test(gridText) ? 0.5 : 1.3) +
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

const roundNumber = (value: Decimal) => /0$/.test(decimalText(value)) || value.units === 0n

/** A multiple of a coarse grid is good evidence for it: chance would have given one in ten. */
const gridFit = (grid: Decimal, wanted: Decimal): number => {
  const ratio = floatOf(grid) / (1 / 10 ** wanted.scale)
  return ratio > 1 ? Math.min(0.9, 0.3 * Math.log10(ratio)) : 0
}

/** Equal, or rounded at the last decimal shown; as it is or as a percentage. */
function nearly(value: Decimal, wanted: Decimal): boolean {
  const x = floatOf(value)
  const y = floatOf(wanted)
  const step = 1.0001 * 10 ** -wanted.scale
  return Math.abs(x - y) <= step || Math.abs(100 * x - y) <= step
}

/** Rounding cannot have moved it by more than this. */
function near(base: Decimal, wanted: Decimal): boolean {
  const x = floatOf(base)
  const y = floatOf(wanted)
  const gap = Math.abs(x - y)
  if (gap <= 1.0001 * 10 ** -wanted.scale) return true
  return gap <= Math.max(Math.abs(y), 10) || (y === 0 && gap <= 1e6)
}
