import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { random } from '../../sample/random.ts'
import { weeklyReports } from '../../sample/tables/reports.ts'
import { salesTable } from '../../sample/tables/sales.ts'
import { parseMetricCsv } from '../learn/attribution/metric-csv.ts'
import { summarise } from '../skills/summary/summarise.ts'
import { summaryCommand } from './summary.ts'

const sample = salesTable(random('summary'), Date.UTC(2026, 10, 20, 9))

/** The sales as they stood at the end of an incident's first whole week. */
function after(incident: { from: string }, metric: string) {
  const end = new Date(Date.parse(incident.from) + 6 * 86_400_000).toISOString().slice(0, 10)
  return summarise(parseMetricCsv('sales.csv', Buffer.from(sample.csv))!, { metric, at: end })
}

test('the two incidents of the sample company are found and told rightly', () => {
  const [collapse, priceError] = sample.incidents as [
    (typeof sample.incidents)[0],
    (typeof sample.incidents)[0],
  ]
  for (const metric of ['revenue', 'units']) {
    const { causes } = after(collapse, metric)
    expect(causes[0]!.where).toEqual(collapse.where)
    expect(causes[0]!.to / causes[0]!.from).toBeLessThan(0.3)
  }
  const revenue = after(priceError, 'revenue')
  expect(revenue.causes[0]!.where).toEqual(priceError.where)
  expect(revenue.causes[0]!.change).toBeGreaterThan(0)
  const units = after(priceError, 'units')
  expect(units.causes[0]!.where).toEqual(priceError.where)
  expect(units.causes[0]!.change).toBeLessThan(0)
})

test('looking back from today, both incidents are told, on whatever day and with whatever seed', () => {
  for (const seed of [1, 2]) {
    const { csv, incidents } = salesTable(random(`${seed}/sales`), Date.UTC(2026, 8, 1 + 9 * seed, 9))
    const { findings } = summarise(parseMetricCsv('sales.csv', Buffer.from(csv))!, { metric: 'revenue' })
    const texts = findings.map(({ text }) => text).join('\n')
    for (const { where } of incidents) expect(texts).toContain(Object.values(where).join(', '))
  }
})

test('the weekly reports that nobody commented are told rightly: the incidents, and a quiet week', () => {
  const told = new Map<string, string>()
  for (const { name, content } of weeklyReports(random('reports'), sample)) {
    if (!name.endsWith('.csv')) told.set(name.replace('.md', '.csv'), content)
  }
  const texts = weeklyReports(random('reports'), sample).flatMap(({ name, content }) =>
    name.endsWith('.csv') && /-->\n<!--/.test(told.get(name)!)
      ? [`${name}: ${summarise(parseMetricCsv(name, Buffer.from(content))!).text}`]
      : [],
  )
  expect(texts).toHaveLength(6)
  const of = (metric: string) => texts.filter((text) => text.includes(`-${metric}`))
  expect(of('revenue')[0]).toMatch(/above[^.]*\. Web shop rose to/)
  expect(of('revenue')[1]).toMatch(/North, Stretch film fell to/)
  expect(of('revenue')[2]).toContain('Nothing out of the ordinary')
  expect(of('units')[0]).toMatch(/Web shop fell to/)
  expect(of('units')[2]).toContain('Nothing out of the ordinary')
})

test('a column that is both a number and a dimension, and a locale that nobody has, are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-summary-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'sales.csv')
  writeFileSync(path, sample.csv)
  const run = (...options: string[]) =>
    summaryCommand()
      .exitOverride()
      .parseAsync([path, ...options], { from: 'user' })
  await expect(run('--metric', 'units', '--by', 'units')).rejects.toThrow('both a number and a dimension')
  await expect(run('--locale', 'not a locale')).rejects.toThrow('no known locale')
  await expect(run('--metric', 'sum')).rejects.toThrow('no column "sum"')
})
