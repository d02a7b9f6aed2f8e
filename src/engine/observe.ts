import type { Change, Deed, Fact, Item, Suggestion } from '../contract/index.ts'
import type { BodyRow, ItemState } from '../ledger/index.ts'
import type { Desk } from './desk.ts'
import { heard } from './hear.ts'
import { addItems } from './jobs.ts'
import type { EngineOptions } from './options.ts'
import { changesIn, completeOutcomes, outcomeOf, outcomeUnknown } from './outcome.ts'
import { settle } from './stage.ts'
import { readTold } from './told.ts'
import {
  beginAnew,
  type Memory,
  matureVerdicts,
  takeVerdict,
  trackOf,
  type Verdict,
  verdictOf,
} from './verdicts.ts'

const day = 24 * 60 * 60 * 1000

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
  const judged: { state: ItemState; verdict: Verdict }[] = []
  let said = false
  const keys = [...new Set(changes.flatMap((change) => ('key' in change ? [change.key] : [])))]
  const [states, deeds, suggestions] = await Promise.all([
    ledger.itemsOf(id, keys),
    ledger.bodiesOf(id, keys, 'deed'),
    ledger.bodiesOf(id, keys, 'suggestion'),
  ])
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
        person: item.person ?? null,
        body,
      })
      bodies.push({
        deployment: id,
        item: item.key,
        what: 'item',
        person: item.person ?? null,
        body: item satisfies Item,
        keepUntil,
      })
      continue
    }
    if (change.type === 'answer' || change.type === 'wish') {
      const fact = await heard(id, change, at, ledger)
      if (fact) facts.push(fact)
      said ||= fact !== null
      continue
    }
    if (!('key' in change) || (!memory.known.has(change.key) && !fresh.has(change.key))) continue
    const about = { deployment: id, item: change.key, person: null }
    if (change.type === 'gone')
      facts.push({ ...about, key: `${id}:gone:${change.key}`, kind: 'gone', at, body: {} })
    if (change.type === 'removed') {
      const state = states.get(change.key)
      // It may have been placed already without the fact of it being there.
      if (state?.arm !== 'shown' || state.removedAt !== null) continue
      const removedAt = change.at ?? at
      facts.push({
        ...about,
        key: `${id}:removed:${change.key}`,
        kind: 'removed',
        at: removedAt,
        body: {},
      })
      states.set(change.key, { ...state, removedAt })
    }
    if (change.type === 'deed') {
      const { deed, key } = change
      const before = fresh.has(key) ? null : ((deeds.get(key) as Deed | undefined) ?? null)
      const waiting = bodies.findLast((row) => row.item === key && row.what === 'deed')?.body as
        | Deed
        | undefined
      if (sameDeed(waiting ?? before, deed)) continue
      const { person, seconds, secondsFrom } = deed
      const did = { ...about, person, at: deed.at ?? at }
      facts.push({
        ...did,
        key: `${id}:did:${key}:${did.at}`,
        kind: 'did',
        body: { seconds, secondsFrom, ...otherTimes(deed) },
      })
      bodies.push({ deployment: id, item: key, what: 'deed', person, body: deed, keepUntil })
      const state = fresh.has(key) ? undefined : states.get(key)
      const suggestion = state && (suggestions.get(key) as Suggestion | undefined)
      const judgement = suggestion && desk.skill.judge(suggestion.value, deed)
      if (!state?.arm || !judgement) continue
      // What was used and later found wrong was used all the same.
      const wasTaken = state.outcome === 'used' || state.outcome === 'edited'
      const outcome = wasTaken && !judgement.useful ? state.outcome : outcomeOf(state, judgement)
      const body = { arm: state.arm, ...judgement, outcome, seconds }
      facts.push({ ...did, key: `${id}:judged:${key}:${did.at}`, kind: 'judged', body })
      facts.push(...changesIn(suggestion, deed, state, { ...body, did, id }))
      const { useful } = judgement
      const verdict = {
        group: state.group ?? key,
        useful,
        person,
        decidedAt: state.decidedAt ?? did.at,
        judgedAt: did.at,
      }
      judged.push({ state: { ...state, outcome }, verdict })
      // A later deed of the same batch is about what has become of it by then.
      const after = { ...state, outcome, useful, didAt: did.at, judgedAt: did.at }
      states.set(key, after)
      if (outcomeUnknown(after)) memory.unknown.add(key)
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
  const { complete, unknown } = await completeOutcomes(desk, [...memory.unknown], options)
  memory.unknown = new Set(unknown)
  for (const state of complete) {
    const verdict = verdictOf(state)
    if (verdict) judged.push({ state, verdict })
  }
  if (judged.length) beginAnew(memory.verdicts, await readTold(ledger, id))
  for (const { state, verdict } of judged) {
    const track = trackOf(memory.verdicts, state)
    if (track) takeVerdict(memory.verdicts, track, verdict)
  }
  matureVerdicts(memory.verdicts, now())
  if (judged.length || said) await settle(desk, memory.verdicts, options)
  if (items.length) onEvent?.({ type: 'seen', deployment: id, count: items.length })
  if (judged.length) onEvent?.({ type: 'judged', deployment: id, count: judged.length })
}

/** Sources are kept, so that a report can show how much depends on which. */
function otherTimes({ bySource, longerThan }: Deed) {
  return { ...(bySource && { bySource }), ...(longerThan !== undefined && { longerThan }) }
}

/** Whether a deed told again is the one that is already known: the same thing done, whenever and by whomever. */
function sameDeed(before: Deed | null, deed: Deed): boolean {
  const what = ({ at, person, seconds, secondsFrom, bySource, longerThan, ...done }: Deed) =>
    JSON.stringify(done)
  return before !== null && what(before) === what(deed)
}
