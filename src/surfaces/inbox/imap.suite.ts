import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { makeImap, newMailbox } from '../../../tests/mail/mailbox.ts'
import type { MailServer } from '../../../tests/mail/server.ts'
import { until as untilSo } from '../../../tests/until.ts'
import {
  type Change,
  type Message,
  type MessageValue,
  memoryVault,
  type Place,
  type Suggestion,
} from '../../contract/index.ts'
import { surfaceConformance } from '../conformance.suite.ts'
import { imap } from './imap.ts'
import { mailText } from './maildir-medium.suite.ts'

const suggest = (value: MessageValue): Suggestion<'message'> => ({
  kind: 'message',
  value,
  confidence: 0.9,
  reasons: [],
})
const label = (name: string) => suggest({ type: 'label', label: name })
const text = 'Hello Bob,\nyour order left our warehouse on Monday and is with you by Thursday.\nAnna'
const answer = suggest({ type: 'reply', text })

/** What the surface does on a real server; one server for all of its tests. */
export function imapOn(name: string, isThere: boolean, start: () => Promise<MailServer>) {
  if (!isThere) {
    test.skip(`imap on ${name}: the server is not here; bin/prepare-tests fetches it`)
    return
  }
  let server: MailServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.remove())

  describe(`on ${name}`, () => {
    surfaceConformance(imap, { message: () => makeImap(server) })
    fates(() => server)
    troubles(() => server)
    if (name === 'cyrus') readOnly(() => server)
    // The bytes of a head come in one piece from it.
    if (name === 'dovecot') removedMeanwhile(() => server)
  })
}

type Office = Awaited<ReturnType<typeof office>>

/** A mailbox with its surface, and Inlay running or not beside the person who works in it. */
async function office(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  server: MailServer,
  settings: Record<string, unknown> = {},
) {
  const box = await newMailbox(server)
  const folder = await mkdtemp(join(tmpdir(), 'inlay-imap-'))
  const changes: Change<'message'>[] = []
  const running = new Set<() => Promise<void>>()
  onTestFinished(async () => {
    for (const stop of running) await stop()
    await box.remove()
    await rm(folder, { recursive: true, force: true })
  })
  const tools = {
    now: Date.now,
    pseudonym: (raw: string) => `someone-${raw.length}`,
    folder,
    vault: memoryVault(),
  }

  /** Starts Inlay where it last was, and returns once it has caught up. */
  async function up() {
    const opened = await imap.open(imap.settings.parse({ ...box.settings, ...settings }), tools)
    const abort = new AbortController()
    const failed: unknown[] = []
    const since = changes.at(-1)?.cursor ?? null
    const from = changes.length
    const ended = (async () => {
      for await (const change of opened.message!.watch(since, abort.signal)) changes.push(change)
    })().catch((error) => void failed.push(error))
    const down = async () => {
      running.delete(down)
      abort.abort()
      await ended
      await opened.close()
    }
    running.add(down)
    const place = opened.message as Place<'message'>
    await until(() => failed.length > 0 || changes.slice(from).some(({ type }) => type === 'caught up'))
    if (failed.length > 0) throw failed[0]
    return { place, down, failed, health: opened.health! }
  }
  const about = (id: string) =>
    changes.filter((change) => 'key' in change && change.key === id) as Exclude<
      Change<'message'>,
      { type: 'item' } | { type: 'caught up' }
    >[]
  const item = (id: string): Message => {
    const change = changes.findLast((each) => each.type === 'item' && each.item.key === id)
    if (change?.type !== 'item') throw new Error(`no item ${id} in ${JSON.stringify(changes).slice(0, 2000)}`)
    return change.item
  }
  return { ...box, folder, changes, up, about, item }
}

const until = (isSo: () => boolean | Promise<boolean>) => untilSo(isSo, String(isSo))

