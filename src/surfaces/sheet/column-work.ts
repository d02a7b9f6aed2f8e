import type { Cell, Example, OtherTable, TableColumn, TableDeed } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import type { ColumnVersion, ColumnVersions } from './column-versions.ts'
import type { Journal } from './journal.ts'
import { cellAt, filledColumn, type Loaded, listSeparator, type PlannedCell, sameText } from './plan-write.ts'
import { digest } from './row-keys.ts'
import type { ItemState, SheetKind } from './sheet-kind.ts'
import type { Table } from './table.ts'

/** A column counts as begun by hand from its first cell on: whether one is enough, the skill decides. */
const begunFrom = 1
/** History gives up to this many cells as examples; the rest is the deed. */
const givenOf = 3
/** History shows this many rows of a column at most. */
const historyRows = 400

export interface ColumnWork {
  /** Columns whose cells are the deeds of other kinds. */
  without: string[]
  journal: Journal
  versions: ColumnVersions
}

/**
 * Each column begun by hand is an item: its filled cells are the examples, its empty ones to be filled. A new version
 * of it is a new item: when rows were added, when a person has given a second and third example and twice as many
 * later on, or typed over what we had filled. What is placed for it takes the place of what was placed before.
 */
export function columnWork({ without, journal, versions }: ColumnWork): SheetKind<'table'> {
  return {
    kind: 'table',
    history: (loaded) => columnHistory(loaded, without, ourCells(journal, loaded)),
    async view(loaded) {
      const ours = ourCells(journal, loaded)
      const told = new Map<string, { column: string; version: ColumnVersion }>()
      const states = new Map<string, ItemState>()
      const corrected = correctedCells(loaded, journal)
      let news = false
      for (const column of theirColumns(loaded.table, without)) {
        const typed = corrected.get(column)
        const changes = typed ? digest(typed) : ''
        const next = nextVersion(loaded, changes, column, ours, versions.of(column).at(-1))
        if (next) versions.add(column, next)
        news ||= next !== null
        // What people do with the rows of the version before this one still counts.
        for (const version of versions.of(column)) {
          const state = stateOf(loaded, journal, column, version, ours)
          told.set(version.key, { column, version })
          states.set(version.key, { ...state, open: state.open && version === versions.of(column).at(-1) })
        }
      }
      if (news) await versions.save()
      return {
        states,
        item: (key) => itemOf(loaded, told.get(key)!.column, told.get(key)!.version, ours),
        deed: (key) => deedOf(loaded, journal, told.get(key)!.column, told.get(key)!.version, ours),
      }
    },
    plan(loaded, item, suggestion) {
      const version = versions.of(item.column).find(({ key }) => key === item.key)
      const index = loaded.table.columns.indexOf(item.column)
      if (!version || index < 0) return { refused: 'the column has changed since' }
      const ours = ourCells(journal, loaded)
      const cells: PlannedCell[] = []
      let unwritable = 0
      for (const [at, value] of Object.entries(suggestion.value.values)) {
        const row = loaded.rowOf.get(version.rows[Number(at)] ?? '')
        if (row === undefined || value === null || String(value).trim() === '') continue
        const free = loaded.table.rows[row]![index] === null || ours.has(row, item.column)
        if (!free || loaded.sheet.blocked(row, item.column)) continue
        if (!loaded.sheet.writable(String(value)) || startsFormula(loaded.table, index, value)) unwritable++
        else cells.push({ row, column: item.column, value })
      }
      if (cells.length === 0) {
        const why =
          unwritable > 0
            ? 'its values cannot be written as plain text'
            : 'a person has filled the cells already'
        return { refused: why }
      }
      const marks = cells.map(({ row }) => ({ row, column: filledColumn, value: item.column, listed: true }))
      const before = [...journal.placements.values()].filter(({ kind, cells: written }) => {
        return kind === 'table' && written.some(({ column }) => column === item.column)
      })
      return {
        cells: [...cells, ...marks],
        replaces: before.map(({ key }) => key),
        // What a person has typed over once is not to be trusted in the other rows either.
        drop: version.corrected !== '',
      }
    },
  }
}

function theirColumns(table: Table, without: string[]): string[] {
  return table.columns.filter((column) => !isOwnColumn(column) && !without.includes(column))
}

/**
 * Text that a spreadsheet would run when it opens a CSV: written only into columns where people write the same.
 * In a workbook it is text in any case.
 */
function startsFormula(table: Table, column: number, value: Cell): boolean {
  if (table.format !== 'csv' || typeof value !== 'string' || !/^[=@\t]/.test(value)) return false
  return !table.rows.some((row) => typeof row[column] === 'string' && row[column].startsWith(value[0]!))
}

/** `row key, column` of every cell that holds what we wrote. */
type OurCells = { has(row: number, column: string): boolean }

