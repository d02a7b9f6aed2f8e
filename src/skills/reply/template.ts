import { maskedWords, numberWords, similarity } from './similarity.ts'
import { type NamePart, namePart, type Sources, shapeOf, type Value, valuesIn } from './values.ts'

/** One of the answers that are nearly the same: what was written, and what the mail it answered offered. */
export interface Member {
  greeting: string
  body: string
  closing: string
  /** Hash of whom it was written to. */
  person: number
  sources: Sources
}

/** Where a part of an answer comes from that differs from case to case. */
export type Slot =
  | { from: 'mail'; shapes: string[] }
  | { from: 'name'; part: NamePart }
  | { from: 'fact'; field: string }
  /** Nobody knows: left open for the person. */
  | { from: 'nowhere'; shape: string }

/** What those answers have in common, to be filled in for the next mail. */
export interface Template {
  /** Fixed texts and slots in turn. */
  body: (string | Slot)[]
  greeting: (string | Slot)[]
  closing: string
}

/** What stands in a draft where nothing is known: to be filled in by the person. */
export const gap = '____'

/** A rule is trusted when it gave what people wrote in so many of the answers it can be checked on. */
const trusted = 0.6
const fewestChecks = 2

/** What nearly equal answers have in common: the one most like the others, with what is its own taken out. Null where that leaves too little. */
export function templateOf(members: readonly Member[]): Template | null {
  // What only one person was told is theirs, however often.
  if (new Set(members.map(({ person }) => person)).size < 2) return null
  const numbers = new Map<string, number>()
  const words = members.map(({ body }) => numberWords(maskedWords(body), numbers))
  let best = 0
  let bestSum = -1
  for (const [i, own] of words.entries()) {
    const sum = words.reduce((total, other) => total + similarity(own, other), 0)
    // Of equals the newest: wordings change.
    if (sum >= bestSum - 1e-9) {
      best = i
      bestSum = sum
    }
  }
  const body = slotsOf(members[best]!, members)
  if (!body) return null
  const fixed = body.filter((part) => typeof part === 'string').join(' ')
  const known = maskedWords(fixed).length
  const gaps = body.filter((part) => typeof part !== 'string').length
  if (known < 2 || gaps > Math.max(3, known / 4)) return null
  return { body, greeting: greetingOf(members), closing: closingOf(members) }
}

/** Cuts the body of an answer into what it shares with the others and what is of this case. Null where it cannot be told apart. */
function slotsOf(chosen: Member, members: readonly Member[]): (string | Slot)[] | null {
  const { body } = chosen
  const others = members.filter((each) => each !== chosen)
  const holding = (text: string) => others.filter((other) => other.body.includes(text))
  const holds = (text: string) => holding(text).filter(({ person }) => person !== chosen.person).length
  const strangers = others.filter(({ person }) => person !== chosen.person).length
  const shared = (text: string) => holds(text) * 2 >= strangers && holds(text) > 0
  const { values, links } = valuesIn(body)
  // A link or an address is never filled in: it is everybody's, or the answer is of no use as a template.
  if (links.some(({ text }) => !shared(text))) return null
  const slots: { at: number; length: number; slot: Slot }[] = []
  for (const [place, { text, at }] of values.entries()) {
    if (shared(text)) continue
    slots.push({ at, length: text.length, slot: valueSlot(place, values, members) })
  }
  const nameParts = ['full', 'first', 'last'] as const
  for (const part of nameParts) {
    const name = namePart(chosen.sources.name, part)
    if (name === null) continue
    const at = wordAt(body, name)
    const free = slots.every((each) => at >= each.at + each.length || at + name.length <= each.at)
    if (at >= 0 && free && !shared(name))
      slots.push({ at, length: name.length, slot: { from: 'name', part } })
  }
  // Capitals inside a sentence that the others do not have: a person, a town, a product of that one case.
  for (const match of body.matchAll(
    /(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{M}'’-]+(?: \p{Lu}[\p{L}\p{M}'’-]+)*/gu,
  )) {
    const [text] = match
    const at = match.index
    const taken = slots.some((each) => at < each.at + each.length && each.at < at + text.length)
    if (taken || holds(text) > 0) continue
    slots.push({ at, length: text.length, slot: { from: 'nowhere', shape: 'name' } })
  }
  slots.sort((a, b) => a.at - b.at)
  const parts: (string | Slot)[] = []
  let from = 0
  for (const { at, length, slot } of slots) {
    if (at > from) parts.push(body.slice(from, at))
    parts.push(slot)
    from = at + length
  }
  if (from < body.length) parts.push(body.slice(from))
  return parts
}

/** Where the value at this place of the answer comes from, as far as the answers with as many values show. */
function valueSlot(place: number, values: readonly Value[], members: readonly Member[]): Slot {
  const alike = members.flatMap(({ body, sources }) => {
    const own = valuesIn(body).values
    return own.length === values.length ? [{ value: own[place]!, sources }] : []
  })
  const shapes = [...new Set(alike.map(({ value }) => value.shape))].sort()
  const fields = new Map<string, number>()
  let fromMail = 0
  for (const { value, sources } of alike) {
    if (firstOfShape(sources, shapes) === value.text) fromMail++
    for (const [field, fact] of Object.entries(sources.facts)) {
      if (fact === value.text) fields.set(field, (fields.get(field) ?? 0) + 1)
    }
  }
  const [field, times] = [...fields].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  const enough = (right: number) => right >= fewestChecks && right / alike.length >= trusted
  if (enough(fromMail)) return { from: 'mail', shapes }
  if (enough(times)) return { from: 'fact', field }
  return { from: 'nowhere', shape: values[place]!.shape }
}

