import { Command } from 'commander'
import { summaryOptions, tellSummary } from './tell-summary.ts'

export function summaryCommand(): Command {
  const command = new Command('summary')
    .description('What changed in a metric table, where, by how much, and whether it is news at all.')
    .argument('<table>', 'CSV, JSON Lines or XLSX with a column of numbers')
    .addHelpText(
      'after',
      '\nExample:\n  inlay summary sales.csv --metric revenue --time date --by region,product\n',
    )
    .action(tellSummary)
  for (const [name, [value, about]] of Object.entries(summaryOptions)) {
    command.option(value === null ? `--${name}` : `--${name} ${value}`, about)
  }
  return command
}
