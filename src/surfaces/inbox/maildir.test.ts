import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../tests/until.ts'
import {
  type Change,
  type Example,
  type Message,
  type MessageValue,
  memoryVault,
  type Suggestion,
} from '../../contract/index.ts'
import { surfaceConformance } from '../conformance.suite.ts'
import { maildir } from './maildir.ts'
import { flagsOf } from './maildir-folders.ts'
import {
  deliver,
  file,
  findMail,
  mailText,
  makeFolder,
  makeMaildir,
  snapshotOf,
} from './maildir-medium.suite.ts'
import { readRawMbox } from './mbox-medium.suite.ts'

surfaceConformance(maildir, { message: makeMaildir })

const archive = resolve(
  import.meta.dirname,
  '../../../../shared/data/mail/mbox/r-package-devel-2015q3.mbox.gz',
)

const suggest = (value: MessageValue): Suggestion<'message'> => ({
  kind: 'message',
  value,
  confidence: 0.9,
  reasons: [],
})
const label = (name: string) => suggest({ type: 'label', label: name })
const answer = suggest({ type: 'reply', text: 'It ships on Monday.\nAnna' })

/** A mailbox with these folders, and the surface opened on it. */
async function mailbox(folders: string[], more: { ignore?: string[] } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'inlay-maildir-'))
  const folder = await mkdtemp(join(tmpdir(), 'inlay-journal-'))
  for (const name of ['', ...folders]) await makeFolder(join(root, name))
  const abort = new AbortController()
  const watches: Promise<void>[] = []
  onTestFinished(async () => {
    abort.abort()
    await Promise.allSettled(watches)
    for (const path of [root, folder]) await rm(path, { recursive: true, force: true })
  })
  const settings = maildir.settings.parse({ path: root, me: ['anna@shop.example'], ...more })
  const tools = {
    now: Date.now,
    pseudonym: (raw: string) => `someone-${raw.length}`,
    folder,
    vault: memoryVault(),
  }
  async function open() {
    return (await maildir.open(settings, tools)).message!
  }
  /** Collects changes until one matches. */
  async function changes(
    until: (change: Change<'message'>) => boolean,
    since: string | null = null,
    act?: (told: Change<'message'>[]) => Promise<unknown>,
  ) {
    const all: Change<'message'>[] = []
    const stop = new AbortController()
    abort.signal.addEventListener('abort', () => stop.abort())
    let acted = false
    let acting: Promise<unknown> | undefined
    for await (const change of (await open()).watch(since, stop.signal)) {
      all.push(change)
      if (!acted && change.type === 'caught up') {
        acted = true
        acting = act?.(all)
      }
      if (until(change)) stop.abort()
    }
    await acting
    return all
  }
  async function item(id: string): Promise<Message> {
    const all = await changes(({ type }) => type === 'caught up')
    return all.flatMap((change) =>
      change.type === 'item' && change.item.key === id ? [change.item] : [],
    )[0]!
  }
  return { root, folder, open, changes, item }
}

async function examples(open: () => Promise<{ history(): AsyncIterable<Example<'message'>> }>) {
  const all: Example<'message'>[] = []
  for await (const example of (await open()).history()) all.push(example)
  return all
}

test('shows a label as a keyword the way Dovecot keeps it, and leaves an unread message unread', async () => {
  const { root, open, item } = await mailbox(['.Orders'])
  await deliver(root, mailText({ id: '<a@x>' }))
  await deliver(root, mailText({ id: '<b@x>' }), 'FRS')
  await writeFile(join(root, 'dovecot-keywords'), '0 $Forwarded\n2 Work\n')
  const place = await open()
  await place.place(await item('<a@x>'), label('Bug (minor) ü'), 'k1')
  await place.place(await item('<b@x>'), label('Bug (minor) ü'), 'k2')
  await place.place(await item('<b@x>'), label('Orders'), 'k3')
  expect(await readFile(join(root, 'dovecot-keywords'), 'utf8')).toBe(
    '0 $Forwarded\n2 Work\n1 inlay/Bug__minor___\n3 inlay/Orders\n',
  )
  expect(await findMail(root, '<a@x>')).toMatch(/\/cur\/[^:]+:2,b$/)
  expect(await findMail(root, '<b@x>')).toMatch(/\/cur\/[^:]+:2,FRSbd$/)
})

