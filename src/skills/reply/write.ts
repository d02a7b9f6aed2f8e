import type {
  Message,
  SkillTools,
  Suggestion,
  WriteExample,
  WriteMessage,
  WriteRequest,
} from '../../contract/index.ts'
import { ownWords } from '../../learn/text/own-words.ts'
import {
  bestCandidate,
  type Candidate,
  likenessAt,
  type Neighbourhood,
  neighboursOf,
  writtenFeatures,
} from './candidates.ts'
import { chanceOf } from './chance.ts'
import { hashOf } from './hash.ts'
import { type Memory, personOf, tellable } from './memory.ts'
import { alreadySaid, onlyThanks } from './thread-state.ts'

/** A draft, and what is known of it. */
export interface Drafted {
  claim: 'template' | 'written'
  text: string
  features: number[]
  reasons: Suggestion['reasons']
}

/** No draft, and why in one sentence. */
export interface Undrafted {
  because: string
}

/** A template that is so likely right is not written anew. */
const sureTemplate = 0.9
const exampleCount = 8

/** The draft for a mail: a filled template, or a new text where somebody writes. */
export async function drafted(
  memory: Memory,
  item: Message,
  facts: Record<string, string>,
  tools: SkillTools,
): Promise<Drafted | Undrafted> {
  const silence = wantsNoAnswer(item)
  if (silence) return { because: silence }
  const around = neighboursOf(memory, item)
  const template = templateDraft(memory, item, around, facts)
  if (!tools.write || ('claim' in template && confidenceOf(memory, template) >= sureTemplate)) return template
  const written = await tools.write(writeRequest(memory, item, around, facts, tools))
  return readWritten(memory, item, around, written)
}

/** Why no draft is due whatever it would say; null where one may be. */
export function wantsNoAnswer(item: Message): string | null {
  if (item.automated) return 'It was sent by a program or a list, which is never answered.'
  if (
    /^(?:auto(?:matic)?[ -]?reply|out of office|abwesenheit|automatische antwort|undeliver|delivery status|mail delivery|réponse automatique|respuesta automática|risposta automatica|unzustellbar)/i.test(
      item.subject.trim(),
    )
  ) {
    return 'Its subject is that of an automatic reply, which is never answered.'
  }
  if (item.text.trim() === '') return 'It has no text.'
  if (onlyThanks(item)) return 'The sender only says thanks.'
  return null
}

/** The answer of the set that fits best. */
export function templateDraft(
  memory: Memory,
  item: Message,
  around: Neighbourhood,
  facts: Record<string, string>,
): Drafted | Undrafted {
  const candidate = bestCandidate(memory, item, around, facts)
  if (!candidate) return { because: 'Nothing like it was answered in the same words twice.' }
  const said = alreadySaid(item.text, candidate.text)
  if (said) return { because: refusals[said] }
  if (candidate.features[likenessAt]! < memory.leastLikeness) {
    return { because: 'It is unlike any mail for which a draft has been useful.' }
  }
  return {
    claim: 'template',
    text: candidate.text,
    features: candidate.features,
    reasons: reasonsOf(candidate, around),
  }
}

const refusals = {
  tried: 'The sender says that they tried this already.',
  given: 'The sender gave already what the answer would ask for.',
}

function reasonsOf({ times, taken, gaps }: Candidate, { neighbours }: Neighbourhood): Suggestion['reasons'] {
  return [
    { field: 'typed before', value: times, effect: Math.log(times) },
    { field: 'mails like it', value: neighbours.length, effect: neighbours[0]?.likeness ?? 0 },
    ...taken.map(({ from, value }) => ({ field: `from the ${from}`, value, effect: 0 })),
    ...(gaps > 0 ? [{ field: 'left open', value: gaps, effect: -gaps }] : []),
  ]
}

