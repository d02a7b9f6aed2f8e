import type { Periods } from './periods.ts'
import { evaluate, type Rows } from './read-back.ts'
import type { Summary } from './tell-compared.ts'
import { amount, dateText, type Formats, type Piece, percent, type Recipe, type Term } from './wording.ts'

/** A segment (no conditions: everything) with how to compute what it was and what it is. */
export interface Told {
  where: Term['where']
  from: Recipe
  to: Recipe
  /** Of a rate: what the segment counts for. */
  weight?: Recipe
}

/** What was compared with what, and what came of it. */
export interface Compared {
  metric: string
  per: string | null
  periods: Periods | null
  window: number | null
  basis:
    | { kind: 'nothing' }
    | { kind: 'expected'; name: string }
    | { kind: 'before'; count: number }
    | { kind: 'season'; count: number; trend: boolean }
  from: Recipe | null
  to: Recipe
  news: boolean
  totalNews: boolean
  /** There is too little past to say what is usual. */
  sparse?: boolean
  /** Half of the 95 % interval of the expectation of the total; null where unknown. */
  margin: number | null
  causes: Told[]
  incidents: (Told & { first: number; last: number })[]
}

export interface Finding {
  kind: 'change' | 'driver' | 'trend' | 'outlier' | 'record'
  pieces: Piece[]
}

interface Telling {
  total: Summary['total']
  causes: Summary['causes']
  findings: Finding[]
  text: Piece[]
}

/** Segments that a sentence names; more are only in `causes`. */
const mostNamed = 3

export function tellNews(compared: Compared, rows: Rows, formats: Formats): Telling {
  const total = totalOf(compared, rows)
  const measured = compared.causes.map((told) => ({ told, cause: causeOf(told, compared, rows, total) }))
  const ranked = [...measured].sort((a, b) => Math.abs(b.cause.change) - Math.abs(a.cause.change))
  const findings: Finding[] = []
  if (compared.news) {
    findings.push({ kind: 'change', pieces: changeSentence(compared, total, formats) })
    for (const { told, cause } of ranked.slice(0, mostNamed)) {
      findings.push({ kind: 'driver', pieces: driverSentence(told, cause, compared, total, formats) })
    }
  }
  for (const incident of compared.incidents) {
    findings.push({ kind: 'outlier', pieces: incidentSentence(incident, compared, rows, formats) })
  }
  const lead = compared.news ? [] : [...changeSentence(compared, total, formats), ' ']
  const sentences = findings
    .slice(0, compared.news ? 3 : 2)
    .flatMap(({ pieces }, i) => (i === 0 ? pieces : [' ', ...pieces]))
  return { total, causes: measured.map(({ cause }) => cause), findings, text: [...lead, ...sentences] }
}

/** Nothing worth saying is said as such, in one line. */
export function tellQuiet(compared: Compared, rows: Rows, formats: Formats): Telling {
  const total = totalOf(compared, rows)
  const causes = compared.causes.map((told) => causeOf(told, compared, rows, total))
  const pieces = changeSentence(compared, total, formats)
  return { total, causes, findings: [], text: pieces }
}

function totalOf({ from, to }: Compared, rows: Rows): Summary['total'] {
  const now = evaluate(to, rows)
  const before = from ? evaluate(from, rows) : Number.NaN
  if (!Number.isFinite(before)) return { from: null, to: now, change: null, relative: null }
  return { from: before, to: now, change: now - before, relative: before === 0 ? null : now / before - 1 }
}

function causeOf({ where, from, to, weight }: Told, compared: Compared, rows: Rows, total: Summary['total']) {
  const before = evaluate(from, rows)
  const now = evaluate(to, rows)
  const change = now - before
  let share: number | null = null
  if (total.change) {
    const whole: Recipe = { sum: [{ column: 'per', window: compared.window, weight: 1, where: [] }] }
    share = weight
      ? (change * evaluate(weight, rows)) / evaluate(whole, rows) / total.change
      : change / total.change
  }
  const named = Object.fromEntries(where.map(({ column, value }) => [column, value]))
  return {
    where: named,
    from: finite(before),
    to: finite(now),
    change: finite(change),
    share: share === null ? null : finite(share),
  }
}

/** A change by more than a hundred times is no change of the same thing: it is not told in percent. */
const tellable = (relative: number | null): number | null =>
  relative !== null && Math.abs(relative) <= 100 ? relative : null

const finite = (value: number): number => (Number.isFinite(value) ? value : 0)

/** Whether a rate is one of shares, and told in percent. */
const inPercent = (compared: Compared, ...values: (number | null)[]): boolean =>
  compared.per !== null && values.every((value) => value === null || Math.abs(value) <= 1)

function stated(value: number, of: Recipe, asPercent: boolean, formats: Formats): Piece {
  return { number: asPercent ? percent(value, formats) : amount(value, formats), of }
}

