import type { PackedArray } from '../text/pack.ts'
import { grown, newList, newPostings, type Postings, post, readList } from './postings.ts'
import { eachTerm } from './terms.ts'

/** What is searched: two fields of text, of which the first is short and says more. */
export interface Searched {
  subject: string
  text: string
}

/**
 * An inverted index over short texts. Documents are numbered from 0 in the order in which they were added, and can
 * only be added. It keeps hashes of words and no text.
 */
export interface SearchIndex {
  documents: number
  /** Words of each document: those of its subject, those of its text. */
  lengths: Int32Array
  /** Sums of the lengths. */
  total: { subject: number; text: number }
  terms: TermTable
  postings: Postings
  scratch: Scratch
}

/** Term → number of its list: open addressing with linear probing. A slot holds the list's number plus one. */
interface TermTable {
  slots: Int32Array
  low: Int32Array
  high: Int32Array
}

interface Scratch {
  /** By list: counts within the document that is being added, or the query. */
  subject: Int32Array
  text: Int32Array
  touched: Int32Array
  /** By document: its score, which is 0 again after each search. */
  scores: Float32Array
  reached: Int32Array
  /** The list that is being read. */
  found: Int32Array
  counts: Uint8Array
}

export interface Found {
  document: number
  score: number
}

export interface SearchOptions {
  limit: number
  /** Documents that do not count as found. */
  skip?: (document: number) => boolean
  /** Postings that may be read; the rarest words come first, and those for which nothing is left are not asked. */
  budget?: number
}

/** BM25F: saturation, and for each field its weight and how much long fields are held back. */
const k1 = 1.2
const subjectField = { weight: 2, b: 0.5 }
const textField = { weight: 1, b: 0.75 }
const defaultBudget = 25_000
/** However common they are, the rarest words of a query are asked. */
const alwaysAsked = 3

export function newIndex(): SearchIndex {
  return {
    documents: 0,
    lengths: new Int32Array(1024),
    total: { subject: 0, text: 0 },
    terms: { slots: new Int32Array(1 << 12), low: new Int32Array(1024), high: new Int32Array(1024) },
    postings: newPostings(),
    scratch: emptyScratch(),
  }
}

function emptyScratch(): Scratch {
  return {
    subject: new Int32Array(1024),
    text: new Int32Array(1024),
    touched: new Int32Array(256),
    scores: new Float32Array(0),
    reached: new Int32Array(0),
    found: new Int32Array(0),
    counts: new Uint8Array(0),
  }
}

/** Adds a document; gives its number. */
export function addDocument(index: SearchIndex, document: Searched): number {
  const number = index.documents++
  const { touched, subjectLength, textLength } = countTerms(index, document, true)
  const { scratch, postings } = index
  for (let i = 0; i < touched; i++) {
    const list = scratch.touched[i]!
    post(postings, list, number, scratch.subject[list]!, scratch.text[list]!)
    scratch.subject[list] = 0
    scratch.text[list] = 0
  }
  if (2 * number + 1 >= index.lengths.length) index.lengths = grown(index.lengths, 2 * number + 2)
  index.lengths[2 * number] = subjectLength
  index.lengths[2 * number + 1] = textLength
  index.total.subject += subjectLength
  index.total.text += textLength
  return number
}

/**
 * The documents most like a text, best first; of equal ones the newer. Scores are BM25F (Robertson and Zaragoza, "The
 * Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6): counts of a word are summed over the fields by weight,
 * each held back by its field's length, before they saturate.
 *
 * Words are asked from rare to common until the budget of postings is spent (the "quit" strategy of Moffat and Zobel,
 * ACM TOIS 1996): a whole mail as a query would otherwise read most of the index for words that tell nothing.
 */
