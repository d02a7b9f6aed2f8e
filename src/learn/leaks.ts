import type { Cell } from '../contract/index.ts'
import { auc } from './scoring-metrics.ts'
import { levelOf } from './tabular/cells.ts'
import { featuresOf, readerOf } from './tabular/features.ts'

/** A field that is only known after the outcome, with the reason in plain words. */
export interface Leak {
  field: string
  because: string
}

/**
 * Finds the field's leak of the outcome, if it has one. What is known when a record arrives makes an outcome more or
 * less likely; what is filled in afterwards decides it. So a field is a leak when
 *
 * 1. by itself it tells won from lost almost without fail (the outcome under another name, an encoded or noisy copy,
 *    a number or an ID that runs with it), or
 * 2. being filled in, or empty, already gives the outcome away, or
 * 3. some of its values mean won and others lost, with next to no exceptions, for a good part of the records, or
 *    values that allow only one outcome account for much of it, or
 * 4. its name says that it is written while the record is worked on (its status, its last activity, a rating of the
 *    lead), and it does bear on the outcome.
 *
 * `truth` is 1 for won, 0 for lost. Groups of records are judged by one-sided 95 % bounds (Wilson 1927), so that a
 * small group that is pure by chance raises no alarm.
 */
export function leakOf(field: string, cells: readonly Cell[], truth: Uint8Array): Leak | null {
  const { groups, count, ordered } = groupsOf(field, cells)
  if (count < 2) return null
  const won = new Float64Array(count)
  const size = new Float64Array(count)
  for (let row = 0; row < truth.length; row++) {
    size[groups[row]!]!++
    won[groups[row]!]! += truth[row]!
  }
  const wonInAll = won.reduce((sum, w) => sum + w, 0)
  const lostInAll = truth.length - wonInAll
  if (Math.min(wonInAll, lostInAll) < 8) return null
  const told = tellingOf(groups, count, truth)
  const because =
    filledBecause(cells, truth, wonInAll) ??
    copyBecause(told.auc, ordered) ??
    pureBecause(size, won, wonInAll, truth.length, ordered) ??
    nameBecause(field, told.significance)
  return because === null ? null : { field, because }
}

const percent = (share: number) => `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`

function copyBecause(area: number, ordered: boolean): string | null {
  if (area < (ordered ? 0.98 : 0.96)) return null
  return `By itself it puts ${percent(area)} of won and lost records in the right order: it is the outcome under another name, or written down with it.`
}

/** One-sided 95 % upper bound of a share (Wilson 1927). */
function upperShare(hits: number, n: number): number {
  const z = 1.645
  const share = hits / n
  const centre = share + (z * z) / (2 * n)
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  return (centre + spread) / (1 + (z * z) / n)
}

/** Whether being filled in (or empty) leaves hardly any doubt about the outcome. */
function filledBecause(cells: readonly Cell[], truth: Uint8Array, wonInAll: number): string | null {
  const n = truth.length
  let filled = 0
  let filledWon = 0
  for (let row = 0; row < n; row++) {
    if (levelOf(cells[row] ?? null) === null) continue
    filled++
    filledWon += truth[row]!
  }
  const sides = [
    { name: 'filled in', size: filled, won: filledWon },
    { name: 'empty', size: n - filled, won: wonInAll - filledWon },
  ]
  for (const { name, size, won } of sides) {
    if (size === 0 || size === n) continue
    for (const outcome of ['won', 'lost'] as const) {
      const ofOutcome = outcome === 'won' ? wonInAll : n - wonInAll
      const inside = outcome === 'won' ? won : size - won
      const doubt = upperShare(size - inside, size) / (1 - ofOutcome / n)
      // Without a single exception fewer records are enough.
      if (doubt <= (inside === size ? 0.25 : 0.08) && inside >= 0.2 * ofOutcome) {
        return `Where it is ${name}, ${percent(inside / size)} of records were ${outcome} (${percent(ofOutcome / n)} of all): it is written after the outcome.`
      }
    }
  }
  return null
}

