import type { Message, MessageDeed } from '../../contract/index.ts'
import { slackError } from './slack-calls.ts'
import { messagesSince, threadOf } from './slack-channels.ts'
import { doerOf, type SlackDesk } from './slack-desk.ts'
import type { LogLine } from './slack-log.ts'
import {
  deedFrom,
  isItem,
  itemFrom,
  keyOf,
  leftAloneMs,
  placeOfKey,
  type SlackMessage,
  type Standing,
  standingOf,
  timeOf,
} from './slack-messages.ts'

/** Messages as they were last seen, so that they need not be read again; the oldest are forgotten. */
const mostKept = 2000

/** Compares what is in Slack with what was told, and writes the difference to the log. */
export function looker(desk: SlackDesk) {
  const { api, log, reading, channels, health, now } = desk
  const kept = new Map<string, SlackMessage[]>()
  /** Thread → how much was in it when it was last read. */
  const threadsRead = new Map<string, string>()

  function keep(key: string, thread: SlackMessage[]) {
    kept.delete(key)
    kept.set(key, thread)
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
  }

  /** A message with what is below it, where that counts; null when it is gone. */
  async function read(key: string): Promise<SlackMessage[] | null> {
    const { channel, ts } = placeOfKey(key)
    return threadOf(api, channel, ts)
  }

  function note(key: string, thread: SlackMessage[] | null, write: (line: LogLine) => void) {
    const before = log.states.get(key)
    const at = now()
    const root = thread?.find(({ ts }) => ts === placeOfKey(key).ts)
    if (!thread || !root || !isItem(root, reading)) {
      if (before && before.state !== 'gone') write({ type: 'gone', key, at })
      return
    }
    keep(key, thread)
    const size = sizeOf(root)
    const standing = standingOf(root, thread, reading)
    const late = standing.state === 'open' && at - timeOf(root.ts) > leftAloneMs
    const print = late ? 'left alone' : printOf(standing)
    const user = standing.state === 'done' ? standing.user : null
    if (standing.state === 'open' && !late) {
      if (before?.state !== 'open') write({ type: 'item', key, at, size })
    } else if (!before || before.state === 'gone') {
      write({ type: 'known', key, at, print, user, size })
    } else if (before.print !== print) write({ type: 'deed', key, at, print, user, size })
  }

  async function noteNow(key: string) {
    const thread = await read(key)
    await log.alone((write) => note(key, thread, write))
    desk.wake()
    await tidyHome()
  }

  async function tidyHome() {
    if (!(await desk.home.isTidy())) await desk.journal.alone(() => desk.home.tidy())
  }

  /** Reads everything that may still be open, in all channels. */
  async function everything() {
    const before = log.lines.length
    let count = 0
    const left: unknown[] = []
    for (const channel of channels) {
      try {
        count += await lookAt(channel)
      } catch (cause) {
        // A channel that was archived, or that the app was put out of, does not stop the others.
        if (!['not_in_channel', 'channel_not_found', 'is_archived'].includes(slackError(cause) ?? ''))
          throw cause
        left.push(cause)
      }
    }
    if (left.length === channels.length) throw left[0]
    health.read(log.lines.length > before ? `news among ${count} messages of the last week` : undefined)
    if (left.length > 0)
      health.waits(`an invitation: it is not in ${left.length} of ${channels.length} channels`)
    desk.wake()
    await tidyHome()
  }

  /** @returns how many messages there are in the channel */
  async function lookAt(channel: string): Promise<number> {
    const begun = now()
    const roots: SlackMessage[] = []
    for await (const page of messagesSince(api, channel, (begun - leftAloneMs) / 1000)) roots.push(...page)
    roots.sort((a, b) => Number(a.ts) - Number(b.ts))
    const there = new Set<string>()
    const found = new Map<string, SlackMessage[] | null>()
    for (const root of roots) {
      if (!isItem(root, reading)) continue
      const key = keyOf(channel, root.ts)
      there.add(key)
      const size = sizeOf(root)
      if (reading.labels || !root.reply_count) found.set(key, [root])
      else if ((threadsRead.get(key) ?? log.states.get(key)?.size) !== size) {
        found.set(key, await read(key))
        threadsRead.set(key, size)
      }
    }
    // It was deleted, or is older by now than what was read: only a look at it tells.
    for (const [key, { state }] of log.states) {
      if (state !== 'open' || there.has(key) || placeOfKey(key).channel !== channel) continue
      found.set(key, await read(key))
    }
    await log.alone((write) => {
      for (const [key, thread] of found) {
        // An event told more of it than these pages did.
        if ((log.states.get(key)?.at ?? 0) < begun) note(key, thread, write)
      }
    })
    return roots.length
  }

  /** The thread as it was last seen, or as it is now; null when it is gone. */
  async function thread(key: string): Promise<SlackMessage[] | null> {
    const known = kept.get(key)
    if (known) return known
    const found = await read(key)
    if (found) keep(key, found)
    return found
  }

  async function item(key: string): Promise<Message | null> {
    const { channel, ts } = placeOfKey(key)
    const root = (await thread(key))?.find((each) => each.ts === ts)
    if (!root) return null
    const doer = doerOf(desk, channel, root.user)
    return itemFrom(root, channel, reading, doer ? desk.pseudonym(doer) : null)
  }

  async function deed(key: string, at: number): Promise<MessageDeed | null> {
    const all = await thread(key)
    const root = all?.find(({ ts }) => ts === placeOfKey(key).ts)
    return all && root ? deedFrom(standingOf(root, all, reading), at, desk.pseudonym) : null
  }

  return { everything, noteNow, note, keep, item, deed, kept }
}

export type Looker = ReturnType<typeof looker>

/** Another one says that something was written below, or deleted. */
const sizeOf = ({ reply_count = 0, latest_reply = '' }: SlackMessage) => `${reply_count} ${latest_reply}`

function printOf(standing: Standing): string {
  if (standing.state === 'open') return ''
  const { answer, label } = standing
  return answer ? `${answer.ts} ${answer.edited ?? ''}` : `label ${label}`
}
