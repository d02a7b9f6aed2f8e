import type { Cell } from '../../contract/index.ts'
import { datesAsIso } from './iso-dates.ts'

/** The table that a comment is about. */
export interface ReportTable {
  columns: string[]
  /** Dates as ISO 8601. */
  rows: Cell[][]
  /** The newest date of its first column of dates, in milliseconds since the epoch: when the report became due. */
  newest: number | null
}

export function reportTable(columns: string[], cells: readonly (readonly Cell[])[]): ReportTable {
  const rows = cells.map((row) => [...row])
  let newest: number | null = null
  for (let column = 0; column < columns.length; column++) {
    const texts = new Set<string>()
    for (const row of rows) {
      const cell = row[column]
      if (typeof cell === 'string') texts.add(cell)
    }
    const before = [...texts]
    const dates = datesAsIso(before)
    const instants = dates.map((date) => (/^\d{4}-\d{2}-\d{2}/.test(date) ? Date.parse(date) : Number.NaN))
    if (instants.length === 0 || instants.some(Number.isNaN)) continue
    newest ??= instants.reduce((latest, at) => Math.max(latest, at))
    const isoOf = new Map(before.map((text, i) => [text, dates[i]!]))
    for (const row of rows) {
      const cell = row[column]
      if (typeof cell === 'string') row[column] = isoOf.get(cell)!
    }
  }
  return { columns, rows, newest }
}
