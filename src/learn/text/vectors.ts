import { blockLengths, type Extent, emptyGrams, type Grams, readGrams, type TextItem } from './ngrams.ts'

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
  /** Inverse document frequency of each column. */
  idf: Float32Array
  /** Inverse document frequency that an n-gram gets which is not there. */
  unknownIdf: number
  extent: Extent
  /** Open addressing: slot → column + 1, 0 where free. The size is a power of two. */
  slots: Int32Array
}

export interface VocabularyOptions {
  extent: Extent
  /** N-grams in fewer items are left out. */
  leastFrequency: number
  /** Most columns; the rarest n-grams go first. */
  mostColumns: number
}

/** A vocabulary with the rows that it was made from. */
export interface Vectors {
  vocabulary: Vocabulary
  rows: SparseRows
  /** Number of rows with the n-gram, by column. */
  frequency: Int32Array
  /** Number of different n-grams of each row, also those that were left out. */
  grams: Int32Array
  /** N-grams in fewer items were left out. */
  leastFrequency: number
}

/**
 * Learns the vocabulary of all items, and turns them into weighted rows. Weights are presence × inverse document
 * frequency (smoothed as if one more item held every n-gram), each block of each row brought to its length. Presence
 * serves long texts better than counts, and short ones as well. N-grams of a single item may stay: they tell nothing
 * about labels, but as a part of the row's length they stand for what is unknown in a new text.
 */
export function learnVectors(items: Iterable<TextItem>, options: VocabularyOptions): Vectors {
  const grams = emptyGrams()
  let table = emptyTable(1 << 16)
  const starts = [0]
  let columns = new Int32Array(1 << 16)
  let used = 0
  let row = 0
  for (const item of items) {
    readGrams(item, options.extent, grams)
    if (used + grams.count > columns.length) {
      const more = new Int32Array(Math.max(columns.length * 2, used + grams.count))
      more.set(columns)
      columns = more
    }
    row++
    for (let g = 0; g < grams.count; g++) {
      if (table.count * 2 > table.slots.length) table = biggerTable(table)
      const column = findOrAdd(table, grams.hashes[g]!, grams.blocks[g]!)
      if (column < 0 || table.lastRow[column] === row) continue
      table.lastRow[column] = row
      table.frequency[column]! += 1
      columns[used++] = column
    }
    starts.push(used)
  }
  return keepFrequent(table, starts, columns, options)
}

/** What is first seen after so many different n-grams is too rare to be kept anyway. */
const mostDistinct = 3_000_000

interface Table {
  slots: Int32Array
  hashes: Uint32Array
  blocks: Uint8Array
  frequency: Int32Array
  /** The last row with the n-gram, counted from 1. */
  lastRow: Int32Array
  count: number
}

function emptyTable(size: number): Table {
  const room = (size >> 1) + 1
  return {
    slots: new Int32Array(size),
    hashes: new Uint32Array(room),
    blocks: new Uint8Array(room),
    frequency: new Int32Array(room),
    lastRow: new Int32Array(room),
    count: 0,
  }
}

