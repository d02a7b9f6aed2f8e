import { type Decimal, parseDecimal, rescaled, rounded, shifted, written } from './decimals.ts'

/** How people shorten great numbers: what stands for a thousand, a million and so on, and how much one step is. */
interface Scale {
  units: readonly string[]
  step: bigint
}

const thousands = [
  ['K', 'M', 'B'],
  ['k', 'M', 'B'],
  ['k', 'm', 'b'],
  ['K', 'M', 'bn'],
  ['k', 'm', 'bn'],
  ['K', 'M', 'G', 'T'],
  ['thousand', 'million', 'billion'],
]
const bytes = [
  ['KB', 'MB', 'GB', 'TB'],
  ['kB', 'MB', 'GB', 'TB'],
]
const scales: readonly Scale[] = [
  ...thousands.map((units) => ({ units, step: 1000n })),
  ...bytes.flatMap((units) => [1024n, 1000n].map((step) => ({ units, step }))),
]

/** A way to write numbers with the unit that fits each. */
export interface Shortening {
  cost: number
  words: string
  write(value: Decimal): string
}

/** How the number before a unit is written. */
interface Figures {
  least: number
  most: number
  gap: string
  mode: 'nearest' | 'down'
}

const shortened = /\d{1,4}(?:\.(\d{1,3}))?(\s?)([kKmMbBGT][bBn]?|thousand|million|billion)(?![\p{L}\p{N}])/gu

/** The ways that write `given` as it stands in `out`: `12K` for 12345, and then `3M` for 3100000. */
export function shortenings(given: Decimal, out: string): Shortening[] {
  const found: Shortening[] = []
  for (const [text, decimals = '', gap = '', unit] of out.matchAll(shortened)) {
    const shown = decimals.length
    for (const scale of scales.filter(({ units }) => units.includes(unit as string))) {
      for (const [least, most, cost] of figuresAfter(shown)) {
        for (const mode of ['nearest', 'down'] as const) {
          const write = writer(scale, { least, most, gap, mode })
          if (write(given) !== text) continue
          const cut = mode === 'down' ? ', rounded down' : ''
          found.push({
            cost: cost + (mode === 'down' ? 0.7 : 0),
            words: `shortened to ${scale.units.join(', ')}${cut}`,
            write,
          })
        }
      }
    }
  }
  return found
}

/** Least and most decimals, and what it costs to think so; tenths that no example shows: `1.5K` beside `2K`. */
const figuresAfter = (shown: number): [number, number, number][] =>
  shown > 0
    ? [
        [shown, shown, 0],
        [0, shown, 0.4],
      ]
    : [
        [0, 0, 0],
        [0, 1, 0.6],
      ]

function writer({ units, step }: Scale, { least, most, gap, mode }: Figures): (value: Decimal) => string {
  const style = { width: 1, group: '', mark: '.' as const, plus: false, bare: false }
  return (value) => {
    if (wholeOf(value) < step) return written(value, { ...style, least: 0, most: value.scale })
    for (let level = 1; ; level++) {
      const number = rounded(divided(value, step ** BigInt(level)), { units: 1n, scale: most }, mode)
      // 999,950 is a million to one decimal, not a thousand thousand.
      if (wholeOf(number) >= step && level < units.length) continue
      return `${written(number, { ...style, least, most })}${gap}${units[level - 1]}`
    }
  }
}

const wholeOf = (value: Decimal): bigint => {
  const whole = rescaled(value, 0)
  return whole < 0n ? -whole : whole
}
/** To nine decimals, cut. */
const divided = (value: Decimal, by: bigint): Decimal => ({
  units: rescaled(value, value.scale + 9) / by,
  scale: value.scale + 9,
})

const powers = new Map([
  ['k', 3],
  ['thousand', 3],
  ['m', 6],
  ['mn', 6],
  ['million', 6],
  ['b', 9],
  ['bn', 9],
  ['billion', 9],
])
const readable = new RegExp(
  `^\\D*?([-+]?\\d+(?:\\.\\d+)?)\\s?(${[...powers.keys()].join('|')})(?![\\p{L}\\p{N}])`,
  'iu',
)

/** `$1.5M` as 1500000; null where nothing is shortened. */
export function readShortened(text: string): Decimal | null {
  const [, figures = '', unit = ''] = readable.exec(text) ?? []
  const value = parseDecimal(figures)
  return value && shifted(value, powers.get(unit.toLowerCase()) as number)
}
