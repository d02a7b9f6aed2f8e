import type { TaskList } from 'graphile-worker'
import type { LedgerWriter } from '../ledger/index.ts'

/** What each job is told. All jobs of one deployment run one after another, on whichever worker is free. */
interface Jobs {
  learn: { deployment: string }
  suggest: { deployment: string; items: string[] }
  place: { deployment: string; items: string[] }
  withdraw: { deployment: string; because: string }
  ask: { deployment: string }
}

/** At most this many items in one job: small enough to be repeated after a kill without anybody noticing. */
const itemsAJob = 100

export function tasks(handlers: { [Name in keyof Jobs]: (job: Jobs[Name]) => Promise<void> }): TaskList {
  return handlers as unknown as TaskList
}

/** Soon, and once, however often it is asked for before it starts. `runAt` in milliseconds since the epoch. */
export async function addLearn(tx: LedgerWriter, deployment: string, runAt?: number): Promise<void> {
  const when = runAt === undefined ? {} : { runAt }
  await tx.addJob({
    task: 'learn',
    payload: { deployment },
    queue: deployment,
    jobKey: `learn:${deployment}`,
    ...when,
  })
}

/** Questions, invitations and the walkthrough's card, as far as they are due. */
export async function addAsk(tx: LedgerWriter, deployment: string): Promise<void> {
  await tx.addJob({ task: 'ask', payload: { deployment }, queue: deployment, jobKey: `ask:${deployment}` })
}

export async function addItems(
  tx: LedgerWriter,
  task: 'suggest' | 'place',
  deployment: string,
  items: readonly string[],
): Promise<void> {
  for (let from = 0; from < items.length; from += itemsAJob) {
    const payload = { deployment, items: items.slice(from, from + itemsAJob) }
    await tx.addJob({ task, payload, queue: deployment })
  }
}

export async function addWithdraw(tx: LedgerWriter, deployment: string, because: string): Promise<void> {
  const payload = { deployment, because }
  await tx.addJob({ task: 'withdraw', payload, queue: deployment, jobKey: `withdraw:${deployment}` })
}
