import { isUtf8 } from 'node:buffer'
import { Fault } from '../../contract/fault.ts'
import { type ColumnRoles, numberOf } from './metric-columns.ts'
import type { MetricColumn, MetricTable } from './metric-table.ts'

/** A table as read, with what was odd about it, a sentence each. */
export interface ReadMetricTable extends MetricTable {
  notices: string[]
}

const quote = 0x22
const newline = 0x0a
const carriage = 0x0d

/**
 * Reads a plain UTF-8 CSV byte by byte into columns: a million rows cost a few seconds, and no cell is ever a string of its
 * own. Null where a text needs the reader of sheets (quotes, another encoding, another format). Throws a Fault (`bad-input`) that names the file,
 * the line and what to do.
 */
export function parseMetricCsv(path: string, bytes: Buffer, roles: ColumnRoles = {}): ReadMetricTable | null {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const headerEnd = bytes.indexOf(newline)
  if (headerEnd < 0 || bytes[start] === 0x7b || bytes[start] === 0x5b || bytes.subarray(0, 4096).includes(0))
    return null
  const header = bytes.toString('utf8', start, headerEnd).replace(/\r$/, '')
  const delimiter = delimiterOf(header)
  if (delimiter === null || header.includes('"')) return null
  const names = header.split(delimiter).map((name) => name.trim())
  if (names.some((name) => name === '') || new Set(names).size < names.length || /^PK|^%PDF|^</.test(header))
    return null
  if (!isUtf8(bytes)) return null
  requireColumns(path, names, roles)
  return parseRows(path, bytes, headerEnd + 1, delimiter.charCodeAt(0), names, roles)
}

function delimiterOf(header: string): string | null {
  let best: string | null = null
  let most = 0
  for (const each of [',', ';', '\t', '|']) {
    const count = header.split(each).length - 1
    if (count > most) {
      most = count
      best = each
    }
  }
  return best
}

/** Throws a Fault where a column that was named is not there. */
export function requireColumns(path: string, columns: readonly string[], roles: ColumnRoles): void {
  for (const name of [...(roles.numbers ?? []), ...(roles.texts ?? [])]) {
    if (columns.includes(name)) continue
    throw new Fault(
      'bad-input',
      `${path} has no column "${name}"; it has ${columns.slice(0, 30).join(', ')}.`,
    )
  }
}

/** A cell that should hold a number and does not. */
export const notANumber = (where: string, value: string) =>
  new Fault(
    'bad-input',
    `${where}: ${JSON.stringify(value.slice(0, 60))} is not a number: mend the cell, or name another column.`,
  )

/** What becomes of the cells of one column. */
interface Sink {
  /** Takes in the cell that begins here; returns where it ends (at a delimiter or the line's end), or the complement of that where it is wrong. */
  put(row: number, first: number): number
  /** Takes in an empty cell. */
  none(row: number): void
  done(rows: number): { numbers: Float64Array } | { codes: Int32Array; values: string[] }
}

function parseRows(
  path: string,
  bytes: Buffer,
  from: number,
  delimiter: number,
  names: string[],
  roles: ColumnRoles,
): ReadMetricTable | null {
  let lines = 1
  for (let at = from; at < bytes.length; at++) if (bytes[at] === newline) lines++
  const sinks = names.map((name, index): Sink | null => {
    const numeric = () => looksNumeric(bytes, from, delimiter, index)
    if (roles.texts?.includes(name)) return textSink(bytes, delimiter, lines, roles.dates)
    if (roles.numbers?.includes(name)) return numberSink(bytes, delimiter, lines)
    if (roles.only) return null
    return numeric() ? numberSink(bytes, delimiter, lines) : textSink(bytes, delimiter, lines, roles.dates)
  })
  const width = names.length
  const end = bytes.length
  let row = 0
  let line = 1
  let ragged = 0
  let at = from
  while (at < end) {
    line++
    if (bytes[at] === newline || (bytes[at] === carriage && bytes[at + 1] === newline)) {
      at += bytes[at] === newline ? 1 : 2
      continue
    }
    let column = 0
    for (;;) {
      const first = at
      if (bytes[at] === quote) return null
      const sink = column < width ? sinks[column]! : null
      if (sink) {
        at = sink.put(row, first)
        if (at < 0) {
          at = ~at
          if (roles.numbers?.includes(names[column]!)) {
            const cell = bytes.toString('utf8', first, cellEnd(bytes, first, at))
            throw notANumber(`${path}, line ${line}, column "${names[column]}"`, cell)
          }
        }
      } else while (at < end && bytes[at] !== delimiter && bytes[at] !== newline) at++
      column++
      if (at >= end || bytes[at] === newline) break
      at++
    }
    if (column !== width) {
      ragged++
      for (; column < width; column++) sinks[column]?.none(row)
    }
    at++
    row++
  }
  if (row === 0)
    throw new Fault('bad-input', `${path} has a header but no rows: add some, or name another file.`)
  const columns = names.flatMap((name, index): MetricColumn[] => {
    const sink = sinks[index]
    return sink ? [{ name, ...sink.done(row) }] : []
  })
  const notices =
    ragged > 0 ? [`${path}: ${ragged} row(s) have more or fewer cells than the header's ${width}.`] : []
  return { rows: row, columns, notices }
}

