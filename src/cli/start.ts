import { join } from 'node:path'
import { Command } from 'commander'
import { makeSample, quarterDays, type SampleCompany, startStaff } from '../../sample/index.ts'
import { Fault } from '../contract/index.ts'
import { type EngineEvent, openDesk, startEngine } from '../engine/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { listen, makeServer, percent, standingRow } from '../server/index.ts'
import { readLogs, type ShadowReport, shadow, withAnswers } from '../shadow/index.ts'
import { skills } from '../skills/index.ts'
import { surfaces } from '../surfaces/index.ts'
import {
  everySurface,
  mailDeployments,
  ownVolunteer,
  saveDeployment,
  type TableSettings,
  tableDeployments,
  whereOf,
} from './deployments.ts'
import { announceQuarter, playQuarter, type QuarterOptions } from './made-up-quarter.ts'
import { type DataOptions, dataFolder, openLedgerIn, withData } from './open-ledger.ts'
import { hurting, hurtsText, keepCosts, reportOn, withPain } from './pain-from-shadow.ts'
import { bar, progressLine } from './progress.ts'
import { sendDueReports } from './report-sending.ts'
import { answersIn } from './routine-answers.ts'
import { teamRecords } from './team-records.ts'
import { textTable } from './text-table.ts'
import { trainInThread, trainInThreadWith } from './train-thread.ts'
import { writersFor } from './writer.ts'

const defaultPort = 7420
/** Simulated seconds for each real one in the made-up company. */
const sampleSpeed = 60
/** How often it looks whether a weekly report is due, in milliseconds. */
const reportsEvery = 60_000

interface StartOptions extends DataOptions, TableSettings {
  mail?: string
  me?: string[]
  table?: string
  port: string
  shadow?: string[]
  dryRun?: boolean
  json?: boolean
}

export function startCommand(): Command {
  return withData(new Command('start'))
    .description(
      'Run the loop: learn, prove, watch, suggest where people work. Without anything connected, on a made-up company.',
    )
    .option(
      '--mail <folder>',
      'a mailbox of yours: Maildir, mbox file, or a folder of mbox files; labels, and drafts where there is sent mail',
    )
    .option('--me <address...>', 'your own addresses in that mailbox')
    .option('--table <file>', 'a table of yours: CSV or XLSX')
    .option('--target <column>', 'with --table: the column with the outcome (won or lost)')
    .option('--positive <value>', 'with --target: the value that counts as won')
    .option('--text <column>', 'with --table: a column with text to be labelled')
    .option('--label <column>', 'with --text: the column with the label')
    .option('--key <column>', 'with --table: the column that tells rows apart')
    .option('--order <column>', 'with --table: the time column')
    .option('--sheet <name>', 'with --table: the sheet of a workbook')
    .option(
      '--shadow <log...>',
      'with --mail or --table: logs of how people work (as in inlay shadow), to measure what the task costs',
    )
    .option(
      '--port <number>',
      'port of the status page, on this machine only',
      process.env.INLAY_PORT ?? String(defaultPort),
    )
    .option('--dry-run', 'learn, prove and judge on live work, but show nothing to anybody')
    .option('--json', 'print where it stands as one JSON document once all is proven, then run on quietly')
    .addHelpText(
      'after',
      '\nExample:\n  inlay start --mail ~/Maildir\n  inlay start --table leads.csv --target won\n',
    )
    .action(start)
}

export function workerCommand(): Command {
  return withData(new Command('worker'))
    .description('One more worker on the Postgres of DATABASE_URL: the loop without the page.')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://… inlay worker\n')
    .action(async (options: DataOptions) => {
      if (!process.env.DATABASE_URL) {
        throw new Fault(
          'bad-input',
          'A further worker needs DATABASE_URL, the Postgres that it shares with inlay start.',
        )
      }
      const folder = await dataFolder(options)
      const { ledger, close } = await openLedgerIn(folder, { alone: false, own: true })
      const records = teamRecords({ ledger, surfaces, skills, folder })
      const writers = await writersFor(folder, ledger)
      const engine = await startEngine({
        ledger,
        surfaces,
        skills,
        folder,
        train: trainInThreadWith(folder, records),
        toolsFor: (id) => ({ ...writers?.(id), facts: records.factsFor(id) }),
        onEvent: say(),
      })
      await untilStopped()
      await engine.stop()
      await close()
    })
}

