import { Fault } from '../contract/index.ts'
import { claimDataFolder, type Ledger, openLedger, startPostgres } from '../ledger/index.ts'
import { type DataOptions, dataFolder } from './data-options.ts'

export { type DataOptions, dataFolder, programFolder, withData } from './data-options.ts'

/** A team's own work, and the made-up company: side by side in one database, never mixed. */
const schemas = { own: 'inlay', madeUp: 'inlay_made_up' } as const

/** The ledger of a data folder, and what must be closed after it. */
export interface OpenedLedger {
  ledger: Ledger
  /** Whether it is that of the made-up company, because nothing else is connected. */
  madeUp: boolean
  close(): Promise<void>
}

interface LedgerChoice {
  /** The folder must not be in use by another Inlay (Fault `busy`); otherwise its Postgres is shared. */
  alone: boolean
  /** The team's own, also while nothing is connected in it. */
  own: boolean
}

/** Opens the ledger in DATABASE_URL, else in the folder's own Postgres, which is started when it does not run. */
export async function openLedgerIn(folder: string, { alone, own }: LedgerChoice): Promise<OpenedLedger> {
  const claim = await claimDataFolder(folder).catch((cause) => {
    if (!alone && cause instanceof Fault && cause.kind === 'busy') return null
    throw cause
  })
  const closing: (() => Promise<unknown>)[] = []
  if (claim) closing.push(() => claim.release())
  const close = async () => {
    for (const step of closing.reverse()) await step()
  }
  try {
    let url = process.env.DATABASE_URL
    if (!url) {
      const postgres = await startPostgres(folder)
      url = postgres.url
      // Whoever runs the folder stops its Postgres.
      if (claim) closing.push(() => postgres.stop())
    }
    let ledger = await openLedger({ url, schema: schemas.own })
    const madeUp = !own && (await ledger.deployments()).length === 0
    if (madeUp) {
      await ledger.close()
      ledger = await openLedger({ url, schema: schemas.madeUp })
    }
    closing.push(() => ledger.close())
    return { ledger, madeUp, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/**
 * Runs on a ledger that may be in use by a running Inlay, and closes it whatever happens: the team's own, or that of
 * the made-up company while nothing else is connected.
 */
export async function withLedger<Result>(
  { own = false, ...options }: DataOptions & { own?: boolean },
  run: (ledger: Ledger, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await dataFolder(options)
  const { ledger, close } = await openLedgerIn(folder, { alone: false, own })
  try {
    return await run(ledger, folder)
  } finally {
    await close()
  }
}
