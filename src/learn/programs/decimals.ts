/** A decimal number as people write it: `units / 10^scale`, never a float. */
export interface Decimal {
  units: bigint
  scale: number
}

/** `1,234.50`, `-3`, `.5`, `5.58E-001`; null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  const parts = /^([-+]?)(\d+|\d{1,3}(?:,\d{3})+)?(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?$/.exec(text.trim())
  if (!parts) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole.replaceAll(',', '') + fraction
  if (digits === '' || digits.length > 40) return null
  let units = BigInt(digits)
  let scale = fraction.length - Number(exponent)
  if (scale < -60 || scale > 60) return null
  if (scale < 0) {
    units *= tenTo(-scale)
    scale = 0
  }
  return { units: sign === '-' ? -units : units, scale }
}

/** How a column writes its numbers: `1,234.5` or `1.234,5`. */
export type Mark = '.' | ','

/**
 * Which mark stands before the decimals in these texts; the point where nothing tells. Of several marks in one number
 * the last is it; a single one before other than three digits is it.
 */
export function markOf(texts: readonly string[]): Mark {
  let comma = 0
  let point = 0
  for (const text of texts.slice(0, 60)) {
    for (const [number] of text.slice(0, 300).matchAll(/(?<![\d.,])\d+(?:[.,]\d+)+(?![\d.,]*\d)/g)) {
      const marks = number.replace(/\d/g, '')
      const last = marks.at(-1)
      const decimals = number.length - 1 - Math.max(number.lastIndexOf(','), number.lastIndexOf('.'))
      const mixed = marks.includes(',') && marks.includes('.')
      if (marks.length > 1 && !mixed) {
        // `1.234.567`: the mark of thousands.
        if (/^\d{1,3}([.,]\d{3})+$/.test(number)) last === ',' ? point++ : comma++
      } else if (mixed || decimals !== 3) last === ',' ? comma++ : point++
    }
  }
  return comma > point ? ',' : '.'
}

/** A text with the number in it as `parseDecimal` reads it: thousands without marks, a point before the decimals. */
export function localized(text: string, mark: Mark): string {
  const spaced = /\d['’\u00a0\u202f ]\d{3}/.test(text)
    ? text.replace(/(?<=\d)['’\u00a0\u202f ](?=\d{3}(?!\d))/gu, '')
    : text
  if (mark === '.' || !/[.,]/.test(spaced)) return spaced
  return spaced.replace(/(?<=\d)\.(?=\d{3}(?!\d))/g, '').replace(/(?<=\d),(?=\d)/g, '.')
}

/** Raising a big integer anew each time is most of the work otherwise. */
const powers = Array.from({ length: 140 }, (_, n) => 10n ** BigInt(n))
const tenTo = (n: number): bigint => powers[n] ?? 10n ** BigInt(n)

export const rescaled = ({ units, scale }: Decimal, to: number): bigint =>
  to === scale ? units : to > scale ? units * tenTo(to - scale) : units / tenTo(scale - to)

/** Times a power of ten. */
export const shifted = ({ units, scale }: Decimal, power: number): Decimal =>
  scale - power >= 0 ? { units, scale: scale - power } : { units: units * tenTo(power - scale), scale: 0 }

export type Rounding = 'nearest' | 'down' | 'up' | 'cut'

/** To a multiple of `grid`; halves go away from zero. */
export function rounded(value: Decimal, grid: Decimal, mode: Rounding): Decimal {
  if (grid.units === 1n && grid.scale >= value.scale) return value
  const scale = Math.max(value.scale, grid.scale)
  const v = rescaled(value, scale)
  const g = rescaled(grid, scale)
  let q = v / g
  const rest = v - q * g
  if (rest !== 0n) {
    if (mode === 'nearest' && 2n * (rest < 0n ? -rest : rest) >= g) q += v < 0n ? -1n : 1n
    if (mode === 'down' && v < 0n) q -= 1n
    if (mode === 'up' && v > 0n) q += 1n
  }
  return { units: q * g, scale }
}

/** How a number is written: least and most decimals, least whole digits, marks, sign. */
export interface NumberStyle {
  /** -1: as many as the number itself has. */
  least: number
  most: number
  width: number
  /** Between thousands. */
  group: string
  /** Before the decimals. */
  mark: Mark
  plus: boolean
  /** `.5` for `0.5`. */
  bare: boolean
  /** Rounded first to so many digits that count: 62.336 and 4.5 of 62.33596 and 4.5. */
  significant?: number
}

export function written(number: Decimal, style: NumberStyle): string {
  const value = style.significant === undefined ? number : toSignificant(number, style.significant)
  const most = style.least < 0 ? value.scale : style.most
  const exact = rounded(value, { units: 1n, scale: most }, 'nearest')
  const units = rescaled(exact, most)
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(most + 1, '0')
  let whole = most ? digits.slice(0, -most) : digits
  let fraction = most ? digits.slice(-most) : ''
  while (style.least >= 0 && fraction.length > style.least && fraction.endsWith('0'))
    fraction = fraction.slice(0, -1)
  whole = whole.padStart(style.width, '0')
  if (style.group !== '') whole = whole.replace(/\B(?=(\d{3})+$)/g, style.group)
  if (style.bare && whole === '0' && fraction !== '') whole = ''
  return `${negative ? '-' : style.plus ? '+' : ''}${whole}${fraction ? style.mark + fraction : ''}`
}

/** To so many digits from the first that is not zero. */
function toSignificant(value: Decimal, digits: number): Decimal {
  const size = absolute(value).units.toString().length
  const scale = digits - size + value.scale
  if (value.units === 0n || scale >= value.scale) return value
  return rounded(value, scale >= 0 ? { units: 1n, scale } : { units: tenTo(-scale), scale: 0 }, 'nearest')
}

export const decimalText = (value: Decimal): string =>
  written(value, { least: 0, most: value.scale, width: 1, group: '', mark: '.', plus: false, bare: false })

/** `x` and `sign` times `y`. */
export const sum = (x: Decimal, y: Decimal, sign: bigint): Decimal => {
  const scale = Math.max(x.scale, y.scale)
  return { units: rescaled(x, scale) + sign * rescaled(y, scale), scale }
}
export const product = (x: Decimal, y: Decimal): Decimal => ({
  units: x.units * y.units,
  scale: x.scale + y.scale,
})
/** To twelve decimals more than the dividend has, cut. */
export const quotient = (x: Decimal, y: Decimal): Decimal | null =>
  y.units === 0n
    ? null
    : trimmed({ units: rescaled(x, y.scale + 12 + x.scale) / y.units, scale: 12 + x.scale })
export const absolute = ({ units, scale }: Decimal): Decimal => ({
  units: units < 0n ? -units : units,
  scale,
})
/** Without zeros at the end of its decimals. */
export const trimmed = (value: Decimal): Decimal => {
  let { units, scale } = value
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n
    scale--
  }
  return { units, scale }
}

/** Near enough, where only its size is asked for. */
export const floatOf = ({ units, scale }: Decimal) => Number(units) / 10 ** scale
