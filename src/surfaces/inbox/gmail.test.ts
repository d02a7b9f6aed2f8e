import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { type GmailAccount, type GmailServer, startGmail } from '../../../tests/mail/gmail.ts'
import { crlf } from '../../../tests/mail/mailbox.ts'
import { until as untilSo } from '../../../tests/until.ts'
import {
  type Change,
  type Message,
  type MessageValue,
  memoryVault,
  type Suggestion,
} from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { gmail } from './gmail.ts'
import { mailText } from './maildir-medium.suite.ts'

let server: GmailServer
beforeAll(async () => {
  server = await startGmail()
})
afterAll(() => server?.remove())

surfaceConformance(gmail, { message: makeGmail })

interface Stored {
  id: string
  threadId: string
  labelIds: string[]
  raw: string
}

async function all(account: GmailAccount): Promise<Stored[]> {
  const { messages } = await account.call<{ messages: { id: string }[] }>(
    'GET',
    'messages?maxResults=500&includeSpamTrash=true',
  )
  return Promise.all(messages.map(({ id }) => account.call<Stored>('GET', `messages/${id}?format=raw`)))
}

const textOf = ({ raw }: Stored) => Buffer.from(raw, 'base64url').toString()

async function find(account: GmailAccount, id: string): Promise<Stored> {
  const found = (await all(account)).find((each) => new RegExp(`^message-id: ${id}`, 'im').test(textOf(each)))
  if (!found) throw new Error(`there is no mail ${id}`)
  return found
}

async function labelOf(account: GmailAccount, name: string): Promise<string> {
  const { labels } = await account.call<{ labels: { id: string; name: string }[] }>('GET', 'labels')
  const known = labels.find((each) => each.name === name)
  return known?.id ?? (await account.call<{ id: string }>('POST', 'labels', { name })).id
}

const put = (account: GmailAccount, id: string, daysAgo: number, labels: string[], more?: string) =>
  account.put(crlf(mailText({ id, daysAgo, ...(more && { more }) })), labels)

async function file(account: GmailAccount, key: string, label: string) {
  const { id } = await find(account, key)
  const body = { addLabelIds: [await labelOf(account, label)], removeLabelIds: ['INBOX', 'UNREAD'] }
  await account.call('POST', `messages/${id}/modify`, body)
}

async function makeGmail(): Promise<Medium<'message'>> {
  const account = await server.newAccount()
  await put(account, '<old-1@customer.example>', 30, [await labelOf(account, 'Orders')])
  await put(account, '<old-2@customer.example>', 20, ['INBOX'])
  await put(account, '<open-1@customer.example>', 2, ['INBOX', 'UNREAD'])
  await put(account, '<open-2@customer.example>', 1, ['INBOX', 'UNREAD'])
  let count = 0
  const { clientId: _, ...incomplete } = account.settings
  return {
    settings: account.settings,
    invalid: [{}, incomplete, { ...account.settings, user: 'anna' }, { ...account.settings, colour: 'red' }],
    async snapshot() {
      const { labels } = await account.call<{ labels: { id: string; name: string }[] }>('GET', 'labels')
      const mails = (await all(account)).map((each) => [
        each.id,
        `${each.labelIds.filter((label) => label).sort()}\n${textOf(each)}`,
      ])
      return Object.fromEntries([
        ...mails,
        [
          'labels',
          labels
            .map(({ name }) => name)
            .sort()
            .join(),
        ],
      ])
    },
    async newItem() {
      await put(account, `<new-${count++}@customer.example>`, 0, ['INBOX', 'UNREAD'])
    },
    doDeed: (key) => file(account, key, 'Orders'),
    async removePlacement(key) {
      const { id } = await find(account, key)
      const body = { removeLabelIds: [await labelOf(account, 'Inlay/Orders')] }
      await account.call('POST', `messages/${id}/modify`, body)
    },
    async dropItem(key) {
      await account.call('DELETE', `messages/${(await find(account, key)).id}`)
    },
    vanish: account.vanish,
    suggestion: () => suggest({ type: 'label', label: 'Orders' }),
    remove: account.vanish,
  }
}

const suggest = (value: MessageValue): Suggestion<'message'> => ({
  kind: 'message',
  value,
  confidence: 0.9,
  reasons: [],
})
const text = 'Hello Bob,\nyour order left our warehouse on Monday and is with you by Thursday.\nAnna'
const answer = suggest({ type: 'reply', text })

