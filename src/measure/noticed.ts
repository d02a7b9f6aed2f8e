import { longestSeconds } from '../contract/index.ts'
import { fewestPeople } from './time-saved.ts'

/** One person for whom it was switched off for a while, with their consent. Times in milliseconds since the epoch. */
export interface SwitchOff {
  person: string
  from: number
  to: number
  /** A week of their own, or a day on which everybody who goes without it by day does. */
  by: 'week' | 'day'
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

/** What came of going without it, in counts; nobody sees them for fewer than five people. */
export interface Absences {
  people: number
  /** Person-days without it. */
  days: number
  complaints: number
  manualRequests: number
  /** Of the people, the share that gave any sign of missing it. */
  share: number
  /** Mean handling time without it less with it, in minutes an item; null where it cannot be told. */
  lostMinutesPerItem: number | null
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
  /** The same of those who went without it for a week of their own, and for single days; null below five people. */
  byWeek: Absences | null
  byDay: Absences | null
  /** The share that had said that they would notice, for people to be put beside `share`; null where nobody may know. */
  saidTheyWould: number | null
  because: string
}

const day = 24 * 3600 * 1000
/** Items that a mean needs on either side. */
const fewestItems = 20

/**
 * Whether anybody noticed that it was off: what people did in switch-off weeks and days, beside what they had answered.
 * A tool that nobody misses saves nobody anything that matters to them.
 *
 * A complaint counts while it is off and for a day after; the same person's further ones of the same kind on the same
 * day do not.
 *
 * @param since when it was first live: what was done before is compared with nothing
 */
export function noticed(
  off: readonly SwitchOff[],
  {
    missed,
    done,
    saidTheyWould,
    until,
    since = Number.NEGATIVE_INFINITY,
  }: {
    missed: readonly Missed[]
    done: readonly DoneThen[]
    saidTheyWould: number | null
    until: number
    since?: number | undefined
  },
): Noticed {
  const periods = off
    .map((each) => ({ ...each, to: Math.min(each.to, until) }))
    .filter(({ from, to }) => to > from)
  const during = { missed, done: done.filter(({ at }) => at >= since && at <= until), until }
  const all = absences(periods, during)
  const split = (by: SwitchOff['by']) => {
    const own = absences(
      periods.filter((period) => period.by === by),
      during,
    )
    return own.people < fewestPeople ? null : own
  }
  if (all.people < fewestPeople) {
    return {
      people: null,
      days: all.days,
      complaints: null,
      manualRequests: null,
      share: null,
      lostMinutesPerItem: null,
      byWeek: null,
      byDay: null,
      saidTheyWould,
      because:
        all.people === 0
          ? 'It has not been switched off for anybody yet.'
          : `It was switched off for fewer than ${fewestPeople} people, which is too few to show.`,
    }
  }
  const [byWeek, byDay] = [split('week'), split('day')]
  const said =
    saidTheyWould === null ? '' : `; ${Math.round(saidTheyWould * 100)} % had said that they would notice`
  const { people, days, complaints, manualRequests, share } = all
  return {
    ...all,
    // With one of the two, what is left of all would tell the other, of fewer than five.
    byWeek: byDay && byWeek,
    byDay: byWeek && byDay,
    saidTheyWould,
    because: `Switched off for ${people} people, ${Math.round(days)} person-days in all: ${Math.round(share * people)} gave any sign of missing it (complaints: ${complaints}, requests by hand: ${manualRequests})${said}.`,
  }
}

function absences(
  periods: readonly SwitchOff[],
  { missed, done, until }: { missed: readonly Missed[]; done: readonly DoneThen[]; until: number },
): Absences {
  const own = Map.groupBy(periods, ({ person }) => person)
  const isOff = (person: string, at: number, grace = 0) =>
    own.get(person)?.some(({ from, to }) => at >= from && at < to + grace) ?? false
  const signs = new Map<string, Missed>()
  for (const sign of missed) {
    if (sign.at > until || !isOff(sign.person, sign.at, day)) continue
    signs.set(`${sign.person} ${sign.how} ${Math.floor(sign.at / day)}`, sign)
  }
  const count = (how: Missed['how']) => [...signs.values()].filter((sign) => sign.how === how).length
  return {
    people: own.size,
    days: periods.reduce((sum, { from, to }) => sum + (to - from) / day, 0),
    complaints: count('complaint'),
    manualRequests: count('manual request'),
    share: own.size === 0 ? 0 : new Set([...signs.values()].map(({ person }) => person)).size / own.size,
    lostMinutesPerItem: lostMinutes(
      done.filter(({ person }) => own.has(person)),
      ({ person, at }) => isOff(person, at),
    ),
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
