import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from '../../contract/index.ts'

/**
 * The mails that an import has read so far, in a file of its folder, so that one that was broken off goes on where it
 * was. In memory is only where each stands.
 */
export interface ImportLog {
  has(unique: string): boolean
  read(unique: string): Promise<Message | null>
  add(read: readonly { unique: string; message: Message }[]): Promise<void>
  close(): Promise<void>
  /** The import is over: what it read is kept no longer. */
  remove(): Promise<void>
}

export async function openImport(folder: string): Promise<ImportLog> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'import.jsonl')
  const file = await open(path, 'a+')
  const places = new Map<string, { at: number; length: number }>()
  let end = await indexed(file, places)

  return {
    has: (unique) => places.has(unique),
    async read(unique) {
      const place = places.get(unique)
      if (!place) return null
      const bytes = Buffer.alloc(place.length)
      await file.read(bytes, 0, place.length, place.at)
      return (JSON.parse(bytes.toString('utf8')) as Kept).message
    },
    async add(read) {
      const lines: Buffer[] = []
      for (const { unique, message } of read) {
        const line = Buffer.from(`${JSON.stringify({ unique, message })}\n`)
        places.set(unique, { at: end, length: line.length - 1 })
        end += line.length
        lines.push(line)
      }
      await file.appendFile(Buffer.concat(lines))
    },
    close: () => file.close(),
    remove: () => rm(path, { force: true }),
  }
}

interface Kept {
  unique: string
  message: Message
}

/** Notes where each whole line stands; one that a crash cut short is cut off. */
async function indexed(
  file: FileHandle,
  places: Map<string, { at: number; length: number }>,
): Promise<number> {
  let at = 0
  for await (const line of file.readLines({ start: 0, autoClose: false })) {
    const length = Buffer.byteLength(line)
    try {
      places.set((JSON.parse(line) as Kept).unique, { at, length })
    } catch {
      break
    }
    at += length + 1
  }
  await file.truncate(at)
  return at
}
