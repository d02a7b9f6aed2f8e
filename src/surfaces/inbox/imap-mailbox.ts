import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FetchMessageObject, ImapFlow } from 'imapflow'
import type { Message } from '../../contract/index.ts'
import { Fault } from '../../contract/index.ts'
import type { ImapConnection } from './imap-connection.ts'
import { type FolderStatus, type ImapFolder, listFolders } from './imap-folders.ts'
import { fetchMessages, fetchStart, wholeBytes } from './imap-text.ts'
import type { KnownMail, MailIndex } from './mail-index.ts'
import { type Copy, isLeftAlone, type Standing, settlingMs } from './mailbox-watch.ts'
import { contentKey, type MailHead, readHead, readMessage } from './message.ts'
import { chunks, uidSet } from './uid-set.ts'

/** One copy of a message in one folder. */
export interface ImapCopy extends Copy {
  folder: ImapFolder
  uidValidity: string
  uid: number
  /** In bytes. */
  size: number
  /** Flags and keywords. */
  flags: Set<string>
  /** Gmail's labels, where the server has them. */
  labels: Set<string>
}

export interface ImapMailboxOptions {
  connection: ImapConnection
  index: MailIndex
  /** A private folder for what was seen of each folder. */
  memory: string
  ignore: readonly string[]
  drafts?: string | undefined
  /** Addresses of the owner, lower case. */
  me: ReadonlySet<string>
  now(): number
  /** Reads the heads of all folders, as history needs them; otherwise only what is open, and what arrives. */
  everything: boolean
  /** With a bookmark but without memory, mail that came after this time (ms) is read in all folders. */
  lostSince: number | null
  /** Longest time between two looks at the folders beside the inbox, in seconds. */
  pollSeconds: number
  /** The Message-ID that a mail without In-Reply-To answers, as far as Inlay's own drafts tell. */
  answeredBy(head: MailHead, copy: ImapCopy, client: ImapFlow): Promise<string | null>
  progress?(done: number, total: number): void
}

interface State {
  folder: ImapFolder
  /** What is known up to; null before the first look. */
  known: { uidValidity: string; uidNext: number; modseq: string | null } | null
  copies: Map<number, ImapCopy>
  /** All messages of the folder are in `copies`. */
  complete: boolean
  /** Flags were read since the connection was opened first. */
  flagged: boolean
  /** Counters at the last look. */
  swept: FolderStatus | null
  /** Told to be gone by the server. */
  vanished: Set<number>
}

export type ImapMailbox = ReturnType<typeof openImapMailbox>

/** Looks come this often, in seconds, for a while after something has happened. */
const busySeconds = 5
const busyForMs = 120_000
const headsAtOnce = 2_000
const textsAtOnce = 32
const day = 24 * 3600 * 1000

const headFields = ['message-id', 'in-reply-to', 'references', 'date', 'from', 'to', 'subject', 'x-inlay']

