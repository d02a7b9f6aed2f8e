import { explainAdditive } from '../../learn/attribution/additive.ts'
import { windowScan } from '../../learn/attribution/window-scan.ts'
import { type Base, shared } from './counted-rows.ts'
import type { Compared, Told } from './findings.ts'
import { budget, lookBack } from './noise-budget.ts'
import { leavesOf, segmentCauses } from './segments.ts'
import type { Recipe, Term } from './wording.ts'

/** How an additive metric in the newest window departs from what its past lets expect, and what happened in the near past. */
export function againstBefore(base: Base): Compared {
  const { roles } = base
  const periods = base.periods!
  const most = 2 * periods.season + 70
  const firstWindow = Math.max(0, periods.starts.length - most)
  const windows = periods.starts.length - firstWindow
  const indexed = leavesOf(base, (row) => periods.windowOf[row]! >= firstWindow)
  const { leaves, rows, leafOf } = indexed
  const entries = {
    leaf: leafOf,
    window: Int32Array.from(rows, (row) => periods.windowOf[row]! - firstWindow),
    value: Float64Array.from(rows, (row) => roles.metric.numbers[row]! || 0),
    windows,
  }
  const now = windows - 1
  const scan = windowScan(leaves, entries, periods.season)
  const { predictor } = scan
  const past = (at: number) =>
    scan.makingsOf(at).map(({ window, weight }) => ({ window: firstWindow + window, weight }))
  const total = (at: number): Told => ({
    where: [],
    from: { sum: past(at).map((each) => ({ column: 'metric', ...each, where: [] })) },
    to: { sum: [{ column: 'metric', window: firstWindow + at, weight: 1, where: [] }] },
  })
  if (!scan.reaches(now)) {
    // Too few windows to know what is usual: the leaves are each other's yardstick.
    const actual = new Float64Array(leaves.count)
    const before = new Float64Array(leaves.count)
    const weightOf = new Map(scan.makingsOf(now).map(({ window, weight }) => [window, weight]))
    for (let i = 0; i < rows.length; i++) {
      if (entries.window[i] === now) actual[leafOf[i]!]! += entries.value[i]!
      else before[leafOf[i]!]! += (weightOf.get(entries.window[i]!) ?? 0) * entries.value[i]!
    }
    const segments =
      leaves.count >= 20 ? explainAdditive(leaves, actual, before, { strictness: 5, most: 5 }) : []
    const causes = segmentCauses(base, indexed, segments, firstWindow + now, past(now))
    return {
      ...wholeOf(),
      news: causes.length > 0,
      totalNews: false,
      sparse: true,
      margin: null,
      causes,
      incidents: [],
    }
  }
  const incidents = incidentsOf()
  const found = scan.scan(now, budget.now)
  const causes = segmentCauses(base, indexed, found.causes, firstWindow + now, past(now))
  return {
    ...wholeOf(),
    news: found.news,
    totalNews: found.totalNews,
    margin: found.total.margin,
    causes,
    incidents: base.question.at === undefined ? incidents : [],
  }

  function wholeOf() {
    return { ...shared(base, firstWindow + now), basis: predictorBasis(predictor), ...total(now) }
  }

  /** Windows of the near past in which something happened, next to each other taken as one. */
  function incidentsOf(): Compared['incidents'] {
    const suspects = new Set(scan.suspects())
    const looks = [...suspects].filter((at) => at >= now - lookBack)
    const runs: { key: string; first: number; last: number; told: Told; strength: number }[] = []
    for (const at of looks) {
      // Noise is hardly ever odd twice in a row.
      const inRun = suspects.has(at - 1) || suspects.has(at + 1)
      const each = inRun ? budget.past.inRun : budget.past.all / lookBack / 2
      const allowed = { total: each, segments: each, record: budget.past.record }
      const { news, causes: parts, total: all } = scan.scan(at, allowed, 1)
      if (!news) continue
      const what = parts[0] ?? all
      const told =
        what.dimensions.length === 0
          ? total(at)
          : segmentCauses(base, indexed, [what], firstWindow + at, past(at))[0]
      if (!told) continue
      const key = JSON.stringify([told.where, what.t > 0])
      const run = runs.find((one) => one.key === key && one.last === at - 1)
      if (run) {
        run.last = at
        run.strength += Math.abs(what.t)
        run.told = { ...told, from: joined(run.told.from, told.from), to: joined(run.told.to, told.to) }
      } else runs.push({ key, first: at, last: at, told, strength: Math.abs(what.t) })
    }
    return runs
      .sort((a, b) => b.strength - a.strength)
      .slice(0, 3)
      .map(({ first, last, told }) => ({ ...told, first: firstWindow + first, last: firstWindow + last }))
  }
}

const joined = (a: Recipe, b: Recipe): Recipe =>
  'sum' in a && 'sum' in b ? { sum: addedUp([...a.sum, ...b.sum]) } : a

/** Terms of the same window and segment as one. */
function addedUp(terms: Term[]): Term[] {
  const byKey = new Map<string, Term>()
  for (const term of terms) {
    const key = JSON.stringify([term.column, term.window, term.where])
    const known = byKey.get(key)
    byKey.set(key, known ? { ...known, weight: known.weight + term.weight } : term)
  }
  return [...byKey.values()]
}

function predictorBasis({
  kind,
  count,
}: {
  kind: 'before' | 'season' | 'season and trend'
  count: number
}): Compared['basis'] {
  return kind === 'before'
    ? { kind: 'before', count }
    : { kind: 'season', count, trend: kind === 'season and trend' }
}
