import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../../../tests/until.ts'
import { memoryVault, type Place } from '../../contract/index.ts'
import { googleSheets } from './google-sheets.ts'
import { googleStandIn, hasGoogleSpec } from './google-sheets-stand-in.fixture.ts'
import { leads } from './sheet-medium.fixture.ts'

/** Faster than the wall's clock by so much: on a busy machine looks are late on this clock too, never early. */
const speed = 300

vi.mock('node:timers/promises', async (original) => {
  const real = (await original()) as typeof import('node:timers/promises')
  return { ...real, setTimeout: (ms: number, ...rest: []) => real.setTimeout(ms / speed, ...rest) }
})

test.skipIf(!hasGoogleSpec)(
  'an idle sheet is read at most ten times in any minute, however many deployments follow it, and still seen to change',
  async () => {
    const realNow = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => realNow() * speed)
    onTestFinished(() => void vi.restoreAllMocks())
    const standIn = await googleStandIn()
    standIn.addSheet('Leads', leads)
    const folder = mkdtempSync(join(tmpdir(), 'inlay-google-'))
    const end = new AbortController()
    const told: string[] = []
    const deployments = [{ target: 'won' }, { text: 'message', label: 'team' }, { target: 'won', key: 'id' }]
    const watching = deployments.map(async (more, at) => {
      const settings = {
        spreadsheet: standIn.id,
        credentials: standIn.credentials,
        url: standIn.url,
        ...more,
      }
      const tools = {
        now: Date.now,
        pseudonym: String,
        folder: join(folder, String(at)),
        vault: memoryVault(),
      }
      const opened = await googleSheets.open(googleSheets.settings.parse(settings), tools)
      const place = (more.text ? opened.message : opened.record) as Place
      for await (const { type } of place.watch(null, end.signal)) told.push(`${at} ${type}`)
      await opened.close()
    })
    onTestFinished(async () => {
      end.abort()
      await Promise.all(watching)
      await standIn.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const caughtUp = (at: number) => told.filter((each) => each === `${at} caught up`).length
    await until(() => deployments.every((_, at) => caughtUp(at) === 1), 'all have caught up')
    const begun = performance.now()
    const minutes = (count: number) =>
      until(() => performance.now() - begun > count * 60_000, `${count} minutes`)
    await minutes(15)
    const idle = standIn.calls.filter(({ at }) => at > begun)
    const busiest = Math.max(
      ...idle.map(({ at }) => idle.filter((each) => each.at >= at && each.at < at + 60_000).length),
    )
    expect(new Set(idle.map(({ name }) => name))).toEqual(new Set(['spreadsheets.values.batchGet']))
    expect(busiest).toBeGreaterThan(0)
    expect(busiest).toBeLessThanOrEqual(10)
    standIn.sheets[0]!.cells[4]![5]!.value = 'yes'
    await until(() => told.includes('0 deed') && told.includes('2 deed'), 'the change is told')
    expect(standIn.wrongs).toEqual([])
  },
)
