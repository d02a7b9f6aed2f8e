import type { Fact, Item } from '../contract/index.ts'
import type { BodyRow } from '../ledger/index.ts'
import { foreseenSeconds } from '../measure/foresee.ts'
import { armFor, holdbackShares } from '../prove/arm.ts'
import { audienceFor } from '../prove/audience.ts'
import type { Desk } from './desk.ts'
import { addItems } from './jobs.ts'
import type { EngineOptions } from './options.ts'
import { readTold } from './told.ts'

const day = 24 * 60 * 60 * 1000

/** The job `suggest`: what the skill says about each item, and which arm it falls into, before anyone sees anything. */
export async function suggestItems(desk: Desk, keys: string[], options: EngineOptions): Promise<void> {
  const { ledger, now = Date.now, seed = 1, keepDays = 180, toolsFor } = options
  const { id } = desk.deployment
  const learned = await desk.model()
  // Not learned yet: the job `learn` comes back for what is open.
  if (learned === null) return
  const { proof, since, overruled, foresight, ...standing } = await desk.standing()
  const { people } = await readTold(ledger, id)
  const stage = options.showNothing ? 'silent' : standing.stage
  const holdback = options.holdback ?? (stage === 'pilot' || stage === 'live' ? holdbackShares[stage] : null)
  const shareHeldBack = holdback === null ? {} : { holdback }
  const facts: Fact[] = []
  const bodies: BodyRow[] = []
  const shown: string[] = []
  const states = await ledger.itemsOf(id, keys)
  const items = await ledger.bodiesOf(id, keys, 'item')
  for (const key of keys) {
    const state = states.get(key)
    if (!state || state.suggestedAt !== null || state.didAt !== null || state.goneAt !== null) continue
    const item = items.get(key) as Item | undefined
    if (!item) continue
    let silence = 'The skill has nothing to say about it.'
    const silent = (because: string) => {
      silence = because
    }
    const suggestion = await desk.skill.suggest(learned.model, item, { seed, ...toolsFor?.(id), silent })
    const at = now()
    const about = { at, deployment: id, item: key, person: state.person }
    const audience = audienceFor({
      stage,
      since,
      rollout: desk.deployment.rollout,
      people,
      person: state.person,
      key: desk.armKey,
      now: at,
    })
    const predictedSeconds = foreseenSeconds(foresight, item)
    const said = { confidence: suggestion?.confidence ?? null, claim: suggestion?.claim ?? null }
    const decision =
      suggestion === null
        ? { arm: 'silent' as const, threshold: null, because: silence }
        : proof === null
          ? { arm: 'silent' as const, threshold: null, because: 'There is no proof yet.' }
          : armFor(proof, suggestion, {
              stage,
              urgent: state.urgent,
              key: desk.armKey,
              group: state.group ?? key,
              overruled,
              unseen: audience.because,
              ...shareHeldBack,
            })
    facts.push(
      { ...about, key: `${id}:suggested:${key}`, kind: 'suggested', body: said },
      {
        ...about,
        key: `${id}:decided:${key}`,
        kind: 'decided',
        body: {
          ...decision,
          stage,
          ...shareHeldBack,
          ...(predictedSeconds !== null && { predictedSeconds }),
          ...(audience.reached !== undefined && { reached: audience.reached }),
        },
      },
    )
    if (suggestion) {
      const keepUntil = at + keepDays * day
      bodies.push({
        deployment: id,
        item: key,
        what: 'suggestion',
        person: state.person,
        body: suggestion,
        keepUntil,
      })
    }
    if (decision.arm === 'shown') shown.push(key)
  }
  if (facts.length === 0) return
  await ledger.transaction(async (tx) => {
    await tx.append(facts)
    await tx.saveBodies(bodies)
    await addItems(tx, 'place', id, shown)
  })
}
