import { mkdir, open, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { Command } from 'commander'
import { Fault } from '../contract/fault.ts'
import {
  type EventLog,
  mailLog,
  picturesOf,
  type RoutineQuestion,
  readLogs,
  type ShadowReport,
  shadow,
  type WorkingHours,
  withAnswers,
  workingHours,
} from '../shadow/index.ts'
import { type DataOptions, withData } from './data-options.ts'
import { readAnswers, sayOfRoutine } from './routine-answers.ts'
import { shortRun } from './short-run.ts'
import type { Traced } from './trace-tasks.ts'

/** Bytes of logs below which the run is over before V8's last compiler has paid for itself. */
const worthOptimising = 2 << 20

export interface LogOptions {
  case?: string
  activity?: string
  time?: string
  person?: string
  zone?: string
  me?: string[]
  versions?: boolean
  json?: boolean
}

/** The options of every command that reads logs. */
export function withLogs(command: Command): Command {
  return command
    .argument(
      '<log...>',
      'UI logs, event logs and change histories (CSV), XES, OCEL, ActivityWatch, HubSpot property history (JSON), plain or gzipped; a mailbox (Maildir, mbox); versions of a workbook',
    )
    .option('--case <column>', 'the column of cases, where a CSV calls it something unknown')
    .option('--activity <column>', 'the column of what was done')
    .option('--time <column>', 'the column of times')
    .option('--person <column>', 'the column of who did it')
    .option('--zone <name>', 'time zone of times that have none, such as Europe/Berlin (default UTC)')
    .option('--me <address...>', 'of a mailbox: whose it is')
    .option('--versions', 'the files are saved versions of one table (CSV, JSON Lines; workbooks always are)')
    .option('--json', 'one JSON document on stdout')
}

/** Logs, or a mailbox's own history: a mailbox is told by being a folder, or by beginning as mail does. */
export async function openLogs(paths: string[], options: LogOptions): Promise<EventLog> {
  const { zone, case: caseColumn, activity, time, person, me = [], versions = false } = options
  if (versions || paths.every((path) => /\.xlsx(?:\.gz)?$/i.test(path))) {
    const { openVersions } = await import('./table-versions.ts')
    return openVersions(paths)
  }
  const mail = await Promise.all(paths.map(isMail))
  if (mail.every((each) => !each)) {
    return readLogs(paths, { zone, columns: { case: caseColumn, activity, time, person } })
  }
  if (mail.includes(false)) {
    throw new Fault(
      'bad-input',
      `Some of ${paths.join(', ')} are mailboxes and some are logs: read them apart.`,
    )
  }
  // Reading mail needs much that logs do not.
  const { readMail } = await import('../surfaces/inbox/read-mail.ts')
  const seen = []
  for await (const { group, at, from, to, cc, automated, receipt } of readMail(paths)) {
    const addresses = [...to, ...cc].map(({ address }) => address)
    seen.push({ conversation: group, at, from: from?.address ?? null, to: addresses, automated, receipt })
  }
  return mailLog(seen, me)
}

async function isMail(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new Fault('bad-input', `There is no file ${path}.`)
  if (found.isDirectory()) return true
  return /^(From |(Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From|To|Date|Subject|X-[\w-]+): )/i.test(
    await beginning(path),
  )
}

async function beginning(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const bytes = buffer.subarray(0, bytesRead)
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (gzipped ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes).toString(
      'latin1',
      0,
      300,
    )
  } catch (cause) {
    // Whoever reads the whole of it says what is wrong with it.
    if ((cause as NodeJS.ErrnoException).code?.startsWith('Z_')) return ''
    throw cause
  } finally {
    await file.close()
  }
}

interface ShadowOptions extends LogOptions, DataOptions {
  hours?: string
  holidays?: string[]
  pictures?: string
  hate?: string
  unhate?: string
  answer?: string[]
  trace?: boolean
}

