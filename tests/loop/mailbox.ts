import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const topics: Record<string, string[]> = {
  Orders: ['order', 'pallets', 'quantity', 'deliver to our warehouse', 'purchase number', 'please confirm'],
  Invoices: ['invoice', 'payment', 'bank transfer', 'due date', 'credit note', 'amount is wrong'],
  Returns: ['damaged', 'return', 'broken on arrival', 'replacement', 'refund', 'wrong item'],
}

/** A Maildir with filed history and open mail: small, plain, and the same every time. */
export function makeMailbox(root: string, { filed, open }: { filed: number; open: number }): void {
  for (const folder of ['', '.Orders', '.Invoices', '.Returns']) {
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, part), { recursive: true })
  }
  for (let number = 0; number < filed; number++) {
    const topic = Object.keys(topics)[number % 3]!
    const name = `${1_700_000_000 + number}.h${number}.test:2,S`
    writeFileSync(join(root, `.${topic}`, 'cur', name), mail(number, topic))
  }
  for (let number = 0; number < open; number++) deliver(root, filed + number)
}

/** As a delivery agent does. */
export function deliver(root: string, number: number): void {
  const topic = Object.keys(topics)[number % 3]!
  writeFileSync(join(root, 'new', `${Math.floor(Date.now() / 1000)}.h${number}.test`), mail(number, topic))
}

function mail(number: number, topic: string): string {
  const words = topics[topic]!
  const pick = (step: number) => words[(number * 7 + step * 3) % words.length]!
  const date = new Date(Date.now() - 86_400_000 * 100 + number * 3_600_000).toUTCString()
  return [
    `From: Customer ${number % 17} <customer${number % 17}@example.com>`,
    'To: team@example.org',
    `Subject: ${pick(1)} ${number}`,
    `Message-ID: <m${number}@example.com>`,
    `Date: ${date}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Hello, about ${pick(2)} and ${pick(3)}: number ${number}. ${pick(4)}.`,
    '',
  ].join('\r\n')
}

/** Every message file below a Maildir: its text by Message-ID, and where it lies. */
export function messagesIn(root: string): Map<string, { text: string; files: string[] }> {
  const all = new Map<string, { text: string; files: string[] }>()
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!/(^|\/)(cur|new)\/[^/]+$/.test(file)) continue
    const text = readFileSync(join(root, file), 'utf8')
    const id = /^Message-ID: (\S+)/m.exec(text)?.[1] ?? file
    const known = all.get(id)
    if (known) known.files.push(file)
    else all.set(id, { text, files: [file] })
  }
  return all
}