async function start(options: StartOptions): Promise<void> {
  const port = portOf(options.port)
  const bare = [
    ...(options.mail ? mailDeployments(options.mail, options.me ?? []) : []),
    ...(options.table ? tableDeployments(options.table, tableSettings(options)) : []),
  ]
  const report = options.shadow ? await reportOn(options.shadow, options) : null
  const drafts = report ? withPain(bare, report) : bare
  const folder = await dataFolder(options)
  const began = performance.now()
  const note = (line: string) => void process.stderr.write(`${line}\n`)
  const { ledger, madeUp, close } = await openLedgerIn(folder, { alone: true, own: drafts.length > 0 })
  const closing = [close]
  const stopped = untilStopped()
  try {
    for (const draft of drafts) {
      // Opened once before it is kept, so that what is wrong with it is told at once.
      const desk = await openDesk({ ...draft, id: 'trial' }, { ledger, surfaces, skills, folder })
      await desk.close()
      const saved = await saveDeployment(ledger, draft)
      if (report) await keepCosts(ledger, saved, report)
    }
    if (drafts.length) note(options.dryRun ? 'Nothing is shown to anybody: a dry run.' : ownVolunteer)
    const made = madeUp ? await sampleIn(folder, ledger, note) : null
    const sample = made?.sample ?? null
    const hurts = made?.hurts ?? report
    const places = new Map<string, string>()
    const where = (id: string) => places.get(id) ?? ''
    const recall = async () => {
      for (const { id, settings, surface } of await ledger.deployments())
        places.set(id, whereOf(settings, surface))
    }
    await recall()

    const clock = await clockFor(sample, ledger)
    const skillOf = new Map((await ledger.deployments()).map(({ id, skill }) => [id, skill]))
    const about = (id: string) => skills[skillOf.get(id) ?? '']?.about ?? ''
    const server = await makeServer({
      ledger,
      where,
      madeUp,
      about,
      now: clock.now,
      ...(hurts && hurting(hurts, ledger, folder)),
      embed: {
        secret: await ledger.secret('embed'),
        folderOf: (id) => join(folder, 'surfaces', id),
        deployments: async () =>
          (await ledger.deployments()).flatMap(({ id, skill }) =>
            skills[skill]?.kind === 'report' ? [id] : [],
          ),
      },
    })
    closing.push(() => server.close())
    const url = await listen(server, port)

    const table = async () => {
      await recall()
      const healths = await ledger.healths()
      return textTable(
        (await ledger.standing()).map((row) =>
          standingRow(row, where(row.deployment), healths.get(row.deployment)?.health),
        ),
      )
    }
    const screen = makeScreen({ table, note, quiet: Boolean(options.json), began })
    const given = { ledger, surfaces: madeUp ? everySurface : surfaces, skills, folder, now: clock.now }
    const records = teamRecords(given)
    const writers = await writersFor(folder, ledger)
    const engine = await startEngine({
      ...given,
      train: trainInThreadWith(folder, records),
      toolsFor: (id) => ({ ...writers?.(id), facts: records.factsFor(id) }),
      showNothing: Boolean(options.dryRun),
      onEvent: screen.onEvent,
      answerUrl: (card, answer) => `${url}/answer/${card}?answer=${answer}`,
    })
    closing.push(() => engine.stop())

    const reporting = setInterval(() => {
      const now = clock.now()
      void sendDueReports({ ledger, folder, surfaces: everySurface, skills, now })
        .then((sent) => {
          for (const { team, to } of sent) note(`Report on ${team} sent to ${to}.`)
        })
        .catch((cause) =>
          note(`A report could not be sent: ${cause instanceof Error ? cause.message : cause}`),
        )
    }, reportsEvery)
    closing.push(async () => clearInterval(reporting))
    const leaving = new AbortController()
    closing.push(async () => leaving.abort())
    note(`Status page: ${url}`)
    const introduce = async () => {
      await allProved(ledger, leaving.signal)
      if (leaving.signal.aborted) return
      const quarter = sample && quarterOf(sample, { ledger, folder, signal: leaving.signal, note })
      if (quarter) await announceQuarter(quarter)
      if (options.json) process.stdout.write(`${JSON.stringify(await ledger.standing())}\n`)
      await screen.proved()
      if (leaving.signal.aborted) return
      note('')
      if (hurts) note(`${hurtsText(hurts)}\n`)
      note(sample ? 'This company is made up. On your own work:' : 'To add more of your own work:')
      note('  inlay start --mail FOLDER                    a Maildir or mbox')
      note(
        '  inlay start --table FILE --target COLUMN     a CSV or XLSX with an outcome (or --text … --label …)',
      )
      note('  inlay connect                                anything else, step by step')
      note('It keeps running; Ctrl-C stops it, and nothing is lost.')
      note('')
      if (sample) {
        const staff = startStaff(sample, { seed: Date.now(), clock, signal: leaving.signal })
        staff.catch((cause) =>
          note(`The simulated staff stopped: ${cause instanceof Error ? cause.message : cause}`),
        )
        closing.push(() => staff.catch(() => {}))
        const played = playQuarter(quarter!).catch((cause) =>
          note(`The last quarter could not be played: ${cause instanceof Error ? cause.message : cause}`),
        )
        closing.push(() => played)
      }
    }
    const introduced = introduce().catch((cause) =>
      note(`The table could not be drawn: ${cause instanceof Error ? cause.message : cause}`),
    )
    closing.push(() => introduced)
    await stopped
    leaving.abort()
    screen.end()
    note('Stopping …')
  } finally {
    for (const step of closing.reverse()) await step()
  }
}

