import type { gmail_v1 } from '@googleapis/gmail'
import type { Message } from '../../contract/index.ts'
import type { GmailMessage } from './gmail-api.ts'
import { type MailHead, messageFromParts, readHead } from './message.ts'

type Part = gmail_v1.Schema$MessagePart

const deepest = 12

/** The head of a message in the API's format `metadata` or `full`. */
export const headOf = (message: GmailMessage, now: number): MailHead =>
  readHead(headBytes(message), { fileTime: arrivalOf(message), now })

export const arrivalOf = ({ internalDate }: GmailMessage) => (internalDate ? Number(internalDate) : null)

/** A message in the API's format `full`, whose attachments were never loaded. */
export function messageFrom(message: GmailMessage, key: string, group: string, now: number): Message {
  const pieces: { text: string; html: boolean }[] = []
  const attachments: string[] = []
  if (message.payload) visit(message.payload, 0)
  const around = { key, group, fileTime: arrivalOf(message), now }
  return messageFromParts(headBytes(message), { pieces, attachments }, around)

  function visit(part: Part, depth: number) {
    const { filename, body, parts = [] } = part
    const type = part.mimeType ?? 'text/plain'
    if (/^text\/(plain|html)$/.test(type) && !filename) {
      const text = body?.data ? Buffer.from(body.data, 'base64url').toString('utf8') : ''
      pieces.push({ text, html: type === 'text/html' })
    } else if (type === 'multipart/alternative' && depth < deepest) {
      const chosen = parts.find(({ mimeType }) => mimeType === 'text/plain') ?? parts.at(-1)
      if (chosen) visit(chosen, depth + 1)
    } else if (type.startsWith('multipart/') && depth < deepest) {
      for (const each of parts) visit(each, depth + 1)
    } else if (filename || !/^(multipart\/|application\/(pgp|(x-)?pkcs7)-)/.test(type)) {
      attachments.push(filename || type)
    }
  }
}

function headBytes({ payload }: GmailMessage): Buffer {
  const lines = (payload?.headers ?? []).map(
    ({ name, value }) => `${name}: ${value?.replace(/[\r\n]+/g, ' ')}`,
  )
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
