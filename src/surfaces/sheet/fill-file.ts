import { realpath } from 'node:fs/promises'
import { type Cell, Fault } from '../../contract/index.ts'
import { csvSheet } from './csv-patch.ts'
import type { Sheet } from './patch.ts'
import { readWholeFile } from './read-file.ts'
import { refuseWhileOpen, replaceFile, temporaryName } from './replace-file.ts'
import { parseFile, where } from './table.ts'
import { workbookSheet } from './workbook-patch.ts'

export interface FilledCell {
  /** Index into the rows that `readTable` gave. */
  row: number
  column: string
  value: Cell
}

/**
 * Writes values into empty cells of a file, once and for all, in one step; every other byte stays. Gives the number
 * of cells written; cells that hold something by now are left alone. Throws a Fault for a file that cannot be
 * written into, and `busy` while another program has it open.
 */
export async function fillFile(path: string, cells: FilledCell[], sheet?: string): Promise<number> {
  const real = await realpath(path).catch((cause) => {
    throw new Fault('bad-input', `There is no file ${path}: check the name and the folder.`, { cause })
  })
  await refuseWhileOpen(real)
  const { bytes, version } = await readWholeFile(real)
  const target = writableSheet(path, bytes, sheet)
  const { table } = target
  const sets = cells.filter(({ row, column, value }) => {
    const index = table.columns.indexOf(column)
    if (value === null || table.rows[row]?.[index] !== null || target.blocked(row, column)) return false
    if (target.writable(String(value))) return true
    throw new Fault(
      'bad-input',
      `${where(table, row, index)}: "${value}" cannot be written in the file's encoding.`,
    )
  })
  if (sets.length === 0) return 0
  const patched = target.patch({ sets, resets: [] }, null)
  const temporary = temporaryName(real, 'fill')
  if (await replaceFile({ path: real, bytes: patched.bytes, from: version, temporary })) return sets.length
  throw new Fault('busy', `${path} was changed by another program meanwhile: nothing was written; try again.`)
}

function writableSheet(path: string, bytes: Buffer, sheet: string | undefined): Sheet {
  const parsed = parseFile(path, bytes, sheet)
  if (parsed.gzipped)
    throw new Fault('bad-input', `${path} is gzipped and cannot be written into: unpack it first.`)
  if (parsed.kind === 'jsonl') {
    throw new Fault('bad-input', `${path} is JSON Lines and cannot be written into: save it as CSV or XLSX.`)
  }
  const target = parsed.kind === 'csv' ? csvSheet(parsed.csv) : workbookSheet(parsed.workbook)
  if (target.refusal !== null)
    throw new Fault('bad-input', `${path} cannot be written into: ${target.refusal}.`)
  return target
}
