import type { Cell, OtherTable } from '../../contract/index.ts'
import { cellText } from './cells.ts'

/** A value found in another table, or in other rows, by a key that stands in the row. */
export interface Lookup {
  /** Index of the column that holds the key. */
  key: number
  /** In words, with the key's column in braces. */
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
const most = { keys: 30, columns: 40, rows: 50_000 }

const plain = (cell: Cell) => cellText(cell).trim().toLowerCase()

/**
 * A join found from the examples: a column of this table whose cells are found in a column of another, beside which
 * every example's answer stands. The same table is asked too (an employee's manager's name). Keys that are not told
 * apart are no keys. Null where there is no such join, or where it explains fewer than most rows.
 */
export function findLookup(asked: Asked): Lookup | null {
  const { columns, rows, target, filled, empty, others } = asked
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
  const found: Lookup[] = []
  for (const table of [...others, own]) {
    const here = table === own
    if (table.rows.length > most.rows || table.rows.length < 2) continue
    const indexes = table.columns.slice(0, most.columns).map((_, column) => {
      const index = here && column === target ? null : indexOf(table, column)
      return index && index.size >= 2 ? index : null
    })
    for (const key of keys) {
      const given = filled.slice(0, 50).map((row) => plain(rows[row]?.[key] ?? null))
      if (given.includes('')) continue
      for (const [by, index] of indexes.entries()) {
        if (!index || (here && by === key) || given.some((text) => !index.has(text))) continue
        const covered = share(rows, key, index)
        if (covered < 0.8) continue
        for (let value = 0; value < Math.min(table.columns.length, most.columns); value++) {
          if (value === by || (here && value === key)) continue
          const at = (text: string) => table.rows[index.get(text) ?? -1]?.[value] ?? null
          const answers = filled.every((row) => {
            const cell = at(plain(rows[row]?.[key] ?? null))
            return cell !== null && cellText(cell) === cellText(rows[row]?.[target] ?? null)
          })
          if (!answers) continue
          const values = empty.map((row) => at(plain(rows[row]?.[key] ?? null)))
          const different = new Set(given).size
          const sure = different > 1 ? 0.98 : 0.96
          const letters = [by, value].map((column) => lettersOf(table.columnNumbers[column] as number))
          const sheet = `'${table.name.replaceAll("'", "''")}'`
          found.push({
            key,
            words: here
              ? `the "${table.columns[value]}" of the row whose "${table.columns[by]}" is {${columns[key]}}`
              : `the "${table.columns[value]}" in the sheet "${table.name}" where "${table.columns[by]}" is {${columns[key]}}`,
            formula: here
              ? null
              : `INDEX(${sheet}!${letters[1]}:${letters[1]},MATCH({${columns[key]}},${sheet}!${letters[0]}:${letters[0]},0))`,
            values,
            confidence: values.map((each) => (each === null ? 0 : sure)),
          })
        }
      }
    }
  }
  return agreed(found) ?? repeated(asked, keys)
}

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

/** Rows by the text in a column; null where a text stands twice, except for empty cells. */
function indexOf(table: OtherTable, column: number): Map<string, number> | null {
  const index = new Map<string, number>()
  for (const [row, cells] of table.rows.entries()) {
    const text = plain(cells[column] ?? null)
    if (text === '') continue
    if (index.has(text)) return null
    index.set(text, row)
  }
  return index
}

/** Of the different keys in this table, how many are found. */
function share(rows: readonly (readonly Cell[])[], key: number, index: ReadonlyMap<string, number>): number {
  const seen = new Set<string>()
  const step = Math.max(1, Math.floor(rows.length / 1000))
  for (let row = 0; row < rows.length; row += step) seen.add(plain(rows[row]?.[key] ?? null))
  seen.delete('')
  let known = 0
  for (const text of seen) if (index.has(text)) known++
  return seen.size === 0 ? 0 : known / seen.size
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
      key,
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
