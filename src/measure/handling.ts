import {
  type Estimate,
  type TimedItem,
  type TimeSaved,
  type TimeSavedOptions,
  timeSaved,
} from './time-saved.ts'

/** Where a handling time comes from, best first. */
export const timeSources = ['compose box', 'open to sent', 'gap capped'] as const
export type TimeSource = (typeof timeSources)[number]

/** An item with a handling time by every source that has one, in seconds. */
export interface MeasuredItem extends Omit<TimedItem, 'seconds'> {
  times: Partial<Record<string, number | null>>
}

/** Share of the items of either arm that a source must know to be trusted with the comparison. */
const complete = 0.9

/**
 * The best source that knows nearly every item of both arms, else the one that knows most of the arm it knows least
 * of. Sources are never mixed within a comparison: each is off in its own way, and a source that only catches the quick
 * items would make the slow arm look quick.
 *
 * @param order names of the sources, best first; others come after them
 * @returns null where no source knows anything
 */
export function bestSource(
  items: readonly MeasuredItem[],
  order: readonly string[] = timeSources,
): { source: string; known: Record<TimedItem['arm'], number>; because: string } | null {
  const names = new Set(items.flatMap(({ times }) => Object.keys(times)))
  const shares = [...names].map((source) => {
    const share = (arm: TimedItem['arm']) => {
      const own = items.filter((item) => item.arm === arm)
      return own.length === 0 ? 0 : own.filter(({ times }) => times[source] != null).length / own.length
    }
    return { source, known: { shown: share('shown'), 'held back': share('held back') } }
  })
  return bestOfSources(shares, order)
}

/** The same from the shares of the items of either arm that each source knows, 0..1. */
export function bestOfSources(
  all: readonly { source: string; known: Record<TimedItem['arm'], number> }[],
  order: readonly string[] = timeSources,
): { source: string; known: Record<TimedItem['arm'], number>; because: string } | null {
  const place = ({ source }: { source: string }) => {
    const at = order.indexOf(source)
    return at < 0 ? order.length : at
  }
  const shares = all
    .filter(({ known }) => known.shown + known['held back'] > 0)
    .sort((a, b) => place(a) - place(b) || (a.source < b.source ? -1 : 1))
  const least = ({ known }: (typeof shares)[number]) => Math.min(known.shown, known['held back'])
  const best = shares.find((each) => least(each) >= complete) ?? shares.sort((a, b) => least(b) - least(a))[0]
  if (!best) return null
  const percent = (share: number) => `${Math.round(share * 100)} %`
  return {
    ...best,
    because: `Times are from ${best.source}, which knows ${percent(best.known.shown)} of the shown items and ${percent(best.known['held back'])} of those held back.`,
  }
}

/** The same figure by every source that knows enough: where it differs much, the clock and not the work has made it. */
export function sourceSensitivity(
  items: readonly MeasuredItem[],
): { source: string; minutesPerItem: Estimate }[] {
  const names = new Set(items.flatMap(({ times }) => Object.keys(times)))
  return [...names].sort().flatMap((source) => {
    const { minutesPerItem } = timeSaved(withSource(items, source))
    return minutesPerItem ? [{ source, minutesPerItem }] : []
  })
}

/** The items with the times of one source. */
export function withSource(items: readonly MeasuredItem[], source: string): TimedItem[] {
  return items.map(({ times, ...item }) => ({ ...item, seconds: times[source] ?? null }))
}

/**
 * Seconds of work between the first and the last sign of it, where a gap of more than `cap` seconds counts as `cap`:
 * people fetch coffee.
 *
 * @param stamps milliseconds since the epoch, in any order
 * @returns null for fewer than two signs
 */
export function gapCapped(stamps: readonly number[], cap: number): number | null {
  const sorted = Float64Array.from(stamps.filter(Number.isFinite)).sort()
  if (sorted.length < 2) return null
  let seconds = 0
  for (let i = 1; i < sorted.length; i++) seconds += Math.min(cap, (sorted[i]! - sorted[i - 1]!) / 1000)
  return seconds
}

export interface CapSensitivity {
  /** Seconds. */
  cap: number
  saved: TimeSaved
}

/** The same figure under several gap caps: where it changes much, the cap and not the work has made it. */
export function capSensitivity(
  items: readonly (Omit<TimedItem, 'seconds'> & { stamps: readonly number[] })[],
  { caps = [60, 120, 300, 600], ...options }: TimeSavedOptions & { caps?: readonly number[] } = {},
): { caps: CapSensitivity[]; because: string } {
  const all = caps.map((cap) => ({
    cap,
    saved: timeSaved(
      items.map(({ stamps, ...item }) => ({ ...item, seconds: gapCapped(stamps, cap) })),
      options,
    ),
  }))
  const told = all.flatMap(({ saved }) => saved.minutesPerItem?.estimate ?? [])
  if (told.length < all.length)
    return { caps: all, because: 'It cannot be told yet how much depends on the gap cap.' }
  const two = (value: number) => Math.round(value * 100) / 100
  return {
    caps: all,
    because: `With gaps capped at ${caps[0]! / 60} to ${caps.at(-1)! / 60} minutes, each item saves between ${two(Math.min(...told))} and ${two(Math.max(...told))} minutes.`,
  }
}
