import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../tests/until.ts'
import {
  type Change,
  type Example,
  type Message,
  memoryVault,
  type Suggestion,
} from '../../contract/index.ts'
import { surfaceConformance } from '../conformance.suite.ts'
import { mailText } from './maildir-medium.suite.ts'
import { mbox } from './mbox.ts'
import { makeMbox, stored } from './mbox-medium.suite.ts'

surfaceConformance(mbox, { message: makeMbox })

const suggestion: Suggestion<'message'> = {
  kind: 'message',
  value: { type: 'label', label: 'Orders' },
  confidence: 0.9,
  reasons: [],
}

/** A folder of files with this content, and the surface opened on it. */
async function mailbox(files: Record<string, string | Buffer>, path = '') {
  const root = await mkdtemp(join(tmpdir(), 'inlay-mbox-'))
  const folder = await mkdtemp(join(tmpdir(), 'inlay-journal-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), content)
  }
  onTestFinished(async () => {
    for (const each of [root, folder]) await rm(each, { recursive: true, force: true })
  })
  const tools = {
    now: Date.now,
    pseudonym: (raw: string) => `someone-${raw.length}`,
    folder,
    vault: memoryVault(),
  }
  const settings = { path: join(root, path), me: ['anna@shop.example'] }
  const place = (await mbox.open(settings, tools)).message!
  async function watch(until: (all: Change<'message'>[]) => boolean, act?: () => Promise<unknown>) {
    const all: Change<'message'>[] = []
    const stop = new AbortController()
    let acting: Promise<unknown> | null = null
    for await (const change of place.watch(null, stop.signal)) {
      all.push(change)
      if (change.type === 'caught up') acting ??= act?.() ?? Promise.resolve()
      if (until(all)) stop.abort()
    }
    await acting
    return all
  }
  async function open(): Promise<Message[]> {
    const all = await watch((changes) => changes.at(-1)!.type === 'caught up')
    return all.flatMap((change) => (change.type === 'item' ? [change.item] : []))
  }
  async function history(): Promise<Example<'message'>[]> {
    const all: Example<'message'>[] = []
    for await (const example of place.history()) all.push(example)
    return all
  }
  return { root, folder, place, open, watch, history }
}

test('reads labels from files as Thunderbird lays them out, from keywords and from X-Label', async () => {
  const mail = (id: string, more = 'X-A: b') => stored(mailText({ id, more, daysAgo: 9 }))
  const { history, open } = await mailbox({
    Inbox:
      mail('<1@x>', 'X-Keywords: NonJunk, Billing') +
      mail('<2@x>', 'X-Label: Travel') +
      mail('<3@x>', 'X-Mozilla-Status: 0001') +
      mail('<4@x>', 'X-Keywords: NonJunk') +
      mail('<5@x>', 'X-Mozilla-Status: 0009'),
    'Inbox.sbd/Orders': mail('<6@x>'),
    'Inbox.msf': '// <!-- <mdb:mork',
    'Projects.sbd/Inlay': mail('<7@x>'),
    Trash: mail('<8@x>'),
    Sent: stored(mailText({ id: '<s@x>', more: 'In-Reply-To: <6@x>' })),
  })
  expect((await history()).map(({ item, deed }) => [item.key, deed.label])).toEqual([
    ['<1@x>', 'Billing'],
    ['<2@x>', 'Travel'],
    ['<3@x>', null],
    ['<6@x>', 'Orders'],
    ['<7@x>', 'Projects/Inlay'],
  ])
  expect((await history())[3]!.deed.reply).toBe('Hello,\nmy order has not come yet.')
  expect((await open()).map(({ key }) => key)).toEqual(['<4@x>'])
})

test('reads gzipped files as history and never watches or writes them', async () => {
  const packed = gzipSync(
    stored(mailText({ id: '<2@x>', more: 'Status: RO', daysAgo: 10 })) +
      stored(mailText({ id: '<1@x>', more: 'Status: RO', daysAgo: 20 })),
  )
  const { root, folder, history, open, place } = await mailbox({ 'list.mbox.gz': packed }, 'list.mbox.gz')
  const [first] = await history()
  expect((await history()).map(({ item }) => item.key)).toEqual(['<1@x>', '<2@x>'])
  expect(await open()).toEqual([])
  expect(await place.place(first!.item, suggestion, 'k1')).toMatchObject({ placed: false })
  expect(await readFile(join(root, 'list.mbox.gz'))).toEqual(packed)
  expect(existsSync(join(folder, 'unpacked'))).toBe(false)
})

test.each([
  '\n',
  '\r\n',
])('adds one header line and takes exactly it away, with lines that end in %j', async (end) => {
  const text = (stored(mailText({ id: '<1@x>' })) + stored(mailText({ id: '<2@x>' }))).replaceAll('\n', end)
  const { root, open, place } = await mailbox({ Inbox: text })
  const item = (await open()).find(({ key }) => key === '<2@x>')!
  const { mode } = await stat(join(root, 'Inbox'))
  const placed = await place.place(item, suggestion, 'k1')
  const line = `Message-ID: <2@x>${end}`
  expect(await readFile(join(root, 'Inbox'), 'utf8')).toBe(
    text.replace(line, `${line}X-Keywords: inlay/Orders${end}`),
  )
  expect((await stat(join(root, 'Inbox'))).mode).toBe(mode)
  if (placed.placed) await place.withdraw(placed.placement)
  expect(await readFile(join(root, 'Inbox'), 'utf8')).toBe(text)
  expect(existsSync(join(root, 'Inbox.lock'))).toBe(false)
})

test('takes only its own word out of a line that another program has made of several', async () => {
  const { root, open, place } = await mailbox({ Inbox: stored(mailText({ id: '<1@x>' })) })
  const [item] = await open()
  const placed = await place.place(item!, suggestion, 'k1')
  const path = join(root, 'Inbox')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('X-Keywords: inlay/Orders', 'X-Keywords: Work inlay/Orders $MDNSent   '))
  if (placed.placed) await place.withdraw(placed.placement)
  expect(await readFile(path, 'utf8')).toContain('\nX-Keywords: Work $MDNSent   \n')
})

