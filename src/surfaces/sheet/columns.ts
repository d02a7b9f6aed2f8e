import { type Cell, Fault } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import { dayOrder, parseDate, parseEpoch } from './dates.ts'
import { type Table, where } from './table.ts'

/** Index of the column that a person named. Throws a Fault that lists the columns, with the nearest suggested. */
export function columnNamed(table: Table, name: string): number {
  const exact = table.columns.indexOf(name)
  if (exact >= 0) return exact
  const theirs = table.columns.filter((column) => !isOwnColumn(column))
  const plain = (text: string) => text.trim().toLowerCase()
  const alike = theirs.filter((column) => plain(column) === plain(name))
  if (alike.length === 1) return table.columns.indexOf(alike[0]!)
  const nearest = theirs
    .map((column) => ({ column, distance: editDistance(plain(column), plain(name)) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const near = nearest && nearest.distance <= Math.max(2, name.length / 3)
  const hint = near ? ` Did you mean "${nearest.column}"?` : ''
  const shown = theirs.slice(0, 40).map((column) => `"${column}"`)
  const rest = theirs.length > shown.length ? ` and ${theirs.length - shown.length} more` : ''
  const file = table.sheet === null ? table.path : `${table.path}, sheet "${table.sheet}",`
  throw new Fault('bad-input', `${file} has no column "${name}".${hint} It has ${shown.join(', ')}${rest}.`)
}

/** Levenshtein distance (1966), one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

export interface TimeColumn {
  column: string
  /** For each row, milliseconds since the epoch (local times read as UTC); null where there is none. */
  times: (number | null)[]
}

/**
 * The named column, or the single one whose cells are dates; null when none or several are. Throws a Fault when the
 * named one is not there or holds something else, with the first such cell.
 */
export function timeColumn(table: Table, named?: string): TimeColumn | null {
  if (named !== undefined) {
    const index = columnNamed(table, named)
    const { times, filled, read, firstBad } = readTimes(table, index, true)
    if (filled === 0)
      throw new Fault('bad-input', `${table.path}: the column "${named}" is empty; it gives no order.`)
    if (read < filled * 0.9) {
      const message = `${where(table, firstBad, index)}: expected a date, found "${table.rows[firstBad]![index]}": name a column of dates.`
      throw new Fault('bad-input', message)
    }
    return { column: table.columns[index]!, times }
  }
  const found: TimeColumn[] = []
  for (const [index, column] of table.columns.entries()) {
    if (isOwnColumn(column) || !seemsDated(table, index)) continue
    const { times, filled, read } = readTimes(table, index, false)
    if (read >= filled * 0.95 && filled >= table.rows.length * 0.5) found.push({ column, times })
  }
  return found.length === 1 ? found[0]! : null
}

/** A look at the first filled cells, so that long texts are not all tried as dates. */
function seemsDated(table: Table, index: number): boolean {
  let looked = 0
  for (const row of table.rows) {
    const cell = row[index]
    if (cell === null || cell === undefined) continue
    if (typeof cell === 'string' && parseEither(cell) !== null) return true
    if (++looked === 5) return false
  }
  return false
}

function parseEither(text: string): number | null {
  return parseDate(text, 'day first') ?? parseDate(text, 'month first')
}

function readTimes(table: Table, index: number, numbersToo: boolean) {
  const times: (number | null)[] = new Array(table.rows.length).fill(null)
  let filled = 0
  let read = 0
  let firstBad = -1
  const order = dayOrder(table.rows.map((row) => row[index])) ?? 'day first'
  for (const [i, row] of table.rows.entries()) {
    const cell = row[index]
    if (cell === null || cell === undefined) continue
    filled++
    const time = timeOf(cell, order, numbersToo)
    times[i] = time
    if (time !== null) read++
    else if (firstBad < 0) firstBad = i
  }
  return { times, filled, read, firstBad }
}

function timeOf(cell: Cell, order: 'day first' | 'month first', numbersToo: boolean): number | null {
  if (typeof cell === 'string') {
    const date = parseDate(cell, order)
    if (date !== null || !numbersToo) return date
  }
  if (!numbersToo || typeof cell === 'boolean') return null
  const number = Number(cell)
  return Number.isFinite(number) ? parseEpoch(number) : null
}

const positives = new Set(
  `1 yes y true t won win closed-won success successful succeeded converted customer sold bought purchased accepted
  paid approved positive good hot signed subscribed ja wahr gewonnen oui vrai si sí verdadero sim tak`.split(
    /\s+/,
  ),
)
const negatives = new Set(
  `0 no n false f lost loss closed-lost failure failed unsuccessful rejected declined unpaid negative bad cold nein
  falsch verloren non faux não nie -1 churned cancelled canceled`.split(/\s+/),
)

/** One spelling for values that mean the same: `1.0` and `1`, `Closed Won` and `closed-won`. */
export function plainValue(cell: Cell): string {
  const text = String(cell)
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
  return /^-?\d+[.,]0+$/.test(text) ? text.replace(/[.,]0+$/, '') : text
}

/**
 * The value of a two-valued column that counts as won: the one that says so (1, yes, true, won…), else the rarer of
 * exactly two. Empty cells are not known yet. Throws a Fault with the values and how often they occur when unclear.
 */
export function positiveValue(values: Iterable<Cell>, named?: string): Cell {
  const counts = new Map<string, { cell: Cell; count: number }>()
  for (const cell of values) {
    if (cell === null) continue
    const entry = counts.get(plainValue(cell))
    if (entry) entry.count++
    else counts.set(plainValue(cell), { cell, count: 1 })
  }
  const sorted = [...counts].sort(([, a], [, b]) => a.count - b.count)
  const list = sorted
    .slice(-12)
    .reverse()
    .map(([, { cell, count }]) => `"${cell}" (${count})`)
    .join(', ')
  const found =
    list === '' ? 'all cells are empty' : `the values are ${list}${sorted.length > 12 ? ', …' : ''}`
  if (named !== undefined) {
    const entry = counts.get(plainValue(named))
    if (entry) return entry.cell
    throw new Fault('bad-input', `The value "${named}" that should count as won does not occur: ${found}.`)
  }
  if (sorted.length > 0 && sorted.length <= 2) {
    const yes = sorted.filter(([plain]) => positives.has(plain))
    if (yes.length === 1) return yes[0]![1].cell
    const no = sorted.filter(([plain]) => negatives.has(plain))
    if (sorted.length === 2 && no.length === 1) return sorted.find((each) => each !== no[0])![1].cell
    if (sorted.length === 2 && sorted[0]![1].count < sorted[1]![1].count) return sorted[0]![1].cell
  }
  throw new Fault(
    'bad-input',
    `It is not plain which value counts as won: ${found}; name it (--positive VALUE).`,
  )
}

const idWords =
  /^(id|ids|key|uid|uuid|guid|no|nr|number|nummer|num|code|ticket|email|mail|url|sku|ref|reference|case|isbn)$/

/** The column that identifies rows: named like an identifier, filled and different in every row; null when none is. */
export function keyColumn(table: Table): string | null {
  for (const strict of [true, false]) {
    for (const [index, column] of table.columns.entries()) {
      if (isOwnColumn(column)) continue
      const words = column
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
        .replace('e-mail', 'email')
        .split(/[^a-zäöü]+/)
      const last = words.filter((word) => word !== '').at(-1) ?? ''
      const idLike = strict
        ? /^(id|uid|uuid|guid|key)$/.test(last)
        : words.some((word) => idWords.test(word)) || column === '#'
      if (idLike && identifies(table, index)) return column
    }
  }
  return null
}

function identifies(table: Table, index: number): boolean {
  const seen = new Set<string>()
  for (const row of table.rows) {
    const cell = row[index]
    if (cell === null || cell === undefined || String(cell).length > 80) return false
    seen.add(String(cell))
  }
  return table.rows.length > 0 && seen.size === table.rows.length
}
