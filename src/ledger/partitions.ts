import type { Pool } from 'pg'
import { inTransaction } from './connect.ts'
import { quoted } from './migrate.ts'

const first = Date.UTC(2000)
const end = Date.UTC(2100)

/**
 * Makes sure that every month of the given times has its partition. Runs on a connection of its own, because the lock
 * that attaching takes would otherwise be held to the end of the caller's transaction; it conflicts neither with
 * reading nor with inserting. Months once seen are remembered, so that this usually costs nothing.
 */
export function monthlyPartitions(pool: Pool, url: string, schema: string) {
  const there = new Set<number>()
  return async (times: Iterable<number>): Promise<void> => {
    const missing = new Set<number>()
    for (const at of times) {
      if (at < first || at >= end) continue
      const date = new Date(at)
      const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
      if (!there.has(month)) missing.add(month)
    }
    if (missing.size === 0) return
    const s = quoted(schema)
    await inTransaction(pool, url, async (sql) => {
      await sql('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`inlay partitions ${schema}`])
      for (const month of [...missing].sort((a, b) => a - b)) {
        const from = Date.UTC(Math.floor(month / 12), month % 12)
        const to = Date.UTC(Math.floor(month / 12), (month % 12) + 1)
        const name = `${s}.facts_${new Date(from).toISOString().slice(0, 7).replace('-', '_')}`
        const [has] = await sql('select to_regclass($1) is not null as yes', [name])
        if (has.yes) continue
        await sql(`create table ${name} (like ${s}.facts including all)`)
        await sql(`alter table ${s}.facts attach partition ${name} for values from (${from}) to (${to})`)
      }
    })
    for (const month of missing) there.add(month)
  }
}
