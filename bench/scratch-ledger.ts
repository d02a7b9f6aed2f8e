import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Ledger, openLedger, startPostgres } from '../src/ledger/index.ts'

/** A ledger in a schema that is dropped afterwards, in a Postgres of its own unless `DATABASE_URL` names one; and SQL on it. */
export async function withScratchLedger(
  schema: string,
  run: (ledger: Ledger, raw: pg.Client) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-bench-'))
  chmodSync(folder, 0o755)
  const postgres = process.env.DATABASE_URL ? null : await startPostgres(folder)
  const url = process.env.DATABASE_URL ?? postgres!.url
  const raw = new pg.Client({ connectionString: url })
  await raw.connect()
  const ledger = await openLedger({ url, schema })
  try {
    await run(ledger, raw)
  } finally {
    await raw.query(`drop schema if exists ${schema} cascade; drop schema if exists ${schema}_jobs cascade`)
    await raw.end()
    await ledger.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
