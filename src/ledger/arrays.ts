/**
 * Arrays as Postgres takes them in binary (array_recv in src/backend/utils/adt/arrayfuncs.c), which spares both sides the
 * quoting and parsing of the textual form: number of dimensions, whether there are nulls, type of the elements; length
 * and lower bound of the one dimension; then each element's length in bytes (-1 is null) and bytes.
 */
const head = 20
const types = { bigint: 20, text: 25, jsonb: 3802 }

function startArray(type: keyof typeof types, length: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(head + 4 * length + bytes)
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(types[type], 8)
  buffer.writeInt32BE(length, 12)
  buffer.writeInt32BE(1, 16)
  return buffer
}

export function bigintArray(values: readonly bigint[]): Buffer {
  const buffer = startArray('bigint', values.length, 8 * values.length)
  let at = head
  for (const value of values) {
    at = buffer.writeInt32BE(8, at)
    at = buffer.writeBigInt64BE(value, at)
  }
  return buffer
}

export const textArray = (values: readonly (string | null)[]): Buffer => strings('text', values, null)

/** Of values that are JSON already. The byte before each is the version of jsonb's binary form (jsonb_recv). */
export const jsonbArray = (values: readonly string[]): Buffer => strings('jsonb', values, 1)

function strings(type: 'text' | 'jsonb', values: readonly (string | null)[], before: number | null): Buffer {
  const extra = before === null ? 0 : 1
  let bytes = 0
  for (const value of values) if (value !== null) bytes += Buffer.byteLength(value) + extra
  const buffer = startArray(type, values.length, bytes)
  let at = head
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at)
      continue
    }
    const lengthAt = at
    at += 4
    if (before !== null) buffer[at++] = before
    at += buffer.write(value, at)
    buffer.writeInt32BE(at - lengthAt - 4, lengthAt)
  }
  return buffer
}
