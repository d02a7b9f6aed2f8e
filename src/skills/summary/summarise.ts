import { Fault } from '../../contract/index.ts'
import { explainAdditive, type Segment } from '../../learn/attribution/additive.ts'
import { type Leaves, numberPairs } from '../../learn/attribution/cuboids.ts'
import type { MetricTable } from '../../learn/attribution/metric-table.ts'
import { rateNoise } from '../../learn/attribution/rate-noise.ts'
import { type Counts, explainRate } from '../../learn/attribution/rates.ts'
import { type Departure, windowScan } from '../../learn/attribution/window-scan.ts'
import { type Compared, type Finding, type Told, tellNews, tellQuiet } from './findings.ts'
import { instantOf, type Periods, periodsOf } from './periods.ts'
import { type Rows, untrue } from './read-back.ts'
import { type Question, type Roles, rolesOf, type TextColumn } from './roles.ts'
import { type Formats, numbersOf, type Recipe, type StatedNumber, type Term, textOf } from './wording.ts'

/** What `inlay summary --json` prints. */
export interface Summary {
  total: { from: number | null; to: number; change: number | null; relative: number | null }
  causes: { where: Record<string, string>; from: number; to: number; change: number; share: number | null }[]
  findings: { kind: Finding['kind']; text: string; numbers: StatedNumber[] }[]
  text: string
  notices: string[]
}

/** Noise may cry wolf in at most 5 % of tables: this is how that is shared out. */
const budget = { now: { total: 0.008, segments: 0.015 }, past: 0.008 }
/** Windows of the past that are looked at for incidents. */
const lookBack = 18
const totalWords = /^(grand )?(totals?|all|sum|overall|gesamt(summe)?|summe|alle|insgesamt|ensemble)$/i
/** Values of a dimension that are told apart; the rest is one. */
const mostValues = 400

/**
 * What changed in a metric table, where, by how much, and whether it is news at all. Every number in the text is read back
 * out of it and computed again from the rows. Throws a Fault (`bad-input`) where the table or the question is wrong.
 */
export function summarise(
  table: MetricTable,
  question: Question = {},
  formats: Formats = { locale: 'en' },
): Summary {
  const roles = rolesOf(table, question)
  const notices: string[] = []
  const kept = keptRows(table.rows, roles, notices)
  const periods = roles.time && periodsFor(roles, question, kept)
  if (periods) notices.push(...periods.notices)
  const base: Base = { table, roles, question, kept, periods, notices }
  const compared = roles.expected
    ? againstExpected(base)
    : !periods || periods.starts.length < 2
      ? nothingBefore(base)
      : roles.per
        ? rateAgainstBefore(base)
        : againstBefore(base)
  return toldTrue(base, compared, formats)
}

interface Base {
  table: MetricTable
  roles: Roles
  question: Question
  /** Rows that count: 1; total rows and rows in another currency: 0. */
  kept: Uint8Array
  periods: Periods | null
  notices: string[]
}

/** Leaves out rows that hold the sum of others, and amounts in another currency than the commonest. */
function keptRows(count: number, { dimensions, unit, metric }: Roles, notices: string[]): Uint8Array {
  const kept = new Uint8Array(count).fill(1)
  for (const { name, values, codes } of dimensions) {
    const isTotal = values.map((value) => totalWords.test(value.trim()))
    if (!isTotal.includes(true) || isTotal.every(Boolean)) continue
    let left = 0
    for (let row = 0; row < count; row++) {
      if (codes[row]! < 0 || !isTotal[codes[row]!]) continue
      kept[row] = 0
      left++
    }
    notices.push(
      `${left} rows with "${values[isTotal.indexOf(true)]}" in column "${name}" are sums of others and were left out.`,
    )
  }
  if (unit && unit.values.length > 1) {
    const counts = new Float64Array(unit.values.length)
    for (const code of unit.codes) if (code >= 0) counts[code]!++
    const main = counts.indexOf(Math.max(...counts))
    for (let row = 0; row < count; row++) if (unit.codes[row] !== main) kept[row] = 0
    notices.push(
      `Column "${unit.name}" has ${unit.values.slice(0, 6).join(', ')}, which cannot be added up: only ${unit.values[main]} is told about.`,
    )
  }
  let empty = 0
  for (let row = 0; row < count; row++) if (kept[row] && Number.isNaN(metric.numbers[row]!)) empty++
  if (empty > 0) notices.push(`${empty} rows have no "${metric.name}" and count as nothing.`)
  return kept
}