export function shadowCommand(): Command {
  return withData(withLogs(new Command('shadow')))
    .description('What hurts: routines in what people really do, by the hours a week that they cost.')
    .option('--hours <hours>', 'count waits in working hours only: "Mon-Fri 9:00-17:00, Sat 10:00-14:00"')
    .option('--holidays <date...>', 'with --hours: days on which nobody works, as 2024-12-25')
    .option('--pictures <folder>', 'a picture (SVG) of each routine, into this folder')
    .option('--hate <routine>', 'you do this routine and hate it: it is kept and counts as a pain')
    .option('--unhate <routine>', 'takes that back')
    .option(
      '--answer <routine-question-text...>',
      'keeps your answer beside the evidence: ROUTINE why|from|after TEXT',
    )
    .option(
      '--trace',
      'of later work: which tasks that skills took on are still done by hand; reports tell it',
    )
    .addHelpText(
      'after',
      '\nExample:\n  inlay shadow recorded-work.csv\n  inlay shadow ~/Maildir --me me@example.org --hours "Mon-Fri 9:00-17:00" --zone Europe/Berlin\n  inlay shadow recorded-work.csv --hate routine-3\n',
    )
    .action(async (paths: string[], options: ShadowOptions) => {
      const hours = hoursOf(options)
      const { log, bare } = await shortRun(paths, worthOptimising, async () => {
        const log = await openLogs(paths, options)
        return { log, bare: shadow(log, { hours }) }
      })
      for (const notice of log.notices) console.error(notice)
      const said = answerIn(options)
      if (said) {
        // The ledger is far more than a look at a log needs.
        const { withLedger } = await import('./open-ledger.ts')
        await withLedger({ ...options, own: true }, (ledger, folder) =>
          sayOfRoutine(ledger, folder, bare, said),
        )
      }
      const report = withAnswers(bare, await readAnswers(options))
      if (options.pictures !== undefined) await drawInto(options.pictures, log, report)
      const traced = options.trace ? await trace(report, options) : null
      if (options.json)
        return void process.stdout.write(`${JSON.stringify(traced ? { ...report, traced } : report)}\n`)
      if (!traced) return void console.log(reportText(report))
      const { tracedText } = await import('./trace-tasks.ts')
      console.log(`${reportText(report)}\n\nTasks that skills took on:\n${tracedText(traced)}`)
    })
}

async function trace(report: ShadowReport, options: ShadowOptions): Promise<Traced[]> {
  const { withLedger } = await import('./open-ledger.ts')
  const { traceInLedger } = await import('./trace-tasks.ts')
  return withLedger(options, (ledger) => traceInLedger(ledger, report))
}

function hoursOf({ hours, holidays = [], zone }: ShadowOptions): WorkingHours | undefined {
  if (hours !== undefined) return workingHours(hours, zone ?? 'UTC', holidays)
  if (holidays.length > 0)
    throw new Fault('bad-input', '--holidays needs --hours, such as "Mon-Fri 9:00-17:00".')
  return undefined
}

async function drawInto(folder: string, log: EventLog, report: ShadowReport): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { id, svg } of picturesOf(log, report)) await writeFile(join(folder, `${id}.svg`), svg)
  console.error(`${report.routines.length} pictures are in ${folder}.`)
}

/** What the options say of a routine. */
function answerIn({ hate, unhate, answer }: ShadowOptions) {
  if (hate !== undefined) return { routine: hate, question: 'hated' as const, answer: true }
  if (unhate !== undefined) return { routine: unhate, question: 'hated' as const, answer: false }
  if (answer === undefined) return null
  const [routine = '', question = '', ...words] = answer
  if (!['why', 'from', 'after'].includes(question) || words.length === 0) {
    throw new Fault('bad-input', '--answer takes a routine, one of why, from, after, and what you answer.')
  }
  return { routine, question: question as RoutineQuestion, answer: words.join(' ') }
}

function reportText({ events, people, span, routines, opportunities }: ShadowReport): string {
  const head = `${events} events of ${people < 5 ? 'fewer than 5' : people} people, ${span.from.slice(0, 10)} to ${span.to.slice(0, 10)}.`
  if (opportunities.length === 0) return `${head}\nNothing is done often enough to call it a routine.`
  const shown = opportunities.slice(0, 15)
  const steps = new Map(routines.map((routine) => [routine.id, routine]))
  const table = aligned(
    shown.map(({ routine, hoursPerWeek, interval, people: who, hated, skill }) => ({
      routine,
      kind: steps.get(routine)?.kind ?? '',
      'hours a week': hoursPerWeek.toFixed(1),
      between: interval ? `${interval.low.toFixed(1)} and ${interval.high.toFixed(1)}` : '',
      people: String(who),
      hated: hated === null ? 'not asked' : hated ? 'yes' : 'no',
      skill: skill ?? 'nothing of ours',
    })),
  )
  const details = shown.slice(0, 5).map(({ routine, why, ask, answers }) => {
    const { steps: list = [] } = steps.get(routine) ?? {}
    return [
      `${routine}: ${list.slice(0, 8).join(' → ')}${list.length > 8 ? ' → …' : ''}`,
      why,
      ...ask.flatMap((q, k) => {
        const answer = [answers.why, answers.from, answers.after][k]
        return [`  ? ${q}`, ...(answer === undefined ? [] : [`    ${answer}`])]
      }),
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
