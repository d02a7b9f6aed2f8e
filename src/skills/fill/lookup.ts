import type { Cell, OtherTable } from '../../contract/index.ts'
import { cellText } from './cells.ts'

/** A value found in another table, or in other rows, by a key that stands in the row. */
export interface Lookup {
  /** Indices of the columns that hold the key. */
  keys: number[]
  /** In words, with the keys' columns in braces. */
  words: string
  /** With the key's cell in braces; null where it is no other sheet. */
  formula: string | null
  /** One for each row asked about; null where the key is not found. */
  values: (Cell | null)[]
  confidence: number[]
}

interface Asked {
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
  target: number
  /** Rows with an answer, and without. */
  filled: readonly number[]
  empty: readonly number[]
  others: readonly OtherTable[]
}

/** Columns, nearest first, that are tried as keys; and as much of a table as is looked through. */
const most = { keys: 30, columns: 40, rows: 50_000, pairs: 20 }

const plain = (cell: Cell) => cellText(cell).trim().toLowerCase()

/**
 * A join found from the examples: a column of this table whose cells are found in a column of another, beside which
 * every example's answer stands; where one column tells no rows apart, two together (a price by item and year). The
 * same table is asked too (an employee's manager's name). Keys that are not told apart are no keys. Null where there
 * is no such join, or where it explains fewer than most rows.
 */
export function findLookup(asked: Asked): Lookup | null {
  const { columns, rows, target, others } = asked
  const keys = columns
    .map((_, column) => column)
    .filter((column) => column !== target)
    .sort((a, b) => Math.abs(a - target) - Math.abs(b - target))
    .slice(0, most.keys)
  const own: OtherTable = {
    name: '',
    columns: [...columns],
    rows: rows as Cell[][],
    columnNumbers: columns.map((_, c) => c),
  }
  const tables = [...others, own].filter(({ rows }) => rows.length <= most.rows && rows.length >= 2)
  const byOne = tables.flatMap((table) => {
    const here = table === own
    return pairings(asked, keys, table, here).flatMap((one) => joins(asked, table, here, [one]))
  })
  if (byOne.length > 0) return agreed(byOne)
  const byTwo = tables.flatMap((table) => {
    const here = table === own
    const ones = pairings(asked, keys, table, here)
    return ones.flatMap((one, i) =>
      ones
        .slice(i + 1)
        .filter((two) => one.key !== two.key && one.by !== two.by)
        .slice(0, most.pairs)
        .flatMap((two) => joins(asked, table, here, [one, two])),
    )
  })
  return agreed(byTwo) ?? repeated(asked, keys)
}

/** A column of this table, and the column of the other in which its cells are found. */
interface Pairing {
  key: number
  by: number
}

/** Columns whose cells, those of all examples among them, are mostly found in a column of the other table. */
function pairings(
  { rows, target, filled }: Asked,
  keys: readonly number[],
  table: OtherTable,
  here: boolean,
) {
  const found: Pairing[] = []
  for (let by = 0; by < Math.min(table.columns.length, most.columns); by++) {
    if (here && by === target) continue
    const known = new Set(table.rows.map((cells) => plain(cells[by] ?? null)))
    known.delete('')
    if (known.size < 2) continue
    for (const key of keys) {
      if (here && by === key) continue
      const given = filled.slice(0, 50).every((row) => known.has(plain(rows[row]?.[key] ?? null)))
      if (given && share(rows, key, known) >= 0.8) found.push({ key, by })
    }
  }
  return found
}