function changeSentence(compared: Compared, total: Summary['total'], formats: Formats): Piece[] {
  const { metric, per, from, to, basis } = compared
  const what: Piece[] =
    per === null ? [{ name: capital(metric) }] : [{ name: capital(metric) }, ' per ', { name: per }]
  const asPercent = inPercent(compared, total.from, total.to)
  const when = whenOf(compared, formats)
  // Nothing divided by nothing is no rate.
  if (!Number.isFinite(total.to)) {
    return [...what, ' cannot be told', ...when, ': there is no ', { name: per ?? metric }, '.']
  }
  const now = stated(total.to, to, asPercent, formats)
  if (basis.kind === 'nothing' || !from || total.from === null || !Number.isFinite(total.from)) {
    return [...what, ' is ', now, ...when, '; there is nothing before to compare it with.']
  }
  const before = stated(total.from, from, asPercent, formats)
  const against = basisOf(compared)
  if (!compared.news && compared.sparse) {
    const unknown = '; there is too little past to say whether that is unusual.'
    return [...what, ' was ', now, ...when, ', against ', before, ...against, unknown]
  }
  if (!compared.news)
    return [
      'Nothing out of the ordinary: ',
      ...what,
      ' was ',
      now,
      ...when,
      ', against ',
      before,
      ...against,
      '.',
    ]
  const relative = tellable(total.relative)
  if (!compared.totalNews) {
    return [
      ...what,
      ' was ',
      now,
      ...when,
      ', against ',
      before,
      ...against,
      '; the whole is as usual, but not its parts.',
    ]
  }
  if (relative === null) return [...what, ' was ', now, ...when, ', against ', before, ...against, '.']
  const size: Piece = {
    number: percent(Math.abs(relative), formats),
    of: { ratio: [to, from], minus: 1, absolute: true },
  }
  const up = total.to > total.from
  return [
    ...what,
    ' was ',
    now,
    ...when,
    ', ',
    size,
    up ? ' above the ' : ' below the ',
    before,
    ...against,
    '.',
  ]
}

function driverSentence(
  { where, from, to }: Told,
  cause: Summary['causes'][number],
  compared: Compared,
  total: Summary['total'],
  formats: Formats,
): Piece[] {
  const asPercent = inPercent(compared, cause.from, cause.to)
  const before = stated(cause.from, from, asPercent, formats)
  const now = stated(cause.to, to, asPercent, formats)
  const verb = cause.change > 0 ? ' rose to ' : ' fell to '
  const pieces: Piece[] = [...nameOf(where), verb, now, ' from ', before]
  const share = cause.share
  // A share beyond the whole says that other parts went the other way: it would only confuse.
  if (
    compared.per === null &&
    compared.from &&
    compared.totalNews &&
    share !== null &&
    share >= 0.1 &&
    share <= 1 &&
    total.change
  ) {
    const of: Recipe = {
      ratio: [{ difference: [to, from] }, { difference: [compared.to, compared.from] }],
      minus: 0,
    }
    pieces.push(', ', { number: percent(share, formats), of }, ' of the change')
  }
  return [...pieces, '.']
}

function incidentSentence(
  { where, from, to, first, last }: Compared['incidents'][number],
  compared: Compared,
  rows: Rows,
  formats: Formats,
): Piece[] {
  const before = evaluate(from, rows)
  const now = evaluate(to, rows)
  const what: Piece[] = where.length === 0 ? [] : [' of ', ...nameOf(where, false)]
  const pieces: Piece[] = [
    ...spanOf(compared.periods!, first, last, formats),
    ', ',
    { name: compared.metric },
    ...what,
    ' was ',
    stated(now, to, false, formats),
    ' where ',
    stated(before, from, false, formats),
    ' was to be expected',
  ]
  if (tellable(before === 0 ? null : now / before - 1) !== null) {
    const of: Recipe = { ratio: [to, from], minus: 1, absolute: true }
    pieces.push(
      ' (',
      { number: percent(Math.abs(now / before - 1), formats), of },
      now > before ? ' more)' : ' less)',
    )
  }
  return [...pieces, '.']
}

/** A value that says what it is by itself stands alone; `500` needs its column. */
function nameOf(where: Term['where'], start = true): Piece[] {
  return where.flatMap(({ column, value }, i): Piece[] => {
    const speaks = /\p{L}{3}/u.test(value)
    const shown = value === '' ? `no ${column}` : speaks ? value : `${column} ${value}`
    return [...(i > 0 ? [', '] : []), { name: start && i === 0 ? capital(shown) : shown }]
  })
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function whenOf({ periods, window }: Compared, formats: Formats): Piece[] {
  if (!periods || window === null) return []
  const { name } = periods
  const before =
    { minute: 'at', hour: 'at', period: 'at', day: 'on', week: 'in the week of' }[name as 'day'] ?? 'in'
  return [` ${before} `, { name: spanText(periods, window, window, formats) }]
}

function spanOf(periods: Periods, first: number, last: number, formats: Formats): Piece[] {
  const { name } = periods
  const one = first === last
  const before = name === 'day' ? (one ? 'On' : 'In') : name === 'week' && one ? 'In the week of' : 'In'
  return [`${before} `, { name: spanText(periods, first, last, formats) }]
}

function spanText(periods: Periods, first: number, last: number, formats: Formats): string {
  const { name } = periods
  const parts =
    name === 'month' || name === 'quarter'
      ? 'month'
      : name === 'year'
        ? 'year'
        : name === 'minute' || name === 'hour' || name === 'period'
          ? 'minute'
          : 'day'
  const begin = periods.starts[first]!
  if (name !== 'week' && first === last && name !== 'quarter') return dateText(begin, begin, formats, parts)
  return dateText(begin, periods.ends[last]! - (parts === 'minute' ? 0 : 86_400_000), formats, parts)
}

function basisOf({ basis, periods }: Compared): Piece[] {
  if (basis.kind === 'expected') return [' of ', { name: basis.name }]
  const name = periods?.name ?? 'period'
  if (basis.kind === 'before')
    return [{ name: basis.count === 1 ? ` of the ${name} before` : ` of the ${basis.count} ${name}s before` }]
  if (basis.kind === 'season') {
    const season =
      { week: 'year', month: 'year', quarter: 'year', day: 'week', hour: 'day' }[name as 'week'] ?? 'season'
    return [
      {
        name: ` that the same ${name} of the ${basis.count === 1 ? `${season} before` : `${basis.count} ${season}s before`}${basis.trend ? ' and the trend' : ''} let expect`,
      },
    ]
  }
  return []
}
