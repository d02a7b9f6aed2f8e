import type { Stage } from '../contract/index.ts'
import { locksFor, stageAfter } from '../prove/locks.ts'
import type { Desk } from './desk.ts'
import { addAsk, addWithdraw } from './jobs.ts'
import type { EngineOptions } from './options.ts'
import { readTold } from './told.ts'
import { beginAnew, type Verdicts } from './verdicts.ts'

/**
 * Moves a deployment as far as its locks, verdicts and volunteers allow, one recorded step at a time.
 *
 * @param verdicts as far as this process follows them; null where the caller does not, and then nothing that rests on
 *   verdicts moves
 */
export async function settle(desk: Desk, verdicts: Verdicts | null, options: EngineOptions): Promise<Stage> {
  const { ledger, now = Date.now, onEvent } = options
  const { deployment, surface } = desk
  const { rollout } = deployment
  for (;;) {
    const standing = await ledger.standingOf(deployment.id)
    const from = standing?.stage ?? 'off'
    const locks = locksFor({ hops: surface.hops, pain: deployment.pain, proof: standing?.proof ?? null })
    const told = await readTold(ledger, deployment.id)
    if (verdicts) beginAnew(verdicts, told)
    const gate = from === 'pilot' || from === 'live' ? (verdicts?.shown.gate ?? null) : null
    const { stage: to, because } = stageAfter({
      stage: from,
      learned: Boolean(standing?.learned),
      locks,
      gate,
      held: told.held,
      ...(rollout && {
        silent: { gate: verdicts?.silent.gate ?? null, needed: rollout.silentVerdicts },
        volunteers: { there: told.people.volunteers.size, needed: rollout.volunteers },
      }),
    })
    if (to === from || (options.showNothing && to === 'pilot')) return from
    const at = now()
    const decided = to === 'pilot' ? verdicts?.silent.gate : gate
    const added = await ledger.transaction(async (tx) => {
      // Keyed by the move that it follows: two that settle at once make one step.
      const key = `${deployment.id}:staged:${from}:${standing?.stagedAt ?? 0}`
      const count = await tx.append([
        {
          key,
          kind: 'staged',
          at,
          deployment: deployment.id,
          item: null,
          person: null,
          body: {
            from,
            to,
            because,
            locks,
            ...(decided?.n && { verdicts: { useful: decided.useful, n: decided.n, logE: decided.logE } }),
          },
        },
      ])
      if (count && to === 'withdrawn') await addWithdraw(tx, deployment.id, because)
      if (count && to === 'pilot') await addAsk(tx, deployment.id)
      return count
    })
    if (added) onEvent?.({ type: 'staged', deployment: deployment.id, from, to, because })
  }
}
