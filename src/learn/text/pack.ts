import { crc32 } from 'node:zlib'
import { Fault } from '../../contract/index.ts'

/** What a model is made of: plain JSON and typed arrays by name. */
export interface Packed {
  plain: unknown
  arrays: Record<string, PackedArray>
}
export type PackedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | Int8Array

const arrayTypes = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, Int8Array }
type ArrayType = keyof typeof arrayTypes

const magic = 0x694e4c41
const headBytes = 16

/**
 * Bytes of a model: magic, version, CRC-32 of all that follows, length of the JSON, the JSON, then the arrays,
 * each at a multiple of 8. Numbers are little-endian, as on every machine that Node runs on.
 */
export function pack(version: number, { plain, arrays }: Packed): Uint8Array {
  const names = Object.keys(arrays)
  const layout = names.map((name) => {
    const array = arrays[name]!
    return { name, type: array.constructor.name as ArrayType, length: array.length }
  })
  const json = new TextEncoder().encode(JSON.stringify({ plain, layout }))
  const first = roundUp(headBytes + json.length)
  const size = names.reduce((sum, name) => sum + roundUp(arrays[name]!.byteLength), first)
  const bytes = new Uint8Array(size)
  const head = new DataView(bytes.buffer)
  bytes.set(json, headBytes)
  let at = first
  for (const name of names) {
    const array = arrays[name]!
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += roundUp(array.byteLength)
  }
  head.setUint32(0, magic, true)
  head.setUint32(4, version, true)
  head.setUint32(12, json.length, true)
  head.setUint32(8, crc32(bytes.subarray(12)), true)
  return bytes
}

/** Reads what `pack` wrote. Fault of kind `bad-input` for other bytes, damaged ones, or another version. */
export function unpack(version: number, bytes: Uint8Array, what: string): Packed {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headBytes || head.getUint32(0, true) !== magic) {
    throw again(`The saved model of "${what}" is not one (${bytes.length} bytes)`)
  }
  const saved = head.getUint32(4, true)
  if (saved !== version)
    throw again(`The saved model of "${what}" is of version ${saved}, this program reads ${version}`)
  if (head.getUint32(8, true) !== crc32(bytes.subarray(12))) {
    throw again(`The saved model of "${what}" is damaged (its checksum does not fit)`)
  }
  const json = bytes.subarray(headBytes, headBytes + head.getUint32(12, true))
  const { plain, layout } = JSON.parse(new TextDecoder().decode(json)) as {
    plain: unknown
    layout: { name: string; type: ArrayType; length: number }[]
  }
  const arrays: Packed['arrays'] = {}
  let at = roundUp(headBytes + json.length)
  for (const { name, type, length } of layout) {
    const size = length * arrayTypes[type].BYTES_PER_ELEMENT
    // A copy: the bytes may be reused by their owner and need not be aligned, and a Buffer's own slice is a view.
    arrays[name] = new arrayTypes[type](Uint8Array.from(bytes.subarray(at, at + size)).buffer)
    at += roundUp(size)
  }
  return { plain, arrays }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

function again(problem: string): Fault {
  return new Fault('bad-input', `${problem}: it must learn again from the history.`)
}