test("changes nothing while another program holds the file's lock", async () => {
  const { root, open, place } = await mailbox({ Inbox: stored(mailText({ id: '<1@x>' })) })
  const [item] = await open()
  const before = await readFile(join(root, 'Inbox'), 'utf8')
  await writeFile(join(root, 'Inbox.lock'), '')
  await expect(place.place(item!, suggestion, 'k1')).rejects.toMatchObject({ kind: 'busy' })
  expect(await readFile(join(root, 'Inbox'), 'utf8')).toBe(before)
  expect(existsSync(join(root, 'Inbox.lock'))).toBe(true)
  await unlink(join(root, 'Inbox.lock'))
  expect(await place.place(item!, suggestion, 'k1')).toMatchObject({ placed: true })
})

test('waits for the end of a mail that is being written', async () => {
  const { root, watch } = await mailbox({ Inbox: stored(mailText({ id: '<1@x>' })) })
  const path = join(root, 'Inbox')
  const text = stored(mailText({ id: '<2@x>' }))
  const all = await watch(
    (changes) => changes.some((change) => change.type === 'item' && change.item.key === '<2@x>'),
    async () => {
      await writeFile(`${path}.lock`, '')
      await appendFile(path, text.slice(0, text.indexOf('Message-ID') + 14))
      await sleep(700)
      await appendFile(path, text.slice(text.indexOf('Message-ID') + 14))
      await unlink(`${path}.lock`)
    },
  )
  const keys = all.flatMap((change) => (change.type === 'item' ? [change.item.key] : []))
  expect(keys).toEqual(['<1@x>', '<2@x>'])
  expect(all.find((change) => change.type === 'item' && change.item.key === '<2@x>')).toMatchObject({
    item: { text: 'Hello,\nmy order has not come yet.' },
  })
})

