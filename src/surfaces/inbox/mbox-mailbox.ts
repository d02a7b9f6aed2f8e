import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeftAlone, type Standing } from './mailbox-watch.ts'
import { type MboxFile, readFrom } from './mbox-files.ts'
import { type MboxPart, splitMbox } from './mbox-split.ts'
import { contentKey, type MailHead, readHead, readLimit, readMessage } from './message.ts'

/** A message in one of a mailbox's files. It holds until the file is read again. */
export interface MboxMail {
  unique: string
  key: string
  group: string
  id: string | null
  inReplyTo: string | null
  at: number | null
  from: string | null
  inlay: string | null
  file: MboxFile
  start: number
  head: number
  end: number
  read: boolean
  deleted: boolean
  /** What people called it, in headers; without Inlay's own keywords. */
  label: string | null
  /** Inlay's keywords on it. */
  keywords: string[]
  /** Of the content; null until it is needed. */
  hash: string | null
}

export interface MboxOptions {
  /** The files there are now, none of them gzipped. */
  find(): Promise<MboxFile[]>
  me: ReadonlySet<string>
  now(): number
}

interface Held {
  /** Of the file when it was read: whatever changes it changes this. */
  version: Version
  mails: MboxMail[]
}

interface Version {
  ino: number
  size: number
  mtime: number
}

/** Looks (one every 200 ms) after which a file that is written all the time is taken as it is. */
const longestWait = 25

/** A file that is larger than this and grows is read from its last message on, for a full reading takes seconds. */
const largeBytes = 64 << 20

/** The messages of one or several mbox files by their keys. */
export type MboxMailbox = ReturnType<typeof openMboxMailbox>

