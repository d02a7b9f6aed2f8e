import { Command, CommanderError } from 'commander'
import { Fault } from '../contract/index.ts'
import { connectCommand } from './connect.ts'
import { eraseCommand, rebuildCommand, undoCommand } from './ledger-commands.ts'
import { startCommand, workerCommand } from './start.ts'
import { reportCommand, statusCommand } from './status.ts'
import { tryCommand } from './try.ts'

const program = new Command('inlay')
  .description('AI inside the tools a team already works in, silent until it has proven useful.')
  .version('0.1.0')
  .addCommand(tryCommand())
  .addCommand(startCommand())
  .addCommand(workerCommand())
  .addCommand(connectCommand())
  .addCommand(statusCommand())
  .addCommand(reportCommand())
  .addCommand(undoCommand())
  .addCommand(eraseCommand())
  .addCommand(rebuildCommand())
  .showSuggestionAfterError()
  .addHelpText('after', '\nExample:\n  inlay try triage tickets.csv --text subject --label team\n')

for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
  command.exitOverride()
  // Commander would print its own sentence and leave; ours goes through one door, below.
  command.configureOutput({ outputError: () => {} })
}

// A reader that leaves early (`| head`) is no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  await program.parseAsync()
} catch (cause) {
  process.exitCode = tell(cause)
}

/** One sentence on stderr, and the exit code: 2 for what the person can mend, 1 for a fault of our own. */
function tell(cause: unknown): number {
  if (cause instanceof CommanderError) {
    if (cause.exitCode === 0) return 0
    console.error(
      `inlay: ${cause.message.replace(/^error: /, '').replaceAll('\n', ' ')} ('inlay --help' shows what there is.)`,
    )
    return 2
  }
  if (cause instanceof Fault && cause.kind !== 'bug') {
    console.error(`inlay: ${cause.message}`)
    return 2
  }
  console.error(
    `inlay: a fault of our own: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`,
  )
  return 1
}
