import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Deployment, Fault, type Pain } from '../src/contract/index.ts'
import { companyName, mailboxDesk, makeCustomers, type Person, people, teamMailbox } from './company.ts'
import { correspondence, habits } from './letters/correspondence.ts'
import { mailHistory } from './mail/history.ts'
import { mailboxPath, writeMailbox } from './mail/write.ts'
import { random } from './random.ts'
import { plainCsv } from './tables/csv.ts'
import { leadColumns, leadHistory, leadRule } from './tables/leads.ts'
import { orderWorkbook } from './tables/orders.ts'
import { weeklyReports } from './tables/reports.ts'
import { salesTable } from './tables/sales.ts'
import { pseudonym, recordedPeople, recordedWeeks, recordWork, routineCosts, workCsv } from './work/log.ts'
import { aiTool, type RoutineName } from './work/steps.ts'

export interface SampleCompany {
  /** Absolute path. */
  folder: string
  name: string
  people: Person[]
  /** What it was made from, and when its history ends, in milliseconds since the epoch. */
  seed: number
  madeAt: number
  /** One for each way to try Inlay in it; their pain is counted from the recorded work. */
  deployments: Deployment[]
}

export interface SampleOptions {
  /** The same seed and `now` give the same bytes; 1 unless said. */
  seed?: number
  /** When the made-up history ends, in milliseconds since the epoch. */
  now: number
  /** Called now and then with a share 0..1. */
  progress?: (share: number) => void
}

/** Raised when the same seed would give other bytes, so that a folder of an earlier program is made again. */
const version = 2

/** What `truth/company.json` holds, so that a finished company is not made twice. */
interface Made {
  version: number
  seed: number
  now: number
  /** Their paths are relative to the company's folder. */
  deployments: Deployment[]
}

/** Customers and writers of mail, the same for the history and for everything that comes in later. */
export function companyMail(seed: number) {
  const customers = makeCustomers(random(`${seed}/customers`), 260)
  return { customers, write: correspondence(customers, String(seed)) }
}

/**
 * Writes the made-up company into `folder`, whole or not at all: it is made beside it and then renamed. A finished
 * company of the same seed that lies there already is taken as it is, whatever has happened in it since; a half-made
 * one is made again. Throws a Fault of kind `bad-input` when the folder holds something else.
 */
export async function makeSample(
  folder: string,
  { seed = 1, now, progress = () => {} }: SampleOptions,
): Promise<SampleCompany> {
  if (!Number.isSafeInteger(seed))
    throw new Fault('bad-input', `The seed must be a whole number, not "${seed}".`)
  if (!Number.isFinite(now))
    throw new Fault('bad-input', `"now" must be milliseconds since 1970, not "${now}".`)
  const path = resolve(folder)
  const company = (deployments: Deployment[], madeAt: number): SampleCompany => ({
    folder: path,
    name: companyName,
    people: [...people],
    seed,
    madeAt,
    deployments,
  })
  const made = await readMade(path)
  if (made?.version === version && made.seed === seed) {
    progress(1)
    return company(placed(made.deployments, path), made.now)
  }
  const there = await readdir(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : [''],
  )
  if (there.length > 0 && !made) {
    throw new Fault(
      'bad-input',
      `The sample company cannot be put into "${path}": something else is there. Name a new folder.`,
    )
  }
  const half = `${path}.half-made`
  await rm(half, { recursive: true, force: true })
  await mkdir(join(half, 'truth'), { recursive: true })
  const deployments = await writeCompany(half, seed, Math.floor(now), progress)
  if (made) await rm(path, { recursive: true })
  await mkdir(dirname(path), { recursive: true })
  await rename(half, path)
  progress(1)
  return company(placed(deployments, path), Math.floor(now))
}

/** What was made at this place; null when nothing finished is there. */
export async function readMade(folder: string): Promise<Made | null> {
  const text = await readFile(join(folder, 'truth', 'company.json'), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return JSON.parse(text) as Made
  } catch {
    return null
  }
}

