export { claimDataFolder } from './data-folder.ts'
export { openLedger } from './ledger.ts'
export { removePostgres, runningPostgres, startPostgres, stopPostgres } from './postgres.ts'
export type * from './types.ts'
