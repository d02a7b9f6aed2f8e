/** Longer texts are compared by their first so many words. */
const longest = 600

/** Words as they are compared: lower case, without signs around them; each character of a script without spaces. */
export function wordsOf(text: string): string[] {
  const found = text
    .toLowerCase()
    .match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}_])+(?:[.,:'’/@-](?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}_])+)*/gu,
    )
  return (found ?? []).slice(0, longest)
}

/** Part of a link or of an address: what it holds is not a number of this case alone. */
const linkLike = /\p{L}{2,}[./@-]\p{L}{2,}/u

/** Words of a text where each word with a digit is the same word: what is left of an answer without its numbers and dates. */
export function maskedWords(text: string): string[] {
  return wordsOf(text).map((word) => (/\p{Nd}/u.test(word) && !linkLike.test(word) ? '0' : word))
}

/** A number for each word that has been met. */
export function numberWords(words: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(words, (word) => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, numbers.size)
    return numbers.size - 1
  })
}

/** Numbers of words that were met before; -1 for any other, which no known word equals. */
export function knownWords(words: readonly string[], numbers: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from(words, (word) => numbers.get(word) ?? -1)
}

/** Words kept in their order, over the longer of the two texts: 1 for the same words, 0 for none in common. */
export function similarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const most = Math.max(a.length, b.length)
  return most === 0 ? 1 : commonLength(a, b) / most
}

/** `similarity` of two texts. */
export function textSimilarity(a: string, b: string): number {
  const numbers = new Map<string, number>()
  return similarity(numberWords(wordsOf(a), numbers), numberWords(wordsOf(b), numbers))
}

const places = new Map<number, Int32Array>()

/**
 * Length of the longest common subsequence, 32 words at a time (Hyyrö, "Bit-parallel LCS-length computation
 * revisited", AWOCA 2004): a 0 bit in `row` marks a place at which the length grows by one.
 */
function commonLength(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const blocks = (a.length + 31) >>> 5
  places.clear()
  for (let i = 0; i < a.length; i++) {
    let mask = places.get(a[i]!)
    if (!mask) {
      mask = new Int32Array(blocks)
      places.set(a[i]!, mask)
    }
    mask[i >>> 5]! |= 1 << (i & 31)
  }
  const row = new Int32Array(blocks).fill(-1)
  for (let j = 0; j < b.length; j++) {
    const mask = places.get(b[j]!)
    if (!mask) continue
    let carry = 0
    for (let block = 0; block < blocks; block++) {
      const before = row[block]!
      const meeting = before & mask[block]!
      const sum = (before >>> 0) + (meeting >>> 0) + carry
      carry = sum > 0xffffffff ? 1 : 0
      row[block] = sum | 0 | (before & ~meeting)
    }
  }
  let common = 0
  for (let i = 0; i < a.length; i++) if (!((row[i >>> 5]! >>> (i & 31)) & 1)) common++
  return common
}
