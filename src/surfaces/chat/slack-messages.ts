import { type Message, type MessageDeed, plainMessage } from '../../contract/index.ts'
import { isEmojiOnly, plainText } from './slack-text.ts'

/** What is read of a message, from the history and from events alike. */
export interface SlackMessage {
  type?: string
  subtype?: string
  hidden?: boolean
  ts: string
  thread_ts?: string
  user?: string
  bot_id?: string
  text?: string
  edited?: { ts?: string }
  reply_count?: number
  latest_reply?: string
  files?: { name?: string | null }[]
  reactions?: { name?: string; users?: string[]; count?: number }[]
  metadata?: { event_type?: string; event_payload?: Record<string, unknown> }
}

/** How this workspace is read: who the bot is, which emoji are labels (then threads are labelled, not answered). */
export interface Reading {
  team: string
  bot: string
  /** Emoji name → label; null where answers are what counts. */
  labels: ReadonlyMap<string, string> | null
}

/** Nobody handles a message after so long: it was left alone. */
export const leftAloneMs = 7 * 24 * 3600 * 1000

export interface Answer {
  ts: string
  user: string
  edited: string | null
  text: string
  /** Posted by Inlay's bot when this person clicked "Send". */
  via: boolean
}

export type Standing =
  | { state: 'open' }
  | { state: 'done'; label: string | null; user: string | null; answer: Answer | null }

export const keyOf = (channel: string, ts: string) => `${channel}:${ts}`

export function placeOfKey(key: string): { channel: string; ts: string } {
  const at = key.indexOf(':')
  return { channel: key.slice(0, at), ts: key.slice(at + 1) }
}

export const timeOf = (ts: string) => Math.round(Number(ts) * 1000)

const written = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message'])

/** Whether a person wrote it, and not a bot, an integration or Slack itself. */
export function isByPerson(message: SlackMessage, { bot }: Reading): boolean {
  const { subtype, bot_id, user } = message
  return written.has(subtype) && !bot_id && Boolean(user) && user !== bot && user !== 'USLACKBOT'
}

/** Whether somebody may have to do something about it: it begins a thread, a person wrote it, and it has words. */
export function isItem(message: SlackMessage, reading: Reading): boolean {
  const begins = !message.thread_ts || message.thread_ts === message.ts
  return (
    begins &&
    isByPerson(message, reading) &&
    message.subtype !== 'thread_broadcast' &&
    !isEmojiOnly(message.text ?? '')
  )
}

export const sentEvent = 'inlay_answer'

/**
 * @param thread what was written below it, oldest first; without it only labels are known
 */
export function standingOf(root: SlackMessage, thread: SlackMessage[], reading: Reading): Standing {
  if (reading.labels) {
    for (const { name = '', users = [] } of root.reactions ?? []) {
      const label = reading.labels.get(name.replace(/::skin-tone-\d$/, ''))
      const user = users.find((each) => each !== reading.bot)
      if (label !== undefined && user) return { state: 'done', label, user, answer: null }
    }
    return { state: 'open' }
  }
  for (const reply of thread) {
    const answer = reply.ts === root.ts ? null : answerFrom(reply, root, reading)
    if (answer) return { state: 'done', label: null, user: answer.user, answer }
  }
  return { state: 'open' }
}

function answerFrom(reply: SlackMessage, root: SlackMessage, reading: Reading): Answer | null {
  const { ts, text = '', edited, metadata } = reply
  const common = { ts, edited: edited?.ts ?? null, text: plainText(text) }
  if (metadata?.event_type === sentEvent && reply.user === reading.bot) {
    return { ...common, user: String(metadata.event_payload?.person ?? ''), via: true }
  }
  if (!isByPerson(reply, reading) || reply.user === root.user || isEmojiOnly(text)) return null
  return { ...common, user: reply.user!, via: false }
}

export function itemFrom(
  root: SlackMessage,
  channel: string,
  { team }: Reading,
  person: string | null,
): Message {
  return plainMessage(keyOf(channel, root.ts), plainText(root.text ?? ''), {
    group: keyOf(channel, root.thread_ts ?? root.ts),
    at: timeOf(root.ts),
    person,
    // Who is behind it is never looked up.
    from: root.user ? { name: '', address: `${root.user}@${team}.slack`.toLowerCase() } : null,
    attachments: (root.files ?? []).flatMap(({ name }) => (name ? [name] : [])),
  })
}

export function deedFrom(
  standing: Standing,
  at: number | null,
  pseudonym: (raw: string) => string,
): MessageDeed {
  const done = standing.state === 'done' ? standing : { label: null, user: null, answer: null }
  return {
    kind: 'message',
    at: done.answer ? timeOf(done.answer.ts) : at,
    person: done.user ? pseudonym(done.user) : null,
    // A thread does not tell how long somebody was at it.
    seconds: null,
    secondsFrom: null,
    label: done.label,
    reply: done.answer?.text ?? null,
  }
}
