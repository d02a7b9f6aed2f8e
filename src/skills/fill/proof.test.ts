import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cell, type Example, memoryVault } from '../../contract/index.ts'
import { backtest } from '../../prove/backtest.ts'
import { surfaces } from '../../surfaces/index.ts'
import { makeWorkbook } from '../../surfaces/sheet/workbook.fixture.ts'
import { fill } from './index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-proof-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Derived = Record<string, (cell: string) => Cell>
interface Desk {
  name: string
  input: string
  cells: string[]
  derived: Derived
}

const people: Desk = {
  name: 'People',
  input: 'Full name',
  cells:
    'Ada Lovelace,Alan Turing,Grace Hopper,Edsger Dijkstra,Barbara Liskov,Donald Knuth,John Backus,Niklaus Wirth'.split(
      ',',
    ),
  derived: {
    First: (name) => name.split(' ')[0]!,
    Last: (name) => name.split(' ')[1]!,
    Capitals: (name) => name.toUpperCase(),
    Small: (name) => name.toLowerCase(),
    Listed: (name) => name.split(' ').toReversed().join(', '),
    Initials: (name) => name.replace(/(\p{L})\p{L}+ ?/gu, '$1.'),
    Login: (name) => name.toLowerCase().replace(' ', '.'),
    Mail: (name) => `${name.toLowerCase().replace(' ', '.')}@acme.com`,
    Short: (name) => name.replace(/(\p{L})\p{L}+/u, '$1.'),
    Family: (name) => name.split(' ')[1]!.toUpperCase(),
  },
}
const orders: Desk = {
  name: 'Orders',
  input: 'Order',
  cells:
    'ORD-2024-0117-DE,ORD-2023-2201-FR,ORD-2024-0930-PL,ORD-2022-0512-ES,ORD-2024-1101-IT,ORD-2021-0077-NL,ORD-2023-0808-SE'.split(
      ',',
    ),
  derived: {
    Year: (order) => order.split('-')[1]!,
    Country: (order) => order.split('-')[3]!,
    Bare: (order) => order.replaceAll('-', ''),
    Slashed: (order) => order.replaceAll('-', '/'),
    Serial: (order) => order.split('-')[2]!,
    'Serial and country': (order) => order.split('-').slice(2).join('-'),
    Series: (order) => order.split('-').slice(0, 2).join('-'),
    'Small order': (order) => order.toLowerCase(),
  },
}
const visits: Desk = {
  name: 'Visits',
  input: 'Page',
  cells:
    'https://www.acme.com/shop/shoes,https://www.globex.org/news/today,https://www.initech.de/jobs/berlin,https://www.hooli.io/about/team,https://www.umbrella.net/labs/rats,https://www.stark.com/suits/mark'.split(
      ',',
    ),
  derived: {
    Host: (page) => new URL(page).host,
    Path: (page) => new URL(page).pathname,
    Section: (page) => page.split('/')[3]!,
    Leaf: (page) => page.split('/').at(-1)!,
    'Without scheme': (page) => page.slice(8),
    Domain: (page) => new URL(page).host.slice(4),
  },
}

/** What the surface tells of the work that people have done in a workbook with these sheets. */
async function historyOf(...desks: Desk[]): Promise<Example<'table'>[]> {
  const path = join(folder, `${desks.length}.xlsx`)
  const sheets = desks.map(({ name, input, cells, derived }) => ({
    name,
    rows: [
      [input, ...Object.keys(derived)],
      ...cells.map((cell) => [cell, ...Object.values(derived).map((make) => make(cell))]),
    ],
  }))
  await writeFile(path, makeWorkbook({ sheets }))
  const own = join(folder, `private-${desks.length}`)
  await mkdir(own)
  const surface = surfaces.xlsx!
  const opened = await surface.open(surface.settings.parse({ path, sheet: desks[0]!.name }), {
    now: () => 1_700_000_000_000,
    pseudonym: (raw) => raw,
    folder: own,
    vault: memoryVault(),
  })
  const history: Example<'table'>[] = []
  for await (const example of opened.table!.history()) history.push(example)
  await opened.close()
  return history
}

describe('what is proven of fill', () => {
  it('is proven by some dozens of finished columns in the sheets of a workbook', async () => {
    const history = await historyOf(people, orders, visits)
    expect(new Set(history.map(({ item }) => item.group)).size).toBe(27)
    const { proof, parts } = await backtest(fill, history, { seed: 1 })
    expect(parts).toEqual({ learn: 0, calibrate: 0, verify: history.length })
    expect(proof.because).toMatch(/would have been shown/)
    expect(proof).toMatchObject({ passed: true, threshold: 0.95, usefulRate: 1 })
    expect(proof.lowerBound).toBeGreaterThanOrEqual(0.85)
  })

  it('is not by those of one sheet, and says how many are still needed', async () => {
    const { proof } = await backtest(fill, await historyOf(visits), { seed: 1 })
    expect(proof).toMatchObject({ passed: false, threshold: null, judged: 7 })
    const more = 19 - proof.shown
    expect(proof.because).toBe(
      `Of 7 columns ${proof.shown} would have been shown and ${proof.shown} of those were useful; ${more} more that are shown and useful are needed to prove 85 % with 95 % confidence.`,
    )
  })
})
