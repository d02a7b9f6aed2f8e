import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { adoptionLog, causeSets, reportedOn } from '../src/shadow/adoption-testing.ts'
import { variedAdoptionLog } from '../src/shadow/adoption-varied-testing.ts'
import { againstTruth } from '../src/shadow/against-truth-testing.ts'
import { type Cause, diagnose, findRoutines, readLogs, readLogText, shadow } from '../src/shadow/index.ts'
import { recordedWork } from '../src/shadow/recorded-testing.ts'
import { seeded } from '../src/stats/random.ts'
import { readTable } from '../src/surfaces/sheet/table.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/shadow')
const notRun = 'not run here'

/** Routines in recorded and in noisy logs, an event log's graph, and the diagnosis of tools that nobody uses. */
export async function bench(table: Table): Promise<void> {
  if (existsSync(data)) {
    await runsFound(table, 'truth/StudentRecord_truth.csv', 'truthCase')
    await runsFound(table, 'composite/SR_RT_plus.csv.gz', 'truthInstance')
    await runsFound(table, 'composite/SR_RT_shuffled_noise10.csv.gz', 'truthInstance')
    for (const log of [1, 2, 3, 4])
      for (const noise of ['00', '10', '20', '40']) await boundaries(table, `log${log}_p${noise}`)
    await links(table)
    await eventLog(table)
  } else console.error(`bench: ${data} is not here; shadow on recorded logs is left out.`)
  recordedLike(table)
  await tenThousand(table)
  await tenMillion(table)
  diagnoses(table)
}

/** Copy to paste, against what is known of the recorded log. */
async function links(table: Table): Promise<void> {
  const log = await readLogs([resolve(data, 'truth/StudentRecord_truth.csv')])
  const { columns, rows } = await readTable(resolve(data, 'truth/StudentRecord_valueflow.csv'))
  const [from, to] = [columns.indexOf('copyIdx'), columns.indexOf('pasteIdx')]
  const real = new Set(rows.map((row) => `${row[from]}>${row[to]}`))
  const found = findRoutines(log).links.map((link) => `${log.index[link.from]}>${log.index[link.to]}`)
  const right = found.filter((link) => real.has(link)).length
  table.row({
    claim: 'shadow StudentRecord: copy to paste links, F1',
    inlay: ((2 * right) / (found.length + real.size)).toFixed(4),
    peer: notRun,
    ratio: '',
  })
}

/** Generated work without a tell-tale gap, of companies (seeds) that nothing was developed on. */
function recordedLike(table: Table): void {
  const logs = 60
  let found = 0
  let purity = 0
  for (let seed = 0; seed < logs; seed++) {
    const { csv, truth } = recordedWork(70_000 + seed)
    const each = againstTruth(shadow(readLogText('recorded.csv', csv)), truth, 2)
    found += each.found / each.true
    purity += each.purity
  }
  table.row({
    claim: `shadow ${logs} recorded-like logs, interleaved and interrupted: share of runs found`,
    inlay: (found / logs).toFixed(4),
    peer: notRun,
    ratio: '',
    note: `mean purity ${(purity / logs).toFixed(4)}; seeds that it was not developed on`,
  })
}

