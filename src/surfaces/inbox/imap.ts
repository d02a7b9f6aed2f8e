import { join } from 'node:path'
import type { ImapFlow } from 'imapflow'
import { z } from 'zod'
import { Fault, healthKeeper, type Surface, type Vault } from '../../contract/index.ts'
import { keyHash } from './compose.ts'
import { type ImapAccount, imapConnection } from './imap-connection.ts'
import { type ImapFolder, listFolders } from './imap-folders.ts'
import { imapHistory } from './imap-history.ts'
import { type ImapCopy, type ImapMailbox, openImapMailbox } from './imap-mailbox.ts'
import {
  announceInImap,
  type ImapDetail,
  type ImapEntry,
  type ImapHand,
  placeInImap,
  withdrawFromImap,
} from './imap-place.ts'
import { fetchStart } from './imap-text.ts'
import { openJournal } from './journal.ts'
import { openIndex } from './mail-index.ts'
import { changesSince, settlingMs, watchMailbox, withHealth } from './mailbox-watch.ts'
import { type MailHead, readMessage } from './message.ts'
import { accessToken, tokenIssuers } from './oauth-token.ts'
import { resemblance, sketchOf } from './text-sketch.ts'

const settings = z
  .strictObject({
    host: z.string().min(1).meta({ place: true }).describe('The IMAP server, such as imap.example.org'),
    user: z.string().min(1).meta({ place: true }).describe('The user name there, most often the address'),
    password: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe(
        'The password; many providers want an app password. Leave it out where a refresh token is given',
      ),
    port: z.coerce
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('The port; 993, or 143 without TLS from the start'),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .default('tls')
      .describe("'tls' from the start, 'starttls', or 'none', which is for a server on this machine only"),
    oauth: z
      .string()
      .regex(
        /^(google|microsoft|https:\/\/\S+|http:\/\/(localhost|127\.0\.0\.1)[:/]\S*)$/,
        'google, microsoft or the address of a token endpoint',
      )
      .optional()
      .describe(
        "With a refresh token instead of a password: 'google', 'microsoft' or the address of the token endpoint",
      ),
    clientId: z.string().min(1).optional().describe('The client id that the refresh token was given to'),
    clientSecret: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('The secret of that client, where it has one'),
    refreshToken: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('The refresh token of the account'),
    me: z
      .array(z.string().regex(/^\S+@\S+$/, 'an address such as anna@example.org'))
      .optional()
      .describe(
        "The owner's addresses, so that sent mail and answers are known as theirs; the user name if it is one",
      ),
    ignore: z
      .array(z.string().min(1))
      .optional()
      .describe("Folders that Inlay does not look at, levels parted by '/'"),
    labels: z
      .enum(['keywords', 'gmail', 'folders'])
      .default('keywords')
      .describe(
        "How a label is shown: as a keyword, as one of Gmail's labels, or as a copy in a folder below Inlay, for servers that allow no keywords",
      ),
    drafts: z
      .string()
      .min(1)
      .optional()
      .describe('The folder for drafts, where the server does not say which it is'),
    pollSeconds: z.coerce
      .number()
      .min(0.1)
      .max(3600)
      .default(30)
      .describe('Seconds between looks at the folders beside the inbox while nothing happens'),
    timeoutSeconds: z.coerce
      .number()
      .min(1)
      .max(300)
      .default(40)
      .describe('Seconds after which a server that says nothing is taken for gone'),
  })
  .superRefine(({ password, oauth, clientId, refreshToken, security, host }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (!password && !refreshToken) issue('password', 'a password is needed, or oauth with a refreshToken')
    if (refreshToken && !oauth)
      issue('oauth', 'a refreshToken needs oauth: google, microsoft or a token endpoint')
    if (refreshToken && !clientId) issue('clientId', 'a refreshToken needs the clientId that it was given to')
    if (security === 'none' && !/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) {
      issue('security', 'a password is not sent in the open to another machine; use tls or starttls')
    }
  })

/** The connection that places is closed when it was not used for so long. */
const handRestsAfterMs = 60_000
/** Folders are listed again for a placement after so long. */
const listedForMs = 60_000

type Settings = z.infer<typeof settings>

