/** How many hashes a sketch keeps. */
const kept = 64

/**
 * A bottom-k sketch (Broder 1997, "On the resemblance and containment of documents") of a text's word pairs: small
 * numbers from which the text cannot be read, and which tell how alike two texts are. Quoted lines do not count.
 */
export function sketchOf(text: string): number[] {
  const words = text
    .split(/\r?\n/)
    .filter((line) => !/^\s*>/.test(line))
    .join(' ')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  const hashes = new Set<number>()
  for (const [at, word] of (words ?? []).entries()) hashes.add(hash(`${words![at - 1] ?? ''} ${word}`))
  return [...hashes].sort((a, b) => a - b).slice(0, kept)
}

/** Estimated share, 0..1, of word pairs that two texts have in common (Jaccard). */
export function resemblance(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0
  const union = [...new Set([...a, ...b])].sort((x, y) => x - y).slice(0, kept)
  const [inA, inB] = [new Set(a), new Set(b)]
  return union.filter((each) => inA.has(each) && inB.has(each)).length / union.length
}

/** FNV-1a in 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
