import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSample } from '../make.ts'
import { openSheet, readRows } from '../tables/xlsx.ts'
import { type DeskName, type StaffEvent, startStaff } from './staff.ts'

const start = Date.UTC(2026, 10, 20, 12)
const scratch = mkdtempSync(join(tmpdir(), 'inlay-staff-'))
beforeAll(() => makeSample(join(scratch, 'made'), { now: start }))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A copy of the company with its staff at work; `until` waits for something that they do. */
function atWork(
  name: string,
  desk: DeskName,
  speed: number,
  onEvent: (event: StaffEvent, folder: string) => void = () => {},
) {
  const folder = join(scratch, name)
  cpSync(join(scratch, 'made'), folder, { recursive: true })
  return working(folder, desk, speed, onEvent)
}

function working(
  folder: string,
  desk: DeskName,
  speed: number,
  onEvent: (event: StaffEvent, folder: string) => void = () => {},
) {
  const stop = new AbortController()
  const from = Date.now()
  const events: StaffEvent[] = []
  const clock = { now: () => start + (Date.now() - from) * speed, speed }
  const done = startStaff(
    { folder },
    {
      seed: 5,
      clock,
      signal: stop.signal,
      desks: [desk],
      onEvent: (event) => {
        events.push(event)
        onEvent(event, folder)
      },
    },
  )
  const until = async (enough: (events: StaffEvent[]) => boolean) => {
    while (!enough(events)) await Promise.race([sleep(20), done])
  }
  return {
    folder,
    events,
    until,
    async stop() {
      stop.abort()
      await done
    },
  }
}

const count = (events: StaffEvent[], type: StaffEvent['type']) =>
  events.filter((one) => one.type === type).length
const leadsOf = (folder: string): Record<string, string>[] =>
  parse(readFileSync(join(folder, 'leads.csv')), { columns: true, relax_column_count: true })
