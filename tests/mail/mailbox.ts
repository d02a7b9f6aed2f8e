import type { ImapFlow } from 'imapflow'
import type { Medium } from '../../src/surfaces/conformance.suite.ts'
import { mailText } from '../../src/surfaces/inbox/maildir-medium.suite.ts'
import { type Relay, relayTo } from './relay.ts'
import type { MailServer } from './server.ts'

/** A mail as servers want it, with CRLF. */
export const mailBytes = (...options: Parameters<typeof mailText>) => crlf(mailText(...options))
export const crlf = (text: string) => text.replace(/\r?\n/g, '\r\n')

let accounts = 0

/** An account of a test's own, and a mail program that works in it. */
export interface Mailbox {
  user: string
  /** Leads to the server; what the surface is told to connect to. */
  relay: Relay
  settings: ReturnType<MailServer['settings']> & { security: 'none'; pollSeconds: number }
  client: ImapFlow
  /** Puts a mail into a folder, which is made if need be; returns its UID. */
  put(path: string, mail: string, flags?: string[], at?: Date): Promise<number>
  uidOf(path: string, id: string): Promise<number>
  move(id: string, to: string, from?: string): Promise<void>
  drop(path: string, id: string): Promise<void>
  flag(path: string, id: string, flags: string[], how?: 'add' | 'remove'): Promise<void>
  /** The mails of a folder as text, with their flags. */
  list(path: string): Promise<{ uid: number; flags: string[]; source: string }[]>
  /** All folders; as `folder/uid` → flags and bytes. */
  snapshot(): Promise<Record<string, string>>
  remove(): Promise<void>
}

export async function newMailbox(server: MailServer, folders: string[] = ['Orders']): Promise<Mailbox> {
  const user = `u${process.pid}x${accounts++}`
  const relay = await relayTo(server.port)
  const client = await server.client(user)
  for (const folder of folders) await client.mailboxCreate(folder)

  async function inFolder<T>(path: string, work: () => Promise<T>): Promise<T> {
    const lock = await client.getMailboxLock(path)
    try {
      await client.noop()
      return await work()
    } finally {
      lock.release()
    }
  }
  async function find(id: string): Promise<number> {
    const [uid] = (await client.search({ header: { 'message-id': id } }, { uid: true })) || []
    if (uid === undefined) throw new Error(`there is no mail ${id} in this folder`)
    return uid
  }
  async function list(path: string) {
    return inFolder(path, async () => {
      const all = []
      if (!client.mailbox || client.mailbox.exists === 0) return []
      for (const each of await client.fetchAll('1:*', { uid: true, flags: true, source: true })) {
        // Another program may have removed it meanwhile.
        if (!each.source) continue
        const flags = [...(each.flags ?? [])].filter((flag) => flag !== '\\Recent').sort()
        all.push({ uid: each.uid, flags, source: each.source.toString('latin1') })
      }
      return all
    })
  }
  return {
    user,
    relay,
    client,
    settings: {
      ...server.settings(user),
      port: relay.port,
      security: 'none',
      pollSeconds: 0.4,
    },
    async put(path, mail, flags = [], at) {
      const appended = await client.append(path, crlf(mail), flags, at)
      return (appended || null)?.uid ?? 0
    },
    uidOf: (path, id) => inFolder(path, () => find(id)),
    move: (id, to, from = 'INBOX') =>
      inFolder(from, async () => {
        await client.messageMove(String(await find(id)), to, { uid: true })
      }),
    drop: (path, id) =>
      inFolder(path, async () => {
        await client.messageDelete(String(await find(id)), { uid: true })
      }),
    flag: (path, id, flags, how = 'add') =>
      inFolder(path, async () => {
        const uid = String(await find(id))
        if (how === 'add') await client.messageFlagsAdd(uid, flags, { uid: true })
        else await client.messageFlagsRemove(uid, flags, { uid: true })
      }),
    list,
    async snapshot() {
      const all: Record<string, string> = {}
      for (const { path, flags } of await client.list()) {
        if (flags.has('\\Noselect') || flags.has('\\NonExistent')) continue
        all[path] = ''
        for (const { uid, flags, source } of await list(path))
          all[`${path}/${uid}`] = `${flags.join(' ')}\n${source}`
      }
      return all
    },
    async remove() {
      client.close()
      await relay.cut()
    },
  }
}

/** A small mailbox for the conformance suite. */
export async function makeImap(server: MailServer): Promise<Medium<'message'>> {
  const box = await newMailbox(server)
  const put = (path: string, id: string, daysAgo: number, flags: string[] = []) =>
    box.put(path, mailText({ id, daysAgo }), flags, new Date(Date.now() - daysAgo * 86_400_000))
  await put('Orders', '<old-1@customer.example>', 30, ['\\Seen'])
  await put('INBOX', '<old-2@customer.example>', 20, ['\\Seen'])
  await put('INBOX', '<open-1@customer.example>', 2)
  await put('INBOX', '<open-2@customer.example>', 1)
  let count = 0
  const { host, user } = box.settings
  return {
    settings: box.settings,
    invalid: [
      {},
      { host, user },
      { ...box.settings, host: 'imap.example.org' },
      { ...box.settings, colour: 'red' },
      { ...box.settings, labels: 'stickers' },
      { ...box.settings, password: '', refreshToken: 'r' },
    ],
    snapshot: box.snapshot,
    async newItem() {
      await put('INBOX', `<new-${count++}@customer.example>`, 0)
    },
    doDeed: (key) => box.move(key, 'Orders'),
    removePlacement: (key) => box.flag('INBOX', key, ['inlay/Orders'], 'remove'),
    dropItem: (key) => box.drop('INBOX', key),
    vanish: () => box.relay.cut(),
    suggestion: () => ({
      kind: 'message',
      value: { type: 'label', label: 'Orders' },
      confidence: 0.93,
      reasons: [],
    }),
    remove: box.remove,
  }
}
