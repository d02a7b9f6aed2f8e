import { parse } from 'csv-parse/sync'

/** A CSV file as a table of text, with what must be kept when it is written again. */
export interface CsvTable {
  header: string[]
  rows: string[][]
  delimiter: ',' | ';' | '\t'
  newline: '\n' | '\r\n'
  bom: boolean
}

export function readCsv(bytes: Buffer): CsvTable {
  const text = bytes.toString('utf8')
  const bom = text.startsWith('\uFEFF')
  const first = text.slice(bom ? 1 : 0, text.indexOf('\n'))
  const delimiter = ([',', ';', '\t'] as const).reduce((best, one) =>
    first.split(one).length > first.split(best).length ? one : best,
  )
  const records: string[][] = parse(text, { bom: true, delimiter, relax_column_count: true })
  return {
    header: records[0] ?? [],
    rows: records.slice(1),
    delimiter,
    newline: first.endsWith('\r') ? '\r\n' : '\n',
    bom,
  }
}

export function writeCsv(table: CsvTable): string {
  const lines = [table.header, ...table.rows].map((row) => csvLine(row, table.delimiter))
  return `${table.bom ? '\uFEFF' : ''}${lines.join(table.newline)}${table.newline}`
}

export function csvLine(cells: readonly string[], delimiter: string = ','): string {
  return cells
    .map((cell) =>
      cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell,
    )
    .join(delimiter)
}

/** A new table of the plainest kind. */
export function plainCsv(header: readonly string[], rows: string[][]): string {
  return writeCsv({ header: [...header], rows, delimiter: ',', newline: '\n', bom: false })
}
