import { randomBytes } from 'node:crypto'
import { chmod, chown, open, readdir, readFile, readlink, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../../contract/index.ts'
import { type FileVersion, sameVersion, versionOf } from './read-file.ts'

/** Throws a Fault (`busy`) while another program has the file open to write: an office program, or any (Linux). */
export async function refuseWhileOpen(path: string): Promise<void> {
  const folder = dirname(path)
  const name = basename(path)
  for (const [lock, program] of [
    [`.~lock.${name}#`, 'LibreOffice'],
    [`~$${name}`, 'Excel'],
  ] as const) {
    if (!(await exists(join(folder, lock)))) continue
    const stale = `if it is not, delete ${join(folder, lock)}`
    throw new Fault('busy', `${path} is open in ${program}; Inlay writes when it is closed (${stale}).`)
  }
  const writer = await writerOf(path)
  if (writer !== null) throw new Fault('busy', `${path} is being written by another program (${writer}).`)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Name of another process that holds the file open for writing; only Linux tells, elsewhere null. */
async function writerOf(path: string): Promise<string | null> {
  const processes = await readdir('/proc').catch(() => [])
  for (const id of processes) {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) continue
    const handles = await readdir(`/proc/${id}/fd`).catch(() => [])
    for (const handle of handles) {
      if ((await readlink(`/proc/${id}/fd/${handle}`).catch(() => '')) !== path) continue
      const info = await readFile(`/proc/${id}/fdinfo/${handle}`, 'utf8').catch(() => '')
      const flags = Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '0', 8)
      if ((flags & 3) === 0) continue
      const program = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')
      return program.trim() || `process ${id}`
    }
  }
  return null
}

/** Where the new content of a file is written before it takes the file's place; `owner` tells whose it is. */
export function temporaryName(path: string, owner: string): string {
  return join(dirname(path), `.inlay-${owner}-${randomBytes(6).toString('hex')}.tmp`)
}

/** Removes what a crash left before it could be written down anywhere. */
export async function removeTemporaries(path: string, owner: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => [])
  for (const name of names) {
    if (name.startsWith(`.inlay-${owner}-`)) await unlink(join(dirname(path), name)).catch(() => {})
  }
}

export interface Replacement {
  /** The file itself, not a link to it. */
  path: string
  bytes: Uint8Array
  /** The version that `bytes` were made from. */
  from: FileVersion
  /** Name of the temporary file, from `temporaryName`. */
  temporary: string
  /** Called when the new content is safely on disk under its temporary name. */
  written?(): Promise<void>
  /** Called when nothing comes of it, while the temporary file is still there: its absence means that it was done. */
  abandoned?(): void
  /** Called last, between the check that the file is unchanged and its replacement. */
  beforeRename?(): Promise<void>
}

/**
 * Replaces a file in one step, with its mode and owner, and only if it is still the version that the new content was
 * made from: false when another program was faster, whose content then stands. What another program wrote into the
 * old file in the very moment of the replacement is put back, and false is the answer too.
 */
export async function replaceFile(replacement: Replacement): Promise<boolean> {
  const { path, bytes, from, temporary } = replacement
  await writeDurably(path, temporary, bytes, from)
  const old = await open(path, 'r').catch(() => null)
  try {
    await replacement.written?.()
    await refuseWhileOpen(path)
    if (!old || !sameVersion(from, await versionOf(old)) || !(await isStill(path, from))) {
      replacement.abandoned?.()
      await unlink(temporary)
      return false
    }
    await replacement.beforeRename?.()
    await rename(temporary, path)
    await syncFolder(dirname(path))
    const after = await versionOf(old)
    if (after.size === from.size && after.mtimeNs === from.mtimeNs) return true
    const rescue = `${temporary}.rescue`
    await writeDurably(path, rescue, await old.readFile(), from)
    await rename(rescue, path)
    replacement.abandoned?.()
    return false
  } catch (error) {
    replacement.abandoned?.()
    await unlink(temporary).catch(() => {})
    throw error instanceof Fault ? error : writeFault(path, error)
  } finally {
    await old?.close()
  }
}

async function isStill(path: string, version: FileVersion): Promise<boolean> {
  const now = await stat(path, { bigint: true }).catch(() => null)
  return (
    now !== null && now.ino === version.inode && now.size === version.size && now.mtimeNs === version.mtimeNs
  )
}

async function writeDurably(path: string, name: string, bytes: Uint8Array, like: FileVersion): Promise<void> {
  try {
    const handle = await open(name, 'wx', like.mode & 0o777)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(name, like.mode & 0o7777)
    // Only the superuser may give files away; for anybody else the file was theirs, or becomes so.
    await chown(name, like.uid, like.gid).catch(() => {})
  } catch (error) {
    await unlink(name).catch(() => {})
    throw writeFault(path, error)
  }
}

/** Makes a rename durable; file systems that cannot sync a folder do it by themselves. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

function writeFault(path: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  const options = { cause: error }
  // Windows says so of a file that somebody has open.
  const held = process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES')
  if (held || code === 'EBUSY' || code === 'ETXTBSY') {
    return new Fault('busy', `${path} is held by another program: Inlay tries again later.`, options)
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Fault('bad-input', `The folder ${dirname(path)} may not be written by this user.`, options)
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault('unreachable', `The disk of ${path} is full: nothing was changed.`, options)
  }
  return new Fault('unreachable', `${path} cannot be written (${code ?? String(error)}).`, options)
}
