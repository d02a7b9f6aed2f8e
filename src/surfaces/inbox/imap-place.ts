import type { ImapFlow } from 'imapflow'
import type { Card, Message, Placed, Placement, Suggestion } from '../../contract/index.ts'
import { composeCard, composeDraft, notAnswered } from './compose.ts'
import type { ImapConnection } from './imap-connection.ts'
import { type ImapFolder, labelFolder, listFolders } from './imap-folders.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { keywordFor } from './maildir-keywords.ts'
import { readHead } from './message.ts'
import { sketchOf } from './text-sketch.ts'

/** What Inlay did for one placement key. */
export type ImapDetail =
  | { type: 'label'; how: 'keyword' | 'gmail'; label: string }
  /** A copy of the message in a folder of Inlay's own. */
  | {
      type: 'label'
      how: 'folder'
      label: string
      folder: string
      folderMade: boolean
      uidValidity: string
      uid: number
    }
  | {
      type: 'reply'
      folder: string
      /** Number of the draft, 0 until it is known; `uidNext` is where the folder stood before. */
      uidValidity: string
      uid: number
      uidNext: number
      messageId: string
      /** Message-ID that is answered. */
      answers: string | null
      to: string
      subject: string
      /** Of the draft's text, to know it again in a mail that bears nothing else of it. */
      sketch: number[]
    }

export type ImapJournal = Journal<ImapDetail>
export type ImapEntry = JournalEntry<ImapDetail>
type Reply = Extract<ImapDetail, { type: 'reply' }>
type InFolder = Extract<ImapDetail, { how: 'folder' }>

export interface ImapHand {
  connection: ImapConnection
  journal: ImapJournal
  labels: 'keywords' | 'gmail' | 'folders'
  ignore: readonly string[]
  drafts?: string | undefined
  me: string | null
  now(): number
  /** The folders there are, as they were listed not long ago. */
  folders(client: ImapFlow): Promise<ImapFolder[]>
  /** Where the item lies in the inbox, as far as a watch has told; null when it must be searched. */
  find(key: string): Promise<{ uid: number; uidValidity: string } | null>
}

const refused = (because: string): Placed => ({ placed: false, because })

export const placementOf = ({ key, detail }: ImapEntry): Placement => ({
  key,
  ref: detail.type === 'reply' ? detail.messageId : detail.label,
})

/** Puts a label on the message, or a draft of an answer into the folder for drafts; see the contract's `place`. */
export function placeInImap(
  hand: ImapHand,
  item: Message,
  { value }: Suggestion<'message'>,
  key: string,
): Promise<Placed> {
  const { journal, connection } = hand
  return journal.alone(async () => {
    const before = (await journal.read()).get(key)
    if (before?.state === 'placed') return { placed: true, placement: placementOf(before) }
    if (before && before.state !== 'placing') return refused('it was taken away before, and is not put back')
    return connection.use(async (client) => {
      // Read again: this may be the second try on a new connection.
      const entry = (await journal.read()).get(key)
      return value.type === 'label'
        ? placeLabel(hand, client, item, value.label, key)
        : placeDraft(hand, client, item, value.text, key, entry)
    })
  })
}

/** Takes a placement away; see the contract's `withdraw`. A draft that a person has changed is theirs and stays. */
export function withdrawFromImap(hand: ImapHand, placement: Placement): Promise<void> {
  const { journal, connection, now } = hand
  return journal.alone(async () => {
    const entry = (await journal.read()).get(placement.key)
    if (!entry || entry.state === 'withdrawn') return
    await journal.write({ ...entry, state: 'withdrawing', at: now() })
    await connection.use(async (client) => {
      const { detail } = entry
      if (detail.type === 'reply') await removeDraft(client, detail)
      else if (detail.how === 'folder') await removeCopy(client, detail)
      else await removeLabel(hand, client, entry.item, detail)
    })
    await journal.write({ ...entry, state: 'withdrawn', at: now() })
  })
}

