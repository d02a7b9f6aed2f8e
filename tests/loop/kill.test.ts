import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Fact } from '../../src/contract/index.ts'
import { freshLedger } from '../../src/ledger/testing.ts'
import { seeded } from '../../src/stats/random.ts'
import { until } from '../until.ts'
import { deliver, makeMailbox, messagesIn } from './mailbox.ts'

const kills = 50
const filed = 240
const openAtFirst = 150

test('a kill at any of 50 random moments of the loop loses nothing and places nothing twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const mailbox = join(folder, 'mail')
  makeMailbox(mailbox, { filed, open: openAtFirst })
  const { ledger, url, schema } = await freshLedger()
  await ledger.saveDeployment({
    id: 'triage-maildir-1',
    team: 'test',
    surface: 'maildir',
    skill: 'triage',
    settings: { path: mailbox },
    pain: { minutesPerPersonPerWeek: null, from: null, named: true },
  })
  const random = seeded(7)
  let delivered = filed + openAtFirst
  for (let round = 0; round < kills; round++) {
    const child = start(url, schema, folder)
    // One in ten while the program still loads; else into learning, suggesting, placing and watching.
    if (round % 10 > 0) await once(child, 'message')
    await sleep(random.uniform() ** 2 * 2500)
    for (let count = 0; count < 2; count++) deliver(mailbox, delivered++)
    await sleep(random.uniform() * 60)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  const last = start(url, schema, folder)
  const open = delivered - filed
  try {
    await until(async () => {
      const [standing] = await ledger.standing()
      const decided = Object.values(standing?.counts.arms ?? {}).reduce((sum, count) => sum + count, 0)
      const shown = standing?.counts.arms.shown ?? 0
      return decided === open && standing?.counts.placed === shown
    }, 'the loop has finished')
  } finally {
    const gone = once(last, 'exit')
    last.kill('SIGTERM')
    await gone
  }

  const messages = messagesIn(mailbox)
  expect(messages.size).toBe(delivered)
  const places = [...messages.values()]
  expect(places.filter(({ files }) => files.length !== 1)).toEqual([])

  const perItem = new Map<string, string[]>()
  let placed = 0
  for await (const fact of ledger.facts({}) as AsyncIterable<Fact>) {
    if (fact.item === null) continue
    perItem.set(fact.item, [...(perItem.get(fact.item) ?? []), fact.kind])
    if (fact.kind === 'placed') placed++
  }
  expect(perItem.size).toBe(open)
  for (const kinds of perItem.values()) {
    expect(new Set(kinds).size, `each fact once: ${kinds}`).toBe(kinds.length)
    expect(kinds).toEqual(expect.arrayContaining(['seen', 'suggested', 'decided']))
  }
  // A placement is one lower-case keyword letter after the flags.
  const marked = places.filter(({ files }) => /:2,[A-Z]*[a-z]$/.test(files[0]!)).length
  const markedTwice = places.filter(({ files }) => /:2,[A-Z]*[a-z]{2,}$/.test(files[0]!)).length
  expect(placed, 'the test is worth something only if much was placed').toBeGreaterThan(open / 3)
  expect(marked).toBe(placed)
  expect(markedTwice).toBe(0)
  expect((await ledger.standing())[0]).toMatchObject({ stage: 'pilot', failure: null })
}, 600_000)

function start(url: string, schema: string, folder: string): ChildProcess {
  const child = fork(
    join(import.meta.dirname, 'engine-child.ts'),
    [url, schema, folder, 'inbox/maildir.ts#maildir', 'triage.ts#triage'],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
