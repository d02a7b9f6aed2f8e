import type { Deed, Example, Kind } from '../contract/index.ts'
import { seeded } from '../stats/random.ts'

export interface Order {
  kind: 'time' | 'file' | 'shuffled'
  /** One clause for a proof's sentence, in plain words. */
  because: string
}

/**
 * Puts history into the order in which it is cut into past and future.
 *
 * - times, where at least half of the items have one and they are not all the same: oldest first, equal times and
 *   items without a time staying beside their neighbours in the file
 * - else the order of the file
 * - unless the file is evidently sorted by the deed: then groups are shuffled with the seed, because the past would
 *   know nothing of the labels to come
 */
export function orderExamples<K extends Kind>(
  examples: readonly Example<K>[],
  { seed }: { seed: number },
): { examples: Example<K>[]; order: Order } {
  const times = timesOf(examples)
  if (times) {
    const places = examples.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
    return {
      examples: places.map((i) => examples[i]!),
      order: { kind: 'time', because: 'oldest first by time' },
    }
  }
  const deeds = examples.flatMap(({ deed }) => choiceOf(deed) ?? [])
  const runs = runsTest(deeds)
  if (runs.evidentlySorted) {
    const groups = [...Map.groupBy(examples, ({ item }) => item.group).values()]
    return {
      examples: seeded(seed).derive('order').shuffle(groups).flat(),
      order: {
        kind: 'shuffled',
        because: `rows shuffled with a seed, since there are no times and the file is sorted by its outcome (${runs.runs} runs of the same outcome where about ${Math.round(runs.expected)} are expected); a shuffle flatters when the world moves`,
      },
    }
  }
  return { examples: [...examples], order: { kind: 'file', because: 'rows in file order' } }
}

/** A time for each item, borrowed from the neighbour before (or the first one after) where it has none. */
function timesOf(examples: readonly Example[]): number[] | null {
  const known = examples.map(({ item }) => item.at).filter((at) => at !== null && Number.isFinite(at))
  if (known.length * 2 < examples.length || new Set(known).size < 2) return null
  let last = known[0]!
  return examples.map(({ item }) => {
    if (item.at !== null && Number.isFinite(item.at)) last = item.at
    return last
  })
}

/** What was chosen, as a word to compare; null where the deed is no choice among a few. */
function choiceOf(deed: Deed): string | null {
  switch (deed.kind) {
    case 'message':
      return deed.label ?? (deed.reply === null ? '' : '(answered)')
    case 'record':
      return deed.value === null ? null : String(deed.value)
    default:
      return null
  }
}

/**
 * Runs test for several categories (Barton and David, "Multiple runs", Biometrika 1957), one-sided: fewer runs of
 * equal neighbours than chance gives. A drift of the outcome in a file that does follow time also leaves significantly
 * fewer runs (40,000 calls of a bank campaign: z = -41), so "evidently sorted" asks for more than a strict p-value
 * (z < -4, p < 4e-5): for less than half of the runs that chance would give.
 */
export function runsTest(choices: readonly string[]): {
  runs: number
  expected: number
  z: number
  evidentlySorted: boolean
} {
  const n = choices.length
  const counts = new Map<string, number>()
  let runs = n === 0 ? 0 : 1
  for (let i = 0; i < n; i++) {
    counts.set(choices[i]!, (counts.get(choices[i]!) ?? 0) + 1)
    if (i > 0 && choices[i] !== choices[i - 1]) runs++
  }
  let second = 0
  let third = 0
  for (const count of counts.values()) {
    second += count ** 2
    third += count ** 3
  }
  const expected = n === 0 ? 0 : n + 1 - second / n
  const variance = n < 2 ? 0 : (second * (second + n * (n + 1)) - 2 * n * third - n ** 3) / (n ** 2 * (n - 1))
  const z = variance > 0 ? (runs - expected) / Math.sqrt(variance) : 0
  return { runs, expected, z, evidentlySorted: z < -4 && runs < expected / 2 }
}

/** Learned on, calibrated on, verified on: each later than the one before. */
export interface Parts<K extends Kind = Kind> {
  learn: Example<K>[]
  calibrate: Example<K>[]
  verify: Example<K>[]
}

/**
 * Cuts ordered examples into three parts by whole groups. A group belongs to the part in which its last item falls;
 * items of it that stand before that part begins are left out of all parts, for learning from them would tell the
 * answer (a conversation quotes itself) and judging them would let the model know their future.
 *
 *     items      a a b c b | d c e | f d g        learn: a b    calibrate: e (and the late c)
 *     left out          c       d                 verify: f g (and the late d)
 *
 * Calibrate and verify are a fifth of the groups each; in small histories up to a quarter, because fewer than about
 * 60 groups can hardly prove anything.
 */
export function cutExamples<K extends Kind>(examples: readonly Example<K>[]): Parts<K> {
  const last = new Map<string, number>()
  // Deleted first, so that the map stays in order of each group's last item.
  for (const [i, { item }] of examples.entries()) {
    last.delete(item.group)
    last.set(item.group, i)
  }
  const groups = last.size
  const tested = testedGroups(groups)
  const ends = [...last.values()]
  const learnEnd = ends[groups - 2 * tested - 1] ?? -1
  const calibrateEnd = ends[groups - tested - 1] ?? -1
  const parts: Parts<K> = { learn: [], calibrate: [], verify: [] }
  for (const [i, example] of examples.entries()) {
    const end = last.get(example.item.group)!
    if (end <= learnEnd) parts.learn.push(example)
    else if (end <= calibrateEnd) {
      if (i > learnEnd) parts.calibrate.push(example)
    } else if (i > calibrateEnd) parts.verify.push(example)
  }
  return parts
}

/** Groups in the calibrate part, and in the verify part, of a history of so many groups. */
export function testedGroups(groups: number): number {
  return Math.round(Math.max(groups / 5, Math.min(60, groups / 4)))
}
