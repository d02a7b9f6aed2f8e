export type { RoutineRow } from './routine-table.ts'
export { listen, makeServer } from './server.ts'
export { headings, percent, type StandingRow, standingRow, tableColumns } from './standing-table.ts'
