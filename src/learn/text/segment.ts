/** Where the tokens of a text stand: `[starts[i], ends[i])` in UTF-16 units. Reused from text to text. */
export interface Tokens {
  starts: Int32Array
  ends: Int32Array
  /** 1 where the token is a word made of letters and digits, 0 where it is a sign of its own. */
  words: Uint8Array
  count: number
}

export function emptyTokens(): Tokens {
  return { starts: new Int32Array(256), ends: new Int32Array(256), words: new Uint8Array(256), count: 0 }
}

const separator = 0
const wordUnit = 1
const alone = 2

/** For each UTF-16 unit what it is. Built once, on first use: 65,536 tests of a regular expression are about 10 ms. */
let classes: Uint8Array | undefined
function unitClasses(): Uint8Array {
  if (classes) return classes
  classes = new Uint8Array(65_536)
  const word = /[\p{L}\p{M}\p{N}_]/u
  // Written without spaces between words: each character is a token, and pairs of them act as words.
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
  for (let unit = 0; unit < 65_536; unit++) {
    if (unit >= 0xd800 && unit <= 0xdfff) continue
    const char = String.fromCharCode(unit)
    if (unspaced.test(char)) classes[unit] = alone
    else if (word.test(char)) classes[unit] = wordUnit
  }
  for (const sign of '?!？！') classes[sign.charCodeAt(0)] = alone
  return classes
}

/**
 * The form in which texts are compared: lower case, compatibility forms made one (full-width letters, ligatures),
 * typographic apostrophes plain.
 */
export function normalise(text: string): string {
  const plain = /^[\x00-\x7f]*$/.test(text) ? text : text.normalize('NFKC').replaceAll('’', "'")
  return plain.toLowerCase()
}

/**
 * Cuts a normalised text into words, single characters of scripts that are written without spaces, question and
 * exclamation marks, and emoji. An apostrophe between two letters belongs to the word.
 */
export function segment(text: string, tokens: Tokens): void {
  const kinds = unitClasses()
  tokens.count = 0
  const length = text.length
  let at = 0
  while (at < length) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit <= 0xdbff && at + 1 < length) {
      append(tokens, at, at + 2, 0)
      at += 2
      continue
    }
    const kind = kinds[unit]!
    if (kind === separator) {
      at++
    } else if (kind === alone) {
      append(tokens, at, at + 1, 0)
      at++
    } else {
      const start = at++
      while (at < length) {
        const next = text.charCodeAt(at)
        if (kinds[next] === wordUnit) at++
        else if (next === 39 && at + 1 < length && kinds[text.charCodeAt(at + 1)] === wordUnit) at++
        else break
      }
      append(tokens, start, at, 1)
    }
  }
}

function append(tokens: Tokens, start: number, end: number, word: 0 | 1): void {
  if (tokens.count === tokens.starts.length) {
    tokens.starts = doubled(tokens.starts, Int32Array)
    tokens.ends = doubled(tokens.ends, Int32Array)
    tokens.words = doubled(tokens.words, Uint8Array)
  }
  tokens.starts[tokens.count] = start
  tokens.ends[tokens.count] = end
  tokens.words[tokens.count] = word
  tokens.count++
}

function doubled<A extends Int32Array | Uint8Array>(array: A, make: new (length: number) => A): A {
  const bigger = new make(array.length * 2)
  bigger.set(array)
  return bigger
}
