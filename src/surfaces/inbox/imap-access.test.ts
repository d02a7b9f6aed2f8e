import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { hasDovecot, startDovecot } from '../../../tests/mail/dovecot.ts'
import { newMailbox } from '../../../tests/mail/mailbox.ts'
import type { MailServer } from '../../../tests/mail/server.ts'
import { until } from '../../../tests/until.ts'
import type { Change, Message, Suggestion } from '../../contract/index.ts'
import { memoryVault } from '../../contract/index.ts'
import { imap } from './imap.ts'
import { mailText } from './maildir-medium.suite.ts'

/** An issuer of tokens: which refresh tokens it takes, and whose the access tokens are. */
const issuer = {
  refresh: new Map<string, string>(),
  access: new Map<string, string>(),
  lives: 3600,
  rotates: false,
}
let issuerUrl = ''
let server: MailServer
let close = async () => {}

beforeAll(async () => {
  if (!hasDovecot) return
  let count = 0
  const http = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    const url = new URL(request.url!, 'http://localhost')
    if (request.method === 'GET') {
      const email = issuer.access.get(url.searchParams.get('access_token') ?? '')
      return email ? answer(200, { email, active: 'true' }) : answer(401, { error: 'invalid_token' })
    }
    let text = ''
    for await (const chunk of request) text += chunk
    const given = new URLSearchParams(text).get('refresh_token') ?? ''
    const user = issuer.refresh.get(given)
    if (!user)
      return answer(400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' })
    const token = `access-${count++}`
    issuer.access.set(token, user)
    if (!issuer.rotates) return answer(200, { access_token: token, expires_in: issuer.lives })
    const next = `refresh-${count}`
    issuer.refresh.delete(given)
    issuer.refresh.set(next, user)
    answer(200, { access_token: token, expires_in: issuer.lives, refresh_token: next })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  issuerUrl = `http://127.0.0.1:${(http.address() as { port: number }).port}`
  server = await startDovecot({ quotaKilobytes: 64, tokenInfo: `${issuerUrl}/info?access_token=` })
  close = async () => {
    await server.remove()
    http.closeAllConnections()
    http.close()
  }
})
afterAll(() => close())

async function opened(more: Record<string, unknown>, vault = memoryVault()) {
  const box = await newMailbox(server)
  const folder = await mkdtemp(join(tmpdir(), 'inlay-access-'))
  const settings = { ...box.settings, ...more }
  const open = async () =>
    imap.open(imap.settings.parse(settings), { now: Date.now, pseudonym: String, folder, vault })
  onTestFinished(async () => {
    await box.remove()
    await rm(folder, { recursive: true, force: true })
  })
  return { box, open, vault }
}

const here = test.skipIf(!hasDovecot)

here(
  'logs in with a token, keeps a rotated one in the vault, and says within moments that access was taken away',
  async () => {
    Object.assign(issuer, { lives: 1, rotates: true })
    const oauth = {
      password: undefined,
      oauth: `${issuerUrl}/token`,
      clientId: 'inlay',
      refreshToken: 'first',
    }
    const { box, open, vault } = await opened(oauth)
    issuer.refresh.set('first', box.user)
    const { message, close: closeIt, health } = await open()
    expect((await vault.read('refresh token')) ?? '').toMatch(/"token":"refresh-\d+"/)
    const abort = new AbortController()
    const changes: Change<'message'>[] = []
    const watching = (async () => {
      for await (const change of message!.watch(null, abort.signal)) changes.push(change)
    })()
    const failed = watching.then(
      () => null,
      (error: unknown) => error,
    )
    await box.put('INBOX', mailText({ id: '<a@x>' }))
    await until(() => changes.some(({ type }) => type === 'item'), 'the mail is told')
    issuer.refresh.clear()
    expect(await failed).toMatchObject({
      kind: 'bad-input',
      message: expect.stringMatching(
        /no longer gives access to the mail of .*Token has been expired or revoked.*connect it again/,
      ),
    })
    expect(health!().failing).toMatchObject({ because: expect.stringMatching(/no longer gives access/) })
    abort.abort()
    await closeIt()
    await expect(open()).rejects.toMatchObject({ kind: 'bad-input' })
  },
)

here('says who is refused, and where nothing listens or there is no such host', async () => {
  const { box, open } = await opened({ password: 'wrong' })
  await expect(open()).rejects.toThrow(
    `127.0.0.1 refuses the password of ${box.user} ("Authentication failed."); connect it again with one that works`,
  )
  await box.relay.cut()
  await expect(open()).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/nothing listens there/),
  })
  const elsewhere = await opened({ host: 'imap.nowhere.invalid', security: 'tls' })
  await expect(elsewhere.open()).rejects.toThrow(/imap.nowhere.invalid:\d+ cannot be reached/)
})

here('leaves everything as it is where the mailbox is full', async () => {
  const { box, open } = await opened({})
  await box.put('INBOX', mailText({ id: '<a@x>' }))
  await box.put(
    'INBOX',
    `${mailText({ id: '<big@x>' })}${'x'.repeat(70)}\n`.padEnd(64_500, 'words of no use '),
  )
  const { message, close: closeIt } = await open()
  const [item] = await itemsOf(message!)
  const before = await box.snapshot()
  const placed = await message!.place(item!, reply, 'key-1')
  expect(placed).toEqual({ placed: false, because: 'the mailbox is full' })
  expect(await box.snapshot()).toEqual(before)
  await closeIt()
})

const reply: Suggestion<'message'> = {
  kind: 'message',
  value: { type: 'reply', text: 'It ships on Monday. '.repeat(60) },
  confidence: 0.9,
  reasons: [],
}

async function itemsOf(place: { watch(since: null, signal: AbortSignal): AsyncIterable<Change<'message'>> }) {
  const stop = new AbortController()
  const items: Message[] = []
  for await (const change of place.watch(null, stop.signal)) {
    if (change.type === 'item') items.push(change.item)
    if (change.type === 'caught up') stop.abort()
  }
  return items
}
