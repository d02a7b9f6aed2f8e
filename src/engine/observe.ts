import type { Change, Deed, Fact, Item, Outcome, Suggestion } from '../contract/index.ts'
import type { BodyRow, ItemState } from '../ledger/index.ts'
import type { Desk } from './desk.ts'
import { addItems } from './jobs.ts'
import type { EngineOptions } from './options.ts'
import { countVerdict, settle, type Verdicts } from './stage.ts'

const day = 24 * 60 * 60 * 1000

/** What the watcher of one deployment keeps in mind; all of it can be read from the facts again. */
export interface Memory {
  /** Items that have come in. */
  known: Set<string>
  verdicts: Verdicts
}

/**
 * Takes in a batch of changes, delivered at least once: facts, texts, jobs and the new cursor in one transaction, so
 * that a kill leaves either all of it or none.
 */
export async function observe(
  desk: Desk,
  changes: Change[],
  memory: Memory,
  options: EngineOptions,
): Promise<void> {
  const { ledger, now = Date.now, keepDays = 180, onEvent } = options
  const { id } = desk.deployment
  const facts: Fact[] = []
  const bodies: BodyRow[] = []
  const fresh = new Set<string>()
  const verdicts: { group: string; useful: boolean }[] = []
  for (const change of changes) {
    const at = now()
    const keepUntil = at + keepDays * day
    if (change.type === 'item') {
      const { item } = change
      if (memory.known.has(item.key) || fresh.has(item.key)) continue
      fresh.add(item.key)
      const body = { group: item.group, urgent: item.urgent ?? false }
      facts.push({
        key: `${id}:seen:${item.key}`,
        kind: 'seen',
        at,
        deployment: id,
        item: item.key,
        person: null,
        body,
      })
      bodies.push({
        deployment: id,
        item: item.key,
        what: 'item',
        person: null,
        body: item satisfies Item,
        keepUntil,
      })
      continue
    }
    if (!('key' in change) || (!memory.known.has(change.key) && !fresh.has(change.key))) continue
    const about = { deployment: id, item: change.key, person: null }
    if (change.type === 'gone')
      facts.push({ ...about, key: `${id}:gone:${change.key}`, kind: 'gone', at, body: {} })
    if (change.type === 'removed') {
      const state = await ledger.item(id, change.key)
      if (state?.placedAt == null || state.removedAt !== null) continue
      facts.push({
        ...about,
        key: `${id}:removed:${change.key}`,
        kind: 'removed',
        at: change.at ?? at,
        body: {},
      })
    }
    if (change.type === 'deed') {
      const { deed, key } = change
      const before = fresh.has(key) ? null : ((await ledger.body(id, key, 'deed')) as Deed | null)
      const waiting = bodies.findLast((row) => row.item === key && row.what === 'deed')?.body as
        | Deed
        | undefined
      if (sameDeed(waiting ?? before, deed)) continue
      const { person, seconds, secondsFrom } = deed
      const did = { ...about, person, at: deed.at ?? at }
      facts.push({ ...did, key: `${id}:did:${key}:${did.at}`, kind: 'did', body: { seconds, secondsFrom } })
      bodies.push({ deployment: id, item: key, what: 'deed', person, body: deed, keepUntil })
      const state = fresh.has(key) ? null : await ledger.item(id, key)
      const suggestion = state && ((await ledger.body(id, key, 'suggestion')) as Suggestion | null)
      const judgement = suggestion && desk.skill.judge(suggestion.value, deed)
      if (!state?.arm || !judgement) continue
      const outcome = outcomeOf(state, judgement)
      const body = { arm: state.arm, ...judgement, outcome, seconds }
      facts.push({ ...did, key: `${id}:judged:${key}:${did.at}`, kind: 'judged', body })
      if (outcome) verdicts.push({ group: state.group ?? key, useful: judgement.useful })
    }
  }
  const items = [...fresh]
  await ledger.transaction(async (tx) => {
    await tx.append(facts)
    await tx.saveBodies(bodies)
    await addItems(tx, 'suggest', id, items)
    await tx.saveCursor(id, changes.at(-1)!.cursor)
  })
  for (const item of items) memory.known.add(item)
  for (const { group, useful } of verdicts) countVerdict(memory.verdicts, group, useful)
  if (verdicts.length) await settle(desk, memory.verdicts.gate, options)
  if (items.length) onEvent?.({ type: 'seen', deployment: id, count: items.length })
  const judged = facts.filter(({ kind }) => kind === 'judged').length
  if (judged) onEvent?.({ type: 'judged', deployment: id, count: judged })
}

/** What the person did with what they were shown; null where nothing was there to be used. */
function outcomeOf(
  state: ItemState,
  { useful, similarity }: { useful: boolean; similarity: number },
): Outcome | null {
  if (state.arm !== 'shown' || state.placedAt === null || state.withdrawnAt !== null) return null
  if (useful) return similarity >= 1 ? 'used' : 'edited'
  return state.removedAt !== null ? 'discarded' : 'ignored'
}

/** Whether a deed told again is the one that is already known: the same thing done, whenever and by whomever. */
function sameDeed(before: Deed | null, deed: Deed): boolean {
  const what = ({ at, person, seconds, secondsFrom, ...done }: Deed) => JSON.stringify(done)
  return before !== null && what(before) === what(deed)
}
