import { setTimeout as sleep } from 'node:timers/promises'
import { Pool, type PoolClient, type PoolConfig, types } from 'pg'
import { Fault } from '../contract/index.ts'

/** Runs one statement and gives its rows; errors are Faults. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is known where its statement is written
export type Sql = <Row = any>(text: string, values?: unknown[]) => Promise<Row[]>

/** Seconds until a database that does not answer is called unreachable. */
const patience = 5

/** bigint as a number: every bigint here is a time in milliseconds, a count or an id, all far below 2^53. */
const withNumbers: PoolConfig['types'] = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // biome-ignore lint/suspicious/noExplicitAny: pg's own signature
    return oid === types.builtins.INT8 ? (Number as any) : types.getTypeParser(oid, format as 'text')
  },
}

/** `plain` leaves bigint as pg gives it, a string, which is what graphile-worker expects. */
export function openPool(url: string, max: number, { plain = false } = {}): Pool {
  let pool: Pool
  try {
    pool = new Pool({
      connectionString: url,
      max,
      ...(plain ? {} : { types: withNumbers }),
      connectionTimeoutMillis: patience * 1000,
      application_name: 'inlay',
      keepAlive: true,
    })
  } catch (error) {
    throw asFault(error, url)
  }
  // A connection that dies while idle is replaced at the next query, which tells what is wrong if anything still is.
  pool.on('error', () => {})
  // One that dies in use, between two statements, says so here; the next statement on it fails, which is enough.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Where a database is, in words, without user or password. */
export function addressOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const host = decodeURIComponent(searchParams.get('host') ?? hostname) || 'localhost'
    return `"${decodeURIComponent(pathname.slice(1)) || 'postgres'}" at ${host}${port && `:${port}`}`
  } catch {
    return 'in DATABASE_URL'
  }
}

const unreachable = new Set(['57P01', '57P02', '57P03', '3D000', '28000', '28P01'])
const lost = /terminated|ECONN|ENOENT|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|timeout|not queryable/i

/** An error of `pg` as one sentence with what to do; a Fault stays what it is. */
export function asFault(error: unknown, url: string): Fault {
  if (error instanceof Fault) return error
  const { code = '', message: text = String(error) } = error as { code?: string; message?: string }
  const said = (text || code).replace(/\s+/g, ' ')
  const database = addressOf(url)
  // Details hold rows, and so what people wrote; the whole statement helps nobody.
  if (error instanceof Error)
    Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined })
  const options = { cause: error }
  if (code === '53300' || code === '57014' || code === '55P03')
    return new Fault('busy', `The database ${database} is busy: ${said}.`, options)
  if (code === '42501')
    return new Fault(
      'bad-input',
      `The user in DATABASE_URL has too few rights on the database ${database}: ${said}.`,
      options,
    )
  if (code.startsWith('53'))
    return new Fault('unreachable', `The database ${database} has run out of room: ${said}.`, options)
  if (
    unreachable.has(code) ||
    code.startsWith('08') ||
    lost.test(code) ||
    (!/^\w{5}$/.test(code) && lost.test(text))
  )
    return new Fault(
      'unreachable',
      `The database ${database} does not answer (${said}); check that it runs and that DATABASE_URL is right.`,
      options,
    )
  if (code === 'ERR_INVALID_URL' || text.includes('Invalid URL'))
    return new Fault(
      'bad-input',
      'DATABASE_URL is not a Postgres address such as postgres://user:password@host:5432/name.',
      {},
    )
  return new Fault('bug', `The database ${database} refused a statement: ${said}.`, options)
}

/** One statement on any connection of the pool. */
export function onPool(pool: Pool, url: string): Sql {
  return async (text, values) => {
    try {
      return (await pool.query(text, values)).rows
    } catch (error) {
      throw asFault(error, url)
    }
  }
}

const retried = new Set(['40P01', '40001'])

/** Up to ten times, a random while apart, as long as Postgres chooses it as the victim of a deadlock. */
export async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      const code = ((error as Fault).cause as { code?: string } | undefined)?.code ?? ''
      if (attempt === 10 || !retried.has(code)) throw error
      await sleep(Math.random() * 50 * attempt)
    }
  }
}

/** All or nothing on one connection, and `again`. */
export function inTransaction<T>(pool: Pool, url: string, run: (sql: Sql) => Promise<T>): Promise<T> {
  return again(() => once(pool, url, run))
}

async function once<T>(pool: Pool, url: string, run: (sql: Sql) => Promise<T>): Promise<T> {
  let client: PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    throw asFault(error, url)
  }
  let broken = false
  try {
    const sql: Sql = async (text, values) => {
      try {
        return (await client.query(text, values)).rows
      } catch (error) {
        throw asFault(error, url)
      }
    }
    await sql('begin')
    try {
      const result = await run(sql)
      await sql('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true
      })
      throw error
    }
  } finally {
    client.release(broken)
  }
}