export function openMboxMailbox({ find, me, now }: MboxOptions) {
  const held = new Map<string, Held>()
  /** Versions that were seen once, and are read when they are seen again: a program may be writing. */
  const unsettled = new Map<string, Version>()
  let begun = false
  let current = false
  let waits = 0
  let untold = new Set<string>()
  let byKey = new Map<string, MboxMail[]>()
  let byId = new Map<string, MboxMail[]>()
  let answers = new Map<string, MboxMail>()
  /** Message-ID → begun answers to it. */
  let drafts = new Map<string, MboxMail[]>()

  /** Reads files that changed, and are quiet if that is `wanted`. */
  async function refresh(wanted: 'quiet' | 'now'): Promise<{ affected: Set<string>; complete: boolean }> {
    const files = await find()
    const affected = new Set<string>()
    const paths = new Set(files.map((file) => file.path))
    let waiting = 0
    for (const [path, { mails }] of held) {
      if (paths.has(path)) continue
      for (const mail of mails) note(mail, affected)
      held.delete(path)
    }
    for (const file of files) {
      const version = await versionOf(file.path)
      const before = held.get(file.path)
      if (!version || isSame(before?.version, version)) continue
      waiting++
      if (wanted === 'quiet' && !(await isQuiet(file.path, version))) continue
      const { kept, dropped, from } = reusable(before, version)
      const read: MboxMail[] = []
      for await (const part of splitMbox(readFrom(file.path, from), file.path, from)) {
        read.push(mailOf(part, file))
      }
      // It changed while it was read: once more, later.
      if (!isSame(await versionOf(file.path), version)) continue
      for (const mail of [...dropped, ...read]) note(mail, affected)
      held.set(file.path, { version, mails: [...kept, ...read] })
      waiting--
    }
    if (affected.size > 0) {
      await arrange()
      // Keys of mails that share a Message-ID may have been given out anew.
      for (const mail of everyMail()) if (mail.key !== mail.id) affected.add(mail.key)
    }
    return { affected, complete: waiting === 0 }
  }

  /** Where a large file has only grown, all its mails but the last are as they were. */
  function reusable(before: Held | undefined, version: Version) {
    const mails = before?.mails ?? []
    const last = mails.at(-1)
    const grown = before && version.ino === before.version.ino && version.size > before.version.size
    if (!last || !grown || version.size < largeBytes) return { kept: [], dropped: mails, from: 0 }
    return { kept: mails.slice(0, -1), dropped: [last], from: last.start }
  }

  function* everyMail() {
    for (const { mails } of held.values()) yield* mails
  }

  function note(mail: MboxMail, affected: Set<string>) {
    affected.add(mail.key)
    if (mail.inReplyTo) for (const answered of byId.get(mail.inReplyTo) ?? []) affected.add(answered.key)
  }

  /** No lock file beside it, and the same as at the last look, or unchanged for a second. */
  async function isQuiet(path: string, version: Version): Promise<boolean> {
    const same = isSame(unsettled.get(path), version)
    unsettled.set(path, version)
    const locked = await stat(`${path}.lock`).then(
      () => true,
      () => false,
    )
    return !locked && (same || Date.now() - version.mtime > 1_000)
  }

  function mailOf(part: MboxPart, file: MboxFile): MboxMail {
    const head = readHead(part.bytes, { fileTime: part.postmark, now: now() })
    const hash = head.id ? null : contentKey(part.bytes)
    const key = head.id ?? hash!
    const words = head.headers('x-keywords').flatMap((line) => line.split(/[\s,]+/))
    const told = {
      unique: `${file.name}:${key}`,
      key,
      group: head.references[0] ?? head.inReplyTo ?? key,
      id: head.id,
      inReplyTo: head.inReplyTo,
      at: head.at,
      from: head.from?.address ?? null,
      inlay: head.inlay,
      ...statusOf(head),
      label:
        words.find((word) => /^\w/.test(word) && !/^(inlay\/|(non)?junk$)/i.test(word)) ??
        head.header('x-label'),
      keywords: words.filter((word) => word.startsWith('inlay/')),
      hash,
    }
    // Through JSON, for strings that were cut out of a head would keep the whole head in memory.
    return { ...JSON.parse(JSON.stringify(told)), file, start: part.start, head: part.head, end: part.end }
  }

  /** Builds the maps anew from what is held. */
  async function arrange() {
    byKey = new Map()
    byId = new Map()
    answers = new Map()
    drafts = new Map()
    for (const mail of everyMail()) await sort(mail)
    for (const mails of byKey.values()) {
      for (const mail of mails) mail.group = byId.get(mail.inReplyTo ?? '')?.[0]?.group ?? mail.group
    }
  }

  async function sort(mail: MboxMail) {
    const { role } = mail.file
    if (role === 'drafts' && mail.inReplyTo) {
      drafts.set(mail.inReplyTo, [...(drafts.get(mail.inReplyTo) ?? []), mail])
    }
    if (role === 'drafts' || role === 'other' || (mail.inlay && role !== 'sent')) return
    if (role === 'sent' || (mail.from && me.has(mail.from) && role !== 'gone')) {
      if (mail.inReplyTo) answers.set(mail.inReplyTo, mail)
      return
    }
    if (mail.id) {
      mail.key = await keyOf(mail, mail.id)
      byId.set(mail.id, [...(byId.get(mail.id) ?? []), mail])
    }
    byKey.set(mail.key, [...(byKey.get(mail.key) ?? []), mail])
  }

  /** The Message-ID, and a hash where another mail bears it and differs; copies are one item. */
  async function keyOf(mail: MboxMail, id: string): Promise<string> {
    const bearers = byId.get(id)
    if (!bearers) return id
    const hash = await hashOf(mail)
    for (const other of bearers) if ((await hashOf(other)) === hash) return other.key
    return `${id}#${hash?.slice('sha256:'.length)}`
  }

  async function hashOf(mail: MboxMail): Promise<string | null> {
    if (mail.hash) return mail.hash
    const part = await partOf(mail)
    mail.hash = part && contentKey(part.bytes)
    return mail.hash
  }

  /** The message's bytes once more; null when the file is no longer as it was. */
  async function partOf(mail: MboxMail): Promise<MboxPart | null> {
    const { path } = mail.file
    const end = Math.min(mail.end, mail.start + 2 * readLimit)
    try {
      for await (const part of splitMbox(readFrom(path, mail.start, end), path, mail.start)) return part
    } catch {
      // Its place holds something else by now: the next look tells.
    }
    return null
  }

  async function message(mail: MboxMail) {
    const part = await partOf(mail)
    if (!part) return null
    const { key, group } = mail
    const head = readHead(part.bytes)
    if (head.id !== mail.id) return null
    return readMessage(part.bytes, { key, group, fileTime: part.postmark, now: now() })
  }

  function standing(key: string, at: number): Standing<MboxMail> {
    const mails = byKey.get(key) ?? []
    const reply = answers.get(mails[0]?.id ?? '') ?? null
    const live = mails.filter(({ file, deleted }) => file.role !== 'gone' && !deleted)
    const filed = live.find(({ file, label }) => file.role === 'label' || label !== null)
    if (filed) {
      const label = filed.file.role === 'label' ? filed.file.name : filed.label
      return { state: 'done', copy: filed, label, reply }
    }
    const left = live.find(({ file }) => file.role === 'left')
    if (left) return { state: 'done', copy: left, label: null, reply }
    const inbox = live.find(({ file }) => file.role === 'inbox')
    if (!inbox) return { state: mails.length > 0 ? 'gone' : 'absent' }
    return reply || isLeftAlone(inbox.at, inbox.read, at)
      ? { state: 'done', copy: inbox, label: null, reply }
      : { state: 'open', copy: inbox, read: inbox.read }
  }

  return {
    /**
     * Looks again. What changed is told when no file is being written, for a message on its way from one file to
     * another would seem to be gone; after five seconds of writing it is told all the same.
     */
    async refresh(): Promise<Set<string>> {
      for (;;) {
        const { affected, complete } = await refresh(waits < longestWait ? 'quiet' : 'now')
        for (const key of affected) untold.add(key)
        waits = complete ? 0 : waits + 1
        current = complete || waits > longestWait
        // The first look is to be complete: what it misses would look like new mail.
        if (current || begun) break
        await sleep(200)
      }
      begun = true
      const told = current ? untold : new Set<string>()
      if (current) untold = new Set()
      return told
    },
    /** Whether the last look read all that is there. */
    isCurrent: () => current,
    /** Looks again at once; for whoever holds the lock of what they are about to write. */
    refreshNow: () => refresh('now'),
    /** Notes our own change of a file, so that it need not be read again: `delta` bytes more at an offset. */
    async edited(path: string, at: number, delta: number): Promise<void> {
      const version = await versionOf(path)
      const before = held.get(path)
      if (!version || !before) return
      for (const mail of before.mails) {
        if (mail.start >= at) mail.start += delta
        if (mail.head > at) mail.head += delta
        if (mail.end > at) mail.end += delta
      }
      before.version = version
    },
    keys: () => byKey.keys(),
    /** Begun answers to an item. */
    draftsFor: (key: string): readonly MboxMail[] => drafts.get(byKey.get(key)?.[0]?.id ?? '') ?? [],
    /** Hash of a mail's content as it is stored now; null when its place holds something else. */
    async contentOf(mail: MboxMail): Promise<string | null> {
      const part = await partOf(mail)
      return part && contentKey(part.bytes)
    },
    mailsOf: (key: string): readonly MboxMail[] => byKey.get(key) ?? [],
    standing,
    arrival: (mail: MboxMail) => mail.at,
    message,
    changedAt: (mail: MboxMail) =>
      stat(mail.file.path).then(
        (found) => found.mtimeMs,
        () => Date.now(),
      ),
  }
}

/** Status (mailx, Pine, Dovecot), X-Status, and Thunderbird's bits: 1 is read, 8 is deleted. */
function statusOf(head: MailHead): { read: boolean; deleted: boolean } {
  const mozilla = Number.parseInt(head.header('x-mozilla-status') ?? '0', 16) || 0
  return {
    read: /R/.test(head.header('status') ?? '') || (mozilla & 1) !== 0,
    deleted: /D/.test(head.header('x-status') ?? '') || (mozilla & 8) !== 0,
  }
}

async function versionOf(path: string): Promise<Version | null> {
  const found = await stat(path).catch(() => null)
  return found && { ino: found.ino, size: found.size, mtime: found.mtimeMs }
}

const isSame = (a: Version | null | undefined, b: Version) =>
  a?.ino === b.ino && a.size === b.size && a.mtime === b.mtime
