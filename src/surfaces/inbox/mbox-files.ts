import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Fault } from '../../contract/index.ts'
import { type FolderRole, roleOf } from './maildir-folders.ts'

/** One mbox file of a mailbox. */
export interface MboxFile {
  path: string
  /** As a person sees it: `Inbox.sbd/Orders` is Orders, levels parted by `/`. */
  name: string
  role: FolderRole
  packed: boolean
}

/** Files that mail programs keep beside their mboxes, and ours. */
const notMail =
  /^\.|\.(msf|lock|dat|json|html|sqlite|db|index|log|tmp|bak|txt|eml|toc|ev-summary.*|cmeta)$|~$/i

/**
 * The mbox files of a mailbox: one file, or a folder of them as Thunderbird lays it out (`Inbox`,
 * `Inbox.sbd/Orders`). Where no file is called inbox, every file that is not special is one. Throws a Fault
 * `unreachable` when nothing is there.
 */
export async function findMboxes(path: string): Promise<MboxFile[]> {
  const found = await stat(path).catch(() => null)
  if (!found) throw gone(path)
  if (!found.isDirectory()) return [{ path, name: '', role: 'inbox', packed: path.endsWith('.gz') }]
  const files: MboxFile[] = []
  async function visit(folder: string, parents: string[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => null)
    if (!entries && folder === path) throw gone(path)
    for (const entry of entries ?? []) {
      const inner = join(folder, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith('.')) {
        const name = entry.name.replace(/\.sbd$/, '')
        if (parents.length < 8) await visit(inner, [...parents, name])
      } else if (entry.isFile() && !notMail.test(entry.name)) {
        // What lies under the inbox is named without it, as people do.
        const below = parents[0]?.toLowerCase() === 'inbox' ? parents.slice(1) : parents
        const name = [...below, entry.name.replace(/\.gz$/, '').replace(/\.mbox$/, '')].join('/')
        const role = name.toLowerCase() === 'inbox' ? 'inbox' : roleOf(name)
        files.push({ path: inner, name, role, packed: entry.name.endsWith('.gz') })
      }
    }
  }
  await visit(path, [])
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  if (files.some(({ role }) => role === 'inbox')) return files
  return files.map((file) => (file.role === 'label' ? { ...file, role: 'inbox' as const } : file))
}

/** A file's bytes between two offsets, or all of them; unpacked where it is gzipped. */
export function readFrom(path: string, start = 0, end = Number.POSITIVE_INFINITY): Readable {
  const raw = createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 })
  if (!path.endsWith('.gz')) return raw
  const unpacked = createGunzip()
  raw.on('error', (error) => unpacked.destroy(error))
  return raw.pipe(unpacked)
}

const gone = (path: string) =>
  new Fault(
    'unreachable',
    `there is no mailbox at '${path}' ('${basename(path)}' is missing); check the path`,
  )
