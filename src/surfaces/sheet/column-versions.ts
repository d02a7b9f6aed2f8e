import { join } from 'node:path'
import { readKept, writeKept } from '../kept.ts'

/** One version of a column to fill, as it was told: rows and columns keep the places they had in the item then. */
export interface ColumnVersion {
  /** Key of the item. */
  key: string
  columns: string[]
  /** Keys of all rows. */
  rows: string[]
  /** Of `rows`, those that are to be filled. */
  open: string[]
  /** How far the examples had grown: more of them are reason to look again. */
  growth: number
  /** Which cells that we had filled a person has typed over, in little; '' for none. */
  corrected: string
}

/** What was told of the columns of one file, kept in its private folder. */
export interface ColumnVersions {
  /** The last two versions of a column, newest last. */
  of(column: string): ColumnVersion[]
  add(column: string, version: ColumnVersion): void
  save(): Promise<void>
}

export async function openColumnVersions(folder: string): Promise<ColumnVersions> {
  const path = join(folder, 'columns.json')
  const versions = new Map(Object.entries((await readKept<Record<string, ColumnVersion[]>>(path)) ?? {}))
  let saving = Promise.resolve()
  return {
    of: (column) => versions.get(column) ?? [],
    add: (column, version) => versions.set(column, [...(versions.get(column) ?? []), version].slice(-2)),
    save: () => {
      saving = saving.then(() => writeKept(path, Object.fromEntries(versions)))
      return saving
    },
  }
}