/** The messages of an IMAP account by their keys. It only ever examines folders: nothing on the server changes. */
export function openImapMailbox(options: ImapMailboxOptions) {
  const { connection, index, memory, me, now } = options
  const states = new Map<string, State>()
  const byUnique = new Map<string, ImapCopy>()
  const byKey = new Map<string, Set<ImapCopy>>()
  /** Message-ID → the copies that bear it. */
  const byId = new Map<string, Set<ImapCopy>>()
  /** Message-ID → the owner's answer to it. */
  const answers = new Map<string, ImapCopy>()
  /** Message-ID → begun answers to it. */
  const drafts = new Map<string, Set<ImapCopy>>()
  const parsed = new Map<string, Message>()
  /** Arrivals in the inbox that nobody has asked for yet: read together with the first one that is asked for. */
  const unasked = new Set<ImapCopy>()
  /** Keys to look at again, and when. */
  const due = new Map<string, number>()
  let begun = false
  let inboxStirred = false
  /** All that was told since the last look are arrivals. */
  let onlyArrivals = true
  /** The connection has idled in the inbox since the last command: all its news have come as events. */
  let idled = false
  let nextSweep = 0
  let busyUntil = 0
  /** When the server first told of changed flags since the last look at them, and what that was at the look. */
  let flagsTold: number | null = null
  let flagsSeen: number | null = null
  let wake = () => {}

  connection.onOpen((client) => {
    const stir = (sweepInMs: number) => {
      inboxStirred = true
      if (sweepInMs !== Number.POSITIVE_INFINITY) onlyArrivals = false
      nextSweep = Math.min(nextSweep, Date.now() + sweepInMs)
      wake()
    }
    client.on('exists', () => stir(Number.POSITIVE_INFINITY))
    client.on('flags', () => {
      flagsTold ??= Date.now()
      stir(1_000)
    })
    client.on('expunge', ({ path, uid }: { path: string; uid?: number }) => {
      if (uid !== undefined) states.get(path)?.vanished.add(uid)
      // It may have been filed: the other folders tell.
      stir(0)
    })
    client.on('close', () => stir(0))
  })

  async function refresh(all = false): Promise<Set<string>> {
    await restored
    const affected = new Set<string>()
    for (const [key, at] of due) {
      if (at > Date.now()) continue
      due.delete(key)
      affected.add(key)
    }
    const asked = all || inboxStirred
    const arrivals = onlyArrivals
    flagsSeen = flagsTold
    flagsTold = null
    await connection.use(async (client, fresh) => {
      inboxStirred = false
      onlyArrivals = true
      if (all || fresh || !begun || Date.now() >= nextSweep) await sweep(client, affected, all)
      else if (asked) await sync(client, inbox(), affected, arrivals)
    })
    begun = true
    if (affected.size > 0) busyUntil = Date.now() + busyForMs
    // What is known of the folders may be lost in a crash: then they are read from where they were before.
    saving = saving.then(save, save)
    if (options.everything) await saving
    return affected
  }

  async function sweep(client: ImapFlow, affected: Set<string>, all: boolean) {
    const started = Date.now()
    const folders = await listFolders(client, options)
    if (!folders.some(({ role }) => role === 'inbox')) {
      throw new Fault('unreachable', 'This account has no inbox; check the user name.')
    }
    const paths = new Set(folders.map(({ path }) => path))
    for (const [path, state] of states) {
      if (paths.has(path)) continue
      for (const copy of [...state.copies.values()]) forget(state, copy, affected)
      states.delete(path)
    }
    const order = ['inbox', 'label', 'left', 'sent', 'drafts', 'gone']
    folders.sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
    const total = folders.reduce(
      (sum, { role, status }) => sum + (role === 'other' ? 0 : (status?.messages ?? 0)),
      0,
    )
    let done = 0
    for (const folder of folders) {
      if (folder.role === 'other') continue
      const state = states.get(folder.path) ?? newState(folder)
      states.set(folder.path, state)
      state.folder = folder
      const { status } = folder
      const same =
        status !== null &&
        state.swept !== null &&
        state.flagged &&
        (['uidValidity', 'uidNext', 'messages', 'modseq'] as const).every(
          (name) => state.swept![name] === status[name],
        )
      // Without mod-sequences, changed flags change no counter.
      const blind = folder.role === 'inbox' && status?.modseq == null
      if (!same || blind || (all && folder.role === 'inbox')) await sync(client, state, affected)
      state.swept = status
      done += status?.messages ?? 0
      options.progress?.(done, total)
    }
    const busy = started < busyUntil
    nextSweep = started + 1000 * (busy ? Math.min(busySeconds, options.pollSeconds) : options.pollSeconds)
  }

  const newState = (folder: ImapFolder): State => ({
    folder,
    known: null,
    copies: new Map(),
    complete: false,
    flagged: false,
    swept: null,
    vanished: new Set(),
  })

  function inbox(): State {
    for (const state of states.values()) if (state.folder.role === 'inbox') return state
    throw new Fault('unreachable', 'This account has no inbox; check the user name.')
  }

  /** Brings what is known of one folder up to what it holds now. */
  async function sync(client: ImapFlow, state: State, affected: Set<string>, arrivalsOnly = false) {
    const { folder } = state
    const selected = client.mailbox && client.mailbox.path === folder.path
    const lock = await client.getMailboxLock(folder.path, { readOnly: true }).catch((cause) => {
      // A folder that may not be read, or was deleted a moment ago, is as good as none.
      if (folder.role !== 'inbox' && (cause as { responseStatus?: string }).responseStatus === 'NO')
        return null
      throw cause
    })
    if (!lock) return
    try {
      if (selected && !idled) await client.noop()
      idled = false
      const box = client.mailbox
      if (!box) throw new Fault('unreachable', `The folder ${folder.path} was closed by the server.`)
      const uidValidity = String(box.uidValidity)
      if (state.known && state.known.uidValidity !== uidValidity) {
        // All numbers have lost their meaning; the messages are known again by their Message-IDs.
        for (const copy of [...state.copies.values()]) forget(state, copy, affected)
        state.known = null
      }
      const first = state.known === null
      const from = state.known?.uidNext ?? 1
      let modseq = box.highestModseq ? BigInt(box.highestModseq) : null
      let uidNext = Math.max(box.uidNext ?? 1, from)

      for (const uid of state.vanished) {
        const copy = state.copies.get(uid)
        if (copy) forget(state, copy, affected)
      }
      state.vanished.clear()
      const held = state.copies.size

      const wanted = first ? await firstWanted(client, state) : 'new'
      // Of a few arrivals the texts come along, which saves the way of asking for them.
      const withText = !first && folder.role === 'inbox' && box.exists - held <= textsAtOnce / 4
      if (first) state.complete = wanted === 'all'
      if (box.exists > 0 && wanted.length > 0) {
        const uids =
          (wanted === 'all' && box.exists > headsAtOnce) ||
          (wanted === 'new' && (box.uidNext ?? 0) - from > headsAtOnce)
            ? await uidsFrom(client, from)
            : wanted
        const ranges = Array.isArray(uids)
          ? chunks(uids, headsAtOnce)
          : [uids === 'all' ? '1:*' : `${from}:*`]
        let reached = from
        for (const range of ranges) {
          const heads = await headsIn(client, range, withText)
          // `n:*` always gives the last message, also when it is older than n.
          const fresh = heads.filter(({ uid }) => uid >= from && !state.copies.has(uid))
          for (const head of fresh) uidNext = Math.max(uidNext, head.uid + 1)
          await takeAll(client, state, uidValidity, fresh, affected)
          if (!options.everything) continue
          // An import that is broken off goes on from here.
          for (const { uid } of fresh) reached = Math.max(reached, uid + 1)
          state.known = { uidValidity, uidNext: reached, modseq: null }
          unsaved = true
          saving = saving.then(save, save)
          await saving
        }
      }
      const seen = arrivalsOnly ? null : await syncFlags(client, state, held, affected)
      if (seen !== null && modseq !== null && seen > modseq) modseq = seen

      if (state.complete ? box.exists !== state.copies.size : held > 0) {
        const left = await presentUids(client, state)
        for (const copy of [...state.copies.values()]) if (!left.has(copy.uid)) forget(state, copy, affected)
      }
      state.known = { uidValidity, uidNext, modseq: modseq === null ? null : String(modseq) }
      state.flagged = true
      unsaved = true
    } finally {
      lock.release()
    }
  }

  /** What to read of a folder that is seen for the first time: all, some UIDs, or none. */
  async function firstWanted(client: ImapFlow, { folder }: State): Promise<'all' | number[]> {
    const { role } = folder
    if (options.everything) return role === 'gone' || role === 'drafts' ? [] : 'all'
    if (role === 'inbox' || role === 'drafts') return 'all'
    let oldest = Number.POSITIVE_INFINITY
    for (const copy of byUnique.values()) oldest = Math.min(oldest, arrival(copy) ?? oldest)
    const since =
      options.lostSince !== null ? options.lostSince - 30 * day : role === 'sent' ? oldest - day : null
    if (since === null || !Number.isFinite(since)) return []
    return (await client.search({ since: new Date(since) }, { uid: true })) || []
  }

  const uidsFrom = async (client: ImapFlow, from: number) =>
    (await client.search({ uid: `${from}:*` }, { uid: true })) || []

  async function headsIn(
    client: ImapFlow,
    range: string | number[],
    withText: boolean,
  ): Promise<FetchMessageObject[]> {
    const gmail = client.capabilities.has('X-GM-EXT-1')
    const query = {
      uid: true,
      flags: true,
      size: true,
      internalDate: true,
      headers: headFields,
      labels: gmail,
      ...(withText && { source: { start: 0, maxLength: wholeBytes + 1 } }),
    }
    const heads = await client.fetchAll(Array.isArray(range) ? uidSet(range) : range, query, { uid: true })
    // NIL in place of a head: somebody has removed the mail meanwhile.
    return heads.filter(({ headers }) => Buffer.isBuffer(headers))
  }

  async function takeAll(
    client: ImapFlow,
    state: State,
    uidValidity: string,
    heads: FetchMessageObject[],
    affected: Set<string>,
  ) {
    for (const head of heads) {
      const copy: ImapCopy = {
        unique: `${uidValidity}.${head.uid}.${state.folder.path}`,
        folder: state.folder,
        uidValidity,
        uid: head.uid,
        size: head.size ?? 0,
        flags: head.flags ?? new Set(),
        labels: head.labels ?? new Set(),
      }
      const mail = index.mails.get(copy.unique) ?? (await identify(client, copy, head))
      if (isNeeded(mail, copy)) {
        take(state, copy, mail, affected)
        if (head.source && head.source.length <= wholeBytes && unasked.has(copy)) {
          const around = { key: mail.key, group: mail.group, fileTime: mail.at, now: now() }
          parsed.set(copy.unique, await readMessage(head.source, around))
        }
      } else if (state.complete) state.copies.set(copy.uid, copy)
    }
  }

  /** Whether a mail says anything about an item that is known, or can become one. */
  function isNeeded(mail: KnownMail, { folder: { role } }: ImapCopy): boolean {
    if (options.everything || role === 'inbox' || role === 'drafts') return true
    if (role === 'sent' || (mail.from && me.has(mail.from))) {
      return mail.inReplyTo !== null && (byId.has(mail.inReplyTo) || index.told.has(mail.inReplyTo))
    }
    return index.told.has(mail.key) || byKey.has(mail.key) || (options.lostSince !== null && !begun)
  }

  function take(state: State, copy: ImapCopy, mail: KnownMail, affected: Set<string>) {
    const { role } = copy.folder
    state.copies.set(copy.uid, copy)
    byUnique.set(copy.unique, copy)
    if (!index.mails.has(copy.unique)) index.remember(mail)
    if (mail.inlay && role !== 'sent' && role !== 'drafts') return
    if (role === 'drafts') {
      if (!mail.inReplyTo) return
      add(drafts, mail.inReplyTo, copy)
      touch(mail.inReplyTo, affected)
      return
    }
    if (role === 'sent' || (mail.from && me.has(mail.from) && role !== 'gone')) {
      if (!mail.inReplyTo) return
      answers.set(mail.inReplyTo, copy)
      touch(mail.inReplyTo, affected)
      return
    }
    if (mail.id) add(byId, mail.id, copy)
    add(byKey, mail.key, copy)
    affected.add(mail.key)
    if (role === 'inbox') unasked.add(copy)
  }

  function forget(state: State, copy: ImapCopy, affected: Set<string>) {
    state.copies.delete(copy.uid)
    byUnique.delete(copy.unique)
    unasked.delete(copy)
    parsed.delete(copy.unique)
    const mail = index.mails.get(copy.unique)
    if (!mail) return
    index.forget(copy.unique)
    remove(byKey, mail.key, copy)
    if (mail.id) remove(byId, mail.id, copy)
    if (state.folder.role !== 'drafts' && state.folder.role !== 'sent') affected.add(mail.key)
    if (!mail.inReplyTo) return
    remove(drafts, mail.inReplyTo, copy)
    if (answers.get(mail.inReplyTo) === copy) answers.delete(mail.inReplyTo)
    touch(mail.inReplyTo, affected)
  }

  /** Something happened to the messages that bear this Message-ID. */
  function touch(id: string, affected: Set<string>) {
    for (const copy of byId.get(id) ?? []) affected.add(index.mails.get(copy.unique)!.key)
  }

  async function identify(client: ImapFlow, copy: ImapCopy, fetched: FetchMessageObject): Promise<KnownMail> {
    const arrived = fetched.internalDate ? new Date(fetched.internalDate).getTime() : null
    const head = readHead(fetched.headers ?? Buffer.alloc(0), { fileTime: arrived, now: now() })
    const { role } = copy.folder
    const own = role === 'sent' || role === 'drafts'
    const inReplyTo = head.inReplyTo ?? (own ? await options.answeredBy(head, copy, client) : null)
    const key = own ? (head.id ?? copy.unique) : await keyOf(client, copy, head.id)
    const parent = inReplyTo && [...(byId.get(inReplyTo) ?? [])][0]
    const thread = (parent && index.mails.get(parent.unique)?.group) ?? head.references[0] ?? inReplyTo
    return {
      unique: copy.unique,
      key,
      group: thread || key,
      id: head.id,
      inReplyTo,
      at: head.at,
      from: head.from?.address ?? null,
      inlay: head.inlay,
      size: copy.size,
    }
  }

  /**
   * The Message-ID; the hash of the content where there is none; both where another mail bears the same Message-ID
   * and differs. Copies (a move is a copy and a deletion) have the same size and are one item.
   */
  async function keyOf(client: ImapFlow, copy: ImapCopy, id: string | null): Promise<string> {
    const bearers = id ? [...(byId.get(id) ?? [])] : []
    const same = bearers.find(({ size }) => size === copy.size)
    if (same) return index.mails.get(same.unique)!.key
    if (id && bearers.length === 0) return id
    const hash = contentKey(await fetchStart(client, copy.uid))
    return id ? `${id}#${hash.slice('sha256:'.length)}` : hash
  }

  /** Reads flags that may have changed; returns the highest mod-sequence among them. */
  async function syncFlags(client: ImapFlow, state: State, held: number, affected: Set<string>) {
    if (held === 0 || state.folder.role === 'sent' || state.folder.role === 'gone') return null
    const since = state.flagged ? state.known?.modseq : null
    const gmail = client.capabilities.has('X-GM-EXT-1')
    const range = since || state.complete ? '1:*' : uidSet([...state.copies.keys()])
    const changedSince = since && client.enabled.has('CONDSTORE') ? { changedSince: BigInt(since) } : {}
    let highest: bigint | null = null
    for await (const found of client.fetch(
      range,
      { uid: true, flags: true, labels: gmail },
      { uid: true, ...changedSince },
    )) {
      if (found.modseq !== undefined && (highest === null || found.modseq > highest)) highest = found.modseq
      const copy = state.copies.get(found.uid)
      if (!copy) continue
      const flags = found.flags ?? new Set<string>()
      const labels = found.labels ?? new Set<string>()
      if (sameSet(copy.flags, flags) && sameSet(copy.labels, labels) && state.flagged) continue
      copy.flags = flags
      copy.labels = labels
      const mail = index.mails.get(copy.unique)
      if (!mail) continue
      if (state.folder.role === 'drafts') {
        if (mail.inReplyTo) touch(mail.inReplyTo, affected)
      } else affected.add(mail.key)
    }
    return highest
  }

  async function presentUids(client: ImapFlow, state: State): Promise<Set<number>> {
    const few = state.copies.size <= 500
    const query = few && !state.complete ? { uid: uidSet([...state.copies.keys()]) } : { all: true }
    const found = await client.search(query, { uid: true })
    // A refused search tells nothing: then everything is still there.
    return new Set(found || state.copies.keys())
  }

  /** The message as an item; null when it has been moved or deleted meanwhile. */
  async function message(copy: ImapCopy): Promise<Message | null> {
    unasked.delete(copy)
    const ready = parsed.get(copy.unique)
    if (ready) {
      parsed.delete(copy.unique)
      return ready
    }
    const together = [copy]
    for (const other of unasked) {
      if (together.length >= textsAtOnce) break
      if (other.folder.path === copy.folder.path) together.push(other)
    }
    for (const { copy: each, message } of await messages(together)) parsed.set(each.unique, message)
    for (const each of together) unasked.delete(each)
    const found = parsed.get(copy.unique) ?? null
    parsed.delete(copy.unique)
    return found
  }

  /** The messages of copies of one folder, without those that are gone; attachments are never read. */
  async function messages(copies: ImapCopy[]): Promise<{ copy: ImapCopy; message: Message }[]> {
    const [{ folder, uidValidity } = { folder: null, uidValidity: '' }] = copies
    if (!folder) return []
    const found: { copy: ImapCopy; message: Message }[] = []
    await connection.use(async (client) => {
      found.length = 0
      const lock = await client.getMailboxLock(folder.path, { readOnly: true })
      try {
        if (!client.mailbox || String(client.mailbox.uidValidity) !== uidValidity) return
        const byUid = new Map(copies.map((copy) => [copy.uid, copy]))
        const surroundings = (uid: number) => {
          const mail = index.mails.get(byUid.get(uid)!.unique)
          return { ...(mail && { key: mail.key, group: mail.group, fileTime: mail.at }), now: now() }
        }
        for await (const { uid, message } of fetchMessages(client, copies, surroundings)) {
          found.push({ copy: byUid.get(uid)!, message })
        }
      } finally {
        lock.release()
      }
    })
    return found
  }

  function standing(key: string, at: number): Standing<ImapCopy> {
    const copies = [...(byKey.get(key) ?? [])]
    const reply = answers.get(idOf(key) ?? '') ?? null
    const live = copies.filter(({ folder, flags }) => folder.role !== 'gone' && !flags.has('\\Deleted'))
    const filed = live.find(({ folder }) => folder.role === 'label')
    if (filed) return { state: 'done', copy: filed, label: filed.folder.name, reply }
    const labelled = live.find((copy) => ownLabel(copy) !== null)
    if (labelled) return { state: 'done', copy: labelled, label: ownLabel(labelled), reply }
    const open = live.find(({ folder }) => folder.role === 'inbox')
    const left = live.find(({ folder }) => folder.role === 'left' && !(open && folder.everything))
    if (left) return { state: 'done', copy: left, label: null, reply }
    if (!open) return { state: copies.length > 0 ? 'gone' : 'absent' }
    const read = open.flags.has('\\Seen')
    return reply || isLeftAlone(arrival(open), read, at)
      ? { state: 'done', copy: open, label: null, reply }
      : { state: 'open', copy: open, read }
  }

  function idOf(key: string): string | null {
    for (const copy of byKey.get(key) ?? []) return index.mails.get(copy.unique)!.id
    return null
  }
  const arrival = (copy: ImapCopy) => index.mails.get(copy.unique)?.at ?? null

  async function wait(atMostMs: number, signal: AbortSignal): Promise<void> {
    const soonest = Math.min(nextSweep, ...due.values())
    const ms = Math.max(0, Math.min(atMostMs, soonest - Date.now()))
    if (inboxStirred || signal.aborted || ms === 0) return
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    await connection.use(async (client) => {
      const { path } = inbox().folder
      if (client.mailbox && client.mailbox.path === path) return
      const lock = await client.getMailboxLock(path, { readOnly: true })
      // What happened while another folder was open comes with no event.
      inboxStirred = true
      lock.release()
    })
    if (inboxStirred) return
    const { client } = await connection.client()
    // Without IDLE the next look is all there is.
    const poll = client.capabilities.has('IDLE') ? ms : Math.min(ms, 1000 * options.pollSeconds)
    if (client.capabilities.has('IDLE') && !client.idling) {
      idled = true
      void client.idle().catch(() => {})
    }
    const stop = new AbortController()
    const aborted = AbortSignal.any([signal, stop.signal])
    await Promise.race([woken, sleep(poll, undefined, { signal: aborted }).catch(() => {})])
    stop.abort()
  }

  // ---- memory between runs ----
  let unsaved = false
  let saving = Promise.resolve()
  const path = join(memory, 'folders.json')
  const restored = restore()

  async function restore() {
    await mkdir(memory, { recursive: true })
    const text = await readFile(path, 'utf8').catch(() => '{}')
    let saved: Record<string, { known: State['known']; complete: boolean; folder: ImapFolder }> = {}
    try {
      saved = JSON.parse(text)
    } catch {
      // A crash cut it short: what is there is read anew.
    }
    for (const [folderPath, { known, complete, folder }] of Object.entries(saved)) {
      if (known) states.set(folderPath, { ...newState(folder), known, complete })
    }
    const nobody = new Set<string>()
    for (const mail of [...index.mails.values()]) {
      const [, uidValidity, uid, folderPath] = /^(\d+)\.(\d+)\.(.*)$/s.exec(mail.unique) ?? []
      const state = folderPath === undefined ? undefined : states.get(folderPath)
      if (!state || state.known?.uidValidity !== uidValidity) {
        index.forget(mail.unique)
        continue
      }
      const copy: ImapCopy = {
        unique: mail.unique,
        folder: state.folder,
        uidValidity: uidValidity!,
        uid: Number(uid),
        size: mail.size ?? 0,
        flags: new Set(),
        labels: new Set(),
      }
      take(state, copy, mail, nobody)
      unasked.delete(copy)
    }
  }

  async function save() {
    await index.flush()
    if (!unsaved) return
    unsaved = false
    const saved = Object.fromEntries(
      [...states].map(([each, { known, complete, folder }]) => [
        each,
        { known, complete, folder: { ...folder, status: null } },
      ]),
    )
    const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`
    await writeFile(temporary, JSON.stringify(saved))
    await rename(temporary, path)
  }

  return {
    refresh,
    message,
    messages,
    wait,
    standing,
    arrival,
    idOf,
    keys: () => byKey.keys(),
    /** When a copy came to where it is, as far as IMAP tells: an answer by its date, anything else now. */
    changedAt: async (copy: ImapCopy) => {
      const at = copy.folder.role === 'sent' ? arrival(copy) : null
      // A date names a whole second (RFC 5322, 3.3): its middle is half a second off at most.
      return at === null ? Date.now() : Math.min(Date.now(), at + 500 + Date.now() - now())
    },
    flagsToldAt: () => flagsSeen,
    copiesOf: (key: string): ImapCopy[] => [...(byKey.get(key) ?? [])],
    /** Begun answers to the mail with this Message-ID. */
    draftsFor: (id: string): ImapCopy[] =>
      [...(drafts.get(id) ?? [])].filter(({ flags }) => !flags.has('\\Deleted')),
    /** Looks at an item again when mail programs have had their time to put the sent mail in its place. */
    lookAgain(key: string) {
      if (!due.has(key)) due.set(key, Date.now() + settlingMs)
    },
    async release() {
      await connection.close()
      await saving.catch(() => {})
    },
  }
}

/** Keywords that mail programs set by themselves: no person's label. */
const technical =
  /^(\\|\$(?!label\d)|inlay\/|(non|not)?junk$|forwarded$|redirected$|hasattachment$|hasnoattachment$|mdnsent$|oldlabel|recent$|receipthandled|tnef|x-|imported|seen$|answered$|completed$|maybe)/i

/** A label that a person put on a message: a keyword, or a label of Gmail's that is no folder of its own. */
function ownLabel({ flags, labels }: ImapCopy): string | null {
  for (const flag of flags) if (!technical.test(flag)) return flag
  for (const label of labels) if (!/^(\\|inlay\/)/i.test(label)) return label
  return null
}

const sameSet = (a: Set<string>, b: Set<string>) => a.size === b.size && [...a].every((each) => b.has(each))

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V) {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

function remove<K, V>(map: Map<K, Set<V>>, key: K, value: V) {
  const set = map.get(key)
  set?.delete(value)
  if (set?.size === 0) map.delete(key)
}