/** Whether the first 200 filled cells of a column are numbers. */
function looksNumeric(bytes: Buffer, from: number, delimiter: number, index: number): boolean {
  const head = bytes
    .toString('utf8', from, Math.min(bytes.length, from + 100_000))
    .split('\n')
    .slice(0, 200)
  let filled = 0
  for (const line of head.length > 1 ? head.slice(0, -1) : head) {
    const cell = line.replace(/\r$/, '').split(String.fromCharCode(delimiter))[index]?.trim()
    if (!cell) continue
    filled++
    if (Number.isNaN(numberOf(cell))) return false
  }
  return filled > 0
}

/** Where the text of a cell ends that ends at `at`: before the carriage return of its line. */
function cellEnd(bytes: Buffer, first: number, at: number): number {
  const closes = at >= bytes.length || bytes[at] === newline
  return closes && at > first && bytes[at - 1] === carriage ? at - 1 : at
}

const powers = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

function numberSink(bytes: Buffer, delimiter: number, capacity: number): Sink {
  const numbers = new Float64Array(capacity)
  const end = bytes.length
  return {
    put(row, first) {
      // Digits with at most one point: nine at a time fit an integer, and up to 18 are right to one unit in the 16th.
      let at = first
      const negative = bytes[at] === 0x2d
      if (negative) at++
      let high = 0
      let low = 0
      let digits = 0
      let point = -1
      for (; at < end; at++) {
        const byte = bytes[at]! - 0x30
        if (byte >= 0 && byte <= 9) {
          if (digits < 9) high = high * 10 + byte
          else if (digits < 18) low = low * 10 + byte
          digits++
        } else if (byte === -2 && point < 0) point = at
        else break
      }
      const last = at
      if (at < end && bytes[at] === carriage && (at + 1 >= end || bytes[at + 1] === newline)) at++
      const whole = at >= end || bytes[at] === delimiter || bytes[at] === newline
      if (whole && digits > 0 && digits <= 18) {
        const decimals = point < 0 ? 0 : last - point - 1
        const value = (digits > 9 ? high * powers[digits - 9]! + low : high) / powers[decimals]!
        numbers[row] = negative ? -value : value
        return at
      }
      if (whole && last === first) {
        numbers[row] = Number.NaN
        return at
      }
      while (at < end && bytes[at] !== delimiter && bytes[at] !== newline) at++
      const text = bytes.toString('utf8', first, cellEnd(bytes, first, at))
      numbers[row] = numberOf(text)
      return Number.isNaN(numbers[row]!) && text.trim() !== '' ? ~at : at
    },
    none(row) {
      numbers[row] = Number.NaN
    },
    done: (rows) => ({ numbers: numbers.subarray(0, rows) }),
  }
}

function textSink(bytes: Buffer, delimiter: number, capacity: number, dates: ColumnRoles['dates']): Sink {
  const codes = new Int32Array(capacity)
  const values: string[] = []
  const end = bytes.length
  let slots = new Int32Array(256).fill(-1)
  let starts = new Int32Array(128)
  let ends = new Int32Array(128)
  let hashes = new Int32Array(128)
  /** The code that came after each the last time. */
  let followers = new Int32Array(128)
  let previous = 0

  function same(code: number, first: number, last: number): boolean {
    const start = starts[code]!
    if (ends[code]! - start !== last - first) return false
    for (let i = last - first - 1; i >= 0; i--) if (bytes[start + i] !== bytes[first + i]) return false
    return true
  }
  function grow(): void {
    starts = doubled(starts)
    ends = doubled(ends)
    hashes = doubled(hashes)
    followers = doubled(followers)
    slots = new Int32Array(slots.length * 2).fill(-1)
    for (let code = 0; code < values.length; code++) {
      let slot = hashes[code]! & (slots.length - 1)
      while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = code
    }
  }
  return {
    put(row, first) {
      let at = first
      // Tables are mostly written in order: what came after the cell above the last time comes again, or it stays as it is.
      const likely = followers[previous]!
      let as = starts[likely]!
      const stop = ends[likely]!
      while (as < stop && at < end && bytes[as] === bytes[at]) {
        as++
        at++
      }
      if (as === stop && at > first && (at >= end || bytes[at] === delimiter || bytes[at] === newline)) {
        codes[row] = likely
        previous = likely
        return at
      }
      at = first
      let hash = 0x811c9dc5
      for (; at < end; at++) {
        const byte = bytes[at]!
        if (byte === delimiter || byte === newline) break
        hash = Math.imul(hash ^ byte, 0x01000193)
      }
      const last = cellEnd(bytes, first, at)
      if (last < at) {
        hash = 0x811c9dc5
        for (let i = first; i < last; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
      }
      if (first === last) {
        codes[row] = -1
        return at
      }
      hash ^= hash >>> 15
      let slot = hash & (slots.length - 1)
      while (slots[slot]! >= 0 && !(hashes[slots[slot]!] === hash && same(slots[slot]!, first, last))) {
        slot = (slot + 1) & (slots.length - 1)
      }
      if (slots[slot]! < 0) {
        const code = values.length
        values.push(bytes.toString('utf8', first, last))
        slots[slot] = code
        starts[code] = first
        ends[code] = last
        hashes[code] = hash
        if (values.length === starts.length) grow()
        codes[row] = code
      } else codes[row] = slots[slot]!
      followers[previous] = codes[row]!
      previous = codes[row]!
      return at
    },
    none(row) {
      codes[row] = -1
    },
    done: (rows) => ({ codes: codes.subarray(0, rows), values: dates?.(values) ?? values }),
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(array.length * 2)
  twice.set(array)
  return twice
}
