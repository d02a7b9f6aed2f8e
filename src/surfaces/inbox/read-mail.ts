import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from '../../contract/index.ts'
import { Fault } from '../../contract/index.ts'
import { findFolders, listMaildir, pathOf } from './maildir-folders.ts'
import { findMboxes, readFrom } from './mbox-files.ts'
import { splitMbox } from './mbox-split.ts'
import { contentKey, displayedBy, readHead, readLimit, readMessage } from './message.ts'

/** One stored mail: its first megabyte, and the time its mailbox gives it. */
interface StoredMail {
  bytes: Buffer
  fileTime: number | null
}

/** A message as it lies in a mailbox. */
export interface ReadMail extends Message {
  /** It is but a receipt that says that its sender has read the conversation's mail. */
  receipt: boolean
}

/**
 * The messages in mailboxes given as paths: mbox files, single mails (`.eml`), Maildirs, folders of mbox files or of
 * mails; files may be gzipped. Conversations are joined across them, copies are told once, Inlay's own mails never;
 * drafts and deleted mails of a Maildir are left out. Memory stays bounded by one message and the Message-IDs.
 * Throws a Fault of kind `bad-input` that names the path when one is missing, empty or not mail.
 */
export async function* readMail(paths: Iterable<string>, now = Date.now()): AsyncGenerator<ReadMail> {
  const groups = new Map<string, string>()
  const hashes = new Map<string, Set<string>>()
  for (const path of paths) {
    let count = 0
    for await (const { bytes, fileTime } of mailsAt(path)) {
      count++
      const head = readHead(bytes, { fileTime, now })
      if (head.inlay) continue
      const hash = contentKey(bytes)
      const id = head.id ?? hash
      const known = hashes.get(id)
      if (known?.has(hash)) continue
      const key = known ? `${id}#${hash.slice('sha256:'.length)}` : id
      if (known) known.add(hash)
      else hashes.set(id, new Set([hash]))
      const displayed = displayedBy(bytes, head)
      const ancestors = [displayed, head.inReplyTo, ...head.references.toReversed()].filter(
        (each) => each !== null,
      )
      const root = ancestors.map((each) => groups.get(each)).find((each) => each !== undefined)
      const group = root ?? head.references[0] ?? head.inReplyTo ?? displayed ?? key
      groups.set(id, group)
      const message = await readMessage(bytes, { key, group, fileTime, now })
      yield { ...message, receipt: displayed !== null }
    }
    if (count === 0) throw notMail(path, 'it holds no message')
  }
}

async function* mailsAt(path: string): AsyncGenerator<StoredMail> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new Fault('bad-input', `there is no file or folder '${path}'; check the path`)
  if (!found.isDirectory()) {
    yield* mailsInFile(path)
    return
  }
  const { folders } = await findFolders(path)
  if (folders.length > 0) yield* mailsInMaildir(path)
  else yield* mailsInFolder(path)
}

async function* mailsInMaildir(path: string): AsyncGenerator<StoredMail> {
  const listing = listMaildir(path)
  await listing.scan()
  // Names begin with the time of delivery, so that answers come after what they answer.
  const files = [...listing.files()].sort((a, b) => (a.unique < b.unique ? -1 : 1))
  for (const file of files) {
    if (['drafts', 'gone', 'other'].includes(file.folder.role)) continue
    yield { bytes: await firstBytes(pathOf(file)), fileTime: (await stat(pathOf(file))).mtimeMs }
  }
}

async function* mailsInFolder(path: string): AsyncGenerator<StoredMail> {
  const names = await readdir(path, { recursive: true })
  const mails = names.filter((name) => /\.eml(\.gz)?$/i.test(name)).sort()
  const mboxes = await findMboxes(path)
  if (mails.length + mboxes.length === 0) throw notMail(path, 'the folder holds no mailbox')
  for (const name of mails) yield* mailsInFile(join(path, name))
  for (const { path: file } of mboxes) if ((await stat(file)).size > 0) yield* mailsInFile(file)
}

async function* mailsInFile(path: string): AsyncGenerator<StoredMail> {
  if ((await stat(path)).size === 0) throw notMail(path, 'it is empty')
  try {
    const start = (await firstBytes(path, 4096)).toString('latin1').trimStart()
    if (start.startsWith('From ')) {
      for await (const { bytes, postmark } of splitMbox(readFrom(path), path)) {
        yield { bytes, fileTime: postmark }
      }
    } else if (/^[\x21-\x39\x3b-\x7e]{1,70}:/.test(start)) {
      yield { bytes: await firstBytes(path), fileTime: (await stat(path)).mtimeMs }
    } else throw notMail(path, `it begins with ${JSON.stringify(start.slice(0, 40))}`)
  } catch (error) {
    if (error instanceof Fault) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const gzip = code?.startsWith('Z_')
    throw new Fault(
      'bad-input',
      `'${path}' cannot be read${gzip ? ', its gzip is damaged' : ''}: ${message}`,
      {
        cause: error,
      },
    )
  }
}

async function firstBytes(path: string, limit = readLimit): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const chunk of readFrom(path)) {
    pieces.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length >= limit) break
  }
  return Buffer.concat(pieces).subarray(0, limit)
}

const notMail = (path: string, because: string) =>
  new Fault(
    'bad-input',
    `'${path}' is not mail: ${because}; give an mbox file, a mail (.eml), a Maildir, or a folder of them`,
  )
