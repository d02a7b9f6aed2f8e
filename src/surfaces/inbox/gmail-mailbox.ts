import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '../../contract/index.ts'
import { isCard } from './compose.ts'
import { type GmailApi, type GmailMessage, statusOf } from './gmail-api.ts'
import { headOf, messageFrom } from './gmail-message.ts'
import type { KnownMail, MailIndex } from './mail-index.ts'
import { type Copy, isLeftAlone, type Standing, settlingMs } from './mailbox-watch.ts'
import type { MailHead } from './message.ts'

/** A message of a Gmail account, which has each only once, whatever its labels. */
export interface GmailCopy extends Copy {
  thread: string
  /** Ids of its labels: `INBOX`, `UNREAD`, `SENT`, `Label_7`. */
  labels: Set<string>
}

export interface GmailMailboxOptions {
  api: GmailApi
  index: MailIndex
  /** A private folder for how far the history was read. */
  memory: string
  me: ReadonlySet<string>
  now(): number
  /** All mail, as history needs it; otherwise what is open, begun and sent of late. */
  everything: boolean
  /** With a bookmark but without memory, all mail since about this time (ms) is read. */
  lostSince: number | null
  pollSeconds: number
  /** The Message-ID that a mail without In-Reply-To answers, as far as Inlay's own drafts tell. */
  answeredBy(head: MailHead, message: GmailMessage): Promise<string | null>
  progress?(done: number, total: number): void
}

export type GmailMailbox = ReturnType<typeof openGmailMailbox>

/** Calls at the same time: what one user's quota takes for long (developers.google.com/gmail/api/reference/quota). */
const parallel = 8
const day = 24 * 3600 * 1000
/** Names of labels that Inlay makes begin so. */
export const ownLabels = 'Inlay/'

const fields = [
  'Message-ID',
  'Message-Id',
  'In-Reply-To',
  'References',
  'Date',
  'From',
  'To',
  'Cc',
  'Subject',
  'X-Inlay',
  'Reply-To',
  'Content-Type',
]

