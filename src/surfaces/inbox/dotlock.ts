import { open, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../contract/index.ts'

/**
 * Takes a lock file as mail programs do. Whoever holds it is never pushed aside, for only they know when it is
 * stale: after `patienceMs` (10 s) it is a Fault of kind `busy`. The taker unlinks it.
 */
export async function takeDotlock(lock: string, patienceMs = 10_000): Promise<void> {
  for (let waited = 0; ; waited += 50) {
    try {
      await (await open(lock, 'wx')).close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (waited >= patienceMs) {
      throw new Fault('busy', `another program holds '${lock}'; nothing was changed, try again later`)
    }
    await sleep(50)
  }
}

/**
 * Whether another program holds an fcntl or flock lock on this file. Node can take neither, but Linux tells
 * (proc_locks(5)); elsewhere only lock files are honoured.
 */
export async function isLockedByAnother(path: string): Promise<boolean> {
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '')
  const { ino } = await stat(path)
  return locks.split('\n').some((line) => {
    const [, , , , pid, file] = line.trim().split(/\s+/)
    return file?.endsWith(`:${ino}`) && Number(pid) !== process.pid
  })
}
