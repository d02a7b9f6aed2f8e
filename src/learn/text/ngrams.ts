import { emptyTokens, normalise, segment } from './segment.ts'

/** What a text is made of, field by field. A row of a table has only `text`. */
export interface TextItem {
  /** Subject or title; '' when there is none. */
  subject: string
  text: string
  /** Who it came from, from narrow to wide (address, domain), lower case; empty when unknown. */
  sender: string[]
}

/** How much of an item is read. */
export interface Extent {
  /** Characters of each field. */
  characters: number
  /** Whether runs of characters and pairs of stems are read, or only words and their neighbours. */
  fine: boolean
}

/** N-grams that a character of text gives, about. */
export const gramsPerCharacter = (extent: Extent) => (extent.fine ? 4 : 0.4)

/** Families of n-grams; each is brought to a length of its own, so that none drowns another. */
export const blocks = { words: 0, characters: 1, pairs: 2, title: 3, titleCharacters: 4, sender: 5 } as const
/** Length of each block in a weighted row. */
export const blockLengths = [0.8, 1, 1.25, 0.7, 0.7, 0.7]

/** The n-grams of one item as 32-bit hashes with their block, repeated as often as they occur. Reused. */
export interface Grams {
  hashes: Uint32Array
  blocks: Uint8Array
  count: number
  /** The words of the item, in their order: where each stands in the text of its field. */
  words: { field: Uint8Array; starts: Int32Array; ends: Int32Array; count: number }
  /** The normalised text of each field. */
  texts: string[]
  /** For each n-gram the words that it is made of; the same twice for n-grams of one word. */
  first: Int32Array
  second: Int32Array
}

/** Where words come from; a word's `field` is the position here. */
export const fields = ['subject', 'text', 'from'] as const

export function emptyGrams(): Grams {
  return {
    hashes: new Uint32Array(1024),
    blocks: new Uint8Array(1024),
    count: 0,
    words: { field: new Uint8Array(256), starts: new Int32Array(256), ends: new Int32Array(256), count: 0 },
    texts: ['', '', ''],
    first: new Int32Array(1024),
    second: new Int32Array(1024),
  }
}

/** Longest word whose character n-grams are read: longer ones are keys, links and dumps. */
const longestWord = 40
/** Units of a word that make its stem in a pair; a rough stem that fits many languages. */
const stemLength = 5
/** How many words apart the two of a pair may stand: anywhere in a short text, near each other in a long one. */
const reach = (words: number) => Math.max(8, Math.floor(600 / words))

const prime = 0x01000193
const seeds = {
  word: 0x811c9dc5,
  next: 0x2b5a91e3,
  characters: 0x7f4a7c15,
  pair: 0x5851f42d,
  title: 0x3c6ef372,
  sender: 0x1b873593,
}
const tokens = emptyTokens()
let hashes = new Uint32Array(256)
let stems = new Uint32Array(256)

/** Hash of the units at [start, end) of a text: FNV-1a (Fowler, Noll, Vo). */
export function wordHash(text: string, start: number, end: number): number {
  let hash = seeds.word
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime)
  return mix(hash)
}

/** Spreads the bits of a hash (the finaliser of MurmurHash3, Appleby). */
function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function ordered(left: number, right: number): number {
  return mix(Math.imul(left, 0x9e3779b1) ^ right ^ seeds.next)
}

function unordered(one: number, other: number): number {
  return one < other
    ? mix(Math.imul(one, 0x9e3779b1) ^ other ^ seeds.pair)
    : mix(Math.imul(other, 0x9e3779b1) ^ one ^ seeds.pair)
}

/**
 * Fills `grams` with what an item is recognised by: words and pairs of neighbouring words; runs of 3 to 5 characters
 * within words (with a blank at both ends); unordered pairs of stems that stand near each other; the words and runs
 * of the title once more as such; the sender. The title is the subject, or else the first of several lines. No
 * more than `extent` says.
 */
export function readGrams(item: TextItem, extent: Extent, grams: Grams): void {
  grams.count = 0
  grams.words.count = 0
  const subject = readable(item.subject, extent.characters)
  const text = readable(item.text, extent.characters)
  grams.texts[0] = subject
  grams.texts[1] = text
  if (subject !== '') {
    readField(subject, 0, extent.fine, grams)
    readTitle(subject, 0, extent.fine, grams)
  }
  const words = grams.words.count
  readField(text, 1, extent.fine, grams)
  if (subject === '') {
    const line = text.indexOf('\n')
    if (line > 0 && line <= longestTitle) readTitle(text.slice(0, line), words, extent.fine, grams)
  }
  grams.texts[2] = item.sender.join('')
  let at = 0
  for (const from of item.sender) {
    const owner = addWord(grams, 2, at, at + from.length)
    at += from.length
    add(grams, wordHash(from, 0, from.length) ^ seeds.sender, blocks.sender, owner, owner)
  }
}

