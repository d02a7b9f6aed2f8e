/** A posting takes at most so many bytes: a gap of up to five, and the counts. */
const longestPosting = 6
const linkBytes = 4
const firstSlice = 8
const largestSlice = 1 << 12

/**
 * Posting lists that grow at their ends, all in one array of bytes: each list is a chain of slices, of which each is
 * twice as large as the one before (Büttcher, Clarke, Cormack, "Information Retrieval", 2010, section 4.5.1).
 *
 *     list → [ 8 bytes | link ] → [ 16 bytes | link ] → [ 32 bytes …
 *
 * A posting is the gap to the document before, seven bits a byte, and a byte with two counts of four bits. It never
 * crosses the end of a slice: where fewer than the longest posting are left, it goes into the next one.
 */
export interface Postings {
  bytes: Uint8Array
  used: number
  lists: number
  /** By list: where it begins, where the next posting goes, where the slice with that place ends. */
  first: Int32Array
  next: Int32Array
  end: Int32Array
  /** By list: size of its last slice, its last document, how many postings it has. */
  slice: Int32Array
  last: Int32Array
  count: Int32Array
}

export function newPostings(): Postings {
  const lists = () => new Int32Array(1024)
  const [first, next, end, slice, last, count] = [lists(), lists(), lists(), lists(), lists(), lists()]
  return { bytes: new Uint8Array(1 << 16), used: 0, lists: 0, first, next, end, slice, last, count }
}

/** Begins an empty list; gives its number, which is one more than that of the list before. */
export function newList(postings: Postings): number {
  const list = postings.lists++
  if (list >= postings.first.length) {
    for (const name of ['first', 'next', 'end', 'slice', 'last', 'count'] as const) {
      postings[name] = grown(postings[name], list + 1)
    }
  }
  const at = newSlice(postings, firstSlice)
  postings.first[list] = at
  postings.next[list] = at
  postings.end[list] = at + firstSlice
  postings.slice[list] = firstSlice
  postings.last[list] = -1
  postings.count[list] = 0
  return list
}

/** Appends a document, which must be later than all in the list. Counts above 15 are taken for 15. */
export function post(postings: Postings, list: number, document: number, one: number, two: number): void {
  let at = postings.next[list]!
  if (postings.end[list]! - at < longestPosting) {
    const size = Math.min(largestSlice, postings.slice[list]! * 2)
    const next = newSlice(postings, size)
    writeLink(postings.bytes, postings.end[list]!, next)
    postings.end[list] = next + size
    postings.slice[list] = size
    at = next
  }
  const { bytes } = postings
  let gap = document - postings.last[list]!
  while (gap > 127) {
    bytes[at++] = (gap & 127) | 128
    gap >>>= 7
  }
  bytes[at++] = gap
  bytes[at++] = Math.min(15, one) | (Math.min(15, two) << 4)
  postings.next[list] = at
  postings.last[list] = document
  postings.count[list]!++
}

/**
 * Writes the documents of a list, in order, and its bytes of counts (the first in the low four bits) into arrays that
 * have room for all of them. Gives how many there are.
 */
export function readList(
  postings: Postings,
  list: number,
  documents: Int32Array,
  counts: Uint8Array,
): number {
  const { bytes } = postings
  const length = postings.count[list]!
  let at = postings.first[list]!
  let size = firstSlice
  let end = at + size
  let document = -1
  for (let i = 0; i < length; i++) {
    if (end - at < longestPosting) {
      at = readLink(bytes, end)
      size = Math.min(largestSlice, size * 2)
      end = at + size
    }
    let gap = 0
    let shift = 0
    let byte = bytes[at++]!
    while (byte > 127) {
      gap |= (byte & 127) << shift
      shift += 7
      byte = bytes[at++]!
    }
    document += gap | (byte << shift)
    documents[i] = document
    counts[i] = bytes[at++]!
  }
  return length
}

function newSlice(postings: Postings, size: number): number {
  const at = postings.used
  postings.used += size + linkBytes
  if (postings.used > postings.bytes.length) postings.bytes = grown(postings.bytes, postings.used)
  return at
}

function writeLink(bytes: Uint8Array, at: number, to: number): void {
  for (let i = 0; i < linkBytes; i++) bytes[at + i] = to >>> (8 * i)
}

function readLink(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

type Growing = Uint8Array | Uint16Array | Int32Array

/** The same numbers with room for at least `needed`, and half as much again. */
export function grown<A extends Growing>(array: A, needed: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.ceil(needed * 1.5) + 16)
  larger.set(array)
  return larger
}
