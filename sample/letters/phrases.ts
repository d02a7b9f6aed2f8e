import type { Random } from '../random.ts'

/**
 * Writes one wording of a phrase: `{a|b}` is one of the alternatives (they may nest), `<name>` the value of that
 * name. Throws on a name that is not given, so that a slip in a phrasebook cannot reach a mail.
 */
export function say(phrase: string, rng: Random, values: Record<string, string>): string {
  let at = 0
  /** Reads up to `|` or `}` on its own level. Skipped alternatives are parsed too, without drawing chance. */
  const sequence = (live: boolean): string => {
    let out = ''
    while (at < phrase.length) {
      const mark = phrase[at]!
      if (mark === '|' || mark === '}') return out
      at++
      if (mark === '{') out += alternatives(live)
      else if (mark === '<') {
        const end = phrase.indexOf('>', at)
        const name = phrase.slice(at, end)
        at = end + 1
        if (!live) continue
        const value = values[name]
        if (value === undefined) throw new Error(`no value for <${name}> in "${phrase}"`)
        out += value
      } else out += mark
    }
    return out
  }
  const alternatives = (live: boolean): string => {
    const chosen = live ? rng.int(count(phrase, at)) : -1
    let out = ''
    for (let i = 0; ; i++) {
      const text = sequence(i === chosen)
      if (i === chosen) out = text
      if (phrase[at++] !== '|') return out
    }
  }
  return sequence(true)
    .replace(/ {2,}/g, ' ')
    .replace(/ ([.,?:])/g, '$1')
    .trim()
}

/** Number of alternatives of the group whose content starts at `from`. */
function count(phrase: string, from: number): number {
  let depth = 0
  let found = 1
  for (let i = from; i < phrase.length; i++) {
    const mark = phrase[i]
    if (mark === '{') depth++
    else if (mark === '}' && depth-- === 0) return found
    else if (mark === '|' && depth === 0) found++
  }
  throw new Error(`unclosed { in "${phrase}"`)
}

/** Swaps, drops or doubles letters at a rate per word, as hasty typists do. Words with digits or signs are left alone. */
export function mistype(text: string, rng: Random, rate: number): string {
  if (rate === 0) return text
  return text.replace(/\p{L}{4,}/gu, (word) => {
    if (!rng.chance(rate)) return word
    const i = rng.between(1, word.length - 2)
    switch (rng.int(4)) {
      case 0:
        return word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2)
      case 1:
        return word.slice(0, i) + word.slice(i + 1)
      case 2:
        return word.slice(0, i) + word[i] + word.slice(i)
      default:
        return word.toLowerCase()
    }
  })
}
