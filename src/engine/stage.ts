import type { Stage } from '../contract/index.ts'
import { type Gate, gateStart, gateStep } from '../prove/gate.ts'
import { locksFor, stageAfter } from '../prove/locks.ts'
import type { Desk } from './desk.ts'
import { addWithdraw } from './jobs.ts'
import type { EngineOptions } from './options.ts'

/**
 * Moves a deployment as far as its locks and verdicts allow, one recorded step at a time.
 *
 * @param gate verdicts since the pilot began; null where the caller does not follow them, and then nothing that rests
 *   on verdicts moves
 */
export async function settle(desk: Desk, gate: Gate | null, options: EngineOptions): Promise<Stage> {
  const { ledger, now = Date.now, onEvent } = options
  const { deployment, surface } = desk
  for (;;) {
    const standing = (await ledger.standing()).find((each) => each.deployment === deployment.id)
    const from = standing?.stage ?? 'off'
    const locks = locksFor({ hops: surface.hops, pain: deployment.pain, proof: standing?.proof ?? null })
    const { stage: to, because } = stageAfter({
      stage: from,
      learned: Boolean(standing?.learned),
      locks,
      gate,
    })
    if (to === from || (options.showNothing && to === 'pilot')) return from
    const at = now()
    const added = await ledger.transaction(async (tx) => {
      // Keyed by the move that it follows: two that settle at once make one step.
      const key = `${deployment.id}:staged:${from}:${standing?.stagedAt ?? 0}`
      const body = { from, to, because, locks }
      const fact = {
        key,
        kind: 'staged' as const,
        at,
        deployment: deployment.id,
        item: null,
        person: null,
        body,
      }
      const count = await tx.append([fact])
      if (count && to === 'withdrawn') await addWithdraw(tx, deployment.id, because)
      return count
    })
    if (added) onEvent?.({ type: 'staged', deployment: deployment.id, from, to, because })
  }
}

/** The verdicts on what was shown since the pilot began, one for each group, followed as they come. */
export interface Verdicts {
  gate: Gate
  /** Groups that have had their verdict. */
  counted: Set<string>
}

export function countVerdict(verdicts: Verdicts, group: string, useful: boolean): void {
  if (verdicts.counted.has(group)) return
  verdicts.counted.add(group)
  verdicts.gate = gateStep(verdicts.gate, useful)
}

/** Read from the facts, so that a restart goes on where it was. */
export async function verdictsSoFar(id: string, { ledger }: EngineOptions): Promise<Verdicts> {
  const verdicts: Verdicts = { gate: gateStart(), counted: new Set() }
  const groups = new Map<string, string>()
  for await (const fact of ledger.facts({ deployment: id, kinds: ['seen', 'staged', 'judged'] })) {
    if (fact.kind === 'seen') groups.set(fact.item!, fact.body.group)
    if (fact.kind === 'staged' && fact.body.to === 'pilot') {
      verdicts.gate = gateStart()
      verdicts.counted.clear()
    }
    if (fact.kind === 'judged' && fact.body.outcome !== null) {
      countVerdict(verdicts, groups.get(fact.item!) ?? fact.item!, fact.body.useful)
    }
  }
  return verdicts
}