async function writeCompany(
  half: string,
  seed: number,
  now: number,
  progress: (share: number) => void,
): Promise<Deployment[]> {
  const source = (part: string) => random(`${seed}/${part}`)
  const write = (file: string, content: string | Uint8Array) => writeFile(join(half, file), content)
  const { customers, write: writer } = companyMail(seed)

  const mails = mailHistory(source('mail'), writer, now)
  progress(0.1)
  const truth = await writeMailbox(mailboxPath(half), mails, source('files'), (share) =>
    progress(0.1 + 0.6 * share),
  )
  await write('truth/mail.jsonl', truth.map((line) => `${JSON.stringify(line)}\n`).join(''))

  const leads = leadHistory(source('leads'), now)
  const rows = leads.map(({ row }) => leadColumns.map((column) => row[column]))
  await write('leads.csv', plainCsv(leadColumns, rows))
  const { won, lost, open } = leadTruth(leads)
  await write(
    'truth/leads.json',
    JSON.stringify(
      { rule: leadRule, leak: 'handover date', counts: { won, lost, open: open.length }, open },
      null,
      1,
    ),
  )
  progress(0.8)

  const workbook = orderWorkbook(source('orders'), now, customers)
  await write('orders.xlsx', workbook.bytes)
  await write('truth/orders.json', JSON.stringify(workbook.truth, null, 1))
  const remarksPerWeek = workbook.orders.filter(({ reason }) => reason !== null).length / 13

  const sales = salesTable(source('sales'), now)
  await write('sales.csv', sales.csv)
  await mkdir(join(half, 'reports'))
  for (const { name, content } of weeklyReports(source('reports'), sales)) {
    await write(`reports/${name}`, content)
  }
  await write(
    'truth/truth.json',
    JSON.stringify(
      {
        made: companyName,
        incidents: sales.incidents,
        habits,
        leak: { file: 'leads.csv', column: 'handover date' },
        aiTool,
      },
      null,
      1,
    ),
  )
  progress(0.9)

  const events = recordWork(source('work'), now, mails, leads, remarksPerWeek)
  const costs = routineCosts(events, String(seed))
  await mkdir(join(half, 'work'))
  await write('work/recorded-work.csv', workCsv(events, String(seed)))
  await write(
    'truth/work.json',
    JSON.stringify({
      people: Object.fromEntries(recordedPeople.map((one) => [pseudonym(one, String(seed)), one.name])),
      routines: costs,
    }),
  )
  await write('README.txt', readme)
  await write('work/README.txt', `Recorded work of people who do not exist: ${companyName} is made up.\n`)

  const painOf = (routine: RoutineName): Pain => ({
    minutesPerPersonPerWeek: costs.find((one) => one.routine === routine)!.minutesPerPersonPerWeek,
    from: `${recordedWeeks} weeks of recorded work of ${recordedPeople.length} people (made up)`,
    named: false,
  })
  const deployments: Deployment[] = [
    {
      id: 'triage-maildir-1',
      team: 'Orders desk',
      surface: 'maildir',
      skill: 'triage',
      settings: { path: 'mail/orders', me: [teamMailbox, ...mailboxDesk.map(({ address }) => address)] },
      pain: painOf('filing the team mailbox'),
    },
    {
      id: 'score-csv-1',
      team: 'Sales',
      surface: 'csv',
      skill: 'score',
      settings: {
        path: 'leads.csv',
        key: 'id',
        target: 'outcome',
        positive: 'won',
        order: 'created',
      },
      pain: painOf('judging leads'),
    },
    {
      id: 'triage-xlsx-1',
      team: 'Order entry',
      surface: 'xlsx',
      skill: 'triage',
      settings: {
        path: 'orders.xlsx',
        sheet: 'Orders',
        key: 'order',
        text: 'remark',
        label: 'reason',
      },
      pain: painOf('labelling remarks'),
    },
    {
      id: 'fill-xlsx-1',
      team: 'Order entry',
      surface: 'xlsx',
      skill: 'fill',
      settings: {
        path: 'orders.xlsx',
        sheet: 'Orders',
        key: 'order',
        text: 'remark',
        label: 'reason',
      },
      pain: painOf('order from mail to workbook and CRM'),
    },
    {
      id: 'summary-file-1',
      team: 'Sales',
      surface: 'file',
      skill: 'summary',
      settings: { path: 'reports' },
      // Nobody's screen was recorded while they wrote it.
      pain: { minutesPerPersonPerWeek: null, from: 'the sales team hates it (made up)', named: true },
    },
  ]
  const made: Made = { version, seed, now, deployments }
  await write('truth/company.json', JSON.stringify(made, null, 1))
  return deployments
}

function leadTruth(leads: ReturnType<typeof leadHistory>) {
  const open = leads.filter(({ row }) => row.outcome === '')
  return {
    won: leads.filter(({ row }) => row.outcome === 'won').length,
    lost: leads.filter(({ row }) => row.outcome === 'lost').length,
    open: open.map(({ row, won, probability }) => ({ id: row.id, won, probability })),
  }
}

/** Deployments as a surface wants them: paths are kept relative to the company, which may have been moved. */
function placed(deployments: readonly Deployment[], folder: string): Deployment[] {
  return deployments.map((one) => {
    const settings = one.settings as { path: string }
    return { ...one, settings: { ...settings, path: join(folder, settings.path) } }
  })
}

const readme = `${companyName} is made up.

The company, its 24 people, its customers, mails, leads, orders, sales and recorded work were generated from a
seed by Inlay's own sample generator. Nobody in here exists; all addresses end in .example, which belongs to nobody.

mail/orders/            team mailbox (Maildir++), four months, in English and German
leads.csv               4,000 leads; the newest have no outcome yet
orders.xlsx             orders and contacts, some columns begun by hand
sales.csv               18 months of daily sales by region, product and channel
reports/                weekly reports on them, with what people wrote; some have no comment yet
work/recorded-work.csv  two weeks of recorded work of six people
truth/                  what was planted in all of this, for checking results; nothing of Inlay reads it
`