test('refuses in words when all 26 keywords of a folder are taken', async () => {
  const { root, open, item } = await mailbox([])
  await deliver(root, mailText({ id: '<a@x>' }))
  const full = Array.from({ length: 26 }, (_, at) => `${at} word${at}\n`).join('')
  await writeFile(join(root, 'dovecot-keywords'), full)
  const before = await snapshotOf(root)
  const placed = await (await open()).place(await item('<a@x>'), label('Orders'), 'k1')
  expect(placed).toEqual({ placed: false, because: expect.stringMatching(/all 26 keywords/) })
  expect(await snapshotOf(root)).toEqual(before)
})

test('waits for the lock of another program and never breaks it', async () => {
  const { root, open, item } = await mailbox([])
  await deliver(root, mailText({ id: '<a@x>' }))
  const lock = join(root, 'dovecot-keywords.lock')
  const one = await item('<a@x>')
  await writeFile(lock, '')
  const placing = (await open()).place(one, label('Orders'), 'k1')
  await sleep(300)
  expect(existsSync(join(root, 'dovecot-keywords'))).toBe(false)
  await unlink(lock)
  expect(await placing).toMatchObject({ placed: true })
})

test('takes the keyword away from a message that was filed meanwhile, and cleans both folders', async () => {
  const { root, open, item } = await mailbox(['.Orders'])
  await deliver(root, mailText({ id: '<a@x>' }))
  const place = await open()
  const placed = await place.place(await item('<a@x>'), label('Orders'), 'k1')
  // Dovecot maps the keyword to the letter of the folder that the message goes to.
  await writeFile(join(root, '.Orders/dovecot-keywords'), '0 inlay/Orders\n')
  const path = await findMail(root, '<a@x>')
  await rename(path, join(root, '.Orders/cur', basename(path)))
  if (placed.placed) await place.withdraw(placed.placement)
  expect(await findMail(root, '<a@x>')).toMatch(/\.Orders\/cur\/[^:]+:2,$/)
  expect(existsSync(join(root, 'dovecot-keywords'))).toBe(false)
})

test('finishes a placement that a crash cut short, once', async () => {
  const { root, folder, open, item } = await mailbox([])
  await deliver(root, mailText({ id: '<a@x>' }))
  const one = await item('<a@x>')
  const clean = await snapshotOf(root)
  const first = await open()
  const placed = await first.place(one, label('Orders'), 'k1')
  const once = await snapshotOf(root)
  // As if the program had died before its last line was written, with half of that line on the disk.
  const journal = join(folder, 'placements.jsonl')
  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n')
  await writeFile(journal, `${lines.slice(0, -1).join('\n')}\n${lines.at(-1)!.slice(0, 20)}\n`)
  const second = await open()
  expect(await second.place(one, label('Orders'), 'k1')).toEqual(placed)
  expect(await snapshotOf(root)).toEqual(once)
  if (placed.placed) await second.withdraw(placed.placement)
  expect(await snapshotOf(root)).toEqual(clean)
})

test('knows nested folders, names in other alphabets, special folders and those to ignore', async () => {
  const folders = [
    '.Orders.Urgent',
    '.Entw&APw-rfe',
    '.Archive',
    '.Junk',
    '.INBOX.Sent',
    'Team/Ideas',
    '.Private',
  ]
  const { root, open, changes } = await mailbox([...folders, '.Orders', '.Kunden &- M&AOQ-rz', 'Team'], {
    ignore: ['Private'],
  })
  let at = 0
  for (const name of [...folders, '.Orders', '.Kunden &- M&AOQ-rz']) {
    await deliver(join(root, name), mailText({ id: `<${at++}@x>`, daysAgo: 40 - at }), 'S')
  }
  const done = (await examples(open)).map(({ deed }) => deed.label)
  expect(done).toEqual(['Orders/Urgent', null, 'Team/Ideas', 'Orders', 'Kunden & März'])
  expect(await changes(({ type }) => type === 'caught up')).toHaveLength(1)
})

test("tells what was filed, answered and left alone, each with the owner's pseudonym", async () => {
  const { root, open } = await mailbox(['.Orders', '.Sent'])
  const sent = mailText({ id: '<s@x>', more: 'In-Reply-To: <b@x>' }).replace('my order has', 'your order has')
  await deliver(join(root, '.Orders'), mailText({ id: '<a@x>', daysAgo: 9 }), 'S')
  await deliver(join(root, '.Orders'), mailText({ id: '<b@x>', daysAgo: 8 }), 'RS')
  await deliver(join(root, '.Sent'), sent, 'S')
  await deliver(root, mailText({ id: '<left@x>', daysAgo: 7.5 }), 'S')
  await deliver(root, mailText({ id: '<unread@x>', daysAgo: 30 }), '')
  await deliver(root, mailText({ id: '<recent@x>', daysAgo: 6 }), 'S')
  expect(
    (await examples(open)).map(({ item, deed }) => [item.key, deed.label, deed.reply, deed.person]),
  ).toEqual([
    ['<a@x>', 'Orders', null, 'someone-17'],
    ['<b@x>', 'Orders', 'Hello,\nyour order has not come yet.', 'someone-17'],
    ['<left@x>', null, null, 'someone-17'],
  ])
})

