import { Fault } from '../contract/fault.ts'
import { readPlainLine } from './plain-line.ts'

// A reader that leaves early (`| head`) is no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  const [asked = '', ...rest] = process.argv.slice(2)
  const told = asked === 'summary' && (await toldPlainly(rest))
  if (!told) {
    const { runProgram } = await import('./program.ts')
    await runProgram(asked)
  }
} catch (cause) {
  process.exitCode = tell(cause)
}

/** A summary that is asked for in a plain line; false for any other line. */
async function toldPlainly(args: readonly string[]): Promise<boolean> {
  const { summaryOptions, tellSummary } = await import('./tell-summary.ts')
  const line = readPlainLine(args, summaryOptions)
  if (line) await tellSummary(line.argument, line.options)
  return line !== null
}

/** One sentence on stderr, and the exit code: 2 for what the person can mend, 1 for a fault of our own. */
function tell(cause: unknown): number {
  if (cause instanceof Fault && cause.kind !== 'bug') {
    console.error(`inlay: ${cause.message}`)
    return 2
  }
  console.error(
    `inlay: a fault of our own: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`,
  )
  return 1
}
