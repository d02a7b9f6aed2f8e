import type { Change, Deployment } from '../contract/index.ts'
import type { Job, Ledger, LedgerWriter } from '../ledger/index.ts'
import { ask, tellWithdrawn } from './ask.ts'
import { type Desk, openDesk } from './desk.ts'
import { learn } from './learn.ts'
import { observe } from './observe.ts'
import type { EngineOptions } from './options.ts'
import { placeItems, withdrawItems } from './place.ts'
import { suggestItems } from './suggest.ts'
import { recall } from './verdicts.ts'

/** The loop of one deployment, step by step: time passes only between two steps. */
export interface Play {
  desk: Desk
  learn(): Promise<void>
  /** Takes in what happened, and does at once everything that follows from it. */
  take(changes: Change[]): Promise<void>
  /** Asks whoever is due. */
  ask(): Promise<void>
  close(): Promise<void>
}

/**
 * Plays what happened earlier through the very steps of the engine, with the caller's clock, so that months pass in
 * seconds. Jobs run at once instead of through the queue; what is to be done at a later time is left out.
 *
 * @param signal stops learning
 * @param armKey the draw of the arms, where it must be the same each time; else the ledger's secret
 */
export async function openPlay(
  deployment: Deployment,
  options: EngineOptions & { armKey?: Buffer; signal?: AbortSignal },
): Promise<Play> {
  const due: Job[] = []
  const addJob = async (job: Job) => void due.push(job)
  const inline = (writer: LedgerWriter): LedgerWriter => ({ ...writer, addJob })
  const ledger: Ledger = {
    ...options.ledger,
    addJob,
    transaction: (run) => options.ledger.transaction((tx) => run(inline(tx))),
  }
  const own = { ...options, ledger }
  const opened = await openDesk(deployment, own)
  const desk = options.armKey ? { ...opened, armKey: options.armKey } : opened
  const signal = options.signal ?? new AbortController().signal
  const memory = await recall(desk, own)

  async function drain() {
    for (let job = due.shift(); job; job = due.shift()) {
      const { items = [], because = '' } = job.payload as { items?: string[]; because?: string }
      if (job.task === 'suggest') await suggestItems(desk, items, own)
      if (job.task === 'place') await placeItems(desk, items, own)
      if (job.task === 'withdraw') {
        await withdrawItems(desk, because, own)
        await tellWithdrawn(desk, because, own)
      }
      if (job.task === 'ask') await ask(desk, own, memory.verdicts)
    }
  }

  return {
    desk,
    async learn() {
      await learn(desk, own, signal)
      await drain()
    },
    async take(changes) {
      if (changes.length) await observe(desk, changes, memory, own)
      await drain()
    },
    async ask() {
      await ask(desk, own, memory.verdicts)
      await drain()
    },
    close: () => desk.close(),
  }
}
