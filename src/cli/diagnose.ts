import { Command } from 'commander'
import { type Diagnosis, diagnose, inventory } from '../shadow/index.ts'
import { type LogOptions, openLogs, withLogs } from './shadow.ts'

export function diagnoseCommand(): Command {
  return withLogs(new Command('diagnose'))
    .option('--tool <host>', 'host or name of the AI tool; without it, every AI tool seen')
    .description('Why an AI tool is not used: which of the three locks are closed, with the evidence.')
    .addHelpText('after', '\nExample:\n  inlay diagnose recorded-work.csv --tool chatgpt.com\n')
    .action(async (paths: string[], options: LogOptions & { tool?: string }) => {
      const log = await openLogs(paths, options)
      for (const notice of log.notices) console.error(notice)
      if (options.tool === undefined) {
        const tools = inventory(log)
        if (options.json) return void process.stdout.write(`${JSON.stringify({ tools })}\n`)
        return void console.log(
          tools.length === 0
            ? 'No AI tool that is known by its address or name is in these logs; --tool names one.'
            : tools.map(diagnosisText).join('\n\n'),
        )
      }
      const diagnosis = diagnose(log, options.tool)
      if (options.json) return void process.stdout.write(`${JSON.stringify(diagnosis)}\n`)
      console.log(diagnosisText(diagnosis))
    })
}

function diagnosisText({ tool, episodes, locks, causes, text }: Diagnosis): string {
  const lines = Object.entries(locks).map(
    ([name, { open, because }]) => `  ${name.padEnd(6)} ${open ? 'open  ' : 'closed'} ${because}`,
  )
  return [
    `${tool}, ${episodes} uses: ${causes.length === 0 ? 'none of the three causes' : causes.join(', ')}`,
    ...lines,
    text,
  ].join('\n')
}
