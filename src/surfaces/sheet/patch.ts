import type { Cell } from '../../contract/index.ts'
import { isOwnColumn } from './column-names.ts'
import type { Table } from './table.ts'

/** What a cell was before Inlay wrote into it: its raw text, or (CSV) how many cells its row had, if it had too few. */
export type Was = string | number

export interface CellSet {
  /** Index into the table's rows. */
  row: number
  /** Name of a column; one that is not there yet is added at the right end. */
  column: string
  value: Cell
}

export interface CellReset {
  row: number
  column: string
  was: Was
}

export interface Patch {
  sets: CellSet[]
  resets: CellReset[]
}

/** What is needed, beside each cell's `Was`, to make a file again what it was. Kept in the surface's own folder. */
export interface Memory {
  /** CSV: cells of the header, where it had fewer than the widest row. */
  headerCells?: number
  /** XLSX: the raw header cell that each of our columns replaced. */
  headers?: Record<string, string>
  dimension?: { was: string; now: string }
  /** XLSX: entries of the archive before we touched them, in base64. */
  originals?: Record<string, { record: string; directory: string; crc: number }>
  /** XLSX: checksum of the styles we wrote, and which style of ours stands for which of theirs. */
  styles?: { crc: number; variants: Record<string, number> }
}

export interface Patched {
  bytes: Buffer
  /** For each set, in its order. */
  was: Was[]
  /** Null when nothing of ours is left in the file. */
  memory: Memory | null
}

/** A file that was read and can be written into, whatever its format. Pure: nothing here touches the disk. */
export interface Sheet {
  table: Table
  /** Why nothing can be written into it; null when it can. */
  refusal: string | null
  /** Whether this text can be written in the file's encoding. */
  writable(text: string): boolean
  /** Whether a cell that looks empty holds something all the same (a formula). */
  blocked(row: number, column: string): boolean
  /**
   * The file with some cells set and others put back; columns of ours that hold nothing any more are taken away.
   * Everything else stays byte for byte.
   */
  patch(patch: Patch, memory: Memory | null): Patched
}

/** Columns of ours in which a patch leaves nothing. */
export function emptiedColumns(table: Table, sets: CellSet[], resets: CellReset[]): string[] {
  const touched = new Set(resets.map(({ column }) => column).filter(isOwnColumn))
  for (const { column } of sets) touched.delete(column)
  return [...touched].filter((column) => {
    const index = table.columns.indexOf(column)
    const cleared = new Set(resets.filter((reset) => reset.column === column).map(({ row }) => row))
    return index >= 0 && table.rows.every((row, i) => row[index] === null || cleared.has(i))
  })
}
