import type { Cell } from '../../contract/index.ts'
import type { Frame } from './grafana-api.ts'

/**
 * Data frames as one long table: a row for each time and each series, with a series' labels as dimensions; frames that are
 * tables already (with columns of text) stay as they are. Null where there is no number in them.
 */
export function tableOfFrames(frames: readonly Frame[]): { columns: string[]; rows: Cell[][] } | null {
  const columns = new Map<string, number>()
  const rows: Map<number, Cell>[] = []
  const columnOf = (name: string) => {
    const known = columns.get(name)
    if (known !== undefined) return known
    columns.set(name, columns.size)
    return columns.size - 1
  }
  let numbers = 0
  for (const { schema, data } of frames) {
    const fields = schema.fields.map((field, i) => ({ ...field, values: data.values[i] ?? [] }))
    const length = Math.max(0, ...fields.map(({ values }) => values.length))
    const measured = fields.filter(({ type }) => type === 'number')
    numbers += measured.length
    const shared = fields.filter(({ type }) => type !== 'number')
    const long = measured.every(({ labels }) => !labels || Object.keys(labels).length === 0)
    for (let i = 0; i < length; i++) {
      const common = new Map<number, Cell>()
      for (const { name, type, values } of shared) {
        if (type === 'time') common.set(columnOf('time'), timeText(values[i]))
        else common.set(columnOf(name), cellOf(values[i]))
      }
      if (long) {
        for (const { name, values } of measured) common.set(columnOf(name), cellOf(values[i]))
        rows.push(common)
        continue
      }
      for (const { labels, values } of measured) {
        const row = new Map(common)
        for (const [label, value] of Object.entries(labels ?? {})) row.set(columnOf(label), value)
        row.set(columnOf('value'), cellOf(values[i]))
        rows.push(row)
      }
    }
  }
  if (numbers === 0 || rows.length === 0) return null
  const names = [...columns.keys()]
  return { columns: names, rows: rows.map((row) => names.map((_, i) => row.get(i) ?? null)) }
}

function cellOf(value: unknown): Cell {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** Milliseconds since the epoch as ISO 8601: a day, where it is midnight. */
function timeText(value: unknown): Cell {
  if (typeof value !== 'number') return cellOf(value)
  const iso = new Date(value).toISOString()
  return value % 86_400_000 === 0 ? iso.slice(0, 10) : iso.slice(0, 19)
}
