import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../contract/index.ts'
import { machine, startOf } from './process.ts'

interface Holder {
  pid: number
  start: string | null
  machine: string
}

/** Milliseconds between two signs of life, and after how many without one a holder on another machine is gone. */
const sign = 5000
const silence = 30_000

/**
 * Claims the data folder (made when absent) for this process until it releases it or dies, however it dies. Fault
 * `busy` while another Inlay has it.
 *
 * Claims are files with rising numbers. The highest one counts, a number is taken by `link`, which only one process
 * can win, and released claims stay behind until a later one stands: so nobody ever removes a claim that another
 * process has just won, which a single lock file taken over by remove-and-create would allow.
 */
export async function claimDataFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const claims = join(folder, 'claims')
  const self: Holder = { pid: process.pid, start: startOf(process.pid), machine: machine() }
  const draft = join(claims, `draft-${randomUUID()}`)
  try {
    mkdirSync(claims, { recursive: true })
    writeFileSync(draft, JSON.stringify(self))
  } catch (error) {
    throw new Fault(
      'bad-input',
      `The data folder "${folder}" cannot be written: ${(error as Error).message}.`,
      {
        cause: error,
      },
    )
  }
  try {
    for (;;) {
      const last = Math.max(0, ...numbersIn(claims))
      const holder = last > 0 ? holderOf(join(claims, String(last))) : null
      if (holder)
        throw new Fault(
          'busy',
          `The data folder "${folder}" is in use by another Inlay (process ${holder.pid}${
            holder.machine === self.machine ? '' : ' on another machine or in another container'
          }); stop that one first, or give this one another folder.`,
        )
      const mine = join(claims, String(last + 1))
      try {
        linkSync(draft, mine)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
        throw error
      }
      // Somebody may have claimed, released and cleared up beyond this number since it was read.
      if (numbersIn(claims).some((number) => number > last + 1)) {
        rmSync(mine, { force: true })
        continue
      }
      for (const number of numbersIn(claims)) {
        if (number <= last) rmSync(join(claims, String(number)), { force: true })
      }
      return holding(mine)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

function holding(file: string) {
  const timer = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date())
    } catch {
      // The folder was removed under us: nothing left to hold.
    }
  }, sign)
  timer.unref()
  return {
    async release() {
      clearInterval(timer)
      try {
        statSync(file)
        writeFileSync(file, '')
      } catch {
        // Gone with its folder.
      }
    },
  }
}

const numbersIn = (claims: string): number[] =>
  readdirSync(claims)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Who holds a claim; null when it was released or its holder is no more. */
function holderOf(file: string): Holder | null {
  try {
    const holder: Holder = JSON.parse(readFileSync(file, 'utf8') || 'null')
    if (!holder) return null
    const alive =
      holder.machine === machine()
        ? startOf(holder.pid) === holder.start && holder.start !== null
        : Date.now() - statSync(file).mtimeMs < silence
    return alive ? holder : null
  } catch {
    return null
  }
}