function ourCells(journal: Journal, loaded: Loaded): OurCells {
  const cells = new Map<string, boolean>()
  for (const { kind, cells: written } of journal.placements.values()) {
    if (kind !== 'table') continue
    for (const { row: key, column, text } of written) {
      const row = loaded.rowOf.get(key)
      if (row === undefined || column === filledColumn) continue
      const place = `${row}:${column}`
      cells.set(place, cells.get(place) || sameText(cellAt(loaded.table, row, column), text))
    }
  }
  // What the journal does not know, the file itself tells: a row that was changed since, a journal that was lost.
  const marks = loaded.table.columns.indexOf(filledColumn)
  return {
    has(row, column) {
      const known = cells.get(`${row}:${column}`)
      if (known !== undefined) return known
      const mark = marks < 0 ? null : loaded.table.rows[row]![marks]!
      return mark !== null && String(mark).split(listSeparator).includes(column)
    },
  }
}

type CellState = 'empty' | 'ours' | 'theirs'

function cellStates({ table, sheet }: Loaded, column: string, ours: OurCells): CellState[] {
  const index = table.columns.indexOf(column)
  const others = table.columnNumbers
    .map((_, i) => i)
    .filter((i) => i !== index && !isOwnColumn(table.columns[i]!))
  return table.rows.map((cells, row) => {
    if (cells[index] !== null) return ours.has(row, column) ? 'ours' : 'theirs'
    // A row of nothing is not to be filled; a formula that shows nothing is somebody's.
    return sheet.blocked(row, column) || others.every((i) => cells[i] === null) ? 'theirs' : 'empty'
  })
}

/** By column: cells that we filled and that hold something else by now, typed by a person. */
function correctedCells(loaded: Loaded, journal: Journal): Map<string, string[]> {
  const corrected = new Map<string, string[]>()
  for (const { kind, cells } of journal.placements.values()) {
    if (kind !== 'table') continue
    for (const { row: key, column, text } of cells) {
      const row = column === filledColumn ? undefined : loaded.rowOf.get(key)
      const now = row === undefined ? null : cellAt(loaded.table, row, column)
      if (now === null || sameText(now, text)) continue
      const list = corrected.get(column) ?? []
      list.push(key, String(now))
      corrected.set(column, list)
    }
  }
  return corrected
}

/** 1, 2, 3 for the first examples, then one more each time that they have doubled. */
const growthOf = (examples: number) =>
  examples <= givenOf ? examples : givenOf + Math.floor(Math.log2(examples / givenOf))

function nextVersion(
  loaded: Loaded,
  corrected: string,
  column: string,
  ours: OurCells,
  last: ColumnVersion | undefined,
): ColumnVersion | null {
  const states = cellStates(loaded, column, ours)
  const index = loaded.table.columns.indexOf(column)
  const examples = states.filter(
    (state, row) => state === 'theirs' && loaded.table.rows[row]![index] !== null,
  ).length
  const empty = loaded.keys.filter((_, row) => states[row] === 'empty')
  const waiting = states.some((state) => state === 'empty' || state === 'ours')
  if (examples < begunFrom || !waiting) return null
  const growth = growthOf(examples)
  const known = new Set(last?.open)
  const more = !last || growth > last.growth || (corrected !== '' && corrected !== last.corrected)
  if (!more && empty.every((key) => known.has(key))) return null
  const open = loaded.keys.filter((_, row) => states[row] !== 'theirs')
  const version = digest([column, growth, corrected, ...open])
  if (last?.key === `${column} · ${version}`) return null
  const columns = loaded.table.columns.filter((name) => !isOwnColumn(name))
  return { key: `${column} · ${version}`, columns, rows: loaded.keys, open, growth, corrected }
}

function stateOf(
  loaded: Loaded,
  journal: Journal,
  column: string,
  version: ColumnVersion,
  ours: OurCells,
): ItemState {
  const states = cellStates(loaded, column, ours)
  const isOpen = version.open.some((key) => {
    const row = loaded.rowOf.get(key)
    return row !== undefined && states[row] !== 'theirs'
  })
  const { values } = deedOf(loaded, journal, column, version, ours)
  const typed = Object.entries(values)
  const did = typed.some(([, value]) => value !== null) ? digest([JSON.stringify(typed)]) : ''
  const mine = [...journal.placements.values()].filter(
    ({ kind, item }) => kind === 'table' && item === version.key,
  )
  if (mine.length === 0) return { open: isOpen, did, placed: '' }
  const cells = mine.flatMap(({ cells }) => cells.filter((cell) => cell.column === column))
  const holds = cells.some(({ row: key }) => {
    const row = loaded.rowOf.get(key)
    return row !== undefined && cellAt(loaded.table, row, column) !== null
  })
  const seen = mine.every(({ key }) => journal.placedAt.get(key)! <= loaded.writes)
  return { open: isOpen, did, placed: holds ? 'there' : seen ? 'taken' : '' }
}

