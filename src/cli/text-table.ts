import { headings, type StandingRow, tableColumns } from '../server/index.ts'

/** The standing of all deployments as an aligned text table, with what to know about each below it. */
export function textTable(rows: StandingRow[]): string {
  const cells = [
    tableColumns.map((name) => headings[name]),
    ...rows.map((row) => tableColumns.map((name) => row[name])),
  ]
  const widths = tableColumns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '))
  const notes = rows.filter((row) => row.note).map((row) => `  ${row.skill} on ${row.surface}: ${row.note}`)
  const connections = new Set(
    rows.filter((row) => row.connection).map((row) => `  ${row.surface}: ${row.connection}`),
  )
  return [
    ...lines,
    ...(connections.size ? ['', ...connections] : []),
    ...(notes.length ? ['', ...notes] : []),
  ].join('\n')
}
