import { createReadStream, existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import type { ImapFlow } from 'imapflow'
import PostalMime from 'postal-mime'
import type { Change, Message, Opened, OpenTools, Suggestion } from '../src/contract/index.ts'
import { memoryVault } from '../src/contract/index.ts'
import { imap } from '../src/surfaces/inbox/imap.ts'
import { splitMbox } from '../src/surfaces/inbox/mbox-split.ts'
import { hasCyrus, startCyrus } from '../tests/mail/cyrus.ts'
import { hasDovecot, startDovecot } from '../tests/mail/dovecot.ts'
import type { MailServer } from '../tests/mail/server.ts'
import type { Table } from './table.ts'

const archive = resolve(import.meta.dirname, '../../shared/data/mail/mbox')
const deliveries = 60
const mailboxes = Number(process.env.INLAY_BENCH_MAILBOXES ?? 1_000)

/** Import, delivery to visible draft, and many mailboxes in one process, on the real servers of the tests. */
export async function bench(table: Table): Promise<void> {
  if (!hasDovecot) {
    console.error('bench: Dovecot is not here (bin/prepare-tests installs it); mail is left out.')
    return
  }
  await importBench(table)
  for (const start of [startDovecot, ...(hasCyrus ? [startCyrus] : [])])
    await latencyBench(table, await start())
  await manyBench(table)
}

async function openOn(server: MailServer, user: string, more: Record<string, unknown> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-bench-'))
  const tools: OpenTools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
  const settings = imap.settings.parse({ ...server.settings(user), security: 'none', ...more })
  const opened: Opened = await imap.open(settings, tools)
  const close = async () => {
    await opened.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { place: opened.message!, close }
}

/** Writes a Maildir++ folder of a Dovecot account. */
async function fill(server: MailServer, user: string, folder: string, mails: readonly (Buffer | string)[]) {
  const root = join(server.folder, 'mail', user)
  const path = folder ? join(root, `.${folder}`) : root
  for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(path, sub), { recursive: true })
  for (const [at, mail] of mails.entries())
    await writeFile(join(path, 'cur', `${1_600_000_000 + at}.M${at}.bench:2,S`), mail)
  if (process.getuid?.() !== 0) return
  await chown(join(server.folder, 'mail'), 65534, 65534)
  for (const each of ['', ...(await readdir(root, { recursive: true }))])
    await chown(join(root, each), 65534, 65534)
}

const cpuSeconds = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

async function importBench(table: Table) {
  if (!existsSync(archive)) {
    console.error(`bench: ${archive} is not here; the import of mail is left out.`)
    return
  }
  const mails: Buffer[] = []
  for (const name of (await readdir(archive)).sort()) {
    const file = createReadStream(join(archive, name)).pipe(createGunzip())
    for await (const { bytes } of splitMbox(file, name)) mails.push(Buffer.from(bytes))
  }
  const server = await startDovecot()
  try {
    await fill(server, 'reader', 'Lists', mails)
    const peer = await plainImport(server)
    const { place, close } = await openOn(server, 'reader')
    const cpu = process.cpuUsage()
    const began = performance.now()
    let count = 0
    for await (const _ of place.history()) count++
    const seconds = cpuSeconds(cpu)
    const wall = (performance.now() - began) / 1000
    await close()
    table.row({
      claim: 'mail/import, full mails a CPU second',
      inlay: count / seconds,
      peer: peer.count / peer.seconds,
      ratio: count / seconds / (peer.count / peer.seconds),
      note: `${count} of ${mails.length} mails of a public list in ${wall.toFixed(1)} s; peer: imapflow with postal-mime, nothing else`,
    })
  } finally {
    await server.remove()
  }
}

/** What the two libraries take without any of ours. */
async function plainImport(server: MailServer) {
  const client = await server.client('reader')
  const cpu = process.cpuUsage()
  let count = 0
  await client.mailboxOpen('Lists', { readOnly: true })
  for await (const { source } of client.fetch('1:*', { uid: true, source: true })) {
    if (source && (await PostalMime.parse(source))) count++
  }
  const seconds = cpuSeconds(cpu)
  await client.logout()
  return { count, seconds }
}

const suggestion: Suggestion<'message'> = {
  kind: 'message',
  value: { type: 'reply', text: 'Hello,\nit ships on Monday.\nAnna' },
  confidence: 0.9,
  reasons: [],
}

/** Time from the end of a delivery by LMTP until a second mail program, idling, sees the draft. */
async function latencyBench(table: Table, server: MailServer) {
  try {
    const { place, close } = await openOn(server, 'anna')
    const stop = new AbortController()
    let told = (_: Message) => {}
    let caughtUp = () => {}
    const ready = new Promise<void>((resolve) => {
      caughtUp = resolve
    })
    const watching = (async () => {
      for await (const change of place.watch(null, stop.signal)) {
        if (change.type === 'caught up') caughtUp()
        if (change.type === 'item') told(change.item)
      }
    })()
    await ready
    const drafts = await idling(server, 'anna', 'Drafts')
    const inbox = await idling(server, 'anna', 'INBOX')
    const visible: number[] = []
    const notified: number[] = []
    for (let each = 0; each < deliveries; each++) {
      const placed = new Promise<void>((resolve, reject) => {
        told = (item) => void place.place(item, suggestion, item.key).then(() => resolve(), reject)
      })
      const seen = [drafts.next(), inbox.next()] as const
      const mail = `From: Bob <bob@customer.example>\r\nTo: anna@shop.example\r\nSubject: ${each}\r\nMessage-ID: <${each}@bench>\r\nDate: ${new Date().toUTCString()}\r\n\r\nWhere is it?\r\n`
      const began = performance.now()
      await server.deliver('anna', mail)
      notified.push((await seen[1]) - began)
      visible.push((await seen[0]) - began)
      await placed
      await sleep(150)
    }
    stop.abort()
    await watching
    await Promise.all([close(), drafts.close(), inbox.close()])
    for (const [name, share] of [
      ['p50', 0.5],
      ['p95', 0.95],
    ] as const) {
      const [ours, theirs] = [quantile(visible, share), quantile(notified, share)]
      table.row({
        claim: `mail/${server.name} delivery to visible draft, ms, ${name}`,
        inlay: ours,
        peer: theirs,
        ratio: ours / theirs,
        note: "peer: the server's own notice of the mail to an idling client; Inlay needs two of them",
      })
    }
  } finally {
    await server.remove()
  }
}

/** A mail program that idles in one folder: when it was told of a new message. */
async function idling(server: MailServer, user: string, folder: string) {
  const client: ImapFlow = await server.client(user)
  await client.mailboxOpen(folder)
  const waiting: Array<(at: number) => void> = []
  client.on('exists', () => waiting.shift()?.(performance.now()))
  void client.idle()
  return {
    next: () => new Promise<number>((resolve) => waiting.push(resolve)),
    close: async () => client.close(),
  }
}

const quantile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!

/** A thousand small mailboxes, each watched to its first catch-up and then for a while. */
async function manyBench(table: Table) {
  const server = await startDovecot({ many: true })
  const open: { close(): Promise<void> }[] = []
  const stop = new AbortController()
  const watching: Promise<void>[] = []
  let failed = 0
  try {
    const mails = Array.from(
      { length: 20 },
      (_, at) =>
        `From: Bob <b${at}@customer.example>\nSubject: ${at}\nMessage-ID: <${at}@bench>\nDate: ${new Date(Date.now() - at * 3_600_000).toUTCString()}\n\nWhere is it?\n`,
    )
    const users = Array.from({ length: mailboxes }, (_, at) => `many${at}`)
    for (const user of users) await fill(server, user, '', mails)
    const began = performance.now()
    const cpu = process.cpuUsage()
    for (let next = 0; next < users.length; next += 20) {
      await Promise.all(
        users.slice(next, next + 20).map(async (user) => {
          const { place, close } = await openOn(server, user)
          open.push({ close })
          await new Promise<void>((resolve) => {
            watching.push(
              (async () => {
                for await (const change of place.watch(null, stop.signal) as AsyncIterable<Change>) {
                  if (change.type === 'caught up') resolve()
                }
              })().catch((error) => {
                if (failed++ === 0) console.error(`bench: ${error}`)
                resolve()
              }),
            )
          })
        }),
      )
    }
    const [wall, seconds] = [(performance.now() - began) / 1000, cpuSeconds(cpu)]
    const idle = process.cpuUsage()
    const idleSeconds = 60
    await sleep(idleSeconds * 1000)
    const load = cpuSeconds(idle) / idleSeconds
    const memory = process.memoryUsage.rss() / 2 ** 20
    table.row({
      claim: `mail/${mailboxes} mailboxes watched by one process, MiB`,
      inlay: memory,
      peer: '-',
      ratio: '-',
      note: `claim < 1,500; ${failed} failed; caught up in ${wall.toFixed(0)} s (${seconds.toFixed(0)} CPU s); then ${(100 * load).toFixed(0)} % of a core with nothing to do`,
    })
  } finally {
    stop.abort()
    await Promise.allSettled(watching)
    await Promise.allSettled(open.map(({ close }) => close()))
    await server.remove()
  }
}