const headerOf = (source: string, name: string) =>
  new RegExp(`^${name}: ([^\\r\\n]*(?:\\r\\n[ \\t][^\\r\\n]*)*)`, 'im')
    .exec(source)?.[1]
    ?.replace(/\r\n/g, '') ?? null

/** The draft as a mail program sends it: what it changes on the way, and what it leaves out. */
function sentFrom(draft: string, change: { body?: string; id?: string; strip?: RegExp } = {}): string {
  const [head, body] = draft.split('\r\n\r\n') as [string, string]
  const lines = head
    .split(/\r\n(?![ \t])/)
    .filter((line) => !(change.strip ?? /^(x-inlay|x-draft-info):/i).test(line))
  const sent = lines.map((line) =>
    change.id && /^message-id:/i.test(line) ? `Message-ID: ${change.id}` : line,
  )
  return `${sent.join('\r\n')}\r\n\r\n${change.body ?? body}`
}

/** What a person can do about the draft, and what Inlay is to tell of it. */
const whatPeopleDo: Record<
  string,
  { act: (box: Office, id: string) => Promise<void>; told: 'deed' | 'removed'; reply?: RegExp; left?: number }
> = {
  'sent as it is': {
    act: async (box) => {
      const [draft] = await box.list('Drafts')
      await box.put('Sent', sentFrom(draft!.source), ['\\Seen'])
      await box.client.mailboxOpen('Drafts')
      await box.client.messageDelete(String(draft!.uid), { uid: true })
    },
    told: 'deed',
    reply: /on Monday and is with you/,
  },
  'sent with a new Message-ID and no trace of the original': {
    act: async (box) => {
      const [draft] = await box.list('Drafts')
      const strip = /^(x-inlay|x-draft-info|in-reply-to|references):/i
      await box.drop('Drafts', headerOf(draft!.source, 'message-id')!)
      await sleep(300)
      await box.put('Sent', sentFrom(draft!.source, { id: '<fresh@mailer.example>', strip }), ['\\Seen'])
    },
    told: 'deed',
    reply: /on Monday and is with you/,
  },
  'edited, then sent': {
    act: async (box) => {
      const edited = await edit(box, 'Monday', 'Tuesday')
      await box.put('Sent', sentFrom(edited), ['\\Seen'])
      await box.drop('Drafts', headerOf(edited, 'message-id')!)
    },
    told: 'deed',
    reply: /on Tuesday and is with you/,
  },
  'edited twice, then sent': {
    act: async (box) => {
      await edit(box, 'Monday', 'Tuesday')
      const edited = await edit(box, 'Thursday', 'Saturday')
      await box.put('Sent', sentFrom(edited), ['\\Seen'])
      await box.drop('Drafts', headerOf(edited, 'message-id')!)
    },
    told: 'deed',
    reply: /on Tuesday and is with you by Saturday/,
  },
  deleted: {
    act: async (box) => box.drop('Drafts', headerOf((await box.list('Drafts'))[0]!.source, 'message-id')!),
    told: 'removed',
  },
  'moved to Trash': {
    act: async (box) =>
      box.move(headerOf((await box.list('Drafts'))[0]!.source, 'message-id')!, 'Trash', 'Drafts'),
    told: 'removed',
  },
  'ignored while the person wrote an answer of their own': {
    act: async (box, id) => {
      await box.put(
        'Sent',
        `${mailText({ id: '<own@shop.example>', more: `In-Reply-To: ${id}` })}My own words.\n`,
      )
      await box.flag('INBOX', id, ['\\Answered'])
    },
    told: 'deed',
    reply: /My own words/,
  },
  'edited and left, while the person wrote another answer': {
    act: async (box, id) => {
      await edit(box, 'Monday', 'Tuesday')
      await box.put(
        'Sent',
        `${mailText({ id: '<own@shop.example>', more: `In-Reply-To: ${id}` })}My own words.\n`,
      )
    },
    told: 'deed',
    reply: /My own words/,
    left: 1,
  },
}

