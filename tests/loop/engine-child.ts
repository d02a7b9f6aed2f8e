import type { Skill, Surface } from '../../src/contract/index.ts'
import { startEngine } from '../../src/engine/index.ts'
import { openLedger } from '../../src/ledger/index.ts'

/**
 * An engine in a process of its own, to be killed: `engine-child.ts URL SCHEMA FOLDER SURFACE SKILL`, the last two as
 * the path of a file and the name of its export (`inbox/maildir.ts#maildir`). It loads no more than these: it is
 * started many times.
 */
const [url, schema, folder, surfaceAt, skillAt] = process.argv.slice(2)
const load = async <Thing extends { name: string }>(room: string, at: string) => {
  const [file, name] = at.split('#')
  const thing: Thing = (await import(`../../src/${room}/${file}`))[name!]
  return { [thing.name]: thing }
}
const ledger = await openLedger({ url: url!, schema: schema!, poolSize: 6 })
const engine = await startEngine({
  ledger,
  surfaces: await load<Surface>('surfaces', surfaceAt!),
  skills: await load<Skill>('skills', skillAt!),
  folder: folder!,
  holdback: 0.2,
})
process.send?.('started')
process.on('SIGTERM', async () => {
  await engine.stop()
  await ledger.close()
  process.exit(0)
})
