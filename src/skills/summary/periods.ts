/** The time column, understood: how long a period is, and which stretch of time is told about as one. */
export interface Periods {
  grain: Grain
  /** Start of each window, ascending, in milliseconds since the epoch; the end of one is the start of the next. */
  starts: number[]
  ends: number[]
  /** Window of each row; −1 for rows outside. */
  windowOf: Int32Array
  /** Cycle in windows, 0 where there is none. */
  season: number
  /** What one window is called. */
  name: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year' | 'period'
  notices: string[]
}

export type Grain = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year' | 'period'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Start of the period that a text names: a date, a time, a month, a week, a quarter, a year, seconds or milliseconds; else null. */
export function instantOf(text: string): number | null {
  const trimmed = text.trim()
  let match: string[] | null =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(
      trimmed,
    )
  if (match) {
    const [year, month, date, h = 0, m = 0, s = 0] = match
      .slice(1)
      .map(Number)
      .map((each) => each || 0)
    const at = Date.UTC(year!, month! - 1, date!, h, m, s)
    return new Date(at).getUTCDate() === date ? at : null
  }
  if (/^\d{10}$/.test(trimmed)) return Number(trimmed) * 1000
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed)
  match = /^(\d{4})[-/.](\d{1,2})$/.exec(trimmed)
  if (match && Number(match[2]) >= 1 && Number(match[2]) <= 12)
    return Date.UTC(Number(match[1]), Number(match[2]) - 1)
  match = /^(\d{4})-?W(\d{1,2})$/i.exec(trimmed)
  if (match) return isoWeekStart(Number(match[1]), Number(match[2]))
  match = /^(\d{4})[- ]?Q([1-4])$/i.exec(trimmed) ?? swapped(/^Q([1-4])[- /]?(\d{4})$/i.exec(trimmed))
  if (match) return Date.UTC(Number(match[1]), 3 * (Number(match[2]) - 1))
  match = /^(19|20)\d{2}$/.exec(trimmed)
  return match ? Date.UTC(Number(trimmed), 0) : null
}

const swapped = (match: RegExpExecArray | null) => match && [match[0], match[2]!, match[1]!]

function isoWeekStart(year: number, week: number): number {
  const fourth = Date.UTC(year, 0, 4)
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * day
  return monday + (week - 1) * 7 * day
}

/**
 * Cuts the rows' times into windows that end with the last complete period, or with the one that holds `until`. Days are told
 * about in weeks where there are `fewestWeeks` of them (8), as weekdays differ; `window: 'one'` keeps single periods.
 */
export function periodsOf(
  codes: Int32Array,
  instants: Float64Array,
  options: { until?: number | null; single?: boolean; fewestWeeks?: number } = {},
): Periods {
  const rowsAt = new Map<number, number>()
  const counts = new Int32Array(instants.length)
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) counts[codes[row]!]!++
  instants.forEach((at, code) => {
    if (!Number.isNaN(at)) rowsAt.set(at, (rowsAt.get(at) ?? 0) + counts[code]!)
  })
  const times = [...rowsAt.keys()].sort((a, b) => a - b)
  const grain = grainOf(times)
  const notices: string[] = []
  let last = times.length - 1
  const until = options.until ?? null
  if (until !== null) while (last > 0 && times[last]! > until) last--
  else if (last >= 4) {
    const before = times
      .slice(Math.max(0, last - 8), last)
      .map((at) => rowsAt.get(at)!)
      .sort((a, b) => a - b)
    const usual = before[before.length >> 1]!
    if (usual >= 4 && rowsAt.get(times[last]!)! < 0.5 * usual) {
      notices.push(
        `${isoOf(times[last]!, grain)} has ${rowsAt.get(times[last]!)} rows where ${usual} are usual: taken as incomplete and left out.`,
      )
      last--
    }
  }
  const weekly =
    grain === 'day' &&
    !options.single &&
    times[last]! - times[0]! >= (7 * (options.fewestWeeks ?? 8) - 1) * day
  const starts: number[] = []
  const ends: number[] = []
  if (weekly) {
    // Whole weeks that end with the last day; what is left over at the beginning is no week.
    const end = times[last]! + day
    for (let start = end - 7 * day; start >= times[0]!; start -= 7 * day) {
      starts.unshift(start)
      ends.unshift(start + 7 * day)
    }
  } else {
    const step =
      grain === 'minute' || grain === 'hour' || grain === 'day' || grain === 'week' ? stepOf(times) : 0
    for (let i = 0; i <= last; i++) {
      starts.push(times[i]!)
      ends.push(i < last ? times[i + 1]! : endOf(times[i]!, grain, step))
    }
  }
  const windowOfCode = Int32Array.from(instants, (at) => (Number.isNaN(at) ? -1 : windowAt(starts, ends, at)))
  const windowOf = codes.map((code) => (code < 0 ? -1 : windowOfCode[code]!))
  const name = weekly ? 'week' : grain
  const seasons = { minute: 0, hour: 24, day: 7, week: 52, month: 12, quarter: 4, year: 0, period: 0 }
  return { grain, starts, ends, windowOf, season: seasons[name], name, notices }
}

function windowAt(starts: number[], ends: number[], at: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= at) low = middle
    else high = middle - 1
  }
  return at >= starts[low]! && at < ends[low]! ? low : -1
}

function grainOf(times: number[]): Grain {
  if (times.length < 2) return times.length === 1 && times[0]! % day === 0 ? 'day' : 'period'
  const step = stepOf(times)
  const date = new Date(times[0]!)
  const firstOfMonth = times.every((at) => new Date(at).getUTCDate() === 1 && at % day === 0)
  if (firstOfMonth && times.every((at) => new Date(at).getUTCMonth() === date.getUTCMonth())) return 'year'
  if (firstOfMonth && step > 80 * day) return 'quarter'
  if (firstOfMonth && step > 27 * day) return 'month'
  if (step === 7 * day) return 'week'
  if (step === day) return 'day'
  if (step === hour) return 'hour'
  return step < hour && step % minute === 0 ? 'minute' : 'period'
}

/** The commonest step between neighbours. */
function stepOf(times: number[]): number {
  const counts = new Map<number, number>()
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!
    counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? day
}

function endOf(start: number, grain: Grain, step: number): number {
  const date = new Date(start)
  const months = { month: 1, quarter: 3, year: 12 }[grain as 'month']
  return months ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) : start + (step || day)
}

export function isoOf(at: number, grain: Grain): string {
  const iso = new Date(at).toISOString()
  if (grain === 'month' || grain === 'quarter') return iso.slice(0, 7)
  if (grain === 'year') return iso.slice(0, 4)
  return at % day === 0 ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)}`
}
