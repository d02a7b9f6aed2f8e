import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../tests/until.ts'
import type { Message } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { reply } from '../skills/reply/index.ts'
import { answered, madeUpAnswers, message } from '../skills/reply/made-up-answers.fixture.ts'
import { score } from '../skills/score.ts'
import { csv } from '../surfaces/sheet/csv.ts'
import { teamRecords } from './team-records.ts'
import { trainInThreadWith } from './train-thread.ts'

const pain = { minutesPerPersonPerWeek: null, from: null, named: true }
const customer = (n: number) => `customer${n}@shop.example`

/** A ledger with a table of customers: each has an extension that answers them. */
async function team() {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-records-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'customers.csv')
  const write = (extension: (n: number) => number) =>
    writeFileSync(
      path,
      `id,mail,extension,remark,won\n${Array.from({ length: 300 }, (_, n) =>
        [
          n,
          n < 298 ? customer(n) : customer(0),
          extension(n),
          `pays late ${n}`,
          ['yes', 'no', ''][n % 3],
        ].join(),
      ).join('\n')}\n`,
    )
  write((n) => 7000 + n * 3)
  const { ledger } = await freshLedger()
  const deployment = (id: string, name: string, surface: string, skill: string, settings: object) =>
    ledger.saveDeployment({ id, team: name, surface, skill, settings, pain })
  await deployment('score-csv-1', 'desk', 'csv', 'score', { path, target: 'won' })
  await deployment('reply-imap-1', 'desk', 'imap', 'reply', {})
  await deployment('reply-imap-2', 'other', 'imap', 'reply', {})
  const clock = { now: Date.now() }
  const records = teamRecords({
    ledger,
    folder,
    surfaces: { csv },
    skills: { score, reply },
    now: () => clock.now,
  })
  const from = (n: number): Message => message({ text: 'Hello', from: { name: '', address: customer(n) } })
  return { folder, write, clock, records, from }
}

test("the record with the sender's address says what is known of them, to their own team alone", async () => {
  const { records, from, write, clock } = await team()
  const facts = records.factsFor('reply-imap-1')
  expect(await facts(from(4))).toMatchObject({ extension: '7012', remark: 'pays late 4' })
  expect(await facts(from(5)), 'an open row').toMatchObject({ extension: '7015' })
  expect(Object.values(await facts(from(4)))).not.toContain(customer(4))
  expect(await facts(from(0)), 'two rows have it').toEqual({})
  expect(await facts(from(999))).toEqual({})
  expect(await facts(message({ text: 'Hello', from: null }))).toEqual({})
  expect(await records.factsFor('reply-imap-2')(from(4))).toEqual({})
  write((n) => 8000 + n)
  clock.now += 61 * 60_000
  await until(async () => (await facts(from(4))).extension === '8004', 'the table is read anew')
})

test('replies are learned with the records, and filled from them', async () => {
  const { folder, records } = await team()
  const examples = madeUpAnswers(120).map((example, n) => {
    if (n % 4 === 3) return example
    const item = {
      ...example.item,
      from: { name: '', address: customer(n + 1) },
      text: 'Who can call me, please?',
    }
    return answered(
      item,
      `Hello,\n\nYour contact has extension ${7000 + (n + 1) * 3} and calls you back today.`,
    )
  })
  const options = { deployment: 'reply-imap-1', seed: 1, signal: new AbortController().signal, progress() {} }
  const { bytes } = await trainInThreadWith(folder, records)(reply, examples, options)
  const item = message({ text: 'Who can call me now, please?', from: { name: '', address: customer(200) } })
  const facts = records.factsFor('reply-imap-1')
  const suggestion = await reply.suggest(reply.load(bytes), item, { seed: 1, facts })
  expect(suggestion?.value).toMatchObject({ text: expect.stringContaining('extension 7600') })
})