/** Editing a draft is a new copy and the removal of the old one. */
async function edit(box: Office, from: string, to: string): Promise<string> {
  const [draft] = await box.list('Drafts')
  const edited = draft!.source.replace(from, to)
  await box.put('Drafts', edited, ['\\Draft', '\\Seen'])
  await box.client.mailboxOpen('Drafts')
  await box.client.messageDelete(String(draft!.uid), { uid: true })
  return edited
}

function fates(server: () => MailServer) {
  // Every fate once with Inlay running and once while it was down: all in one mailbox each, for time's sake.
  for (const running of [true, false]) {
    test.concurrent.for(
      Object.keys(whatPeopleDo),
    )(`knows a draft that was %s, with Inlay ${running ? 'up' : 'down'}`, async (name, context) => {
      const { act, told, reply, left = 0 } = whatPeopleDo[name]!
      const box = await office(context, server())
      const id = '<question@customer.example>'
      await box.put('INBOX', mailText({ id }))
      const first = await box.up()
      const placed = await first.place.place(box.item(id), answer, 'key-1')
      expect(placed).toMatchObject({ placed: true })
      await until(async () => (await box.list('Drafts')).length === 1)
      if (!running) await first.down()
      await act(box, id)
      const watching = running ? first : await box.up()
      await until(() => {
        if (watching.failed.length > 0) throw watching.failed[0]
        return box.about(id).some(({ type }) => type === told)
      })
      await until(async () => (await box.list('Drafts')).length === left)
      const [change, ...more] = box.about(id)
      expect(change).toMatchObject({ type: told, key: id })
      if (change?.type === 'deed') expect(change.deed.reply).toMatch(reply!)
      expect(more.filter(({ type }) => type !== told)).toEqual([])
    })
  }

  test.concurrent('threads a draft under its message, in CRLF, with a quiet header, and takes it back without a trace', async (context) => {
    const box = await office(context, server())
    await box.put(
      'INBOX',
      mailText({ id: '<a@x>', more: 'References: <root@x>\nReply-To: Desk <desk@customer.example>' }),
    )
    const { place } = await box.up()
    const before = await box.snapshot()
    const placed = await Promise.all([1, 2].map(() => place.place(box.item('<a@x>'), answer, 'key-1')))
    expect(placed[1]).toEqual(placed[0])
    const [draft, ...others] = await box.list('Drafts')
    expect(others).toEqual([])
    expect(draft!.flags).toEqual(['\\Draft', '\\Seen'])
    expect(draft!.source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(headerOf(draft!.source, 'in-reply-to')).toBe('<a@x>')
    expect(headerOf(draft!.source, 'references')).toBe('<root@x> <a@x>')
    expect(headerOf(draft!.source, 'to')).toBe('Desk <desk@customer.example>')
    expect(headerOf(draft!.source, 'subject')).toBe('Re: Where is my order?')
    expect(headerOf(draft!.source, 'x-inlay')).toMatch(/^draft /)
    expect(headerOf(draft!.source, 'x-draft-info')).toBe(`type=reply; uid=1; folder=B::${btoa('INBOX')}`)
    if (placed[0]!.placed) await place.withdraw(placed[0]!.placement)
    expect(await box.snapshot()).toEqual(before)
  })

  test.concurrent('places a draft once, whatever was cut short: before, in the middle, after it was thrown away', async (context) => {
    const box = await office(context, server())
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    const { place, down } = await box.up()
    await place.place(box.item('<a@x>'), answer, 'key-1')
    await down()
    const journal = join(box.folder, 'placements.jsonl')
    const lines = (await readFile(journal, 'utf8')).trim().split('\n').filter(Boolean)
    // Killed after the server took it, before that was noted down.
    await writeFile(journal, `${lines[0]}\n`)
    const second = await box.up()
    expect(await second.place.place(box.item('<a@x>'), answer, 'key-1')).toMatchObject({ placed: true })
    expect(await box.list('Drafts')).toHaveLength(1)
    await second.down()
    await writeFile(journal, `${lines[0]}\n`)
    await box.drop('Drafts', headerOf((await box.list('Drafts'))[0]!.source, 'message-id')!)
    const third = await box.up()
    expect(await third.place.place(box.item('<a@x>'), answer, 'key-1')).toMatchObject({ placed: false })
    expect(await box.list('Drafts')).toHaveLength(0)
  })

  test.concurrent('drafts on a message the moment it comes in', async (context) => {
    const box = await office(context, server(), { pollSeconds: 30 })
    const { place } = await box.up()
    for (const id of ['<a@x>', '<b@x>', '<c@x>']) {
      await box.put('INBOX', mailText({ id }))
      await until(() => box.changes.some((change) => change.type === 'item' && change.item.key === id))
      expect(await place.place(box.item(id), answer, id)).toMatchObject({ placed: true })
      expect(await place.place(box.item(id), label('Orders'), `${id} label`)).toMatchObject({ placed: true })
    }
    expect(await box.list('Drafts')).toHaveLength(3)
  })

  test.concurrent('drafts once where two Inlays work on one mailbox', async (context) => {
    const box = await office(context, server())
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    await box.up()
    const item = box.item('<a@x>')
    const others = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        const folder = await mkdtemp(join(tmpdir(), `inlay-${name}-`))
        context.onTestFinished(() => rm(folder, { recursive: true, force: true }))
        const tools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
        const opened = await imap.open(imap.settings.parse(box.settings), tools)
        context.onTestFinished(() => opened.close())
        return opened.message!
      }),
    )
    const placed = await Promise.all(others.map((place, at) => place.place(item, answer, `key-${at}`)))
    expect(await box.list('Drafts')).toHaveLength(1)
    expect(placed.filter((each) => each.placed)).toHaveLength(1)
    const later = await others[0]!.place(item, answer, 'key-9')
    expect(later).toMatchObject({ placed: false, because: expect.stringMatching(/begun an answer/) })
  })

  test.concurrent('tells how long a person was at a message, from reading to sending', async (context) => {
    const box = await office(context, server())
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    const { health } = await box.up()
    const before = Date.now()
    await box.flag('INBOX', '<a@x>', ['\\Seen'])
    await until(() => (health().saw?.at ?? 0) > before)
    // A mail's date names whole seconds.
    await sleep(2_100)
    await box.put('Sent', mailText({ id: '<s@x>', more: 'In-Reply-To: <a@x>' }), ['\\Seen'])
    await until(() => box.about('<a@x>').length > 0)
    const [change] = box.about('<a@x>')
    expect(change).toMatchObject({ type: 'deed', deed: { secondsFrom: 'seen to sent (estimated)' } })
    expect(change?.type === 'deed' && change.deed.seconds).toBeGreaterThan(0)
  })
}