/** Puts the card into the inbox as one small unread mail; one with a key only while there is none of it. */
export function announceInImap({ connection, journal, me, now }: ImapHand, card: Card): Promise<void> {
  return journal.alone(async () => {
    const mail = await composeCard(card, { me, at: now() })
    const id = readHead(mail).id!
    await connection.use(async (client) => {
      const there = await uidsIn(client, 'INBOX', { header: { 'message-id': id } })
      if (there.uids.length === 0) await client.append('INBOX', mail, [])
    })
  })
}

// ---- labels ----

async function placeLabel(
  hand: ImapHand,
  client: ImapFlow,
  item: Message,
  label: string,
  key: string,
): Promise<Placed> {
  const { journal, now, labels } = hand
  const gmail = labels === 'gmail' && client.capabilities.has('X-GM-EXT-1')
  if (labels === 'gmail' && !gmail) {
    return refused("this server has no labels of Gmail's; set labels to keywords or folders")
  }
  const entry = { key, item: item.key, state: 'placing' as const, at: now() }
  if (labels === 'folders') {
    const uid = await inInbox(hand, client, item, true, async (found) => found)
    return typeof uid === 'number' ? placeCopy(hand, client, uid, label, entry) : uid
  }
  return inInbox(hand, client, item, false, async (uid, flags): Promise<Placed> => {
    const word = gmail ? `${labelFolder}/${label}` : keywordFor(label)
    const other = [...flags].find((flag) => flag.startsWith('inlay/') && flag !== word)
    if (other && !(await isOurs(journal, item.key, other))) {
      return refused(`another Inlay has labelled it '${other.slice('inlay/'.length)}'`)
    }
    const detail: ImapDetail = { type: 'label', how: gmail ? 'gmail' : 'keyword', label: word }
    await journal.write({ ...entry, detail })
    if ((client.mailbox || null)?.readOnly) {
      await journal.write({ ...entry, state: 'withdrawn', detail })
      return refused('the inbox may only be read')
    }
    if (!(await client.messageFlagsAdd(String(uid), [word], { uid: true, silent: true, useLabels: gmail }))) {
      await journal.write({ ...entry, state: 'withdrawn', detail })
      return refused(
        'the inbox takes no keyword: it may only be read, or the server allows none (set labels to folders)',
      )
    }
    await journal.write({ ...entry, state: 'placed', at: now(), detail })
    return { placed: true, placement: placementOf({ ...entry, state: 'placed', detail }) }
  })
}

async function isOurs(journal: ImapJournal, item: string, word: string): Promise<boolean> {
  for (const entry of (await journal.read()).values()) {
    if (entry.item === item && entry.detail.type === 'label' && entry.detail.label === word) return true
  }
  return false
}

async function placeCopy(
  { journal, now }: ImapHand,
  client: ImapFlow,
  uid: number,
  label: string,
  entry: Omit<ImapEntry, 'detail'>,
): Promise<Placed> {
  const { created, path } = await client.mailboxCreate([labelFolder, label])
  const earlier = (await journal.read()).get(entry.key)?.detail
  const folderMade = created || (earlier?.type === 'label' && earlier.how === 'folder' && earlier.folderMade)
  const detail: InFolder = {
    type: 'label',
    how: 'folder',
    label,
    folder: path,
    folderMade,
    uidValidity: '',
    uid: 0,
  }
  if (earlier?.type === 'label' && earlier.how === 'folder') {
    // A crash half-way: it may be there already.
    const id = messageIdOf(entry.item)
    const found = id ? await uidsIn(client, path, { header: { 'message-id': id } }) : null
    if (found?.uids.length) Object.assign(detail, { uid: found.uids[0], uidValidity: found.uidValidity })
  }
  await journal.write({ ...entry, detail })
  if (detail.uid === 0) {
    const lock = await client.getMailboxLock('INBOX', { readOnly: true })
    try {
      const copied = await client.messageCopy(String(uid), path, { uid: true })
      if (!copied) {
        await journal.write({ ...entry, state: 'withdrawn', detail })
        return refused(`the message could not be copied to the folder ${path}`)
      }
      detail.uid = copied.uidMap?.get(uid) ?? 0
      detail.uidValidity = String(copied.uidValidity ?? '')
    } finally {
      lock.release()
    }
  }
  await journal.write({ ...entry, state: 'placed', at: now(), detail })
  return { placed: true, placement: placementOf({ ...entry, detail }) }
}

