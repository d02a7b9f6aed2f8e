import type { Cell } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import type { Dialect } from './csv-scan.ts'
import type { CsvText } from './csv-table.ts'
import { encodable, encode } from './encoding.ts'
import { emptiedColumns, type Memory, type Patch, type Patched, type Sheet, type Was } from './patch.ts'

/** A CSV text as a sheet to write into. */
export function csvSheet(csv: CsvText): Sheet {
  const refusal =
    csv.dialect.delimiter === ''
      ? 'it has one column, and every delimiter occurs in its cells: save it with quotes around the cells'
      : null
  return {
    table: csv.table,
    refusal,
    writable: (text) => encodable(text, csv.encoding),
    blocked: () => false,
    patch: (patch, memory) => patchCsv(csv, patch, memory),
  }
}

function patchCsv(csv: CsvText, { sets, resets }: Patch, memory: Memory | null): Patched {
  const { text, scan, table, dialect } = csv
  const added = [...new Set(sets.map(({ column }) => column))].filter(
    (column) => !table.columns.includes(column),
  )
  const place = new Map(table.columns.map((column, index) => [column, table.columnNumbers[index]!]))
  for (const [index, column] of added.entries()) place.set(column, csv.width + index)
  const dropped = emptiedColumns(table, sets, resets).map((column) => place.get(column)!)
  const remember = { ...memory }
  if (added.length > 0 && memory?.headerCells === undefined && cellCount(csv, 0) < csv.width) {
    remember.headerCells = cellCount(csv, 0)
  }
  const ownLeft = table.columns.filter(isOwnColumn).length + added.length > dropped.length

  const byRow = new Map<number, { sets: number[]; resets: number[] }>()
  const editsOf = (row: number) => {
    const known = byRow.get(row)
    if (known) return known
    const fresh = { sets: [], resets: [] }
    byRow.set(row, fresh)
    return fresh
  }
  for (const [index, { row }] of sets.entries()) editsOf(row + 1).sets.push(index)
  for (const [index, { row }] of resets.entries()) editsOf(row + 1).resets.push(index)

  const quoteAll = quotesEverything(csv)
  const was: Was[] = new Array(sets.length)
  const parts: string[] = []
  let from = 0
  for (let row = 0; row < scan.rows; row++) {
    const edits = byRow.get(row)
    const count = cellCount(csv, row)
    const grows = added.length > 0 && (row === 0 || count === csv.width)
    const shrinks = dropped.some((column) => column < count)
    if (!edits && !grows && !shrinks) continue
    const first = scan.firstCell[row]!
    const cells = Array.from({ length: count }, (_, i) =>
      text.slice(scan.starts[first + i]!, scan.ends[first + i]!),
    )
    if (grows) while (cells.length < csv.width + added.length) cells.push('')
    if (row === 0) for (const column of added) cells[place.get(column)!] = written(column, dialect, quoteAll)
    for (const index of edits?.sets ?? []) {
      const { column, value } = sets[index]!
      const at = place.get(column)!
      was[index] = at < cells.length ? cells[at]! : cells.length
      while (cells.length <= at) cells.push('')
      cells[at] = written(value, dialect, quoteAll)
    }
    // In reverse: the first of several cells that were added to a short row knows how short it was.
    for (const index of (edits?.resets ?? []).toReversed())
      putBack(cells, place.get(resets[index]!.column)!, resets[index]!.was)
    for (const column of dropped.toSorted((a, b) => b - a)) if (column < cells.length) cells.splice(column, 1)
    if (row === 0 && !ownLeft && remember.headerCells !== undefined) cutBack(cells, remember.headerCells)
    parts.push(text.slice(from, scan.starts[first]!), cells.join(dialect.delimiter))
    from = scan.ends[first + count - 1]!
  }
  parts.push(text.slice(from))
  const bytes = Buffer.from(encode(parts.join(''), csv.encoding, csv.bom))
  return { bytes, was, memory: ownLeft ? remember : null }
}

function cellCount({ scan }: CsvText, row: number): number {
  return scan.firstCell[row + 1]! - scan.firstCell[row]!
}

function putBack(cells: string[], at: number, was: Was): void {
  if (at >= cells.length) return
  cells[at] = typeof was === 'string' ? was : ''
  if (typeof was === 'number') cutBack(cells, was)
}

function cutBack(cells: string[], count: number): void {
  while (cells.length > count && cells.at(-1) === '') cells.pop()
}

/** A file that quotes the cells of its first rows, numbers too, quotes all. */
function quotesEverything({ text, scan }: CsvText): boolean {
  const cells = scan.firstCell[Math.min(scan.rows, 20)]!
  let filled = 0
  for (let cell = 0; cell < cells; cell++) {
    if (scan.starts[cell] === scan.ends[cell]) continue
    if (text[scan.starts[cell]!] !== '"') return false
    filled++
  }
  return filled > 0
}

function written(value: Cell, dialect: Dialect, quoteAll: boolean): string {
  if (value === null) return ''
  const text = String(value)
  const plain = !/["\r\n]|^\s|\s$/.test(text) && !text.includes(dialect.delimiter)
  if (plain && !quoteAll) return text
  return dialect.escape === 'doubled'
    ? `"${text.replaceAll('"', '""')}"`
    : `"${text.replace(/["\\]/g, '\\$&')}"`
}
