import { createHmac } from 'node:crypto'

/**
 * A share in [0, 1) that only who has the key can foresee, the same for the same name always: the first 48 bits of
 * HMAC-SHA256. Draws arms without a stored assignment.
 */
export function keyedShare(key: string | Uint8Array, name: string): number {
  return createHmac('sha256', key).update(name).digest().readUIntBE(0, 6) / 2 ** 48
}
