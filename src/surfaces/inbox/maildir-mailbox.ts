import { open, stat } from 'node:fs/promises'
import type { Message } from '../../contract/index.ts'
import type { KnownMail, MailIndex } from './mail-index.ts'
import { isLeftAlone, type Standing } from './mailbox-watch.ts'
import { flagsOf, listMaildir, type MailFile, nameOf, pathOf } from './maildir-folders.ts'
import { contentKey, headEnd, readHead, readLimit, readMessage } from './message.ts'

/** Heads are nearly always shorter; a longer one is read again with the limit of a whole mail. */
const headBytes = 32 * 1024
/** Heads read at the same time while a mailbox is read for the first time. */
const parallel = 8

export interface MailboxOptions {
  root: string
  ignore: readonly string[]
  /** Addresses of the owner, lower case. */
  me: ReadonlySet<string>
  index: MailIndex
  now(): number
  /**
   * Mail that lies in label folders already at the first scan is only read when its file changed after this time
   * (milliseconds since the epoch): 0 reads everything, Infinity nothing.
   */
  readFiledSince: number
}

/** The first bytes of a message file, and when it was written. */
interface Unread {
  unread: Uint8Array
  fileTime: number
}

/** A Maildir's messages by their keys. */
export type Mailbox = ReturnType<typeof openMailbox>

