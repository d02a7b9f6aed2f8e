import { blockLengths, emptyGrams, type Grams, readGrams, type TextItem } from './ngrams.ts'

/** Sparse rows: row r holds `columns` and `values` at [starts[r], starts[r + 1]). */
export interface SparseRows {
  count: number
  width: number
  starts: Int32Array
  columns: Int32Array
  values: Float32Array
}

/** The n-grams that a model knows. Column c stands for the n-gram with hash `hashes[c]`. */
export interface Vocabulary {
  hashes: Uint32Array
  blocks: Uint8Array
  /** Number of training items with the n-gram. */
  frequency: Int32Array
  /** Training items in all. */
  items: number
  /** Characters read of each field. */
  limit: number
  /** Open addressing: slot → column + 1, 0 where free. The size is a power of two. */
  slots: Int32Array
}

export interface VocabularyOptions {
  limit: number
  /** N-grams in fewer items than this are left out. */
  leastFrequency: number
  /** Most columns; the rarest n-grams go first. */
  mostColumns: number
}

/**
 * Counts the n-grams of all items and keeps those that are frequent enough. Items are read once; their n-grams
 * are kept as column numbers with counts, from which `weigh` makes TF-IDF rows.
 */
export function countGrams(items: Iterable<TextItem>, options: VocabularyOptions) {
  const grams = emptyGrams()
  let table = emptyTable(1 << 16)
  const starts = [0]
  let columns = new Int32Array(1 << 16)
  let counts = new Float32Array(1 << 16)
  let used = 0
  let row = 0
  for (const item of items) {
    readGrams(item, options.limit, grams)
    if (used + grams.count > columns.length) {
      const size = Math.max(columns.length * 2, used + grams.count)
      columns = grown(columns, new Int32Array(size))
      counts = grown(counts, new Float32Array(size))
    }
    const first = used
    for (let g = 0; g < grams.count; g++) {
      if (table.count * 2 > table.slots.length) table = biggerTable(table)
      const column = findOrAdd(table, grams.hashes[g]!, grams.blocks[g]!)
      const place = table.place[column]!
      if (place > first) {
        counts[place - 1]! += 1
      } else {
        columns[used] = column
        counts[used] = 1
        used++
        table.place[column] = used
        table.frequency[column]! += 1
      }
    }
    starts.push(used)
    row++
  }
  return keepFrequent(table, { starts, columns, counts, used, row }, options)
}

interface Table {
  slots: Int32Array
  hashes: Uint32Array
  blocks: Uint8Array
  frequency: Int32Array
  /** Where the column stands in the row being read, + 1; anything at or before the row's start is of an earlier row. */
  place: Int32Array
  count: number
}

function emptyTable(size: number): Table {
  const room = size >> 1
  return {
    slots: new Int32Array(size),
    hashes: new Uint32Array(room + 1),
    blocks: new Uint8Array(room + 1),
    frequency: new Int32Array(room + 1),
    place: new Int32Array(room + 1),
    count: 0,
  }
}

function biggerTable(table: Table): Table {
  const bigger = emptyTable(table.slots.length * 2)
  bigger.hashes.set(table.hashes)
  bigger.blocks.set(table.blocks)
  bigger.frequency.set(table.frequency)
  bigger.place.set(table.place)
  bigger.count = table.count
  fillSlots(bigger.slots, bigger.hashes, bigger.count)
  return bigger
}

function fillSlots(slots: Int32Array, hashes: Uint32Array, count: number): void {
  const mask = slots.length - 1
  for (let column = 0; column < count; column++) {
    let slot = hashes[column]! & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = column + 1
  }
}

function findOrAdd(table: Table, hash: number, block: number): number {
  const { slots, hashes } = table
  const mask = slots.length - 1
  let slot = hash & mask
  for (;;) {
    const column = slots[slot]! - 1
    if (column < 0) break
    if (hashes[column] === hash) return column
    slot = (slot + 1) & mask
  }
  const column = table.count++
  slots[slot] = column + 1
  hashes[column] = hash
  table.blocks[column] = block
  return column
}

interface Counted {
  starts: number[]
  columns: Int32Array
  counts: Float32Array
  used: number
  row: number
}

