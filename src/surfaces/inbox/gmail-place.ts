import type { Card, Message, Placed, Placement, Suggestion } from '../../contract/index.ts'
import { composeCard, composeDraft, notAnswered } from './compose.ts'
import type { GmailApi, GmailMessage } from './gmail-api.ts'
import { ownLabels } from './gmail-mailbox.ts'
import { headOf, messageFrom } from './gmail-message.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { sketchOf } from './text-sketch.ts'

/** What Inlay did for one placement key. */
export type GmailDetail =
  | { type: 'label'; message: string; labelId: string; label: string; labelMade: boolean }
  | {
      type: 'reply'
      /** Ids of the draft and of its message, empty until they are known; `historyId` is where Gmail stood before. */
      draft: string
      message: string
      historyId: string
      thread: string
      messageId: string
      /** Message-ID that is answered. */
      answers: string | null
      /** Of the draft's text: another one means that a person has changed it. */
      sketch: number[]
    }

export type GmailJournal = Journal<GmailDetail>
export type GmailEntry = JournalEntry<GmailDetail>
type Reply = Extract<GmailDetail, { type: 'reply' }>

export interface GmailHand {
  api: GmailApi
  journal: GmailJournal
  me: string
  now(): number
  /** Gmail's id of the item, as far as a watch has told of it. */
  find(key: string): Promise<string | null>
  /** Whether a card with this Message-ID was put there, for Gmail's search lags behind; with `message` notes that. */
  announced(messageId: string, message?: string): Promise<boolean>
}

const refused = (because: string): Placed => ({ placed: false, because })

export const placementOf = ({ key, detail }: GmailEntry): Placement => ({
  key,
  ref: detail.type === 'reply' ? detail.messageId : detail.label,
})

/** Puts a label on the message, or a draft of an answer into its thread; see the contract's `place`. */
export function placeInGmail(
  hand: GmailHand,
  item: Message,
  { value }: Suggestion<'message'>,
  key: string,
): Promise<Placed> {
  const { api, journal } = hand
  return journal.alone(async () => {
    const before = (await journal.read()).get(key)
    if (before?.state === 'placed') return { placed: true, placement: placementOf(before) }
    if (before && before.state !== 'placing') return refused('it was taken away before, and is not put back')
    const id = (await hand.find(item.key)) ?? (await search(api, item.key))
    const message = id ? await read(api, id) : null
    const labels = new Set(message?.labelIds)
    if (!message || !labels.has('INBOX') || labels.has('TRASH')) {
      return refused('the message is no longer in the inbox: somebody filed or deleted it first')
    }
    return value.type === 'label'
      ? placeLabel(hand, item, message, value.label, key)
      : placeDraft(hand, item, message, value.text, key, before)
  })
}