function periodsFor({ time }: Roles, { at, per }: Question, kept: Uint8Array): Periods {
  const { column, instants } = time!
  const codes = column.codes.map((code, row) => (kept[row] ? code : -1))
  // A rate pools its past, so that few weeks of it are enough.
  const fewestWeeks = per === undefined ? 8 : 3
  if (at === undefined) return periodsOf(codes, instants, { fewestWeeks })
  const until = instantOf(at)
  const named = column.values.indexOf(at)
  if (named < 0 && until === null) {
    throw new Fault(
      'bad-input',
      `"${at}" is no date or time of column "${column.name}": give one as it stands there (${JSON.stringify(column.values[0])}).`,
    )
  }
  const moment = named >= 0 ? instants[named]! : until!
  const periods = periodsOf(codes, instants, { until: moment, single: per !== undefined })
  if (periods.starts.length === 0 || moment < periods.starts[0]! || moment >= periods.ends.at(-1)!) {
    throw new Fault('bad-input', `"${at}" is outside of the times of column "${column.name}".`)
  }
  return periods
}

/** The distinct combinations of values among these rows, and each row's; −1 for rows that do not count. */
function leavesOf(base: Base, counts: (row: number) => boolean) {
  const { dimensions } = base.roles
  const weight = base.roles.per ?? base.roles.metric
  const chosen = new Int32Array(base.table.rows)
  let count = 0
  for (let row = 0; row < base.table.rows; row++) if (base.kept[row] && counts(row)) chosen[count++] = row
  const rows = chosen.subarray(0, count)
  const used = dimensions.map((column) => commonValues(column, rows, weight.numbers))
  const leafOf = new Int32Array(count)
  let cells = 1
  used.forEach(({ code, values }) => {
    cells = numberPairs(leafOf, cells, code, values.length)
  })
  const codes = used.map(({ code }) => {
    const ofLeaf = new Int32Array(cells)
    for (let i = 0; i < count; i++) ofLeaf[leafOf[i]!] = code[i]!
    return ofLeaf
  })
  const leaves: Leaves = { count: cells, sizes: used.map(({ values }) => values.length), codes }
  return { leaves, rows, leafOf, values: used.map(({ values }) => values) }
}

/** Codes of a dimension among some rows: its common values, and one code (null) for all that are rare. */
function commonValues({ values, codes }: TextColumn, rows: Int32Array, weight: Float64Array) {
  const own = new Int32Array(rows.length)
  const seen = new Uint8Array(values.length + 1)
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    own[i] = code < 0 ? values.length : code
    seen[own[i]!] = 1
  }
  const present = Array.from(seen.keys()).filter((code) => seen[code])
  if (present.length > mostValues) {
    const volume = new Float64Array(values.length + 1)
    for (let i = 0; i < rows.length; i++) volume[own[i]!]! += Math.abs(weight[rows[i]!]!) || 1e-9
    present.sort((a, b) => volume[b]! - volume[a]!).length = mostValues
  }
  const names: (string | null)[] = present.map((code) => values[code] ?? '')
  if (present.length === seen.length || (present.length === values.length && !seen[values.length])) {
    return { values: names, code: own }
  }
  const to = new Int32Array(values.length + 1).fill(present.length)
  present.forEach((code, index) => {
    to[code] = index
  })
  let rare = false
  for (let i = 0; i < own.length; i++) {
    own[i] = to[own[i]!]!
    if (own[i] === present.length) rare = true
  }
  if (rare) names.push(null)
  return { values: names, code: own }
}

type Indexed = ReturnType<typeof leavesOf>

