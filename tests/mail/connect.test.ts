import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder, inlay } from '../inlay.ts'
import { hasDovecot, startDovecot } from './dovecot.ts'
import { newMailbox } from './mailbox.ts'
import { password } from './server.ts'

const topics: Record<string, string[]> = {
  Orders: ['order', 'pallets', 'quantity', 'deliver to our warehouse', 'purchase number', 'please confirm'],
  Invoices: ['invoice', 'payment', 'bank transfer', 'due date', 'credit note', 'amount is wrong'],
  Returns: ['damaged', 'return', 'broken on arrival', 'replacement', 'refund', 'wrong item'],
}

test.skipIf(!hasDovecot)(
  'takes a stranger from nothing to a first backtest on their own mail',
  async () => {
    const server = await startDovecot()
    onTestFinished(() => server.remove())
    const box = await newMailbox(server, Object.keys(topics))
    onTestFinished(() => box.remove())
    for (let number = 0; number < 240; number++) {
      const [folder, words] = Object.entries(topics)[number % 3]!
      const pick = (step: number) => words[(number * 7 + step * 3) % words.length]!
      const at = new Date(Date.now() - 100 * 86_400_000 + number * 3_600_000)
      const mail = [
        `From: Customer ${number % 17} <customer${number % 17}@example.com>`,
        'To: anna@shop.example',
        `Subject: ${pick(1)} ${number}`,
        `Message-ID: <m${number}@example.com>`,
        `Date: ${at.toUTCString()}`,
        '',
        `Hello, about ${pick(2)} and ${pick(3)}: number ${number}. ${pick(4)}.`,
        '',
      ]
      await box.put(folder, mail.join('\r\n'), ['\\Seen'], at)
    }
    const before = await box.snapshot()
    const data = freshFolder()
    const secret = join(data, 'password')
    writeFileSync(secret, `${password}\n`)
    const set = [
      '--set',
      `user=${box.user}`,
      'host=127.0.0.1',
      `port=${server.port}`,
      'security=none',
      'me=anna@shop.example',
      `password=@${secret}`,
    ]
    const { code, stdout, stderr } = await inlay(['connect', 'imap', '--data', data, ...set])
    expect(stderr).not.toMatch(/fault/)
    expect(code).toBe(0)
    expect(stdout).toMatch(/Connected: .*triage-imap-1/)
    expect(stdout).toMatch(/Read 240 messages that were dealt with, .*: 240 filed or labelled, 0 answered\./)
    expect(stdout).toMatch(/skill +would show +of those right +at least +so it would/)
    expect(stdout).toMatch(/triage +\d+ % +\d+ % +\d+ % +speak up/)
    expect(stdout).toMatch(/It never sends\./)
    expect(stdout + stderr).not.toContain(password)
    expect(await box.snapshot()).toEqual(before)
  },
  600_000,
)
