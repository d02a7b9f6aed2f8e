import { resolve } from 'node:path'
import { Command } from 'commander'
import { Fault } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import {
  formatReports,
  type ReportFormat,
  reportDue,
  reportedKinds,
  reportFormats,
  type TeamReport,
  teamReports,
  teamReportsNow,
  toldKinds,
} from '../measure/index.ts'
import { skills } from '../skills/index.ts'
import { everySurface } from './deployments.ts'
import { nothingYet } from './nothing-yet.ts'
import { type DataOptions, dataFolder, openLedgerIn, withData } from './open-ledger.ts'
import { destinationOf, formatFor, sendReport, teamsOf } from './report-sending.ts'

interface ReportOptions extends DataOptions {
  team?: string
  at?: string
  format?: string
  to?: string
  weekly?: boolean
  stop?: boolean
  schedules?: boolean
  json?: boolean
}

export function reportCommand(): Command {
  return withData(new Command('report'))
    .description(
      'One page a team: what it saved, from randomised holdbacks, how good it is, what people say, what hurts next.',
    )
    .option('--team <name>', 'this team only')
    .option(
      '--at <date>',
      'as it stood at the end of this day (2026-03-31, UTC), or at a moment (2026-03-31T12:00Z)',
    )
    .option('--format <name>', `one of ${reportFormats.join(', ')}`, 'text')
    .option(
      '--to <where>',
      'send the last full week there: a file, a folder, a Maildir, or a deployment whose tool shows it',
    )
    .option('--weekly', 'with --to: send it each week from now on, while inlay start runs')
    .option('--stop', 'with --to: no longer send it there')
    .option('--schedules', 'where reports go by themselves')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  inlay report\n  inlay report --team sales --at 2026-03-31 --format html > sales.html\n  inlay report --to ~/Maildir --weekly\n',
    )
    .action(report)
}

async function report(options: ReportOptions): Promise<void> {
  if (options.to !== undefined || options.schedules) return send(options)
  const format = options.json ? 'json' : formatOf(options.format ?? 'text')
  const at = options.at === undefined ? null : momentOf(options.at)
  const folder = await dataFolder(options)
  const { ledger, madeUp, close } = await openLedgerIn(folder, { alone: false, own: false })
  try {
    const until = at ?? (await now(ledger, madeUp))
    const { team } = options
    const wanted = { until, ...(team !== undefined && { team }) }
    const reports =
      at === null
        ? await reportsNow(ledger, wanted)
        : await teamReports(ledger.facts({ kinds: reportedKinds }), wanted)
    if (reports.length === 0 && team !== undefined) throw await noSuchTeam(ledger, team)
    if (madeUp && reports.length > 0) process.stderr.write('This company is made up.\n')
    if (reports.length > 0 || format === 'json') process.stdout.write(`${formatReports(reports, format)}\n`)
    else if (at === null) console.log(nothingYet)
    else console.log(`Nothing was connected yet at ${new Date(at).toISOString()}.`)
  } finally {
    await close()
  }
}

/** Sends the last full week somewhere, now and then each week; or lists and ends what goes out by itself. */
async function send(options: ReportOptions): Promise<void> {
  const folder = await dataFolder(options)
  const { ledger, madeUp, close } = await openLedgerIn(folder, { alone: false, own: false })
  const tell = (what: object, words: string) =>
    options.json ? process.stdout.write(`${JSON.stringify(what)}\n`) : console.log(words)
  try {
    if (options.to === undefined) {
      const all = await ledger.schedules()
      const lines = all.map(
        ({ destination, team, format }) => `${destination}  ${team ?? 'every team'}  ${format}`,
      )
      return void tell(
        all,
        lines.join('\n') || "No report goes out by itself; 'inlay report --to WHERE --weekly' begins.",
      )
    }
    const known = (await ledger.deployments()).some(({ id }) => id === options.to)
    const to = known ? options.to : resolve(options.to)
    if (options.stop) {
      const stopped = await ledger.dropSchedule(to)
      if (!stopped)
        throw new Fault(
          'bad-input',
          `No report goes to ${to} by itself; 'inlay report --schedules' lists where they go.`,
        )
      return void tell({ stopped: to }, `No more reports go to ${to}.`)
    }
    const destination = await destinationOf(ledger, to)
    const format = options.json || !options.format ? formatFor(destination) : formatOf(options.format)
    const schedule = { destination: to, team: options.team ?? null, format }
    const teams = await teamsOf(ledger, schedule.team)
    if (teams.size === 0)
      throw options.team ? await noSuchTeam(ledger, options.team) : new Fault('bad-input', nothingYet)
    if (options.weekly) await ledger.saveSchedule(schedule)
    const sending = { ledger, folder, surfaces: everySurface, skills, now: await now(ledger, madeUp) }
    const until = reportDue(null, sending.now)!
    const sent: string[] = []
    for (const [team, deployment] of teams)
      if (await sendReport(sending, schedule, { team, deployment, until })) sent.push(team)
    const what = sent.length
      ? `Sent to ${to}: ${sent.join(', ')}.`
      : 'There was nothing to tell of the last full week yet.'
    tell(
      { to, until: new Date(until).toISOString(), teams: sent, weekly: Boolean(options.weekly) },
      `${what}${options.weekly ? ' From now on each week, while inlay start runs.' : ''}`,
    )
  } finally {
    await close()
  }
}

/** From the ledger's sums: as quick with millions of items as with few. */
export function reportsNow(ledger: Ledger, wanted: { until: number; team?: string }): Promise<TeamReport[]> {
  const workOf = async (deployment: string, people: readonly string[]) => {
    const [{ rows, people: workers }, outcomes, done, rolledOut] = await Promise.all([
      ledger.rollups(deployment),
      ledger.outcomes(deployment),
      ledger.doneBy(deployment, people),
      ledger.rolledOut(deployment),
    ])
    return { rows, people: workers, outcomes, done, rolledOut }
  }
  return teamReportsNow(ledger.facts({ kinds: toldKinds }), workOf, wanted)
}

/** The made-up company lives ahead of the clock. */
async function now(ledger: Ledger, madeUp: boolean): Promise<number> {
  const seen = madeUp ? (await ledger.standing()).map(({ lastSeenAt }) => lastSeenAt ?? 0) : []
  return Math.max(Date.now(), ...seen)
}

function formatOf(name: string): ReportFormat {
  const format = reportFormats.find((each) => each === name)
  if (format) return format
  throw new Fault('bad-input', `--format takes one of ${reportFormats.join(', ')}, not "${name}".`)
}

/** Milliseconds since the epoch: a day alone is its end in UTC. */
export function momentOf(given: string): number {
  const wrong = new Fault(
    'bad-input',
    `--at takes a day (2026-03-31) or a moment with its zone (2026-03-31T12:00Z), not "${given}".`,
  )
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(given) ?? []
  if (day === undefined) throw wrong
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // 31 February is read as a day in March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) throw wrong
  const moment = time === undefined ? midnight + 24 * 3600 * 1000 - 1 : Date.parse(given)
  if (Number.isNaN(moment)) throw wrong
  return moment
}

async function noSuchTeam(ledger: Ledger, team: string): Promise<Fault> {
  const teams = [...new Set((await ledger.standing()).map((each) => each.team))].sort()
  const there = teams.length ? `there are: ${teams.join(', ')}` : 'nothing is connected'
  const known = teams.includes(team)
  return new Fault(
    'bad-input',
    known
      ? `Nothing of the team "${team}" was connected yet at that date; choose a later one with --at.`
      : `There is no team "${team}"; ${there}.`,
  )
}