/** Resolves on Ctrl-C or a polite kill; a second one leaves at once. Under npm, also when npm itself is gone. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(1)
      asked = true
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    const parent = process.ppid
    if (!process.env.npm_lifecycle_event) return
    setInterval(() => process.ppid !== parent && !asked && stop(), 500).unref()
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port
  throw new Fault('bad-input', `--port takes a number from 0 to 65535 (0 is any free one), not "${text}".`)
}

function tableSettings({ target, positive, text, label, order, key, sheet }: StartOptions): TableSettings {
  const given = { target, positive, text, label, order, key, sheet }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function sampleIn(
  folder: string,
  ledger: Ledger,
  note: (line: string) => void,
): Promise<{ sample: SampleCompany; hurts: ShadowReport }> {
  const line = progressLine()
  const fresh = (await ledger.deployments()).length === 0
  if (fresh) note('Nothing is connected yet: making a made-up wholesale company to show the loop on.')
  const sample = await makeSample(join(folder, 'sample'), {
    now: Date.now(),
    progress: (share) => line.show('making the company', share),
  })
  line.clear()
  const seen = shadow(await readLogs([join(sample.folder, 'work', 'recorded-work.csv')]))
  const hurts = withAnswers(seen, await answersIn(ledger))
  for (const deployment of withPain(sample.deployments, hurts)) {
    await saveDeployment(ledger, deployment)
    await keepCosts(ledger, deployment, hurts)
  }
  return { sample, hurts }
}

/** The last quarter of three more desks, played in the background; `inlay report` then tells what it was worth. */
function quarterOf(
  { seed, madeAt }: SampleCompany,
  {
    ledger,
    folder,
    signal,
    note,
  }: { ledger: Ledger; folder: string; signal: AbortSignal; note(line: string): void },
): QuarterOptions {
  return {
    ledger,
    folder,
    skills,
    train: trainInThread,
    seed,
    end: madeAt,
    signal,
    onMove: (team, day, to, because) =>
      note(`Made-up quarter, ${team}, day ${day + 1} of ${quarterDays}: ${to}. ${because}`),
    onEnd: (team) =>
      note(`Made-up quarter, ${team}: over. 'inlay report --team "${team}"' tells what it was worth.`),
  }
}

