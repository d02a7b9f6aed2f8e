import type { Message } from '../../contract/index.ts'
import { ownWords } from '../../learn/text/own-words.ts'

/** Something in a text that belongs to one case alone: a number, a date, an amount, a code. */
export interface Value {
  text: string
  at: number
  /** What it looks like: `A-9999` for INV-20391, `9.9.9999` for a date, `9 month 9999`. Values of one shape stand for one another. */
  shape: string
}

const months =
  'jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|augustus'
const month = new RegExp(`\\b(?:${months})\\b`, 'giu')

const link = '(?:https?:\\/\\/|www\\.)\\S+'
const mail = '[\\p{L}\\p{N}._%+-]+@[\\p{L}\\p{N}.-]+\\.\\p{L}{2,}'
const date = `\\p{Nd}{1,2}(?:\\.|st|nd|rd|th)?\\s(?:of\\s|de\\s)?(?:${months})\\b\\.?(?:,?\\s(?:de\\s)?\\p{Nd}{4})?|(?:${months})\\b\\.?\\s\\p{Nd}{1,2}(?:st|nd|rd|th)?(?:,?\\s\\p{Nd}{4})?`
const code = '[#€$£]?\\p{L}*[\\p{L}\\p{N}]*(?:[./:,_#-]?[\\p{L}\\p{N}]+)*'
/** Links and addresses are found first, so that no number is seen inside of them. */
const anyValue = new RegExp(`(${link}|${mail})|(${date})|(${code})`, 'giu')

/** Numbers, dates, amounts and codes of a text, in order. Links and addresses are told apart from them. */
export function valuesIn(text: string): { values: Value[]; links: Value[] } {
  const values: Value[] = []
  const links: Value[] = []
  for (const match of text.matchAll(anyValue)) {
    const [found, address, day] = match
    if (found === '') continue
    if (address) links.push({ text: address.replace(/[.,;:!?)\]>'"]+$/, ''), at: match.index, shape: 'link' })
    else if (/\p{Nd}/u.test(found)) {
      const each = day ? found : found.replace(/[.,:]+$/, '')
      values.push({ text: each, at: match.index, shape: shapeOf(each) })
    }
  }
  return { values, links }
}

/** Letters and digits forgotten, but for whether there are many: an order number is no quantity. */
export function shapeOf(value: string): string {
  const plain = value.replace(month, '\0').replace(/\p{L}+/gu, 'A')
  return plain.replaceAll('\0', 'month').replace(/\p{Nd}+/gu, (digits) => (digits.length < 4 ? '9' : '9999'))
}

/** What an answer may take from a mail. */
export interface Sources {
  /** Of subject and own words, in order; a value that comes again is there once. */
  values: string[]
  /** The sender's name as their mail gives it; empty where it gives none. */
  name: string
  /** Facts of the team's own records about this mail, by field. */
  facts: Record<string, string>
}

export function sourcesOf(item: Message, facts: Record<string, string> = {}): Sources {
  const text = `${item.subject}\n${ownWords(item.text)}`
  const values = [...new Set(valuesIn(text).values.map(({ text: each }) => each))]
  return { values: values.slice(0, 60), name: personName(item.from?.name ?? ''), facts }
}

/** A name made of letters only: what stands in a From header is chosen by the sender, and may be anything. */
function personName(name: string): string {
  const turned = /^([^,]+),\s*([^,]+)$/.exec(name.trim())
  const plain = turned ? `${turned[2]} ${turned[1]}` : name.trim()
  return /^\p{Lu}[\p{L}\p{M}'’-]*(?: [\p{L}\p{M}'’.-]+){0,3}$/u.test(plain) && plain.length <= 50 ? plain : ''
}

export type NamePart = 'first' | 'last' | 'full'

/** Part of a name; null where there is none. */
export function namePart(name: string, part: NamePart): string | null {
  const words = name.split(' ').filter(Boolean)
  if (words.length === 0) return null
  if (part === 'full') return name
  if (part === 'first') return words[0]!
  return words.length > 1 ? words.at(-1)! : null
}
