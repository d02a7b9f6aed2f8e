import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { Surface } from '../../contract/index.ts'
import { openJournal } from './journal.ts'
import { openIndex } from './mail-index.ts'
import { mailboxHistory, watchMailbox } from './mailbox-watch.ts'
import { findMboxes, type MboxFile, readFrom } from './mbox-files.ts'
import { openMboxMailbox } from './mbox-mailbox.ts'
import {
  announceInMbox,
  type MboxDetail,
  type MboxTools,
  placeInMbox,
  withdrawFromMbox,
} from './mbox-place.ts'

const settings = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("An mbox file, or a folder of them as Thunderbird keeps it; '.gz' files are history only"),
  me: z
    .array(z.string().regex(/^\S+@\S+$/, 'an address such as anna@example.org'))
    .optional()
    .describe("The owner's addresses, so that sent mail and answers are known as theirs"),
})

/**
 * A mailbox in mbox files: Thunderbird's local folders, the spool of a Unix host, a list's archive. A label is the
 * file a message was moved to, or a keyword in its headers. A suggestion is a keyword, `X-Keywords: inlay/<label>`.
 */
export const mbox: Surface<z.infer<typeof settings>> = {
  name: 'mbox',
  about: 'A mailbox kept in mbox files on this machine; needs to read them and to write beside them',
  settings,
  hops: 0,
  async open({ path, me = [] }, { folder, now, pseudonym }) {
    await findMboxes(path)
    const addresses = me.map((address) => address.toLowerCase())
    const person = addresses[0] ? pseudonym(addresses[0]) : null
    const journal = await openJournal<MboxDetail>(folder)
    const find = async () => (await findMboxes(path)).filter((file) => !file.packed)
    const look = (from = find) => openMboxMailbox({ find: from, me: new Set(addresses), now })
    const hand: MboxTools = { mailbox: look(), journal, find, me: addresses[0] ?? null, now }

    return {
      message: {
        async *history() {
          const { files, remove } = await unpacked(await findMboxes(path), folder)
          try {
            const index = await openIndex(folder)
            yield* mailboxHistory({ mailbox: look(async () => files), index, now, person })
          } finally {
            await remove()
          }
        },
        async *watch(since, signal) {
          if (signal.aborted) return
          const mailbox = look()
          const index = await openIndex(folder)
          yield* watchMailbox(
            {
              mailbox,
              index,
              journal,
              now,
              person,
              async takeBackAnswered({ key, item, detail }) {
                if (detail.type !== 'reply') return
                if (!mailbox.draftsFor(item).some(({ id }) => id === detail.messageId)) return
                await withdrawFromMbox(hand, { key, ref: detail.messageId })
              },
              async isInPlace({ item, detail }) {
                if (detail.type === 'reply') return !mailbox.isCurrent() || mailbox.draftsFor(item).length > 0
                const mails = mailbox.mailsOf(item)
                return !mailbox.isCurrent() || mails.some(({ keywords }) => keywords.includes(detail.keyword))
              },
            },
            since,
            signal,
          )
        },
        place: (item, suggestion, key) => placeInMbox(hand, item, suggestion, key),
        withdraw: (placement) => withdrawFromMbox(hand, placement),
        announce: (card) => announceInMbox(hand, card),
      },
      async close() {},
    }
  },
}

/** Gzipped files are unpacked for as long as they are read, for their messages are read in order of time. */
async function unpacked(files: MboxFile[], folder: string) {
  if (!files.some(({ packed }) => packed)) return { files, remove: async () => {} }
  await mkdir(folder, { recursive: true })
  const room = await mkdtemp(join(folder, 'unpacked-'))
  const all: MboxFile[] = []
  for (const [at, file] of files.entries()) {
    if (!file.packed) all.push(file)
    else {
      const path = join(room, `${at}.mbox`)
      await pipeline(readFrom(file.path), createWriteStream(path))
      all.push({ ...file, path, packed: false })
    }
  }
  return { files: all, remove: () => rm(room, { recursive: true, force: true }) }
}
