import { appendFile, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../contract/index.ts'

/**
 * `placing` is written before the medium is touched and `placed` after, `withdrawing` and `withdrawn` likewise, so
 * that a crash half-way is finished by whoever comes next, and our own hand is never taken for a person's.
 */
export type JournalState = 'placing' | 'placed' | 'removed' | 'withdrawing' | 'withdrawn'

/** What Inlay did to the medium for one placement key, and what it needs to undo it. */
export interface JournalEntry<Detail> {
  key: string
  item: string
  state: JournalState
  /** Milliseconds since the epoch. */
  at: number
  detail: Detail
}

/** What a surface placed, by placement key: a file of JSON lines in its private folder; the last line of a key counts. */
export interface Journal<Detail> {
  /** Everything that is written now, also by another process. */
  read(): Promise<ReadonlyMap<string, JournalEntry<Detail>>>
  write(entry: JournalEntry<Detail>): Promise<void>
  /** As `read`, without a copy: what it gives changes as the journal grows. */
  live(): Promise<ReadonlyMap<string, JournalEntry<Detail>>>
  /** As `write`, in one write for all. */
  writeAll(entries: JournalEntry<Detail>[]): Promise<void>
  /**
   * Runs `work` while nobody else with the same folder does, in this process or another. Throws a Fault of kind
   * `busy` when another process holds it for more than half a minute.
   */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export async function openJournal<Detail>(folder: string): Promise<Journal<Detail>> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'placements.jsonl')
  const entries = new Map<string, JournalEntry<Detail>>()
  let bytesRead = 0
  let reading = Promise.resolve()

  /** Reads what was written since the last time; one after another, for the last line of a key counts. */
  async function readOn() {
    const file = await open(path).catch(() => null)
    if (!file) return
    try {
      const { size } = await file.stat()
      if (size <= bytesRead) return
      const fresh = Buffer.alloc(size - bytesRead)
      await file.read(fresh, 0, fresh.length, bytesRead)
      // A line that is still being written is read next time.
      const whole = fresh.lastIndexOf(10) + 1
      for (const line of fresh.toString('utf8', 0, whole).split('\n')) {
        const entry = parseLine<JournalEntry<Detail>>(line)
        if (entry) entries.set(entry.key, entry)
      }
      bytesRead += whole
    } finally {
      await file.close()
    }
  }
  return {
    async read() {
      reading = reading.then(readOn, readOn)
      await reading
      return new Map(entries)
    },
    async live() {
      reading = reading.then(readOn, readOn)
      await reading
      return entries
    },
    writeAll: (all) =>
      appendFile(path, all.map((entry) => `\n${JSON.stringify(entry)}\n`).join(''), { flush: true }),
    // The line before may have been cut short by a crash; then this one is not to stick to it.
    write: (entry) => appendFile(path, `\n${JSON.stringify(entry)}\n`, { flush: true }),
    alone: (work) => alone(join(folder, 'placements.lock'), work),
  }
}

/** A line of JSON, or null for an empty line or one that a crash cut short. */
export function parseLine<T>(line: string): T | null {
  if (line === '') return null
  try {
    return JSON.parse(line) as T
  } catch {
    return null
  }
}

/** The last of the queue for each lock file in this process. */
const queues = new Map<string, Promise<unknown>>()

/** Runs `work` while nobody else holds this lock file, in this process or another; see `Journal.alone`. */
export async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(lock) ?? Promise.resolve()
  const turn = before.then(async () => {
    await take(lock, 30_000)
    try {
      return await work()
    } finally {
      await unlink(lock).catch(() => {})
    }
  })
  const settled = turn.catch(() => {})
  queues.set(lock, settled)
  try {
    return await turn
  } finally {
    if (queues.get(lock) === settled) queues.delete(lock)
  }
}

async function take(lock: string, patienceMs: number): Promise<void> {
  for (let waited = 0; ; waited += 20) {
    try {
      const file = await open(lock, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isAbandoned(lock)) {
      // Whoever renames it away has cleared it; the others find that it is gone.
      const aside = `${lock}.${process.pid}`
      await rename(lock, aside).then(
        () => unlink(aside),
        () => {},
      )
      continue
    }
    if (waited >= patienceMs) {
      throw new Fault('busy', `'${lock}' is held by another program of Inlay; wait for it to end or stop it`)
    }
    await sleep(20)
  }
}

/** The process that took it is gone (folders are private to one machine), or it died before it wrote its number. */
async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(lock, 'utf8'))
    if (!pid) return Date.now() - (await stat(lock)).mtimeMs > 5_000
    if (pid === process.pid) return !queues.has(lock)
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