/** Takes the keyword off every copy of the message, wherever it lies by now. */
async function removeLabel(
  hand: ImapHand,
  client: ImapFlow,
  item: string,
  { label, how }: ImapDetail & { type: 'label' },
): Promise<void> {
  const useLabels = how === 'gmail'
  const known = await hand.find(item)
  const id = messageIdOf(item)
  const at = async (path: string, uids: number[]) => {
    const lock = await client.getMailboxLock(path)
    try {
      await client.messageFlagsRemove(uids, [label], { uid: true, silent: true, useLabels })
    } finally {
      lock.release()
    }
  }
  const query = { ...(id && { header: { 'message-id': id } }), ...(!useLabels && { keyword: label }) }
  const inbox = await uidsIn(client, 'INBOX', query)
  if (known && inbox.uidValidity === known.uidValidity && inbox.uids.includes(known.uid)) {
    await at('INBOX', [known.uid])
    return
  }
  // It was filed, or nobody has told where it is. Without a Message-ID it cannot be told from others.
  if (!id) return
  for (const { path } of await listFolders(client, hand)) {
    const { uids } = await uidsIn(client, path, query)
    if (uids.length > 0) await at(path, uids)
  }
}

const messageIdOf = (item: string) => /^<[^<>\s]+>/.exec(item)?.[0]

async function removeCopy(
  client: ImapFlow,
  { folder, folderMade, uid, uidValidity }: InFolder,
): Promise<void> {
  const lock = await client.getMailboxLock(folder).catch(() => null)
  if (!lock) return
  let empty = false
  try {
    if (client.mailbox && String(client.mailbox.uidValidity) === uidValidity) await expunge(client, uid)
    await client.noop()
    empty = client.mailbox !== false && client.mailbox.exists === 0
  } finally {
    lock.release()
  }
  if (!empty || !folderMade) return
  // Away from it first; not by CLOSE, which would remove what a person has marked as deleted.
  const inbox = await client.getMailboxLock('INBOX', { readOnly: true })
  inbox.release()
  await client.mailboxDelete(folder).catch(() => {})
  const others = await client.list()
  const top = others.find(({ path, delimiter }) => folder.startsWith(path + delimiter))
  const used = others.some(({ path }) => top && path.startsWith(top.path + top.delimiter))
  if (top?.name === labelFolder && !used) await client.mailboxDelete(top.path).catch(() => {})
}

// ---- drafts ----

