import { Fault } from '../contract/index.ts'
import { appending, inOneStatement, installAppend } from './append.ts'
import { addressOf, again, asFault, inTransaction, onPool, openPool, type Sql } from './connect.ts'
import { addJob, openJobs } from './jobs.ts'
import * as keep from './keep.ts'
import { leasing } from './lease.ts'
import { migrate, quoted } from './migrate.ts'
import { readDoneBy, readOutcomes, readRolledOut } from './outcomes.ts'
import { monthlyPartitions } from './partitions.ts'
import { rebuildProjections } from './projections.ts'
import * as read from './read.ts'
import { readAllRollups, readRollups } from './rollups.ts'
import type { Ledger, LedgerOptions, LedgerWriter } from './types.ts'

/**
 * Opens the ledger in a schema of a Postgres database (14 or newer), making or migrating it first. Faults:
 * `unreachable` within about five seconds when nothing answers, `bad-input` when the user has too few rights or when
 * the schema belongs to a newer Inlay.
 */
export async function openLedger({ url, schema = 'inlay', poolSize = 10 }: LedgerOptions): Promise<Ledger> {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema))
    throw new Fault(
      'bad-input',
      `The schema "${schema}" is not a plain name: use a to z, 0 to 9 and _, at most 41 of them.`,
    )
  const pool = openPool(url, poolSize)
  const jobPool = openPool(url, poolSize, { plain: true })
  // Never waits for a connection that a transaction holds, because no transaction of the ledger's users is on it.
  const partitionPool = openPool(url, 1)
  const leases = leasing(url, schema)
  const close = async () => {
    await Promise.all([leases.close(), pool.end(), jobPool.end(), partitionPool.end()])
  }
  try {
    await suitable(onPool(pool, url), url)
    const appendFunction = await inTransaction(pool, url, async (sql) => {
      const migrated = await migrate(sql, schema)
      // Facts of before say what the new columns of the projections should hold.
      if (migrated && (await hasFacts(sql, quoted(schema)))) await rebuildProjections(sql, quoted(schema))
      return installAppend(sql, schema)
    })
    const s = quoted(schema)
    const sql = onPool(pool, url)
    const jobs = await openJobs(jobPool, url, `${schema}_jobs`)
    const append = appending(schema, appendFunction, monthlyPartitions(partitionPool, url, schema))

    const writer = (sql: Sql): LedgerWriter => ({
      append: (facts) => append(sql, facts),
      saveDeployment: (deployment) => keep.saveDeployment(sql, s, deployment),
      saveCursor: (deployment, cursor) => keep.saveCursor(sql, s, deployment, cursor),
      saveBodies: (rows) => keep.saveBodies(sql, s, rows),
      hold: (deployment) => keep.hold(sql, s, deployment),
      eraseBodies: (person) => keep.eraseBodies(sql, s, person),
      saveModel: (deployment, model) => keep.saveModel(sql, s, deployment, model),
      dropModel: (deployment) => keep.dropModel(sql, s, deployment),
      saveSealed: (deployment, name, sealed, before) =>
        keep.saveSealed(sql, s, deployment, name, sealed, before),
      saveHealth: (deployment, health, at) => keep.saveHealth(sql, s, deployment, health, at),
      addJob: (job) => addJob(sql, jobs.schema, job),
    })
    const transaction: Ledger['transaction'] = (run) => inTransaction(pool, url, (sql) => run(writer(sql)))

    return {
      ...writer(sql),
      append: (facts) =>
        facts.length <= inOneStatement
          ? again(() => append(sql, facts))
          : transaction((tx) => tx.append(facts)),
      saveBodies: (rows) => transaction((tx) => tx.saveBodies(rows)),
      transaction,
      facts: (filter) => read.streamFacts(sql, s, filter),
      deployments: () => read.readDeployments(sql, s),
      item: (deployment, item) => read.readItem(sql, s, deployment, item),
      itemsOf: (deployment, keys) => read.readItems(sql, s, deployment, keys),
      items: (deployment, filter) => read.streamItems(sql, s, deployment, filter),
      standing: () => read.readStandings(sql, s),
      standingOf: (deployment) => read.readStanding(sql, s, deployment),
      schedules: () => keep.readSchedules(sql, s),
      saveSchedule: (schedule) => keep.saveSchedule(sql, s, schedule),
      dropSchedule: (destination) => keep.dropSchedule(sql, s, destination),
      cursor: (deployment) => keep.readCursor(sql, s, deployment),
      body: (deployment, item, what) => keep.readBody(sql, s, deployment, item, what),
      bodiesOf: (deployment, keys, what) => keep.readBodies(sql, s, deployment, keys, what),
      bodies: (deployment, what) => keep.streamBodies(sql, s, deployment, what),
      model: (deployment) => keep.readModel(sql, s, deployment),
      sealed: (deployment, name) => keep.readSealed(sql, s, deployment, name),
      allSealed: () => keep.readAllSealed(sql, s),
      healths: () => keep.readHealths(sql, s),
      modelHead: (deployment) => keep.readModelHead(sql, s, deployment),
      dropExpiredBodies: (now) => keep.dropExpiredBodies(sql, s, now),
      rebuild: () => inTransaction(pool, url, (sql) => rebuildProjections(sql, s)),
      rollups: (deployment) => inTransaction(pool, url, (sql) => readRollups(sql, schema, s, deployment)),
      outcomes: (deployment) => inTransaction(pool, url, (sql) => readOutcomes(sql, schema, s, deployment)),
      rolledOut: (deployment) => readRolledOut(sql, s, deployment),
      doneBy: (deployment, people) => readDoneBy(sql, s, deployment, people),
      projections: async () => ({
        ...(await read.readProjections(sql, s)),
        ...(await inTransaction(pool, url, (sql) => readAllRollups(sql, schema, s))),
      }),
      jobs,
      lease: leases.lease,
      secret: (name) => keep.readSecret(sql, s, name),
      close,
    }
  } catch (error) {
    await close()
    throw asFault(error, url)
  }
}

async function hasFacts(sql: Sql, s: string): Promise<boolean> {
  return (await sql(`select 1 from ${s}.facts limit 1`)).length > 0
}

async function suitable(sql: Sql, url: string): Promise<void> {
  const [row] = await sql(
    `select current_setting('server_version') as version, current_setting('server_encoding') as encoding`,
  )
  const wrong =
    Number.parseInt(row.version, 10) < 14
      ? `is Postgres ${row.version}, but Inlay needs 14 or newer`
      : row.encoding !== 'UTF8'
        ? `has the encoding ${row.encoding}, but Inlay needs UTF8: create another database with it`
        : null
  if (wrong) throw new Fault('bad-input', `The database ${addressOf(url)} ${wrong}.`)
}
