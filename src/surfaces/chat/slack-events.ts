import { doers, type SlackDesk } from './slack-desk.ts'
import type { Looker } from './slack-look.ts'
import { isItem, keyOf, type SlackMessage } from './slack-messages.ts'
import { plainText } from './slack-text.ts'

interface SlackEvent extends Partial<SlackMessage> {
  type: string
  channel?: string
  channel_type?: string
  message?: SlackMessage
  previous_message?: SlackMessage
  deleted_ts?: string
  item?: { type?: string; channel?: string; ts?: string }
  reaction?: string
  tokens?: { bot?: string[] }
  tab?: string
}

/**
 * Takes one event of the Events API. The same one again, or one that comes late, changes nothing: what is in Slack is
 * what counts, and only a new message is taken as the event tells it.
 */
export async function takeEvent(desk: SlackDesk, looker: Looker, event: SlackEvent): Promise<void> {
  const { log, reading, channels } = desk
  if (event.type === 'message' && event.channel_type === 'im') return takeWish(desk, event)
  if (event.type === 'app_home_opened') {
    if (event.tab === 'home' && event.user) await desk.home.show(event.user)
    return
  }
  if (event.type === 'reaction_added' || event.type === 'reaction_removed') {
    const { channel, ts } = event.item ?? {}
    const counts = reading.labels?.has((event.reaction ?? '').replace(/::skin-tone-\d$/, ''))
    if (!counts || !channel || !ts || !channels.includes(channel)) return
    if (log.states.has(keyOf(channel, ts))) await looker.noteNow(keyOf(channel, ts))
    return
  }
  if (event.type !== 'message' || !event.channel || !channels.includes(event.channel)) return
  const { channel } = event
  if (event.subtype === 'message_deleted' || event.subtype === 'message_changed') {
    const message = event.message ?? event.previous_message
    const ts = event.deleted_ts ?? message?.ts
    if (!ts) return
    const key = keyOf(channel, message?.thread_ts ?? ts)
    if (log.states.has(key)) await looker.noteNow(key)
    return
  }
  const message = event as SlackMessage
  if (!message.ts) return
  if (message.thread_ts && message.thread_ts !== message.ts) {
    const key = keyOf(channel, message.thread_ts)
    const state = log.states.get(key)
    // The first answer is the answer; what is said after it changes nothing.
    const settled = state?.state === 'done' && Number(state.print.split(' ')[0]) <= Number(message.ts)
    if (!settled && !reading.labels) await looker.noteNow(key)
    return
  }
  const key = keyOf(channel, message.ts)
  if (!isItem(message, reading)) return
  await log.alone((write) => {
    if (!log.states.has(key)) looker.note(key, [message], write)
  })
  desk.health.read('a new message')
  desk.wake()
}

const confirmed = new Set<string>()

/** `off` and `on`, typed to the bot. */
async function takeWish(desk: SlackDesk, { channel, ts, user, text, bot_id, subtype }: SlackEvent) {
  const { log, api, reading } = desk
  const word = plainText(text ?? '')
    .trim()
    .toLowerCase()
    .replace(/[.!]+$/, '')
  if (bot_id || subtype || !user || user === reading.bot || !channel || !ts) return
  if (word !== 'on' && word !== 'off') return
  const at = Math.round(Number(ts) * 1000)
  const fresh = await log.alone((write) => {
    const told = log.lines.some(
      (line) => line.type === 'wish' && line.user === user && Number(line.ts) >= Number(ts),
    )
    if (!told) write({ type: 'wish', user, wish: word, ts, at })
    return !told
  })
  desk.wake()
  // Several deployments of one app hear the same word; it is answered once.
  if (!fresh || confirmed.has(`${channel} ${ts}`)) return
  confirmed.add(`${channel} ${ts}`)
  const answer =
    word === 'off'
      ? 'Inlay is off for you, from now on. Type `on` to have it back.'
      : 'Inlay is on for you again. Type `off` and it is off at once.'
  await api.call('chat.postMessage', { channel, text: answer }, { once: true })
}

/** What people typed to the bot while nobody listened; of the last week. */
export async function missedWishes(desk: SlackDesk): Promise<void> {
  const { api, log, now, reading } = desk
  const said = new Set(log.lines.flatMap((line) => (line.type === 'wish' ? [line.user] : [])))
  for (const user of new Set([...doers(desk), ...said])) {
    const opened = await api.call<{ channel: { id: string } }>('conversations.open', { users: user })
    const channel = opened.channel.id
    const oldest = (now() / 1000 - 7 * 86_400).toFixed(6)
    const page = await api.call<{ messages: SlackMessage[] }>('conversations.history', {
      channel,
      oldest,
      limit: 100,
    })
    const own = page.messages.filter((each) => each.user !== reading.bot)
    for (const message of own.reverse()) await takeWish(desk, { ...message, type: 'message', channel })
  }
}