/** 10,000 UI events: the whole command in a process of its own, and, in it, from the file's bytes to the report. */
async function tenThousand(table: Table): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-bench-'))
  try {
    const file = join(folder, 'ui.csv')
    await writeFile(file, uiEvents(10_000))
    const source = resolve(import.meta.dirname, '../src/shadow/index.ts')
    const script = `require('node:module').enableCompileCache()
import(${JSON.stringify(source)}).then(async ({ readLogs, shadow }) => {
  const ms = (since) => { const { user, system } = process.cpuUsage(since); return (user + system) / 1000 }
  const times = []
  for (let k = 0; k < 12; k++) { const cpu = process.cpuUsage(); shadow(await readLogs([process.argv[1]])); times.push(ms(cpu)) }
  console.log(JSON.stringify(times))
})`
    const once = () =>
      JSON.parse(spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' }).stdout) as number[]
    const runs = Array.from({ length: 5 }, once)
    const least = (of: (times: number[]) => number) => Math.min(...runs.map(of))
    const whole = Array.from({ length: 5 }, () => {
      const before = childCpuMs()
      spawnSync(resolve(import.meta.dirname, '../bin/inlay'), ['shadow', file, '--json'], {
        maxBuffer: 1 << 28,
      })
      return childCpuMs() - before
    })
    table.row({
      claim: 'shadow 10,000 UI events, file to report, CPU ms in a process that is warm',
      inlay: least((times) => Math.min(...times.slice(1))).toFixed(0),
      peer: notRun,
      ratio: '',
      note: `first time in its process ${least((times) => times[0]!).toFixed(0)} ms; whole command with start of the runtime ${Math.min(...whole).toFixed(0)} ms; least of 5 processes`,
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** 10 M events as CSV through the whole command. */
async function tenMillion(table: Table): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-bench-'))
  try {
    const file = join(folder, 'cases.csv')
    const events = 10_000_000
    await writeCases(file, events)
    const began = performance.now()
    const before = childCpuMs()
    const command = [
      '/usr/bin/time',
      ['-f', '%M', resolve(import.meta.dirname, '../bin/inlay'), 'shadow', file, '--json'],
    ] as const
    const { stderr, status } = spawnSync(...command, { encoding: 'utf8', maxBuffer: 1 << 29 })
    const seconds = (performance.now() - began) / 1000
    table.row({
      claim: 'shadow 10 M events as CSV, whole command, seconds',
      inlay: status === 0 ? seconds.toFixed(1) : 'failed',
      peer: notRun,
      ratio: '',
      note: `${((childCpuMs() - before) / 1000).toFixed(1)} CPU s; peak ${Math.round(Number(stderr.trim().split('\n').at(-1)) / 1024)} MB`,
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writeCases(file: string, events: number): Promise<void> {
  const random = seeded('cases')
  const steps = ['register', 'check', 'decide', 'pay', 'close', 'reopen', 'mail', 'call']
  const out = createWriteStream(file)
  out.write('case id,activity,timestamp,resource\n')
  for (let n = 0, c = 0; n < events; c++) {
    let at = 1.7e12 + c * 37_000
    let text = ''
    for (let k = 4 + random.integer(9); k > 0 && n < events; k--, n++) {
      at += 30_000 + random.integer(90_000_000)
      text += `case${c},${steps[random.integer(8)]},${new Date(at).toISOString()},user${random.integer(300)}\n`
    }
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

/** Recorded-like work of several companies one after the other, cut to so many events. */
function uiEvents(many: number): string {
  const lines: string[] = []
  let head = ''
  for (let seed = 0; lines.length < many; seed++) {
    const [first = '', ...rest] = recordedWork(80_000 + seed)
      .csv.trimEnd()
      .split('\n')
    head = first
    lines.push(...rest)
  }
  return `${head}\n${lines.slice(0, many).join('\n')}\n`
}

/** CPU of all child processes that have ended, in milliseconds (Linux: /proc/self/stat, in ticks of 10 ms). */
function childCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

async function runsFound(table: Table, file: string, column: string): Promise<void> {
  const truth = await truthOf(file, column)
  const cpu = process.cpuUsage()
  const log = await readLogs([resolve(data, file)])
  const report = shadow(log)
  const ms = cpuMs(cpu)
  const { found, purity, true: wanted } = againstTruth(report, truth, 1)
  table.row({
    claim: `shadow ${file}: runs found of ${wanted}`,
    inlay: found,
    peer: notRun,
    ratio: '',
    note: `purity ${purity.toFixed(4)}; ${log.length} events in ${ms.toFixed(0)} ms CPU`,
  })
}

async function boundaries(table: Table, name: string): Promise<void> {
  const file = `noisy/${name}.csv.gz`
  const truth = await truthOf(file, 'truthCase')
  const { routines } = shadow(await readLogs([resolve(data, file)]))
  const starts = routines.flatMap(({ runs }) => runs.map(({ events }) => Math.min(...events)))
  const found = starts.sort((a, b) => a - b).slice(1)
  const real = new Set(truth.flatMap((each, i) => (i > 0 && each !== truth[i - 1] ? [i] : [])))
  const right = found.filter((i) => real.has(i)).length
  table.row({
    claim: `shadow ${name}: boundary F1`,
    inlay: ((2 * right) / (found.length + real.size)).toFixed(4),
    peer: notRun,
    ratio: '',
  })
}

/** In a process of its own, so that its memory is its own. */
async function eventLog(table: Table): Promise<void> {
  const source = resolve(import.meta.dirname, '../src/shadow/index.ts')
  const file = resolve(data, 'event-logs/bpic2012.xes.gz')
  const script = `require('node:module').enableCompileCache()
import(${JSON.stringify(source)}).then(async ({ processGraph, readLogs }) => {
  const { arcs, variants } = processGraph(await readLogs([process.argv[1]]))
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ arcs: arcs.size, variants: variants.length, cpu: (user + system) / 1e6, rss: process.resourceUsage().maxRSS >> 10 }))
})`
  const runs = Array.from({ length: 3 }, () =>
    JSON.parse(spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' }).stdout),
  )
  const [{ arcs, variants }] = runs
  const whole = Array.from({ length: 3 }, () => {
    const before = childCpuMs()
    spawnSync(resolve(import.meta.dirname, '../bin/inlay'), ['shadow', file, '--json'], {
      maxBuffer: 1 << 28,
    })
    return (childCpuMs() - before) / 1000
  })
  table.row({
    claim: 'shadow BPIC 2012: start, parse, graph, variants, waits, CPU s',
    inlay: Math.min(...runs.map(({ cpu }) => cpu)).toFixed(2),
    peer: notRun,
    ratio: '',
    note: `${arcs} arcs, ${variants} variants; peak ${Math.max(...runs.map(({ rss }) => rss))} MB; whole command with rework and waiting ${Math.min(...whole).toFixed(2)} CPU s; least of 3`,
  })
}

function diagnoses(table: Table): void {
  const makes = [
    [
      'people and tools other than those it was developed on',
      (seed: number, set: readonly Cause[]) => adoptionLog(30_000 + seed, set, reportedOn),
    ],
    [
      'made in another way, by another generator',
      (seed: number, set: readonly Cause[]) => variedAdoptionLog(30_000 + seed, set),
    ],
  ] as const
  for (const [told, make] of makes) {
    const logs = 203
    let right = 0
    let none = 0
    let quiet = 0
    for (let seed = 0; seed < logs; seed++) {
      const set = causeSets[seed % causeSets.length]!
      const { csv, host } = make(seed, set)
      const same = diagnose(readLogText('adoption.csv', csv), host).causes.join() === set.join()
      if (same) right++
      if (set.length > 0) continue
      none++
      if (same) quiet++
    }
    table.row({
      claim: `diagnose: right set of causes of ${logs} generated logs`,
      inlay: right,
      peer: notRun,
      ratio: '',
      note: `none where there is none: ${quiet} of ${none}; ${told}`,
    })
  }
}

async function truthOf(file: string, column: string): Promise<string[]> {
  const { columns, rows } = await readTable(resolve(data, file))
  const at = columns.indexOf(column)
  return rows.map((row) => String(row[at] ?? ''))
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}