export function search(
  index: SearchIndex,
  query: Searched,
  { limit, skip, budget = defaultBudget }: SearchOptions,
): Found[] {
  const { postings, scratch, documents } = index
  const { touched } = countTerms(index, query, false)
  const asked = Array.from({ length: touched }, (_, i) => {
    const list = scratch.touched[i]!
    const times = subjectField.weight * scratch.subject[list]! + scratch.text[list]!
    scratch.subject[list] = 0
    scratch.text[list] = 0
    return { list, times, count: postings.count[list]! }
  }).sort((a, b) => a.count - b.count || a.list - b.list)

  if (scratch.scores.length < documents) {
    scratch.scores = new Float32Array(Math.ceil(documents * 1.25))
    scratch.reached = new Int32Array(scratch.scores.length)
    scratch.found = new Int32Array(scratch.scores.length)
    scratch.counts = new Uint8Array(scratch.scores.length)
  }
  const norms: Norms = {
    subjectRate: subjectField.b / (index.total.subject / documents || 1),
    textRate: textField.b / (index.total.text / documents || 1),
  }
  let met = 0
  let left = budget
  for (let i = 0; i < asked.length; i++) {
    const { list, times, count } = asked[i]!
    if (i >= alwaysAsked && count > left) break
    left -= count
    const rarity = Math.log(1 + (documents - count + 0.5) / (count + 0.5))
    // Said several times in the query it weighs more, but not as many times more.
    met = scoreList(index, list, rarity * ((times * 3) / (times + 2)), norms, met)
  }
  const { scores, reached } = scratch
  const best = topOf(scores, reached, met, limit, skip)
  for (let i = 0; i < met; i++) scores[reached[i]!] = 0
  return best
}

/** How much each word of a document's length holds its counts back. */
interface Norms {
  subjectRate: number
  textRate: number
}

/** Adds a list's share to the scores; gives how many documents have been met by now. */
function scoreList(
  { postings, lengths, scratch }: SearchIndex,
  list: number,
  weight: number,
  { subjectRate, textRate }: Norms,
  metBefore: number,
): number {
  const { scores, reached, found, counts } = scratch
  const length = readList(postings, list, found, counts)
  let met = metBefore
  for (let p = 0; p < length; p++) {
    const document = found[p]!
    const inSubject = counts[p]! & 15
    const inText = counts[p]! >>> 4
    const subjectNorm = 1 - subjectField.b + subjectRate * lengths[2 * document]!
    const textNorm = 1 - textField.b + textRate * lengths[2 * document + 1]!
    const frequency = (subjectField.weight * inSubject) / subjectNorm + (textField.weight * inText) / textNorm
    const before = scores[document]!
    if (before === 0) reached[met++] = document
    scores[document] = before + (weight * frequency) / (k1 + frequency)
  }
  return met
}

/** The score that a document would reach if it were the query itself: what scores of this query can be measured by. */
export function selfScore(index: SearchIndex, query: Searched): number {
  const { postings, scratch, documents } = index
  const { touched, unknown, subjectLength, textLength } = countTerms(index, query, false)
  const subjectNorm = 1 + subjectField.b * (subjectLength / (index.total.subject / documents || 1) - 1)
  const textNorm = 1 + textField.b * (textLength / (index.total.text / documents || 1) - 1)
  let sum = 0
  for (let i = 0; i < touched; i++) {
    const list = scratch.touched[i]!
    const [inSubject, inText] = [scratch.subject[list]!, scratch.text[list]!]
    scratch.subject[list] = 0
    scratch.text[list] = 0
    const times = subjectField.weight * inSubject + inText
    const count = postings.count[list]!
    const rarity = Math.log(1 + (documents - count + 0.5) / (count + 0.5))
    const frequency = (subjectField.weight * inSubject) / subjectNorm + inText / textNorm
    sum += (rarity * ((times * 3) / (times + 2)) * frequency) / (k1 + frequency)
  }
  // A word that no document has counts like the others on average: as rare as it is, it would count for nearly all.
  return touched === 0 ? 0 : sum * (1 + unknown / touched)
}

/** The `limit` best in order, kept in a small sorted list: it is far shorter than what was reached. */
function topOf(
  scores: Float32Array,
  reached: Int32Array,
  met: number,
  limit: number,
  skip: SearchOptions['skip'],
): Found[] {
  const best: Found[] = []
  let worst = Number.NEGATIVE_INFINITY
  for (let i = 0; i < met; i++) {
    const document = reached[i]!
    const score = scores[document]!
    if (best.length === limit && score < worst) continue
    if (skip?.(document)) continue
    let place = best.length
    while (place > 0) {
      const other = best[place - 1]!
      if (other.score > score || (other.score === score && other.document > document)) break
      place--
    }
    if (place >= limit) continue
    best.splice(place, 0, { document, score })
    if (best.length > limit) best.pop()
    worst = best.length === limit ? best[limit - 1]!.score : Number.NEGATIVE_INFINITY
  }
  return best
}