function biggerTable(table: Table): Table {
  const bigger = emptyTable(table.slots.length * 2)
  bigger.hashes.set(table.hashes)
  bigger.blocks.set(table.blocks)
  bigger.frequency.set(table.frequency)
  bigger.lastRow.set(table.lastRow)
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

/** Column of a hash, or -1 - the free slot where it belongs. */
function find(slots: Int32Array, hashes: Uint32Array, hash: number): number {
  const mask = slots.length - 1
  let slot = hash & mask
  for (;;) {
    const column = slots[slot]! - 1
    if (column < 0) return -1 - slot
    if (hashes[column] === hash) return column
    slot = (slot + 1) & mask
  }
}

/** Column of an n-gram, new or not; -1 where there are too many already. */
function findOrAdd(table: Table, hash: number, block: number): number {
  const found = find(table.slots, table.hashes, hash)
  if (found >= 0) return found
  if (table.count === mostDistinct) return -1
  const column = table.count++
  table.slots[-1 - found] = column + 1
  table.hashes[column] = hash
  table.blocks[column] = block
  return column
}

function keepFrequent(
  table: Table,
  starts: number[],
  columns: Int32Array,
  options: VocabularyOptions,
): Vectors {
  const count = starts.length - 1
  const byFrequency = new Int32Array(count + 2)
  for (let c = 0; c < table.count; c++) byFrequency[table.frequency[c]!]! += 1
  let least = 1
  let kept = table.count
  while (least < options.leastFrequency || kept > options.mostColumns) kept -= byFrequency[least++] ?? 0

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
  const idfOf = (f: number) => Math.log((1 + count) / (1 + f)) + 1
  const idf = Float32Array.from(frequency, idfOf)
  // Where rare n-grams were dropped, rows were weighed without them, and so must new ones be.
  const unknownIdf = least > 1 ? 0 : idfOf(1)
  const vocabulary = openVocabulary({ hashes, blocks, idf, unknownIdf, extent: options.extent })

  const newStarts = new Int32Array(count + 1)
  let to = 0
  for (let row = 0; row < count; row++) {
    for (let p = starts[row]!; p < starts[row + 1]!; p++) {
      const column = renumbered[columns[p]!]!
      if (column >= 0) columns[to++] = column
    }
    newStarts[row + 1] = to
  }
  const rows: SparseRows = {
    count,
    width: kept,
    starts: newStarts,
    columns: columns.slice(0, to),
    values: new Float32Array(to),
  }
  const squares = new Float64Array(blockLengths.length)
  for (let row = 0; row < count; row++) {
    squares.fill(0)
    weigh(vocabulary, rows.columns, rows.values, newStarts[row]!, newStarts[row + 1]!, squares)
  }
  const rowGrams = Int32Array.from({ length: count }, (_, r) => starts[r + 1]! - starts[r]!)
  return { vocabulary, rows, frequency, grams: rowGrams, leastFrequency: least }
}

export function openVocabulary(saved: Omit<Vocabulary, 'slots'>): Vocabulary {
  let size = 1024
  while (size < saved.hashes.length * 2) size *= 2
  const slots = new Int32Array(size)
  fillSlots(slots, saved.hashes, saved.hashes.length)
  return { ...saved, slots }
}

/** Writes the weights of a row's columns. `squares` may come with what unknown n-grams add to each block. */
function weigh(
  { idf, blocks }: Vocabulary,
  columns: Int32Array,
  values: Float32Array,
  from: number,
  to: number,
  squares: Float64Array,
): void {
  for (let p = from; p < to; p++) {
    const value = idf[columns[p]!]!
    squares[blocks[columns[p]!]!]! += value * value
  }
  for (let b = 0; b < squares.length; b++) {
    squares[b] = squares[b]! > 0 ? blockLengths[b]! / Math.sqrt(squares[b]!) : 0
  }
  for (let p = from; p < to; p++) values[p] = idf[columns[p]!]! * squares[blocks[columns[p]!]!]!
}

/** One item as a weighted row. */
export interface Reading {
  columns: Int32Array
  values: Float32Array
  count: number
  /** Different n-grams of the item that the vocabulary lacks. */
  unknown: number
  /** The n-grams as they were read, and for each its place among `columns`, -1 where it is unknown. */
  grams: Grams
  places: Int32Array
}

/** A reader of single items against a vocabulary. Its answer is overwritten by the next call. */
export function createReader(vocabulary: Vocabulary): (item: TextItem) => Reading {
  const grams = emptyGrams()
  const { slots, hashes, unknownIdf } = vocabulary
  // Place of a column in the item being read, + 1.
  const place = new Int32Array(hashes.length)
  const squares = new Float64Array(blockLengths.length)
  const unknown = new Set<number>()
  const reading: Reading = {
    columns: new Int32Array(1024),
    values: new Float32Array(1024),
    grams,
    places: new Int32Array(1024),
    count: 0,
    unknown: 0,
  }
  return (item) => {
    readGrams(item, vocabulary.extent, grams)
    if (grams.count > reading.columns.length) {
      reading.columns = new Int32Array(grams.count)
      reading.values = new Float32Array(grams.count)
      reading.places = new Int32Array(grams.count)
    }
    squares.fill(0)
    unknown.clear()
    let count = 0
    for (let g = 0; g < grams.count; g++) {
      const hash = grams.hashes[g]!
      const column = find(slots, hashes, hash)
      if (column >= 0) {
        if (place[column] === 0) {
          reading.columns[count] = column
          place[column] = ++count
        }
        reading.places[g] = place[column]! - 1
      } else {
        reading.places[g] = -1
        if (unknown.has(hash)) continue
        unknown.add(hash)
        squares[grams.blocks[g]!]! += unknownIdf * unknownIdf
      }
    }
    for (let p = 0; p < count; p++) place[reading.columns[p]!] = 0
    weigh(vocabulary, reading.columns, reading.values, 0, count, squares)
    reading.count = count
    reading.unknown = unknown.size
    return reading
  }
}

/** The vocabulary with the n-grams of further items behind its own, and the rows of those items. */
export function extendVectors(
  vocabulary: Vocabulary,
  items: readonly TextItem[],
): Pick<Vectors, 'vocabulary' | 'rows'> {
  const grams = emptyGrams()
  const hashes: number[] = []
  const blocks: number[] = []
  const added = new Set<number>()
  for (const item of items) {
    readGrams(item, vocabulary.extent, grams)
    for (let g = 0; g < grams.count; g++) {
      const hash = grams.hashes[g]!
      if (added.has(hash) || find(vocabulary.slots, vocabulary.hashes, hash) >= 0) continue
      added.add(hash)
      hashes.push(hash)
      blocks.push(grams.blocks[g]!)
    }
  }
  let rarest = 1
  for (const idf of vocabulary.idf) rarest = Math.max(rarest, idf)
  const extended = openVocabulary({
    hashes: Uint32Array.from([...vocabulary.hashes, ...hashes]),
    blocks: Uint8Array.from([...vocabulary.blocks, ...blocks]),
    idf: Float32Array.from([...vocabulary.idf, ...hashes.map(() => rarest)]),
    unknownIdf: vocabulary.unknownIdf,
    extent: vocabulary.extent,
  })
  const read = createReader(extended)
  const starts = [0]
  const columns: Int32Array[] = []
  const values: Float32Array[] = []
  for (const item of items) {
    const reading = read(item)
    columns.push(reading.columns.slice(0, reading.count))
    values.push(reading.values.slice(0, reading.count))
    starts.push(starts.at(-1)! + reading.count)
  }
  const rows: SparseRows = {
    count: items.length,
    width: extended.hashes.length,
    starts: Int32Array.from(starts),
    columns: new Int32Array(starts.at(-1)!),
    values: new Float32Array(starts.at(-1)!),
  }
  for (const [r, from] of starts.slice(0, -1).entries()) {
    rows.columns.set(columns[r]!, from)
    rows.values.set(values[r]!, from)
  }
  return { vocabulary: extended, rows }
}
