/** The look of a text: runs of capitals, small letters, digits and spaces become one sign each; marks stay. */
export function shapeOf(text: string): string {
  let shape = ''
  let last = ''
  for (const letter of text.length > 200 ? text.slice(0, 200) : text) {
    const code = letter.charCodeAt(0)
    let sign: string
    if (code >= 97 && code <= 122) sign = 'a'
    else if (code >= 65 && code <= 90) sign = 'A'
    else if (code >= 48 && code <= 57) sign = '9'
    else if (/\s/u.test(letter)) sign = '_'
    else if (code < 128) sign = letter
    else if (/\p{Lu}/u.test(letter)) sign = 'A'
    else if (/[\p{L}\p{M}]/u.test(letter)) sign = 'a'
    else if (/\p{N}/u.test(letter)) sign = '9'
    else sign = letter
    if (sign !== last || !'aA9_'.includes(sign)) shape += sign
    last = sign
  }
  return shape
}