/** Whether values that (almost) only go with one outcome cover too much to have been known before. */
function pureBecause(
  size: Float64Array,
  won: Float64Array,
  wonInAll: number,
  n: number,
  ordered: boolean,
): string | null {
  const pure = { won: 0, lost: 0 }
  const purest = { won: 0, lost: 0 }
  for (let g = 0; g < size.length; g++) {
    if (size[g]! < 20) continue
    const doubtOfWon = upperShare(size[g]! - won[g]!, size[g]!) / (1 - wonInAll / n)
    const doubtOfLost = upperShare(won[g]!, size[g]!) / (wonInAll / n)
    if (doubtOfWon <= 0.12) pure.won += size[g]!
    if (doubtOfLost <= 0.12) pure.lost += size[g]!
    if (doubtOfWon <= 0.04) purest.won += won[g]!
    if (doubtOfLost <= 0.04) purest.lost += size[g]! - won[g]!
  }
  // A strong number known beforehand is pure at both ends too, but not nearly all along.
  const bothSides = ordered
    ? Math.min(pure.won, pure.lost) >= 0.03 * n && pure.won + pure.lost >= 0.7 * n
    : Math.min(pure.won, pure.lost) >= 0.03 * n
  if (bothSides) {
    return `Some of its values go with won (${percent(pure.won / n)} of records), others with lost (${percent(pure.lost / n)}), with next to no exceptions: they record what came of it.`
  }
  if (purest.won >= 0.4 * wonInAll) {
    return `${percent(purest.won / wonInAll)} of what was won has values that almost nothing lost has: they are written after the outcome.`
  }
  if (purest.lost >= 0.4 * (n - wonInAll)) {
    return `${percent(purest.lost / (n - wonInAll))} of what was lost has values that almost nothing won has: they are written after the outcome.`
  }
  return null
}

/**
 * Words of names under which CRMs, desks and sheets keep what changes while a record is worked on: a word of each
 * entry of `all` must be in the name, and where `only` is set no word outside of it (a deal's stage is written later,
 * a marital status or a funding stage is not).
 */
interface NameRule {
  all: Set<string>[]
  only?: Set<string>
  says: string
}

const words = (text: string) => new Set(text.split(' '))
const theRecord = words(
  'the of a in lead leads deal opportunity sales sale pipeline prospect record case ticket application order call contact customer client loan current final crm lifecycle life cycle follow followup up churn conversion hs sf',
)
const whereItStands = words(
  'status stage phase disposition outcome result resolution verdict tag tags label labels ergebnis statut estado etapa',
)
const writtenLater: NameRule[] = [
  {
    all: [
      words('last latest letzte letzter letztes dernier dernière derniere último última ultimo ultima'),
      words(
        'activity activities action notable modified modification update updated change changed touch touched engagement stage status note aktivität änderung activité actividad',
      ),
    ],
    says: 'what happened last',
  },
  { all: [whereItStands], only: new Set([...whereItStands, ...theRecord]), says: 'where the record stands' },
  {
    all: [
      words(
        'won lost loss win close closed closing closure churn churned cancel cancelled canceled cancellation converted conversion',
      ),
      words('reason date at comment flag grund datum motif motivo'),
    ],
    says: 'how and when the record was closed',
  },
  {
    all: [
      words('lead deal opportunity prospect activity engagement profile conversion churn win'),
      words('score index rating grade quality rank temperature probability likelihood profile forecast'),
    ],
    says: 'a judgement of the record made while it was worked on',
  },
]

function nameBecause(field: string, significance: number): string | null {
  if (significance < 4) return null
  const parts = field
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((part) => part !== '')
  const rule = writtenLater.find(
    ({ all, only }) => matchesApart(all, parts) && (!only || parts.every((part) => only.has(part))),
  )
  if (!rule) return null
  return `By its name it holds ${rule.says}, so it changes until the outcome is known, and it does go with the outcome.`
}

