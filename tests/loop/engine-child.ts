import { startEngine } from '../../src/engine/index.ts'
import { openLedger } from '../../src/ledger/index.ts'
import { skills } from '../../src/skills/index.ts'
import { surfaces } from '../../src/surfaces/index.ts'

/** An engine in a process of its own, to be killed: `engine-child.ts URL SCHEMA FOLDER`. */
const [url, schema, folder] = process.argv.slice(2)
const ledger = await openLedger({ url: url!, schema: schema!, poolSize: 6 })
const engine = await startEngine({ ledger, surfaces, skills, folder: folder!, holdback: 0.2 })
process.send?.('started')
process.on('SIGTERM', async () => {
  await engine.stop()
  await ledger.close()
  process.exit(0)
})