/** Null for a segment of rare values taken together: it has no name. */
function namedSegment(base: Base, { values }: Indexed, segment: { dimensions: number[]; values: number[] }) {
  const where = segment.dimensions.map((d, i) => ({
    column: base.roles.dimensions[d]!.name,
    value: values[d]![segment.values[i]!] ?? null,
  }))
  return where.every((each): each is { column: string; value: string } => each.value !== null) ? where : null
}

function againstExpected(base: Base): Compared {
  const { roles, periods } = base
  const metric = roles.metric.numbers
  const expectedColumn = roles.expected!.numbers
  const window =
    periods && (base.question.at !== undefined || base.question.time !== undefined)
      ? periods.starts.length - 1
      : null
  const indexed = leavesOf(base, (row) => window === null || periods!.windowOf[row] === window)
  const { leaves, rows, leafOf } = indexed
  const actual = new Float64Array(leaves.count)
  const expected = new Float64Array(leaves.count)
  for (let i = 0; i < rows.length; i++) {
    actual[leafOf[i]!]! += metric[rows[i]!]! || 0
    expected[leafOf[i]!]! += expectedColumn[rows[i]!]! || 0
  }
  const segments = explainAdditive(leaves, actual, expected)
  let squares = 0
  let sum = 0
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    squares += (actual[leaf]! - expected[leaf]!) ** 2
    sum += actual[leaf]! - expected[leaf]!
  }
  const z = squares > 0 && leaves.count >= 10 ? sum / Math.sqrt(squares) : 0
  const term = (column: Term['column']): Recipe => ({ sum: [{ column, window, weight: 1, where: [] }] })
  return {
    ...shared(base, window),
    basis: { kind: 'expected', name: roles.expected!.name },
    from: term('expected'),
    to: term('metric'),
    news: segments.length > 0 || Math.abs(z) > 2.6,
    totalNews: Math.abs(z) > 2.6,
    margin: null,
    causes: segmentCauses(base, indexed, segments, window, null),
    incidents: [],
  }
}

/** Recipes of the segments found, before (or expected) and now. */
function segmentCauses(
  base: Base,
  indexed: Indexed,
  segments: (Segment | Departure)[],
  window: number | null,
  before: { window: number; weight: number }[] | null,
): Told[] {
  return segments.flatMap((segment) => {
    const where = namedSegment(base, indexed, segment)
    if (!where) return []
    const from: Recipe = before
      ? { sum: before.map((each) => ({ column: 'metric', ...each, where })) }
      : { sum: [{ column: 'expected', window, weight: 1, where }] }
    return [{ where, from, to: { sum: [{ column: 'metric', window, weight: 1, where }] } satisfies Recipe }]
  })
}

function shared({ roles, periods }: Base, window: number | null) {
  return { metric: roles.metric.name, per: roles.per?.name ?? null, periods, window }
}

function nothingBefore(base: Base): Compared {
  return {
    ...shared(base, null),
    basis: { kind: 'nothing' },
    from: null,
    to: base.roles.per
      ? {
          ratio: [
            { sum: [{ column: 'metric', window: null, weight: 1, where: [] }] },
            { sum: [{ column: 'per', window: null, weight: 1, where: [] }] },
          ],
          minus: 0,
        }
      : { sum: [{ column: 'metric', window: null, weight: 1, where: [] }] },
    news: false,
    totalNews: false,
    margin: null,
    causes: [],
    incidents: [],
  }
}

