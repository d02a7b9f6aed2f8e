/** Words with at most so many units are told apart by all of them; of longer ones the rest is not read. */
const longestWord = 40
/** Numbers of so many digits or more are told apart by their length alone: which order it is says nothing of its kind. */
const longNumber = 4

const separator = 0
const letter = 1
const digit = 2
/** Written without spaces between words: each character is a term, and so is each pair of neighbours. */
const unspaced = 3

/** For each UTF-16 unit what it is. Built once, on first use. */
let kinds: Uint8Array | undefined
function unitKinds(): Uint8Array {
  if (kinds) return kinds
  kinds = new Uint8Array(65_536)
  for (let unit = 0; unit < 65_536; unit++) {
    if (unit >= 0xd800 && unit <= 0xdfff) continue
    const char = String.fromCharCode(unit)
    if (/\p{Nd}/u.test(char)) kinds[unit] = digit
    else if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(char)) kinds[unit] = unspaced
    else if (/[\p{L}\p{M}\p{N}_]/u.test(char)) kinds[unit] = letter
  }
  return kinds
}

const basis = 0x811c9dc5
const zero = 48

/**
 * Calls `found` with two independent 32-bit hashes of each term of a text, in order: FNV-1a (Fowler, Noll, Vo) and a
 * multiplicative one. Together they are 64 bits, so that two of a million terms coincide with probability 3e-8. No
 * strings are made, as there would be one for every word of every mail.
 */
export function eachTerm(text: string, found: (low: number, high: number) => void): void {
  const kind = unitKinds()
  const plain = text.toLowerCase()
  const length = plain.length
  let at = 0
  while (at < length) {
    const unit = plain.charCodeAt(at)
    const is = kind[unit]!
    if (is === separator) {
      at++
      continue
    }
    if (is === unspaced) {
      found(Math.imul(basis ^ unit, 0x01000193), Math.imul(unit + 1, 0x9e3779b1))
      const next = at + 1 < length ? plain.charCodeAt(at + 1) : 0
      if (kind[next] === unspaced) {
        const low = Math.imul(Math.imul(basis ^ unit, 0x01000193) ^ next, 0x01000193)
        found(low, Math.imul(Math.imul(unit + 1, 0x9e3779b1) + next + 1, 0x85ebca6b))
      }
      at++
      continue
    }
    let end = at
    let digits = 0
    while (end < length) {
      const each = kind[plain.charCodeAt(end)]!
      if (each !== letter && each !== digit) break
      if (each === digit) digits++
      end++
    }
    const shape = digits >= longNumber
    const stop = Math.min(end, at + longestWord)
    let low = basis
    let high = 0x2545f491
    for (let i = at; i < stop; i++) {
      const each = plain.charCodeAt(i)
      const code = shape && kind[each] === digit ? zero : each
      low = Math.imul(low ^ code, 0x01000193)
      high = Math.imul(high + code + 1, 0x85ebca6b)
      high ^= high >>> 15
    }
    found(low, high)
    at = end
  }
}