async function search(api: GmailApi, key: string): Promise<string | null> {
  if (key.startsWith('gmail:')) return key.slice('gmail:'.length)
  const [, messageId, twin] = /^<([^<>\s]+)>(?:#(.+))?/.exec(key) ?? []
  if (twin) return twin
  if (!messageId) return null
  const q = `rfc822msgid:${messageId}`
  const { messages = [] } = await api.call((gmail) => gmail.users.messages.list({ userId: 'me', q }))
  return messages[0]?.id ?? null
}

const read = (api: GmailApi, id: string) =>
  api.find((gmail) => gmail.users.messages.get({ userId: 'me', id, format: 'metadata' }))

async function placeLabel(
  { api, journal, now }: GmailHand,
  item: Message,
  message: GmailMessage,
  label: string,
  key: string,
): Promise<Placed> {
  const name = `${ownLabels}${label.replaceAll('/', '-')}`.slice(0, 225)
  const all = await api.call((gmail) => gmail.users.labels.list({ userId: 'me' }))
  const earlier = [...(await journal.read()).values()].some(
    ({ detail }) => detail.type === 'label' && detail.label === name && detail.labelMade,
  )
  const others = new Map(all.labels?.map((each) => [each.id, each.name]))
  const taken = message.labelIds?.map((each) => others.get(each)).find((each) => each?.startsWith(ownLabels))
  if (taken && taken !== name) {
    const ours = [...(await journal.read()).values()].some(
      ({ item: of, detail }) => of === item.key && detail.type === 'label' && detail.label === taken,
    )
    if (!ours) return refused(`another Inlay has labelled it '${taken.slice(ownLabels.length)}'`)
  }
  const there = all.labels?.find((each) => each.name === name)?.id
  const entry = { key, item: item.key, state: 'placing' as const, at: now() }
  const detail: GmailDetail = {
    type: 'label',
    message: message.id!,
    labelId: there ?? '',
    label: name,
    labelMade: !there || earlier,
  }
  await journal.write({ ...entry, detail })
  if (!there) {
    const made = await api.call((gmail) =>
      gmail.users.labels.create({
        userId: 'me',
        requestBody: { name, labelListVisibility: 'labelShowIfUnread', messageListVisibility: 'show' },
      }),
    )
    detail.labelId = made.id!
  }
  const requestBody = { addLabelIds: [detail.labelId] }
  await api.call((gmail) => gmail.users.messages.modify({ userId: 'me', id: message.id!, requestBody }))
  await journal.write({ ...entry, state: 'placed', at: now(), detail })
  return { placed: true, placement: placementOf({ ...entry, detail }) }
}

async function placeDraft(
  hand: GmailHand,
  item: Message,
  message: GmailMessage,
  text: string,
  key: string,
  before: GmailEntry | undefined,
): Promise<Placed> {
  const { api, journal, me, now } = hand
  const because = notAnswered(item, me)
  if (because) return refused(because)
  const original = headOf(message, now())
  if (/^(multipart\/encrypted|application\/(x-)?pkcs7-mime)/i.test(original.header('content-type') ?? '')) {
    return refused('the message is encrypted, and a draft would stand in the open')
  }
  const threadId = message.threadId!
  const at = before?.at ?? now()
  const to = original.addresses('reply-to')
  const mail = await composeDraft(item, text, { key, me, at, ...(to.length > 0 && { to }) })
  const messageId = /^message-id: *(\S+)/im.exec(mail.toString())![1]!

  const thread = await threadOf(api, threadId)
  if (thread.some((each) => each.labelIds?.includes('SENT') && isLater(each, message))) {
    return refused('somebody has answered the message already')
  }
  const begun = thread.filter(({ labelIds }) => labelIds?.includes('DRAFT'))
  const ours = await ownDrafts(journal, threadId, key)
  const mine = begun.find((each) => headOf(each, now()).id === messageId)
  const older = begun.flatMap((each) => ours.filter(({ detail }) => detail.message === each.id))[0]
  const foreign = begun.filter((each) => each !== mine && each.id !== older?.detail.message)
  if (foreign.length > 0) return refused('somebody has begun an answer already')
  if (older && !(await isUnedited(api, older.detail, now())))
    return refused('somebody has begun an answer already')

  const earlier = before?.detail.type === 'reply' ? before.detail : null
  const detail: Reply = {
    type: 'reply',
    draft: '',
    message: mine?.id ?? '',
    historyId: earlier?.historyId ?? thread.reduce((last, { historyId }) => later(last, historyId), '0'),
    thread: threadId,
    messageId,
    answers: original.id,
    sketch: sketchOf(text),
  }
  const entry: GmailEntry = { key, item: item.key, state: 'placing', at, detail }
  if (!mine && earlier && (await wasThrownAway(api, earlier))) {
    await journal.write({ ...entry, state: 'removed', at: now() })
    return refused('it may have been placed before a crash and taken away since, and is not put back')
  }
  await journal.write(entry)
  const raw = mail.toString('base64url')
  if (mine) detail.draft = (await draftOf(api, mine.id!)) ?? ''
  else {
    // A newer answer takes the place of our own earlier one, where nobody has touched it.
    const requestBody = { message: { raw, threadId } }
    const made = older
      ? await api.call((gmail) =>
          gmail.users.drafts.update({ userId: 'me', id: older.detail.draft, requestBody }),
        )
      : await api.call((gmail) => gmail.users.drafts.create({ userId: 'me', requestBody }))
    detail.draft = made.id!
    detail.message = made.message?.id ?? ''
    if (older) await journal.write({ ...older, state: 'withdrawn', at: now() })
  }
  // Another Inlay may have been at it at the same time; whoever came first stays.
  const rivals = (await threadOf(api, threadId)).filter(
    (each) => each.labelIds?.includes('DRAFT') && each.id !== detail.message,
  )
  const own = { internalDate: '', ...(await read(api, detail.message)), id: detail.message }
  if (rivals.some((each) => isEarlier(each, own))) {
    await api.find((gmail) => gmail.users.drafts.delete({ userId: 'me', id: detail.draft }))
    await journal.write({ ...entry, state: 'withdrawn', at: now(), detail })
    return refused('somebody has begun an answer already')
  }
  await journal.write({ ...entry, state: 'placed', at: now(), detail })
  return { placed: true, placement: placementOf({ ...entry, detail }) }
}

async function threadOf(api: GmailApi, id: string): Promise<GmailMessage[]> {
  const thread = await api.find((gmail) => gmail.users.threads.get({ userId: 'me', id, format: 'metadata' }))
  return thread?.messages ?? []
}

/** Drafts that stand in this thread and were placed under another key. */
async function ownDrafts(journal: GmailJournal, thread: string, key: string) {
  return [...(await journal.read()).values()].flatMap((entry) => {
    const { detail, state } = entry
    const ours =
      detail.type === 'reply' && detail.thread === thread && state === 'placed' && entry.key !== key
    return ours ? [{ ...entry, detail: detail as Reply }] : []
  })
}

async function draftOf(api: GmailApi, message: string): Promise<string | null> {
  let pageToken: string | undefined
  do {
    const page = await api.call((gmail) =>
      gmail.users.drafts.list({ userId: 'me', maxResults: 500, ...(pageToken && { pageToken }) }),
    )
    const found = page.drafts?.find((draft) => draft.message?.id === message)?.id
    if (found) return found
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken)
  return null
}

/** Whether a draft of the thread was deleted or sent since we began to place one. */
async function wasThrownAway(api: GmailApi, { historyId, thread }: Reply): Promise<boolean> {
  const page = await api.find((gmail) =>
    gmail.users.history.list({ userId: 'me', startHistoryId: historyId, maxResults: 500 }),
  )
  // Forgotten by Gmail: nobody knows, and once is enough.
  if (!page) return true
  return (page.history ?? []).some(({ messagesDeleted, labelsRemoved }) => {
    const gone = messagesDeleted?.map(({ message }) => ({ message, labels: message?.labelIds }))
    const changed = labelsRemoved?.map(({ message, labelIds }) => ({ message, labels: labelIds }))
    const all = [...(gone ?? []), ...(changed ?? [])]
    return all.some(({ message, labels }) => message?.threadId === thread && labels?.includes('DRAFT'))
  })
}

/** Takes a placement away; see the contract's `withdraw`. A draft that a person has changed is theirs and stays. */
export function withdrawFromGmail({ api, journal, now }: GmailHand, placement: Placement): Promise<void> {
  return journal.alone(async () => {
    const entry = (await journal.read()).get(placement.key)
    if (!entry || entry.state === 'withdrawn') return
    await journal.write({ ...entry, state: 'withdrawing', at: now() })
    const { detail } = entry
    if (detail.type === 'label') await removeLabel(api, journal, detail)
    else if (await isUnedited(api, detail, now())) {
      await api.find((gmail) => gmail.users.drafts.delete({ userId: 'me', id: detail.draft }))
    }
    await journal.write({ ...entry, state: 'withdrawn', at: now() })
  })
}

async function removeLabel(
  api: GmailApi,
  journal: GmailJournal,
  { message, labelId, label }: Extract<GmailDetail, { type: 'label' }>,
) {
  if (!labelId) return
  const requestBody = { removeLabelIds: [labelId] }
  await api
    .find((gmail) => gmail.users.messages.modify({ userId: 'me', id: message, requestBody }))
    // The label itself is gone already, by somebody's hand.
    .catch(() => {})
  const made = [...(await journal.read()).values()].some(
    ({ detail }) => detail.type === 'label' && detail.label === label && detail.labelMade,
  )
  if (!made) return
  const { messages = [] } = await api.call((gmail) =>
    gmail.users.messages.list({ userId: 'me', labelIds: [labelId], maxResults: 1, includeSpamTrash: true }),
  )
  if (messages.length === 0)
    await api.find((gmail) => gmail.users.labels.delete({ userId: 'me', id: labelId }))
}

/** Whether the draft is still there as it was placed. */
export async function isUnedited(
  api: GmailApi,
  { draft, message, sketch }: Reply,
  now: number,
): Promise<boolean> {
  if (!draft) return false
  const found = await api.find((gmail) => gmail.users.drafts.get({ userId: 'me', id: draft, format: 'full' }))
  if (!found?.message || found.message.id !== message) return false
  const { text } = messageFrom(found.message, '', '', now)
  return sketchOf(text).join() === sketch.join()
}

/** Puts the card into the inbox as one small unread mail; one with a key only while there is none of it. */
export function announceInGmail({ api, journal, me, now, announced }: GmailHand, card: Card): Promise<void> {
  return journal.alone(async () => {
    const mail = await composeCard(card, { me, at: now() })
    const id = /^message-id: *(\S+)/im.exec(mail.toString())![1]!
    if ((await announced(id)) || (await search(api, id))) return
    const requestBody = { raw: mail.toString('base64url'), labelIds: ['INBOX', 'UNREAD'] }
    const { id: message } = await api.call((gmail) =>
      gmail.users.messages.insert({ userId: 'me', requestBody }),
    )
    await announced(id, message!)
  })
}

const timeOf = ({ internalDate }: GmailMessage) => Number(internalDate ?? 0)
const isLater = (one: GmailMessage, other: GmailMessage) => timeOf(one) > timeOf(other)
const isEarlier = (one: GmailMessage, other: GmailMessage) =>
  timeOf(one) < timeOf(other) || (timeOf(one) === timeOf(other) && (one.id ?? '') < (other.id ?? ''))
const later = (one: string, other: string | null | undefined) =>
  other && BigInt(other) > BigInt(one) ? other : one