function rateAgainstBefore(base: Base): Compared {
  const { roles } = base
  const periods = base.periods!
  const window = periods.starts.length - 1
  const firstWindow = Math.max(0, window - 60)
  const indexed = leavesOf(base, (row) => periods.windowOf[row]! >= firstWindow)
  const { leaves, rows, leafOf } = indexed
  const now = zeroCounts(leaves.count)
  const before = zeroCounts(leaves.count)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const side = periods.windowOf[row] === window ? now : before
    side.numerator[leafOf[i]!]! += roles.metric.numbers[row]! || 0
    side.denominator[leafOf[i]!]! += roles.per!.numbers[row]! || 0
  }
  const noise = rateNoise({
    leaves,
    leaf: leafOf,
    window: Int32Array.from(rows, (row) => periods.windowOf[row]! - firstWindow),
    numerator: Float64Array.from(rows, (row) => roles.metric.numbers[row]! || 0),
    denominator: Float64Array.from(rows, (row) => roles.per!.numbers[row]! || 0),
    windows: window - firstWindow + 1,
  })
  const asked = base.question.at !== undefined
  const sure = explainRate(leaves, now, before, { dispersion: noise.dispersion, strictness: 6 })
  const totalNews = noise.surprise > -Math.log(budget.now.total)
  // Asked about one moment, the likeliest cause is the answer, also where it would not be news by itself.
  const segments = asked && sure.length === 0 ? explainRate(leaves, now, before) : sure
  const beforeWindows = Array.from({ length: window - firstWindow }, (_, i) => firstWindow + i)
  const rate = (windows: number[], where: Term['where']): Recipe => {
    const sum = (column: Term['column']): Recipe => ({
      sum: windows.map((each) => ({ column, window: each, weight: 1, where })),
    })
    return { ratio: [sum('metric'), sum('per')], minus: 0 }
  }
  const news = totalNews || (noise.dispersion > 0 && sure.length > 0 && noise.windows >= 3)
  return {
    ...shared(base, window),
    basis: { kind: 'before', count: beforeWindows.length },
    from: rate(beforeWindows, []),
    to: rate([window], []),
    news,
    totalNews,
    sparse: noise.windows < 3,
    margin: null,
    causes: segments.flatMap((segment) => {
      const where = namedSegment(base, indexed, segment)
      return where
        ? [
            {
              where,
              from: rate(beforeWindows, where),
              to: rate([window], where),
              weight: rateWeight(where, window),
            },
          ]
        : []
    }),
    incidents: [],
  }
}

/** What a segment's rate counts for in the whole rate: its denominator. */
const rateWeight = (where: Term['where'], window: number): Recipe => ({
  sum: [{ column: 'per', window, weight: 1, where }],
})

const zeroCounts = (count: number): Counts => ({
  numerator: new Float64Array(count),
  denominator: new Float64Array(count),
})

function againstBefore(base: Base): Compared {
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
    const looks = scan.suspects().filter((at) => at >= now - lookBack)
    const each = budget.past / lookBack / 2
    const runs: { key: string; first: number; last: number; told: Told; strength: number }[] = []
    for (const at of looks) {
      const { news, causes: parts, total: all } = scan.scan(at, { total: each, segments: each }, 1)
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

/** Words for it, with every number checked; a sentence that does not hold is left out, and is a fault of ours. */
function toldTrue(base: Base, compared: Compared, formats: Formats): Summary {
  const rows = rowsOf(base)
  const { total, causes, findings, text } =
    compared.news || compared.incidents.length > 0
      ? tellNews(compared, rows, formats)
      : tellQuiet(compared, rows, formats)
  const afresh = rowsOf(base)
  for (const pieces of [text, ...findings.map((each) => each.pieces)]) {
    const because = untrue(textOf(pieces), pieces, afresh, formats)
    if (because !== null)
      throw new Fault('bug', `The summary says ${JSON.stringify(textOf(pieces))}, but ${because}.`)
  }
  return {
    total,
    causes,
    findings: findings.map(({ kind, pieces }) => ({
      kind,
      text: textOf(pieces),
      numbers: numbersOf(pieces),
    })),
    text: textOf(text),
    notices: base.notices,
  }
}

function rowsOf({ roles, kept, periods }: Base): Rows {
  const columns = { metric: roles.metric, per: roles.per, expected: roles.expected }
  return {
    kept,
    windowOf: periods?.windowOf ?? null,
    numbers: (column) => columns[column]!.numbers,
    dimension(column, value) {
      const { codes, values } = roles.dimensions.find(({ name }) => name === column)!
      return { codes, code: value === '' ? -1 : values.indexOf(value) }
    },
    known: new Map(),
  }
}
