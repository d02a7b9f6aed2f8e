import type { Roles } from './roles.ts'

/** Share of a period's rows that must stand there twice, for the period to have been written twice. */
const nearlyAll = 0.9
/** Tables in which rows are ordinarily equal (one row a sale, say) have more periods like that than this. */
const mostPeriods = 0.25
const fewestRows = 4

/**
 * Leaves out the second copy of periods that were written twice (an export that was appended again), which would double them.
 * Equal rows are told by two hashes of their time, dimensions and figures.
 */
export function leaveOutRepeated(
  { time, dimensions, metric, per }: Roles,
  kept: Uint8Array,
  notices: string[],
): void {
  if (!time) return
  const { codes, values } = time.column
  const rows = new Int32Array(values.length)
  for (let row = 0; row < kept.length; row++) if (kept[row] && codes[row]! >= 0) rows[codes[row]!]!++
  const usual = rows.slice().sort()[rows.length >> 1]!
  if (!rows.some((count) => count >= 2 * fewestRows && count >= 1.5 * usual)) return
  const repeats = new Int32Array(values.length)
  const again: number[] = []
  const seen = keySet(kept.length)
  const float = new Float64Array(2)
  const bits = new Int32Array(float.buffer)
  for (let row = 0; row < kept.length; row++) {
    const code = codes[row]!
    if (!kept[row] || code < 0) continue
    float[0] = metric.numbers[row]!
    float[1] = per ? per.numbers[row]! : 0
    let a = Math.imul(code + 1, 0x9e3779b1)
    let b = Math.imul(code + 1, 0x85ebca6b)
    const mix = (value: number) => {
      a = Math.imul(a ^ value, 0x01000193) ^ (a >>> 15)
      b = Math.imul(b + value, 0xc2b2ae35) ^ (b >>> 13)
    }
    for (let i = 0; i < 4; i++) mix(bits[i]!)
    for (const each of dimensions) mix(each.codes[row]!)
    // 53 bits of both: two rows of a million are told apart.
    const key = (a >>> 0) * 0x20_0000 + (b >>> 11)
    if (!seen.add(key)) {
      repeats[code]!++
      again.push(row)
    }
  }
  const twice = new Set<number>()
  for (let code = 0; code < rows.length; code++) {
    // Of rows that stand there twice each, one half is the copy.
    if (rows[code]! >= 2 * fewestRows && repeats[code]! >= (nearlyAll / 2) * rows[code]!) twice.add(code)
  }
  if (twice.size === 0 || twice.size > mostPeriods * values.length) return
  for (const row of again) if (twice.has(codes[row]!)) kept[row] = 0
  const named = [...twice].slice(0, 3).map((code) => values[code])
  notices.push(
    `${named.join(', ')}${twice.size > 3 ? ` and ${twice.size - 3} more` : ''}: all rows stand there twice, and are counted once.`,
  )
}

/** A set of positive numbers of known size, without an object for each: open addressing. */
function keySet(most: number) {
  let capacity = 16
  while (capacity < 2 * most) capacity *= 2
  const keys = new Float64Array(capacity).fill(-1)
  return {
    /** False where it is there already. */
    add(key: number): boolean {
      let slot = (key ^ (key / 0x1_0000_0000)) & (capacity - 1)
      while (keys[slot] !== -1) {
        if (keys[slot] === key) return false
        slot = (slot + 1) & (capacity - 1)
      }
      keys[slot] = key
      return true
    },
  }
}