/** An account with one open mail, and the surface watching it. */
async function office({ onTestFinished }: TestContext, id = '<a@x>') {
  const account = await server.newAccount()
  const folder = await mkdtemp(join(tmpdir(), 'inlay-gmail-'))
  await put(account, id, 0.1, ['INBOX', 'UNREAD'])
  const changes: Change<'message'>[] = []
  const running = new Set<() => Promise<void>>()
  onTestFinished(async () => {
    for (const stop of running) await stop()
    await account.vanish()
    await rm(folder, { recursive: true, force: true })
  })
  async function up() {
    const tools = {
      now: Date.now,
      pseudonym: (raw: string) => `someone-${raw.length}`,
      folder,
      vault: memoryVault(),
    }
    const opened = await gmail.open(gmail.settings.parse(account.settings), tools)
    const abort = new AbortController()
    const failed: unknown[] = []
    const from = changes.length
    const watching = (async () => {
      const since = changes.at(-1)?.cursor ?? null
      for await (const change of opened.message!.watch(since, abort.signal)) changes.push(change)
    })().catch((error) => void failed.push(error))
    const down = async () => {
      running.delete(down)
      abort.abort()
      await watching
      await opened.close()
    }
    running.add(down)
    await until(() => failed.length > 0 || changes.slice(from).some(({ type }) => type === 'caught up'))
    if (failed.length > 0) throw failed[0]
    return { place: opened.message!, down, failed }
  }
  const about = (key: string) => changes.filter((change) => 'key' in change && change.key === key)
  const item = (key = id) =>
    changes.flatMap((change) =>
      change.type === 'item' && change.item.key === key ? [change.item] : [],
    )[0] as Message
  const drafts = async () => {
    const { drafts: found } = await account.call<{ drafts: { id: string; message: { id: string } }[] }>(
      'GET',
      'drafts',
    )
    const read = await Promise.allSettled(
      found.map(async (draft) => ({
        ...(await account.call<Stored>('GET', `messages/${draft.message.id}?format=raw`)),
        draft: draft.id,
      })),
    )
    // One that was taken back since it was listed is gone.
    return read.flatMap((draft) => (draft.status === 'fulfilled' ? [draft.value] : []))
  }
  return { account, folder, changes, up, about, item, drafts }
}

const until = (isSo: () => boolean | Promise<boolean>) => untilSo(isSo, String(isSo))

test.concurrent('puts a draft into the thread, once, updates it in place, and takes it back without a trace', async (context) => {
  const { up, item, drafts, account } = await office(context)
  const { place } = await up()
  const placed = await Promise.all([1, 2].map(() => place.place(item(), answer, 'k1')))
  expect(placed[1]).toEqual(placed[0])
  const [draft, ...others] = await drafts()
  expect(others).toEqual([])
  expect(draft!.threadId).toBe((await find(account, '<a@x>')).threadId)
  expect(textOf(draft!)).toMatch(/^In-Reply-To: <a@x>\r$/m)
  expect(textOf(draft!)).toMatch(/^X-Inlay: draft /m)
  const newer = suggest({ type: 'reply', text: text.replace('Monday', 'Friday') })
  const again = await place.place(item(), newer, 'k2')
  expect(again).toMatchObject({ placed: true })
  const [updated, ...more] = await drafts()
  expect(more).toEqual([])
  expect(updated!.draft).toBe(draft!.draft)
  expect(textOf(updated!)).toContain('on Friday')
  if (again.placed) await place.withdraw(again.placement)
  expect(await drafts()).toEqual([])
})

test.concurrent.for([
  'up',
  'down',
])('knows what became of drafts, with Inlay %s', async (running, context) => {
  const box = await office(context)
  const ids = ['<sent@x>', '<edited@x>', '<deleted@x>', '<own@x>']
  for (const id of ids) await put(box.account, id, 0.05, ['INBOX', 'UNREAD'])
  const { place, down } = await box.up()
  const threads = new Map<string, string>()
  for (const id of ids) {
    expect(await place.place(box.item(id), answer, id)).toMatchObject({ placed: true })
    threads.set((await find(box.account, id)).threadId, id)
  }
  if (running === 'down') await down()
  for (const draft of await box.drafts()) {
    const id = threads.get(draft.threadId)
    if (id === '<sent@x>') await box.account.call('POST', 'drafts/send', { id: draft.draft })
    if (id === '<edited@x>') {
      const raw = Buffer.from(textOf(draft).replace('Monday', 'Tuesday')).toString('base64url')
      await box.account.call('PUT', `drafts/${draft.draft}`, { message: { raw, threadId: draft.threadId } })
      await box.account.call('POST', 'drafts/send', { id: draft.draft })
    }
    if (id === '<deleted@x>') await box.account.call('DELETE', `drafts/${draft.draft}`)
    if (id === '<own@x>') {
      const own = crlf(mailText({ id: '<mine@shop.example>', more: 'In-Reply-To: <own@x>' })).replaceAll(
        'my order',
        'MY OWN',
      )
      const raw = Buffer.from(own).toString('base64url')
      await box.account.call('POST', 'messages', { raw, threadId: draft.threadId, labelIds: ['SENT'] })
    }
  }
  if (running === 'down') await box.up()
  await until(() => ids.every((id) => box.about(id).length > 0))
  expect(box.about('<sent@x>')).toMatchObject([
    { type: 'deed', deed: { reply: expect.stringContaining('Monday') } },
  ])
  expect(box.about('<edited@x>')).toMatchObject([
    { type: 'deed', deed: { reply: expect.stringContaining('Tuesday') } },
  ])
  expect(box.about('<deleted@x>')).toMatchObject([{ type: 'removed' }])
  expect(box.about('<own@x>')).toMatchObject([
    { type: 'deed', deed: { reply: expect.stringContaining('MY OWN') } },
  ])
  await until(async () => (await box.drafts()).length === 0)
})