export function openGmailMailbox(options: GmailMailboxOptions) {
  const { api, index, me, memory, now } = options
  const copies = new Map<string, GmailCopy>()
  const byKey = new Map<string, GmailCopy>()
  const byId = new Map<string, GmailCopy>()
  const answers = new Map<string, GmailCopy>()
  const drafts = new Map<string, Set<GmailCopy>>()
  const parsed = new Map<string, GmailMessage>()
  const due = new Map<string, number>()
  const labelNames = new Map<string, string>()
  let historyId: string | null = null
  let saved = ''
  let begun = false
  let nextPoll = 0

  async function refresh(_all = false): Promise<Set<string>> {
    await restored
    const affected = new Set<string>()
    for (const [key, at] of due) {
      if (at > Date.now()) continue
      due.delete(key)
      affected.add(key)
    }
    nextPoll = Date.now() + 1000 * options.pollSeconds
    if (historyId === null || !(await readHistory(affected))) await readAll(affected)
    begun = true
    await save()
    return affected
  }

  /** What happened since the last look. False when Gmail no longer remembers that far back. */
  async function readHistory(affected: Set<string>): Promise<boolean> {
    const changed = new Map<string, { added: boolean }>()
    let pageToken: string | undefined
    let latest = historyId!
    do {
      const page = await api.find((gmail) =>
        gmail.users.history.list({
          userId: 'me',
          startHistoryId: historyId!,
          maxResults: 500,
          ...(pageToken && { pageToken }),
        }),
      )
      if (!page) return false
      for (const { messagesAdded, messagesDeleted, labelsAdded, labelsRemoved } of page.history ?? []) {
        for (const each of [messagesAdded, messagesDeleted, labelsAdded, labelsRemoved].flatMap(
          (all) => all ?? [],
        )) {
          const id = each.message?.id
          if (id) changed.set(id, { added: !copies.has(id) })
        }
      }
      latest = page.historyId ?? latest
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken)
    await look([...changed.keys()], affected)
    historyId = latest
    return true
  }

  /** Reads what matters from the beginning, and what became of what was known. */
  async function readAll(affected: Set<string>) {
    const wanted = new Set<string>()
    const lists: { labelIds?: string[]; q?: string }[] = []
    if (options.everything) lists.push({})
    else {
      lists.push({ labelIds: ['INBOX'] }, { labelIds: ['DRAFT'] })
      const since =
        options.lostSince === null ? Math.min(now(), oldestOpen()) - day : options.lostSince - 30 * day
      lists.push(options.lostSince === null ? { labelIds: ['SENT'], q: after(since) } : { q: after(since) })
    }
    // The newest of all tells how far the history goes; asked before the rest, so that nothing falls between.
    const [newest] = await ids({ q: '' }, 1)
    const first = newest ? await get(newest, 'minimal') : null
    for (const list of lists) for (const id of await ids(list)) wanted.add(id)
    for (const id of copies.keys()) wanted.add(id)
    await look([...wanted], affected)
    let latest = BigInt(first?.historyId ?? 0)
    for (const each of seenHistory) if (each > latest) latest = each
    historyId = String(latest)
    seenHistory.length = 0
  }
  const seenHistory: bigint[] = []
  const after = (ms: number) => `after:${Math.floor(ms / 1000)}`

  function oldestOpen(): number {
    let oldest = now() - 30 * day
    for (const { unique } of byKey.values()) oldest = Math.min(oldest, index.mails.get(unique)?.at ?? oldest)
    return oldest
  }

  async function ids(
    list: { labelIds?: string[]; q?: string },
    atMost = Number.POSITIVE_INFINITY,
  ): Promise<string[]> {
    const all: string[] = []
    let pageToken: string | undefined
    do {
      const page = await api.call((gmail) =>
        gmail.users.messages.list({
          userId: 'me',
          maxResults: Math.min(500, atMost),
          ...list,
          ...(pageToken && { pageToken }),
        }),
      )
      all.push(...(page.messages ?? []).flatMap(({ id }) => (id ? [id] : [])))
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken && all.length < atMost)
    return all
  }

  const get = (id: string, format: 'minimal' | 'metadata' | 'full') =>
    api.find((gmail) =>
      gmail.users.messages.get({
        userId: 'me',
        id,
        format,
        ...(format === 'metadata' && { metadataHeaders: fields }),
      }),
    )

  /** Looks at these messages again, in the order they came in, for an answer comes after its question. */
  async function look(wanted: string[], affected: Set<string>) {
    let done = 0
    for (let next = 0; next < wanted.length; next += 250) {
      const part = wanted.slice(next, next + 250)
      const found = await inParallel(part, async (id) => {
        const message = await get(id, copies.has(id) || options.everything ? 'metadata' : 'full')
        options.progress?.(++done, wanted.length)
        return { id, message }
      })
      found.sort((a, b) => Number(a.message?.internalDate ?? 0) - Number(b.message?.internalDate ?? 0))
      for (const { id, message } of found) {
        if (message) await take(id, message, affected)
        else forget(id, affected)
      }
    }
  }

  async function take(id: string, message: GmailMessage, affected: Set<string>) {
    if (message.historyId) seenHistory.push(BigInt(message.historyId))
    const labels = new Set(message.labelIds ?? [])
    await nameLabels(labels)
    const before = copies.get(id)
    const known = index.mails.get(id)
    if (before) forget(id, affected, true)
    const mail: KnownMail =
      known && before
        ? { ...known, labels: [...labels] }
        : { ...(await identify(id, message)), labels: [...labels] }
    index.remember(mail)
    place(mail, affected)
    const isOpen = labels.has('INBOX') && !before && message.payload?.body !== undefined
    if (isOpen && !options.everything) parsed.set(id, message)
  }

  function place(mail: KnownMail, affected: Set<string>) {
    const labels = new Set(mail.labels)
    const copy: GmailCopy = { unique: mail.unique, thread: mail.thread ?? '', labels }
    copies.set(mail.unique, copy)
    if (labels.has('DRAFT')) {
      if (!mail.inReplyTo) return
      drafts.set(mail.inReplyTo, (drafts.get(mail.inReplyTo) ?? new Set()).add(copy))
      touch(mail.inReplyTo, affected)
      return
    }
    if (labels.has('SENT') || (mail.from && me.has(mail.from))) {
      if (!mail.inReplyTo || labels.has('TRASH')) return
      answers.set(mail.inReplyTo, copy)
      touch(mail.inReplyTo, affected)
      return
    }
    if (mail.inlay) return
    if (mail.id && !byId.has(mail.id)) byId.set(mail.id, copy)
    byKey.set(mail.key, copy)
    affected.add(mail.key)
  }

  function forget(id: string, affected: Set<string>, again = false) {
    const copy = copies.get(id)
    const mail = index.mails.get(id)
    if (!again) parsed.delete(id)
    copies.delete(id)
    if (!copy || !mail) return
    if (!again) index.forget(id)
    if (byKey.get(mail.key) === copy) {
      byKey.delete(mail.key)
      affected.add(mail.key)
    }
    if (mail.id && byId.get(mail.id) === copy) byId.delete(mail.id)
    if (!mail.inReplyTo) return
    drafts.get(mail.inReplyTo)?.delete(copy)
    if (answers.get(mail.inReplyTo) === copy) answers.delete(mail.inReplyTo)
    touch(mail.inReplyTo, affected)
  }

  function touch(id: string, affected: Set<string>) {
    const copy = byId.get(id)
    if (copy) affected.add(index.mails.get(copy.unique)!.key)
  }

  async function identify(unique: string, message: GmailMessage): Promise<KnownMail> {
    const head = headOf(message, now())
    const own = message.labelIds?.some((label) => label === 'SENT' || label === 'DRAFT')
    const inReplyTo = head.inReplyTo ?? (own ? await options.answeredBy(head, message) : null)
    const twin = head.id && byId.get(head.id)
    const key = head.id
      ? twin && twin.unique !== unique
        ? `${head.id}#${unique}`
        : head.id
      : `gmail:${unique}`
    return {
      unique,
      key,
      group: message.threadId ? `thread:${message.threadId}` : key,
      id: head.id,
      inReplyTo,
      at: head.at,
      from: head.from?.address ?? null,
      inlay: head.inlay ?? (isCard(head.id) ? 'card' : null),
      ...(message.threadId && { thread: message.threadId }),
    }
  }

  /** Asks for the names of labels when there is one that was never seen. */
  async function nameLabels(labels: Iterable<string>) {
    if ([...labels].every((label) => isSystem(label) || labelNames.has(label))) return
    const { labels: all = [] } = await api.call((gmail) => gmail.users.labels.list({ userId: 'me' }))
    for (const { id, name, type } of all) if (id && name && type !== 'system') labelNames.set(id, name)
  }

  async function message(copy: GmailCopy): Promise<Message | null> {
    const mail = index.mails.get(copy.unique)
    const ready = parsed.get(copy.unique)
    parsed.delete(copy.unique)
    const full = ready ?? (await get(copy.unique, 'full'))
    return mail && full ? messageFrom(full, mail.key, mail.group, now()) : null
  }

  function standing(key: string, at: number): Standing<GmailCopy> {
    const copy = byKey.get(key)
    if (!copy) return { state: 'absent' }
    const { labels, unique } = copy
    if (labels.has('TRASH') || labels.has('SPAM')) return { state: 'gone' }
    const mail = index.mails.get(unique)!
    const reply = answers.get(mail.id ?? '') ?? null
    const label = [...labels]
      .flatMap((id) => labelNames.get(id) ?? [])
      .find((name) => !name.startsWith(ownLabels))
    if (label !== undefined) return { state: 'done', copy, label, reply }
    if (!labels.has('INBOX')) return { state: 'done', copy, label: null, reply }
    const read = !labels.has('UNREAD')
    return reply || isLeftAlone(mail.at, read, at)
      ? { state: 'done', copy, label: null, reply }
      : { state: 'open', copy, read }
  }

  async function wait(atMostMs: number, signal: AbortSignal) {
    const until = Math.min(nextPoll, Date.now() + atMostMs, ...due.values())
    await sleep(Math.max(0, until - Date.now()), undefined, { signal }).catch(() => {})
  }

  // ---- memory between runs ----
  const path = join(memory, 'gmail.json')
  const restored = restore()

  async function restore() {
    await mkdir(memory, { recursive: true })
    saved = await readFile(path, 'utf8').catch(() => '')
    try {
      historyId = saved ? JSON.parse(saved).historyId : null
    } catch {
      historyId = null
    }
    if (index.mails.size > 0) {
      await nameLabels([...index.mails.values()].flatMap(({ labels }) => labels ?? []))
    } else historyId = null
    const nobody = new Set<string>()
    for (const mail of index.mails.values()) place(mail, nobody)
  }

  async function save() {
    await index.flush()
    const text = JSON.stringify({ historyId })
    if (text === saved) return
    saved = text
    const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`
    await writeFile(temporary, text)
    await rename(temporary, path)
  }

  return {
    refresh,
    message,
    standing,
    wait,
    keys: () => byKey.keys(),
    arrival: (copy: GmailCopy) => index.mails.get(copy.unique)?.at ?? null,
    changedAt: async (copy: GmailCopy) => {
      const at = copy.labels.has('SENT') ? (index.mails.get(copy.unique)?.at ?? null) : null
      return at === null ? Date.now() : Math.min(Date.now(), at + Date.now() - now())
    },
    copyOf: (key: string) => byKey.get(key) ?? null,
    draftsFor: (id: string): GmailCopy[] =>
      [...(drafts.get(id) ?? [])].filter(({ labels }) => !labels.has('TRASH')),
    lookAgain(key: string) {
      if (!due.has(key)) due.set(key, Date.now() + settlingMs)
    },
    get begun() {
      return begun
    },
    parallel: inParallel,
  }
}

const isSystem = (label: string) => /^(?!Label_)[A-Z_]+$/.test(label)

/** Maps with so many calls at the same time, keeping the order. */
export async function inParallel<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < all.length) {
      const at = next++
      results[at] = await work(all[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, all.length) }, worker))
  return results
}

export const isNotFound = (cause: unknown) => statusOf(cause) === 404
