import type { Deed, Fact, Outcome, Suggestion } from '../contract/index.ts'
import type { ItemState } from '../ledger/index.ts'
import { editsBetween } from '../measure/edits.ts'
import type { Desk } from './desk.ts'
import type { EngineOptions } from './options.ts'

/** What the person did with what they were shown; null where nothing was there to be used. */
export function outcomeOf(
  state: ItemState,
  { useful, similarity }: { useful: boolean; similarity: number },
): Outcome | null {
  if (state.arm !== 'shown' || state.placedAt === null || state.withdrawnAt !== null) return null
  if (useful) return similarity >= 1 ? 'used' : 'edited'
  return state.removedAt !== null ? 'discarded' : 'ignored'
}

/** What a person changed in a text that they used; and whether what they once used turned out wrong. */
export function changesIn(
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

/** A deed was judged while nobody knew yet whether its suggestion had been placed. */
export function outcomeUnknown(state: ItemState): boolean {
  const { arm, judgedAt, outcome, refusedAt, withdrawnAt } = state
  return (
    arm === 'shown' && judgedAt !== null && outcome === null && refusedAt === null && withdrawnAt === null
  )
}

/**
 * Says what became of suggestions whose deed came between the placing and its fact: a surface places only what nobody
 * has dealt with, so that a deed beside a placement came after it. Whoever appends the later of the two, placement or
 * judgement, sees both; the start of a watch mends what a kill left. Done twice, it is done once.
 *
 * @returns those that have an outcome by now, and the keys of those of which it is still not known
 */
export async function completeOutcomes(
  { deployment: { id } }: Desk,
  keys: readonly string[],
  { ledger }: Pick<EngineOptions, 'ledger'>,
): Promise<{ complete: ItemState[]; unknown: string[] }> {
  if (keys.length === 0) return { complete: [], unknown: [] }
  const states = [...(await ledger.itemsOf(id, keys)).values()]
  const ready = states.filter((state) => outcomeUnknown(state) && state.placedAt !== null)
  const readyKeys = ready.map(({ item }) => item)
  const [deeds, suggestions] = await Promise.all([
    ledger.bodiesOf(id, readyKeys, 'deed'),
    ledger.bodiesOf(id, readyKeys, 'suggestion'),
  ])
  const facts: Fact[] = []
  const completed = ready.map((state): ItemState => {
    const { item, person, seconds } = state
    const judgement = { useful: state.useful!, similarity: state.similarity! }
    const outcome = outcomeOf(state, judgement)
    const did = { deployment: id, item, person, at: state.judgedAt! }
    const body = { arm: 'shown' as const, ...judgement, outcome, seconds }
    facts.push({ ...did, key: `${id}:judged:${item}:${did.at}:placed`, kind: 'judged', body })
    const [deed, suggestion] = [deeds.get(item) as Deed, suggestions.get(item) as Suggestion]
    if (deed && suggestion) facts.push(...changesIn(suggestion, deed, state, { ...body, did, id }))
    return { ...state, outcome }
  })
  await ledger.append(facts)
  return {
    complete: [...states.filter(({ outcome }) => outcome !== null), ...completed],
    unknown: states
      .filter((state) => outcomeUnknown(state) && state.placedAt === null)
      .map(({ item }) => item),
  }
}
