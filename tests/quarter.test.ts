import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { playQuarter } from '../src/cli/made-up-quarter.ts'
import { freshLedger } from '../src/ledger/testing.ts'
import { formatReports, reportedKinds, teamReports } from '../src/measure/index.ts'
import { skills } from '../src/skills/index.ts'

test("the sample's quarter", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-quarter-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ledger } = await freshLedger()
  const end = Date.UTC(2026, 5, 29)
  const began = performance.now()
  await playQuarter({
    ledger,
    folder,
    skills,
    seed: 1,
    end,
    signal: new AbortController().signal,
    onMove: (team, day, to, because) => console.log(team, day, to, because),
  })
  console.log((performance.now() - began) / 1000, process.cpuUsage().user / 1e6)
  const reports = await teamReports(ledger.facts({ kinds: reportedKinds }), { until: end })
  console.log(formatReports(reports, 'text'))
  expect(reports).toHaveLength(3)
}, 600_000)
