import { Command } from 'commander'
import type { ItemState, Ledger, Standing } from '../ledger/index.ts'
import {
  type JudgedOutcome,
  type Quality,
  quality,
  type TimedItem,
  type TimeSaved,
  timeSaved,
} from '../measure/index.ts'
import { percent, standingRow } from '../server/index.ts'
import { whereOf } from './deployments.ts'
import { type DataOptions, withData, withLedger } from './open-ledger.ts'
import { textTable } from './text-table.ts'

interface JsonOptions extends DataOptions {
  json?: boolean
}

const nothingYet = "Nothing is connected yet; 'inlay connect' or 'inlay start' begins."

export function statusCommand(): Command {
  return withData(new Command('status'))
    .description('Where each skill stands: its locks, what it would show, what came of it.')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay status\n')
    .action((options: JsonOptions) =>
      withLedger(options, async (ledger) => {
        const standing = await ledger.standing()
        if (options.json) return void process.stdout.write(`${JSON.stringify(standing)}\n`)
        if (standing.length === 0) return void console.log(nothingYet)
        const places = new Map(
          (await ledger.deployments()).map(({ id, settings }) => [id, whereOf(settings)]),
        )
        console.log(textTable(standing.map((row) => standingRow(row, places.get(row.deployment) ?? ''))))
      }),
    )
}

export function reportCommand(): Command {
  return withData(new Command('report'))
    .description('What it saved, from randomised holdbacks, and what people made of what they were shown.')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay report\n')
    .action((options: JsonOptions) =>
      withLedger(options, async (ledger) => {
        const reports = []
        for (const standing of await ledger.standing()) reports.push(await reportOn(ledger, standing))
        if (options.json) return void process.stdout.write(`${JSON.stringify(reports)}\n`)
        if (reports.length === 0) return void console.log(nothingYet)
        console.log(reports.map(reportText).join('\n\n'))
      }),
    )
}

interface DeploymentReport {
  deployment: string
  team: string
  stage: string
  because: string | null
  time: TimeSaved
  quality: Quality
}

async function reportOn(
  ledger: Ledger,
  { deployment, team, stage, because }: Standing,
): Promise<DeploymentReport> {
  const times: TimedItem[] = []
  const outcomes: JudgedOutcome[] = []
  for await (const state of ledger.items(deployment, { open: false })) {
    const timed = timedItem(state)
    if (timed) times.push(timed)
    const { outcome, useful, group, item } = state
    if (outcome && useful !== null) outcomes.push({ group: group ?? item, outcome, useful })
  }
  return { deployment, team, stage, because, time: timeSaved(times), quality: quality(outcomes) }
}

function timedItem({ arm, seconds, didAt, person }: ItemState): TimedItem | null {
  if (arm === null || arm === 'silent' || seconds === null || didAt === null) return null
  // Of several unknown people nobody can be told from another: they count as one.
  return { arm, seconds, at: didAt, person: person ?? 'unknown' }
}

function reportText({
  deployment,
  stage,
  because,
  time,
  quality: { total, counts, usefulRate, lowerBound },
}: DeploymentReport): string {
  const what = ['used', 'edited', 'discarded', 'ignored'] as const
  return [
    `${deployment}: ${stage}. ${because ?? ''}`.trimEnd(),
    `  Time: ${time.because}`,
    usefulRate === null || lowerBound === null
      ? '  Quality: nobody has dealt with anything that was shown yet.'
      : `  Quality: of ${total} shown ${what.map((name) => `${counts[name]} ${name}`).join(', ')}; ${percent(usefulRate, 1)} useful, at least ${percent(lowerBound, 1)} with 95 % confidence.`,
  ].join('\n')
}
