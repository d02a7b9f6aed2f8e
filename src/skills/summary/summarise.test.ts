import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../contract/index.ts'
import { columnsOfCells } from '../../learn/attribution/metric-columns.ts'
import { seeded } from '../../stats/random.ts'
import { untrue } from './read-back.ts'
import type { Question } from './roles.ts'
import { summarise } from './summarise.ts'
import { summariseExpected } from './summarise-expected.ts'

const columns = ['date', 'region', 'product', 'amount']
const day = 86_400_000

interface Made {
  days: number
  seed: number
  spread: number
  /** What happens in the last week to these cells. */
  change?: (region: number, product: number) => number
}

/** Daily amounts of three regions and four products, with a weekday pattern. */
function made({ days, seed, spread, change }: Made): Cell[][] {
  const rng = seeded(seed)
  const level = Array.from({ length: 12 }, () => 100 * rng.logNormal(0, 0.8))
  const weekday = [1, 1.1, 1, 0.9, 1.2, 0.6, 0.4]
  const rows: Cell[][] = []
  for (let i = 0; i < days; i++) {
    const date = new Date(Date.UTC(2025, 0, 1) + i * day).toISOString().slice(0, 10)
    for (let region = 0; region < 3; region++) {
      for (let product = 0; product < 4; product++) {
        const factor = i >= days - 7 ? (change?.(region, product) ?? 1) : 1
        const mean = level[region * 4 + product]! * weekday[i % 7]! * factor
        rows.push([
          date,
          `Region ${region}`,
          `Product ${product}`,
          Math.max(0, Math.round(100 * mean * (1 + spread * rng.normal())) / 100),
        ])
      }
    }
  }
  return rows
}

const tell = (rows: Cell[][], question: Question = {}, names = columns) =>
  summarise(columnsOfCells(names, rows).table, question)

test('tells which segment fell, from what to what, with the true sums', () => {
  const rows = made({
    days: 120,
    seed: 1,
    spread: 0.1,
    change: (region, product) => (region === 1 && product === 2 ? 0.3 : 1),
  })
  const { causes, findings, total } = tell(rows)
  expect(causes.map(({ where }) => where)).toEqual([{ region: 'Region 1', product: 'Product 2' }])
  const lastWeek = rows.slice(-7 * 12)
  const sum = (some: Cell[][]) => some.reduce((all, row) => all + Number(row[3]), 0)
  expect(total.to).toBeCloseTo(sum(lastWeek), 6)
  expect(causes[0]!.to).toBeCloseTo(
    sum(lastWeek.filter((row) => row[1] === 'Region 1' && row[2] === 'Product 2')),
    6,
  )
  expect(findings[1]!.text).toMatch(/^Region 1, Product 2 fell to [\d,.]+ from [\d,.]+/)
})

test('says that all of it fell when all of it fell, and blames no part', () => {
  const { causes, findings, total } = tell(made({ days: 120, seed: 2, spread: 0.1, change: () => 0.5 }))
  expect(causes).toEqual([])
  expect(findings[0]!.text).toContain('below')
  expect(total.relative).toBeCloseTo(-0.5, 1)
})

test('tells which segment departs from a plan, by either door', () => {
  const rng = seeded(4)
  const rows: Cell[][] = []
  for (let region = 0; region < 8; region++) {
    for (let product = 0; product < 12; product++) {
      const plan = 100 * rng.logNormal(0, 0.8)
      const actual = plan * (region === 3 ? 0.4 : 1 + 0.03 * rng.normal())
      rows.push([`Region ${region}`, `Product ${product}`, actual, plan])
    }
  }
  const { table } = columnsOfCells(['region', 'product', 'amount', 'plan'], rows)
  const question = { metric: 'amount', expected: 'plan', by: ['region', 'product'] }
  const told = summarise(table, question)
  expect(told.causes.map(({ where }) => where)).toEqual([{ region: 'Region 3' }])
  expect(summariseExpected(table, question, { locale: 'en' })).toEqual(told)
})

test('calls a finding in at most 5 % of tables of pure noise', () => {
  let wrong = 0
  for (let seed = 1; seed <= 100; seed++)
    if (tell(made({ days: 60 + seed, seed, spread: 0.2 })).findings.length > 0) wrong++
  expect(wrong).toBeLessThanOrEqual(5)
})

test('finds at least 95 % of the changes that a person would call big', () => {
  let found = 0
  for (let seed = 1; seed <= 40; seed++) {
    const change = (region: number) => (region === seed % 3 ? (seed % 2 ? 0.5 : 1.6) : 1)
    const { causes } = tell(made({ days: 60 + seed, seed, spread: 0.15, change }))
    if (causes.some(({ where }) => where.region === `Region ${seed % 3}`)) found++
  }
  expect(found).toBeGreaterThanOrEqual(38)
})

