import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Cell, Fault } from '../src/contract/index.ts'
import { explainAdditive } from '../src/learn/attribution/additive.ts'
import { families, generatedTable, onlyReported } from '../src/learn/attribution/generated-tables.fixture.ts'
import { columnsOfCells } from '../src/learn/attribution/metric-columns.ts'
import { plantedCase } from '../src/learn/attribution/planted.fixture.ts'
import { summarise } from '../src/skills/summary/summarise.ts'
import type { Summary } from '../src/skills/summary/tell-compared.ts'
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
  numbersTrue(table)
  await million(table)
  await beside(table)
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
  table.row({ claim: `${name} CPU seconds a case, start included`, inlay: median, peer: '-', ratio: '-' })
}

function run(file: string, options: string[]): { summary: Summary; seconds: number } {
  // The shell tells the CPU seconds of what it ran, its start included.
  const command = '"$0" "$@"; times >&2'
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-c', command, inlay, 'summary', file, ...options, '--json'],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
  if (status !== 0) throw new Error(`inlay summary ${file}: ${stderr}`)
  const [user, system] = Array.from(
    stderr
      .trimEnd()
      .split('\n')
      .at(-1)!
      .matchAll(/(\d+)m([\d.]+)s/g),
    ([, m, s]) => 60 * Number(m) + Number(s),
  )
  return { summary: JSON.parse(stdout) as Summary, seconds: user! + system! }
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

/** Share of tables of pure noise with a finding, and of tables with one big change in which it was told, family by family. */
function noise(table: Table): void {
  const tables = 100
  let criedInAll = 0
  for (const family of Object.keys(families)) {
    let cried = 0
    let told = 0
    let named = 0
    for (let seed = 50_001; seed <= 50_000 + tables; seed++) {
      if (summaryOf(generatedTable(family, seed, false)).findings.length > 0) cried++
      const { rows, columns, planted } = generatedTable(family, seed, true)
      const { findings, causes } = summaryOf({ rows, columns })
      if (!findings.some(({ kind }) => kind === 'change')) continue
      const within = causes.filter(({ where }) => where[planted!.column] === planted!.value)
      // The whole moved, or the segment or a part of it is named.
      if (within.length > 0 || causes.length === 0) told++
      if (within.some(({ where }) => Object.keys(where).length === 1)) named++
    }
    criedInAll += cried
    const note = `${tables} tables${onlyReported.has(family) ? '; a family on which nothing was chosen' : ''}`
    table.row({
      claim: `summary: noise with a finding, ${family}`,
      inlay: cried / tables,
      peer: 0.05,
      ratio: '-',
      note: `${note}; peer is the most allowed`,
    })
    table.row({
      claim: `summary: big change told, ${family}`,
      inlay: told / tables,
      peer: 0.95,
      ratio: '-',
      note: `${note}; exactly the segment is named in ${named}`,
    })
  }
  const all = tables * Object.keys(families).length
  table.row({
    claim: 'summary: noise with a finding, all families',
    inlay: criedInAll / all,
    peer: 0.05,
    ratio: '-',
    note: `${all} tables`,
  })
}

const summaryOf = ({ columns, rows }: { columns: string[]; rows: Cell[][] }): Summary =>
  summarise(columnsOfCells(columns, rows).table)

/** Every number of 10,000 texts is read back out of the text and computed again from the rows; one that is not true throws. */
function numbersTrue(table: Table): void {
  const tables = 10_000
  let numbers = 0
  let untrue = 0
  for (let seed = 1; seed <= tables; seed++) {
    try {
      const { findings, text } = summarise(
        columnsOfCells(oddColumns, oddRows(seed)).table,
        {},
        { locale: seed % 3 ? 'en' : 'de' },
      )
      numbers += text.match(/\d[\d.,]*/g)?.length ?? 0
      for (const each of findings)
        for (const { shown } of each.numbers) if (!each.text.includes(shown)) untrue++
    } catch (error) {
      if (!(error instanceof Fault) || error.kind === 'bug') untrue++
    }
  }
  table.row({
    claim: 'summary: texts with an untrue number',
    inlay: untrue,
    peer: 0,
    ratio: '-',
    note: `${tables} tables, ${numbers} figures in their texts`,
  })
}

const oddColumns = ['date', 'region', 'product 7', 'amount']

/** A small table with gaps, negative amounts, duplicates, totals, empty cells, huge and tiny amounts, and names with digits. */
function oddRows(seed: number): Cell[][] {
  const rng = seeded(`odd/${seed}`)
  const days = 1 + rng.integer(90)
  const scale = 10 ** (rng.integer(12) - 3)
  const step = [1, 1, 7, 30][rng.integer(4)]!
  const rows: Cell[][] = []
  for (let i = 0; i < days; i++) {
    if (rng.uniform() < 0.1) continue
    const date = new Date(Date.UTC(2025, 0, 1) + i * step * 86_400_000).toISOString().slice(0, 10)
    for (const region of ['North 3', '51', 'All of it', 'Total']) {
      if (region === 'Total' && seed % 4) continue
      for (const product of ['1', '12', 'B'].slice(0, 1 + (seed % 3))) {
        const jump = i === days - 1 && region === '51' ? 4 : 1
        const amount = rng.uniform() < 0.05 ? null : scale * jump * rng.normal(seed % 5 ? 3 : 0, 1)
        rows.push([date, rng.uniform() < 0.02 ? null : region, product, amount])
        if (rng.uniform() < 0.02) rows.push([date, region, product, amount])
      }
    }
  }
  return rows.length > 0 ? rows : [['2025-01-01', '51', '1', 1]]
}

/** A million rows with six dimensions over two years of days, from the file to the text. */
async function million(table: Table): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-million-'))
  try {
    const path = join(folder, 'rows.csv')
    const rng = seeded('million')
    const sizes = [40, 25, 12, 8, 6, 3]
    const parts = ['date,country,product,channel,segment,device,plan,revenue\n']
    for (let row = 0; row < 1_000_000; row++) {
      const day = Math.floor((row * 730) / 1_000_000)
      const date = new Date(Date.UTC(2024, 0, 1) + day * 86_400_000).toISOString().slice(0, 10)
      const values = sizes.map((size) => Math.floor(size * rng.uniform() ** 2))
      const fallen = day >= 723 && values[0] === 2 ? 0.4 : 1
      parts.push(
        `${date},C${values[0]},P${values[1]},H${values[2]},S${values[3]},D${values[4]},L${values[5]},${(100 * fallen * (0.5 + rng.uniform())).toFixed(2)}\n`,
      )
    }
    writeFileSync(path, parts.join(''))
    const began = performance.now()
    const child = spawn(inlay, [
      'summary',
      path,
      '--metric',
      'revenue',
      '--time',
      'date',
      '--by',
      'country,product,channel,segment,device,plan',
      '--json',
    ])
    let out = ''
    let most = 0
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    const timer = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
        most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
      } catch {}
    }, 50)
    await new Promise((resolve) => child.on('close', resolve))
    clearInterval(timer)
    const seconds = (performance.now() - began) / 1000
    const { causes } = JSON.parse(out) as Summary
    const right = causes.length === 1 && keyOf(causes[0]!.where) === 'country=C2'
    table.row({
      claim: 'summary: 1 M rows, 6 dimensions, 2 years, s',
      inlay: seconds,
      peer: 10,
      ratio: '-',
      note: `peer is the most allowed; the planted cause is ${right ? 'named' : `not named (${JSON.stringify(causes.map(({ where }) => where))})`}`,
    })
    table.row({
      claim: 'summary: the same, MB',
      inlay: most / 1024,
      peer: 1024,
      ratio: '-',
      note: 'resident at most; read from /proc',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface AvaInsight {
  subspace?: { dimension: string; value: unknown }[]
  patterns: { type: string; index?: number | number[]; x?: unknown }[]
  dimensions: { fieldName: string }[]
}

/** The same short tables with one planted change for Inlay and for AntV's AVA: how much is said, how often twice, in what time. */
async function beside(table: Table): Promise<void> {
  const { getInsights } = createRequire(import.meta.url)('@antv/ava') as {
    getInsights(rows: object[], options: object): { insights: AvaInsight[] }
  }
  const tables = 12
  const inlays = { said: 0, twice: 0, found: 0, cpu: 0 }
  const avas = { said: 0, twice: 0, found: 0, cpu: 0 }
  for (let seed = 30_001; seed <= 30_000 + tables; seed++) {
    const { columns, rows, planted } = generatedTable('short', seed, true)
    let began = process.cpuUsage()
    const { findings, causes } = summaryOf({ columns, rows })
    inlays.cpu += seconds(process.cpuUsage(began))
    inlays.said += findings.length
    inlays.twice += findings.length - new Set(findings.map(({ text }) => text)).size
    if (causes.some(({ where }) => where[planted!.column] === planted!.value)) inlays.found++

    const objects = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))
    began = process.cpuUsage()
    const { insights } = getInsights(objects, {
      limit: 60,
      measures: [{ fieldName: 'amount', method: 'SUM' }],
    })
    avas.cpu += seconds(process.cpuUsage(began))
    avas.said += insights.length
    // A by B is B by A: the same values, whichever of them is called the subspace.
    const keys = insights.map((each) =>
      JSON.stringify([
        (each.subspace ?? [])
          .map(({ value }) => String(value))
          .concat(each.patterns.map(({ type, x }) => `${type} ${x ?? ''}`))
          .sort(),
      ]),
    )
    avas.twice += keys.length - new Set(keys).size
    const top = insights.slice(0, 3)
    if (top.some((each) => JSON.stringify(each).includes(`"${planted!.value}"`))) avas.found++
  }
  const ratio = (a: number, b: number) => (b > 0 ? a / b : '-')
  const row = (claim: string, ours: number, theirs: number, note: string) =>
    table.row({ claim, inlay: ours, peer: theirs, ratio: ratio(ours, theirs), note })
  row(
    'summary beside AVA: findings a table',
    inlays.said / tables,
    avas.said / tables,
    '@antv/ava getInsights, at most 60; short daily tables with one big change',
  )
  row(
    'summary beside AVA: said twice, share',
    inlays.twice / Math.max(1, inlays.said),
    avas.twice / Math.max(1, avas.said),
    'same values, same pattern',
  )
  row(
    'summary beside AVA: planted segment told',
    inlays.found / tables,
    avas.found / tables,
    'Inlay: as a cause or within it; AVA: anywhere in its first three',
  )
  row('summary beside AVA: CPU s a table', inlays.cpu / tables, avas.cpu / tables, `${tables} tables`)
}

const seconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6
