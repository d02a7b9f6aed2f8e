import type { EngineOptions } from './options.ts'

/** A failure as a fact and as an event: what failed, in the words of the loop, and what to do. */
export async function tellFailure(
  id: string,
  what: string,
  because: string,
  { ledger, now = Date.now, onEvent }: EngineOptions,
): Promise<void> {
  const at = now()
  const body = { what, because }
  onEvent?.({ type: 'failed', deployment: id, ...body })
  const about = { at, deployment: id, item: null, person: null }
  await ledger.append([{ ...about, key: `${id}:failed:${what}:${at}`, kind: 'failed', body }])
}