/** Each set has a word of its own in the name. */
function matchesApart(sets: readonly Set<string>[], parts: readonly string[]): boolean {
  const [first, ...rest] = sets
  if (!first) return true
  return parts.some((part, i) => first.has(part) && matchesApart(rest, parts.toSpliced(i, 1)))
}

/**
 * How well a field's groups tell the outcome on records that they were not counted on (two halves, each judged by the
 * other): the area under the curve, and how many standard errors it lies above chance.
 */
function tellingOf(
  groups: Int32Array,
  count: number,
  truth: Uint8Array,
): { auc: number; significance: number } {
  const won = [new Float64Array(count), new Float64Array(count)]
  const size = [new Float64Array(count), new Float64Array(count)]
  let wonInAll = 0
  for (let row = 0; row < truth.length; row++) {
    const half = halfOf(row)
    size[half]![groups[row]!]!++
    won[half]![groups[row]!]! += truth[row]!
    wonInAll += truth[row]!
  }
  const prior = wonInAll / truth.length
  let areas = 0
  let weight = 0
  for (const half of [0, 1]) {
    const rows: number[] = []
    for (let row = 0; row < truth.length; row++) if (halfOf(row) === half) rows.push(row)
    const other = 1 - half
    const shares = rows.map(
      (row) => (won[other]![groups[row]!]! + 2 * prior) / (size[other]![groups[row]!]! + 2),
    )
    const area = auc(
      rows.map((row) => truth[row]!),
      shares,
    )
    if (area === null) continue
    areas += area * rows.length
    weight += rows.length
  }
  const area = weight ? areas / weight : 0.5
  const chance = Math.sqrt((truth.length + 1) / (12 * wonInAll * (truth.length - wonInAll)))
  return { auc: area, significance: (area - 0.5) / chance }
}

/** A fixed scatter of rows into two halves that follows no order the file may have. */
const halfOf = (row: number): number => (Math.imul(row + 1, 0x9e3779b1) >>> 16) & 1

const mostBins = 40

/**
 * Cuts a column into groups: a level each; numbers into bins of about equal size that never split equal values;
 * where nearly every value is its own (an ID), the shape of the text ("AB-999"). Group 0 is "empty".
 */
function groupsOf(
  field: string,
  cells: readonly Cell[],
): { groups: Int32Array; count: number; ordered: boolean } {
  const groups = new Int32Array(cells.length)
  const feature = featuresOf(field, cells)[0]
  if (!feature) return { groups, count: 0, ordered: false }
  if (feature.form === 'level') {
    const codes = new Map<string, number>()
    const ids = feature.levels.length > 0.5 * cells.length
    for (let row = 0; row < cells.length; row++) {
      const level = levelOf(cells[row] ?? null)
      if (level === null) continue
      const name = ids ? shapeOf(level) : level
      if (!codes.has(name)) codes.set(name, codes.size + 1)
      groups[row] = codes.get(name)!
    }
    return { groups, count: codes.size + 1, ordered: false }
  }
  const values = Float64Array.from(cells, readerOf(feature))
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const edges: number[] = []
  const every = sorted.length / mostBins
  let since = 0
  for (let i = 1; i < sorted.length; i++) {
    // A frequent single value (0, 999) keeps a bin of its own.
    const heavy =
      sorted[i] !== sorted[i - 1] &&
      (i - since >= every || sorted[Math.min(sorted.length - 1, Math.floor(i + every))] === sorted[i])
    if (!heavy) continue
    edges.push(sorted[i]!)
    since = i
  }
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row]!)) {
      // Words between numbers are neither empty nor a number.
      groups[row] = levelOf(cells[row] ?? null) === null ? 0 : edges.length + 2
      continue
    }
    let bin = 0
    while (bin < edges.length && edges[bin]! <= values[row]!) bin++
    groups[row] = bin + 1
  }
  return { groups, count: edges.length + 3, ordered: true }
}

const shapeOf = (level: string): string => level.slice(0, 40).replace(/\d+/g, '9')
