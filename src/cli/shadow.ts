import { appendFile, mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { Command } from 'commander'
import { Fault } from '../contract/fault.ts'
import {
  type EventLog,
  mailLog,
  picturesOf,
  type RoutineAnswer,
  type RoutineQuestion,
  readLogs,
  type ShadowReport,
  shadow,
  type WorkingHours,
  withAnswers,
  workingHours,
} from '../shadow/index.ts'
import { type DataOptions, dataFolder, withData } from './data-options.ts'

export interface LogOptions {
  case?: string
  activity?: string
  time?: string
  person?: string
  zone?: string
  me?: string[]
  json?: boolean
}

/** The options of every command that reads logs. */
export function withLogs(command: Command): Command {
  return command
    .argument(
      '<log...>',
      'UI logs, event logs and change histories (CSV), XES, OCEL, ActivityWatch, HubSpot property history (JSON), plain or gzipped; a mailbox (Maildir, mbox)',
    )
    .option('--case <column>', 'the column of cases, where a CSV calls it something unknown')
    .option('--activity <column>', 'the column of what was done')
    .option('--time <column>', 'the column of times')
    .option('--person <column>', 'the column of who did it')
    .option('--zone <name>', 'time zone of times that have none, such as Europe/Berlin (default UTC)')
    .option('--me <address...>', 'of a mailbox: whose it is')
    .option('--json', 'one JSON document on stdout')
}

/** Logs, or a mailbox's own history: a mailbox is told by being a folder, or by beginning as mail does. */
export async function openLogs(paths: string[], options: LogOptions): Promise<EventLog> {
  const { zone, case: caseColumn, activity, time, person, me = [] } = options
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
  for await (const { group, at, from, to, cc, automated } of readMail(paths)) {
    const addresses = [...to, ...cc].map(({ address }) => address)
    seen.push({ conversation: group, at, from: from?.address ?? null, to: addresses, automated })
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
    .addHelpText(
      'after',
      '\nExample:\n  inlay shadow recorded-work.csv\n  inlay shadow ~/Maildir --me me@example.org --hours "Mon-Fri 9:00-17:00" --zone Europe/Berlin\n  inlay shadow recorded-work.csv --hate routine-3\n',
    )
    .action(async (paths: string[], options: ShadowOptions) => {
      const hours = hoursOf(options)
      const log = await openLogs(paths, options)
      for (const notice of log.notices) console.error(notice)
      const bare = shadow(log, { hours })
      await keepAnswer(bare, options)
      const report = withAnswers(bare, await readAnswers(options))
      if (options.pictures !== undefined) await drawInto(options.pictures, log, report)
      if (options.json) return void process.stdout.write(`${JSON.stringify(report)}\n`)
      console.log(reportText(report))
    })
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

/** What people said of routines: lines of JSON in the data folder, added to and never changed. */
const answersFile = async (options: DataOptions) => join(await dataFolder(options), 'routine-answers.jsonl')

export async function readAnswers(options: DataOptions): Promise<RoutineAnswer[]> {
  const text = await readFile(await answersFile(options), 'utf8').catch(() => '')
  // A line that was cut off by a crash is nobody's answer.
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as RoutineAnswer]
    } catch {
      return []
    }
  })
}

export async function saveAnswer(
  options: DataOptions,
  report: ShadowReport,
  id: string,
  question: RoutineQuestion,
  answer: boolean | string,
): Promise<void> {
  const routine = report.routines.find((each) => each.id === id)
  if (!routine) {
    const known = report.routines.slice(0, 8).map((each) => each.id)
    throw new Fault(
      'bad-input',
      `There is no routine "${id}" in these logs; ${known.length === 0 ? 'there is none at all' : `there are ${known.join(', ')}`}.`,
    )
  }
  const { kind, steps } = routine
  const line: RoutineAnswer = { at: Date.now(), kind, steps, question, answer }
  await appendFile(await answersFile(options), `${JSON.stringify(line)}\n`)
}

async function keepAnswer(report: ShadowReport, options: ShadowOptions): Promise<void> {
  if (options.hate !== undefined) await saveAnswer(options, report, options.hate, 'hated', true)
  if (options.unhate !== undefined) await saveAnswer(options, report, options.unhate, 'hated', false)
  if (options.answer === undefined) return
  const [id = '', question = '', ...words] = options.answer
  if (!['why', 'from', 'after'].includes(question) || words.length === 0) {
    throw new Fault('bad-input', '--answer takes a routine, one of why, from, after, and what you answer.')
  }
  await saveAnswer(options, report, id, question as RoutineQuestion, words.join(' '))
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
