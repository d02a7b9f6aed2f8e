import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { Change, Message } from '../../src/contract/index.ts'
import { memoryVault } from '../../src/contract/index.ts'
import { imap } from '../../src/surfaces/inbox/imap.ts'
import { mailText } from '../../src/surfaces/inbox/maildir-medium.suite.ts'
import { until as untilSo } from '../until.ts'
import { hasDovecot, startDovecot } from './dovecot.ts'
import { newMailbox } from './mailbox.ts'
import { hasRoundcube, startRoundcube } from './roundcube.ts'
import { password } from './server.ts'

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
const here = hasRoundcube && hasDovecot && browser !== undefined
if (!here) console.error('Roundcube is not here: INLAY_TEST_ROUNDCUBE=1 sh bin/prepare-tests installs it.')
const text = 'Hello Bob,\nyour order left our warehouse on Monday.\nAnna'

test.skipIf(!here)(
  'a person sees the draft in Roundcube, edits it and sends it, and Inlay knows',
  async () => {
    const server = await startDovecot()
    onTestFinished(() => server.remove())
    const roundcube = await startRoundcube(server.port)
    onTestFinished(() => roundcube.stop())
    const box = await newMailbox(server)
    onTestFinished(() => box.remove())
    const folder = await mkdtemp(join(tmpdir(), 'inlay-roundcube-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const shots = process.env.INLAY_SCREENSHOTS ?? folder
    await box.put('INBOX', mailText({ id: '<question@customer.example>', subject: 'Where is my order?' }))

    const tools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
    const opened = await imap.open(imap.settings.parse(box.settings), tools)
    const abort = new AbortController()
    const changes: Change<'message'>[] = []
    const watching = (async () => {
      for await (const change of opened.message!.watch(null, abort.signal)) changes.push(change)
    })()
    onTestFinished(async () => {
      abort.abort()
      await watching
      await opened.close()
    })
    await until(() => changes.some(({ type }) => type === 'caught up'))
    const item = changes.flatMap((change) => (change.type === 'item' ? [change.item] : []))[0] as Message
    for (const value of [
      { type: 'reply' as const, text },
      { type: 'label' as const, label: 'Orders' },
    ]) {
      const suggestion = { kind: 'message' as const, value, confidence: 0.9, reasons: [] }
      expect(await opened.message!.place(item, suggestion, value.type)).toMatchObject({ placed: true })
    }

    const chrome = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox'] })
    onTestFinished(() => chrome.close())
    const page = await chrome.newPage({ viewport: { width: 1200, height: 800 } })
    page.setDefaultTimeout(90_000)
    await page.goto(roundcube.url)
    await page.fill('#rcmloginuser', box.user)
    await page.fill('#rcmloginpwd', password)
    await page.click('#rcmloginsubmit')
    await page.waitForSelector('#messagelist')
    await page.goto(`${roundcube.url}?_task=mail&_mbox=Drafts`)
    const draft = page.locator('#messagelist tr.message', { hasText: 'Re: Where is my order?' })
    await draft.waitFor()
    await page.screenshot({ path: join(shots, 'drafts.png') })
    await draft.locator('.subject a').first().dblclick()
    await page.waitForSelector('#composebody')
    expect(await page.inputValue('#composebody')).toContain('left our warehouse on Monday')
    await page.fill('#composebody', (await page.inputValue('#composebody')).replace('Monday', 'Tuesday'))
    await page.screenshot({ path: join(shots, 'compose.png') })
    await page.click('a.send, button.send')
    await until(() => roundcube.sent.length === 1)
    await until(() => changes.some(({ type }) => type === 'deed'))
    // For the picture alone: some versions stay on the page.
    await page.waitForSelector('#messagelist', { timeout: 3_000 }).catch(() => {})
    await page.screenshot({ path: join(shots, 'sent.png') })

    const deed = changes.find((change) => change.type === 'deed')
    expect(deed).toMatchObject({
      key: '<question@customer.example>',
      deed: { reply: expect.stringContaining('left our warehouse on Tuesday') },
    })
    expect(roundcube.sent[0]).toMatch(/^In-Reply-To: <question@customer\.example>/im)
    await until(async () => (await box.list('Drafts')).length === 0)
    const [original] = await box.list('INBOX')
    expect(original!.flags).toContain('\\Answered')
  },
  300_000,
)

const until = (isSo: () => boolean | Promise<boolean>) => untilSo(isSo, String(isSo))
