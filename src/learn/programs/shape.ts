const small = 97
const capital = 65
const digit = 57
const space = 95

/** The sign of a character: small letters, capitals, digits and spaces have one each; a mark is its own. */
function signOf(code: number): number {
  if (code >= 97 && code <= 122) return small
  if (code >= 65 && code <= 90) return capital
  if (code >= 48 && code <= 57) return digit
  if (code === 32 || (code >= 9 && code <= 13)) return space
  if (code < 128) return code
  const letter = String.fromCodePoint(code)
  if (/\p{Lu}/u.test(letter)) return capital
  if (/[\p{L}\p{M}]/u.test(letter)) return small
  if (/\p{N}/u.test(letter)) return digit
  return /\s/u.test(letter) ? space : code
}

const runs = (sign: number) => sign === small || sign === capital || sign === digit || sign === space

/** Only so much of a text has a shape. */
const looked = 200

/** The look of a text: runs of capitals, small letters, digits and spaces become one sign each; marks stay. */
export function shapeOf(text: string): string {
  let shape = ''
  let last = 0
  for (let i = 0; i < text.length && i < looked; i++) {
    const code = text.codePointAt(i) as number
    if (code > 0xffff) i++
    const sign = signOf(code)
    if (sign !== last || !runs(sign)) shape += String.fromCodePoint(sign)
    last = sign
  }
  return shape
}

/** Whether the text has that shape, found without making its own. */
export function hasShape(text: string, shape: string): boolean {
  let at = 0
  let last = 0
  for (let i = 0; i < text.length && i < looked; i++) {
    const code = text.codePointAt(i) as number
    if (code > 0xffff) i++
    const sign = signOf(code)
    if (sign !== last || !runs(sign)) {
      if (shape.codePointAt(at) !== sign) return false
      at += sign > 0xffff ? 2 : 1
    }
    last = sign
  }
  return at === shape.length
}

/** How many runs of anything but spaces the text has. */
export function wordsIn(text: string): number {
  let words = 0
  let inside = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const space =
      code <= 32 || code === 160 || (code >= 0x2000 && code <= 0x3000 && /\s/u.test(text[i] as string))
    if (!space && !inside) words++
    inside = !space
  }
  return words
}
