import type { FetchMessageObject, ImapFlow, MessageStructureObject } from 'imapflow'
import type { Message } from '../../contract/index.ts'
import { messageFromParts, readLimit, readMessage, type Surroundings } from './message.ts'
import { uidSet } from './uid-set.ts'

/** Mails up to this many bytes are fetched as they are; of larger ones only the text parts. */
export const wholeBytes = 128 * 1024
/** A text is read up to this many bytes. */
const textBytes = 512 * 1024
/** Parts deeper than this are nobody's text. */
const deepest = 12

type Around = Surroundings & { key?: string; group?: string }

/** Messages of the open folder, in no particular order; those that are gone are left out. */
export async function* fetchMessages(
  client: ImapFlow,
  copies: readonly { uid: number; size: number }[],
  surroundings: (uid: number) => Around,
): AsyncGenerator<{ uid: number; message: Message }> {
  const small = copies.filter(({ size }) => size <= wholeBytes)
  if (small.length > 0) {
    const uids = uidSet(small.map(({ uid }) => uid))
    for await (const { uid, source } of client.fetch(uids, { uid: true, source: true }, { uid: true })) {
      if (source) yield { uid, message: await readMessage(source, surroundings(uid)) }
    }
  }
  const large = copies.filter(({ size }) => size > wholeBytes)
  if (large.length === 0) return
  const uids = uidSet(large.map(({ uid }) => uid))
  const query = { uid: true, bodyStructure: true, headers: true }
  for (const found of await client.fetchAll(uids, query, { uid: true })) {
    yield { uid: found.uid, message: await readLarge(client, found, surroundings(found.uid)) }
  }
}

/** The first megabyte of a mail of the open folder. */
export async function fetchStart(client: ImapFlow, uid: number): Promise<Buffer> {
  const query = { uid: true, source: { start: 0, maxLength: readLimit } }
  const found = await client.fetchOne(String(uid), query, { uid: true })
  return (found || null)?.source || Buffer.alloc(0)
}

async function readLarge(
  client: ImapFlow,
  { uid, headers, bodyStructure }: FetchMessageObject,
  around: Around,
): Promise<Message> {
  const { texts, attachments } = partsOf(bodyStructure)
  const pieces: { text: string; html: boolean }[] = []
  for (const { part, html } of texts) {
    const { content } = await client.download(String(uid), part, { uid: true, maxBytes: textBytes })
    if (!content) continue
    let text = ''
    for await (const chunk of content) text += chunk
    pieces.push({ text, html })
  }
  return messageFromParts(headers || Buffer.alloc(0), { pieces, attachments }, around)
}

/** The parts that a person reads (of alternatives the plain one), and the names of what is attached. */
function partsOf(root: MessageStructureObject | undefined) {
  const texts: { part: string; html: boolean }[] = []
  const attachments: string[] = []
  if (root) visit(root, 0)
  return { texts, attachments }

  function visit(node: MessageStructureObject, depth: number) {
    const { type, disposition, dispositionParameters, parameters, childNodes = [], part = '1' } = node
    const name = dispositionParameters?.filename ?? parameters?.name
    const text = type === 'text/plain' || type === 'text/html'
    if (text && disposition !== 'attachment' && !name) texts.push({ part, html: type === 'text/html' })
    else if (type === 'multipart/alternative' && depth < deepest) {
      const plain = childNodes.find((each) => each.type === 'text/plain')
      if (plain) visit(plain, depth + 1)
      else for (const each of childNodes.slice(-1)) visit(each, depth + 1)
    } else if (type.startsWith('multipart/') && depth < deepest) {
      for (const each of childNodes) visit(each, depth + 1)
    } else if (!/^(multipart\/|application\/(pgp|(x-)?pkcs7)-)/.test(type)) attachments.push(name ?? type)
  }
}
