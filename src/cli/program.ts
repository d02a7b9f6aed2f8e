import { Command, CommanderError } from 'commander'
import { Fault } from '../contract/fault.ts'

/** Every command there is. Only the one that is asked for is loaded: a bulk run must not wait for a server's parts. */
const commands: Record<string, () => Promise<Command>> = {
  try: async () => (await import('./try.ts')).tryCommand(),
  fill: async () => (await import('./fill.ts')).fillCommand(),
  summary: async () => (await import('./summary.ts')).summaryCommand(),
  shadow: async () => (await import('./shadow.ts')).shadowCommand(),
  diagnose: async () => (await import('./diagnose.ts')).diagnoseCommand(),
  start: async () => (await import('./start.ts')).startCommand(),
  worker: async () => (await import('./start.ts')).workerCommand(),
  connect: async () => (await import('./connect.ts')).connectCommand(),
  build: async () => (await import('./build.ts')).buildCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  stage: async () => (await import('./people-commands.ts')).stageCommand(),
  answer: async () => (await import('./people-commands.ts')).answerCommand(),
  wish: async () => (await import('./people-commands.ts')).wishCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  undo: async () => (await import('./ledger-commands.ts')).undoCommand(),
  erase: async () => (await import('./ledger-commands.ts')).eraseCommand(),
  rebuild: async () => (await import('./ledger-commands.ts')).rebuildCommand(),
  'apps-script': async () => (await import('./apps-script.ts')).appsScriptCommand(),
  'rotate-key': async () => (await import('./rotate-key.ts')).rotateKeyCommand(),
}

/** Runs the command that the line asks for. A line that cannot be read is a Fault (`bad-input`). */
export async function runProgram(asked: string): Promise<void> {
  const program = new Command('inlay')
    .description('AI inside the tools a team already works in, silent until it has proven useful.')
    .version('0.1.0')
    .showSuggestionAfterError()
    .addHelpText('after', '\nExample:\n  inlay try triage tickets.csv --text subject --label team\n')
  for (const load of Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands)) {
    program.addCommand(await load())
  }
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    command.exitOverride()
    // Commander would print its own sentence and leave; ours goes through one door, in main.ts.
    command.configureOutput({ outputError: () => {} })
  }
  try {
    await program.parseAsync()
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    if (cause.exitCode === 0) return
    // A command that only has further commands has shown its help already.
    if (cause.code === 'commander.help') {
      process.exitCode = 2
      return
    }
    const message = cause.message.replace(/^error: /, '').replaceAll('\n', ' ')
    throw new Fault('bad-input', `${message} ('inlay --help' shows what there is.)`)
  }
}