test('every number in a text is true: computed again here, from the rows, by nobody it knows', () => {
  const cell = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -1e4, max: 1e6, noNaN: true }) },
    { weight: 2, arbitrary: fc.integer({ min: -50, max: 50 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
  const row = fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom('7', 'North 3', 'All of it', ''),
    fc.constantFrom('1', '12', 'B'),
    cell,
  )
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 200 }),
      fc.constantFrom('en', 'de'),
      (made, locale) => {
        const rows: Cell[][] = made.map(([i, a, b, value]) => [
          new Date(Date.UTC(2025, 0, 1) + i * day).toISOString().slice(0, 10),
          a || null,
          b,
          value,
        ])
        const table = columnsOfCells(columns, rows, {
          texts: ['region', 'product'],
          numbers: ['amount'],
        }).table
        const { total, causes, findings } = summarise(
          table,
          { metric: 'amount', by: ['region', 'product'] },
          { locale },
        )
        const amounts = rows.map((each) => Number(each[3] ?? 0))
        // The newest week or day; whichever it is, its sum is one of these.
        const days = [...new Set(rows.map((each) => String(each[0])))].sort()
        const sums = days.flatMap((last) =>
          [1, 7].map((length) =>
            rows.reduce((sum, each, i) => {
              const age = (Date.parse(last) - Date.parse(String(each[0]))) / day
              return age >= 0 && age < length ? sum + amounts[i]! : sum
            }, 0),
          ),
        )
        sums.push(amounts.reduce((sum, each) => sum + each, 0))
        expect(sums.some((sum) => Math.abs(sum - total.to) <= 1e-6 * Math.max(1, Math.abs(sum)))).toBe(true)
        for (const { change, from, to } of causes) expect(change).toBeCloseTo(to - from, 3)
        for (const { text, numbers } of findings)
          for (const { shown } of numbers) expect(text).toContain(shown)
      },
    ),
    { numRuns: 300 },
  )
})

test('a rate is the sum of its numerators by the sum of its denominators, and zero denominators are no fault', () => {
  const rng = seeded(5)
  const rows: Cell[][] = []
  for (let i = 0; i < 30; i++) {
    for (const device of ['Phone', 'Desktop', 'Tablet']) {
      const visits = device === 'Tablet' ? 0 : 2000 + Math.round(200 * rng.normal())
      const rate = device === 'Phone' && i === 29 ? 0.01 : 0.05
      rows.push([
        `2025-03-${String(i + 1).padStart(2, '0')}`,
        device,
        Math.round(visits * rate + 5 * rng.normal() * (visits > 0 ? 1 : 0)),
        visits,
      ])
    }
  }
  const names = ['date', 'device', 'orders', 'visits']
  const { total, causes, findings } = tell(rows, { metric: 'orders', per: 'visits', at: '2025-03-30' }, names)
  expect(causes.map(({ where }) => where)).toEqual([{ device: 'Phone' }])
  const last = rows.slice(-3)
  expect(total.to).toBeCloseTo(
    last.reduce((sum, row) => sum + Number(row[2]), 0) / last.reduce((sum, row) => sum + Number(row[3]), 0),
    9,
  )
  expect(findings[0]!.text).toContain('%')
})

