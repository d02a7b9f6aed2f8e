import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Example } from '../../contract/index.ts'
import { parseLine } from '../growing-lines.ts'
import { messagesSince, threadOf } from './slack-channels.ts'
import type { SlackDesk } from './slack-desk.ts'
import {
  deedFrom,
  isItem,
  itemFrom,
  keyOf,
  leftAloneMs,
  type SlackMessage,
  standingOf,
  timeOf,
} from './slack-messages.ts'

/**
 * What people did before: questions with the answer that somebody gave in the thread, or messages with the emoji that
 * somebody chose; and what was left alone for a week. A call a thread is all that Slack allows, so threads that were
 * read lie in the folder until the import is over, and one that was broken off goes on where it was.
 *
 * @param days how far back
 */
export async function* slackHistory(
  desk: SlackDesk,
  folder: string,
  days: number,
  progress?: (done: number, total: number) => void,
): AsyncIterable<Example<'message'>> {
  const { api, channels, reading, health, now, pseudonym } = desk
  const path = join(folder, 'import.jsonl')
  const read = new Map<string, { size: string; thread: SlackMessage[] }>()
  for (const line of (await readFile(path, 'utf8').catch(() => '')).split('\n')) {
    const known = parseLine<{ key: string; size: string; thread: SlackMessage[] }>(line)
    if (known) read.set(known.key, known)
  }
  const roots: { channel: string; root: SlackMessage }[] = []
  for (const channel of channels) {
    for await (const page of messagesSince(api, channel, now() / 1000 - days * 86_400)) {
      for (const root of page) if (isItem(root, reading)) roots.push({ channel, root })
      progress?.(0, roots.length)
    }
  }
  roots.sort((a, b) => Number(a.root.ts) - Number(b.root.ts))
  for (const [at, { channel, root }] of roots.entries()) {
    const key = keyOf(channel, root.ts)
    const size = `${root.reply_count ?? 0} ${root.latest_reply ?? ''}`
    let thread = [root]
    if (!reading.labels && root.reply_count) {
      const known = read.get(key)
      thread = known?.size === size ? known.thread : ((await threadOf(api, channel, root.ts)) ?? [])
      if (known?.size !== size) {
        const small = thread.map(({ ts, thread_ts, user, bot_id, subtype, text, edited, metadata }) => ({
          ...{ ts, thread_ts, user, bot_id, subtype, text, edited, metadata },
        }))
        await appendFile(path, `\n${JSON.stringify({ key, size, thread: small })}\n`)
      }
    }
    progress?.(at + 1, roots.length)
    const standing = standingOf(root, thread, reading)
    // What a person sent by our button may be our words.
    if (standing.state === 'done' && standing.answer?.via) continue
    if (standing.state === 'open' && now() - timeOf(root.ts) <= leftAloneMs) continue
    yield { item: itemFrom(root, channel, reading, null), deed: deedFrom(standing, null, pseudonym) }
  }
  health.read()
  await rm(path, { force: true })
}
