import { createHash } from 'node:crypto'
import { runMigrations, type WorkerEvents } from 'graphile-worker'
import pg, { type Pool } from 'pg'
import { asFault, onPool, type Sql } from './connect.ts'
import { quoted } from './migrate.ts'
import type { Job, Jobs } from './types.ts'

/** Milliseconds between two looks for dead workers, and between two tries to connect again. */
const interval = 5000
/** Milliseconds from a start to the first look: just longer than a lock must be old. */
const firstLook = 1200

/** Adds within the transaction of `sql`: the job is there if and only if the transaction is. */
export async function addJob(sql: Sql, schema: string, job: Job): Promise<void> {
  await sql(
    `select ${quoted(schema)}.add_job($1, $2::json, queue_name => $3, run_at => $4, max_attempts => $5, job_key => $6)`,
    [
      job.task,
      JSON.stringify(job.payload ?? {}),
      job.queue ?? null,
      job.runAt === undefined ? null : new Date(job.runAt),
      job.maxAttempts ?? null,
      job.jobKey ?? null,
    ],
  )
}

/**
 * A worker that is alive holds an advisory lock on a connection of its own. Postgres lets go of it in the moment in
 * which the process dies, even by kill -9, and keeps it while the process is merely too busy to send heartbeats.
 */
const lockOf = (schema: string, worker: string): bigint =>
  createHash('sha256').update(`worker\n${schema}\n${worker}`).digest().readBigInt64BE()

/**
 * graphile-worker tells workers of a job when it is added. One that is added to a queue whose job is just ending is
 * looked at while the queue is not free yet, and then only at the next poll; so that they are also told when a queue
 * with a job that is due gets free.
 */
async function wakeWhenFreed(sql: Sql, s: string): Promise<void> {
  const [there] = await sql(
    `select 1 from pg_trigger where tgrelid = '${s}._private_job_queues'::regclass and tgname = 'inlay_freed'`,
  )
  if (there) return
  await sql(`do $do$ begin
    create function ${s}.inlay_freed() returns trigger language plpgsql as $$ begin
      if exists (select from ${s}._private_jobs where job_queue_id = new.id and locked_at is null and run_at <= now())
      then perform pg_notify('jobs:insert', '{"count":1}'); end if;
      return null;
    end $$;
    create trigger inlay_freed after update on ${s}._private_job_queues for each row
      when (old.locked_by is not null and new.locked_by is null) execute function ${s}.inlay_freed();
    -- Another process was as quick.
    exception when duplicate_function or duplicate_object or unique_violation then null;
  end $do$`)
}

export async function openJobs(pool: Pool, url: string, schema: string): Promise<Jobs> {
  const s = quoted(schema)
  const sql = onPool(pool, url)
  try {
    await runMigrations({ pgPool: pool, schema })
    await wakeWhenFreed(sql, s)
  } catch (error) {
    throw asFault(error, url)
  }

  async function releaseDead(): Promise<number> {
    // A younger lock may be of a worker that is just now making itself known.
    const holders = await sql<{ id: string }>(
      `select locked_by as id from (
        select locked_by, locked_at from ${s}._private_jobs where locked_by is not null
        union all
        select locked_by, locked_at from ${s}._private_job_queues where locked_by is not null
      ) as locks group by locked_by having max(locked_at) < now() - interval '1 second'`,
    )
    if (holders.length === 0) return 0
    const held = await sql<{ key: string }>(
      `select ((classid::bigint << 32) | objid::bigint)::text as key from pg_locks
      where locktype = 'advisory' and objsubid = 1 and granted
        and database = (select oid from pg_database where datname = current_database())`,
    )
    const alive = new Set(held.map(({ key }) => key))
    const dead = holders.map(({ id }) => id).filter((id) => !alive.has(String(lockOf(schema, id))))
    if (dead.length > 0) await sql(`select ${s}.force_unlock_workers($1)`, [dead])
    return dead.length
  }

  async function keepAlive(events: WorkerEvents) {
    const workers = new Set<string>()
    let client: pg.Client | null = null
    let stopped = false

    async function connect(): Promise<void> {
      const fresh = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: interval,
        keepAlive: true,
        application_name: 'inlay worker',
      })
      // A machine that vanished without a word is noticed within seconds rather than hours.
      fresh.on('error', () => {})
      fresh.on('end', () => {
        if (client === fresh) client = null
      })
      await fresh.connect()
      await fresh.query(
        'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3',
      )
      for (const worker of workers) await fresh.query('select pg_advisory_lock($1)', [lockOf(schema, worker)])
      client = fresh
    }

    const arrive = ({ workerPool }: { workerPool: { id: string } }) => {
      workers.add(workerPool.id)
      client?.query('select pg_advisory_lock($1)', [lockOf(schema, workerPool.id)]).catch(() => {})
    }
    // What it had not ended is free for the worker that comes after it.
    const leave = ({ workerPool }: { workerPool: { id: string } }) => {
      workers.delete(workerPool.id)
      client?.query('select pg_advisory_unlock($1)', [lockOf(schema, workerPool.id)]).catch(() => {})
    }
    try {
      await connect()
    } catch (error) {
      throw asFault(error, url)
    }
    events.on('pool:create', arrive)
    events.on('pool:release', leave)
    let looking: Promise<unknown> | null = null
    const look = () => {
      looking ??= (client ? Promise.resolve() : connect())
        .then(releaseDead)
        // The database is away for a while: the next look comes by itself.
        .catch(() => {})
        .finally(() => {
          looking = null
        })
    }
    // Soon after a start: whoever was killed a moment ago held its locks until then.
    const first = setTimeout(look, firstLook).unref()
    const timer = setInterval(look, interval).unref()

    return {
      async stop() {
        if (stopped) return
        stopped = true
        clearTimeout(first)
        clearInterval(timer)
        events.off('pool:create', arrive)
        events.off('pool:release', leave)
        await looking
        await client?.end().catch(() => {})
      },
    }
  }

  return { pgPool: pool, schema, keepAlive, releaseDead }
}