/** The columns beside which every example's answer stands, when rows are found by these pairings. */
function joins(
  { columns, rows, target, filled, empty }: Asked,
  table: OtherTable,
  here: boolean,
  on: readonly Pairing[],
): Lookup[] {
  const index = indexOf(
    table,
    on.map(({ by }) => by),
  )
  if (!index || index.size < 2) return []
  const keyOf = (row: number) => joined(on.map(({ key }) => plain(rows[row]?.[key] ?? null)))
  const different = new Set(filled.slice(0, 50).map(keyOf)).size
  const found: Lookup[] = []
  for (let value = 0; value < Math.min(table.columns.length, most.columns); value++) {
    if (on.some(({ key, by }) => value === by || (here && value === key))) continue
    if (here && value === target && on.length > 1) continue
    const at = (text: string | null) =>
      table.rows[(text === null ? null : index.get(text)) ?? -1]?.[value] ?? null
    const answers = filled.every((row) => {
      const cell = at(keyOf(row))
      return cell !== null && cellText(cell) === cellText(rows[row]?.[target] ?? null)
    })
    if (!answers) continue
    const values = empty.map((row) => at(keyOf(row)))
    const sure = different > 1 ? 0.98 : 0.96
    const where = on
      .map(({ key, by }) => `${here ? 'whose ' : ''}"${table.columns[by]}" is {${columns[key]}}`)
      .join(' and ')
    const [one, ...more] = on as [Pairing, ...Pairing[]]
    const letters = [one.by, value].map((column) => lettersOf(table.columnNumbers[column] as number))
    const sheet = `'${table.name.replaceAll("'", "''")}'`
    found.push({
      keys: on.map(({ key }) => key),
      words: here
        ? `the "${table.columns[value]}" of the row ${where}`
        : `the "${table.columns[value]}" in the sheet "${table.name}" where ${where}`,
      formula:
        here || more.length > 0
          ? null
          : `INDEX(${sheet}!${letters[1]}:${letters[1]},MATCH({${columns[one.key]}},${sheet}!${letters[0]}:${letters[0]},0))`,
      values,
      confidence: values.map((each) => (each === null ? 0 : sure)),
    })
  }
  return found
}

/** Several texts as one key; null where one is empty. */
const joined = (texts: readonly string[]): string | null => (texts.includes('') ? null : texts.join('\u0001'))

/** Several joins that fit: where they differ, none is to be believed. */
function agreed(found: Lookup[]): Lookup | null {
  const [first, ...rest] = found
  if (!first) return null
  const confidence = first.confidence.map((sure, i) => {
    const value = first.values[i] ?? null
    return rest.every((other) => (other.values[i] ?? null) === value) ? sure : Math.min(sure, 0.5)
  })
  return { ...first, confidence }
}

/** Rows by the texts in some columns; null where the same stand twice, except for empty cells. */
function indexOf(table: OtherTable, columns: readonly number[]): Map<string, number> | null {
  const index = new Map<string, number>()
  for (const [row, cells] of table.rows.entries()) {
    const text = joined(columns.map((column) => plain(cells[column] ?? null)))
    if (text === null) continue
    if (index.has(text)) return null
    index.set(text, row)
  }
  return index
}

/** Of the different keys in this table, how many are known. */
function share(rows: readonly (readonly Cell[])[], key: number, known: ReadonlySet<string>): number {
  const seen = new Set<string>()
  const step = Math.max(1, Math.floor(rows.length / 1000))
  for (let row = 0; row < rows.length; row += step) seen.add(plain(rows[row]?.[key] ?? null))
  seen.delete('')
  let found = 0
  for (const text of seen) if (known.has(text)) found++
  return seen.size === 0 ? 0 : found / seen.size
}

/** From so many repetitions without an exception on the next one is right in 95 of 100 cases (rule of succession). */
const repetitions = 19

/** What people have written beside the same key before, where they have always written the same. */
function repeated({ columns, rows, target, filled, empty }: Asked, keys: readonly number[]): Lookup | null {
  let best: Lookup | null = null
  let most = 0
  for (const key of keys) {
    const known = new Map<string, Cell>()
    let times = 0
    let always = true
    for (const row of filled) {
      const text = plain(rows[row]?.[key] ?? null)
      const cell = rows[row]?.[target] ?? null
      if (text === '') continue
      const before = known.get(text)
      if (before === undefined) known.set(text, cell)
      else if (cellText(before) === cellText(cell)) times++
      else {
        always = false
        break
      }
    }
    const kinds = new Set([...known.values()].map(cellText)).size
    if (!always || times < repetitions || kinds < 2 || times <= most) continue
    most = times
    const values = empty.map((row) => known.get(plain(rows[row]?.[key] ?? null)) ?? null)
    const sure = (times + 1) / (times + 2)
    best = {
      keys: [key],
      words: `what stands beside the same {${columns[key]}} in other rows`,
      formula: null,
      values,
      confidence: values.map((each) => (each === null ? 0 : sure)),
    }
  }
  return best
}

/** `A` for 0, `AB` for 27. */
function lettersOf(column: number): string {
  let text = ''
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26))
    text = String.fromCharCode(65 + ((n - 1) % 26)) + text
  return text
}