test('tells an answer as a deed, and the time from reading to filing', async () => {
  const { root, changes } = await mailbox(['.Orders', '.Sent'])
  const path = await deliver(root, mailText({ id: '<a@x>' }))
  const isDeed = (key: string) => (change: Change<'message'>) => change.type === 'deed' && change.key === key
  for (const id of ['<b@x>', '<c@x>']) await deliver(root, mailText({ id }))
  const all = await changes(isDeed('<a@x>'), null, async (told) => {
    const read = join(root, 'cur', `${basename(path)}:2,S`)
    await rename(path, read)
    // Two answers one after the other: when the second is told, a whole look was after the reading.
    for (const id of ['<b@x>', '<c@x>']) {
      const answer = mailText({ id: id.replace('<', '<to-'), more: `In-Reply-To: ${id}` })
      await deliver(join(root, '.Sent'), answer, 'S')
      await until(() => told.some(isDeed(id)), `the answer to ${id} is told`)
    }
    await sleep(900)
    await rename(read, join(root, '.Orders/cur', basename(read)))
  })
  const reply = all.find(isDeed('<b@x>'))
  expect(reply).toMatchObject({ deed: { label: null, reply: 'Hello,\nmy order has not come yet.' } })
  const filed = all.find(isDeed('<a@x>'))
  expect(filed).toMatchObject({ deed: { label: 'Orders', reply: null, secondsFrom: 'seen to filed' } })
  const seconds = filed?.type === 'deed' && filed.deed.seconds
  expect(seconds).toBeGreaterThan(0.3)
  expect(seconds).toBeLessThan(15 * 60)
})

test('tells a deed again when a person changes their mind, and an item again when it comes back', async () => {
  const { root, changes } = await mailbox(['.Orders', '.Bugs'])
  await deliver(root, mailText({ id: '<a@x>' }))
  const labels: Array<string | null> = []
  const all = await changes(
    (change) => {
      if (change.type === 'deed') labels.push(change.deed.label)
      if (change.type === 'deed' && labels.length === 1) void file(root, '<a@x>', '.Bugs')
      if (change.type === 'deed' && labels.length === 2) void file(root, '<a@x>', '')
      return change.type === 'item' && labels.length === 2
    },
    null,
    () => file(root, '<a@x>', '.Orders'),
  )
  expect(labels).toEqual(['Orders', 'Bugs'])
  expect(all.filter(({ type }) => type === 'item')).toHaveLength(2)
})

test('knows a message again after an IMAP move, which is a copy under a new name and a deletion', async () => {
  const { root, changes } = await mailbox(['.Orders', '.Trash'])
  const path = await deliver(root, mailText({ id: '<a@x>' }), 'S')
  const other = await deliver(root, mailText({ id: '<b@x>' }), 'S')
  const all = await changes(
    ({ type }) => type === 'gone',
    null,
    async (told) => {
      await deliver(join(root, '.Orders'), await readFile(path, 'utf8'), 'S')
      await rename(path, `${path}T`)
      await unlink(`${path}T`)
      await until(() => told.some(({ type }) => type === 'deed'), 'the move is told')
      await rename(other, `${other}T`)
    },
  )
  expect(all.filter(({ type }) => type !== 'item' && type !== 'caught up')).toMatchObject([
    { type: 'deed', key: '<a@x>', deed: { label: 'Orders' } },
    { type: 'gone', key: '<b@x>' },
  ])
})

test('tells mails without or with the same Message-ID apart, also after a restart', async () => {
  const { root, changes } = await mailbox(['.Orders'])
  await deliver(root, mailText({ id: '<same@x>', subject: 'One' }))
  await deliver(root, mailText({ id: '<same@x>', subject: 'Two' }))
  await deliver(root, 'Subject: none\n\nno Message-ID\n')
  await deliver(root, '')
  const keys = (all: Change<'message'>[]) =>
    all.flatMap((change) => (change.type === 'item' ? [change.item.key] : [])).sort()
  const first = await changes(({ type }) => type === 'caught up')
  expect(new Set(keys(first)).size).toBe(4)
  expect(keys(first)).toContain('<same@x>')
  expect(keys(await changes(({ type }) => type === 'caught up'))).toEqual(keys(first))
})

