import { randomBytes } from 'node:crypto'
import { open, readFile, rename, unlink } from 'node:fs/promises'

/** A small JSON document in the surface's own folder; null when there is none or a crash damaged it. */
export async function readKept<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    return null
  }
}

/** Writes it durably and in one step; null removes it. */
export async function writeKept(path: string, value: unknown): Promise<void> {
  if (value === null) {
    await unlink(path).catch(() => {})
    return
  }
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(JSON.stringify(value))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
}
