import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { expect, onTestFinished, test } from 'vitest'
import { freshLedger } from '../ledger/testing.ts'
import { formatReports, reportedKinds, teamReports } from '../measure/index.ts'
import { day, quarter, start } from '../measure/report/made-up-facts.fixture.ts'
import { sendDueReports } from './report-sending.ts'

test('each week goes out once, whole, and can be made again to the letter; a kill in between loses nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-sending-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const mailbox = join(folder, 'Maildir')
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(mailbox, part), { recursive: true })
  const pages = join(folder, 'pages')
  mkdirSync(pages)
  const { ledger } = await freshLedger()
  await ledger.append(quarter({ deployment: 'triage-1', days: 20 }))
  await ledger.saveSchedule({ destination: mailbox, team: null, format: 'html' })
  await ledger.saveSchedule({ destination: pages, team: 'Orders', format: 'markdown' })
  const options = { ledger, folder: join(folder, 'data'), surfaces: {}, skills: {} }

  const now = start + 15 * day
  expect(await sendDueReports({ ...options, now })).toHaveLength(2)
  expect(await sendDueReports({ ...options, now: now + day })).toEqual([])
  const [mail] = readdirSync(join(mailbox, 'new'))
  const parsed = await PostalMime.parse(readFileSync(join(mailbox, 'new', mail!)))
  expect(parsed.subject).toMatch(/^Orders: what Inlay is worth, 2026-/)
  expect(parsed.html).toContain('hours a person a week')
  expect(parsed.headers.find(({ key }) => key === 'x-inlay')?.value).toBe('report')

  // Late facts about the same days do not change what was sent.
  await ledger.append(quarter({ deployment: 'triage-1', days: 3, saves: -300, seed: 'late' }).slice(4))
  for await (const fact of ledger.facts({ kinds: ['reported'] })) {
    if (fact.kind !== 'reported') continue
    const { until, sha256, team } = fact.body
    const again = await teamReports(ledger.facts({ kinds: reportedKinds }), { until, team })
    const markdown = formatReports(again, 'markdown')
    expect(createHash('sha256').update(markdown).digest('hex')).toBe(sha256)
    const page = readdirSync(pages).find((name) => name.includes(new Date(until).toISOString().slice(0, 10)))!
    expect(readFileSync(join(pages, page), 'utf8')).toBe(`${markdown}\n`)
  }

  // Killed after the fact and before the file was in its place: what waits is put there by the next look.
  const broken = { ...options, now: now + 7 * day }
  rmSync(pages, { recursive: true })
  await expect(sendDueReports(broken)).rejects.toThrow()
  mkdirSync(pages)
  await sendDueReports(broken)
  await sendDueReports(broken)
  expect(readdirSync(pages)).toHaveLength(1)
  expect(readdirSync(join(mailbox, 'new'))).toHaveLength(2)
})
