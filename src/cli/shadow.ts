import { Command } from 'commander'
import { readLogs, type ShadowReport, shadow } from '../shadow/index.ts'

export interface LogOptions {
  case?: string
  activity?: string
  time?: string
  person?: string
  zone?: string
  json?: boolean
}

/** The options of every command that reads logs. */
export function withLogs(command: Command): Command {
  return command
    .argument('<log...>', 'UI logs and event logs (CSV), XES, OCEL, ActivityWatch exports; plain or gzipped')
    .option('--case <column>', 'the column of cases, where a CSV calls it something unknown')
    .option('--activity <column>', 'the column of what was done')
    .option('--time <column>', 'the column of times')
    .option('--person <column>', 'the column of who did it')
    .option('--zone <name>', 'time zone of times that have none, such as Europe/Berlin (default UTC)')
    .option('--json', 'one JSON document on stdout')
}

export const openLogs = (paths: string[], { zone, case: caseColumn, activity, time, person }: LogOptions) =>
  readLogs(paths, { zone, columns: { case: caseColumn, activity, time, person } })

export function shadowCommand(): Command {
  return withLogs(new Command('shadow'))
    .description('What hurts: routines in what people really do, by the hours a week that they cost.')
    .addHelpText('after', '\nExample:\n  inlay shadow recorded-work.csv\n')
    .action(async (paths: string[], options: LogOptions) => {
      const log = await openLogs(paths, options)
      for (const notice of log.notices) console.error(notice)
      const report = shadow(log)
      if (options.json) return void process.stdout.write(`${JSON.stringify(report)}\n`)
      console.log(reportText(report))
    })
}

function reportText({ events, people, span, routines, opportunities }: ShadowReport): string {
  const head = `${events} events of ${people < 5 ? 'fewer than 5' : people} people, ${span.from.slice(0, 10)} to ${span.to.slice(0, 10)}.`
  if (opportunities.length === 0) return `${head}\nNothing is done often enough to call it a routine.`
  const shown = opportunities.slice(0, 15)
  const steps = new Map(routines.map((routine) => [routine.id, routine]))
  const table = aligned(
    shown.map(({ routine, hoursPerWeek, interval, people: who, skill }) => ({
      routine,
      kind: steps.get(routine)?.kind ?? '',
      'hours a week': hoursPerWeek.toFixed(1),
      between: interval ? `${interval.low.toFixed(1)} and ${interval.high.toFixed(1)}` : '',
      people: String(who),
      skill: skill ?? 'nothing of ours',
    })),
  )
  const details = shown.slice(0, 5).map(({ routine, why, ask }) => {
    const { steps: list = [] } = steps.get(routine) ?? {}
    return [
      `${routine}: ${list.slice(0, 8).join(' → ')}${list.length > 8 ? ' → …' : ''}`,
      why,
      ...ask.map((q) => `  ? ${q}`),
    ].join('\n')
  })
  return [head, table, ...details].join('\n\n')
}

/** Rows as an aligned table under the names of their fields. */
export function aligned(rows: readonly Record<string, string>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [
    line(names),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map((row) => line(names.map((name) => row[name]!))),
  ].join('\n')
}
