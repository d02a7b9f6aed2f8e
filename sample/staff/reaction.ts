import type { Random } from '../random.ts'

/** What a person does about a suggestion they see; `unseen` where there is none. */
export type Reaction = 'use' | 'overrule' | 'remove, then overrule' | 'ignore' | 'unseen'

/**
 * People use what is right, notice most of what is wrong, sometimes do not look, and now and then take the
 * suggestion away before they do their own.
 */
export function react(rng: Random, suggested: string | null, right: boolean): Reaction {
  if (suggested === null) return 'unseen'
  return right
    ? rng.weighted([
        ['use', 90],
        ['ignore', 7],
        ['remove, then overrule', 3],
      ] as const)
    : rng.weighted([
        ['overrule', 60],
        ['remove, then overrule', 25],
        ['use', 15],
      ] as const)
}

/** Seconds from reading to filing: about 40 without help, 12 with the right help, longer with the wrong one. */
export function handlingSeconds(rng: Random, reaction: Reaction, right: boolean): number {
  if (reaction === 'use') return rng.logNormal(right ? 12 : 15, 0.4)
  if (reaction === 'unseen' || reaction === 'ignore') return rng.logNormal(40, 0.45)
  return rng.logNormal(right ? 44 : 55, 0.45)
}
