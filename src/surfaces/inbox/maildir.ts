import { z } from 'zod'
import type { Surface } from '../../contract/index.ts'
import { type JournalEntry, openJournal } from './journal.ts'
import { openIndex } from './mail-index.ts'
import { changesSince, mailboxHistory, watchMailbox } from './mailbox-watch.ts'
import { findFolders, unreachable } from './maildir-folders.ts'
import { openMailbox } from './maildir-mailbox.ts'
import {
  announceInMaildir,
  isInPlace,
  type MaildirDetail,
  type PlaceTools,
  placeInMaildir,
  withdrawFromMaildir,
} from './maildir-place.ts'

const settings = z.strictObject({
  path: z.string().min(1).describe("The mailbox: a folder that holds 'cur' and 'new'"),
  me: z
    .array(z.string().regex(/^\S+@\S+$/, 'an address such as anna@example.org'))
    .optional()
    .describe("The owner's addresses, so that sent mail and answers are known as theirs"),
  ignore: z
    .array(z.string().min(1))
    .optional()
    .describe("Folders that Inlay does not look at, levels parted by '/'"),
})

/**
 * A mailbox in Maildir format: what Dovecot, Courier and Postfix deliver into and mutt, offlineimap and mbsync keep.
 * A label is the folder that a person files a message into. A suggestion is an IMAP keyword on the message, which
 * mail programs show beside it, or a draft of the answer.
 */
export const maildir: Surface<z.infer<typeof settings>> = {
  name: 'maildir',
  about: 'A mailbox kept as a Maildir folder on this machine; needs to read it and to rename files in it',
  settings,
  hops: 0,
  async open({ path, me = [], ignore = [] }, { folder, now, pseudonym }) {
    const { folders } = await findFolders(path, ignore)
    if (!folders.some(({ role }) => role === 'inbox')) throw unreachable(path)
    const addresses = me.map((address) => address.toLowerCase())
    const person = addresses[0] ? pseudonym(addresses[0]) : null
    const journal = await openJournal<MaildirDetail>(folder)

    /** Each use has its own picture of the mailbox; what was read of the files is shared through the folder. */
    async function look(readFiledSince: number) {
      const index = await openIndex(folder)
      const options = { root: path, ignore, me: new Set(addresses), index, now, readFiledSince }
      return { index, mailbox: openMailbox(options), journal, now, person, me: addresses[0] ?? null }
    }
    let hand: Promise<PlaceTools> | null = null
    function placing() {
      hand ??= look(Number.POSITIVE_INFINITY).catch((error) => {
        hand = null
        throw error
      })
      return hand
    }

    return {
      message: {
        async *history() {
          yield* mailboxHistory(await look(0))
        },
        async *watch(since, signal) {
          if (signal.aborted) return
          const looking = await look(changesSince(since))
          const tools = {
            ...looking,
            isInPlace: isInPlace.bind(null, looking.mailbox),
            async takeBackAnswered({ key, detail }: JournalEntry<MaildirDetail>) {
              if (detail.type !== 'reply' || looking.mailbox.named(detail.unique).length === 0) return
              await withdrawFromMaildir(await placing(), { key, ref: detail.unique })
            },
          }
          yield* watchMailbox(tools, since, signal)
        },
        async place(item, suggestion, key) {
          return placeInMaildir(await placing(), item, suggestion, key)
        },
        async withdraw(placement) {
          await withdrawFromMaildir(await placing(), placement)
        },
        async announce(card) {
          await announceInMaildir(await placing(), card)
        },
      },
      async close() {},
    }
  },
}
