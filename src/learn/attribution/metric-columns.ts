import type { Cell } from '../../contract/index.ts'
import type { MetricColumn, MetricTable } from './metric-table.ts'

/** Which columns to read, and as what; a column that is in neither is told by its cells. */
export interface ColumnRoles {
  numbers?: readonly string[]
  texts?: readonly string[]
  /** Leave every other column out. */
  only?: boolean
  /** Rewrites the distinct texts of a column that is all dates as ISO 8601; texts stay as they are without it. */
  dates?(values: string[]): string[]
}

/** What a cell that should hold a number holds instead. */
export interface WrongNumber {
  column: string
  row: number
  value: string
}

/** Columns of cells that are in memory already. */
export function columnsOfCells(
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
  roles: ColumnRoles = {},
): { table: MetricTable; wrong: WrongNumber | null } {
  let wrong: WrongNumber | null = null
  const columns = names.flatMap((name, index): MetricColumn[] => {
    const asNumber = roles.numbers?.includes(name) ?? false
    const asText = roles.texts?.includes(name) ?? false
    if (roles.only && !asNumber && !asText) return []
    if (!asText && (asNumber || mostlyNumbers(rows, index))) {
      const numbers = new Float64Array(rows.length)
      rows.forEach((row, i) => {
        const cell = row[index] ?? null
        numbers[i] = numberOf(cell)
        if (asNumber && cell !== null && Number.isNaN(numbers[i])) {
          wrong ??= { column: name, row: i, value: String(cell) }
        }
      })
      return [{ name, numbers }]
    }
    const codeOf = new Map<string, number>()
    const codes = Int32Array.from(rows, (row) => {
      const cell = row[index] ?? null
      if (cell === null) return -1
      const text = String(cell)
      let code = codeOf.get(text)
      if (code === undefined) {
        code = codeOf.size
        codeOf.set(text, code)
      }
      return code
    })
    return [{ name, codes, values: roles.dates?.([...codeOf.keys()]) ?? [...codeOf.keys()] }]
  })
  return { table: { rows: rows.length, columns }, wrong }
}

function mostlyNumbers(rows: readonly (readonly Cell[])[], index: number): boolean {
  let filled = 0
  let numbers = 0
  for (let i = 0; i < rows.length && filled < 200; i++) {
    const cell = rows[i]![index] ?? null
    if (cell === null) continue
    filled++
    if (!Number.isNaN(numberOf(cell))) numbers++
  }
  return filled > 0 && numbers === filled
}

/**
 * The number in a cell as people write it: `1234.5`, `1,234.50`, `1.234,50`, `€ 1 234`, `-12 %` (the number before the
 * sign), `(120)`. NaN when there is none.
 */
export function numberOf(cell: Cell): number {
  if (typeof cell === 'number') return cell
  if (typeof cell !== 'string') return Number.NaN
  let text = cell.trim()
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text)
  const negative = /^\(.*\)$/.test(text) || /^[^\d]*[-−]/.test(text)
  const match =
    /^\(?\s*[-−+]?\s*(?:[A-Z]{3}\s|\p{Sc})?\s*[-−+]?\s*([\d.,'’\s]*\d)\s*(?:%|\p{Sc}|[A-Z]{3})?\s*\)?$/u.exec(
      text,
    )
  if (!match) return Number.NaN
  text = match[1]!.replace(/['’\s]/g, '')
  const comma = text.lastIndexOf(',')
  const point = text.lastIndexOf('.')
  if (comma >= 0 && point >= 0) {
    text = comma > point ? text.replaceAll('.', '').replace(',', '.') : text.replaceAll(',', '')
  } else if (comma >= 0) {
    // A lone comma before three digits groups thousands; any other is a decimal comma.
    text = /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(',', '') : text.replace(',', '.')
  } else if (/^\d{1,3}(\.\d{3}){2,}$/.test(text)) text = text.replaceAll('.', '')
  const value = Number(text)
  return negative ? -value : value
}
