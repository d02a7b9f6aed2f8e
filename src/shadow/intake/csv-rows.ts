/**
 * Rows of a CSV text as bytes arrive, without holding the file: quoted cells may hold delimiters, quotes ("") and
 * line ends. `onRow` gets the cells as byte ranges of `bytes`, valid only during the call; a range that starts
 * behind a quote has its doubled quotes still in it (see `cellText`).
 */
export interface CsvRows {
  push(chunk: Uint8Array): void
  end(): void
}

export interface RowCells {
  bytes: Buffer
  count: number
  from: Int32Array
  to: Int32Array
  /** 1 where the cell was quoted. */
  quoted: Uint8Array
}

const most = 4096

export function csvRows(delimiter: number, onRow: (row: RowCells) => void): CsvRows {
  const row: RowCells = {
    bytes: Buffer.alloc(0),
    count: 0,
    from: new Int32Array(most),
    to: new Int32Array(most),
    quoted: new Uint8Array(most),
  }
  let carry = Buffer.alloc(0)

  /** Parses whole rows; returns where the first row that may be incomplete begins. */
  function scan(bytes: Buffer, last: boolean): number {
    const end = bytes.length
    let start = 0
    row.bytes = bytes
    while (start < end) {
      let i = start
      row.count = 0
      for (;;) {
        let from = i
        let to = i
        let quoted = 0
        if (i < end && bytes[i] === 34) {
          quoted = 1
          from = ++i
          for (;;) {
            const quote = bytes.indexOf(34, i)
            if (quote < 0) {
              if (!last) return start
              i = end
              to = end
              break
            }
            if (quote + 1 >= end && !last) return start
            if (bytes[quote + 1] === 34) {
              i = quote + 2
              continue
            }
            to = quote
            i = quote + 1
            break
          }
          while (i < end && bytes[i] !== delimiter && bytes[i] !== 10) i++
        } else {
          while (i < end && bytes[i] !== delimiter && bytes[i] !== 10) i++
          to = i
          if (to > from && bytes[to - 1] === 13) to--
        }
        if (i >= end && !last) return start
        if (row.count < most) {
          row.from[row.count] = from
          row.to[row.count] = to
          row.quoted[row.count++] = quoted
        }
        if (i >= end || bytes[i] === 10) break
        i++
      }
      start = i + 1
      if (row.count > 1 || row.to[0]! > row.from[0]! || row.quoted[0]) onRow(row)
    }
    return end
  }

  return {
    push(chunk) {
      const bytes =
        carry.length === 0
          ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
          : Buffer.concat([carry, chunk])
      carry = Buffer.from(bytes.subarray(scan(bytes, false)))
    },
    end() {
      if (carry.length > 0) scan(carry, true)
    },
  }
}

/** Text of a cell; empty where the row is too short. */
export function cellText(row: RowCells, column: number): string {
  if (column < 0 || column >= row.count || row.from[column] === row.to[column]) return ''
  const text = textOf(row.bytes, row.from[column]!, row.to[column]!)
  return row.quoted[column] && text.includes('""') ? text.replaceAll('""', '"') : text
}

/** Cells of few bytes say the same again and again: the texts seen last, by a hash of their bytes. */
const longestKept = 48
const slots = 1 << 12
const keptBytes = new Uint8Array(slots * longestKept)
const keptLength = new Uint8Array(slots)
const keptText: string[] = new Array(slots).fill('')

function textOf(bytes: Buffer, from: number, to: number): string {
  const length = to - from
  if (length > longestKept) return bytes.toString('utf8', from, to)
  let hash = length
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
  const slot = (hash ^ (hash >>> 15)) & (slots - 1)
  const start = slot * longestKept
  if (keptLength[slot] === length) {
    let i = 0
    while (i < length && keptBytes[start + i] === bytes[from + i]) i++
    if (i === length) return keptText[slot]!
  }
  const text = bytes.toString('utf8', from, to)
  for (let i = 0; i < length; i++) keptBytes[start + i] = bytes[from + i]!
  keptLength[slot] = length
  keptText[slot] = text
  return text
}

/** The delimiter of a header line: the one of comma, semicolon, tab and bar that it has most of outside quotes. */
export function delimiterOf(line: string): number {
  const bare = line.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((each) => ({ each, times: bare.split(each).length - 1 }))
  return counts.reduce((best, next) => (next.times > best.times ? next : best)).each.charCodeAt(0)
}
