import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { complete, fillFrom } from '../src/learn/programs/complete.ts'
import type { Shown } from '../src/learn/programs/types.ts'
import { expectedCalibrationError } from '../src/learn/scoring-metrics.ts'
import type { Table } from './table.ts'

const data = resolve(import.meta.dirname, '../../shared/data/fill')
const sets = ['prose-text', 'sygus', 'playgol', 'bustle', 'prose-split']

/** BlinkFill's algorithm (Singh, VLDB 2016), whole tasks solved within 1, 2, 3 examples on all tasks of a set. */
const blinkFill: Record<string, string> = {
  'prose-text': '24 / 31 / 32',
  sygus: '59 / 65 / 68',
  playgol: '55 / 62 / 65',
  bustle: '16 / 26 / 26',
}

interface Task {
  rows: Shown[]
  silentRows: string[][]
}

/** Costs and confidence were learned on the tasks of the other half; these were only looked at for figures. */
const heldOut = (set: string, id: string) =>
  (createHash('sha256').update(`${set}${id}`).digest().at(-1) as number) % 2 === 1

function tasksOf(set: string): Task[] {
  const lines = readFileSync(resolve(data, `${set}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  return lines.flatMap((line) => {
    const task = JSON.parse(line) as { id: string; dupOf?: string; rows: Shown[]; silentRows?: string[][] }
    if (task.dupOf || !heldOut(set, task.id)) return []
    const rows = [...new Map(task.rows.toReversed().map((row) => [row.in.join('\u0000'), row])).values()]
    const distinct = rows.toReversed().slice(0, 60)
    return distinct.length > 3 ? [{ rows: distinct, silentRows: task.silentRows ?? [] }] : []
  })
}

/** Cells that were not given: confidence, whether right, whether it would be shown. */
interface Told {
  confidence: number[]
  right: number[]
  shown: number
  shownRight: number
}

const nothing = (): Told => ({ confidence: [], right: [], shown: 0, shownRight: 0 })

/**
 * Whole tasks solved where row 1 is given and then, each time, the first row that came out wrong; and what is shown
 * of the other cells when the first 1, 2, 3 rows are given. On the half of the tasks that nothing was fitted on.
 */
export async function bench(table: Table): Promise<void> {
  if (!existsSync(data)) {
    console.error(`bench: ${data} is not here; fill is left out.`)
    return
  }
  for (const set of sets) {
    const tasks = tasksOf(set)
    const solved = [0, 0, 0]
    const told = [nothing(), nothing(), nothing()]
    const ms: number[] = []
    let blanks = 0
    let keptBlank = 0
    for (const { rows, silentRows } of tasks) {
      const inputs = [...rows.map((row) => row.in), ...silentRows]
      const answer = (given: readonly number[]) => {
        const started = performance.now()
        const { best, confidence } = complete(
          given.map((row) => rows[row] as Shown),
          inputs,
        )
        ms.push(performance.now() - started)
        return { best, confidence }
      }
      const given = [0]
      for (let k = 0; k < 3; k++) {
        const { best } = answer(given)
        const wrong = rows.findIndex((row, i) => !given.includes(i) && best[i] !== row.out)
        if (wrong < 0) {
          for (let later = k; later < 3; later++) solved[later]!++
          break
        }
        given.push(wrong)
      }
      for (let k = 0; k < 3; k++) {
        const { best, confidence } = answer([0, 1, 2].slice(0, k + 1))
        const cells = told[k] as Told
        for (let i = k + 1; i < rows.length; i++) {
          const right = best[i] === (rows[i] as Shown).out ? 1 : 0
          if (best[i] === null) continue
          cells.confidence.push(confidence[i] as number)
          cells.right.push(right)
          if ((confidence[i] as number) < fillFrom) continue
          cells.shown++
          cells.shownRight += right
        }
        for (let i = rows.length; i < inputs.length; i++) {
          blanks++
          if (best[i] === null || (confidence[i] as number) < fillFrom) keptBlank++
        }
      }
    }
    const percent = (part: number, whole: number) => (whole ? Math.round((100 * part) / whole) : '-')
    const three = (make: (k: number) => number | string) => [0, 1, 2].map(make).join(' / ')
    const row = (claim: string, inlay: number | string, peer: number | string = '-', note = '') =>
      table.row({ claim: `fill/${set} ${claim}`, inlay, peer, ratio: '-', note })
    row(
      'tasks solved whole within 1 / 2 / 3 examples, %',
      three((k) => percent(solved[k] as number, tasks.length)),
      blinkFill[set] ?? '-',
      `${tasks.length} held-out tasks; BlinkFill's algorithm on all tasks`,
    )
    row(
      'cells shown, first 1 / 2 / 3 rows given, %',
      three((k) => percent(told[k]!.shown, told[k]!.right.length)),
    )
    row(
      'of those right, %',
      three((k) => percent(told[k]!.shownRight, told[k]!.shown)),
    )
    const calibration = (k: number) =>
      expectedCalibrationError(Uint8Array.from(told[k]!.right), Float64Array.from(told[k]!.confidence))
    row(
      'ECE of the confidence',
      three((k) => calibration(k)!.toFixed(3)),
    )
    if (blanks) row('rows to leave blank that stay blank, %', percent(keptBlank, blanks))
    ms.sort((a, b) => a - b)
    const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] as number
    row('a task, p50 / p95 / most, ms', [at(0.5), at(0.95), at(1)].map(Math.round).join(' / '))
  }
}