/** What a writer is given for a mail: the mail, own answers to the like of it, facts. */
export function writeRequest(
  memory: Memory,
  item: Message,
  { neighbours }: Neighbourhood,
  facts: Record<string, string>,
  { signal }: SkillTools,
): WriteRequest {
  const examples: WriteExample[] = []
  for (const { answer } of neighbours) {
    if (answer < 0 || examples.length === exampleCount) continue
    examples.push({
      given: memory.asked[answer]!,
      written: memory.answered[answer]!,
      person: String(memory.person[answer]),
    })
  }
  const { from, subject, text } = item
  const sender = from && [from.name, from.address && `<${from.address}>`].filter(Boolean).join(' ')
  const told = earlierIn(memory, item, sender)
  const usual = usualWords(memory)
  return {
    task: 'reply',
    thread: [...told, { from: sender, text: `${subject}\n\n${text}` }],
    examples,
    facts: tellable(memory, facts),
    usual: (word) => usual.has(word),
    ...(signal && { signal }),
  }
}

/** More of a conversation than this is seldom needed, in questions with their answers. */
const mostEarlier = 5

/** What was asked and answered in this conversation before, as far as it was with this sender: others need not know of it. */
function earlierIn(memory: Memory, item: Message, sender: string | null): WriteMessage[] {
  if (item.group === item.key) return []
  const group = hashOf(item.group)
  const person = personOf(item)
  const answers: number[] = []
  for (let mail = memory.group.lastIndexOf(group); mail >= 0 && answers.length < mostEarlier; ) {
    const answer = memory.answer[mail]!
    if (answer >= 0 && memory.person[answer] === person) answers.unshift(answer)
    mail = mail === 0 ? -1 : memory.group.lastIndexOf(group, mail - 1)
  }
  return answers.flatMap((answer) => [
    { from: sender, text: memory.asked[answer]! },
    { from: 'the team', text: memory.answered[answer]! },
  ])
}

/** A written text as a draft. */
export function readWritten(
  memory: Memory,
  item: Message,
  around: Neighbourhood,
  written: Awaited<ReturnType<NonNullable<SkillTools['write']>>>,
): Drafted | Undrafted {
  if ('because' in written) return written
  const said = alreadySaid(ownWords(item.text), written.text)
  if (said) return { because: refusals[said] }
  return {
    claim: 'written',
    text: written.text,
    features: writtenFeatures(memory, item, around, written.text, written.sureness),
    reasons: [
      { field: 'own answers like it', value: Math.min(exampleCount, around.neighbours.length), effect: 0 },
      { field: 'sure of itself', value: written.sureness, effect: written.sureness },
      ...written.leftOut.map((what) => ({ field: 'left out', value: what, effect: 0 })),
    ],
  }
}

/** Place of the neighbours' agreement among the features of either claim. */
const agreementAt = 7
/** Without enough past drafts to tell, agreement alone counts, and never for certain. */
const unprovenCap = 0.6

export function confidenceOf(memory: Memory, { claim, features }: Drafted): number {
  const model = claim === 'template' ? memory.fromTemplate : memory.fromWriter
  return model ? chanceOf(model, features) : unprovenCap * features[agreementAt]!
}

const fewestPeople = 3
const usualSets = new WeakMap<Memory, { answers: number; words: Set<string> }>()

/** Words that several people were written: no one's name. */
function usualWords(memory: Memory): Set<string> {
  const { words: answers, vocabulary } = memory.responses
  const known = usualSets.get(memory)
  if (known?.answers === answers.length) return known.words
  const people = Array.from({ length: vocabulary.size }, () => [] as number[])
  for (const [answer, words] of answers.entries()) {
    const person = memory.person[answer]!
    for (const word of words) {
      const told = people[word]!
      if (told.length < fewestPeople && !told.includes(person)) told.push(person)
    }
  }
  const words = new Set<string>()
  for (const [word, number] of vocabulary) if (people[number]!.length >= fewestPeople) words.add(word)
  usualSets.set(memory, { answers: answers.length, words })
  return words
}
