import { createHash } from 'node:crypto'
import { type Fact, Fault, type Item, type Placement, type Suggestion } from '../contract/index.ts'
import type { ItemState } from '../ledger/index.ts'
import type { Desk } from './desk.ts'
import type { EngineOptions } from './options.ts'
import { completeOutcomes } from './outcome.ts'

/**
 * The job `place`: puts what was decided to be shown where people look. The surface's promise (once a key, however
 * often it is called) and the fact's key together make a kill between the two harmless.
 */
export async function placeItems(desk: Desk, keys: string[], options: EngineOptions): Promise<void> {
  const { ledger, onEvent } = options
  const { id } = desk.deployment
  const due = [...(await ledger.itemsOf(id, keys)).values()].filter(isDue)
  if (due.length === 0) return
  const { stage } = await desk.standing()
  // Meanwhile it was stopped or withdrawn.
  if (stage !== 'pilot' && stage !== 'live') return
  const dueKeys = due.map(({ item }) => item)
  const items = (await ledger.bodiesOf(id, dueKeys, 'item')) as Map<string, Item>
  const suggestions = (await ledger.bodiesOf(id, dueKeys, 'suggestion')) as Map<string, Suggestion>
  const results = await Promise.allSettled(
    dueKeys.map((key) => placeOne(desk, key, items.get(key), suggestions.get(key), options)),
  )
  const facts = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value ? [result.value] : [],
  )
  await ledger.append(facts)
  await completeOutcomes(
    desk,
    facts.flatMap(({ item }) => item ?? []),
    options,
  )
  const count = facts.filter(({ kind }) => kind === 'placed').length
  if (count) onEvent?.({ type: 'placed', deployment: id, count })
  const failed = results.find((result) => result.status === 'rejected')
  // The job is tried again, a little later each time; what has been placed by then is passed over.
  if (failed) throw failed.reason
}

function isDue(state: ItemState): boolean {
  const over = [state.placedAt, state.refusedAt, state.withdrawnAt, state.didAt, state.goneAt]
  return state.arm === 'shown' && over.every((at) => at === null)
}

async function placeOne(
  desk: Desk,
  key: string,
  item: Item | undefined,
  suggestion: Suggestion | undefined,
  { now = Date.now }: EngineOptions,
): Promise<Fact | null> {
  const { id } = desk.deployment
  const about = { deployment: id, item: key, person: null }
  if (!item || !suggestion) {
    const because = 'Its text was erased before it could be placed.'
    return { ...about, at: now(), key: `${id}:refused:${key}`, kind: 'refused', body: { because } }
  }
  // Of before: what a person does with it can only be later.
  const at = now()
  const placed = await desk.place.place(item, suggestion, placementKey(id, key))
  return placed.placed
    ? { ...about, at, key: `${id}:placed:${key}`, kind: 'placed', body: { placement: placed.placement } }
    : { ...about, at, key: `${id}:refused:${key}`, kind: 'refused', body: { because: placed.because } }
}

/** The same item of the same deployment always has the same key, so that a surface can tell a repeat from a new one. */
export function placementKey(deployment: string, item: string): string {
  return createHash('sha256').update(`${deployment}\n${item}`).digest('hex').slice(0, 24)
}

/** The job `withdraw`: takes back everything that nobody has dealt with yet. Also what undo does. */
export async function withdrawItems(desk: Desk, because: string, options: EngineOptions): Promise<void> {
  const { ledger, onEvent } = options
  const { id } = desk.deployment
  let count = 0
  for await (const state of ledger.items(id, { open: true, placed: true })) {
    await withdrawOne(desk, state.item, state.placement!, because, options)
    count++
  }
  if (count) onEvent?.({ type: 'withdrew', deployment: id, count })
}

/** Takes back everything that is placed, dealt with or not; what could not be is counted, with the last reason. */
export async function undoAll(
  desk: Desk,
  because: string,
  options: EngineOptions,
): Promise<{ taken: number; left: number; why: string | null }> {
  const result = { taken: 0, left: 0, why: null as string | null }
  for await (const state of options.ledger.items(desk.deployment.id, { placed: true })) {
    try {
      await withdrawOne(desk, state.item, state.placement!, because, options)
      result.taken++
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause
      result.left++
      result.why = cause.message
    }
  }
  return result
}

async function withdrawOne(
  desk: Desk,
  item: string,
  placement: Placement,
  because: string,
  { ledger, now = Date.now }: EngineOptions,
): Promise<void> {
  await desk.place.withdraw(placement)
  const { id } = desk.deployment
  const at = now()
  const body = { placement, because }
  await ledger.append([
    { key: `${id}:withdrew:${item}:${at}`, kind: 'withdrew', at, deployment: id, item, person: null, body },
  ])
}
