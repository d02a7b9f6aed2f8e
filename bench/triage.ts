import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Example } from '../src/contract/index.ts'
import { wouldShow } from '../src/prove/arm.ts'
import { backtest } from '../src/prove/backtest.ts'
import { triage } from '../src/skills/triage.ts'
import { seeded } from '../src/stats/random.ts'
import { messageExamples } from '../src/surfaces/sheet/examples.ts'
import { readTable } from '../src/surfaces/sheet/table.ts'
import { python3 } from './python.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/triage')
const sets = [
  ['banking77', 'train.csv', 'test.csv'],
  ['it-tickets', 'train.csv', 'test.csv'],
  ['github-issues', 'train.csv.gz', 'test.csv.gz'],
] as const
const precisions = [0.85, 0.9, 0.95] as const

interface Peer {
  accuracy: number
  seconds: number
  coverage: Record<string, number>
}

/** `triage` learned on the train rows, asked on the test rows, beside LinearSVC on the same rows. */
export async function bench(table: Table): Promise<void> {
  for (const [name, train, test] of sets) {
    const [from, on] = [resolve(data, name, train), resolve(data, name, test)]
    if (!existsSync(from)) {
      console.error(`bench: ${from} is not here; triage on ${name} is left out.`)
      continue
    }
    const examples = messageExamples(await readTable(from), { text: 'text', label: 'label' })
    const asked = messageExamples(await readTable(on), { text: 'text', label: 'label' })
    const cpu = process.cpuUsage()
    const model = await triage.learn(examples, { seed: 1 })
    const used = process.cpuUsage(cpu)
    const seconds = (used.user + used.system) / 1e6
    const began = process.cpuUsage()
    const answers = await answersOf(model, asked)
    const spent = process.cpuUsage(began)
    const each = (spent.user + spent.system) / 1e3 / asked.length
    const peer = python3<Peer>('text', [from, on, 'text', 'label'], ['python3-sklearn'])
    const compare = (claim: string, inlay: number, other: number | undefined, note = 'LinearSVC') =>
      table.row({
        claim: `triage/${name} ${claim}`,
        inlay,
        peer: other ?? '-',
        ratio: other ? inlay / other : '-',
        note,
      })
    compare('accuracy', answers.filter(({ right }) => right).length / answers.length, peer?.accuracy)
    for (const precision of precisions) {
      compare(
        `coverage at ${precision * 100} % right`,
        coverageAt(answers, precision),
        peer?.coverage[precision],
      )
    }
    compare('training, CPU s', seconds, peer?.seconds, 'LinearSVC without calibration')
    table.row({ claim: `triage/${name} a message, CPU ms`, inlay: each, peer: '-', ratio: '-' })
  }
  await benchBanking(table)
}

/** Labels kept from training, of 77: what is asked about them cannot be labelled rightly. */
const unseenLabels = 19
const draws = 3

/** Little to learn from, and labels that training never had; the figures wanted stand in the peer's place. */
async function benchBanking(table: Table): Promise<void> {
  const [from, on] = ['train.csv', 'test.csv'].map((file) => resolve(data, 'banking77', file)) as [
    string,
    string,
  ]
  if (!existsSync(from)) return
  const examples = messageExamples(await readTable(from), { text: 'text', label: 'label' })
  const asked = messageExamples(await readTable(on), { text: 'text', label: 'label' })
  const row = (claim: string, inlay: number, wanted: number, note: string) =>
    table.row({ claim: `triage/banking77 ${claim}`, inlay, peer: wanted, ratio: inlay / wanted, note })
  for (const [each, accuracy, coverage] of [
    [5, 0.62, 0.47],
    [10, 0.75, 0.77],
  ] as const) {
    const found = { accuracy: 0, coverage: 0 }
    for (let draw = 0; draw < draws; draw++) {
      const taken = new Map<string | null, number>()
      const few = seeded(`few ${draw}`)
        .shuffle(examples)
        .filter(({ deed }) => {
          taken.set(deed.label, (taken.get(deed.label) ?? 0) + 1)
          return taken.get(deed.label)! <= each
        })
      const answers = await answersOf(await triage.learn(few, { seed: 1 }), asked)
      found.accuracy += answers.filter(({ right }) => right).length / answers.length / draws
      found.coverage += coverageAt(answers, 0.85) / draws
    }
    row(`accuracy from ${each} examples a label`, found.accuracy, accuracy, `wanted; mean of ${draws} draws`)
    row(
      `coverage at 85 % right from ${each} a label`,
      found.coverage,
      coverage,
      `wanted; mean of ${draws} draws`,
    )
  }
  const seen = { shown: 0, right: 0 }
  for (let draw = 0; draw < draws; draw++) {
    const labels = [...new Set(examples.map(({ deed }) => deed.label))].sort()
    const kept = new Set(seeded(`unseen ${draw}`).shuffle(labels).slice(0, unseenLabels))
    const past = examples.filter(({ deed }) => !kept.has(deed.label))
    const { proof } = await backtest(triage, past, { seed: 1 })
    const model = await triage.learn(past, { seed: 1 })
    for (const { item, deed } of asked) {
      const suggestion = await triage.suggest(model, item, { seed: 1 })
      if (!suggestion || !wouldShow(proof, suggestion)) continue
      seen.shown++
      if (triage.judge(suggestion.value, deed)?.useful) seen.right++
    }
  }
  const share = (100 * seen.shown) / draws / asked.length
  row(
    `shown right, ${unseenLabels} of 77 labels never seen`,
    seen.right / Math.max(1, seen.shown),
    0.85,
    `wanted; ${share.toFixed(0)} % shown, ${draws} draws`,
  )
}

type Answer = { right: boolean; confidence: number }

async function answersOf(
  model: Awaited<ReturnType<typeof triage.learn>>,
  asked: readonly Example<'message'>[],
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const { item, deed } of asked) {
    const suggestion = await triage.suggest(model, item, { seed: 1 })
    const right = suggestion?.value.type === 'label' && suggestion.value.label === deed.label
    answers.push({ right, confidence: suggestion?.confidence ?? 0 })
  }
  return answers
}

/** Largest share of the rows, surest first, of which at least `precision` are right. */
function coverageAt(answers: readonly Answer[], precision: number): number {
  const sorted = answers.toSorted((a, b) => b.confidence - a.confidence)
  let right = 0
  let best = 0
  for (const [index, answer] of sorted.entries()) {
    if (answer.right) right++
    if (right / (index + 1) >= precision) best = index + 1
  }
  return best / answers.length
}
