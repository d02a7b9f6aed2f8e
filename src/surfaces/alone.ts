import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../contract/index.ts'

/** The last of the queue for each lock file in this process. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Runs `work` while nobody else holds this lock file, in this process or another. Throws a Fault of kind `busy` when
 * another process holds it for more than half a minute.
 */
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