function troubles(server: () => MailServer) {
  test.concurrent('never answers lists, robots, bounces, the owner, or what is encrypted', async (context) => {
    const box = await office(context, server())
    const mails = {
      list: 'List-Id: <dev.lists.example>',
      robot: 'Auto-Submitted: auto-replied',
      bounce: 'Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b',
      bulk: 'Precedence: bulk',
      sealed: 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
    }
    for (const [id, more] of Object.entries(mails))
      await box.put('INBOX', mailText({ id: `<${id}@x>`, more }))
    await box.put('INBOX', mailText({ id: '<self@x>' }).replace(/^From: .*/m, 'From: me@else.example'))
    const { place } = await box.up()
    for (const id of Object.keys(mails)) {
      expect(await place.place(box.item(`<${id}@x>`), answer, id), id).toMatchObject({ placed: false })
    }
    expect(await box.list('Drafts')).toEqual([])
  })

  test.concurrent('reads the text of large and broken mail and no attachment', async (context) => {
    const box = await office(context, server())
    const megabytes = server().name === 'dovecot' ? 50 : 6
    const attachment = Buffer.alloc(megabytes << 20, 'abcdefg')
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n')
    await box.put(
      'INBOX',
      mixed(
        '<large@x>',
        `Content-Type: application/zip; name="all.zip"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="all.zip"\n\n${attachment}`,
      ),
    )
    await box.put(
      'INBOX',
      mixed(
        '<tnef@x>',
        'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+IgAA',
      ),
    )
    await box.put(
      'INBOX',
      `Message-ID: <odd@x>\nFrom: bob@customer.example\nSubject: odd\nContent-Type: text/plain; charset=x-unknown-9\n\nwords anyway\n`,
    )
    await box.put(
      'INBOX',
      `Message-ID: <broken@x>\nFrom: <<>>\nContent-Type: multipart/mixed; boundary=never\n\n--other\nno end\n`,
    )
    let bytes = 0
    box.relay.spy((piece, from) => {
      if (from === 'server') bytes += piece.length
      return piece
    })
    await box.up()
    expect(bytes).toBeLessThan(100_000)
    expect(box.item('<large@x>')).toMatchObject({ text: 'See the file.', attachments: ['all.zip'] })
    expect(box.item('<tnef@x>')).toMatchObject({ text: 'See the file.', attachments: ['winmail.dat'] })
    expect(box.item('<odd@x>').text).toBe('words anyway')
    expect(box.item('<broken@x>').key).toBe('<broken@x>')
  })

  test.concurrent('knows folders in other alphabets, and shows a label as a copy where it is to', async (context) => {
    const box = await office(context, server(), { labels: 'folders' })
    await box.client.mailboxCreate('Kunden & März')
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    await box.put('INBOX', mailText({ id: '<b@x>' }))
    const { place } = await box.up()
    const before = await box.snapshot()
    const placed = await place.place(box.item('<b@x>'), label('Bestellungen ü'), 'key-1')
    expect(Object.keys(await box.snapshot()).filter((name) => name.startsWith('Inlay'))).toContain(
      'Inlay/Bestellungen ü',
    )
    expect(await box.list('Inlay/Bestellungen ü')).toHaveLength(1)
    expect(await place.place(box.item('<b@x>'), label('Bestellungen ü'), 'key-1')).toEqual(placed)
    expect(await box.list('Inlay/Bestellungen ü')).toHaveLength(1)
    if (placed.placed) await place.withdraw(placed.placement)
    expect(await box.snapshot()).toEqual(before)
    await box.move('<a@x>', 'Kunden & März')
    await until(() => box.about('<a@x>').length > 0)
    expect(box.about('<a@x>')[0]).toMatchObject({ deed: { label: 'Kunden & März' } })
  })

  test.concurrent('goes on when a folder gets new numbers, and when the wire is cut or hangs', async (context) => {
    const box = await office(context, server(), { timeoutSeconds: 2 })
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    await box.put('INBOX', mailText({ id: '<b@x>' }))
    const first = await box.up()
    await first.place.place(box.item('<a@x>'), answer, 'key-1')
    await until(async () => (await box.list('Drafts')).length === 1)
    // The folder for drafts is deleted and made anew with the same draft: other numbers, another UIDVALIDITY.
    const [draft] = await box.list('Drafts')
    await box.client.mailboxOpen('INBOX')
    await sleep(1_100)
    await box.client.mailboxDelete('Drafts')
    await box.client.mailboxCreate('Drafts')
    await box.put('Drafts', draft!.source, ['\\Draft', '\\Seen'])
    box.relay.drop()
    await box.put('INBOX', mailText({ id: '<c@x>' }))
    await until(() => box.changes.some((change) => change.type === 'item' && change.item.key === '<c@x>'))
    expect(box.about('<a@x>')).toEqual([])
    box.relay.stall()
    await until(() => first.failed.length > 0)
    expect(first.failed[0]).toMatchObject({
      kind: 'unreachable',
      // Whichever is noticed first: that nothing comes any more, or that the folder went with the connection.
      message: expect.stringMatching(/cannot be reached|was closed by the server/),
    })
    box.relay.flow()
    await first.down()
    await box.move('<b@x>', 'Orders')
    const second = await box.up()
    expect(box.about('<b@x>')).toMatchObject([{ type: 'deed', deed: { label: 'Orders' } }])
    await second.place.withdraw({ key: 'key-1', ref: '' })
    expect(await box.list('Drafts')).toEqual([])
  })

  test('says who is refused, and lives through a restart of the server', async (context) => {
    const box = await office(context, server())
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    const { failed } = await box.up()
    await server().stop()
    await server().start()
    const client = await server().client(box.user)
    await client.append('INBOX', mailText({ id: '<b@x>' }).replaceAll('\n', '\r\n'))
    await client.logout()
    const open = () => box.changes.filter(({ type }) => type === 'item').length
    await until(() => failed.length > 0 || open() === 2)
    if (failed.length > 0) await box.up()
    expect(open()).toBe(2)
  })
}