/** Counts the terms of both fields into the scratch; new terms get a list only where they are to be added. */
function countTerms(index: SearchIndex, { subject, text }: Searched, add: boolean) {
  const { scratch } = index
  let touched = 0
  let unknown = 0
  let words = 0
  let counts = scratch.subject
  const count = (low: number, high: number) => {
    words++
    const list = findList(index, low, high, add)
    if (list < 0) {
      unknown++
      return
    }
    if (list >= counts.length) {
      scratch.subject = grown(scratch.subject, list + 1)
      scratch.text = grown(scratch.text, list + 1)
      counts = inText ? scratch.text : scratch.subject
    }
    if (scratch.subject[list] === 0 && scratch.text[list] === 0) {
      if (touched === scratch.touched.length) scratch.touched = grown(scratch.touched, touched + 1)
      scratch.touched[touched++] = list
    }
    counts[list]!++
  }
  let inText = false
  eachTerm(subject, count)
  const subjectLength = words
  inText = true
  counts = scratch.text
  eachTerm(text, count)
  return { touched, unknown, subjectLength, textLength: words - subjectLength }
}

function findList({ terms, postings }: SearchIndex, low: number, high: number, add: boolean): number {
  const mask = terms.slots.length - 1
  let slot = (low ^ (high >>> 7)) & mask
  for (;;) {
    const list = terms.slots[slot]! - 1
    if (list < 0) break
    if (terms.low[list] === low && terms.high[list] === high) return list
    slot = (slot + 1) & mask
  }
  if (!add) return -1
  const list = newList(postings)
  if (list >= terms.low.length) {
    terms.low = grown(terms.low, list + 1)
    terms.high = grown(terms.high, list + 1)
  }
  terms.low[list] = low
  terms.high[list] = high
  terms.slots[slot] = list + 1
  if (postings.lists * 2 > terms.slots.length) terms.slots = slotsOf(terms, postings.lists)
  return list
}

function slotsOf({ low, high }: Pick<TermTable, 'low' | 'high'>, lists: number): Int32Array {
  let size = 1 << 12
  while (size < lists * 3) size *= 2
  const slots = new Int32Array(size)
  for (let list = 0; list < lists; list++) {
    let slot = (low[list]! ^ (high[list]! >>> 7)) & (size - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1)
    slots[slot] = list + 1
  }
  return slots
}

/** Everything that makes up an index, as typed arrays by name, without the room they have left. */
export function indexParts(index: SearchIndex): Record<string, PackedArray> {
  const { documents, lengths, total, terms, postings } = index
  const { lists } = postings
  return {
    lengths: lengths.slice(0, 2 * documents),
    totals: Float64Array.of(total.subject, total.text),
    low: terms.low.slice(0, lists),
    high: terms.high.slice(0, lists),
    bytes: postings.bytes.slice(0, postings.used),
    first: postings.first.slice(0, lists),
    next: postings.next.slice(0, lists),
    end: postings.end.slice(0, lists),
    slice: postings.slice.slice(0, lists),
    last: postings.last.slice(0, lists),
    count: postings.count.slice(0, lists),
  }
}

/** The index that `indexParts` took apart; it can be added to. */
export function indexFromParts(parts: Record<string, PackedArray>): SearchIndex {
  const ints = (name: string) => parts[name] as Int32Array
  const lengths = ints('lengths')
  const low = ints('low')
  const high = ints('high')
  const bytes = parts.bytes as Uint8Array
  const lists = low.length
  const totals = parts.totals as Float64Array
  return {
    documents: lengths.length / 2,
    lengths,
    total: { subject: totals[0]!, text: totals[1]! },
    terms: { slots: slotsOf({ low, high }, lists), low, high },
    postings: {
      bytes,
      used: bytes.length,
      lists,
      first: ints('first'),
      next: ints('next'),
      end: ints('end'),
      slice: ints('slice'),
      last: ints('last'),
      count: ints('count'),
    },
    scratch: { ...emptyScratch(), subject: new Int32Array(lists + 1), text: new Int32Array(lists + 1) },
  }
}

/** An index with the same content; what is added to either does not reach the other. */
export function copyIndex(index: SearchIndex): SearchIndex {
  return indexFromParts(indexParts(index))
}

/** Bytes that it holds in typed arrays. */
export function indexBytes({ lengths, terms, postings, scratch }: SearchIndex): number {
  const arrays = [lengths, terms.slots, terms.low, terms.high, ...Object.values(scratch)]
  for (const each of Object.values(postings)) if (typeof each !== 'number') arrays.push(each)
  return arrays.reduce((sum: number, each) => sum + each.byteLength, 0)
}
