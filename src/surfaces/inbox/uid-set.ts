/** `1:3,7` for 1, 2, 3, 7: a set of UIDs as IMAP writes it (RFC 9051, `sequence-set`). */
export function uidSet(uids: readonly number[]): string {
  const sorted = [...uids].sort((a, b) => a - b)
  const ranges: string[] = []
  for (let next = 0; next < sorted.length; ) {
    let last = next
    while (sorted[last + 1] === sorted[last]! + 1) last++
    ranges.push(last === next ? `${sorted[next]}` : `${sorted[next]}:${sorted[last]}`)
    next = last + 1
  }
  return ranges.join(',')
}

export function* chunks<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let next = 0; next < all.length; next += size) yield all.slice(next, next + size)
}
