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
  [' thousand', ' million', ' billion'],
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

/** The ways that write `given` as it stands in `out`: `12K` for 12345, and then `3M` for 3100000. */
export function shortenings(given: Decimal, out: string): Shortening[] {
  const found: Shortening[] = []
  for (const { 0: text, 1: digits, 2: decimals = '', 3: gap, 4: unit } of out.matchAll(
    /(\d{1,4}(?:\.(\d{1,3}))?)(\s?)([kKmMbBGT][bBn]?|thousand|million|billion)(?![\p{L}\p{N}])/gu,
  )) {
    for (const { units, step } of scales) {
      if (!units.some((each) => each.trim() === unit)) continue
      for (const least of new Set([decimals.length, 0])) {
        // Tenths that no example shows are there all the same in `1.5K` beside `2K`.
        for (const most of decimals ? [decimals.length] : [0, 1]) {
          if (least > most) continue
          for (const mode of ['nearest', 'down'] as const) {
            const style = { least, most, width: 1, group: '', mark: '.' as const, plus: false, bare: false }
            const write = (value: Decimal): string => {
              const grid = { units: 1n, scale: most }
              let rest = value
              let level = -1
              while (level + 1 < units.length && wholeOf(rest) >= step) {
                rest = divided(value, step ** BigInt(++level + 1))
              }
              const number = written(
                rounded(rest, level < 0 ? { units: 1n, scale: rest.scale } : grid, mode),
                {
                  ...style,
                  most: level < 0 ? rest.scale : most,
                  least: level < 0 ? 0 : least,
                },
              )
              return level < 0 ? number : `${number}${gap}${(units[level] as string).trim()}`
            }
            if (write(given) !== text || !digits) continue
            found.push({
              cost:
                (mode === 'down' ? 0.7 : 0) +
                (most > decimals.length ? 0.6 : 0) +
                (least < decimals.length ? 0.4 : 0),
              words: `shortened to ${units.map((each) => each.trim()).join(', ')}${mode === 'down' ? ', rounded down' : ''}`,
              write,
            })
          }
        }
      }
    }
  }
  return found
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

const powers: Readonly<Record<string, number>> = {
  k: 3,
  thousand: 3,
  m: 6,
  mn: 6,
  million: 6,
  b: 9,
  bn: 9,
  billion: 9,
}

/** `$1.5M` as 1500000; null where nothing is shortened. */
export function readShortened(text: string): Decimal | null {
  const parts = /^\D*?([-+]?\d+(?:\.\d+)?)\s?(k|thousand|mn?|million|bn?|billion)(?![\p{L}\p{N}])/iu.exec(
    text,
  )
  const value = parts && parseDecimal(parts[1] as string)
  const power = parts && Object.hasOwn(powers, (parts[2] as string).toLowerCase())
  return value && power ? shifted(value, powers[(parts[2] as string).toLowerCase()] as number) : null
}