export function openMailbox({ root, ignore, me, index, now, readFiledSince }: MailboxOptions) {
  const listing = listMaildir(root, ignore)
  const byUnique = new Map<string, Set<MailFile>>()
  const byKey = new Map<string, Set<MailFile>>()
  /** Message-ID → the files that bear it. */
  const byId = new Map<string, Set<string>>()
  /** Message-ID → the owner's answer to it. */
  const answers = new Map<string, MailFile>()
  /** Message-ID → begun answers to it. */
  const drafts = new Map<string, Set<MailFile>>()
  let scanned = false

  /** Rescans, and returns the keys of items about which anything may have changed. */
  async function refresh(all = false): Promise<Set<string>> {
    const { added, removed } = await listing.scan(all)
    const affected = new Set<string>()
    for (const file of removed) forget(file, affected)
    added.sort((a, b) => (a.folder.role === 'inbox' ? 0 : 1) - (b.folder.role === 'inbox' ? 0 : 1))
    for (let next = 0; next < added.length; next += parallel) {
      const batch = added.slice(next, next + parallel)
      const read = await Promise.all(batch.map((file) => readKnown(file)))
      // Keys are given out one after another, so that two of the same Message-ID are told apart.
      for (const [at, file] of batch.entries()) {
        const known = read[at]
        if (known) await take(file, known, affected)
      }
    }
    scanned = true
    return affected
  }

  function forget(file: MailFile, affected: Set<string>) {
    const mail = index.mails.get(file.unique)
    remove(byUnique, file.unique, file)
    if (!mail) return
    remove(byKey, mail.key, file)
    affected.add(mail.key)
    if (mail.inReplyTo) {
      remove(drafts, mail.inReplyTo, file)
      if (answers.get(mail.inReplyTo)?.unique === file.unique) answers.delete(mail.inReplyTo)
      touch(mail.inReplyTo, affected)
    }
  }

  /** The mail of a file, from memory or read now; null where it need not be known, or has just been moved. */
  async function readKnown(file: MailFile): Promise<KnownMail | Unread | null> {
    const known = index.mails.get(file.unique)
    if (known) return known
    const filed = file.folder.role === 'label' || file.folder.role === 'left' || file.folder.role === 'gone'
    if (filed && !scanned && readFiledSince > 0) {
      if (readFiledSince === Number.POSITIVE_INFINITY) return null
      const changed = await stat(pathOf(file)).catch(() => null)
      if (!changed || changed.ctimeMs < readFiledSince) return null
    }
    return readStart(file)
  }

  async function readStart(file: MailFile, limit = headBytes): Promise<Unread | null> {
    const handle = await open(pathOf(file)).catch(() => null)
    if (!handle) return null
    try {
      const { size, mtimeMs } = await handle.stat()
      const bytes = Buffer.alloc(Math.min(size, limit))
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
      const unread = bytes.subarray(0, bytesRead)
      const cut = size > limit && limit < readLimit && headEnd(unread) === unread.length
      return cut ? readStart(file, readLimit) : { unread, fileTime: mtimeMs }
    } finally {
      await handle.close()
    }
  }

  async function take(file: MailFile, found: KnownMail | Unread, affected: Set<string>) {
    // Another file of this batch may have made it known meanwhile.
    const known = 'unread' in found ? index.mails.get(file.unique) : found
    const mail = known ?? (await identify(file, found as Unread))
    if (!known) index.remember(mail)
    for (const other of byUnique.get(file.unique) ?? []) {
      // Renamed, or moved between new and cur: the old name is dropped.
      if (other.folder.path === file.folder.path) forget(other, affected)
    }
    add(byUnique, file.unique, file)
    const { role } = file.folder
    if (mail.inlay && role !== 'sent' && role !== 'drafts') return
    if (role === 'sent' || (mail.from && me.has(mail.from) && role !== 'drafts' && role !== 'gone')) {
      if (!mail.inReplyTo) return
      answers.set(mail.inReplyTo, file)
      touch(mail.inReplyTo, affected)
      return
    }
    if (role === 'drafts' || role === 'other') {
      if (role === 'drafts' && mail.inReplyTo) {
        add(drafts, mail.inReplyTo, file)
        touch(mail.inReplyTo, affected)
      }
      return
    }
    if (mail.id) add(byId, mail.id, file.unique)
    add(byKey, mail.key, file)
    affected.add(mail.key)
  }

  /** Something happened to the messages that bear this Message-ID. */
  function touch(id: string, affected: Set<string>) {
    for (const unique of byId.get(id) ?? []) affected.add(index.mails.get(unique)!.key)
  }

  async function identify(file: MailFile, { unread, fileTime }: Unread) {
    const head = readHead(unread, { fileTime, now: now() })
    const key = await keyOf(file, head.id)
    const parent = head.inReplyTo && [...(byId.get(head.inReplyTo) ?? [])][0]
    const thread = (parent && index.mails.get(parent)?.group) ?? head.references[0] ?? head.inReplyTo
    const mail: KnownMail = {
      unique: file.unique,
      key,
      group: thread || key,
      id: head.id,
      inReplyTo: head.inReplyTo,
      at: head.at,
      from: head.from?.address ?? null,
      inlay: head.inlay,
    }
    return mail
  }

  /**
   * The Message-ID; the hash of the content where there is none; both where another mail bears the same Message-ID
   * and differs. Copies (an IMAP move is a copy and a deletion) are one item.
   */
  async function keyOf(file: MailFile, id: string | null): Promise<string> {
    if (!id) return (await hashOf(file)) ?? `unread:${file.unique}`
    const bearers = [...(byId.get(id) ?? [])].flatMap((unique) => [...(byUnique.get(unique) ?? [])])
    if (bearers.length === 0 || file.folder.role === 'sent' || file.folder.role === 'drafts') return id
    const hash = await hashOf(file)
    for (const other of bearers) {
      const same = (await hashOf(other)) === hash
      if (same) return index.mails.get(other.unique)!.key
    }
    return `${id}#${hash?.slice('sha256:'.length)}`
  }

  async function hashOf(file: MailFile): Promise<string | null> {
    const whole = await readStart(file, readLimit)
    return whole && contentKey(whole.unread)
  }

  /** The message as an item; null when its file has been moved or deleted meanwhile. */
  async function message(file: MailFile): Promise<Message | null> {
    const whole = await readStart(file, readLimit)
    const mail = index.mails.get(file.unique)
    if (!whole || !mail) return null
    const { fileTime } = whole
    return readMessage(whole.unread, { key: mail.key, group: mail.group, fileTime, now: now() })
  }

  function standing(key: string, at: number): Standing<MailFile> {
    const files = [...(byKey.get(key) ?? [])]
    const reply = answers.get(idOf(key) ?? '') ?? null
    const live = files.filter((file) => file.folder.role !== 'gone' && !flagsOf(file).includes('T'))
    const filed = live.find(({ folder }) => folder.role === 'label')
    if (filed) return { state: 'done', copy: filed, label: filed.folder.name, reply }
    const left = live.find(({ folder }) => folder.role === 'left')
    if (left) return { state: 'done', copy: left, label: null, reply }
    const inbox = live.find(({ folder }) => folder.role === 'inbox')
    if (!inbox) return { state: files.length > 0 ? 'gone' : 'absent' }
    const read = flagsOf(inbox).includes('S')
    const leftAlone = isLeftAlone(index.mails.get(inbox.unique)!.at, read, at)
    return reply || leftAlone
      ? { state: 'done', copy: inbox, label: null, reply }
      : { state: 'open', copy: inbox, read }
  }

  function idOf(key: string): string | null {
    for (const file of byKey.get(key) ?? []) return index.mails.get(file.unique)!.id
    return null
  }

  return {
    root,
    refresh,
    message,
    keys: () => byKey.keys(),
    filesOf: (key: string): MailFile[] => [...(byKey.get(key) ?? [])],
    /** Where files with this unique name lie now. */
    named: (unique: string): MailFile[] => [...(byUnique.get(unique) ?? [])],
    /** All that was listed, also what was not read. */
    files: () => listing.files(),
    folders: () => listing.folders,
    standing,
    arrival: (file: MailFile) => index.mails.get(file.unique)?.at ?? null,
    changedAt: (file: MailFile) =>
      stat(pathOf(file)).then(
        (found) => found.ctimeMs,
        () => Date.now(),
      ),
    /** Message-ID of an item. */
    idOf,
    /** Begun answers to an item. */
    drafts: (key: string): MailFile[] => [...(drafts.get(idOf(key) ?? '') ?? [])],
    answerTo: (id: string | null): MailFile | null => (id && answers.get(id)) || null,
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V) {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

function remove(map: Map<string, Set<MailFile>>, key: string, file: MailFile) {
  const set = map.get(key)
  // Listings hand out a new object at each renaming, so files are compared by where they lie.
  for (const each of set ?? []) {
    if (nameOf(each) === nameOf(file) && each.sub === file.sub && each.folder.path === file.folder.path) {
      set!.delete(each)
    }
  }
  if (set?.size === 0) map.delete(key)
}
