import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { Fault } from '../../contract/index.ts'

/**
 * A zip archive as its bytes, so that one entry can be replaced while all others stay byte for byte, compressed form,
 * time stamps and order included (PKWARE APPNOTE 4.3; no multi-disk archives, no encryption).
 */
export interface Zip {
  bytes: Buffer
  entries: Map<string, ZipEntry>
  directoryStart: number
  endRecordStart: number
}

interface ZipEntry {
  name: string
  method: number
  crc: number
  packedSize: number
  size: number
  /** The entry's whole record, up to where the next one begins. */
  start: number
  end: number
  directory: { start: number; end: number }
}

/** An entry exactly as it stood in an archive; put back, it is the same bytes again. */
export interface RawEntry {
  record: Buffer
  directory: Buffer
}

const localSignature = 0x04034b50
const directorySignature = 0x02014b50
const endSignature = 0x06054b50
/** Strings of V8 end at 512 MB; a sheet that unpacks to more is refused before it is unpacked. */
const largestEntry = 400 * 1024 * 1024

/** Throws a Fault when the archive is damaged or of a kind that is not read here. */
export function openZip(path: string, bytes: Buffer): Zip {
  const damaged = (what: string) =>
    new Fault(
      'bad-input',
      `${path} is a damaged or incomplete workbook (${what}): fetch it again or save it anew.`,
    )
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== endSignature) end--
  if (end < 0) throw damaged('its end is missing')
  const count = bytes.readUInt16LE(end + 10)
  const directoryStart = bytes.readUInt32LE(end + 16)
  const entries = new Map<string, ZipEntry>()
  let at = directoryStart
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== directorySignature)
      throw damaged('its list of parts is broken')
    const flags = bytes.readUInt16LE(at + 8)
    const nameLength = bytes.readUInt16LE(at + 28)
    const extraLength = bytes.readUInt16LE(at + 30)
    const next = at + 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    if (flags & 1)
      throw new Fault('bad-input', `${path} is protected by a password: remove it and save the file again.`)
    const sizes = wideSizes(bytes, at, nameLength, extraLength)
    if (sizes.start >= directoryStart || bytes.readUInt32LE(sizes.start) !== localSignature) {
      throw damaged(`its part ${name} is not where it should be`)
    }
    const method = bytes.readUInt16LE(at + 10)
    const crc = bytes.readUInt32LE(at + 16)
    entries.set(name, {
      name,
      method,
      crc,
      ...sizes,
      end: directoryStart,
      directory: { start: at, end: next },
    })
    at = next
  }
  const inOrder = [...entries.values()].sort((a, b) => a.start - b.start)
  for (let i = 1; i < inOrder.length; i++) inOrder[i - 1]!.end = inOrder[i]!.start
  return { bytes, entries, directoryStart, endRecordStart: end }
}

/** Sizes and offset of a directory record; 64-bit ones stand in extra field 1 (APPNOTE 4.5.3). */
function wideSizes(bytes: Buffer, at: number, nameLength: number, extraLength: number) {
  const sizes = {
    size: bytes.readUInt32LE(at + 24),
    packedSize: bytes.readUInt32LE(at + 20),
    start: bytes.readUInt32LE(at + 42),
  }
  const extraEnd = at + 46 + nameLength + extraLength
  for (let extra = at + 46 + nameLength; extra + 4 <= extraEnd; extra += 4 + bytes.readUInt16LE(extra + 2)) {
    if (bytes.readUInt16LE(extra) !== 1) continue
    let field = extra + 4
    for (const name of ['size', 'packedSize', 'start'] as const) {
      if (sizes[name] !== 0xffffffff) continue
      sizes[name] = Number(bytes.readBigUInt64LE(field))
      field += 8
    }
  }
  return sizes
}

