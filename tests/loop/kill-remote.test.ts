import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freshLedger } from '../../src/ledger/testing.ts'
import { seeded } from '../../src/stats/random.ts'
import { hasHubSpotSpecs, hubspotStandIn } from '../../src/surfaces/crm/hubspot-stand-in.fixture.ts'
import { googleStandIn, hasGoogleSpec } from '../../src/surfaces/sheet/google-sheets-stand-in.fixture.ts'
import { contactsIn, leadRows } from '../leads.ts'
import { until } from '../until.ts'

const kills = 4
const decided = 400
const open = 120

test.skipIf(!hasHubSpotSpecs)(
  'a kill at any moment of scoring in HubSpot loses nothing and writes nothing twice (needs its OpenAPI files)',
  async () => {
    const standIn = await hubspotStandIn()
    onTestFinished(() => standIn.close())
    const ids = contactsIn(standIn, decided, open)
    const before = standIn.snapshot('contacts')
    standIn.trouble.slow = 5
    const settings = { token: standIn.token, url: standIn.url, callsPerSecond: 100_000, seconds: 0.2 }
    const placed = await killAndFinish('hubspot', settings, () => standIn.count('batch/update') > 0)
    expect(standIn.wrongs).toEqual([])
    for (const id of ids) {
      const score = standIn.valueOf('contacts', id, 'inlay_lifecyclestage_probability')
      const writes = standIn.objects.contacts.get(id)!.history.inlay_lifecyclestage_probability ?? []
      expect(score !== null, `contact ${id}`).toBe(placed.has(id))
      // A write that was repeated after a kill wrote the very same.
      expect(new Set(writes.map(({ value }) => value)).size).toBeLessThanOrEqual(1)
    }
    for (const [id, text] of Object.entries(standIn.snapshot('contacts')))
      if (!placed.has(id)) expect(text).toBe(before[id])
  },
  600_000,
)

test.skipIf(!hasGoogleSpec)(
  'a kill at any moment of scoring in a Google Sheet loses nothing and writes nothing twice (needs its discovery document)',
  async () => {
    const standIn = await googleStandIn()
    onTestFinished(() => standIn.close())
    const rows = leadRows(decided, open)
    standIn.addSheet('Leads', rows)
    standIn.trouble.slow = 5
    const settings = {
      spreadsheet: standIn.id,
      credentials: standIn.credentials,
      url: standIn.url,
      target: 'won',
      seconds: 0.2,
    }
    const placed = await killAndFinish('google-sheets', settings, () => standIn.count('batchUpdate') > 0)
    expect(standIn.wrongs).toEqual([])
    expect(standIn.sheets.map(({ title }) => title)).toEqual(['Leads'])
    const [header, ...lines] = standIn.sheets[0]!.cells
    expect(header!.map(({ value }) => value)).toEqual([
      'id',
      'visits',
      'minutes',
      'pages',
      'won',
      'Inlay: won',
      'Inlay: why',
    ])
    expect(lines.map((line) => line.slice(0, 5).map(({ value }) => value))).toEqual(rows.slice(1))
    for (const line of lines)
      expect((line[5]?.value ?? null) !== null, `${line[0]!.value}`).toBe(placed.has(String(line[0]!.value)))
  },
  600_000,
)

const files: Record<string, string> = {
  hubspot: 'crm/hubspot.ts#hubspot',
  'google-sheets': 'sheet/google-sheets.ts#googleSheets',
}

/** Runs the loop in a process that is killed again and again, then to its end; gives the items that were placed. */
async function killAndFinish(
  surface: string,
  settings: object,
  writing: () => boolean,
): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ledger, url, schema } = await freshLedger()
  const pain = { minutesPerPersonPerWeek: null, from: null, named: true }
  await ledger.saveDeployment({ id: 'score-1', team: 'test', surface, skill: 'score', settings, pain })
  const random = seeded(11)
  const start = (): ChildProcess => {
    const child = fork(
      join(import.meta.dirname, 'engine-child.ts'),
      [url, schema, folder, files[surface]!, 'score.ts#score'],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  for (let round = 0; round < kills; round++) {
    const child = start()
    await once(child, 'message')
    // The first ones while it learns or begins to write; the others wherever it is then.
    if (round > 0) await until(writing, 'it writes')
    await sleep(random.uniform() * 400)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const last = start()
  try {
    await until(async () => {
      const [standing] = await ledger.standing()
      const { arms, placed, refused } = standing?.counts ?? {
        arms: { shown: 0, silent: 0, 'held back': 0 },
        placed: 0,
        refused: 0,
      }
      return arms.shown + arms.silent + arms['held back'] === open && placed + refused === arms.shown
    }, 'the loop has finished')
  } finally {
    const gone = once(last, 'exit')
    last.kill('SIGTERM')
    await gone
  }
  const items: string[] = []
  for await (const fact of ledger.facts({ kinds: ['placed', 'refused'] })) {
    expect(fact.kind, JSON.stringify(fact.body)).toBe('placed')
    items.push(fact.item!)
  }
  expect(new Set(items).size).toBe(items.length)
  expect(items.length, 'the test is worth something only if much was placed').toBeGreaterThan(open / 4)
  return new Set(items)
}
