import { Command } from 'commander'
import { Fault } from '../contract/index.ts'
import { keyVariable, openKeyring, resealAll } from '../engine/index.ts'
import { surfaces } from '../surfaces/index.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'

export function rotateKeyCommand(): Command {
  return withData(new Command('rotate-key'))
    .description(
      `Make a new key for the secrets of connected surfaces, and encrypt them anew with it; with ${keyVariable}, only the latter. A running Inlay goes on.`,
    )
    .option('--forget', 'drop the earlier keys: backups that were made before can then not be read any more')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay rotate-key\n  inlay rotate-key --forget\n')
    .action(async (options: DataOptions & { forget?: boolean; json?: boolean }) => {
      const done = await withLedger({ ...options, own: true }, async (ledger, folder) => {
        const lease = await ledger.lease('rotate-key')
        if (!lease) throw new Fault('busy', 'Another rotate-key is running; let it end first.')
        try {
          const keyring = openKeyring(folder)
          const key = process.env[keyVariable] ? keyring.current() : keyring.rotate()
          const secrets = await resealAll(ledger, surfaces, keyring)
          return { key, secrets, forgotten: options.forget ? keyring.forget() : 0 }
        } finally {
          await lease.release()
        }
      })
      if (options.json) process.stdout.write(`${JSON.stringify(done)}\n`)
      else {
        console.log(`${done.secrets} secrets are encrypted with the key ${done.key} now.`)
        if (done.forgotten) console.log(`${done.forgotten} earlier keys were dropped.`)
      }
    })
}
