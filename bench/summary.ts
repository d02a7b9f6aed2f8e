import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { explainAdditive } from '../src/learn/attribution/additive.ts'
import { columnsOfCells } from '../src/learn/attribution/metric-columns.ts'
import { plantedCase } from '../src/learn/attribution/planted.fixture.ts'
import { type Summary, summarise } from '../src/skills/summary/summarise.ts'
import { seeded } from '../src/stats/random.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/summary')
const inlay = resolve(import.meta.dirname, '../bin/inlay')

interface Case {
  file: string
  options: string[]
  causes: string[]
}

/** `inlay summary` on cases whose causes are known, run as a person runs it; and on noise. */
export async function bench(table: Table): Promise<void> {
  if (existsSync(data)) {
    // Developed on generated cases only, so that all of these are new to it.
    compare(table, 'summary/additive', additiveCases(), 0.607, 'RiskLoc, on generated data like it')
    // Settings were chosen on the incidents with an even index.
    const rates = rateCases()
    compare(
      table,
      'summary/rates (odd half)',
      rates.filter((_, i) => i % 2 === 1),
      0.421,
      'RobustSpot, on all incidents',
    )
  } else console.error(`bench: ${data} is not here; summary on it is left out.`)
  otherSettings(table)
  noise(table)
}

function compare(table: Table, name: string, cases: Case[], peer: number, note: string): void {
  let right = 0
  let found = 0
  let planted = 0
  const cpu: number[] = []
  for (const { file, options, causes } of cases) {
    const { summary, seconds } = run(file, options)
    const named = summary.causes.map(({ where }) => keyOf(where))
    right += named.filter((each) => causes.includes(each)).length
    found += named.length
    planted += causes.length
    cpu.push(seconds)
  }
  const f1 = (2 * right) / Math.max(1, found + planted)
  table.row({
    claim: `${name} F1`,
    inlay: f1,
    peer,
    ratio: f1 / peer,
    note: `${note}; published figure, not run here`,
  })
  const median = cpu.sort((a, b) => a - b)[cpu.length >> 1]!
  table.row({ claim: `${name} seconds a case, start included`, inlay: median, peer: '-', ratio: '-' })
}

function run(file: string, options: string[]): { summary: Summary; seconds: number } {
  const began = performance.now()
  const { stdout, stderr, status } = spawnSync(inlay, ['summary', file, ...options, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`inlay summary ${file}: ${stderr}`)
  return { summary: JSON.parse(stdout) as Summary, seconds: (performance.now() - began) / 1000 }
}

const keyOf = (where: Record<string, string>): string =>
  Object.entries(where)
    .map(([field, value]) => `${field}=${value}`)
    .sort()
    .join('&')

function additiveCases(): Case[] {
  const lines = readFileSync(resolve(data, 'additive/injection_info.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
  return lines.flatMap((line) => {
    const [name, causes] = line.split(',')
    const file = resolve(data, `additive/${name}.csv.gz`)
    if (!existsSync(file)) return []
    const options = ['--metric', 'real', '--expected', 'predict', '--by', 'a,b,c,d,e']
    return [{ file, options, causes: causes!.split(';').map((each) => each.split('&').sort().join('&')) }]
  })
}

function rateCases(): Case[] {
  const list = JSON.parse(readFileSync(resolve(data, 'rates/causes.json'), 'utf8')) as {
    file: string
    at: number
    causes: Record<string, string>[]
  }[]
  return list.map(({ file: name, at, causes }) => {
    const file = resolve(data, 'rates', name)
    const header = readFileSync(file, 'utf8').split(/\r?\n/, 1)[0]!.split(',')
    const by = header.filter((column) => !['min', 'value', 'cnt'].includes(column))
    const options = [
      '--metric',
      'value',
      '--per',
      'cnt',
      '--time',
      'min',
      '--at',
      String(at),
      '--by',
      by.join(','),
    ]
    return { file, options, causes: causes.map(keyOf) }
  })
}

/** Cases with other dimensions and other strengths than the stored ones have. */
function otherSettings(table: Table): void {
  const settings = {
    'four dimensions, 960 leaves': {},
    'weak (severity from 0.1)': { severity: 0.1 },
    'noisy (up to 40 %)': { noise: 0.4 },
    'four causes, 20,000 leaves': { sizes: [10, 20, 10, 10], groups: 4 },
  }
  for (const [name, options] of Object.entries(settings)) {
    let right = 0
    let all = 0
    for (let seed = 1001; seed <= 1040; seed++) {
      const { leaves, actual, expected, causes } = plantedCase(seed, options)
      const found = explainAdditive(leaves, actual, expected).map(({ dimensions, values }) =>
        dimensions.map((d, i) => `${d}=${values[i]}`).join('&'),
      )
      right += found.filter((each) => causes.includes(each)).length
      all += found.length + causes.length
    }
    table.row({
      claim: `summary/generated F1: ${name}`,
      inlay: (2 * right) / all,
      peer: '-',
      ratio: '-',
      note: '40 cases',
    })
  }
}

/** Share of daily tables of pure noise with a finding, and of tables with one big change in which it was found. */
function noise(table: Table): void {
  const tables = 200
  let cried = 0
  let found = 0
  for (let seed = 1; seed <= tables; seed++) {
    if (dailyTable(seed, false).findings.length > 0) cried++
    const { causes } = dailyTable(seed, true)
    if (causes.some(({ where }) => keyOf(where) === 'region=Region 0')) found++
  }
  table.row({
    claim: 'summary: noise tables with a finding',
    inlay: cried / tables,
    peer: 0.05,
    ratio: '-',
    note: 'peer is the most allowed',
  })
  table.row({
    claim: 'summary: big changes found and named',
    inlay: found / tables,
    peer: 0.95,
    ratio: '-',
    note: 'one region halves or grows by 60 %; peer is the least wanted',
  })
}

function dailyTable(seed: number, planted: boolean): Summary {
  const rng = seeded(`daily/${seed}`)
  const days = 60 + rng.integer(300)
  const spread = 0.05 + 0.15 * rng.uniform()
  const level = Array.from({ length: 12 }, () => 100 * rng.logNormal(0, 0.8))
  const weekday = Array.from({ length: 7 }, () => 0.5 + rng.uniform())
  const factor = rng.uniform() < 0.5 ? 0.5 : 1.6
  const rows = []
  for (let i = 0; i < days; i++) {
    const date = new Date(Date.UTC(2025, 0, 1) + i * 86_400_000).toISOString().slice(0, 10)
    for (let cell = 0; cell < 12; cell++) {
      const moved = planted && i >= days - 7 && cell < 4 ? factor : 1
      const value = level[cell]! * weekday[i % 7]! * moved * (1 + spread * rng.normal())
      rows.push([date, `Region ${cell >> 2}`, `Product ${cell & 3}`, Math.max(0, value)])
    }
  }
  return summarise(columnsOfCells(['date', 'region', 'product', 'amount'], rows).table)
}
