/**
 * Text encodings, both ways without loss: `encode(decode(bytes)) ` gives the same bytes whatever they were, so that
 * a file can be patched as text and every byte that is not touched stays.
 */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface Decoded {
  text: string
  encoding: Encoding
  /** The file began with a byte order mark (not part of `text`). */
  bom: boolean
  /** Bytes that are not valid in `encoding`, kept as lone surrogates U+DC80..U+DCFF (as PEP 383 does). */
  damaged: number
}

/** Windows-1252 where it differs from Latin-1, 0x80..0x9F; the five unassigned bytes stay C1 controls (WHATWG). */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
const windows1252Bytes = new Map([...windows1252].map((char, index) => [char, 0x80 + index]))

/** Finds the encoding: byte order mark, else zero bytes of UTF-16, else valid UTF-8, else Windows-1252. */
export function decode(bytes: Uint8Array): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return decodeUtf8(buffer.subarray(3), true)
  if (bytes[0] === 0xff && bytes[1] === 0xfe && bytes.length % 2 === 0)
    return decodeUtf16(buffer, 'utf-16le', true)
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0)
    return decodeUtf16(buffer, 'utf-16be', true)
  const wide = guessUtf16(bytes)
  return wide ? decodeUtf16(buffer, wide, false) : decodeUtf8(buffer, false)
}

function guessUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return null
  const pairs = Math.min(bytes.length, 4096) >> 1
  let even = 0
  let odd = 0
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++
    if (bytes[2 * i + 1] === 0) odd++
  }
  if (odd > pairs * 0.4 && even < pairs * 0.02) return 'utf-16le'
  if (even > pairs * 0.4 && odd < pairs * 0.02) return 'utf-16be'
  return null
}

function decodeUtf16(buffer: Buffer, encoding: 'utf-16le' | 'utf-16be', bom: boolean): Decoded {
  const body = bom ? buffer.subarray(2) : buffer
  const little = encoding === 'utf-16le' ? body : Buffer.from(body).swap16()
  return { text: little.toString('utf16le'), encoding, bom, damaged: 0 }
}

function decodeUtf8(buffer: Buffer, bom: boolean): Decoded {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer)
    return { text, encoding: 'utf-8', bom, damaged: 0 }
  } catch {
    const { sequences, damagedAt } = inspectUtf8(buffer)
    // A UTF-8 file with a few broken bytes has far more whole sequences than broken ones; Latin text has hardly any.
    if (bom || sequences > damagedAt.length) return decodeDamagedUtf8(buffer, damagedAt, bom)
    const text = buffer
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80]!)
    return { text, encoding: 'windows-1252', bom, damaged: 0 }
  }
}

/** Counts multi-byte sequences and lists bytes that belong to none (Unicode 15, table 3-7). */
function inspectUtf8(bytes: Uint8Array): { sequences: number; damagedAt: number[] } {
  let sequences = 0
  const damagedAt: number[] = []
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i]!
    const length = byte < 0x80 ? 1 : sequenceLength(bytes, i, byte)
    if (length === 0) damagedAt.push(i)
    if (length > 1) sequences++
    i += length || 1
  }
  return { sequences, damagedAt }
}

function sequenceLength(bytes: Uint8Array, at: number, lead: number): number {
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : (lead & 0xf0) === 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]!
  const overlongOrSurrogate =
    (lead === 0xe0 && second < 0xa0) ||
    (lead === 0xed && second > 0x9f) ||
    (lead === 0xf0 && second < 0x90) ||
    (lead === 0xf4 && second > 0x8f)
  return overlongOrSurrogate ? 0 : length
}

function decodeDamagedUtf8(buffer: Buffer, damagedAt: number[], bom: boolean): Decoded {
  const parts: string[] = []
  let from = 0
  for (const at of damagedAt) {
    parts.push(buffer.toString('utf8', from, at), String.fromCharCode(0xdc00 + buffer[at]!))
    from = at + 1
  }
  parts.push(buffer.toString('utf8', from))
  return { text: parts.join(''), encoding: 'utf-8', bom, damaged: damagedAt.length }
}

/** The exact inverse of `decode`. Characters that `encoding` does not have become `?`: ask `encodable` first. */
export function encode(text: string, encoding: Encoding, bom: boolean): Uint8Array {
  const body = encodeBody(text, encoding)
  if (!bom) return body
  const mark =
    encoding === 'utf-8' ? [0xef, 0xbb, 0xbf] : encoding === 'utf-16le' ? [0xff, 0xfe] : [0xfe, 0xff]
  return Buffer.concat([Buffer.from(mark), body])
}

function encodeBody(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  if (encoding === 'windows-1252') {
    const bytes = text.replace(/[^\x00-\x7f\xa0-\xff]/gu, (char) => {
      const byte = windows1252Bytes.get(char)
      return byte === undefined ? '?' : String.fromCharCode(byte)
    })
    return Buffer.from(bytes, 'latin1')
  }
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const parts: Buffer[] = []
  let from = 0
  for (const match of text.matchAll(/(?<![\ud800-\udbff])[\udc80-\udcff]/g)) {
    parts.push(
      Buffer.from(text.slice(from, match.index), 'utf8'),
      Buffer.from([match[0].charCodeAt(0) & 0xff]),
    )
    from = match.index + 1
  }
  parts.push(Buffer.from(text.slice(from), 'utf8'))
  return Buffer.concat(parts)
}

/** Whether every character of `text` can be written in `encoding`. */
export function encodable(text: string, encoding: Encoding): boolean {
  if (!text.isWellFormed()) return false
  if (encoding !== 'windows-1252') return true
  for (const char of text) if (!/[\x00-\x7f\xa0-\xff]/.test(char) && !windows1252Bytes.has(char)) return false
  return true
}
