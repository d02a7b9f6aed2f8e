import type { Change, Deed, Fact, Item, Outcome, Suggestion } from '../contract/index.ts'
import type { BodyRow, ItemState } from '../ledger/index.ts'
import { editsBetween } from '../measure/edits.ts'
import type { Desk } from './desk.ts'
import { heard } from './hear.ts'
import { addItems } from './jobs.ts'
import type { EngineOptions } from './options.ts'
import { settle } from './stage.ts'
import { readTold } from './told.ts'
import { beginAnew, type Memory, matureVerdicts, takeVerdict, trackOf, type Verdict } from './verdicts.ts'

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
      states.set(key, { ...state, outcome, useful, didAt: did.at, judgedAt: did.at })
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

/** What the person did with what they were shown; null where nothing was there to be used. */
function outcomeOf(
  state: ItemState,
  { useful, similarity }: { useful: boolean; similarity: number },
): Outcome | null {
  if (state.arm !== 'shown' || state.placedAt === null || state.withdrawnAt !== null) return null
  if (useful) return similarity >= 1 ? 'used' : 'edited'
  return state.removedAt !== null ? 'discarded' : 'ignored'
}

/** What a person changed in a text that they used; and whether what they once used turned out wrong. */
function changesIn(
  suggestion: Suggestion,
  deed: Deed,
  before: ItemState,
  now: {
    outcome: Outcome | null
    useful: boolean
    did: { item: string; at: number; person: string | null; deployment: string }
    id: string
  },
): Fact[] {
  const { did, id } = now
  const facts: Fact[] = []
  const [suggested, done] = [textOf(suggestion.value), doneText(deed)]
  if (now.outcome === 'edited' && suggested !== null && done !== null) {
    const { kinds, similarity } = editsBetween(suggested, done)
    facts.push({
      ...did,
      key: `${id}:edited:${did.item}:${did.at}`,
      kind: 'edited',
      body: { kinds, similarity },
    })
  }
  const taken = before.outcome === 'used' || before.outcome === 'edited'
  if (taken && !now.useful) {
    const because = 'What had been used was changed to something else afterwards.'
    facts.push({ ...did, key: `${id}:corrected:${did.item}:${did.at}`, kind: 'corrected', body: { because } })
  }
  return facts
}

function textOf(value: Suggestion['value']): string | null {
  return value.type === 'reply' || value.type === 'summary' ? value.text : null
}

function doneText(deed: Deed): string | null {
  return deed.kind === 'message' ? deed.reply : deed.kind === 'report' ? deed.text : null
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
