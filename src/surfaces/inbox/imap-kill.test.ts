import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasDovecot, startDovecot } from '../../../tests/mail/dovecot.ts'
import { newMailbox } from '../../../tests/mail/mailbox.ts'
import { placeInChild } from '../../../tests/placing.ts'
import { type Message, memoryVault, type Suggestion } from '../../contract/index.ts'
import { imap } from './imap.ts'
import { mailText } from './maildir-medium.suite.ts'

const count = 8

test.skipIf(!hasDovecot).each([
  ['draft', /^\S+ APPEND /m, /APPENDUID/, { type: 'reply', text: 'It ships on Monday.\nAnna' }],
  ['label', /^\S+ UID STORE /m, /FETCH \(/, { type: 'label', label: 'Orders' }],
] as const)(
  'a kill while a %s is placed on a mail server neither doubles nor loses one',
  async (what, asks, done, value) => {
    const server = await startDovecot()
    onTestFinished(() => server.remove())
    const box = await newMailbox(server)
    onTestFinished(() => box.remove())
    const folder = await mkdtemp(join(tmpdir(), 'inlay-kill-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const ids = Array.from({ length: count }, (_, at) => `<${at}@customer.example>`)
    for (const id of ids) await box.put('INBOX', mailText({ id }))
    const open = () =>
      imap.open(imap.settings.parse(box.settings), {
        now: Date.now,
        pseudonym: String,
        folder,
        vault: memoryVault(),
      })

    const first = await open()
    const items: Message[] = []
    const abort = new AbortController()
    for await (const change of first.message!.watch(null, abort.signal)) {
      if (change.type === 'item') items.push(change.item)
      if (change.type === 'caught up') abort.abort()
    }
    await first.close()
    expect(items).toHaveLength(count)

    const suggestion: Suggestion<'message'> = { kind: 'message', value, confidence: 0.9, reasons: [] }
    for (const moment of ['before it arrives', 'half-way', 'when it is done, before that is heard']) {
      const { child, gone } = placeInChild({
        surfaceAt: 'inbox/imap.ts#imap',
        settings: box.settings,
        folder,
        items,
        suggestion,
      })
      let asked = 0
      const nothing = Buffer.alloc(0)
      box.relay.spy((bytes, from) => {
        const text = bytes.toString('latin1')
        if (child.killed) return nothing
        if (from === 'client' && asks.test(text)) asked++
        const ours = from === 'client' ? asks.test(text) : done.test(text)
        if (asked !== 2 || !ours) return bytes
        if (moment.startsWith('when') !== (from === 'server')) return bytes
        child.kill('SIGKILL')
        return moment === 'half-way' ? bytes.subarray(0, text.search(asks) + 40) : nothing
      })
      await gone
      expect(child.signalCode, moment).toBe('SIGKILL')
      box.relay.spy((bytes) => bytes)
    }

    const last = await open()
    for (const item of items) {
      expect(await last.message!.place(item, suggestion, `key ${item.key}`)).toMatchObject({ placed: true })
    }
    const answered = (await box.list('Drafts')).map(({ source }) => /^in-reply-to: (\S+)/im.exec(source)![1])
    const labelled = (await box.list('INBOX')).flatMap(({ flags }) =>
      flags.filter((flag) => /orders/i.test(flag)),
    )
    if (what === 'draft') expect(answered.sort()).toEqual([...ids].sort())
    else expect(labelled).toEqual(ids.map(() => 'inlay/Orders'))
    for (const item of items) await last.message!.withdraw({ key: `key ${item.key}`, ref: '' })
    expect(await box.list('Drafts')).toEqual([])
    expect((await box.list('INBOX')).flatMap(({ flags }) => flags)).toEqual([])
    await last.close()
  },
)
