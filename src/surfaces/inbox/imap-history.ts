import type { Example, Message } from '../../contract/index.ts'
import { type ImportLog, openImport } from './imap-import.ts'
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
  /** Private to this import. */
  folder: string
  index: MailIndex
  now(): number
  /** Pseudonym of the owner; null when unknown. */
  person: string | null
  progress?(done: number, total: number): void
}

/**
 * What people did before, oldest first: filed, labelled, answered and left-alone messages. Heads are read first, and
 * kept between runs; then the texts, folder by folder within a window of time, which lie in `folder` until the import is
 * over. A lost connection is opened again and the window goes on; an import that was broken off goes on where it was.
 */
export async function* imapHistory(tools: HistoryTools): AsyncGenerator<Example<'message'>> {
  const log = await openImport(tools.folder)
  try {
    yield* examplesIn(tools, log)
    await log.remove()
  } finally {
    await log.close()
  }
}

async function* examplesIn(tools: HistoryTools, log: ImportLog): AsyncGenerator<Example<'message'>> {
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
    const missing: ImapCopy[] = []
    for (const copy of new Set(wanted)) {
      const known = await log.read(copy.unique)
      if (known) read.set(copy.unique, known)
      else missing.push(copy)
    }
    for (const folder of Map.groupBy(missing, ({ folder: { path } }) => path).values()) {
      for (const copies of chunks(folder, atOnce)) {
        const found = await mailbox.messages(copies)
        for (const { copy, message } of found) read.set(copy.unique, message)
        await log.add(found.map(({ copy: { unique }, message }) => ({ unique, message })))
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
