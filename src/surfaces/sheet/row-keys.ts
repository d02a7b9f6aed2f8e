import { createHash } from 'node:crypto'
import type { Cell } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import { keyColumn } from './columns.ts'
import type { Table } from './table.ts'

/** By what the rows of a table are told apart: a column that identifies them, or else the content of some columns. */
export interface Identity {
  key: string | null
  columns: string[]
}

/**
 * The identity of a table's rows: `key` where it is named or a column offers itself, else the content of all columns
 * but `without` (what people change: the label, the target).
 */
export function identityOf(table: Table, without: (string | null)[], key?: string): Identity {
  const columns = table.columns.filter((column) => !isOwnColumn(column) && !without.includes(column))
  return { key: key ?? keyColumn(table), columns }
}

/**
 * One key a row, stable when rows move: the identifying value itself, or a digest of it where it is long or could
 * be personal; else a digest of the row's content. Rows that are alike are numbered in their order.
 */
export function rowKeys(table: Table, { key, columns }: Identity): string[] {
  const keyIndex = key === null ? -1 : table.columns.indexOf(key)
  const indices = columns.map((column) => table.columns.indexOf(column)).filter((index) => index >= 0)
  const seen = new Map<string, number>()
  return table.rows.map((row) => {
    const named = keyIndex < 0 ? null : row[keyIndex]!
    const base = named === null ? digest(indices.map((index) => row[index]!)) : nameKey(String(named).trim())
    const times = (seen.get(base) ?? 0) + 1
    seen.set(base, times)
    return times === 1 ? base : `${base} (${times})`
  })
}

function nameKey(value: string): string {
  return /^[\w.:/#-]{1,64}$/.test(value) ? value : digest([value])
}

export function digest(cells: Cell[]): string {
  return createHash('sha256').update(JSON.stringify(cells)).digest('base64url').slice(0, 22)
}
