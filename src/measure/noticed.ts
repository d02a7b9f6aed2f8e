import { longestSeconds } from './sums.ts'
import { fewestPeople } from './time-saved.ts'

/** One person for whom it was switched off for a while, with their consent. Times in milliseconds since the epoch. */
export interface SwitchOff {
  person: string
  from: number
  to: number
}

/** Somebody missed it: they complained, or asked for the same by hand. */
export interface Missed {
  person: string
  at: number
  how: 'complaint' | 'manual request'
}

/** Work done in these weeks, by people who took part, with or without it. */
export interface DoneThen {
  person: string
  at: number
  /** Null where it is not known. */
  seconds: number | null
}

export interface Noticed {
  /** People for whom it was switched off; null below five. */
  people: number | null
  /** Person-days without it. */
  days: number
  /** Counts in those days; null below five people. */
  complaints: number | null
  manualRequests: number | null
  /** Of the people, the share that gave any sign of missing it. */
  share: number | null
  /** Mean handling time without it less with it, in minutes an item; null where it cannot be told. */
  lostMinutesPerItem: number | null
  /** The share that had said that they would notice, for people to be put beside `share`; null where nobody may know. */
  saidTheyWould: number | null
  because: string
}

const day = 24 * 3600 * 1000
/** Items that a mean needs on either side. */
const fewestItems = 20

/**
 * Whether anybody noticed that it was off: what people did in switch-off weeks, beside what they had answered. A tool
 * that nobody misses saves nobody anything that matters to them.
 *
 * A complaint counts while it is off and for a day after; the same person's further ones of the same kind on the same
 * day do not.
 */
export function noticed(
  off: readonly SwitchOff[],
  {
    missed,
    done,
    saidTheyWould,
    until,
  }: { missed: readonly Missed[]; done: readonly DoneThen[]; saidTheyWould: number | null; until: number },
): Noticed {
  const periods = off
    .map(({ person, from, to }) => ({ person, from, to: Math.min(to, until) }))
    .filter(({ from, to }) => to > from)
  const isOff = (person: string, at: number, grace = 0) =>
    periods.some((period) => period.person === person && at >= period.from && at < period.to + grace)
  const people = new Set(periods.map(({ person }) => person))
  const days = periods.reduce((sum, { from, to }) => sum + (to - from) / day, 0)
  const signs = new Map<string, Missed>()
  for (const sign of missed) {
    if (sign.at > until || !isOff(sign.person, sign.at, day)) continue
    signs.set(`${sign.person} ${sign.how} ${Math.floor(sign.at / day)}`, sign)
  }
  const count = (how: Missed['how']) => [...signs.values()].filter((sign) => sign.how === how).length
  if (people.size < fewestPeople) {
    return {
      people: null,
      days,
      complaints: null,
      manualRequests: null,
      share: null,
      lostMinutesPerItem: null,
      saidTheyWould,
      because:
        people.size === 0
          ? 'It has not been switched off for anybody yet.'
          : `It was switched off for fewer than ${fewestPeople} people, which is too few to show.`,
    }
  }
  const missing = new Set([...signs.values()].map(({ person }) => person))
  const lost = lostMinutes(
    done.filter(({ person, at }) => people.has(person) && at <= until),
    ({ person, at }) => isOff(person, at),
  )
  const said =
    saidTheyWould === null ? '' : `; ${Math.round(saidTheyWould * 100)} % had said that they would notice`
  return {
    people: people.size,
    days,
    complaints: count('complaint'),
    manualRequests: count('manual request'),
    share: missing.size / people.size,
    lostMinutesPerItem: lost,
    saidTheyWould,
    because: `Switched off for ${people.size} people, ${Math.round(days)} person-days in all: ${missing.size} gave any sign of missing it (complaints: ${count('complaint')}, requests by hand: ${count('manual request')})${said}.`,
  }
}

function lostMinutes(done: readonly DoneThen[], isOff: (one: DoneThen) => boolean): number | null {
  const sides = { off: { n: 0, sum: 0 }, on: { n: 0, sum: 0 } }
  for (const one of done) {
    if (one.seconds === null || !(one.seconds >= 0 && one.seconds <= longestSeconds)) continue
    const side = sides[isOff(one) ? 'off' : 'on']
    side.n++
    side.sum += one.seconds
  }
  const { off, on } = sides
  return off.n < fewestItems || on.n < fewestItems ? null : (off.sum / off.n - on.sum / on.n) / 60
}
