import type { Cell, Kind, Placed } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import type { Journal, JournalCell, JournalPlacement } from './journal.ts'
import type { CellReset, CellSet, Sheet, Was } from './patch.ts'
import type { FileVersion } from './read-file.ts'
import type { Table } from './table.ts'

/** The file as it was at one moment. */
export interface Loaded {
  sheet: Sheet
  table: Table
  version: FileVersion
  /** Of each row, and back. */
  keys: string[]
  rowOf: Map<string, number>
  /** Writes of ours that this content is known to include (`Journal.writes`). */
  writes: number
}

/** A cell that a placement wants to write; `listed` is a name in a list that several placements share. */
export interface PlannedCell extends CellSet {
  listed?: boolean
}

/**
 * `replaces`: keys of placements that this one takes the place of. Their cells that it does not write are given back
 * (`drop`), or go over to it as they are.
 */
export type Plan = { refused: string } | { cells: PlannedCell[]; replaces?: string[]; drop?: boolean }

export interface PlaceRequest {
  type: 'place'
  key: string
  kind: Kind
  /** Key of the item. */
  item: string
  plan(loaded: Loaded): Plan
  resolve(placed: Placed): void
}

export interface WithdrawRequest {
  type: 'withdraw'
  key: string
  resolve(): void
}

export type Request = (PlaceRequest | WithdrawRequest) & { reject(error: unknown): void }

/** What one write does for several requests at once. */
export interface Work {
  sets: CellSet[]
  resets: CellReset[]
  /** Given what the sets replaced. */
  placed: ((was: Was[]) => JournalPlacement)[]
  withdrawn: string[]
  /** Answers, to be given when the write has reached the disk. */
  answers: (() => void)[]
  /** Requests for cells that this write touches already: the next write's. */
  deferred: Request[]
}

type Part = Pick<Work, 'sets' | 'resets' | 'withdrawn'> & {
  placed?: (was: Was[]) => JournalPlacement
  answer(): void
}

/** Works out one write for as many requests as can share it. Changes nothing. */
export function planWrite(requests: Request[], loaded: Loaded, journal: Journal): Work {
  const work: Work = { sets: [], resets: [], placed: [], withdrawn: [], answers: [], deferred: [] }
  const touched = new Set<string>()
  const keys = new Set<string>()
  for (const request of requests) {
    const again = keys.has(request.key)
    keys.add(request.key)
    const part = again
      ? null
      : request.type === 'place'
        ? planPlacement(request, loaded, journal)
        : planWithdrawal(request, loaded, journal)
    const cells = part && [...part.sets, ...part.resets].map(({ row, column }) => `${row}:${column}`)
    if (!part || !cells || cells.some((cell) => touched.has(cell))) {
      work.deferred.push(request)
      continue
    }
    for (const cell of cells) touched.add(cell)
    const first = work.sets.length
    if (part.placed) work.placed.push((was) => part.placed!(was.slice(first, first + part.sets.length)))
    work.sets.push(...part.sets)
    work.resets.push(...part.resets)
    work.withdrawn.push(...part.withdrawn)
    work.answers.push(part.answer)
  }
  return work
}

function planPlacement(request: PlaceRequest, loaded: Loaded, journal: Journal): Part {
  const { key, kind, item } = request
  const nothing = { sets: [], resets: [], withdrawn: [] }
  const placed: Placed = { placed: true, placement: { key, ref: item } }
  const refused = (because: string) => ({
    ...nothing,
    answer: () => request.resolve({ placed: false, because }),
  })
  if (journal.placements.has(key)) return { ...nothing, answer: () => request.resolve(placed) }
  if (journal.withdrawn.has(key)) return refused('it was taken back earlier')
  if (loaded.sheet.refusal !== null) return refused(loaded.sheet.refusal)
  if ((loaded.version.mode & 0o222) === 0) return refused('the file is read-only')
  const plan = request.plan(loaded)
  if ('refused' in plan) return refused(plan.refused)

  const sets: CellSet[] = []
  const resets: CellReset[] = []
  const withdrawn: string[] = [...(plan.replaces ?? [])]
  const before = standingCells(plan.replaces ?? [], loaded, journal)
  const stood = new Set(before.keys())
  const cells: (Omit<JournalCell, 'was'> & { was: Was | { set: number } })[] = []
  for (const { row, column, value, listed } of plan.cells) {
    const text = String(value)
    const now = isOwnColumn(column) ? cellAt(loaded.table, row, column) : null
    const cell = { row: loaded.keys[row]!, column, text }
    const place = `${row}:${column}`
    const standing = before.get(place)
    if (standing && !listed) {
      before.delete(place)
      if (!sameText(standing.now, text)) sets.push({ row, column, value })
      cells.push({ ...cell, was: standing.was })
      continue
    }
    if (standing) {
      before.delete(place)
      cells.push({ ...cell, was: standing.was })
      continue
    }
    if (now === null) cells.push({ ...cell, was: { set: sets.push({ row, column, value }) - 1 } })
    else if (listed) {
      const names = String(now).split(listSeparator)
      if (!names.includes(text)) sets.push({ row, column, value: [...names, text].join(listSeparator) })
      cells.push({ ...cell, was: '' })
    } else if (sameText(now, text)) cells.push({ ...cell, was: '' })
    else {
      const earlier = orphanWith(loaded, journal, column, now)
      if (!earlier)
        return refused(`row ${loaded.table.rowNumbers[row]} already holds something in "${column}"`)
      sets.push({ row, column, value })
      cells.push({ ...cell, was: earlier.was })
      withdrawn.push(earlier.key)
    }
  }
  for (const { row, column, text, was, now } of before.values()) {
    // A mark goes with the cell that it tells of.
    if (!plan.drop && (column !== filledColumn || stood.has(`${row}:${text}`))) {
      cells.push({ row: loaded.keys[row]!, column, text, was })
      continue
    }
    const rest = String(now)
      .split(listSeparator)
      .filter((name) => name !== text)
    if (column === filledColumn && rest.length > 0)
      sets.push({ row, column, value: rest.join(listSeparator) })
    else resets.push({ row, column, was })
  }
  return {
    sets,
    resets,
    withdrawn: [...new Set(withdrawn)],
    placed: (was) => ({
      key,
      kind,
      item,
      cells: cells.map((cell) => ({
        ...cell,
        was: typeof cell.was === 'object' ? was[cell.was.set]! : cell.was,
      })),
    }),
    answer: () => request.resolve(placed),
  }
}

