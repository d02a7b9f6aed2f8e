import type { Message } from '../../contract/index.ts'
import { search, selfScore } from '../../learn/retrieval/search-index.ts'
import { bodyOf } from './answer-text.ts'
import { hashOf } from './hash.ts'
import { usefulFrom } from './judge-reply.ts'
import { type Memory, searchedIn, senderOf } from './memory.ts'
import { templateOfCluster } from './response-set.ts'
import { knownWords, maskedWords, similarity, wordsOf } from './similarity.ts'
import { type Filled, fillTemplate, type Template } from './template.ts'
import { sourcesOf } from './values.ts'

/** A mail of the past that is like the one at hand. */
export interface Neighbour {
  mail: number
  /** -1 where nobody answered. */
  answer: number
  /** 0..1, how like it is; 1 is the mail itself. */
  likeness: number
  /** Its share of the say, all neighbours together 1. */
  weight: number
}

export interface Neighbourhood {
  neighbours: Neighbour[]
  /** Share of the say of those that were answered: whether mail of this kind wants an answer. */
  answered: number
}

export interface Candidate extends Filled {
  template: Template
  /** How often it was typed. */
  times: number
  features: number[]
}

const neighbourCount = 24
/** How much more the nearest have to say. */
const sharpness = 3
const candidateCount = 8

/** Mails like this one, without its own conversation. */
export function neighboursOf(memory: Memory, item: Message): Neighbourhood {
  const query = searchedIn(item)
  const own = hashOf(item.group)
  if (memory.index.documents === 0) return { neighbours: [], answered: 0 }
  const most = selfScore(memory.index, query)
  const found = search(memory.index, query, {
    limit: neighbourCount,
    skip: (mail) => memory.group[mail] === own,
  })
  const raw = found.map(({ document, score }) => {
    const likeness = most > 0 ? Math.min(1, score / most) : 0
    return { mail: document, answer: memory.answer[document]!, likeness, weight: likeness ** sharpness }
  })
  const total = raw.reduce((sum, { weight }) => sum + weight, 0) || 1
  const neighbours = raw.map((each) => ({ ...each, weight: each.weight / total }))
  const answered = neighbours.reduce((sum, { answer, weight }) => sum + (answer < 0 ? 0 : weight), 0)
  return { neighbours, answered }
}

/** The answer of the set that its neighbours agree on most, filled in for this mail. Null where they were all answered by hand. */
export function bestCandidate(
  memory: Memory,
  item: Message,
  { neighbours, answered }: Neighbourhood,
  facts: Record<string, string>,
): Candidate | null {
  const { responses } = memory
  const clusters = new Map<number, number>()
  for (const { answer, weight } of neighbours) {
    if (answer < 0) continue
    const number = responses.cluster[answer]!
    clusters.set(number, (clusters.get(number) ?? 0) + weight)
  }
  const likeliest = [...clusters].sort((a, b) => b[1] - a[1]).slice(0, candidateCount)
  const scored = likeliest.flatMap(([number, votes]) => {
    const template = templateOfCluster(responses, number)
    if (!template) return []
    const words = wordsOfTemplate(memory, template)
    return [{ number, votes, template, agreement: agreementWith(memory, words, neighbours) }]
  })
  scored.sort((a, b) => b.agreement - a.agreement || b.votes - a.votes)
  const [best, second] = scored
  if (!best) return null
  const filled = fillTemplate(best.template, sourcesOf(item, facts))
  const { times } = responses.clusters[best.number]!
  const length = maskedWords(filled.text).length
  const features = [
    ...situation(memory, item, neighbours, answered),
    best.agreement,
    best.votes,
    best.agreement - (second?.agreement ?? 0),
    Math.log(times),
    filled.gaps / Math.max(1, length),
    Math.log(1 + length),
  ]
  return { ...filled, template: best.template, times, features }
}

/** What is known of any text that might be the answer: how far the neighbours' answers agree with it. */
export function writtenFeatures(
  memory: Memory,
  item: Message,
  { neighbours, answered }: Neighbourhood,
  text: string,
  sureness: number,
): number[] {
  const words = knownWords(maskedWords(bodyOf(text)), memory.responses.vocabulary)
  return [
    ...situation(memory, item, neighbours, answered),
    agreementWith(memory, words, neighbours),
    sureness,
    Math.log(1 + words.length),
  ]
}

/** Place of the nearest mail's likeness among the features of any draft. */
export const likenessAt = 0

/** What is known of the mail itself, whatever the answer. */
function situation(memory: Memory, item: Message, neighbours: Neighbour[], answered: number): number[] {
  const sender = senderOf(item)
  let fromSender = 0
  let answeredSender = 0
  for (const { mail, answer } of neighbours) {
    if (memory.sender[mail] !== sender) continue
    fromSender++
    if (answer >= 0) answeredSender++
  }
  const words = wordsOf(item.text).length
  return [
    neighbours[0]?.likeness ?? 0,
    neighbours[4]?.likeness ?? 0,
    answered,
    (answeredSender + 1) / (fromSender + 2),
    item.inReplyTo === null ? 0 : 1,
    Math.log(1 + words),
    /[?？]/.test(item.text) ? 1 : 0,
  ]
}

/** Share of the neighbours' say that would have found this text useful. */
function agreementWith(memory: Memory, words: ArrayLike<number>, neighbours: readonly Neighbour[]): number {
  let sum = 0
  for (const { answer, weight } of neighbours) {
    if (answer < 0) continue
    const other = memory.responses.words[answer]!
    const bound = Math.min(words.length, other.length) / Math.max(words.length, other.length, 1)
    if (bound < usefulFrom) continue
    if (similarity(words, other) >= usefulFrom) sum += weight
  }
  return sum
}

function wordsOfTemplate(memory: Memory, { body }: Template): Int32Array {
  const text = body.map((part) => (typeof part === 'string' ? part : '0')).join('')
  return knownWords(maskedWords(text), memory.responses.vocabulary)
}