function removedMeanwhile(server: () => MailServer) {
  test.concurrent('passes over a mail that is removed while its head is read', async (context) => {
    const box = await office(context, server())
    for (const id of ['<going@x>', '<stays@x>']) await box.put('INBOX', mailText({ id }))
    let removed = 0
    // What servers answer for it then (RFC 3501, 7.4.2: a section is an nstring).
    box.relay.spy((bytes, from) => {
      const text = bytes.toString('latin1')
      const part = /(BODY\[HEADER\.FIELDS \([^)]*\)\] )\{(\d+)\}\r\n/g
      if (from === 'client') return bytes
      for (const found of text.matchAll(part)) {
        const head = text.slice(found.index + found[0].length).slice(0, Number(found[2]))
        if (!head.includes('<going@x>')) continue
        removed++
        return Buffer.from(text.replace(`${found[0]}${head}`, `${found[1]}NIL`), 'latin1')
      }
      return bytes
    })
    const { failed } = await box.up()
    expect(removed).toBeGreaterThan(0)
    expect(failed).toEqual([])
    expect(box.changes.flatMap((change) => (change.type === 'item' ? [change.item.key] : []))).toEqual([
      '<stays@x>',
    ])
  })
}

function readOnly(server: () => MailServer) {
  test.concurrent('places nothing into folders that may only be read, and says so', async (context) => {
    const box = await office(context, server())
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    const { place } = await box.up()
    const before = await box.snapshot()
    const only = async (folder: string, rights: string) => {
      const words = [folder, box.user, rights].map((value) => ({ type: 'ATOM', value }))
      const { exec } = box.client as unknown as {
        exec(name: string, words: unknown): Promise<{ next(): void }>
      }
      ;(await exec.call(box.client, 'SETACL', words)).next()
    }
    await only('Drafts', 'lra')
    await only('INBOX', 'lra')
    const labelled = await place.place(box.item('<a@x>'), label('Orders'), 'key-1')
    expect(labelled).toMatchObject({ placed: false, because: expect.stringMatching(/only be read/) })
    const drafted = await place.place(box.item('<a@x>'), answer, 'key-2')
    expect(drafted).toMatchObject({ placed: false, because: expect.stringMatching(/takes no draft/) })
    expect(await box.snapshot()).toEqual(before)
  })
}

const mixed = (id: string, part: string) =>
  [
    `Message-ID: ${id}`,
    'From: Bob Buyer <bob@customer.example>',
    'To: anna@shop.example',
    'Subject: With a file',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=edge',
    '',
    '--edge',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'See the file.',
    '--edge',
    part,
    '--edge--',
    '',
  ].join('\n')