async function placeDraft(
  hand: ImapHand,
  client: ImapFlow,
  item: Message,
  text: string,
  key: string,
  before: ImapEntry | undefined,
): Promise<Placed> {
  const { journal, me, now } = hand
  const because = notAnswered(item, me)
  if (because) return refused(because)
  const found = await inInbox(
    hand,
    client,
    item,
    true,
    async (_, flags, head): Promise<Placed | Buffer> =>
      flags.has('\\Answered') ? refused('somebody has answered the message already') : head,
  )
  if (!Buffer.isBuffer(found)) return found
  const original = readHead(found)
  if (/^(multipart\/encrypted|application\/(x-)?pkcs7-mime)/i.test(original.header('content-type') ?? '')) {
    return refused('the message is encrypted, and a draft would stand in the open')
  }
  const folders = await hand.folders(client)
  const drafts = folders.find(({ role }) => role === 'drafts')
  if (!drafts) return refused('this account has no folder for drafts; name it with the setting drafts')
  const answers = original.id
  const sent = folders.find(({ role }) => role === 'sent')
  if (answers && sent && (await hasAnswer(client, sent, answers, item.at))) {
    return refused('somebody has answered the message already')
  }

  const at = before?.at ?? now()
  const to = original.addresses('reply-to')
  const mail = await composeDraft(item, text, {
    key,
    me,
    at,
    ...(to.length > 0 && { to }),
    info: `type=reply; uid=${(await hand.find(item.key))?.uid ?? 0}; folder=B::${Buffer.from('INBOX').toString('base64')}`,
  })
  const messageId = readHead(mail).id!
  const earlier = before?.detail.type === 'reply' ? before.detail : null
  const same = { header: { 'message-id': messageId } }
  const begun = await uidsIn(client, drafts.path, answers ? answering(answers) : same)
  // The same draft can only be there where one was begun to be placed.
  const ours = begun.uids.length > 0 || earlier ? await uidsIn(client, drafts.path, same) : begun
  if (begun.uids.some((uid) => !ours.uids.includes(uid)))
    return refused('somebody has begun an answer already')
  const detail: Reply = {
    type: 'reply',
    folder: drafts.path,
    uidValidity: begun.uidValidity,
    uid: ours.uids[0] ?? 0,
    uidNext: earlier?.uidNext ?? begun.uidNext,
    messageId,
    answers,
    to: (to[0] ?? item.from)!.address,
    subject: item.subject,
    sketch: sketchOf(text),
  }
  const entry: ImapEntry = { key, item: item.key, state: 'placing', at, detail }
  if (
    detail.uid === 0 &&
    earlier &&
    earlier.uidValidity === begun.uidValidity &&
    begun.uidNext > earlier.uidNext
  ) {
    // It may have been there and been thrown away before anybody could note it down: once is enough.
    await journal.write({ ...entry, state: 'removed', at: now() })
    return refused('it may have been placed before a crash and taken away since, and is not put back')
  }
  await journal.write(entry)
  if (detail.uid === 0) {
    try {
      const appended = await client.append(drafts.path, mail, ['\\Draft', '\\Seen'], new Date(at))
      if (!appended) throw new Error('the server refused it')
      detail.uid = appended.uid ?? 0
      detail.uidValidity = String(appended.uidValidity ?? detail.uidValidity)
    } catch (cause) {
      const { responseStatus, serverResponseCode, responseText } = cause as Record<string, string | undefined>
      if (responseStatus !== 'NO') throw cause
      await journal.write({ ...entry, state: 'withdrawn', at: now() })
      const full = serverResponseCode === 'OVERQUOTA' || /quota/i.test(responseText ?? '')
      return refused(
        full ? 'the mailbox is full' : `the folder ${drafts.path} takes no draft ("${responseText}")`,
      )
    }
  }
  if (answers) {
    // Another Inlay may have been at it at the same time; whoever came first stays.
    const all = await uidsIn(client, drafts.path, answering(answers))
    const first = Math.min(...all.uids)
    if (detail.uid === 0) {
      const mine = await uidsIn(client, drafts.path, { header: { 'message-id': messageId } })
      detail.uid = mine.uids[0] ?? 0
    }
    if (first < detail.uid) {
      await removeDraft(client, detail)
      await journal.write({ ...entry, state: 'withdrawn', at: now(), detail })
      return refused('somebody has begun an answer already')
    }
  }
  await journal.write({ ...entry, state: 'placed', at: now(), detail })
  return { placed: true, placement: placementOf({ ...entry, detail }) }
}

/** Some programs write one, some the other. */
const answering = (id: string) => ({
  or: [{ header: { 'in-reply-to': id } }, { header: { references: id } }],
})

async function hasAnswer(
  client: ImapFlow,
  sent: ImapFolder,
  id: string,
  at: number | null,
): Promise<boolean> {
  const since = at === null ? {} : { since: new Date(at - 24 * 3600 * 1000) }
  const { uids } = await uidsIn(client, sent.path, { header: { 'in-reply-to': id }, ...since })
  return uids.length > 0
}

