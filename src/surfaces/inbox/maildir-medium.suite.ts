import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Medium } from '../conformance.suite.ts'

/** Makes an empty mail folder. */
export async function makeFolder(path: string): Promise<void> {
  for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(path, sub), { recursive: true })
}

/** Every file under a folder by its relative name, and every folder as an empty entry. */
export async function snapshotOf(root: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    all[path.slice(root.length + 1)] = entry.isDirectory() ? '' : await readFile(path, 'latin1')
  }
  return all
}

let deliveries = 0

/** A mail as some program delivers it; `daysAgo` sets its date. */
export function mailText(options: { id: string; subject?: string; daysAgo?: number; more?: string }): string {
  const date = new Date(Date.now() - (options.daysAgo ?? 0) * 24 * 3600 * 1000).toUTCString()
  return [
    'From: Bob Buyer <bob@customer.example>',
    'To: anna@shop.example',
    `Subject: ${options.subject ?? 'Where is my order?'}`,
    `Date: ${date}`,
    `Message-ID: ${options.id}`,
    ...(options.more ? [options.more] : []),
    '',
    'Hello,\nmy order has not come yet.\n',
  ].join('\n')
}

/** Delivers a mail into a folder and returns the path of its file. */
export async function deliver(folder: string, text: string, flags: string | null = null): Promise<string> {
  const name = `${1_700_000_000 + deliveries}.M${deliveries++}P7.mail.example`
  const path = flags === null ? join(folder, 'new', name) : join(folder, 'cur', `${name}:2,${flags}`)
  await writeFile(join(folder, 'tmp', name), text)
  await rename(join(folder, 'tmp', name), path)
  return path
}

/** The file of the mail with this Message-ID, in any of the folders. */
export async function findMail(root: string, id: string): Promise<string> {
  for (const [name, text] of Object.entries(await snapshotOf(root))) {
    if (text.includes(`Message-ID: ${id}`)) return join(root, name)
  }
  throw new Error(`there is no mail ${id} in ${root}`)
}

/** Files a mail as mutt or Dovecot do: the name goes along, in `cur`. */
export async function file(root: string, id: string, folder: string): Promise<void> {
  const from = await findMail(root, id)
  const name = from.split('/').at(-1)!
  const to = name.includes(':') ? name.replace(/[a-z]+$/, '') : `${name}:2,S`
  await rename(from, join(root, folder, 'cur', to))
}

/** A small Maildir++ mailbox for the conformance suite. */
export async function makeMaildir(): Promise<Medium<'message'>> {
  const root = await mkdtemp(join(tmpdir(), 'inlay-maildir-'))
  for (const folder of ['', '.Orders', '.Sent', '.Trash', '.Drafts']) await makeFolder(join(root, folder))
  await deliver(join(root, '.Orders'), mailText({ id: '<old-1@customer.example>', daysAgo: 30 }), 'S')
  await deliver(root, mailText({ id: '<old-2@customer.example>', daysAgo: 20 }), 'S')
  await deliver(root, mailText({ id: '<open-1@customer.example>', daysAgo: 2 }))
  await deliver(root, mailText({ id: '<open-2@customer.example>', daysAgo: 1 }), '')
  let count = 0
  return {
    settings: { path: root, me: ['anna@shop.example'] },
    invalid: [{}, { path: '' }, { path: root, me: ['no address'] }, { path: root, colour: 'red' }],
    snapshot: () => snapshotOf(root),
    async newItem() {
      await deliver(root, mailText({ id: `<new-${count++}@customer.example>` }))
    },
    doDeed: (key) => file(root, key, '.Orders'),
    async removePlacement(key) {
      const path = await findMail(root, key)
      await rename(path, path.replace(/[a-z]+$/, ''))
    },
    async dropItem(key) {
      await unlink(await findMail(root, key))
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