const liveTruth = (folder: string): { file: string; id: string; label: string | null }[] =>
  readFileSync(join(folder, 'truth', 'live-mail.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** What Inlay does: a line in `dovecot-keywords` and a letter in the file's name. */
function suggest(folder: string, file: string, label: string, order: readonly string[]) {
  const root = join(folder, 'mail', 'orders')
  writeFileSync(join(root, 'dovecot-keywords'), order.map((name, i) => `${i} inlay/${name}\n`).join(''))
  const letter = String.fromCharCode(97 + order.indexOf(label))
  renameSync(join(root, 'new', file), join(root, 'cur', `${file}:2,${letter}`))
}

test('right keywords on the mail are used, and the mail lands in its folder', async () => {
  const names = ['Orders', 'Delivery', 'Invoices', 'Returns', 'Prices', 'Complaints', 'Products', 'Accounts']
  const staff = atWork('right', 'mail', 3000, (event, folder) => {
    if (event.type !== 'delivered') return
    const { file, label } = liveTruth(folder).find((one) => one.id === event.item)!
    if (label) suggest(folder, file, label, names)
  })
  await staff.until((events) => events.filter((one) => one.helped).length >= 8)
  await staff.stop()
  const helped = staff.events.filter((one) => one.type === 'filed' && one.helped)
  for (const { item, detail, at } of helped) {
    const { file, label } = liveTruth(staff.folder).find((one) => one.id === item)!
    expect(detail).toBe(label)
    const there = readdirSync(join(staff.folder, 'mail', 'orders', `.${label}`, 'cur'))
    expect(there.some((name) => name.startsWith(file))).toBe(true)
    const read = staff.events.find((one) => one.type === 'read' && one.item === item)!
    expect(read.detail).toBe(label)
    expect(at).toBeGreaterThan(read.at)
  }
})

test('most wrong keywords are overruled', async () => {
  const staff = atWork('wrong', 'mail', 3000, (event, folder) => {
    if (event.type !== 'delivered') return
    const { file, label } = liveTruth(folder).find((one) => one.id === event.item)!
    if (label) suggest(folder, file, label === 'Orders' ? 'Prices' : 'Orders', ['Orders', 'Prices'])
  })
  const filed = (events: StaffEvent[]) =>
    events.filter(
      (one) =>
        one.type === 'filed' && events.some((e) => e.type === 'read' && e.item === one.item && e.detail),
    )
  await staff.until((events) => filed(events).length >= 20)
  await staff.stop()
  const taken = filed(staff.events).filter((one) => one.helped).length
  expect(taken).toBeLessThan(filed(staff.events).length / 2)
})

test('mail comes in, is read, filed, left alone and answered; no mail is ever lost', async () => {
  const staff = atWork('busy', 'mail', 6000)
  await staff.until((events) => count(events, 'answered') >= 8 && count(events, 'left alone') >= 3)
  await staff.stop()
  const all = readdirSync(join(staff.folder, 'mail'), { recursive: true, encoding: 'utf8' })
  for (const { file } of liveTruth(staff.folder)) {
    expect(all.filter((name) => name.split('/').at(-1)!.split(':')[0] === file)).toHaveLength(1)
  }
  expect(all.filter((name) => name.includes('/.Sent/cur/')).length).toBeGreaterThan(800)
})

test('leads and outcomes are written, and nothing that others add to leads.csv is lost', async () => {
  const staff = atWork('leads', 'leads', 6000)
  const path = join(staff.folder, 'leads.csv')
  const before = leadsOf(staff.folder)
  let added = 0
  await staff.until((events) => count(events, 'lead came') >= 1)
  while (count(staff.events, 'lead came') < 12 || count(staff.events, 'outcome') < 12) {
    // An appender that looks at no lock.
    appendFileSync(path, `X-${added++}${','.repeat(15)}\n`)
    await sleep(7)
  }
  await staff.stop()
  const rows = leadsOf(staff.folder)
  const ids = rows.map((row) => row.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => id!.startsWith('X-'))).toHaveLength(added)
  for (const { id } of before) expect(ids).toContain(id)
  const came = staff.events.filter((one) => one.type === 'lead came')
  for (const { item } of came) expect(ids).toContain(item)
  for (const { item, detail } of staff.events.filter((one) => one.type === 'outcome')) {
    const row = rows.find(({ id }) => id === item)!
    expect(row.outcome).toBe(detail)
    expect(row['handover date'] !== '').toBe(detail === 'won')
  }
  expect(readdirSync(staff.folder).filter((name) => name.startsWith('.'))).toEqual([])
})

test('columns that Inlay added stay, and a lock of somebody else is waited for', async () => {
  const folder = join(scratch, 'columns')
  cpSync(join(scratch, 'made'), folder, { recursive: true })
  const path = join(folder, 'leads.csv')
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  writeFileSync(
    path,
    lines
      .map((line, i) => (i === 0 ? `${line},Inlay: outcome` : `${line},${i > 3990 ? 'hot · 91 %' : ''}`))
      .join('\n')
      .concat('\n'),
  )
  const lock = join(folder, '.~lock.leads.csv#')
  writeFileSync(lock, ',Somebody,elsewhere,,;')
  const untouched = readFileSync(path, 'utf8')
  const staff = working(folder, 'leads', 6000)
  await sleep(1200)
  expect(readFileSync(path, 'utf8')).toBe(untouched)
  rmSync(lock)
  await staff.until((events) => count(events, 'lead came') >= 2)
  await staff.stop()
  const rows = leadsOf(folder)
  expect(rows.filter((row) => row['Inlay: outcome'] === 'hot · 91 %')).toHaveLength(10)
})

test('orders come into the workbook and remarks get their reason', async () => {
  const staff = atWork('orders', 'workbook', 6000)
  await staff.until((events) => count(events, 'reason') >= 4 && count(events, 'order came') >= 2)
  await staff.stop()
  const rows = [...readRows(openSheet(readFileSync(join(staff.folder, 'orders.xlsx')), 0)).values()]
  const byOrder = new Map(rows.map((cells) => [cells.get(0), cells]))
  for (const { type, item, detail } of staff.events) {
    if (type === 'order came') expect(byOrder.get(item)?.get(11)).toBeTruthy()
    if (type === 'reason') expect(byOrder.get(item)?.get(12)).toBe(detail)
  }
})

test('they go on where they stopped, without using a name twice', async () => {
  const first = atWork('twice', 'mail', 6000)
  await first.until((events) => count(events, 'delivered') >= 5)
  await first.stop()
  const second = working(first.folder, 'mail', 6000)
  await second.until((events) => count(events, 'delivered') >= 5 && count(events, 'filed') >= 5)
  await second.stop()
  const files = liveTruth(first.folder).map(({ file }) => file)
  expect(new Set(files).size).toBe(files.length)
  const waiting = new Set(first.events.filter((one) => one.type === 'delivered').map(({ item }) => item))
  for (const { type, item } of first.events) if (type === 'read') waiting.delete(item)
  const read = new Set(second.events.filter((one) => one.type === 'read').map(({ item }) => item))
  expect([...waiting].filter((item) => read.has(item)).length).toBeGreaterThanOrEqual(
    Math.min(1, waiting.size),
  )
})

test('they stop when told, also before they began', async () => {
  const none = AbortSignal.abort()
  const clock = { now: () => start, speed: 60 }
  await startStaff({ folder: join(scratch, 'made') }, { seed: 1, clock, signal: none })
  await expect(startStaff({ folder: scratch }, { seed: 1, clock, signal: none })).rejects.toThrow(
    /no finished sample company/,
  )
})