test('goes on from a cursor when its own memory was lost', async () => {
  const { root, folder, changes } = await mailbox(['.Orders'])
  await deliver(root, mailText({ id: '<a@x>' }))
  const { cursor } = (await changes(({ type }) => type === 'caught up')).at(-1)!
  await rm(join(folder, 'mailbox.jsonl'))
  await file(root, '<a@x>', '.Orders')
  const all = await changes(({ type }) => type === 'caught up', cursor)
  expect(all[0]).toMatchObject({ type: 'deed', key: '<a@x>', deed: { label: 'Orders' } })
})

test('puts an answer among the drafts, threaded, once, and takes it back unless a person changed it', async () => {
  const { root, open, item } = await mailbox(['.Drafts', '.Sent'])
  await deliver(root, mailText({ id: '<a@x>', more: 'References: <root@x>' }))
  const one = await item('<a@x>')
  const before = await snapshotOf(root)
  const place = await open()
  const placed = await Promise.all([1, 2].map(() => place.place(one, answer, 'k1')))
  expect(placed[1]).toEqual(placed[0])
  const [name, ...others] = await readdir(join(root, '.Drafts/cur'))
  expect(others).toEqual([])
  expect(name).toMatch(/:2,D$/)
  const draft = await readFile(join(root, '.Drafts/cur', name!), 'utf8')
  expect(draft.replaceAll('\r\n', '')).not.toContain('\n')
  for (const line of [
    'From: anna@shop.example',
    'To: Bob Buyer <bob@customer.example>',
    'Subject: Re: Where is my order?',
    'In-Reply-To: <a@x>',
    'References: <root@x> <a@x>',
    'It ships on Monday.',
  ]) {
    expect(draft.split('\r\n')).toContain(line)
  }
  expect(draft).toMatch(/^X-Inlay: draft /m)
  if (placed[0]!.placed) await place.withdraw(placed[0]!.placement)
  expect(await snapshotOf(root)).toEqual(before)

  const again = await place.place(one, answer, 'k2')
  const [changed] = await readdir(join(root, '.Drafts/cur'))
  await writeFile(join(root, '.Drafts/cur', changed!), draft.replace('Monday', 'Tuesday'))
  if (again.placed) await place.withdraw(again.placement)
  expect(await readdir(join(root, '.Drafts/cur'))).toEqual([changed])
})

test('places no answer where a person has begun or sent one, or has no drafts', async () => {
  const { root, open, item } = await mailbox(['.Sent'])
  await deliver(root, mailText({ id: '<a@x>' }))
  const one = await item('<a@x>')
  const place = await open()
  expect(await place.place(one, answer, 'k1')).toMatchObject({ because: expect.stringMatching(/no folder/) })
  await makeFolder(join(root, '.Drafts'))
  await deliver(join(root, '.Drafts'), mailText({ id: '<d@x>', more: 'In-Reply-To: <a@x>' }), 'D')
  expect(await place.place(one, answer, 'k2')).toMatchObject({ because: expect.stringMatching(/begun/) })
  await deliver(join(root, '.Sent'), mailText({ id: '<s@x>', more: 'In-Reply-To: <a@x>' }), 'S')
  expect(await place.place(one, answer, 'k3')).toMatchObject({ because: expect.stringMatching(/answered/) })
})

test('tells that a person threw a draft away, and that they sent it', async () => {
  const { root, open, changes, item } = await mailbox(['.Drafts', '.Sent'])
  for (const id of ['<a@x>', '<b@x>']) await deliver(root, mailText({ id }))
  const place = await open()
  for (const id of ['<a@x>', '<b@x>']) await place.place(await item(id), answer, id)
  const types = new Set<string>()
  await changes(
    (change) => {
      if (change.type === 'removed' || change.type === 'deed') types.add(`${change.type} ${change.key}`)
      return types.size === 2
    },
    null,
    async () => {
      const drafts = join(root, '.Drafts')
      for (const name of await readdir(join(drafts, 'cur'))) {
        const text = await readFile(join(drafts, 'cur', name), 'utf8')
        if (text.includes('In-Reply-To: <b@x>')) await deliver(join(root, '.Sent'), text, 'S')
        await unlink(join(drafts, 'cur', name))
      }
    },
  )
  expect([...types].sort()).toEqual(['deed <b@x>', 'removed <a@x>'])
})

