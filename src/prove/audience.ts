import type { Rollout, Stage } from '../contract/index.ts'
import { keyedShare } from '../stats/keyed-hash.ts'

const week = 7 * 24 * 3600 * 1000

/** What people have said about one deployment, by pseudonym. */
export interface People {
  /** Said yes to the pilot, or asked for it, and have not taken it back. */
  volunteers: ReadonlySet<string>
  /** Have turned it off for themselves. */
  off: ReadonlySet<string>
  /** Consented weeks and days without it, in milliseconds since the epoch. */
  switchedOff: readonly { person: string; from: number; until: number }[]
}

export interface Audience {
  sees: boolean
  /** Why not. */
  because: string | null
  /** Only in a staggered roll-out: whether this person has been reached. */
  reached?: boolean
}

/**
 * Whether the person whom an item is for may see a suggestion now. In the pilot it is for volunteers. Once live, people
 * are reached one after another, because they learn from what they see and then work differently on everything: the
 * moment of each is drawn from a keyed hash, evenly over the weeks of the roll-out. What is for nobody in particular
 * is for whoever volunteered.
 *
 * @param person pseudonym; null where the surface does not know
 * @param since when the stage began
 * @param rollout absent: it is its connector's own
 */
export function audienceFor({
  stage,
  since,
  rollout,
  people,
  person,
  key,
  now,
}: {
  stage: Stage
  since: number
  rollout: Rollout | undefined
  people: People
  person: string | null
  key: string | Uint8Array
  now: number
}): Audience {
  const unseen = (because: string) => ({ sees: false, because })
  if (person === null) return { sees: true, because: null }
  if (people.off.has(person)) return unseen('This person has turned it off.')
  if (people.switchedOff.some((week) => week.person === person && now >= week.from && now < week.until))
    return unseen('It is switched off for this person for now, with their consent.')
  if (!rollout || people.volunteers.has(person)) return { sees: true, because: null }
  if (stage === 'pilot') return unseen('In the pilot only volunteers see it, and this person is none yet.')
  if (stage !== 'live' || !(rollout.weeks > 0)) return { sees: true, because: null }
  const reachedAt = since + keyedShare(key, `roll-out\n${person}`) * rollout.weeks * week
  return now >= reachedAt
    ? { sees: true, because: null, reached: true }
    : { ...unseen('This person has not been reached yet in the roll-out.'), reached: false }
}
