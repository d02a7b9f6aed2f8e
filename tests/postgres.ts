import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, stopPostgres } from '../src/ledger/postgres.ts'
import { exists } from '../src/ledger/process.ts'

const prefix = 'inlay-tests-'

/** One Postgres for the whole run, in INLAY_TEST_DATABASE_URL: the one in DATABASE_URL, or a new one that goes after. */
export default async function setup() {
  if (process.env.DATABASE_URL) {
    process.env.INLAY_TEST_DATABASE_URL = process.env.DATABASE_URL
    return
  }
  await clearAfterTheKilled()
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // As root, Postgres runs as somebody else, who must be able to pass through.
  chmodSync(folder, 0o755)
  const postgres = await startPostgres(folder, { unsafe: true })
  process.env.INLAY_TEST_DATABASE_URL = postgres.url
  return async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A run that was killed could not stop its Postgres. */
async function clearAfterTheKilled() {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1])
    if (!pid || exists(pid)) continue
    const folder = join(tmpdir(), name)
    try {
      await stopPostgres(folder)
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another user's: theirs to clear.
    }
  }
}
