import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Message } from '../src/contract/index.ts'
import { triage } from '../src/skills/triage.ts'
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
    const began = performance.now()
    const answers = []
    for (const { item, deed } of asked) {
      const suggestion = await triage.suggest(model, item as Message, { seed: 1 })
      const right = suggestion?.value.type === 'label' && suggestion.value.label === deed.label
      answers.push({ right, confidence: suggestion?.confidence ?? 0 })
    }
    const each = (performance.now() - began) / asked.length
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
    table.row({ claim: `triage/${name} a message, ms`, inlay: each, peer: '-', ratio: '-' })
  }
}

/** Largest share of the rows, surest first, of which at least `precision` are right. */
function coverageAt(answers: { right: boolean; confidence: number }[], precision: number): number {
  const sorted = answers.toSorted((a, b) => b.confidence - a.confidence)
  let right = 0
  let best = 0
  for (const [index, answer] of sorted.entries()) {
    if (answer.right) right++
    if (right / (index + 1) >= precision) best = index + 1
  }
  return best / answers.length
}
