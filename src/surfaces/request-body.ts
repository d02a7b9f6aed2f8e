import type { IncomingMessage } from 'node:http'

/** The text of a request; null where it is larger than `mostBytes` or breaks off. */
export async function requestBody(request: IncomingMessage, mostBytes: number): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of request) {
      size += part.length
      if (size > mostBytes) return null
      parts.push(part)
    }
  } catch {
    return null
  }
  return Buffer.concat(parts).toString('utf8')
}
