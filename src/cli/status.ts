import { Command } from 'commander'
import { isConnected } from '../contract/index.ts'
import { standingRow } from '../server/index.ts'
import { whereOf } from './deployments.ts'
import { nothingYet } from './nothing-yet.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'
import { textTable } from './text-table.ts'

interface JsonOptions extends DataOptions {
  json?: boolean
}

export function statusCommand(): Command {
  return withData(new Command('status'))
    .description('Where each skill stands: its locks, what it would show, what came of it.')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay status\n')
    .action((options: JsonOptions) =>
      withLedger(options, async (ledger) => {
        const standing = await ledger.standing()
        const healths = await ledger.healths()
        const healthOf = (id: string) => healths.get(id)?.health ?? null
        if (options.json) {
          const all = standing.map((row) => {
            const health = healthOf(row.deployment)
            return { ...row, connected: health && isConnected(health, Date.now()), health }
          })
          return void process.stdout.write(`${JSON.stringify(all)}\n`)
        }
        if (standing.length === 0) return void console.log(nothingYet)
        const places = new Map(
          (await ledger.deployments()).map(({ id, settings, surface }) => [id, whereOf(settings, surface)]),
        )
        const rows = standing.map((row) =>
          standingRow(row, places.get(row.deployment) ?? '', healthOf(row.deployment)),
        )
        console.log(textTable(rows))
      }),
    )
}