test.concurrent('places a draft once, whatever was cut short', async (context) => {
  const box = await office(context)
  const first = await box.up()
  await first.place.place(box.item(), answer, 'k1')
  await first.down()
  const journal = join(box.folder, 'placements.jsonl')
  const begun = (await readFile(journal, 'utf8')).trim().split('\n')[0]!
  await writeFile(journal, `${begun}\n`)
  const second = await box.up()
  expect(await second.place.place(box.item(), answer, 'k1')).toMatchObject({ placed: true })
  expect(await box.drafts()).toHaveLength(1)
  await second.down()
  await writeFile(journal, `${begun}\n`)
  await box.account.call('DELETE', `drafts/${(await box.drafts())[0]!.draft}`)
  const third = await box.up()
  expect(await third.place.place(box.item(), answer, 'k1')).toMatchObject({ placed: false })
  expect(await box.drafts()).toEqual([])
})

test.concurrent('places no answer where a person has begun or sent one', async (context) => {
  const box = await office(context)
  const { place } = await box.up()
  const { threadId } = await find(box.account, '<a@x>')
  const raw = Buffer.from(crlf(mailText({ id: '<d@x>', more: 'In-Reply-To: <a@x>' }))).toString('base64url')
  await box.account.call('POST', 'drafts', { message: { raw, threadId } })
  expect(await place.place(box.item(), answer, 'k1')).toMatchObject({
    because: expect.stringMatching(/begun/),
  })
  await box.account.call('POST', 'messages', { raw, threadId, labelIds: ['SENT'] })
  expect(await place.place(box.item(), answer, 'k2')).toMatchObject({
    because: expect.stringMatching(/answered/),
  })
})

test.concurrent('reads everything again when Gmail has forgotten the history', async (context) => {
  const box = await office(context)
  const first = await box.up()
  await first.down()
  await file(box.account, '<a@x>', 'Orders')
  await put(box.account, '<b@x>', 0, ['INBOX'])
  let forgotten = 0
  box.account.trouble((_, path) => (path.includes('/history') && forgotten++ === 0 ? { status: 404 } : null))
  await box.up()
  expect(forgotten).toBeGreaterThan(0)
  expect(box.about('<a@x>')).toMatchObject([{ type: 'deed', deed: { label: 'Orders' } }])
  expect(box.item('<b@x>')).toBeDefined()
})

test.concurrent('waits where Gmail asks it to, and goes on', async (context) => {
  const box = await office(context)
  const troubles = [429, 503, 500, 429]
  box.account.trouble((_, path) => {
    const status = path.startsWith('/gmail') ? troubles.shift() : undefined
    return status ? { status } : null
  })
  const { place } = await box.up()
  troubles.push(429, 503)
  expect(await place.place(box.item(), answer, 'k1')).toMatchObject({ placed: true })
  expect(await box.drafts()).toHaveLength(1)
})

test.concurrent('says at once when access was taken away', async (context) => {
  const box = await office(context)
  const { failed } = await box.up()
  await box.account.revoke()
  // Google no longer takes the access token either.
  box.account.trouble((_, path) => (path.startsWith('/gmail') ? { status: 401 } : null))
  await until(() => failed.length > 0)
  expect(failed[0]).toMatchObject({
    kind: 'bad-input',
    message: expect.stringMatching(
      /no longer gives access to the mail of u\d+@shop.example .*connect it again/,
    ),
  })
})
