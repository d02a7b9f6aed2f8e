import {
  type Cell,
  type Deed,
  type Example,
  Fault,
  type Item,
  type Message,
  plainMessage,
} from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import { columnNamed, plainValue, positiveValue, timeColumn } from './columns.ts'
import { identityOf, rowKeys } from './row-keys.ts'
import type { Table } from './table.ts'

interface RowOptions {
  /** Time column; else the single column of dates. */
  order?: string
  /** Column that identifies rows; else one that offers itself, else the rows' content. */
  key?: string
  /** Keys of the rows where they are known already; overrules `key`. */
  keys?: string[]
}

export interface MessageOptions extends RowOptions {
  text: string
  /** Null: no labels are known. */
  label: string | null
}

export interface RecordOptions extends RowOptions {
  /** Null: no outcomes are known. */
  target: string | null
  /** Value that counts as won; else it must be plain. */
  positive?: string
  /** The plain spelling of the winning value, where it was decided earlier; overrules `positive`. */
  won?: string
  /** A column to leave out of the fields, if it is there: the target of another table. */
  without?: string
}

/** A table's rows as items, made one at a time: a watch needs few of them. */
export interface Rows<K extends 'message' | 'record'> {
  keys: string[]
  times: (number | null)[] | null
  item(row: number): Item<K>
  deed(row: number): Deed<K>
  /** What the person decided there, as text; null while they have not. */
  decided(row: number): string | null
  /** Whether there is anything to work on in this row. */
  hasContent(row: number): boolean
}

/**
 * Each row as a message with its label, in the rows' order; an empty label is a message that people left alone.
 * Throws a Fault for a column that is not there.
 */
export function messageExamples(table: Table, options: MessageOptions): Example<'message'>[] {
  return examplesOf(table, messageRows(table, options))
}

/**
 * Each row as a record with its outcome: true, false, or null where it is not known yet. Its fields are the other
 * columns in their order, never those that Inlay wrote. Throws a Fault for a column that is not there, and where it
 * is not plain which value counts as won.
 */
export function recordExamples(table: Table, options: RecordOptions): Example<'record'>[] {
  return examplesOf(table, recordRows(table, options))
}

function examplesOf<K extends 'message' | 'record'>(table: Table, rows: Rows<K>): Example<K>[] {
  return table.rows.map((_, row) => ({ item: rows.item(row), deed: rows.deed(row) }))
}

const deedFacts = { at: null, person: null, seconds: null, secondsFrom: null } as const

export function messageRows(table: Table, options: MessageOptions): Rows<'message'> {
  const text = columnNamed(table, options.text)
  const label = options.label === null ? -1 : columnNamed(table, options.label)
  if (text === label) {
    throw new Fault(
      'bad-input',
      `The column "${options.text}" cannot be both the text and the label: name two columns.`,
    )
  }
  const { keys, times } = rowFacts(table, options, label)
  const labelOf = (row: number) => {
    const cell = label < 0 ? null : table.rows[row]![label]!
    return cell === null ? null : String(cell).trim()
  }
  return {
    keys,
    times,
    item: (row) => messageOf(keys[row]!, times?.[row] ?? null, table.rows[row]![text]!),
    deed: (row) => ({ kind: 'message', ...deedFacts, label: labelOf(row), reply: null }),
    decided: labelOf,
    hasContent: (row) => table.rows[row]![text] !== null,
  }
}

function messageOf(key: string, at: number | null, cell: Cell): Message {
  return plainMessage(key, cell === null ? '' : String(cell), { at })
}

export function recordRows(table: Table, options: RecordOptions): Rows<'record'> {
  const target = options.target === null ? -1 : columnNamed(table, options.target)
  const targetName = target < 0 ? '' : table.columns[target]!
  const won = target < 0 ? null : (options.won ?? wonValue(table, target, options.positive))
  const { keys, times } = rowFacts(table, options, target)
  const fields = table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => index !== target && column !== options.without && !isOwnColumn(column))
  const outcomeOf = (row: number) => {
    const cell = target < 0 ? null : table.rows[row]![target]!
    return cell === null ? null : plainValue(cell) === won
  }
  return {
    keys,
    times,
    item: (row) => ({
      kind: 'record',
      key: keys[row]!,
      group: keys[row]!,
      at: times?.[row] ?? null,
      fields: Object.fromEntries(fields.map(({ column, index }) => [column, table.rows[row]![index]!])),
    }),
    deed: (row) => ({ kind: 'record', ...deedFacts, target: targetName, value: outcomeOf(row) }),
    decided: (row) => {
      const value = outcomeOf(row)
      return value === null ? null : String(value)
    },
    hasContent: (row) => fields.some(({ index }) => table.rows[row]![index] !== null),
  }
}

/** The value of a target column that counts as won, in its plain spelling. Throws a Fault when that is not plain. */
export function wonValue(table: Table, target: number, named?: string): string {
  try {
    const values = table.rows.map((row) => row[target]!)
    return plainValue(positiveValue(values, named))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault(error.kind, `${table.path}, column "${table.columns[target]}": ${error.message}`)
  }
}

function rowFacts(table: Table, options: RowOptions, without: number) {
  const times = table.rows.length === 0 ? null : (timeColumn(table, options.order)?.times ?? null)
  if (options.keys) return { keys: options.keys, times }
  if (options.key !== undefined) columnNamed(table, options.key)
  return { keys: rowKeys(table, identityOf(table, [table.columns[without] ?? null], options.key)), times }
}
