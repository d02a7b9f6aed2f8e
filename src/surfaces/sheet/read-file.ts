import { type FileHandle, open } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { Fault, type FaultKind } from '../../contract/fault.ts'

/** Which version of a file something was read from: any write or replacement changes it. */
export interface FileVersion {
  inode: bigint
  size: bigint
  mtimeNs: bigint
  ctimeNs: bigint
  mode: number
  uid: number
  gid: number
}

export interface FileContent {
  bytes: Buffer
  version: FileVersion
}

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.inode === b.inode && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs
}

export async function versionOf(handle: FileHandle): Promise<FileVersion> {
  const stat = await handle.stat({ bigint: true })
  return {
    inode: stat.ino,
    size: stat.size,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    mode: Number(stat.mode),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
  }
}

/**
 * The whole file with the version it was. Throws a Fault: `ifMissing` (default `bad-input`) when there is none,
 * `bad-input` for a folder or a file that may not be read or is empty, `busy` when it changes while it is read.
 */
export async function readWholeFile(path: string, ifMissing: FaultKind = 'bad-input'): Promise<FileContent> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    throw openFault(path, error, ifMissing)
  }
  try {
    const before = await handle.stat()
    if (before.isDirectory()) {
      throw new Fault(
        'bad-input',
        `${path} is a folder, not a table: name a CSV, JSON Lines or XLSX file in it.`,
      )
    }
    const version = await versionOf(handle)
    const bytes = await handle.readFile()
    if (!before.isFile()) return { bytes, version }
    if (!sameVersion(version, await versionOf(handle))) {
      throw new Fault('busy', `${path} was being written while it was read: try again in a moment.`)
    }
    return { bytes, version }
  } finally {
    await handle.close()
  }
}

function openFault(path: string, error: unknown, ifMissing: FaultKind): Fault {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Fault(ifMissing, `There is no file ${path}: check the name and the folder.`, { cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new Fault('bad-input', `${path} may not be read by this user: give it read permission.`, {
      cause: error,
    })
  }
  return new Fault(
    'unreachable',
    `${path} cannot be read (${code ?? String(error)}): check the disk or the share.`,
    {
      cause: error,
    },
  )
}

/** A text of V8 ends at 512 M characters. */
const largestTable = 500 * 1024 * 1024

function tooLarge(path: string): Fault {
  return new Fault(
    'bad-input',
    `${path} holds more than 500 MB, which is too much to read at once: split it.`,
  )
}

/** Unpacks gzip, which is told by its first bytes, not by the file's name. Throws a Fault for what is damaged or too large. */
export function unpackGzip(path: string, bytes: Buffer): { bytes: Buffer; gzipped: boolean } {
  if (bytes.length > largestTable) throw tooLarge(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes, gzipped: false }
  try {
    // The file's last four bytes say how long it gets (modulo 4 GiB): in one piece it takes half the time.
    const told = bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4)
    const chunkSize = Math.max(1 << 14, Math.min(told + 64, 1 << 26))
    return { bytes: gunzipSync(bytes, { maxOutputLength: largestTable, chunkSize }), gzipped: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path)
    const message = `${path} is a damaged gzip file (${(error as Error).message}): fetch or pack it again.`
    throw new Fault('bad-input', message, { cause: error })
  }
}