test('tells a label that another program wrote as a deed, and twins of one Message-ID apart', async () => {
  const twins = stored(mailText({ id: '<1@x>' })) + stored(mailText({ id: '<1@x>', subject: 'Other' }))
  const { root, watch } = await mailbox({ Inbox: twins })
  const all = await watch(
    (changes) => changes.some(({ type }) => type === 'deed'),
    () => writeFile(join(root, 'Inbox'), twins.replace('Subject: Other', 'X-Keywords: Bugs\nSubject: Other')),
  )
  const keys = all.flatMap((change) => (change.type === 'item' ? [change.item.key] : []))
  expect(keys).toEqual(['<1@x>', expect.stringMatching(/^<1@x>#/)])
  expect(all.find(({ type }) => type === 'deed')).toMatchObject({ key: keys[1], deed: { label: 'Bugs' } })
  expect(all.some(({ type }) => type === 'gone')).toBe(false)
})

test('says that a file is no mbox, and that there is no file for drafts', async () => {
  const { history } = await mailbox({ Inbox: 'Dear diary\n' })
  await expect(history()).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringMatching(/Inbox/),
  })
  const { open, place } = await mailbox({ Inbox: stored(mailText({ id: '<1@x>' })) })
  const [item] = await open()
  const answer = { ...suggestion, value: { type: 'reply' as const, text: 'Yes.' } }
  expect(await place.place(item!, answer, 'k1')).toMatchObject({
    because: expect.stringMatching(/draft/),
  })
})

test.each([
  ['an empty file', ''],
  ['another draft', stored(mailText({ id: '<d@x>' }))],
  ['a file without its last empty line', stored(mailText({ id: '<d@x>' })).trimEnd()],
])('puts an answer behind %s, once, and cuts it out again unless a person has changed it', async (_, before) => {
  const inbox = stored(mailText({ id: '<1@x>' }))
  const { root, open, place } = await mailbox({ Inbox: inbox, Drafts: before })
  const [item] = await open()
  const text = 'It ships on Monday.\nFrom here it takes a day.'
  const answer = { ...suggestion, value: { type: 'reply' as const, text } }
  const drafts = join(root, 'Drafts')
  const placed = await Promise.all([1, 2].map(() => place.place(item!, answer, 'k1')))
  expect(placed[1]).toEqual(placed[0])
  const after = await readFile(drafts, 'latin1')
  expect(after.startsWith(before)).toBe(true)
  expect(after.match(/^From inlay /gm)).toHaveLength(1)
  expect(after).toMatch(/^In-Reply-To: <1@x>$/m)
  expect(after).toMatch(/^>From here it takes a day\.$/m)
  expect(after).not.toContain('\r')
  if (placed[0]!.placed) await place.withdraw(placed[0]!.placement)
  expect(await readFile(drafts, 'latin1')).toBe(before)
  expect(await readFile(join(root, 'Inbox'), 'latin1')).toBe(inbox)

  const again = await place.place(item!, answer, 'k2')
  expect(again).toMatchObject({ placed: true })
  const edited = (await readFile(drafts, 'latin1')).replace('Monday', 'Tuesday')
  await writeFile(drafts, edited)
  if (again.placed) await place.withdraw(again.placement)
  expect(await readFile(drafts, 'latin1')).toBe(edited)
  expect(await place.place(item!, answer, 'k3')).toMatchObject({ because: expect.stringMatching(/begun/) })
})

test('takes a draft back when a person has answered in their own words', async () => {
  const files = { Inbox: stored(mailText({ id: '<1@x>' })), Drafts: '', Sent: '' }
  const { root, open, place, watch } = await mailbox(files)
  const [item] = await open()
  const answer = { ...suggestion, value: { type: 'reply' as const, text: 'It ships on Monday.' } }
  await place.place(item!, answer, 'k1')
  const own = stored(mailText({ id: '<own@x>', more: 'In-Reply-To: <1@x>' }))
  let empty = false
  const all = await watch(
    () => empty,
    async () => {
      await writeFile(join(root, 'Sent'), own)
      await until(async () => (await stat(join(root, 'Drafts'))).size === 0, 'the draft is taken back')
      empty = true
      await appendFile(join(root, 'Inbox'), stored(mailText({ id: '<2@x>' })))
    },
  )
  expect(await readFile(join(root, 'Drafts'), 'latin1')).toBe('')
  expect(all.filter(({ type }) => type === 'deed' || type === 'removed')).toMatchObject([
    { type: 'deed', key: '<1@x>', deed: { reply: expect.stringMatching(/my order/) } },
  ])
})