/** Removes our draft by its number: a message never changes under its number, so an edited one has another. */
export async function removeDraft(client: ImapFlow, detail: Reply): Promise<void> {
  const lock = await client.getMailboxLock(detail.folder).catch(() => null)
  if (!lock) return
  try {
    if (!client.mailbox) return
    let { uid } = detail
    if (String(client.mailbox.uidValidity) !== detail.uidValidity || uid === 0) {
      const same = await client.search({ header: { 'message-id': detail.messageId } }, { uid: true })
      uid = (same || [])[0] ?? 0
      // Under a new number it may be a person's version of it: only the very same text is ours.
      if (uid && !(await isUnedited(client, uid, detail))) return
    }
    if (uid) await expunge(client, uid)
  } finally {
    lock.release()
  }
}

async function isUnedited(client: ImapFlow, uid: number, { sketch, messageId }: Reply): Promise<boolean> {
  const found = await client.fetchOne(String(uid), { uid: true, source: true }, { uid: true })
  const source = (found || null)?.source
  if (!source) return false
  const head = readHead(source)
  const body = source.subarray(source.indexOf('\r\n\r\n') + 4).toString()
  const same = sketchOf(body).join() === sketch.join()
  return head.id === messageId && head.inlay !== null && same
}

/** Removes one message for good, and no other that a person has marked as deleted. */
async function expunge(client: ImapFlow, uid: number): Promise<void> {
  if (client.capabilities.has('UIDPLUS')) {
    await client.messageDelete(String(uid), { uid: true })
    return
  }
  const marked = await client.search({ deleted: true }, { uid: true })
  if ((marked || []).every((each) => each === uid)) await client.messageDelete(String(uid), { uid: true })
  // EXPUNGE would take theirs too; marked as deleted, ours goes with their next one.
  else await client.messageFlagsAdd(String(uid), ['\\Deleted'], { uid: true })
}

// ---- where things are ----

/** Runs `work` with the inbox open and the item's number in it; refuses when it is not there any more. */
async function inInbox<T>(
  hand: ImapHand,
  client: ImapFlow,
  item: Message,
  readOnly: boolean,
  work: (uid: number, flags: Set<string>, head: Buffer) => Promise<T>,
): Promise<T | Placed> {
  const known = await hand.find(item.key)
  const open = client.mailbox && client.mailbox.path.toUpperCase() === 'INBOX'
  const lock = await client.getMailboxLock('INBOX', { readOnly })
  try {
    // A folder that stayed open knows of what is new only after a command that lets the server tell.
    if (open) await client.noop()
    const box = client.mailbox
    if (box) {
      const id = messageIdOf(item.key)
      let uid = known && String(box.uidValidity) === known.uidValidity ? known.uid : undefined
      if (uid === undefined && id) {
        uid = ((await client.search({ header: { 'message-id': id } }, { uid: true })) || [])[0]
      }
      const query = { uid: true, flags: true, headers: ['reply-to', 'content-type', 'message-id'] }
      const found = (uid && (await client.fetchOne(String(uid), query, { uid: true }))) || null
      // Without a head it was removed a moment ago.
      if (found?.headers && !found.flags?.has('\\Deleted')) {
        return await work(found.uid, found.flags ?? new Set(), found.headers)
      }
    }
    return refused('the message is no longer in the inbox: somebody filed or deleted it first')
  } finally {
    lock.release()
  }
}

async function uidsIn(client: ImapFlow, path: string, query: Parameters<ImapFlow['search']>[0]) {
  const open = client.mailbox && client.mailbox.path === path
  const lock = await client.getMailboxLock(path, { readOnly: true })
  try {
    // An open folder shows no new counters until it is opened again.
    if (open) await client.mailboxOpen(path, { readOnly: true })
    const box = client.mailbox
    if (!box) return { uids: [], uidValidity: '', uidNext: 0 }
    const uids = (await client.search(query, { uid: true })) || []
    return { uids: uids as number[], uidValidity: String(box.uidValidity), uidNext: box.uidNext }
  } finally {
    lock.release()
  }
}