describe('bad input', () => {
  const quiet = made({ days: 60, seed: 3, spread: 0.1 })

  test('a single period, and a table without time, have nothing to compare with', () => {
    for (const rows of [quiet.slice(0, 12), quiet.map((row) => [null, ...row.slice(1)])]) {
      const { text, findings, causes } = tell(rows)
      expect(text).toContain('nothing before to compare it with')
      expect([findings, causes]).toEqual([[], []])
    }
  })

  test('two periods are too few to say what is usual, and a rate of nothing is none', () => {
    const two = ['2025-01', '2025-02'].flatMap((month): Cell[][] => [
      [month, 'North', 'Boxes', 100],
      [month, 'South', 'Boxes', month.endsWith('1') ? 200 : 210],
    ])
    expect(tell(two).text).toContain('too little past')
    const nothing = Array.from({ length: 40 }, (_, i): Cell[] => [quiet[i * 12]![0]!, 'Phone', 0, 0])
    const told = tell(nothing, { metric: 'orders', per: 'visits' }, ['date', 'device', 'orders', 'visits'])
    expect(told.text).toContain('there is no visits')
    expect(told.findings).toEqual([])
  })

  test('rows that are sums of others are left out, and said to be', () => {
    const totals = Array.from({ length: 60 }, (_, i): Cell[] => {
      const rows = quiet.slice(i * 12, i * 12 + 12)
      return [rows[0]![0]!, 'Total', 'Total', rows.reduce((sum, row) => sum + Number(row[3]), 0)]
    })
    const { total, notices } = tell([...quiet, ...totals])
    expect(total.to).toBeCloseTo(tell(quiet).total.to, 6)
    expect(notices.join()).toContain('60 rows with "Total"')
  })

  test('a week that was exported twice is counted once, and said to be; equal rows that are ordinary are not', () => {
    const twice = tell([...quiet, ...quiet.slice(-7 * 12)])
    expect(twice.notices.join()).toContain('stand there twice')
    expect(twice.total).toEqual(tell(quiet).total)
    const sales = quiet.flatMap((row) => [row, row].map((each) => [...each.slice(0, 3), 1]))
    expect(tell(sales).notices).toEqual([])
  })

  test('a dimension of 200,000 values is told about all the same', () => {
    const rows = 200_000
    const customers = Array.from({ length: rows }, (_, i) => `customer ${i}`)
    const days = Array.from({ length: 100 }, (_, i) =>
      new Date(Date.UTC(2025, 0, 1) + i * day).toISOString().slice(0, 10),
    )
    const table = {
      rows,
      columns: [
        { name: 'date', values: days, codes: Int32Array.from({ length: rows }, (_, i) => i % 100) },
        { name: 'customer', values: customers, codes: Int32Array.from({ length: rows }, (_, i) => i) },
        {
          name: 'region',
          values: ['North', 'South'],
          codes: Int32Array.from({ length: rows }, (_, i) => (i >> 3) % 2),
        },
        {
          name: 'amount',
          numbers: Float64Array.from(
            { length: rows },
            (_, i) => (i % 100 >= 93 && (i >> 3) % 2 ? 40 : 100) + (i % 7),
          ),
        },
      ],
    }
    const { causes } = summarise(table, { metric: 'amount', by: ['customer', 'region'] })
    expect(causes.map(({ where }) => where)).toEqual([{ region: 'South' }])
  })

  test('amounts in several currencies are not added up', () => {
    const rows = quiet.map((row, i) => [...row, i % 12 === 0 ? 'USD' : 'EUR'])
    const { notices, total } = tell(rows, {}, [...columns, 'currency'])
    expect(notices.join()).toContain('only EUR is told about')
    expect(total.to).toBeLessThan(tell(quiet).total.to)
  })

  test('a last day that has only begun is left out, and said to be', () => {
    const { total, notices } = tell([...quiet, ['2025-03-02', 'Region 0', 'Product 0', 1]])
    expect(notices.join()).toContain('2025-03-02')
    expect(total.to).toBeCloseTo(tell(quiet).total.to, 6)
  })

  test('days that are missing, negative amounts and a dimension of many values are told about all the same', () => {
    const odd = quiet
      .filter((_, i) => i % 50 > 12)
      .map((row, i) => [...row.slice(0, 3), i % 30 === 0 ? -5 : row[3]!, `key ${i}`])
    expect(tell(odd, { by: ['region', 'product', 'customer'] }, [...columns, 'customer']).text).not.toBe('')
  })

  test('a wrong column, a wrong moment and a column of text say what is wrong', () => {
    expect(() => tell(quiet, { metric: 'sum' })).toThrow('no column "sum"')
    expect(() => tell(quiet, { metric: 'region' })).toThrow('"region" holds text')
    expect(() => tell(quiet, { time: 'product' })).toThrow('"Product 0" is no date')
    expect(() => tell(quiet, { at: 'yesterday' })).toThrow('"yesterday" is no date')
    expect(() => tell(quiet, { at: '1999-01-01' })).toThrow('outside')
  })
})

test('a text that somebody reworded is refused when a number in it is not one of ours', () => {
  const numbers = Float64Array.of(1200, 34)
  const rows = {
    kept: Uint8Array.of(1, 1),
    windowOf: null,
    numbers: () => numbers,
    dimension: () => ({ codes: new Int32Array(2), code: 0 }),
    known: new Map(),
    members: new Map(),
  }
  const of = { sum: [{ column: 'metric' as const, window: null, weight: 1, where: [] }] }
  const pieces = [{ name: 'Area 51' }, ' had ', { number: { shown: '1,234', value: 1234 }, of }]
  const english = { locale: 'en' }
  expect(untrue('Area 51 had 1,234', pieces, rows, english)).toBeNull()
  expect(untrue('There were 1,234 in Area 51.', pieces, rows, english)).toBeNull()
  expect(untrue('Area 51 had 1,235', pieces, rows, english)).toContain('1,235')
  expect(untrue('Area 51 had 1,234, 12 % more', pieces, rows, english)).toContain('12')
  numbers[0] = 1201
  rows.known.clear()
  expect(untrue('Area 51 had 1,234', pieces, rows, english)).toContain('the rows give 1235')
})
