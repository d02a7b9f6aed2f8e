import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when `done` is true; fails with `what` after `seconds`: a safety net, not a promise of speed. */
export async function until(
  done: () => boolean | Promise<boolean>,
  what: string,
  seconds = 180,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await sleep(50)
  }
}
