import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Example, healthKeeper, type Message, type Surface } from '../../contract/index.ts'
import { keyHash } from './compose.ts'
import { type GmailMessage, gmailApi } from './gmail-api.ts'
import { type GmailCopy, inParallel, openGmailMailbox } from './gmail-mailbox.ts'
import {
  announceInGmail,
  type GmailDetail,
  type GmailHand,
  isUnedited,
  placeInGmail,
  withdrawFromGmail,
} from './gmail-place.ts'
import { openJournal } from './journal.ts'
import { openIndex } from './mail-index.ts'
import { changesSince, deedOf, draftsInPlace, watchMailbox, withHealth } from './mailbox-watch.ts'
import type { MailHead } from './message.ts'
import { accessToken, tokenIssuers } from './oauth-token.ts'
import { chunks } from './uid-set.ts'

const local = /^(https:\/\/\S+|http:\/\/(localhost|127\.0\.0\.1)[:/]\S*)$/

const settings = z.strictObject({
  user: z
    .string()
    .regex(/^\S+@\S+$/, 'an address such as anna@example.org')
    .meta({ place: true })
    .describe('The address of the account'),
  clientId: z.string().min(1).describe('The OAuth client id that the refresh token was given to'),
  clientSecret: z.string().min(1).meta({ secret: true }).describe('The secret of that client'),
  refreshToken: z
    .string()
    .min(1)
    .meta({ secret: true })
    .describe('The refresh token, for the scope https://www.googleapis.com/auth/gmail.modify'),
  me: z
    .array(z.string().regex(/^\S+@\S+$/, 'an address such as anna@example.org'))
    .optional()
    .describe("The owner's further addresses, so that sent mail and answers are known as theirs"),
  pollSeconds: z.coerce.number().min(0.1).max(3600).default(10).describe('Seconds between two looks'),
  apiUrl: z
    .string()
    .regex(local, 'an https address')
    .optional()
    .describe("Where the API is, if not at Google's own address"),
  tokenUrl: z
    .string()
    .regex(local, 'an https address')
    .optional()
    .describe("Where tokens are, if not at Google's own address"),
})

/** Texts of this many messages are in memory at the same time. */
const window = 200

/**
 * A Gmail account through its API. A label of the person's own is a label, archiving is leaving alone. A suggestion is
 * a label below `Inlay/`, or a draft in the thread that it answers. Nothing is ever sent.
 */
export const gmail: Surface<z.infer<typeof settings>> = {
  name: 'gmail',
  about: 'A Gmail account; needs an OAuth client and a refresh token for reading, labelling and drafting',
  settings,
  hops: 0,
  async open(given, { folder, now, pseudonym, vault, progress }) {
    const { user, apiUrl, tokenUrl, clientId, clientSecret, refreshToken, pollSeconds } = given
    const me = [user, ...(given.me ?? [])].map((address) => address.toLowerCase())
    const person = pseudonym(me[0]!)
    const issuer = { ...tokenIssuers.google, ...(tokenUrl && { tokenUrl }) }
    const token = accessToken({ ...issuer, clientId, clientSecret, refreshToken, user }, vault)
    const health = healthKeeper(now, 3000 * pollSeconds + 60_000)
    const api = gmailApi({ token, rootUrl: apiUrl, user })
    const journal = await openJournal<GmailDetail>(folder)
    await api.call((client) => client.users.labels.list({ userId: 'me' }))

    async function look(options: { everything: boolean; lostSince: number | null }) {
      const memory = join(folder, options.everything ? 'history' : 'watch')
      const index = await openIndex(memory)
      const lostSince = index.told.size === 0 ? options.lostSince : null
      const { everything } = options
      const shared = { api, index, memory, me: new Set(me), now, pollSeconds, answeredBy }
      return {
        index,
        mailbox: openGmailMailbox({ ...shared, everything, lostSince, ...(progress && { progress }) }),
      }
    }

    /** What is sent from a draft of ours bears its header, its Message-ID, or at least lies in its thread. */
    async function answeredBy(head: MailHead, message: GmailMessage): Promise<string | null> {
      for (const { key, detail } of (await journal.read()).values()) {
        if (detail.type !== 'reply') continue
        const ours = head.inlay === `draft ${keyHash(key)}` || head.id === detail.messageId
        if (ours || message.threadId === detail.thread) return detail.answers
      }
      return null
    }

    let live: Awaited<ReturnType<typeof look>> | null = null
    const hand: GmailHand = {
      api,
      journal,
      me: me[0]!,
      now,
      find: async (key) => live?.mailbox.copyOf(key)?.unique ?? (await remembered(key)),
      async announced(messageId, message) {
        const path = join(folder, 'cards.txt')
        const cards = (await readFile(path, 'utf8').catch(() => '')).split('\n')
        if (message && !cards.includes(messageId)) await appendFile(path, `${messageId}\n`)
        return cards.includes(messageId)
      },
    }
    /** What a watch in another opening of this surface has seen. */
    async function remembered(key: string): Promise<string | null> {
      const index = await openIndex(join(folder, 'watch'))
      return [...index.mails.values()].find((mail) => mail.key === key)?.unique ?? null
    }

    return {
      message: {
        async *history() {
          const { mailbox } = await look({ everything: true, lostSince: null })
          await mailbox.refresh()
          const done = [...mailbox.keys()].flatMap((key) => {
            const found = mailbox.standing(key, now())
            return found.state === 'done' ? [{ ...found, key, at: mailbox.arrival(found.copy) ?? 0 }] : []
          })
          done.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
          for (const part of chunks(done, window)) {
            const read = await inParallel(part, async ({ copy, label, reply }) => {
              const item = await mailbox.message(copy)
              const answer: Message | null = reply && (await mailbox.message(reply))
              return (
                item && ({ item, deed: deedOf({ person }, label, answer, answer?.at ?? null, null) } as const)
              )
            })
            for (const example of read) if (example) yield example satisfies Example<'message'>
          }
        },
        async *watch(since, signal) {
          if (signal.aborted) return
          const looking = await look({ everything: false, lostSince: since ? changesSince(since) : null })
          const mailbox = withHealth(looking.mailbox, health)
          live = looking
          const draftInPlace = draftsInPlace(mailbox)
          try {
            yield* watchMailbox(
              {
                ...looking,
                mailbox,
                journal,
                now,
                person,
                async isInPlace({ item, detail }) {
                  if (detail.type === 'label')
                    return mailbox.copyOf(item)?.labels.has(detail.labelId) ?? false
                  return draftInPlace(item, detail)
                },
                async takeBackAnswered({ key, detail }) {
                  if (detail.type !== 'reply' || !detail.answers) return
                  const ours = ({ unique }: GmailCopy) => unique === detail.message
                  if (
                    !mailbox.draftsFor(detail.answers).some(ours) ||
                    !(await isUnedited(api, detail, now()))
                  )
                    return
                  await withdrawFromGmail(hand, { key, ref: detail.messageId })
                },
              },
              since,
              signal,
            )
          } finally {
            if (live === looking) live = null
          }
        },
        async place(item, suggestion, key) {
          const placed = await placeInGmail(hand, item, suggestion, key)
          if (placed.placed)
            health.did(suggestion.value.type === 'reply' ? 'placed a draft' : 'placed a label')
          return placed
        },
        withdraw: (placement) => withdrawFromGmail(hand, placement),
        announce: (card) => announceInGmail(hand, card),
      },
      health: () => health.health,
      async close() {},
    }
  },
}
