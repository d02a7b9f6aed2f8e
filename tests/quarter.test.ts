import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { plantedDesks, plantedWork, quarterDays } from '../sample/index.ts'
import { playQuarter } from '../src/cli/made-up-quarter.ts'
import { reportsNow } from '../src/cli/report.ts'
import { type Trained, trainHere } from '../src/engine/index.ts'
import { freshLedger } from '../src/ledger/testing.ts'
import { formatReports, reportedFact, reportedKinds, teamReports } from '../src/measure/index.ts'
import { skills } from '../src/skills/index.ts'

test("what is planted in the sample's quarter comes out of it: a saving, a skill gone bad, and dead weight", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-quarter-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ledger } = await freshLedger()
  const [seed, end] = [1, Date.UTC(2026, 5, 29)]
  // The three desks get the same sort of mail, so that one learning is enough here.
  let trained: Promise<Trained> | null = null
  const moves: { team: string; day: number; to: string; because: string }[] = []
  let midway = new AbortController()
  const play = () =>
    playQuarter({
      ledger,
      folder,
      skills,
      seed,
      end,
      signal: midway.signal,
      train: (...given) => (trained ??= trainHere(...given)),
      onMove: (team, day, to, because) => {
        moves.push({ team, day, to, because })
        // Stopped once, as by Ctrl-C; it goes on where it was.
        if (team === 'Purchasing' && to === 'withdrawn') midway.abort()
      },
    })
  await play()
  midway = new AbortController()
  await play()

  const page = async () => formatReports(await reportsNow(ledger, { until: end }), 'markdown')
  const reports = await reportsNow(ledger, { until: end })
  const [facilities, purchasing, service] = reports.map(({ skills: [skill] }) => skill!)
  const [saving, bad] = plantedDesks

  // The truth: what the shown items would have taken without help, less what they took.
  const work = plantedWork(saving!, { seed, end })
  const alone = new Map(
    Array.from({ length: quarterDays }, (_, day) => work.piecesOf(day))
      .flat()
      .map(({ message, seconds }) => [message.key, seconds]),
  )
  let saved = 0
  let shown = 0
  for await (const { item, arm, seconds } of ledger.items(saving!.id)) {
    if (arm !== 'shown' || seconds === null) continue
    shown++
    saved += alone.get(item)! - seconds
  }
  const { estimate, low, high } = service!.time.minutesPerItem!
  expect(low).toBeGreaterThan(0)
  expect(low).toBeLessThan(saved / shown / 60)
  expect(high).toBeGreaterThan(saved / shown / 60)
  expect(Math.abs(estimate / (saved / shown / 60) - 1)).toBeLessThan(0.25)
  expect(service).toMatchObject({ stage: 'live' })
  expect(service!.wouldNotice.share).toBeGreaterThan(0.6)
  expect(service!.noticed.share).toBeGreaterThan(0.5)

  const gone = moves.find(({ to }) => to === 'withdrawn')!
  expect(gone.team).toBe('Purchasing')
  expect(gone.day).toBeGreaterThanOrEqual(bad!.movesOn!)
  expect(gone.day).toBeLessThan(bad!.movesOn! + 5)
  expect(purchasing).toMatchObject({ stage: 'withdrawn' })
  const dayAfter = work.startOf(gone.day + 1)
  for await (const { decidedAt, arm } of ledger.items(bad!.id))
    if (decidedAt! > dayAfter) expect(arm).toBe('silent')

  expect(facilities).toMatchObject({ stage: 'live' })
  expect(facilities!.quality.usefulRate).toBeGreaterThan(0.9)
  expect(facilities!.time.minutesPerItem!.low).toBeLessThan(0)
  expect(facilities!.time.minutesPerItem!.high).toBeLessThan(0.2)
  expect(facilities!.wouldNotice.share).toBeLessThan(0.3)
  expect(facilities!.noticed).toMatchObject({ complaints: 0, manualRequests: 0 })

  // A leader reads the same in words.
  const leads = new Map(
    reports.map((report) => [report.team, formatReports([report], 'text').split('\n')[3]]),
  )
  expect(leads.get('Facilities')).toContain('Nobody would miss triage on made-up-office')
  expect(leads.get('Service desk')).toMatch(/^It saves 0\.\d+ \(0\.\d+ to 0\.\d+\) hours a person a week/)
  expect(leads.get('Service desk')).not.toContain('miss')
  expect(leads.get('Purchasing')).toBe('Nothing of it is with people any more.')
  expect(formatReports([reports[1]!], 'text')).toMatch(/withdrawn\. Of the last \d+ shown suggestions only/)

  // What is sent of any earlier date can be made again from the facts alone.
  for (const day of [20, 50, 80]) {
    const until = work.startOf(day) - 1
    const [report] = await teamReports(ledger.facts({ kinds: reportedKinds }), {
      until,
      team: 'Service desk',
    })
    const sent = reportedFact(report!, { deployment: saving!.id, to: 'mail', at: end })
    await ledger.append([sent])
    const again = await teamReports(ledger.facts({ kinds: reportedKinds }), { until, team: 'Service desk' })
    const bytes = formatReports(again, 'markdown')
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sent.body.sha256)
  }
  const before = await page()
  await ledger.rebuild()
  expect(await page()).toBe(before)
}, 600_000)
