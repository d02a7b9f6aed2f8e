import { closeSync, futimesSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { labels } from '../letters/phrasebook.ts'
import type { Random } from '../random.ts'

/** Folders of the team mailbox in Maildir++ (INBOX is the root itself). */
export const folders = [...labels, 'Sent', 'Drafts', 'Trash', 'Archive'] as const
export type Folder = (typeof folders)[number]

/** Path of a folder below the Maildir's root; null is INBOX. */
export function folderPath(root: string, folder: Folder | null): string {
  return folder ? join(root, `.${folder}`) : root
}

export function makeMaildir(root: string): void {
  for (const folder of [null, ...folders]) {
    const path = folderPath(root, folder)
    for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(path, part), { recursive: true })
    if (folder) closeSync(openSync(join(path, 'maildirfolder'), 'w'))
  }
}

/** The unique part of a file's name, as Dovecot and most delivery agents make it. */
export function uniqueName(rng: Random, at: number, size: number): string {
  return `${Math.floor(at / 1000)}.M${rng.int(1_000_000)}P${rng.between(300, 32000)}.mail,S=${size}`
}

/** Writes one mail: into `tmp/`, then renamed to where it belongs, with its time of arrival. */
export function deliver(
  root: string,
  folder: Folder | null,
  part: 'new' | 'cur',
  name: string,
  bytes: Buffer,
  at: number,
): void {
  const path = folderPath(root, folder)
  const draft = join(path, 'tmp', name.split(':')[0]!)
  const file = openSync(draft, 'wx')
  try {
    writeSync(file, bytes)
    futimesSync(file, at / 1000, at / 1000)
  } finally {
    closeSync(file)
  }
  renameSync(draft, join(path, part, name))
}
