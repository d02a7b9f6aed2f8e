import type { Example, Message } from '../../contract/index.ts'
import type { ImapCopy, ImapMailbox } from './imap-mailbox.ts'
import type { MailIndex } from './mail-index.ts'
import { deedOf } from './mailbox-watch.ts'
import { chunks } from './uid-set.ts'

/** Messages whose texts are in memory at the same time. */
const window = 1_000
/** Messages of one command. */
const atOnce = 250

interface HistoryTools {
  mailbox: ImapMailbox
  index: MailIndex
  now(): number
  /** Pseudonym of the owner; null when unknown. */
  person: string | null
  progress?(done: number, total: number): void
}

/**
 * What people did before, oldest first: filed, labelled, answered and left-alone messages. Heads are read first, and
 * kept between runs; then the texts, folder by folder within a window of time. A lost connection is opened again and
 * the window goes on.
 */
export async function* imapHistory(tools: HistoryTools): AsyncGenerator<Example<'message'>> {
  const { mailbox, now, progress } = tools
  await mailbox.refresh()
  const done = [...mailbox.keys()].flatMap((key) => {
    const found = mailbox.standing(key, now())
    return found.state === 'done' ? [{ ...found, key, at: mailbox.arrival(found.copy) ?? 0 }] : []
  })
  done.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
  let told = 0
  for (const part of chunks(done, window)) {
    const wanted = part.flatMap(({ copy, reply }) => (reply ? [copy, reply] : [copy]))
    const read = new Map<string, Message>()
    for (const folder of Map.groupBy(new Set(wanted), ({ folder: { path } }) => path).values()) {
      for (const copies of chunks(folder as ImapCopy[], atOnce)) {
        for (const { copy, message } of await mailbox.messages(copies)) read.set(copy.unique, message)
      }
    }
    for (const { copy, label, reply } of part) {
      told++
      const item = read.get(copy.unique)
      if (!item) continue
      const answer = (reply && read.get(reply.unique)) ?? null
      yield { item, deed: deedOf(tools, label, answer, answer?.at ?? null, null) }
    }
    progress?.(told, done.length)
  }
}
