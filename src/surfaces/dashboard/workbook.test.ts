import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryVault, type Report, type Suggestion } from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { type FixtureCell, makeWorkbook } from '../sheet/workbook.fixture.ts'
import { workbook } from './workbook.ts'

surfaceConformance(workbook, { report: reports })

const suggestion: Suggestion<'report'> = {
  kind: 'report',
  value: { type: 'summary', text: 'Revenue was 1,200 & <above> the 1,000 of the week before.' },
  confidence: 0.9,
  reasons: [],
}

/** A workbook with a table of days up to `last`, and a comment cell. */
function bookOf(comment: string | null, last = 14): Buffer {
  const rows: FixtureCell[][] = [['date', 'region', 'revenue']]
  for (let i = 0; i < last; i++) {
    rows.push([{ value: 46_027 + i, style: 1 }, i % 2 ? 'North' : 'South', 100 + i])
  }
  return makeWorkbook({
    sheets: [
      { name: 'Report', rows: [['Weekly report'], ['Comment', { value: comment, style: 3 }]] },
      { name: 'Data', rows },
    ],
  })
}

/** A folder of weekly workbooks: two with a comment, two without. */
async function reports(): Promise<Medium<'report'>> {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-workbooks-'))
  let weeks = 0
  // As an office program does: a new file in the place of the old one.
  async function save(name: string, bytes: Buffer) {
    await writeFile(join(folder, `~${name}`), bytes)
    await rename(join(folder, `~${name}`), join(folder, name))
  }
  const report = (comment: string | null) => save(`week-${++weeks}.xlsx`, bookOf(comment))
  await report('Revenue was fine.')
  await report('North was slow.')
  await report(null)
  await report(null)
  return {
    settings: { path: folder, cell: 'Report!B2' },
    invalid: [{}, { path: folder }, { path: folder, cell: 7 }],
    async snapshot() {
      const entries = (await readdir(folder)).map(async (name) => [
        name,
        (await readFile(join(folder, name))).toString('base64'),
      ])
      return Object.fromEntries(await Promise.all(entries))
    },
    newItem: () => report(null),
    doDeed: (key) => save(nameOf(key), bookOf('The web shop had a price error.')),
    removePlacement: (key) => save(nameOf(key), bookOf(null)),
    dropItem: (key) => rm(join(folder, nameOf(key))),
    vanish: () => rm(folder, { recursive: true }),
    suggestion: () => suggestion,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Of the workbook in an item's key, which ends with the table's newest day. */
const nameOf = (key: string) => key.replace(/@.*$/, '')

test('a workbook that grows is commented anew each day, in the place of our own comment, and undone to the first byte', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-workbook-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'sales.xlsx')
  const first = bookOf(null, 14)
  await writeFile(path, first)
  const tools = {
    now: Date.now,
    pseudonym: (raw: string) => raw,
    folder: join(folder, 'own'),
    vault: memoryVault(),
  }
  const opened = await workbook.open({ path, cell: 'Report!B2' }, tools)
  const place = opened.report!
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const changes = place.watch(null, abort.signal)[Symbol.asyncIterator]()
  const next = async () => {
    for (;;) {
      const { value } = await changes.next()
      if (value.type !== 'caught up') return value
    }
  }
  const { item } = (await next()) as { item: Report }
  expect(item.key).toBe('sales.xlsx@2026-01-18')
  expect((await place.place(item, suggestion, 'one')).placed).toBe(true)
  const commented = await readFile(path)
  expect(commented.equals(first)).toBe(false)
  // Another week of rows comes in, with our comment still there: as a person's office program would save it, as a shared string.
  const text = `${suggestion.value.text}\n(Suggested by Inlay from the table: keep, reword or clear it.)`
  await writeFile(path, bookOf(text, 21))
  expect(await next()).toMatchObject({ type: 'gone', key: 'sales.xlsx@2026-01-18' })
  const again = (await next()) as { item: Report }
  expect(again.item.key).toBe('sales.xlsx@2026-01-25')
  const other = { ...suggestion, value: { type: 'summary' as const, text: 'A quiet week.' } }
  expect((await place.place(again.item, other, 'two')).placed).toBe(true)
  await place.withdraw({ key: 'two', ref: again.item.key })
  await place.withdraw({ key: 'one', ref: item.key })
  expect(await readFile(path)).toSatisfy((bytes: Buffer) => !bytes.includes('Suggested'))
  const { findSpot } = await import('../sheet/workbook-spot.ts')
  const spot = findSpot(path, await readFile(path), 'Report!B2')!
  expect(spot.inside).toBe('<c r="B2" s="3"/>')
})