/** What placements wrote and what stands there still, by row and column. */
function standingCells(keys: string[], loaded: Loaded, journal: Journal) {
  const standing = new Map<string, { row: number; column: string; text: string; was: Was; now: Cell }>()
  for (const key of keys) {
    for (const { row: rowKey, column, text, was } of journal.placements.get(key)?.cells ?? []) {
      const row = loaded.rowOf.get(rowKey)
      const now = row === undefined ? null : cellAt(loaded.table, row, column)
      const listed =
        column === filledColumn && now !== null && String(now).split(listSeparator).includes(text)
      if (row !== undefined && (listed || sameText(now, text)))
        standing.set(`${row}:${column}`, { row, column, text, was, now })
    }
  }
  return standing
}

function planWithdrawal(request: WithdrawRequest, loaded: Loaded, journal: Journal): Part {
  const sets: CellSet[] = []
  const resets: CellReset[] = []
  const placement = journal.placements.get(request.key)
  for (const { row: rowKey, column, text, was } of placement?.cells ?? []) {
    const row = loaded.rowOf.get(rowKey) ?? movedTo(loaded, journal, column, text)
    const now = row === null ? null : cellAt(loaded.table, row, column)
    if (row === null || now === null) continue
    const names = String(now).split(listSeparator)
    if (column === filledColumn && names.includes(text) && names.length > 1) {
      sets.push({ row, column, value: names.filter((name) => name !== text).join(listSeparator) })
    } else if (sameText(now, text)) resets.push({ row, column, was })
  }
  return { sets, resets, withdrawn: placement ? [request.key] : [], answer: request.resolve }
}

/** The column that says which cells of a row Inlay filled: their columns' names, in a list. */
export const filledColumn = 'Inlay: filled'
export const listSeparator = '; '

export function cellAt(table: Table, row: number, column: string): Cell {
  const index = table.columns.indexOf(column)
  return index < 0 ? null : table.rows[row]![index]!
}

/** Programs that save a file may trim cells and change line ends in them. */
export function sameText(cell: Cell, text: string): boolean {
  const plain = (value: string) => value.replace(/\r\n?/g, '\n').trim()
  return cell !== null && plain(String(cell)) === plain(text)
}

/** What we wrote into a row that is not there any more under its key, because a person changed the row. */
function orphanWith(
  loaded: Loaded,
  journal: Journal,
  column: string,
  now: Cell,
): { key: string; was: Was } | null {
  for (const { key, cells } of journal.placements.values()) {
    const cell = cells.find((each) => each.column === column && sameText(now, each.text))
    if (cell && !loaded.rowOf.has(cell.row)) return { key, was: cell.was }
  }
  return null
}

/** The one row that holds what we wrote into a row which has another key by now. */
function movedTo(loaded: Loaded, journal: Journal, column: string, text: string): number | null {
  if (!isOwnColumn(column)) return null
  const others = new Set([...journal.placements.values()].flatMap(({ cells }) => cells.map(({ row }) => row)))
  const holds = loaded.keys.flatMap((key, row) =>
    !others.has(key) && sameText(cellAt(loaded.table, row, column), text) ? [row] : [],
  )
  return holds.length === 1 ? holds[0]! : null
}