function keepFrequent(table: Table, counted: Counted, options: VocabularyOptions) {
  let least = options.leastFrequency
  const byFrequency = new Int32Array(counted.row + 2)
  for (let c = 0; c < table.count; c++) byFrequency[table.frequency[c]!]! += 1
  let kept = 0
  for (let f = least; f < byFrequency.length; f++) kept += byFrequency[f]!
  while (kept > options.mostColumns) kept -= byFrequency[least++]!

  const renumbered = new Int32Array(table.count).fill(-1)
  const hashes = new Uint32Array(kept)
  const blocks = new Uint8Array(kept)
  const frequency = new Int32Array(kept)
  let next = 0
  for (let c = 0; c < table.count; c++) {
    if (table.frequency[c]! < least) continue
    hashes[next] = table.hashes[c]!
    blocks[next] = table.blocks[c]!
    frequency[next] = table.frequency[c]!
    renumbered[c] = next++
  }
  const starts = new Int32Array(counted.row + 1)
  let to = 0
  for (let row = 0; row < counted.row; row++) {
    for (let p = counted.starts[row]!; p < counted.starts[row + 1]!; p++) {
      const column = renumbered[counted.columns[p]!]!
      if (column < 0) continue
      counted.columns[to] = column
      counted.counts[to] = counted.counts[p]!
      to++
    }
    starts[row + 1] = to
  }
  const vocabulary = openVocabulary({ hashes, blocks, frequency, items: counted.row, limit: options.limit })
  const rows: SparseRows = {
    count: counted.row,
    width: kept,
    starts,
    columns: counted.columns.subarray(0, to),
    values: counted.counts.subarray(0, to),
  }
  return { vocabulary, rows }
}

export function openVocabulary(saved: Omit<Vocabulary, 'slots'>): Vocabulary {
  let size = 1024
  while (size < saved.hashes.length * 2) size *= 2
  const slots = new Int32Array(size)
  fillSlots(slots, saved.hashes, saved.hashes.length)
  return { ...saved, slots }
}

/** Inverse document frequency, smoothed as if one more item held every n-gram (scikit-learn's `smooth_idf`). */
export function inverseFrequency(vocabulary: Vocabulary): Float32Array {
  return Float32Array.from(vocabulary.frequency, (f) => Math.log((1 + vocabulary.items) / (1 + f)) + 1)
}

/** Turns counts into weights in place: (1 + ln count) × idf, each block of each row brought to unit length. */
export function weigh(rows: SparseRows, idf: Float32Array, blocks: Uint8Array): void {
  for (let row = 0; row < rows.count; row++) {
    weighRow(rows.columns, rows.values, rows.starts[row]!, rows.starts[row + 1]!, idf, blocks)
  }
}

const squares = new Float64Array(blockLengths.length)
export const W={binary:true,idf:true,weights:blockLengths}

function weighRow(
  columns: Int32Array,
  values: Float32Array,
  from: number,
  to: number,
  idf: Float32Array,
  blocks: Uint8Array,
): void {
  squares.fill(0)
  for (let p = from; p < to; p++) {
    const column = columns[p]!
    const value = (W.binary?1:(1 + Math.log(values[p]!))) * (W.idf?idf[column]!:1)
    values[p] = value
    squares[blocks[column]!]! += value * value
  }
  for (let b = 0; b < squares.length; b++) {
    squares[b] = squares[b]! > 0 ? W.weights[b]! / Math.sqrt(squares[b]!) : 0
  }
  for (let p = from; p < to; p++) values[p]! *= squares[blocks[columns[p]!]!]!
}

/** One item as a weighted row, with how much of it is known. */
export interface Reading {
  columns: Int32Array
  values: Float32Array
  count: number
  /** N-grams of the item, and those of them that the vocabulary has. */
  grams: number
  known: number
}

/** A reader of single items against a vocabulary. Its answer is overwritten by the next call. */
export function createReader(vocabulary: Vocabulary, idf: Float32Array): (item: TextItem) => Reading {
  const grams: Grams = emptyGrams()
  const place = new Int32Array(vocabulary.hashes.length)
  const reading: Reading = {
    columns: new Int32Array(1024),
    values: new Float32Array(1024),
    count: 0,
    grams: 0,
    known: 0,
  }
  const mask = vocabulary.slots.length - 1
  return (item) => {
    readGrams(item, vocabulary.limit, grams)
    if (grams.count > reading.columns.length) {
      reading.columns = new Int32Array(grams.count)
      reading.values = new Float32Array(grams.count)
    }
    let count = 0
    let known = 0
    for (let g = 0; g < grams.count; g++) {
      const hash = grams.hashes[g]!
      let slot = hash & mask
      let column = vocabulary.slots[slot]! - 1
      while (column >= 0 && vocabulary.hashes[column] !== hash) {
        slot = (slot + 1) & mask
        column = vocabulary.slots[slot]! - 1
      }
      if (column < 0) continue
      known++
      const seen = place[column]!
      if (seen > 0) {
        reading.values[seen - 1]! += 1
      } else {
        reading.columns[count] = column
        reading.values[count] = 1
        place[column] = ++count
      }
    }
    for (let p = 0; p < count; p++) place[reading.columns[p]!] = 0
    weighRow(reading.columns, reading.values, 0, count, idf, vocabulary.blocks)
    reading.count = count
    reading.grams = grams.count
    reading.known = known
    return reading
  }
}

function grown<A extends Int32Array | Float32Array>(from: A, to: A): A {
  to.set(from)
  return to
}
