import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Example, Kind, Skill } from '../src/contract/index.ts'
import { wouldShow } from '../src/prove/arm.ts'
import { backtest } from '../src/prove/backtest.ts'
import { gateStart, gateStep } from '../src/prove/gate.ts'
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
 * and what would be shown of the rows after it is counted: by the proof alone, as if nobody looked again, and with the
 * gate, which hears each verdict before the next row and withdraws. A file without an order is shuffled anew each time.
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
  const alone = { how: 'by the proof alone', holding: 0, shown: 0, right: 0 }
  const gated = { how: 'with the gate', holding: 0, shown: 0, right: 0 }
  let silent = 0
  let asked = 0
  for (let k = 0; k < reruns; k++) {
    const rows = orderExamples(all, { seed: k + 1 }).examples.slice(-most)
    const cut = Math.floor(rows.length * (0.5 + ((0.5 - ahead) * k) / (reruns - 1)))
    const past = rows.slice(0, cut)
    const future = rows.slice(cut, cut + Math.floor(ahead * rows.length))
    const seen = await ofFuture(skill, past, future, k + 1)
    if (seen.alone.shown === 0) silent++
    asked += future.length
    for (const [of, { shown, right }] of [
      [alone, seen.alone],
      [gated, seen.gated],
    ] as const) {
      if (right >= target * shown) of.holding++
      of.shown += shown
      of.right += right
    }
    console.error(
      `bench: ${path} cut ${k + 1} of ${reruns}: ${seen.alone.right} of ${seen.alone.shown} shown were right; with the gate ${seen.gated.right} of ${seen.gated.shown}`,
    )
  }
  for (const { how, holding, shown, right } of [alone, gated])
    table.row({
      claim: `${path} reruns whose shown are at least 85 % right, of ${reruns}, ${how}`,
      inlay: holding,
      peer: 19,
      ratio: holding / 19,
      note: `wanted: 19; ${silent} of them silent; ${percent(shown / asked)} shown, ${percent(right / Math.max(1, shown))} of those right`,
    })
}

/** What would be shown of the future, by the proof and the model of the past. */
async function ofFuture<K extends Kind, Model>(
  skill: Skill<K, Model>,
  past: Example<K>[],
  future: Example<K>[],
  seed: number,
): Promise<{ alone: { shown: number; right: number }; gated: { shown: number; right: number } }> {
  const { proof } = await backtest(skill, past, { seed })
  const alone = { shown: 0, right: 0 }
  const gated = { shown: 0, right: 0 }
  if (!proof.passed) return { alone, gated }
  let gate = gateStart()
  const model = await skill.learn(past, { seed })
  for (const { item, deed } of future) {
    const suggestion = await skill.suggest(model, item, { seed })
    if (!suggestion || !wouldShow(proof, suggestion)) continue
    const useful = skill.judge(suggestion.value, deed)?.useful ?? false
    const seeing = gate.verdict === 'withdraw' ? [alone] : [alone, gated]
    for (const seen of seeing) {
      seen.shown++
      if (useful) seen.right++
    }
    gate = gateStep(gate, useful)
  }
  return { alone, gated }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
