import type { Pool, QueryResultRow } from 'pg'
import { Fault } from '../../contract/index.ts'

/** A team's own Postgres. */
export interface SqlConnection {
  /** Where it is, without user or password. */
  where: string
  /** One statement; errors are Faults. */
  run<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** The same in a transaction that can change nothing. */
  look<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** Seconds until a statement is given up, and until a server that does not answer is called unreachable. */
const statementPatience = 120
const connectPatience = 10

/** A name as an SQL identifier: never put into a statement in any other way. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `table`, `schema.table`, or either with double quotes around a name that holds a dot. */
export function tableName(text: string): string[] {
  const parts = [...text.trim().matchAll(/(?:^|\.)(?:"((?:[^"]|"")+)"|([^".]+))(?=\.|$)/g)]
  if (parts.map(([whole]) => whole).join('') !== text.trim() || parts.length === 0 || parts.length > 2) {
    throw new Fault('bad-input', `"${text}" is no name of a table: say table or schema.table.`)
  }
  return parts.map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain!)
}

export async function connectSql(url: string): Promise<SqlConnection> {
  const where = placeOf(url)
  const { default: pg } = await import('pg')
  const pool: Pool = new pg.Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: connectPatience * 1000,
    statement_timeout: statementPatience * 1000,
    lock_timeout: connectPatience * 1000,
    idleTimeoutMillis: 30_000,
    application_name: 'inlay',
    keepAlive: true,
    allowExitOnIdle: true,
  })
  // A connection that dies while idle is replaced at the next statement.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  let closed: Promise<void> | null = null
  const underWay = new Set<Promise<unknown>>()
  /** A pool that ends lets whoever waits for a connection wait on: so nobody is let in any more, and all others out. */
  async function known<T>(act: () => Promise<T>): Promise<T> {
    if (closed) throw new Fault('busy', `The connection to the database ${where} was closed.`)
    const running = act().catch((cause) => {
      throw asFault(cause, where)
    })
    underWay.add(running)
    try {
      return await running
    } finally {
      underWay.delete(running)
    }
  }
  return {
    where,
    run: <Row extends QueryResultRow>(text: string, values?: unknown[]) =>
      known(async () => (await pool.query<Row>(text, values)).rows),
    look: <Row extends QueryResultRow>(text: string, values?: unknown[]) =>
      known(async () => {
        const client = await pool.connect()
        let broken = false
        try {
          await client.query('begin read only')
          return (await client.query<Row>(text, values)).rows
        } finally {
          await client.query('rollback').catch(() => {
            broken = true
          })
          client.release(broken)
        }
      }),
    close() {
      closed ??= Promise.allSettled(underWay).then(() => pool.end())
      return closed
    },
  }
}

function placeOf(url: string): string {
  try {
    const { protocol, hostname, port, pathname, searchParams } = new URL(url)
    if (!/^postgres(ql)?:$/.test(protocol)) throw new Error('another protocol')
    const host = decodeURIComponent(searchParams.get('host') ?? hostname) || 'localhost'
    return `"${decodeURIComponent(pathname.slice(1)) || 'postgres'}" at ${host}${port && `:${port}`}`
  } catch {
    throw new Fault(
      'bad-input',
      'url is no Postgres address such as postgres://user:password@host:5432/name.',
    )
  }
}

const silent =
  /terminated|ECONN|ENOENT|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|timeout|not queryable/i

/** One sentence with what to do. Never with the details of an error: they hold rows. */
function asFault(error: unknown, where: string): Fault {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const said = (message || code).replace(/\s+/g, ' ')
  if (/^28/.test(code)) {
    return new Fault(
      'unreachable',
      `The database ${where} refuses the user or the password (${said}); connect it again.`,
    )
  }
  if (code === '42501') {
    return new Fault(
      'bad-input',
      `The user has too few rights in the database ${where}: ${said}; grant them, or use another user.`,
    )
  }
  if (code === '42P01' || code === '3F000' || code === '42703') {
    return new Fault(
      'unreachable',
      `The database ${where} says: ${said}. Was it renamed or dropped? Then connect it again.`,
    )
  }
  if (code === '57014' || code === '55P03' || code === '53300') {
    return new Fault('busy', `The database ${where} is busy: ${said}; it is tried again.`)
  }
  if (/^(08|57P|3D|53)/.test(code) || silent.test(code) || (!/^\w{5}$/.test(code) && silent.test(said))) {
    return new Fault(
      'unreachable',
      `The database ${where} does not answer (${said}); check that it runs and may be reached from here.`,
    )
  }
  return new Fault('bad-input', `The database ${where} refused a statement: ${said}.`)
}
