import type { Example, Message } from '../../contract/index.ts'
import { addDocument, newIndex, type SearchIndex } from '../../learn/retrieval/search-index.ts'
import { ownWords } from '../../learn/text/own-words.ts'
import { splitAnswer } from './answer-text.ts'
import type { Chance } from './chance.ts'
import { hashOf } from './hash.ts'
import { addAnswer, newResponseSet, type ResponseSet } from './response-set.ts'
import { wordAt } from './template.ts'
import { sourcesOf } from './values.ts'

/** What the skill knows: mails that came in, which of them were answered, and how. */
export interface Memory {
  /** Mails by number, oldest first. */
  index: SearchIndex
  /** By mail: hash of its conversation, of its sender's domain, and the number of its answer (-1 for none). */
  group: number[]
  sender: number[]
  answer: number[]
  responses: ResponseSet
  /** What was asked and answered, for those who write: the text of the mail and of the answer by answer number. */
  asked: string[]
  /** By answer: hash of whom it was written to. */
  person: number[]
  answered: string[]
  /** Hashes of people in whose answers a field of the team's records stood, a few for each field. */
  told: Map<string, number[]>
  /** Chance that a template is useful; null where there is too little to tell. */
  fromTemplate: Chance | null
  /** The same for texts that were written for the mail. */
  fromWriter: Chance | null
  /** Likeness of the nearest mail below which no draft is known to have been useful, 0..1. */
  leastLikeness: number
}

/** Where nothing was tried yet. */
export const leastLikenessUnknown = 0.1
/** Longer mails and answers are kept by their beginnings. */
const longestKept = 4000

export function newMemory(): Memory {
  return {
    index: newIndex(),
    group: [],
    sender: [],
    answer: [],
    responses: newResponseSet(),
    asked: [],
    person: [],
    answered: [],
    told: new Map(),
    fromTemplate: null,
    fromWriter: null,
    leastLikeness: leastLikenessUnknown,
  }
}

/** Takes in what a person did with a mail. */
export function remember(
  memory: Memory,
  { item, deed }: Example<'message'>,
  facts: Record<string, string>,
): void {
  addDocument(memory.index, searchedIn(item))
  memory.group.push(hashOf(item.group))
  memory.sender.push(senderOf(item))
  if (deed.reply === null || deed.reply.trim() === '') {
    memory.answer.push(-1)
    return
  }
  const parts = splitAnswer(deed.reply)
  const person = personOf(item)
  const member = { ...parts, body: parts.body.slice(0, longestKept), person, sources: sourcesOf(item, facts) }
  noteTold(memory, deed.reply, facts, person)
  memory.person.push(person)
  memory.answer.push(addAnswer(memory.responses, member))
  memory.asked.push(`${item.subject}\n${ownWords(item.text)}`.slice(0, longestKept))
  memory.answered.push(deed.reply.length > longestKept ? member.body : ownWords(deed.reply))
}

/** So many people must have been told a field in earlier answers before a writer is given it: rows hold more than that. */
const fewestTold = 3
/** Shorter values stand in a text by chance. */
const shortestTold = 4

function noteTold({ told }: Memory, reply: string, facts: Record<string, string>, person: number): void {
  for (const [field, value] of Object.entries(facts)) {
    const people = told.get(field) ?? []
    if (people.length === fewestTold || people.includes(person)) continue
    if (value.length >= shortestTold && wordAt(reply, value) >= 0) told.set(field, [...people, person])
  }
}

/** Of the facts those that people of the team tell in their answers. */
export function tellable({ told }: Memory, facts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).filter(([field]) => (told.get(field)?.length ?? 0) >= fewestTold),
  )
}

/** What a mail is searched by. */
export function searchedIn({ subject, text }: Message) {
  return {
    subject: subject.replace(/^(?:\s*(?:re|aw|fwd?|wg|sv|antw)\s*:)+/i, ''),
    text: ownWords(text).slice(0, longestKept),
  }
}

/** Who wrote a mail; where that is not known, everyone is somebody else. */
export function personOf({ from, group }: Message): number {
  return hashOf(from?.address || group)
}

export function senderOf({ from }: Message): number {
  return hashOf(from?.address.slice(from.address.lastIndexOf('@') + 1) ?? '')
}
