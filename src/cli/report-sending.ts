import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import MailComposer from 'nodemailer/lib/mail-composer'
import { Fault } from '../contract/index.ts'
import { type EngineOptions, openDesk } from '../engine/index.ts'
import type { Ledger, ReportSchedule } from '../ledger/index.ts'
import {
  formatReports,
  type ReportFormat,
  reportDue,
  reportedFact,
  reportedKinds,
  reportFormats,
  type TeamReport,
  teamReports,
} from '../measure/index.ts'

const endings: Record<ReportFormat, string> = { text: 'txt', markdown: 'md', html: 'html', json: 'json' }

export interface SendingOptions extends Pick<EngineOptions, 'ledger' | 'folder' | 'surfaces' | 'skills'> {
  now: number
}

/** Where a report goes: a deployment's own tool, a Maildir, a folder, or a file that the newest one replaces. */
export type Destination =
  | { kind: 'tool'; deployment: string }
  | { kind: 'maildir' | 'folder' | 'file'; path: string }

export async function destinationOf(ledger: Ledger, to: string): Promise<Destination> {
  if ((await ledger.deployments()).some(({ id }) => id === to)) return { kind: 'tool', deployment: to }
  const isFolder = existsSync(to) && statSync(to).isDirectory()
  if (isFolder && ['cur', 'new', 'tmp'].every((part) => existsSync(join(to, part))))
    return { kind: 'maildir', path: to }
  if (isFolder) return { kind: 'folder', path: to }
  const ending = extname(to).slice(1).toLowerCase()
  if (!existsSync(dirname(to)) || !Object.values(endings).includes(ending)) {
    const files = Object.values(endings)
      .map((each) => `.${each}`)
      .join(', ')
    throw new Fault(
      'bad-input',
      `A report cannot go to "${to}": name a folder that is there, a file in one that ends in ${files}, or a deployment.`,
    )
  }
  return { kind: 'file', path: to }
}

/** The format that a file's name asks for; HTML for mail, Markdown for the rest. */
export function formatFor(destination: Destination): ReportFormat {
  if (destination.kind === 'tool') return 'text'
  if (destination.kind === 'maildir') return 'html'
  const ending = destination.kind === 'file' ? extname(destination.path).slice(1).toLowerCase() : ''
  return reportFormats.find((format) => endings[format] === ending) ?? 'markdown'
}

/**
 * Sends what is due: the newest full week of every team, once to each destination. The report is made ready first, then
 * recorded, then put where it is read, so that a kill at any moment neither loses nor doubles it.
 */
export async function sendDueReports(
  options: SendingOptions,
): Promise<{ team: string; to: string; until: number }[]> {
  const { ledger, now } = options
  const sent: { team: string; to: string; until: number }[] = []
  for (const schedule of await ledger.schedules()) {
    for (const [team, deployment] of await teamsOf(ledger, schedule.team)) {
      const last = await lastSent(ledger, team, schedule.destination)
      if (last !== null) await putReady(options, schedule, team, last)
      const until = reportDue(last, now)
      if (until === null) continue
      if (await sendReport(options, schedule, { team, deployment, until }))
        sent.push({ team, to: schedule.destination, until })
    }
  }
  return sent
}

/** False where there was nothing to tell yet. */
export async function sendReport(
  options: SendingOptions,
  schedule: ReportSchedule,
  { team, deployment, until }: { team: string; deployment: string; until: number },
): Promise<boolean> {
  const { ledger, now } = options
  const [report] = await teamReports(ledger.facts({ kinds: reportedKinds }), { until, team, asSent: false })
  if (!report) return false
  await makeReady(options, schedule, report)
  await ledger.append([reportedFact(report, { deployment, to: schedule.destination, at: now })])
  await putReady(options, schedule, team, until)
  return true
}

/** One deployment of each team, which the facts of its reports belong to. */
export async function teamsOf(ledger: Ledger, only: string | null): Promise<Map<string, string>> {
  const teams = new Map<string, string>()
  for (const { team, deployment } of await ledger.standing()) {
    if (team && (only === null || only === team) && !teams.has(team)) teams.set(team, deployment)
  }
  return teams
}

