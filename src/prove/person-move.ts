import type { Locks, Stage } from '../contract/index.ts'

/** From least to most seen by people; `withdrawn` is outside of it. */
const ladder: readonly Stage[] = ['off', 'silent', 'pilot', 'live']

export interface PersonMove {
  /** Whether it may be done; an expected refusal says why. */
  moved: boolean
  stage: Stage
  /** It goes to people although its proof lock is closed: to be told in every report for as long as it is out. */
  overruled: boolean
  because: string
}

/**
 * What becomes of a deployment when a person moves it: they may always stop or slow it. Forward it goes one step at a
 * time; past a closed proof lock only when they say so in so many words (`anyway`), with their reason, and that is
 * recorded.
 *
 * @param why the person's own reason; needed to overrule
 */
export function moveByPerson({
  stage,
  wanted,
  locks,
  why,
  anyway = false,
}: {
  stage: Stage
  wanted: Stage
  locks: Locks
  why: string
  anyway?: boolean
}): PersonMove {
  const said = why.trim() ? `A person moved it: ${why.trim()}` : 'A person moved it.'
  const stay = (because: string) => ({ moved: false, stage, overruled: false, because })
  const go = (overruled: boolean, because: string) => ({ moved: true, stage: wanted, overruled, because })
  if (wanted === stage) return stay(`It is ${stage} already.`)
  if (wanted === 'withdrawn') return go(false, said)
  if (stage === 'withdrawn')
    return wanted === 'off'
      ? go(false, said)
      : stay('It was withdrawn and begins again only by being set up anew.')
  const steps = ladder.indexOf(wanted) - ladder.indexOf(stage)
  if (steps < 0) return go(false, said)
  if (steps > 1) return stay(`From ${stage} it goes to ${ladder[ladder.indexOf(stage) + 1]} first.`)
  if (wanted === 'silent' || locks.proof.open) return go(false, said)
  if (!anyway) return stay(`Its proof lock is closed: ${locks.proof.because}`)
  if (!why.trim())
    return stay('To show it against a closed proof lock takes a reason, which every report will tell.')
  return go(
    true,
    `A person overruled the closed proof lock: ${why.trim()} (The lock: ${locks.proof.because})`,
  )
}
