import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { adoptionLog, causeSets, reportedOn } from '../src/shadow/adoption-testing.ts'
import { diagnose, processGraph, readLogs, readLogText, shadow } from '../src/shadow/index.ts'
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
    await eventLog(table)
  } else console.error(`bench: ${data} is not here; shadow on recorded logs is left out.`)
  diagnoses(table)
}

async function runsFound(table: Table, file: string, column: string): Promise<void> {
  const truth = await truthOf(file, column)
  const cpu = process.cpuUsage()
  const log = await readLogs([resolve(data, file)])
  const report = shadow(log)
  const ms = cpuMs(cpu)
  const sizes = new Map<string, number>()
  for (const name of truth) if (name !== '') sizes.set(name, (sizes.get(name) ?? 0) + 1)
  const best = new Map<string, { jaccard: number; purity: number }>()
  for (const { events } of report.routines.flatMap(({ runs }) => runs)) {
    const times = new Map<string, number>()
    for (const i of events) times.set(truth[i]!, (times.get(truth[i]!) ?? 0) + 1)
    for (const [name, n] of times) {
      const jaccard = n / (events.length + (sizes.get(name) ?? 0) - n)
      if (jaccard > (best.get(name)?.jaccard ?? 0)) best.set(name, { jaccard, purity: n / events.length })
    }
  }
  const all = [...sizes.keys()].map((name) => best.get(name))
  const found = all.filter((each) => each && each.jaccard >= 0.5).length
  const purity = all.reduce((sum, each) => sum + (each?.purity ?? 0), 0) / sizes.size
  table.row({
    claim: `shadow ${file}: runs found of ${sizes.size}`,
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

async function eventLog(table: Table): Promise<void> {
  const cpu = process.cpuUsage()
  const log = await readLogs([resolve(data, 'event-logs/bpic2012.xes.gz')])
  const graph = processGraph(log)
  table.row({
    claim: 'shadow BPIC 2012: parse, graph, variants, waits, CPU s',
    inlay: (cpuMs(cpu) / 1000).toFixed(2),
    peer: notRun,
    ratio: '',
    note: `${graph.arcs.size} arcs, ${graph.variants.length} variants; peak ${process.resourceUsage().maxRSS >> 10} MB of the whole bench`,
  })
}

function diagnoses(table: Table): void {
  const logs = 203
  let right = 0
  let none = 0
  let quiet = 0
  for (let seed = 0; seed < logs; seed++) {
    const set = causeSets[seed % causeSets.length]!
    const { csv, host } = adoptionLog(20_000 + seed, set, reportedOn)
    const { causes } = diagnose(readLogText('adoption.csv', csv), host)
    const same = causes.join() === set.join()
    if (same) right++
    if (set.length === 0) {
      none++
      if (same) quiet++
    }
  }
  table.row({
    claim: `diagnose: right set of causes of ${logs} generated logs`,
    inlay: right,
    peer: notRun,
    ratio: '',
    note: `none where there is none: ${quiet} of ${none}; people and tools other than those it was developed on`,
  })
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
