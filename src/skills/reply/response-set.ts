import { hashOf } from './hash.ts'
import { maskedWords, numberWords, similarity } from './similarity.ts'
import { type Member, type Template, templateOf } from './template.ts'
import { valuesIn } from './values.ts'

/** Answers from this similarity on, without their numbers and dates, are the same answer typed again. */
export const sameFrom = 0.8
/** A few words are not worth a template, nor a sign that anything repeats. */
const fewestWords = 3
/** The newest so many of an answer's writings tell what is fixed in it. */
const remembered = 8

/** An answer that was typed again and again. */
export interface Cluster {
  times: number
  /** The newest of them, oldest first. */
  members: Member[]
}

/** Every answer there was, and which of them are the same. Answers are numbered from 0 in the order in which they came. */
export interface ResponseSet {
  /** Masked words by answer, as numbers. */
  words: Int32Array[]
  /** Cluster by answer, and the hash of the links in it (0 for none): with another link it is another answer. */
  cluster: number[]
  links: number[]
  clusters: Cluster[]
  /** How many answers nearly repeat an earlier one. */
  repeats: number
  vocabulary: Map<string, number>
  sketches: Map<number, number[]>[]
  templates: Map<number, { times: number; template: Template | null }>
}

/** Tables of min-hashes: two answers of which half the word pairs are the same miss each other in all of them once in 4,000. */
const tables = 12
const bucketSize = 6

export function newResponseSet(): ResponseSet {
  return {
    words: [],
    cluster: [],
    links: [],
    clusters: [],
    repeats: 0,
    vocabulary: new Map(),
    sketches: Array.from({ length: tables }, () => new Map()),
    templates: new Map(),
  }
}

/** Adds an answer; gives its number. It joins the cluster of the earlier answer that it is most like. */
export function addAnswer(set: ResponseSet, member: Member): number {
  const words = numberWords(maskedWords(member.body), set.vocabulary)
  const links = linksHash(member.body)
  const earlier = nearestAnswer(set, words, links)
  const answer = set.words.length
  set.words.push(words)
  set.links.push(links)
  if (earlier === null) {
    set.cluster.push(set.clusters.length)
    set.clusters.push({ times: 1, members: [member] })
  } else {
    const number = set.cluster[earlier]!
    const cluster = set.clusters[number]!
    set.cluster.push(number)
    cluster.times++
    cluster.members.push(member)
    if (cluster.members.length > remembered) cluster.members.shift()
    set.repeats++
  }
  sketch(set, answer, words)
  return answer
}

/** What the answers of a cluster have in common; null for one that was typed once, or has too little that is fixed. */
export function templateOfCluster(set: ResponseSet, number: number): Template | null {
  const { times, members } = set.clusters[number]!
  const known = set.templates.get(number)
  if (known?.times === times) return known.template
  const template = templateOf(members)
  set.templates.set(number, { times, template })
  return template
}

function nearestAnswer(set: ResponseSet, words: Int32Array, links: number): number | null {
  if (words.length < fewestWords) return null
  let best: number | null = null
  let nearest = sameFrom
  const seen = new Set<number>()
  for (const [table, hash] of minHashes(words).entries()) {
    for (const answer of set.sketches[table]!.get(hash) ?? []) {
      if (seen.has(answer)) continue
      seen.add(answer)
      if (set.links[answer] !== links) continue
      const other = set.words[answer]!
      if (Math.min(other.length, words.length) < sameFrom * Math.max(other.length, words.length)) continue
      const like = similarity(words, other)
      if (like > nearest || (like === nearest && (best === null || answer > best))) {
        nearest = like
        best = answer
      }
    }
  }
  return best
}

function linksHash(body: string): number {
  const { links } = valuesIn(body)
  return links.length === 0 ? 0 : hashOf(links.map(({ text }) => text).join(' '))
}

function sketch(set: ResponseSet, answer: number, words: Int32Array): void {
  if (words.length < fewestWords) return
  for (const [table, hash] of minHashes(words).entries()) {
    const bucket = set.sketches[table]!.get(hash)
    if (!bucket) set.sketches[table]!.set(hash, [answer])
    else {
      bucket.push(answer)
      if (bucket.length > bucketSize) bucket.shift()
    }
  }
}

/** The least hash of the pairs of neighbouring words, for each table (Broder, "On the resemblance and containment of documents", 1997). */
function minHashes(words: Int32Array): Uint32Array {
  const least = new Uint32Array(tables).fill(0xffffffff)
  for (let i = 0; i <= words.length; i++) {
    const pair = Math.imul((words[i - 1] ?? -1) + 2, 0x9e3779b1) ^ Math.imul((words[i] ?? -1) + 2, 0x85ebca6b)
    for (let table = 0; table < tables; table++) {
      let hash = Math.imul(pair ^ Math.imul(table + 1, 0xc2b2ae35), 0x27d4eb2f)
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
      hash = (hash ^ (hash >>> 13)) >>> 0
      if (hash < least[table]!) least[table] = hash
    }
  }
  return least
}

/** Rebuilds what is not saved. */
export function responseSetFrom(
  parts: Pick<ResponseSet, 'words' | 'cluster' | 'links' | 'clusters' | 'repeats' | 'vocabulary'>,
): ResponseSet {
  const set = { ...newResponseSet(), ...parts }
  for (const [answer, words] of set.words.entries()) sketch(set, answer, words)
  return set
}