test('announces the card as one small unread mail', async () => {
  const { root, open } = await mailbox([])
  await (await open()).announce!({ title: 'This exists now', text: 'Labels appear by themselves.' })
  const [name] = await readdir(join(root, 'new'))
  const text = await readFile(join(root, 'new', name!), 'utf8')
  expect(text).toMatch(/^From: Inlay </m)
  expect(text).toMatch(/^Subject: This exists now\r$/m)
  expect(text).toMatch(/^X-Inlay: card\r$/m)
  expect(text).toContain('Labels appear by themselves.')
  expect(await readdir(join(root, 'tmp'))).toEqual([])
})

test('says what is wrong with a path that is no Maildir', async () => {
  const { root, folder } = await mailbox([])
  const path = join(root, 'nowhere')
  const tools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
  await expect(maildir.open({ path }, tools)).rejects.toMatchObject({ kind: 'unreachable' })
  await mkdir(path)
  await expect(maildir.open({ path }, tools)).rejects.toThrow(/nowhere' \(a folder with 'cur' and 'new'\)/)
})

test.skipIf(!existsSync(archive))(
  'changes nothing but its own keywords while another program files, flags and deletes at random',
  async () => {
    const mails = (await readRawMbox(archive)).slice(0, 300)
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (random) => {
        const draw = (below: number) => random.next().value! % below
        const { root, open, changes } = await mailbox(['.Orders', '.Trash'])
        await writeFile(join(root, 'dovecot-keywords'), '0 Important\n')
        const bytes = new Map<string, string>()
        for (const mail of mails) {
          const path = await deliver(root, mail, draw(2) ? null : ['', 'S', 'FSa'][draw(3)]!)
          bytes.set(basename(path).split(':')[0]!, mail)
        }
        const items = (await changes(({ type }) => type === 'caught up')).flatMap((change) =>
          change.type === 'item' ? [change.item] : [],
        )
        expect(items.length).toBeGreaterThan(120)
        const place = await open()
        const flags = new Map<string, string>()

        /** A mail program at work; it renames by what it last saw, and gives up where it was not the first. */
        async function otherProgram() {
          for (let step = 0; step < 150; step++) {
            const sub = draw(2) ? 'new' : 'cur'
            const names = await readdir(join(root, sub))
            const name = names[draw(names.length || 1)]
            if (!name) continue
            const from = join(root, sub, name)
            const [unique, info] = name.split(':')
            const letters = new Set(info?.slice(2))
            const act = draw(4)
            if (act === 0) letters.has('F') ? letters.delete('F') : letters.add('F')
            if (act === 1) letters.add('S')
            const folder = act === 2 ? '.Orders' : ''
            const to = join(root, folder, 'cur', `${unique}:2,${[...letters].sort().join('')}`)
            const done = await (act === 3 ? unlink(from) : rename(from, to)).then(
              () => true,
              () => false,
            )
            if (!done) continue
            if (act === 3) bytes.delete(unique!)
            else flags.set(unique!, [...letters].filter((letter) => letter <= 'a').join(''))
          }
        }
        async function inlay() {
          for (const item of items.slice(0, 120)) {
            const placed = await place.place(item, label(['Orders', 'Bugs'][draw(2)]!), item.key)
            if (placed.placed && draw(3) === 0) await place.withdraw(placed.placement)
          }
        }
        await Promise.all([otherProgram(), inlay()])

        const left = new Map<string, string>()
        for (const folder of ['', '.Orders']) {
          for (const sub of ['new', 'cur']) {
            for (const name of await readdir(join(root, folder, sub))) {
              const [unique, info = null] = name.split(':')
              expect(left.has(unique!), `${name} is there twice`).toBe(false)
              left.set(unique!, await readFile(join(root, folder, sub, name), 'utf8'))
              const letters = flagsOf({ info })
              expect(letters).toBe([...letters].sort().join(''))
              const theirs = flags.get(unique!)
              if (theirs !== undefined)
                expect(letters.replace(/[b-z]/g, '')).toBe([...theirs].sort().join(''))
            }
          }
        }
        expect(left).toEqual(bytes)
        const keywords = (await readFile(join(root, 'dovecot-keywords'), 'utf8')).trim().split('\n')
        expect(keywords[0]).toBe('0 Important')
        for (const line of keywords.slice(1)) expect(line).toMatch(/^[12] inlay\/(Orders|Bugs)$/)
      }),
      { numRuns: 3 },
    )
  },
)