/** The unpacked bytes of one entry; null when there is none of this name. Checks the checksum. */
export function zipEntry(path: string, zip: Zip, name: string): Buffer | null {
  const entry = zip.entries.get(name)
  if (!entry) return null
  const damaged = (what: string) =>
    new Fault(
      'bad-input',
      `${path} is a damaged workbook (its part ${name} ${what}): fetch it again or save it anew.`,
    )
  if (entry.size > largestEntry) {
    throw new Fault(
      'bad-input',
      `${path} holds a part (${name}) of ${entry.size} bytes, which is too large to read.`,
    )
  }
  const { bytes } = zip
  const from = entry.start + 30 + bytes.readUInt16LE(entry.start + 26) + bytes.readUInt16LE(entry.start + 28)
  const packed = bytes.subarray(from, from + entry.packedSize)
  let unpacked: Buffer
  if (entry.method === 0) unpacked = packed
  else if (entry.method === 8) {
    try {
      unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(entry.size, 1) })
    } catch (error) {
      throw new Fault('bad-input', damaged('cannot be unpacked').message, { cause: error })
    }
  } else throw damaged(`is packed by method ${entry.method}`)
  if (unpacked.length !== entry.size || crc32(unpacked) !== entry.crc) throw damaged('fails its checksum')
  return unpacked
}

export function rawEntry(zip: Zip, name: string): RawEntry {
  const entry = zip.entries.get(name)!
  return {
    record: Buffer.from(zip.bytes.subarray(entry.start, entry.end)),
    directory: Buffer.from(zip.bytes.subarray(entry.directory.start, entry.directory.end)),
  }
}

/** The archive with some entries replaced, by new content or by what they were once. */
export function replaceEntries(zip: Zip, replaced: ReadonlyMap<string, Uint8Array | RawEntry>): Buffer {
  const parts: Buffer[] = []
  const directory = new Map<string, Buffer>()
  let offset = 0
  for (const entry of [...zip.entries.values()].sort((a, b) => a.start - b.start)) {
    const replacement = replaced.get(entry.name)
    const raw = replacement === undefined ? rawEntry(zip, entry.name) : asRaw(zip, entry, replacement)
    // A stub in front of the first entry (none in workbooks) and the order of the records are kept.
    if (parts.length === 0 && entry.start > 0) {
      parts.push(zip.bytes.subarray(0, entry.start))
      offset = entry.start
    }
    raw.directory.writeUInt32LE(offset, 42)
    parts.push(raw.record)
    offset += raw.record.length
    directory.set(entry.name, raw.directory)
  }
  const list = [...zip.entries.keys()].map((name) => directory.get(name)!)
  const end = Buffer.from(zip.bytes.subarray(zip.endRecordStart))
  end.writeUInt32LE(
    list.reduce((sum, { length }) => sum + length, 0),
    12,
  )
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...list, end])
}

function asRaw(zip: Zip, entry: ZipEntry, replacement: Uint8Array | RawEntry): RawEntry {
  if (!(replacement instanceof Uint8Array)) {
    return { record: replacement.record, directory: Buffer.from(replacement.directory) }
  }
  const packed = deflateRawSync(replacement)
  const { bytes } = zip
  const nameEnd = entry.start + 30 + bytes.readUInt16LE(entry.start + 26)
  const header = Buffer.from(bytes.subarray(entry.start, nameEnd))
  const { start, end } = entry.directory
  const directory = Buffer.concat([
    bytes.subarray(start, start + 46 + bytes.readUInt16LE(start + 28)),
    bytes.subarray(end - bytes.readUInt16LE(start + 32), end),
  ])
  // Extra fields may hold 64-bit sizes of the old content; a data descriptor (flag 8) is not needed any more.
  header.writeUInt16LE(0, 28)
  directory.writeUInt16LE(0, 30)
  for (const [record, at] of [
    [header, 6],
    [directory, 8],
  ] as const) {
    record.writeUInt16LE(record.readUInt16LE(at) & ~8, at)
    record.writeUInt16LE(8, at + 2)
    record.writeUInt32LE(crc32(replacement), at + 8)
    record.writeUInt32LE(packed.length, at + 12)
    record.writeUInt32LE(replacement.length, at + 16)
  }
  return { record: Buffer.concat([header, packed]), directory }
}
