import { createHash } from 'node:crypto'
import pg from 'pg'
import { asFault } from './connect.ts'
import type { Lease } from './types.ts'

/**
 * Leases as session-level advisory locks on one connection for all of a process: Postgres lets go of them in the moment
 * in which the process dies, so that another worker takes over within its next try.
 */
export function leasing(url: string, schema: string) {
  let connection: Promise<{ client: pg.Client; lost: AbortController }> | null = null

  function connect() {
    connection ??= (async () => {
      const lost = new AbortController()
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 5000,
        keepAlive: true,
        application_name: 'inlay lease',
      })
      client.on('error', () => {})
      client.on('end', () => {
        lost.abort()
        connection = null
      })
      await client.connect()
      return { client, lost }
    })()
    connection.catch(() => {
      connection = null
    })
    return connection
  }

  const held = new Set<string>()
  // One statement at a time: a connection takes no second one while it is busy.
  let turn: Promise<unknown> = Promise.resolve()
  const ask = (client: pg.Client, text: string, key: bigint) => {
    const answer = turn.then(() => client.query(text, [key]))
    turn = answer.catch(() => {})
    return answer
  }

  return {
    /** Null when it is held: by another process, or by this one. */
    async lease(name: string): Promise<Lease | null> {
      if (held.has(name)) return null
      held.add(name)
      const key = createHash('sha256').update(`lease\n${schema}\n${name}`).digest().readBigInt64BE()
      try {
        const { client, lost } = await connect()
        const { rows } = await ask(client, 'select pg_try_advisory_lock($1) as got', key)
        if (!rows[0].got) {
          held.delete(name)
          return null
        }
        lost.signal.addEventListener('abort', () => held.delete(name), { once: true })
        return {
          lost: lost.signal,
          async release() {
            if (!held.delete(name) || lost.signal.aborted) return
            await ask(client, 'select pg_advisory_unlock($1)', key).catch(() => {})
          },
        }
      } catch (error) {
        held.delete(name)
        throw asFault(error, url)
      }
    },
    async close(): Promise<void> {
      const open = await connection?.catch(() => null)
      await open?.client.end().catch(() => {})
    },
  }
}