/** Real time, or that of the made-up company, which runs fast and never back, also over restarts. */
async function clockFor(
  sample: SampleCompany | null,
  ledger: Ledger,
): Promise<{ now(): number; speed: number }> {
  if (!sample) return { now: Date.now, speed: 1 }
  const last = Math.max(0, ...(await ledger.standing()).map(({ lastSeenAt }) => lastSeenAt ?? 0))
  const base = Math.max(Date.now(), last)
  const began = performance.now()
  return { now: () => Math.round(base + (performance.now() - began) * sampleSpeed), speed: sampleSpeed }
}

/** Resolves when every deployment has a proof or a reason why there is none. */
async function allProved(ledger: Ledger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ids = new Set((await ledger.deployments()).map(({ id }) => id))
    const standing = (await ledger.standing()).filter(({ deployment }) => ids.has(deployment))
    if (standing.length && standing.every(({ proof, failure }) => proof || failure)) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What is seen on the terminal while it runs: bars while it learns, then the table whenever it has moved. */
function makeScreen({
  table,
  note,
  quiet,
  began,
}: {
  table(): Promise<string>
  note(line: string): void
  quiet: boolean
  began: number
}) {
  const line = progressLine()
  const terminal = process.stdout.isTTY && !quiet
  let lastTable = ''
  let height = 0
  let learning = true
  let placedYet = false
  const shares = new Map<string, { share: number; what: string }>()
  const draw = async () => {
    if (quiet || learning) return
    const text = await table()
    if (text === lastTable) return
    if (terminal && height) process.stdout.write(`\x1b[${height}A\x1b[J`)
    process.stdout.write(`${text}\n${terminal ? '' : '\n'}`)
    lastTable = text
    height = terminal
      ? text
          .split('\n')
          .reduce((sum, row) => sum + Math.max(1, Math.ceil(row.length / (process.stdout.columns || 80))), 0)
      : 0
  }
  const timer = setInterval(() => void draw().catch(() => {}), terminal ? 1_000 : 15_000)
  const tell = (text: string) => {
    line.clear()
    note(text)
    // What was drawn above is no longer the last thing on the screen.
    height = 0
    lastTable = ''
  }
  return {
    onEvent(event: EngineEvent) {
      if (event.type === 'progress' && event.what === 'learning' && event.share !== null) {
        shares.set(event.deployment, { share: event.share, what: 'learning and proving' })
        if (terminal || process.stderr.isTTY) {
          const sum = [...shares.values()].reduce((total, each) => total + each.share, 0)
          line.show(`learning and proving (${shares.size})`, sum / shares.size)
        } else line.show(`${event.deployment}: learning and proving`, event.share)
      }
      if (event.type === 'proved') {
        line.clear()
        const { proof } = event
        note(
          `${event.deployment}: ${proof.passed ? `would show ${percent(proof.coverage, 0)}` : 'stays silent'}. ${proof.because}`,
        )
      }
      if (event.type === 'staged') tell(`${event.deployment}: ${event.from} → ${event.to}. ${event.because}`)
      if (event.type === 'failed') tell(`${event.deployment}: ${event.what} failed: ${event.because}`)
      if (event.type === 'placed' && !placedYet) {
        placedYet = true
        tell(
          `${event.deployment}: placed the first ${event.count} after ${((performance.now() - began) / 1000).toFixed(1)} s.`,
        )
      }
    },
    async proved() {
      line.clear()
      learning = false
      await draw()
      height = 0
    },
    end() {
      clearInterval(timer)
      line.clear()
    },
  }
}

/** A worker's plain lines. */
function say(): (event: EngineEvent) => void {
  return (event) => {
    if (event.type === 'failed') console.error(`${event.deployment}: ${event.what} failed: ${event.because}`)
    if (event.type === 'placed') console.error(`${event.deployment}: placed ${event.count}`)
    if (event.type === 'staged')
      console.error(`${event.deployment}: ${event.from} → ${event.to}. ${event.because}`)
    if (event.type === 'progress' && event.share === 1)
      console.error(bar(`${event.deployment}: ${event.what}`, 1))
  }
}
