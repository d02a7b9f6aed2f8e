import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { auc, expectedCalibrationError } from '../src/learn/scoring-metrics.ts'
import { leaksOf, score } from '../src/skills/score.ts'
import { recordExamples } from '../src/surfaces/sheet/examples.ts'
import { readTable } from '../src/surfaces/sheet/table.ts'
import { python3 } from './python.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/score')
const sets = [
  ['leads', ''],
  ['leads', '_time'],
  ['bank', ''],
  ['bank', '_time'],
  ['leads-with-leaks', ''],
] as const

type Peers = Record<string, { auc: number; ece: number; seconds: number }>

/** `score` learned on the train rows, asked on the test rows, beside the usual learners on the same rows. */
export async function bench(table: Table): Promise<void> {
  for (const [name, split] of sets) {
    const [from, on] = ['train', 'test'].map((part) => resolve(data, name, `${part}${split}.csv.gz`)) as [
      string,
      string,
    ]
    if (!existsSync(from)) {
      console.error(`bench: ${from} is not here; score on ${name}${split} is left out.`)
      continue
    }
    const examples = recordExamples(await readTable(from), { target: 'y' })
    const asked = recordExamples(await readTable(on), { target: 'y' })
    const cpu = process.cpuUsage()
    const model = await score.learn(examples, { seed: 1 })
    const used = process.cpuUsage(cpu)
    const probabilities = new Float64Array(asked.length)
    for (const [row, { item }] of asked.entries()) {
      probabilities[row] = (await score.suggest(model, item, { seed: 1 }))?.value.probability ?? 0.5
    }
    const outcomes = Uint8Array.from(asked, ({ deed }) => (deed.value === true ? 1 : 0))
    const peers = python3<Peers>('tabular', [from, on, 'y'], ['python3-sklearn'])
    const [best, peer] = Object.entries(peers ?? {}).sort(([, a], [, b]) => b.auc - a.auc)[0] ?? []
    const compare = (claim: string, inlay: number | null, other: number | undefined, note = best ?? '') =>
      table.row({
        claim: `score/${name}${split} ${claim}`,
        inlay: inlay ?? '-',
        peer: other ?? '-',
        ratio: other && inlay !== null ? inlay / other : '-',
        note,
      })
    const leaks = leaksOf(model).map(({ field }) => field)
    compare(
      'AUC',
      auc(outcomes, probabilities),
      peer?.auc,
      leaks.length ? `${best}, which uses what we leave out: ${leaks.join(', ')}` : best,
    )
    compare('ECE', expectedCalibrationError(outcomes, probabilities), peer?.ece)
    compare('training, CPU s', (used.user + used.system) / 1e6, peer?.seconds)
  }
}