/** What the person typed where the item was open; null where they cleared what we had filled. */
function deedOf(
  loaded: Loaded,
  journal: Journal,
  column: string,
  version: ColumnVersion,
  ours: OurCells,
): TableDeed {
  const cleared = new Set<string>()
  for (const { key, kind, item, cells } of journal.placements.values()) {
    if (kind !== 'table' || item !== version.key || journal.placedAt.get(key)! > loaded.writes) continue
    for (const { row } of cells) cleared.add(row)
  }
  const open = new Set(version.open)
  const values: Record<number, Cell> = {}
  for (const [at, key] of version.rows.entries()) {
    const row = open.has(key) ? loaded.rowOf.get(key) : undefined
    if (row === undefined) continue
    const cell = cellAt(loaded.table, row, column)
    if (cell === null ? cleared.has(key) : !ours.has(row, column)) values[at] = cell
  }
  return { kind: 'table', at: null, person: null, seconds: null, secondsFrom: null, values }
}

function itemOf(loaded: Loaded, column: string, version: ColumnVersion, ours: OurCells): TableColumn {
  const { table } = loaded
  const columns = version.columns.filter((name) => table.columns.includes(name))
  const indices = columns.map((name) => table.columns.indexOf(name))
  const rows = version.rows.map((key) => {
    const row = loaded.rowOf.get(key)
    if (row === undefined) return columns.map(() => null)
    return columns.map((name, i) => (ours.has(row, name) ? null : table.rows[row]![indices[i]!]!))
  })
  const others = smallOnes(table.others?.() ?? [])
  const item: TableColumn = {
    kind: 'table',
    key: version.key,
    group: column,
    at: null,
    column,
    columns,
    rows,
  }
  return others.length > 0 ? { ...item, others } : item
}

/** Cells of other sheets that go along with an item at most; an item is kept, and sent about. */
const mostOtherCells = 20_000

function smallOnes(others: OtherTable[]): OtherTable[] {
  let left = mostOtherCells
  return others.filter(({ columns, rows }) => {
    const fits = columns.length * rows.length <= left
    if (fits) left -= columns.length * rows.length
    return fits
  })
}

/** A table of the document, and which of its cells people filled. */
interface Filled {
  table: OtherTable
  isTheirs(row: number, column: number): boolean
}

/**
 * Columns that people filled, asked as they would have been while they were filled: with one, two and three cells
 * given, the rest as the deed. Those of the other sheets count too. Columns of one name are one group, in whatever
 * sheet: a sheet a month is not twelve proofs of one rule. Columns that are hardly filled in those rows are left out,
 * as they tell nothing about it.
 */
function columnHistory(loaded: Loaded, without: string[], ours: OurCells): Example<'table'>[] {
  const { sheet, columns, rows, columnNumbers } = loaded.table
  const own: Filled = {
    table: { name: sheet ?? '', columns, rows, columnNumbers },
    isTheirs: (row, column) => rows[row]![column] !== null && !ours.has(row, columns[column]!),
  }
  const beside = (loaded.table.others?.() ?? []).map(
    (table): Filled => ({ table, isTheirs: theirsIn(table) }),
  )
  const all = [own, ...beside]
  return all.flatMap((filled) => {
    const others = smallOnes(all.filter((other) => other !== filled).map(({ table }) => table))
    return filled.table.columns.flatMap((column, index) =>
      isOwnColumn(column) || without.includes(column)
        ? []
        : columnExamples(filled, index, filled === own ? '' : `${filled.table.name} · `, others),
    )
  })
}

/** What the marks in a table say that people filled. */
function theirsIn({ columns, rows }: OtherTable): Filled['isTheirs'] {
  const marks = columns.indexOf(filledColumn)
  return (row, column) => {
    const mark = marks < 0 ? null : rows[row]![marks]!
    const filled = mark !== null && String(mark).split(listSeparator).includes(columns[column]!)
    return rows[row]![column] !== null && !filled
  }
}

function columnExamples(
  { table, isTheirs }: Filled,
  index: number,
  sheet: string,
  others: OtherTable[],
): Example<'table'>[] {
  const column = table.columns[index]!
  const filled = table.rows
    .map((_, row) => row)
    .filter((row) => isTheirs(row, index))
    .slice(0, historyRows)
  if (filled.length <= givenOf) return []
  const indices = table.columns
    .map((_, i) => i)
    .filter((i) => {
      if (isOwnColumn(table.columns[i]!)) return false
      const share = filled.filter((row) => isTheirs(row, i)).length / filled.length
      return i === index || share >= 0.1
    })
  const columns = indices.map((i) => table.columns[i]!)
  return Array.from({ length: givenOf }, (_, i) => i + 1).map((given) => {
    const rows = filled.map((row, at) =>
      indices.map((i) => ((i !== index || at < given) && isTheirs(row, i) ? table.rows[row]![i]! : null)),
    )
    const values = Object.fromEntries(
      filled.flatMap((row, at) => (at < given ? [] : [[at, table.rows[row]![index]!]])),
    )
    const item: TableColumn = {
      kind: 'table',
      key: `${sheet}${column} · history, ${given} given`,
      group: column,
      at: null,
      column,
      columns,
      rows,
    }
    const deed: TableDeed = {
      kind: 'table',
      at: null,
      person: null,
      seconds: null,
      secondsFrom: null,
      values,
    }
    return { item: others.length > 0 ? { ...item, others } : item, deed }
  })
}
