import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parse } from 'csv-parse/sync'
import { strFromU8, unzipSync } from 'fflate'
import PostalMime, { type Email } from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labels } from './letters/phrasebook.ts'
import { makeSample, type SampleCompany } from './make.ts'
import { random } from './random.ts'
import { leadHistory } from './tables/leads.ts'
import { openSheet, readRows } from './tables/xlsx.ts'

const now = Date.UTC(2026, 10, 20, 12)
const scratch = mkdtempSync(join(tmpdir(), 'inlay-sample-'))
let company: SampleCompany
const seen: number[] = []

beforeAll(async () => {
  company = await makeSample(join(scratch, 'company'), { now, progress: (share) => seen.push(share) })
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()
const at = (...parts: string[]) => join(company.folder, ...parts)
const csv = (file: string): Record<string, string>[] => parse(readFileSync(at(file)), { columns: true })
const json = (file: string) => JSON.parse(readFileSync(at('truth', file), 'utf8'))
const mailTruth = () =>
  readFileSync(at('truth', 'mail.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  for (const file of files(folder)) {
    const name = relative(folder, file)
    hash.update(`${name}\n`).update(readFileSync(file))
    if (file.includes(',S=')) hash.update(String(Math.round(statSync(file).mtimeMs / 1000)))
  }
  return hash.digest('hex')
}

test('the same seed and time give the same bytes, another seed gives others', async () => {
  const again = await makeSample(join(scratch, 'again'), { now })
  const other = await makeSample(join(scratch, 'other'), { now, seed: 2 })
  expect(fingerprint(again.folder)).toBe(fingerprint(company.folder))
  expect(fingerprint(other.folder)).not.toBe(fingerprint(company.folder))
  expect(readFileSync(join(other.folder, 'leads.csv'), 'utf8')).not.toBe(
    readFileSync(at('leads.csv'), 'utf8'),
  )
})

test('progress goes from little to 1', () => {
  expect(seen.at(-1)).toBe(1)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})

test('a finished company is left as it is, a half-made one is made again', async () => {
  const folder = join(scratch, 'kept')
  cpSync(company.folder, folder, { recursive: true })
  writeFileSync(join(folder, 'leads.csv'), 'changed since')
  const kept = await makeSample(folder, { now: now + 1000 })
  expect(readFileSync(join(folder, 'leads.csv'), 'utf8')).toBe('changed since')
  expect(kept.deployments[0]!.settings).toMatchObject({ path: join(folder, 'mail', 'orders') })

  const half = join(scratch, 'half')
  mkdirSync(join(`${half}.half-made`, 'mail'), { recursive: true })
  const whole = await makeSample(half, { now })
  expect(fingerprint(whole.folder)).toBe(fingerprint(company.folder))
})

test('a folder with something else in it is refused', async () => {
  const folder = join(scratch, 'mine')
  mkdirSync(folder)
  writeFileSync(join(folder, 'thesis.txt'), 'mine')
  await expect(makeSample(folder, { now })).rejects.toThrow(/something else is there/)
  expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('mine')
})

test('it says that it is made up and has 24 people', () => {
  expect(readFileSync(at('README.txt'), 'utf8')).toContain('is made up')
  expect(company.people).toHaveLength(24)
  expect(new Set(company.people.map(({ address }) => address)).size).toBe(24)
})

test('about 2,500 mails came in, most filed, some left alone, few of them wrongly', () => {
  const truth = mailTruth()
  expect(truth.length).toBeGreaterThan(2300)
  expect(truth.length).toBeLessThan(2750)
  for (const label of labels) {
    expect(truth.filter((one) => one.label === label).length).toBeGreaterThan(70)
    expect(readdirSync(at('mail', 'orders', `.${label}`, 'cur')).length).toBeGreaterThan(70)
  }
  const inbox = readdirSync(at('mail', 'orders', 'cur'))
  expect(inbox.length).toBeGreaterThan(300)
  expect(inbox.every((name) => name.endsWith('S'))).toBe(true)
  expect(readdirSync(at('mail', 'orders', 'new')).length).toBe(truth.filter((one) => one.open).length)
  const noisy = truth.filter((one) => one.misfiled || one.ambiguous).length / truth.length
  expect(noisy).toBeGreaterThan(0.025)
  expect(noisy).toBeLessThan(0.065)
  for (const language of ['en', 'de']) {
    expect(truth.filter((one) => one.language === language).length).toBeGreaterThan(800)
  }
  expect(truth.filter((one) => one.broken).length).toBeGreaterThan(20)
})

test('every mail can be read, its text with the right letters, and answers name what they answer', async () => {
  const broken = new Map<string, string | null>(mailTruth().map((one) => [one.file, one.broken]))
  const ids = new Set<string>()
  const answers: Email[] = []
  const texts = new Set<string>()
  for (const file of files(at('mail')).filter((one) => !one.endsWith('maildirfolder'))) {
    const bytes = readFileSync(file)
    const mail = await PostalMime.parse(bytes)
    const unique = file.split('/').at(-1)!.split(':')[0]!
    expect(mail.from?.address).toMatch(/@.+\.example$/)
    if (mail.messageId) ids.add(mail.messageId)
    if (!broken.get(unique)) {
      const text = mail.text ?? mail.html ?? ''
      expect(text.length).toBeGreaterThan(5)
      expect(`${mail.subject}${text}`).not.toMatch(/\uFFFD|Ã|<\w+2?> /)
      if (!file.includes('.Sent')) texts.add(text.slice(0, 400))
    }
    if (file.includes('/.Sent/')) answers.push(mail)
    expect(unique).toContain(`S=${bytes.length}`)
  }
  expect(answers.length).toBeGreaterThan(800)
  const known = answers.filter(({ inReplyTo }) => inReplyTo && ids.has(inReplyTo))
  // The mails answered that came without a Message-ID cannot be found by it.
  expect(known.length / answers.length).toBeGreaterThan(0.98)
  expect(answers.every(({ inReplyTo, references }) => references?.includes(inReplyTo!))).toBe(true)
  expect(texts.size).toBeGreaterThan(2100)
})

test('leads have outcomes, gaps and a column that leaks, and can be told apart about as well as promised', () => {
  const rows = csv('leads.csv')
  expect(rows).toHaveLength(4000)
  expect(Object.keys(rows[0]!)).toHaveLength(16)
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
  expect(count('won') + count('lost') + count('')).toBe(4000)
  expect(count('')).toBeGreaterThan(250)
  expect(count('')).toBeLessThan(600)
  expect(count('won') / (4000 - count(''))).toBeGreaterThan(0.3)
  for (const row of rows) expect(row['handover date'] !== '').toBe(row.outcome === 'won')
  for (const row of rows) expect(row.budget).toMatch(/^$|^(\d{1,3}\.)*\d{1,3},\d\d$/)
  expect(rows.filter((row) => row.employees === '').length).toBeGreaterThan(200)
  const created = rows.map((row) => Date.parse(row.created!))
  expect(created).toEqual([...created].sort((a, b) => a - b))
  expect(created.at(-1)!).toBeLessThan(now)

  const leads = leadHistory(random('1/leads'), now)
  const sorted = [...leads].sort((a, b) => a.probability - b.probability)
  const won = leads.filter((lead) => lead.won).length
  const ranks = sorted.reduce((sum, lead, i) => sum + (lead.won ? i + 1 : 0), 0)
  const auc = (ranks - (won * (won + 1)) / 2) / (won * (4000 - won))
  expect(auc).toBeGreaterThan(0.885)
  expect(auc).toBeLessThan(0.925)
  expect(leads.filter((lead) => lead.probability > 0.9).length).toBeGreaterThan(200)
  expect(leads.filter((lead) => lead.probability < 0.1).length).toBeGreaterThan(200)
})

test('the workbook is sound, with two sheets, columns begun by hand, formulas and reasons', () => {
  const bytes = readFileSync(at('orders.xlsx'))
  const parts = unzipSync(bytes)
  expect(strFromU8(parts['xl/workbook.xml']!)).toMatch(/name="Orders".*name="Contacts"/)
  const orders = [...readRows(openSheet(bytes, 0)).values()]
  const header = [...orders[0]!.values()]
  const column = (name: string) => orders.slice(1).map((cells) => cells.get(header.indexOf(name)) ?? '')
  expect(column('order').filter(Boolean)).toHaveLength(1200)
  for (const begun of ['postcode', 'code']) expect(column(begun).filter(Boolean)).toHaveLength(9)
  expect(column('reason').filter(Boolean).length).toBeGreaterThan(850)
  expect(column('reason').slice(-100).filter(Boolean)).toHaveLength(0)
  expect(strFromU8(parts['xl/worksheets/sheet1.xml']!).match(/<f>/g)).toHaveLength(1200)
  const truth = json('orders.json')
  expect(column('postcode').slice(0, 9)).toEqual(truth.Orders.postcode.slice(0, 9))
  const contacts = [...readRows(openSheet(bytes, 1)).values()]
  expect(contacts.filter((cells) => cells.has(2))).toHaveLength(1 + 7)
})

const soffice = (() => {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!soffice)('LibreOffice opens the workbook (skipped where there is no soffice)', () => {
  execFileSync('soffice', ['--headless', '--convert-to', 'csv', '--outdir', scratch, at('orders.xlsx')])
  const rows: string[][] = parse(readFileSync(join(scratch, 'orders.csv')))
  expect(rows).toHaveLength(1201)
})

test('the incidents of the truth can be seen in the sales', () => {
  const rows = csv('sales.csv')
  expect(new Set(rows.map((row) => row.date)).size).toBe(548)
  for (const { where, from, to, effect } of json('truth.json').incidents) {
    const inside = rows.filter(
      (row) =>
        row.date! >= from &&
        row.date! <= to &&
        Object.entries(where).every(([key, value]) => row[key] === value),
    )
    const sum = (name: string) => inside.reduce((total, row) => total + Number(row[name]), 0)
    const expected = effect.units * effect.price
    expect(sum('revenue') / sum('plan')).toBeGreaterThan(expected * 0.85)
    expect(sum('revenue') / sum('plan')).toBeLessThan(expected * 1.15)
  }
})

test('what the deployments cost is counted from the recorded work', () => {
  const rows = csv('work/recorded-work.csv')
  const times = rows.map((row) => Date.parse(row.timestamp!))
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(rows.every((row) => /[+-]\d\d:00$/.test(row.timestamp!))).toBe(true)
  expect(new Set(rows.map((row) => row.person)).size).toBe(6)
  expect(times.some((time) => [0, 6].includes(new Date(time).getUTCDay()))).toBe(false)

  const { routines } = json('work.json')
  for (const [i, routine] of ['filing the team mailbox', 'judging leads', 'labelling remarks'].entries()) {
    const found = routines.find((one: { routine: string }) => one.routine === routine)
    let active = 0
    for (const { person, events } of found.runs) {
      expect(events.every((event: number) => rows[event]!.person === person)).toBe(true)
      for (let k = 1; k < events.length; k++)
        active += Math.min(60_000, times[events[k]]! - times[events[k - 1]]!)
    }
    const minutes = active / 60_000 / found.people.length / 2
    expect(company.deployments[i]!.pain.minutesPerPersonPerWeek).toBeCloseTo(minutes, 0)
    expect(minutes).toBeGreaterThan(30)
  }
})

test('copies are pasted: the fingerprint of a paste was copied before in the same run', () => {
  const rows = csv('work/recorded-work.csv')
  const { routines } = json('work.json')
  const loops = routines.find((one: { routine: string }) => one.routine.startsWith('order from mail'))
  expect(loops.runs.length).toBeGreaterThan(150)
  for (const { events } of loops.runs) {
    const copied = new Set<string>()
    for (const event of events) {
      const { event: type, value } = rows[event]!
      if (type === 'copy') copied.add(value!)
      if (type === 'paste') expect(copied.has(value!)).toBe(true)
    }
  }
})
