import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Medium } from '../conformance.suite.ts'
import { mailText, snapshotOf } from './maildir-medium.suite.ts'
import { readFrom } from './mbox-files.ts'
import { splitMbox } from './mbox-split.ts'

const postmark = 'From bob@customer.example Mon Nov  3 10:00:00 2025\n'

/** The mails of an mbox as they were sent. */
export async function readRawMbox(path: string): Promise<string[]> {
  const mails: string[] = []
  for await (const { bytes } of splitMbox(readFrom(path), path)) mails.push(bytes.toString('utf8'))
  return mails
}

/** The mail as it is stored in an mbox. */
export const stored = (text: string) => `${postmark}${text}\n`

async function split(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split(/^(?=From bob@)/m)
}

/** A small mailbox as Thunderbird lays it out, for the conformance suite. */
export async function makeMbox(): Promise<Medium<'message'>> {
  const root = await mkdtemp(join(tmpdir(), 'inlay-mbox-'))
  const inbox = join(root, 'Inbox')
  const orders = join(root, 'Orders')
  const old = mailText({ id: '<old-2@customer.example>', daysAgo: 20, more: 'Status: RO' })
  await writeFile(orders, stored(mailText({ id: '<old-1@customer.example>', daysAgo: 30 })))
  await writeFile(
    inbox,
    [old, mailText({ id: '<open-1@customer.example>' }), mailText({ id: '<open-2@customer.example>' })]
      .map(stored)
      .join(''),
  )
  /** Takes a mail out of the inbox and returns it. */
  async function takeOut(key: string): Promise<string> {
    const mails = await split(inbox)
    await writeFile(inbox, mails.filter((mail) => !mail.includes(`Message-ID: ${key}`)).join(''))
    return mails.find((mail) => mail.includes(`Message-ID: ${key}`))!
  }
  let count = 0
  return {
    settings: { path: root, me: ['anna@shop.example'] },
    invalid: [{}, { path: '' }, { path: root, me: ['no address'] }, { path: root, colour: 'red' }],
    snapshot: () => snapshotOf(root),
    newItem: () => appendFile(inbox, stored(mailText({ id: `<new-${count++}@customer.example>` }))),
    async doDeed(key) {
      await appendFile(orders, await takeOut(key))
    },
    async removePlacement(key) {
      const mails = await split(inbox)
      const mended = mails.map((mail) =>
        mail.includes(`Message-ID: ${key}`) ? mail.replace(/^X-Keywords: .*\n/m, '') : mail,
      )
      await writeFile(inbox, mended.join(''))
    },
    async dropItem(key) {
      await takeOut(key)
    },
    vanish: () => rm(root, { recursive: true, force: true }),
    suggestion: () => ({
      kind: 'message',
      value: { type: 'label', label: 'Orders' },
      confidence: 0.93,
      reasons: [],
    }),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