async function lastSent(ledger: Ledger, team: string, to: string): Promise<number | null> {
  let last: number | null = null
  for await (const fact of ledger.facts({ kinds: ['reported'] })) {
    if (fact.kind === 'reported' && fact.body.team === team && fact.body.to === to)
      last = Math.max(last ?? 0, fact.body.until)
  }
  return last
}

/** Where a report waits between being made and being put in its place. */
function waitingPath(
  { folder }: SendingOptions,
  { destination }: ReportSchedule,
  team: string,
  until: number,
) {
  const name = createHash('sha256').update(`${destination}\n${team}\n${until}`).digest('hex').slice(0, 24)
  return join(folder, 'reports', name)
}

async function makeReady(options: SendingOptions, schedule: ReportSchedule, report: TeamReport) {
  const path = waitingPath(options, schedule, report.team, Date.parse(report.until))
  const destination = await destinationOf(options.ledger, schedule.destination)
  await mkdir(dirname(path), { recursive: true })
  const text = formatReports([report], schedule.format as ReportFormat)
  const bytes =
    destination.kind === 'maildir' ? await mailOf(report, basename(path)) : Buffer.from(`${text}\n`)
  await writeFile(`${path}.tmp`, bytes, { flush: true })
  await rename(`${path}.tmp`, path)
}

/** Puts a report that is ready where it is read; does nothing when it lies there already. */
async function putReady(options: SendingOptions, schedule: ReportSchedule, team: string, until: number) {
  const ready = waitingPath(options, schedule, team, until)
  if (!existsSync(ready)) return
  const destination = await destinationOf(options.ledger, schedule.destination)
  const day = new Date(until).toISOString().slice(0, 10)
  if (destination.kind === 'tool') {
    await showInTool(options, destination.deployment, ready, `${team}: what Inlay is worth, ${day}`)
    return rm(ready, { force: true })
  }
  const { kind, path } = destination
  const name = `${team.replace(/[^\p{L}\p{N}._-]+/gu, '-')}-${day}.${endings[schedule.format as ReportFormat]}`
  const target =
    kind === 'maildir'
      ? join(
          path,
          'new',
          `${Math.floor(until / 1000)}.inlay_${basename(ready)}.${hostname().replace(/[^\w.-]/g, '_')}`,
        )
      : kind === 'folder'
        ? join(path, name)
        : path
  await moveInto(ready, target)
}

/** Renamed at the end, also from another disk, so that nobody reads half of it. */
async function moveInto(from: string, to: string): Promise<void> {
  const near = join(dirname(to), `.${basename(to)}.inlay.tmp`)
  await copyFile(from, near)
  await rename(near, to)
  await rm(from, { force: true })
}

async function showInTool(
  { ledger, folder, surfaces, skills }: SendingOptions,
  id: string,
  ready: string,
  title: string,
) {
  const deployment = (await ledger.deployments()).find((each) => each.id === id)!
  const desk = await openDesk(deployment, { ledger, folder, surfaces, skills })
  try {
    if (!desk.place.announce)
      throw new Fault(
        'bad-input',
        `${deployment.surface} cannot show a report; choose a file or a folder with --to.`,
      )
    await desk.place.announce({
      title,
      text: (await readFile(ready, 'utf8')).trimEnd(),
      key: `report ${basename(ready)}`,
    })
  } finally {
    await desk.close()
  }
}

function mailOf(report: TeamReport, name: string): Promise<Buffer> {
  const mail = {
    from: { name: 'Inlay', address: 'inlay@inlay.invalid' },
    subject: `${report.team}: what Inlay is worth, ${report.until.slice(0, 10)}`,
    messageId: `<inlay-report-${name}@inlay.invalid>`,
    date: new Date(report.until),
    headers: { 'X-Inlay': 'report', 'Auto-Submitted': 'auto-generated' },
    text: formatReports([report], 'text'),
    html: formatReports([report], 'html'),
    newline: 'unix' as const,
    disableUrlAccess: true,
    disableFileAccess: true,
  }
  return new MailComposer(mail).compile().build()
}
