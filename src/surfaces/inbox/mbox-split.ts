import { Fault } from '../../contract/index.ts'
import { readLimit } from './message.ts'

/** One message of an mbox: where it lies, in bytes from the start, and its first megabyte without the quoting. */
export interface MboxPart {
  /** Of its `From ` line, of its head, and of the next message's `From ` line (or the end). */
  start: number
  head: number
  end: number
  /** At most `readLimit` bytes, with `>From ` lines as they were before they were stored. */
  bytes: Buffer
  /** The time that the `From ` line gives, in milliseconds since the epoch; null when it gives none. */
  postmark: number | null
}

/**
 * A `From ` line (RFC 4155): somebody and a date as asctime(3) writes it. Mail programs know them by the date, for
 * text that begins with "From " does not end in one, and not all of them keep the empty line before it.
 */
const postmarkLine =
  /^From .*?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +((?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})) .*?(\d{1,2}:\d{2}(?::\d{2})?).*?(\d{4})/

/** A `From ` line is short; a longer one is text. */
const longestPostmark = 1000

/**
 * Splits an mbox (mboxo, mboxrd, with LF or CRLF) of any size as it streams past, with bounded memory. `offset` is
 * where the stream begins in its file. Throws a Fault of kind `bad-input`, naming `name`, when it does not begin
 * with a `From ` line.
 */
export async function* splitMbox(
  chunks: AsyncIterable<Buffer>,
  name: string,
  offset = 0,
): AsyncGenerator<MboxPart> {
  let part: Collector | null = null
  let at = offset
  for await (const { lines, fresh } of wholeLines(chunks)) {
    let done = 0
    let from = fresh && lines.subarray(0, 5).equals(fromMark) ? 0 : nextFrom(lines, 0)
    while (from >= 0) {
      const newline = lines.indexOf(10, from)
      const end = newline < 0 ? lines.length : newline + 1
      const line = end - from < longestPostmark ? lines.subarray(from, end).toString('latin1') : ''
      const found = postmarkLine.exec(line)
      if (found) {
        if (part) {
          collect(part, lines.subarray(done, from))
          yield finish(part, at + from)
        } else if (!isBlank(lines.subarray(0, from))) throw notMbox(name)
        const time = Date.parse(`${found[1]} ${found[3]} ${found[2]} UTC`)
        part = { start: at + from, head: at + end, postmark: time || null, pieces: [], kept: 0 }
        done = end
      }
      from = end > from ? nextFrom(lines, end - 1) : -1
    }
    if (part) collect(part, lines.subarray(done))
    else if (!isBlank(lines)) throw notMbox(name)
    at += lines.length
  }
  if (part) yield finish(part, at)
}

interface Collector {
  start: number
  head: number
  postmark: number | null
  pieces: Buffer[]
  kept: number
}

const fromMark = Buffer.from('From ')
const fromAfterLine = Buffer.from('\nFrom ')
const isBlank = (bytes: Buffer) => bytes.toString('latin1').trim() === ''

function nextFrom(lines: Buffer, after: number): number {
  const found = lines.indexOf(fromAfterLine, after)
  return found < 0 ? -1 : found + 1
}

function collect(part: Collector, bytes: Buffer) {
  const piece = bytes.subarray(0, readLimit - part.kept)
  if (piece.length === 0) return
  // A copy, so that a small piece does not keep a whole chunk alive.
  part.pieces.push(Buffer.from(piece))
  part.kept += piece.length
}

function finish({ pieces, kept: _, ...where }: Collector, end: number): MboxPart {
  const stored = Buffer.concat(pieces)
  let length = stored.length
  // The empty line before the next `From ` line belongs to the mbox.
  if (stored[length - 1] === 10 && stored[length - 2] === 10) length -= 1
  return { ...where, end, bytes: unquote(stored.subarray(0, length)) }
}

/** Takes back mboxrd's `>` before "From " lines (and mboxo's, which cannot be told from text that began so). */
function unquote(bytes: Buffer): Buffer {
  if (!bytes.includes('\n>')) return bytes
  return Buffer.from(bytes.toString('latin1').replace(/^>(>*From )/gm, '$1'), 'latin1')
}

/** Chunks cut at line ends; `fresh` tells that one begins a line (one longer than a megabyte comes in pieces). */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<{ lines: Buffer; fresh: boolean }> {
  let carry: Buffer = Buffer.alloc(0)
  let fresh = true
  for await (const chunk of chunks) {
    const window = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk
    const cut = window.lastIndexOf(10) + 1
    const whole = cut > 0 ? cut : window.length > readLimit ? window.length : 0
    if (whole > 0) {
      yield { lines: window.subarray(0, whole), fresh }
      fresh = cut > 0
    }
    carry = window.subarray(whole)
  }
  if (carry.length > 0) yield { lines: carry, fresh }
}

const notMbox = (name: string) =>
  new Fault('bad-input', `'${name}' is not an mbox: it does not begin with a line 'From somebody date'`)
