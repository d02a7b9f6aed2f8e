/** A change of letters that keeps the text's length in mind: case, accents. */
export interface Lettering {
  name: string
  cost: number
  run(text: string): string
  words: string
  formula: string | null
  /** Only changes letters with accents, or them as well. */
  accents?: boolean
  /** Puts spaces where there are marks between words. */
  joints?: boolean
}

export const isAscii = (text: string) => /^[\x00-\x7f]*$/.test(text)
const titled = (text: string) =>
  text.replace(
    /(\p{L}[\p{L}\p{M}]*)((?:['’]\p{L}[\p{L}\p{M}]*)*)/gu,
    (_, word: string, rest: string) =>
      capital(word) +
      rest.replace(
        /(['’])(\p{L}[\p{L}\p{M}]*)/gu,
        (_, mark, part) => mark + (part.length > 1 ? capital(part) : part.toLowerCase()),
      ),
  )
/** A capital first letter, the rest small. */
export const capital = (word: string) => {
  if (word === '') return ''
  const first = String.fromCodePoint(word.codePointAt(0) as number)
  return first.toUpperCase() + word.slice(first.length).toLowerCase()
}

/** Words that titles and names leave small, but at their beginning. */
const smallWords = new Set(
  'a an and as at but by for from in into nor of on or over per the to vs with de la le les du des et el los las y von van und'.split(
    ' ',
  ),
)
const headline = (text: string) =>
  titled(text).replace(/(?<=[\p{L}\p{N}]\P{L}*)(?<![\p{L}'’])\p{L}+(?![\p{L}'’])/gu, (word) =>
    smallWords.has(word.toLowerCase()) ? word.toLowerCase() : word,
  )

/** Letters that are no letter with an accent to Unicode, but are to people. */
const strokes: Record<string, string> = {
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ı: 'i',
}
/** Without accents: `Müller-Groß` as `Muller-Gross`. */
export const plain = (text: string) =>
  isAscii(text)
    ? text
    : text
        .normalize('NFD')
        .replace(/\p{M}/gu, '')
        .replace(/[ßøØłŁđĐðÐþÞæÆœŒı]/gu, (letter) => strokes[letter] as string)
        .normalize('NFC')

const spelled: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
  ø: 'oe',
  Ø: 'Oe',
  å: 'aa',
  Å: 'Aa',
}
/** As people write names where there are no such letters. */
const spelledOut = (text: string) =>
  isAscii(text)
    ? text
    : plain(text.normalize('NFC').replace(/[äöüÄÖÜøØåÅ]/gu, (letter) => spelled[letter] as string))

/** What joins the words of addresses, file names and keys: `blue-shirt`, `unit_price`. */
export const joint = /(?<=[\p{L}\p{N}])[-_.](?=[\p{L}\p{N}])/gu
const spaced = (text: string) => text.replace(joint, ' ')

export const letterings: readonly Lettering[] = [
  { name: 'as is', cost: 0, run: (text) => text, words: '{x}', formula: '{x}' },
  {
    name: 'lower',
    cost: 1,
    run: (text) => text.toLowerCase(),
    words: '{x} in small letters',
    formula: 'LOWER({x})',
  },
  {
    name: 'upper',
    cost: 1,
    run: (text) => text.toUpperCase(),
    words: '{x} in capitals',
    formula: 'UPPER({x})',
  },
  { name: 'title', cost: 1, run: titled, words: '{x} with each word capitalised', formula: 'PROPER({x})' },
  {
    name: 'headline',
    cost: 1.3,
    run: headline,
    words: '{x} with each word capitalised but the small ones',
    formula: null,
  },
  {
    name: 'sentence',
    cost: 1.2,
    run: (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
    words: '{x} with the first letter a capital and the rest small',
    formula: 'UPPER(LEFT({x}))&LOWER(MID({x},2,9999))',
  },
  {
    name: 'capital',
    cost: 1.3,
    run: (text) => text.charAt(0).toUpperCase() + text.slice(1),
    words: '{x} with a capital first letter',
    formula: 'UPPER(LEFT({x}))&MID({x},2,9999)',
  },
  {
    name: 'spaced',
    cost: 1.2,
    run: spaced,
    joints: true,
    words: '{x} with a space for each "-", "_" and "."',
    formula: null,
  },
  {
    name: 'spaced, title',
    cost: 1.5,
    run: (text) => titled(spaced(text)),
    joints: true,
    words: '{x} with a space for each "-", "_" and ".", each word capitalised',
    formula: null,
  },
  {
    name: 'spaced, sentence',
    cost: 1.7,
    run: (text) => capital(spaced(text)),
    joints: true,
    words: '{x} with a space for each "-", "_" and ".", the first letter a capital',
    formula: null,
  },
  {
    name: 'swap',
    cost: 2.2,
    run: (text) =>
      text.replace(/\p{L}/gu, (letter) =>
        letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
      ),
    words: '{x} with capitals and small letters swapped',
    formula: null,
  },
  { name: 'plain', cost: 1.6, run: plain, accents: true, words: '{x} without accents', formula: null },
  {
    name: 'plain lower',
    cost: 2,
    run: (text) => plain(text).toLowerCase(),
    accents: true,
    words: '{x} in small letters without accents',
    formula: null,
  },
  {
    name: 'plain upper',
    cost: 2,
    run: (text) => plain(text).toUpperCase(),
    accents: true,
    words: '{x} in capitals without accents',
    formula: null,
  },
  {
    name: 'spelled out',
    cost: 1.6,
    run: spelledOut,
    accents: true,
    words: '{x} with "ae" for "ä" and the like',
    formula: null,
  },
  {
    name: 'spelled out, lower',
    cost: 2,
    run: (text) => spelledOut(text).toLowerCase(),
    accents: true,
    words: '{x} in small letters, with "ae" for "ä" and the like',
    formula: null,
  },
  {
    name: 'spelled out, upper',
    cost: 2,
    run: (text) => spelledOut(text).toUpperCase(),
    accents: true,
    words: '{x} in capitals, with "AE" for "ä" and the like',
    formula: null,
  },
]