const firstOfShape = ({ values }: Sources, shapes: readonly string[]): string | null =>
  values.find((value) => shapes.includes(shapeOf(value))) ?? null

const titles =
  /(?:^|\s)(?:mr|mrs|ms|miss|dr|prof|sir|madam|herrn?|frau|fräulein|monsieur|madame|mme|mlle|m|señora?|sra?|srta|don|doña|signora?|sig|senhora?|meneer|mevrouw|dhr|pan|pani|господин|госпожа)\.?(?=\s|$)/iu

/** How these people greet: with the part of the sender's name that they use, or without a name where it takes a title. */
function greetingOf(members: readonly Member[]): (string | Slot)[] {
  const times = new Map<string, { parts: (string | Slot)[]; times: number }>()
  for (const { greeting, sources } of members) {
    const parts = greetingParts(greeting, sources.name)
    const key = JSON.stringify(parts)
    const known = times.get(key) ?? { parts, times: 0 }
    known.times++
    times.set(key, known)
  }
  return [...times.values()].sort((a, b) => b.times - a.times)[0]?.parts ?? []
}

function greetingParts(greeting: string, sender: string): (string | Slot)[] {
  if (greeting === '') return []
  const mark = /[,!.:;，！。]$/.exec(greeting)?.[0] ?? ''
  for (const part of ['full', 'first', 'last'] as const) {
    const name = namePart(sender, part)
    const at = name === null ? -1 : wordAt(greeting, name)
    if (at < 0) continue
    const before = greeting.slice(0, at)
    if (titles.test(before.trim())) return [plainGreeting(before, mark)]
    const after = greeting.slice(at + name!.length)
    return [before, { from: 'name', part }, ...(after ? [after] : [])]
  }
  return [plainGreeting(greeting, mark)]
}

/** "Dear Mrs Keller," → "Hello," is another greeting; so the first words stay, and what follows a title or is a name goes. */
function plainGreeting(greeting: string, mark: string): string {
  const title = titles.exec(greeting)
  const words = (title ? greeting.slice(0, title.index) : greeting).replace(/[,!.:;，！。]+$/, '').split(' ')
  const kept = words.filter(
    (word, i) =>
      i === 0 || /^\p{Ll}/u.test(word) || /^(?:Tag|Morgen|Abend|Morning|Afternoon|Day)$/.test(word),
  )
  const plain = kept.join(' ').trim()
  return plain === '' || /^(?:dear|sehr geehrte[rs]?|liebe[rs]?)$/iu.test(plain)
    ? ''
    : `${plain}${mark || ','}`
}

/** The closing that most of them share. */
function closingOf(members: readonly Member[]): string {
  const times = Map.groupBy(members, ({ closing }) => closing)
  const [closing, own] = [...times].sort((a, b) => b[1].length - a[1].length)[0]!
  return own.length * 2 >= members.length ? closing : ''
}

export interface Filled {
  text: string
  /** What had to be left open. */
  gaps: number
  /** What was taken from where. */
  taken: { from: string; value: string }[]
}

/** The template with its slots filled from this mail and these facts, and from nothing else. */
export function fillTemplate({ greeting, body, closing }: Template, sources: Sources): Filled {
  const taken: Filled['taken'] = []
  let gaps = 0
  const fill = (slot: Slot): string => {
    const value = valueFor(slot, sources)
    if (value === null) {
      gaps++
      return gap
    }
    taken.push({ from: slot.from === 'fact' ? slot.field : slot.from, value })
    return value
  }
  const written = body.map((part) => (typeof part === 'string' ? part : fill(part))).join('')
  const name = greeting.find((part) => typeof part !== 'string')
  const known = name === undefined || valueFor(name, sources) !== null
  const greeted = known
    ? greeting.map((part) => (typeof part === 'string' ? part : fill(part))).join('')
    : greeting
        .filter((part) => typeof part === 'string')
        .map((part) => part.trim())
        .join('')
        .replace(/^(?:dear|sehr geehrte[rs]?|liebe[rs]?),?$/iu, '')
  const text = [greeted, written, closing].filter((part) => part.trim() !== '').join('\n\n')
  return { text, gaps, taken }
}

function valueFor(slot: Slot, sources: Sources): string | null {
  if (slot.from === 'mail') return firstOfShape(sources, slot.shapes)
  if (slot.from === 'name') return namePart(sources.name, slot.part)
  if (slot.from === 'fact') return sources.facts[slot.field] ?? null
  return null
}

/** The template as a person reads it: what differs stands in brackets. */
export function shownTemplate({ body }: Template): string {
  return body.map((part) => (typeof part === 'string' ? part : `[${slotName(part)}]`)).join('')
}

function slotName(slot: Slot): string {
  if (slot.from === 'name') return 'name'
  if (slot.from === 'fact') return slot.field
  const shape = slot.from === 'mail' ? slot.shapes[0]! : slot.shape
  if (shape === 'name') return 'name'
  return /month|^9+[./-]9[./-]9+$/.test(shape) ? 'date' : 'number'
}

/** Where a word stands in a text as a word of its own; -1 where it does not. */
export function wordAt(text: string, word: string): number {
  let at = text.indexOf(word)
  const isLetter = (i: number) => /[\p{L}\p{N}]/u.test(text[i] ?? ' ')
  while (at >= 0 && (isLetter(at - 1) || isLetter(at + word.length))) at = text.indexOf(word, at + 1)
  return at
}