/**
 * A mailbox on any IMAP server. A label is the folder that a person files a message into, or a keyword they set. A
 * suggestion is a keyword on the message, which mail programs show beside it, or a draft of the answer in the folder
 * for drafts. Nothing is ever sent, and attachments are never read.
 */
export const imap: Surface<Settings> = {
  name: 'imap',
  about:
    'A mailbox on any IMAP server; needs its host, and the user with a password or an OAuth refresh token',
  settings,
  hops: 0,
  async open(given, { folder, now, pseudonym, vault, progress }) {
    const { user, ignore = [], drafts, labels, pollSeconds } = given
    const me = (given.me ?? (user.includes('@') ? [user] : [])).map((address) => address.toLowerCase())
    const person = me[0] ? pseudonym(me[0]) : null
    const account = accountOf(given, vault)
    const health = healthKeeper(now, 3000 * pollSeconds + 1000 * account.timeoutSeconds)
    const journal = await openJournal<ImapDetail>(folder)
    const watched = join(folder, 'watch')
    // A connection for every mailbox to place into would be one too many where there are a thousand.
    const handConnection = imapConnection(account, { closeAfterMs: handRestsAfterMs })
    await checkAccount()

    async function checkAccount() {
      try {
        await handConnection.use(async (client) => {
          const folders = await listFolders(client, { ignore, drafts })
          const lock = await client.getMailboxLock('INBOX', { readOnly: true })
          lock.release()
          if (drafts && !folders.some(({ path, role }) => role === 'drafts' && path === drafts)) {
            throw new Fault(
              'bad-input',
              `There is no folder "${drafts}" for drafts; there are ${folders.map(({ path }) => path).join(', ')}.`,
            )
          }
        })
      } catch (cause) {
        await handConnection.close()
        throw cause
      }
    }

    async function look(options: { everything: boolean; lostSince: number | null }) {
      const index = await openIndex(options.everything ? join(folder, 'history') : watched)
      const lost = index.told.size === 0 ? options.lostSince : null
      const connection = imapConnection(account)
      const mailbox = openImapMailbox({
        connection,
        index,
        memory: options.everything ? join(folder, 'history') : watched,
        ignore,
        drafts,
        me: new Set(me),
        now,
        everything: options.everything,
        lostSince: lost,
        pollSeconds,
        answeredBy: (head, copy, client) => answeredBy(head, copy, client),
        ...(progress && { progress }),
      })
      return { index, mailbox, connection }
    }

    /** Mail programs may have taken away all that ties a mail to what it answers: by our header, our Message-ID, our text. */
    async function answeredBy(head: MailHead, copy: ImapCopy, client: ImapFlow): Promise<string | null> {
      const addressed = (head.header('to') ?? '').toLowerCase()
      const subject = bare(head.header('subject') ?? '')
      for (const { key, detail } of (await journal.read()).values()) {
        if (detail.type !== 'reply') continue
        if (head.inlay === `draft ${keyHash(key)}` || head.id === detail.messageId) return detail.answers
        if (!addressed.includes(detail.to) || subject !== bare(detail.subject)) continue
        const { text } = await readMessage(await fetchStart(client, copy.uid))
        if (resemblance(sketchOf(text), detail.sketch) >= 0.5) return detail.answers
      }
      return null
    }

    let live: Awaited<ReturnType<typeof look>> | null = null
    let listed: { at: number; folders: ImapFolder[] } | null = null
    const hand: ImapHand = {
      connection: handConnection,
      journal,
      labels,
      ignore,
      drafts,
      me: me[0] ?? null,
      now,
      async folders(client) {
        if (!listed || Date.now() - listed.at > listedForMs) {
          listed = { at: Date.now(), folders: await listFolders(client, { ignore, drafts }) }
        }
        return listed.folders
      },
      async find(key) {
        const copies = live ? live.mailbox.copiesOf(key) : await remembered(key)
        return copies.find((copy) => copy.folder.role === 'inbox') ?? null
      },
    }
    /** Where a watch in another opening of this surface has seen the item. */
    async function remembered(key: string): Promise<Pick<ImapCopy, 'uid' | 'uidValidity' | 'folder'>[]> {
      const index = await openIndex(watched)
      return [...index.mails.values()].flatMap((mail) => {
        const [, uidValidity, uid, path] = /^(\d+)\.(\d+)\.(.*)$/s.exec(mail.unique) ?? []
        const isInbox = path?.toUpperCase() === 'INBOX'
        if (mail.key !== key || !isInbox) return []
        const place = { path, name: '', role: 'inbox' as const, everything: false, status: null }
        return [{ uid: Number(uid), uidValidity: uidValidity!, folder: place }]
      })
    }

    return {
      message: {
        async *history() {
          const { mailbox, index, connection } = await look({ everything: true, lostSince: null })
          try {
            yield* imapHistory({
              mailbox,
              index,
              folder: join(folder, 'history'),
              now,
              person,
              ...(progress && { progress }),
            })
          } finally {
            await connection.close()
          }
        },
        async *watch(since, signal) {
          if (signal.aborted) return
          const looking = await look({ everything: false, lostSince: since ? changesSince(since) : null })
          const mailbox = withHealth(looking.mailbox, health)
          const vanished = new Map<string, number>()
          live = looking
          try {
            yield* watchMailbox(
              {
                ...looking,
                mailbox,
                journal,
                now,
                person,
                isInPlace: async (entry) => isInPlace(entry, mailbox, vanished),
                async takeBackAnswered(entry) {
                  const { detail } = entry
                  if (detail.type !== 'reply' || !detail.answers) return
                  const ours = ({ uid, uidValidity }: ImapCopy) =>
                    uid === detail.uid && uidValidity === detail.uidValidity
                  if (!mailbox.draftsFor(detail.answers).some(ours)) return
                  await withdrawFromImap(hand, { key: entry.key, ref: detail.messageId })
                },
              },
              since,
              signal,
            )
          } finally {
            if (live === looking) live = null
            await looking.connection.close()
          }
        },
        async place(item, suggestion, key) {
          const placed = await placeInImap(hand, item, suggestion, key)
          if (placed.placed)
            health.did(suggestion.value.type === 'reply' ? 'placed a draft' : 'placed a label')
          return placed
        },
        withdraw: (placement) => withdrawFromImap(hand, placement),
        announce: (card) => announceInImap(hand, card),
      },
      health: () => health.health,
      close: () => handConnection.close(),
    }
  },
}

