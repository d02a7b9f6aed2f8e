import { expect, test } from 'vitest'
import { erasePerson } from '../engine/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { formatReports, reportedKinds, teamReports } from '../measure/index.ts'
import { day, fact, quarter, start } from '../measure/report/made-up-facts.fixture.ts'
import { momentOf, reportsNow } from './report.ts'

test('read from a real ledger, a report of a past date is what was sent, whatever comes after', async () => {
  const { ledger } = await freshLedger()
  const until = start + 20 * day
  const facts = quarter({ deployment: 'triage-1', days: 30 })
  const told = facts.filter(({ at }) => at <= until)
  await ledger.append(told)
  const page = async () =>
    formatReports(await teamReports(ledger.facts({ kinds: reportedKinds }), { until }), 'markdown')
  const sent = await page()
  expect(sent).toContain('hours a person a week')
  const about = { deployment: 'triage-1', at: until + 1 }
  await ledger.append([fact('reported', { team: 'Orders', until, to: 'mail', sha256: '' }, about)])
  await ledger.append(facts.filter(({ at }) => at > until))
  await ledger.append(quarter({ deployment: 'triage-1', days: 5, saves: -300, seed: 'late' }).slice(4))
  expect(await page()).toBe(sent)
  await erasePerson(ledger, 'p-1')
  await ledger.rebuild()
  expect(await page()).toBe(sent)
})

test("from the ledger's sums the page is the one from all facts, also after late changes and a rebuild", async () => {
  const { ledger } = await freshLedger()
  const until = start + 40 * day
  const facts = [
    ...quarter({ deployment: 'triage-1', days: 20, perDay: 20 }),
    ...quarter({ deployment: 'triage-2', team: 'Sales', days: 20, perDay: 20, saves: -20, useful: 0.8 }),
  ]
  const pages = async () => {
    const all = await teamReports(ledger.facts({ kinds: reportedKinds }), { until })
    return [await reportsNow(ledger, { until }), all].map((reports) => formatReports(reports, 'markdown'))
  }
  const item = facts.find(({ kind, body }) => kind === 'judged' && 'outcome' in body && body.outcome)!.item!
  const about = { deployment: 'triage-1', at: start + 30 * day, item, person: 'p-1' }
  const others = { deployment: 'triage-1', at: start + 5 * day }
  const late = [
    fact('did', { seconds: 5000, secondsFrom: 'compose box', bySource: { 'gap capped': 60 } }, about),
    fact('corrected', { because: 'It was changed back.' }, about),
    ...['p-1', 'p-2', 'p-3', 'p-4', 'p-5'].map((person) =>
      fact('switchedOff', { until: start + 9 * day }, { ...others, person }),
    ),
  ]
  const seen = new Set<string>()
  for (const part of [facts.slice(0, 1500), facts.slice(1500), late]) {
    await ledger.append(part)
    const [quick, thorough] = await pages()
    expect(quick).toBe(thorough)
    seen.add(quick!)
  }
  expect(seen.size).toBe(3)
  await ledger.rebuild()
  expect((await pages())[0]).toBe([...seen].at(-1))
})

test('kinds of fact that no projection knows are kept and leave the projections as they are', async () => {
  const { ledger } = await freshLedger()
  await ledger.append(quarter({ deployment: 'triage-1', days: 2 }))
  const before = await ledger.projections()
  const all = { deployment: 'triage-1', at: start + 3 * day, person: 'p-1' }
  const about = { ...all, item: 'triage-1 3' }
  const added = [
    fact('asked', { question: 'satisfied' }, about),
    fact('answered', { question: 'satisfied', answer: true }, about),
    fact('switchedOff', { until: about.at + day }, all),
    fact('missed', { how: 'complaint' }, all),
    fact('costed', { tasks: [] }, all),
    fact('traced', { tasks: [] }, all),
    fact('announced', { words: 80, seconds: 32 }, all),
    fact('reported', { team: 'Orders', until: about.at, to: 'mail', sha256: '' }, all),
  ]
  expect(await ledger.append(added)).toBe(added.length)
  expect(await ledger.projections()).toEqual(before)
  await ledger.rebuild()
  expect(await ledger.projections()).toEqual(before)
  const kinds = new Set<string>()
  for await (const { kind } of ledger.facts({ since: about.at })) kinds.add(kind)
  expect([...kinds].sort()).toEqual(added.map(({ kind }) => kind).sort())
})

test('a day is its end, a moment itself, and what is no date is told', () => {
  expect(momentOf('2026-03-31')).toBe(Date.UTC(2026, 3, 1) - 1)
  expect(momentOf('2026-03-31T12:00Z')).toBe(Date.UTC(2026, 2, 31, 12))
  expect(momentOf('2026-03-31T12:00:30+02:00')).toBe(Date.UTC(2026, 2, 31, 10, 0, 30))
  for (const wrong of ['2026-02-31', '2026-03-31T12:00', '2026-03-31T25:00Z', 'yesterday', '', '31.3.2026'])
    expect(() => momentOf(wrong)).toThrow('--at takes a day')
})
