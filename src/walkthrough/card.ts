import type { Card, Item, Kind, Suggestion, Value } from '../contract/index.ts'

/** What the card is made of: what the skill does, where, and what it did on this team's own examples. */
export interface CardFrom {
  /** The skill's own line for people. */
  about: string
  kind: Kind
  /** Where it appears, in words that people there use: "the inbox orders@", "the sheet Leads". */
  where: string
  /** Suggestions that would have been shown on past work and were useful, the best first. */
  examples: readonly { item: Item; suggestion: Suggestion }[]
  /** Useful rate on this team's own past work, 0..1. */
  usefulRate: number | null
  /** Whether some suggestions are withheld at random to measure their effect, and how large a share, 0..1. */
  holdback: number
  /** How a person turns it off, as one short sentence. */
  turnOff: string
}

/** A card has fewer words than this. */
const mostWords = 100
/** Words a minute of a slow reader; adults read about 238 (Brysbaert, J. Memory and Language 2019). */
const wordsPerMinute = 150
const mostExamples = 3
/** Words of an item's or a suggestion's text that an example shows. */
const shownWords = 8

/**
 * The walkthrough: this exists now, here is what it does, here is the button, here is how to turn it off. Examples are
 * left out, last one first, until it has fewer than 100 words; what is still too long is cut with an ellipsis.
 */
export function cardFor(from: CardFrom): Card {
  const title = `This exists now: ${nameOf[from.kind]}`
  const examples = from.examples.flatMap((example) => exampleLine(example) ?? []).slice(0, mostExamples)
  for (let count = examples.length; ; count--) {
    const card = { title, text: textOf(from, examples.slice(0, count)) }
    if (wordsIn(card) < mostWords) return card
    if (count > 0) continue
    const short = {
      ...from,
      about: cut(from.about, 25),
      where: cut(from.where, 8),
      turnOff: cut(from.turnOff, 15),
    }
    return { title, text: textOf(short, []) }
  }
}

/** Words of a card, title and text. */
export function wordsIn({ title, text }: Card): number {
  return `${title} ${text}`.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}

/** Seconds that a slow reader takes, by the card's length. */
export function readingSeconds(card: Card): number {
  return Math.ceil((wordsIn(card) / wordsPerMinute) * 60)
}

const nameOf: Record<Kind, string> = {
  message: 'suggestions on your messages',
  record: 'suggestions on your records',
  table: 'a column that fills itself',
  report: 'a summary that writes itself',
}

const button: Record<Value['type'], string> = {
  label: 'It is set as a label: leave it to agree, change it to overrule.',
  reply: 'It waits as a draft: send it, change it or delete it. Nothing is ever sent for you.',
  score: 'It stands beside the record: go by it or not, and judge as always.',
  fill: 'Empty cells are filled in: type over what is wrong.',
  summary: 'It stands beside the figures: keep it, change it or delete it.',
}

const defaultValue: Record<Kind, Value['type']> = {
  message: 'label',
  record: 'score',
  table: 'fill',
  report: 'summary',
}

function textOf(from: CardFrom, examples: readonly string[]): string {
  const { about, kind, where, usefulRate, holdback, turnOff } = from
  const type = from.examples[0]?.suggestion.value.type ?? defaultValue[kind]
  const proof =
    usefulRate === null ? '' : ` On your own past work ${Math.floor(usefulRate * 100)} of 100 were useful.`
  const held =
    holdback > 0
      ? ` About ${Math.round(holdback * 100)} in 100 are left out at random, to measure its effect.`
      : ''
  return [
    `In ${where}. ${sentence(about)}${proof}`,
    ...(examples.length ? [examples.join('\n')] : []),
    `${button[type]}${held}`,
    `To turn it off: ${sentence(turnOff)}`,
  ].join('\n\n')
}

function exampleLine({ item, suggestion }: CardFrom['examples'][number]): string | null {
  const what = itemWords(item)
  const value = valueWords(suggestion.value, item)
  return what && value ? `“${what}” → ${value}` : null
}

function itemWords(item: Item): string {
  switch (item.kind) {
    case 'message':
      return cut(item.subject || item.text, shownWords)
    case 'record':
      return cut(
        Object.values(item.fields)
          .filter((cell) => typeof cell === 'string' && /\p{L}/u.test(cell))
          .slice(0, 2)
          .join(', '),
        shownWords,
      )
    case 'table':
      return cut(item.column, shownWords)
    case 'report':
      return cut(item.columns.join(', '), shownWords)
  }
}

function valueWords(value: Value, item: Item): string {
  switch (value.type) {
    case 'label':
      return cut(value.label, 4)
    case 'reply':
    case 'summary':
      return `“${cut(value.text, shownWords)}”`
    case 'score':
      return value.band ? `${value.band} (${Math.round(value.probability * 100)} %)` : ''
    case 'fill': {
      const [row, cell] = Object.entries(value.values)[0] ?? []
      if (row === undefined || cell === null || cell === undefined || item.kind !== 'table') return ''
      const given = item.rows[Number(row)]?.find((each) => each !== null)
      return `${given === undefined ? '' : `${cut(String(given), 4)} gives `}${cut(String(cell), 4)}`
    }
  }
}

/** On one line, at most so many words and 80 characters; what people wrote must not make the card's own lines. */
function cut(text: string, words: number): string {
  const all = text
    // Control characters, and invisible ones that turn the direction of what follows.
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .split(/\s+/)
    .filter(Boolean)
  const short = [...all.slice(0, words).join(' ')].slice(0, 80).join('')
  return short.length < all.join(' ').length ? `${short} …` : short
}

function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