/** Whether a placed suggestion can still be seen; a draft that has just gone may be on its way to the sent mail. */
function isInPlace(
  { item, detail }: ImapEntry,
  mailbox: ImapMailbox,
  vanished: Map<string, number>,
): boolean {
  if (detail.type === 'label') {
    // A copy in a folder of Inlay's own may be tidied away without any opinion about the label.
    if (detail.how === 'folder') return true
    return mailbox
      .copiesOf(item)
      .some(({ flags, labels }) => flags.has(detail.label) || labels.has(detail.label))
  }
  // Mail programs save an edited draft anew: then any draft counts.
  if (!detail.answers || mailbox.draftsFor(detail.answers).length > 0) {
    vanished.delete(detail.messageId)
    return true
  }
  const since = vanished.get(detail.messageId)
  if (since !== undefined && Date.now() - since >= settlingMs) return false
  if (since === undefined) vanished.set(detail.messageId, Date.now())
  mailbox.lookAgain(item)
  return true
}

/** How the server is reached, from the settings. */
function accountOf(given: Settings, vault: Vault): ImapAccount {
  const { host, user, password, security, timeoutSeconds, oauth, clientId, clientSecret, refreshToken } =
    given
  const port = given.port ?? (security === 'tls' ? 993 : 143)
  const issuer =
    oauth === 'google' || oauth === 'microsoft'
      ? tokenIssuers[oauth]
      : oauth && { issuer: new URL(oauth).host, tokenUrl: oauth, scope: undefined }
  const token =
    issuer && refreshToken && clientId
      ? accessToken({ ...issuer, clientId, clientSecret, refreshToken, user }, vault)
      : undefined
  return { host, port, security, user, timeoutSeconds, ...(token ? { token } : { password }) }
}

const bare = (subject: string) =>
  subject
    .replace(/^\s*((re|aw|sv|antw|fwd?|wg)\s*:\s*)+/i, '')
    .trim()
    .toLowerCase()
