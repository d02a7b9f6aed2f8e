import { open, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pause } from './lane.ts'

/** How the lock of these made-up people is known, so that one left by a killed run can be told and removed. */
const host = 'sample-staff'
/** Real milliseconds after which a lock of our own kind is left over from a run that was killed. */
const stale = 5_000

/**
 * Edits a file as LibreOffice does: takes `.~lock.<name>#`, looks at the file for a moment, reads, changes, writes a
 * temporary file, renames it and takes the lock away. Waits while somebody else has the lock. What others write
 * meanwhile without looking at the lock is kept: a replaced file is read again, and what an appender puts into the old
 * file is carried over. `change` gives the new content, or null to leave the file alone. False when
 * the signal aborted first.
 */
export async function editUnderLock(
  path: string,
  person: string,
  signal: AbortSignal,
  change: (before: Buffer) => string | Uint8Array | null,
): Promise<boolean> {
  const lock = join(dirname(path), `.~lock.${basename(path)}#`)
  if (!(await takeLock(lock, path, person, signal))) return false
  try {
    await pause(60, signal)
    for (;;) {
      const old = await open(path, 'r')
      try {
        const opened = await old.stat()
        const before = await old.readFile()
        const after = change(before)
        if (after === null) return true
        const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
        await writeFile(draft, after)
        const found = await stat(path)
        const rewritten =
          found.size < before.length || (found.size === before.length && found.mtimeMs !== opened.mtimeMs)
        if (found.ino !== opened.ino || rewritten) {
          await unlink(draft)
          continue
        }
        await rename(draft, path)
        await carryOver(old, before.length, path, signal)
        return true
      } finally {
        await old.close()
      }
    }
  } finally {
    await rm(lock, { force: true })
  }
}

/** Appends to the new file what an appender with the old one in its hands has still written. */
async function carryOver(
  old: Awaited<ReturnType<typeof open>>,
  length: number,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  let read = length
  for (let look = 0; look < 2; look++) {
    const { size } = await old.stat()
    if (size > read) {
      const tail = Buffer.alloc(size - read)
      await old.read(tail, 0, tail.length, read)
      await writeFile(path, tail, { flag: 'a' })
      read = size
    }
    if (look === 0) await pause(25, signal)
  }
}

async function takeLock(lock: string, path: string, person: string, signal: AbortSignal): Promise<boolean> {
  // LibreOffice's lock file: author, user, host, time, profile.
  const content = `,${person},${host},${new Date().toISOString().slice(0, 16)},file://${path};`
  while (!signal.aborted) {
    try {
      await writeFile(lock, content, { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const [held, found] = await Promise.all([
      readFile(lock, 'utf8').catch(() => ''),
      stat(lock).catch(() => null),
    ])
    const left = held.includes(`,${host},`) && found && Date.now() - found.mtimeMs > stale
    if (left) await rm(lock, { force: true })
    else await pause(50, signal)
  }
  return false
}