const longestTitle = 200

function readable(raw: string, limit: number): string {
  return normalise((raw.length > limit ? raw.slice(0, limit) : raw).trimStart())
}

function readField(text: string, field: number, fine: boolean, grams: Grams): void {
  segment(text, tokens)
  if (tokens.count > hashes.length) {
    hashes = new Uint32Array(tokens.count * 2)
    stems = new Uint32Array(tokens.count * 2)
  }
  const near = reach(tokens.count)
  for (let i = 0; i < tokens.count; i++) {
    const start = tokens.starts[i]!
    const end = tokens.ends[i]!
    const own = addWord(grams, field, start, end)
    const hash = wordHash(text, start, end)
    const stem = wordHash(text, start, Math.min(end, start + stemLength))
    add(grams, hash, blocks.words, own, own)
    if (i > 0) add(grams, ordered(hashes[i - 1]!, hash), blocks.words, own - 1, own)
    for (let j = fine ? Math.max(0, i - near) : i; j < i; j++) {
      if (stems[j] !== stem) add(grams, unordered(stems[j]!, stem), blocks.pairs, own - i + j, own)
    }
    hashes[i] = hash
    stems[i] = stem
    if (fine && tokens.words[i] === 1)
      readCharacters(text, start, end, seeds.characters, blocks.characters, own, grams)
  }
}

/** `base` is the number of the title's first word among the words of the item, which are there already. */
function readTitle(text: string, base: number, fine: boolean, grams: Grams): void {
  segment(text, tokens)
  let last = 0
  for (let i = 0; i < tokens.count; i++) {
    const start = tokens.starts[i]!
    const end = tokens.ends[i]!
    const own = base + i
    const hash = wordHash(text, start, end) ^ seeds.title
    add(grams, hash, blocks.title, own, own)
    if (i > 0) add(grams, ordered(last, hash), blocks.title, own - 1, own)
    last = hash
    if (fine && tokens.words[i] === 1) {
      readCharacters(text, start, end, seeds.characters ^ seeds.title, blocks.titleCharacters, own, grams)
    }
  }
}

function addWord({ words }: Grams, field: number, start: number, end: number): number {
  if (words.count === words.starts.length) {
    words.field = grown(words.field, new Uint8Array(words.count * 2))
    words.starts = grown(words.starts, new Int32Array(words.count * 2))
    words.ends = grown(words.ends, new Int32Array(words.count * 2))
  }
  words.field[words.count] = field
  words.starts[words.count] = start
  words.ends[words.count] = end
  return words.count++
}

const blank = 32

function readCharacters(
  text: string,
  start: number,
  end: number,
  seed: number,
  block: number,
  owner: number,
  grams: Grams,
): void {
  const length = Math.min(end - start, longestWord) + 2
  for (let from = 0; from + 3 <= length; from++) {
    let hash = seed
    const to = Math.min(from + 5, length)
    for (let at = from; at < to; at++) {
      const unit = at === 0 || at === length - 1 ? blank : text.charCodeAt(start + at - 1)
      hash = Math.imul(hash ^ unit, prime)
      if (at >= from + 2) add(grams, mix(hash ^ (at - from)), block, owner, owner)
    }
  }
}

function add(grams: Grams, hash: number, block: number, first: number, second: number): void {
  if (grams.count === grams.hashes.length) {
    grams.hashes = grown(grams.hashes, new Uint32Array(grams.count * 2))
    grams.blocks = grown(grams.blocks, new Uint8Array(grams.count * 2))
    grams.first = grown(grams.first, new Int32Array(grams.count * 2))
    grams.second = grown(grams.second, new Int32Array(grams.count * 2))
  }
  grams.hashes[grams.count] = hash
  grams.blocks[grams.count] = block
  grams.first[grams.count] = first
  grams.second[grams.count] = second
  grams.count++
}

function grown<A extends Int32Array | Uint32Array | Uint8Array>(from: A, to: A): A {
  to.set(from)
  return to
}
