import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Example, Kind, Skill } from '../src/contract/index.ts'
import { wouldShow } from '../src/prove/arm.ts'
import { backtest } from '../src/prove/backtest.ts'
import { orderExamples } from '../src/prove/order.ts'
import { score } from '../src/skills/score.ts'
import { triage } from '../src/skills/triage.ts'
import { messageExamples, recordExamples } from '../src/surfaces/sheet/examples.ts'
import { readTable } from '../src/surfaces/sheet/table.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data')
const reruns = 20
/** A cut's future, in rows as a share of all. */
const ahead = 0.15
const target = 0.85

const tables = ['score/leads/train_time.csv.gz', 'score/leads/train.csv.gz', 'score/bank/train_time.csv.gz']
const messages = [
  'triage/it-tickets/train.csv',
  'triage/banking77/train.csv',
  'triage/github-issues/train.csv.gz',
]
/** Of more rows the newest are taken, so that twenty reruns take minutes. */
const mostRecords = 8000
const mostMessages = 4000

/**
 * Whether what is shown is right: twenty times the history is cut at another place, proven and learned before the cut,
 * and what the proof would show of the rows after it is counted. A file without an order is shuffled anew each time.
 */
export async function bench(table: Table): Promise<void> {
  for (const path of tables) {
    await rerun(path, score, mostRecords, table, async (file) =>
      recordExamples(await readTable(file), { target: 'y' }),
    )
  }
  for (const path of messages) {
    await rerun(path, triage, mostMessages, table, async (file) =>
      messageExamples(await readTable(file), { text: 'text', label: 'label' }),
    )
  }
}

async function rerun<K extends Kind, Model>(
  path: string,
  skill: Skill<K, Model>,
  most: number,
  table: Table,
  read: (file: string) => Promise<Example<K>[]>,
): Promise<void> {
  const file = resolve(data, path)
  if (!existsSync(file)) {
    console.error(`bench: ${file} is not here; its reruns are left out.`)
    return
  }
  const all = await read(file)
  let holding = 0
  let silent = 0
  const total = { asked: 0, shown: 0, right: 0 }
  for (let k = 0; k < reruns; k++) {
    const rows = orderExamples(all, { seed: k + 1 }).examples.slice(-most)
    const cut = Math.floor(rows.length * (0.5 + ((0.5 - ahead) * k) / (reruns - 1)))
    const past = rows.slice(0, cut)
    const future = rows.slice(cut, cut + Math.floor(ahead * rows.length))
    const seen = await ofFuture(skill, past, future, k + 1)
    if (seen.shown === 0) silent++
    if (seen.right >= target * seen.shown) holding++
    total.asked += future.length
    total.shown += seen.shown
    total.right += seen.right
    console.error(`bench: ${path} cut ${k + 1} of ${reruns}: ${seen.right} of ${seen.shown} shown were right`)
  }
  table.row({
    claim: `${path} reruns whose shown are at least 85 % right, of ${reruns}`,
    inlay: holding,
    peer: 19,
    ratio: holding / 19,
    note: `wanted: 19; ${silent} of them silent; ${percent(total.shown / total.asked)} shown, ${percent(total.right / Math.max(1, total.shown))} of those right`,
  })
}

/** What would be shown of the future, by the proof and the model of the past. */
async function ofFuture<K extends Kind, Model>(
  skill: Skill<K, Model>,
  past: Example<K>[],
  future: Example<K>[],
  seed: number,
): Promise<{ shown: number; right: number }> {
  const { proof } = await backtest(skill, past, { seed })
  const seen = { shown: 0, right: 0 }
  if (!proof.passed) return seen
  const model = await skill.learn(past, { seed })
  for (const { item, deed } of future) {
    const suggestion = await skill.suggest(model, item, { seed })
    if (!suggestion || !wouldShow(proof, suggestion)) continue
    seen.shown++
    if (skill.judge(suggestion.value, deed)?.useful) seen.right++
  }
  return seen
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
