import { startEngine } from '../../src/engine/index.ts'
import { openLedger } from '../../src/ledger/index.ts'
// Only what the mailbox needs, not every surface's client: it is started many times.
import { triage } from '../../src/skills/triage.ts'
import { maildir } from '../../src/surfaces/inbox/maildir.ts'

/** An engine in a process of its own, to be killed: `engine-child.ts URL SCHEMA FOLDER`. */
const [url, schema, folder] = process.argv.slice(2)
const ledger = await openLedger({ url: url!, schema: schema!, poolSize: 6 })
const engine = await startEngine({
  ledger,
  surfaces: { maildir },
  skills: { triage },
  folder: folder!,
  holdback: 0.2,
})
process.send?.('started')
process.on('SIGTERM', async () => {
  await engine.stop()
  await ledger.close()
  process.exit(0)
})
