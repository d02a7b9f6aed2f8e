import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { complete, fillFrom } from '../src/learn/programs/complete.ts'
import type { Shown } from '../src/learn/programs/types.ts'
import { type FillTask, fillSets, fillTasks, freshSet, hasPublicSets, moreSet } from './fill-tasks.ts'
import { addGuess, calibrationError, nothingTold } from './fill-told.ts'
import { cvc5Outputs, cvc5Release } from './peers/cvc5.ts'
import type { Table } from './table.ts'

/** BlinkFill's algorithm (Singh, VLDB 2016), whole tasks solved within 1, 2, 3 examples on all tasks of a set. */
const blinkFill: Record<string, string> = {
  'prose-text': '24 / 31 / 32',
  sygus: '59 / 65 / 68',
  playgol: '55 / 62 / 65',
  bustle: '16 / 26 / 26',
}

const percent = (part: number, whole: number) => (whole ? Math.round((100 * part) / whole) : '-')
const three = (make: (k: number) => number | string) => [0, 1, 2].map(make).join(' / ')

/** What came of a set's tasks: solved whole within 1, 2, 3 examples, and what would be shown after the first 1, 2, 3. */
function run(tasks: readonly FillTask[]) {
  const interactive = [0, 0, 0]
  const firstRows = [0, 0, 0]
  const told = nothingTold()
  const ms: number[] = []
  let blanks = 0
  let keptBlank = 0
  for (const { rows, silentRows } of tasks) {
    const inputs = [...rows.map((row) => row.in), ...silentRows]
    const answer = (given: readonly number[]) => {
      const before = process.cpuUsage()
      const done = complete(
        given.map((row) => rows[row] as Shown),
        inputs,
      )
      const { user, system } = process.cpuUsage(before)
      ms.push((user + system) / 1000)
      return done
    }
    const wrongOf = (best: readonly (string | null)[], given: readonly number[]) =>
      rows.findIndex((row, i) => !given.includes(i) && best[i] !== row.out)
    const given = [0]
    for (let k = 0; k < 3; k++) {
      const wrong = wrongOf(answer(given).best, given)
      if (wrong < 0) {
        for (let later = k; later < 3; later++) interactive[later]!++
        break
      }
      given.push(wrong)
    }
    for (let k = 0; k < 3; k++) {
      const first = [0, 1, 2].slice(0, k + 1)
      const { best, confidence } = answer(first)
      if (wrongOf(best, first) < 0) firstRows[k]!++
      const cells = told[k]!
      for (let i = k + 1; i < rows.length; i++) {
        cells.cells++
        if (best[i] !== null) addGuess(cells, best[i] === (rows[i] as Shown).out, confidence[i] as number)
      }
      for (let i = rows.length; i < inputs.length; i++) {
        blanks++
        if (best[i] === null || (confidence[i] as number) < fillFrom) keptBlank++
      }
    }
  }
  ms.sort((a, b) => a - b)
  return { interactive, firstRows, told, ms, blanks, keptBlank }
}

/**
 * Whole tasks solved where row 1 is given and then, each time, the first row that came out wrong, and where the first
 * rows are given; what is shown of the other cells. On both halves of each set, and together: costs were fitted on the half for
 * development, confidence on the held-out halves. Of confidence from other sets than the one told of,
 * `bench/fit-confidence.ts` prints the figures.
 */
export async function bench(table: Table): Promise<void> {
  if (!hasPublicSets()) {
    console.error('bench: the public tasks are not here; fill is left out.')
    return
  }
  const row = (claim: string, inlay: number | string, peer: number | string = '-', note = '') =>
    table.row({ claim: `fill/${claim}`, inlay, peer, ratio: '-', note })
  for (const set of [...fillSets, moreSet, freshSet]) {
    const all = fillTasks(set)
    const whole = [0, 0, 0]
    for (const [half, tasks] of [
      ['held out', all.filter(({ heldOut }) => heldOut)],
      ['developed on', all.filter(({ heldOut }) => !heldOut)],
    ] as const) {
      if (tasks.length === 0) continue
      const { interactive, firstRows, told, ms, blanks, keptBlank } = run(tasks)
      const name = `${set}, ${half}:`
      for (const k of whole.keys()) whole[k]! += interactive[k] as number
      row(
        `${name} tasks solved whole within 1 / 2 / 3 examples, %`,
        three((k) => percent(interactive[k] as number, tasks.length)),
        '-',
        `${tasks.length} tasks`,
      )
      row(
        `${name} tasks solved whole, first 1 / 2 / 3 rows given, %`,
        three((k) => percent(firstRows[k] as number, tasks.length)),
      )
      row(
        `${name} cells shown, first 1 / 2 / 3 rows given, %`,
        three((k) => percent(told[k]!.shown, told[k]!.cells)),
      )
      row(
        `${name} of those right, %`,
        three((k) => percent(told[k]!.shownRight, told[k]!.shown)),
      )
      row(
        `${name} ECE of the confidence`,
        three((k) => calibrationError(told[k]!)),
      )
      if (blanks) row(`${name} rows to leave blank that stay blank, %`, percent(keptBlank, blanks))
      const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] as number
      row(
        `${name} a task, p50 / p95 / most, ms of CPU`,
        [at(0.5), at(0.95), at(1)].map(Math.round).join(' / '),
      )
    }
    row(
      `${set}, all: tasks solved whole within 1 / 2 / 3 examples, %`,
      three((k) => ((100 * (whole[k] as number)) / all.length).toFixed(1)),
      blinkFill[set] ?? '-',
      `${all.length} tasks${blinkFill[set] ? "; BlinkFill's algorithm" : ''}`,
    )
  }
  await besideCvc5(table)
  manyCells(table)
}

/** Seconds that cvc5 gets for a task, and how many tasks: it takes about a minute. */
const limit = 4
const asked = 16

async function besideCvc5(table: Table): Promise<void> {
  const release = cvc5Release()
  if (!release) {
    console.error('bench: cvc5 is not installed; its figures are left out (Debian: apt-get install cvc5).')
    return
  }
  const tasks = fillTasks('sygus').filter(({ heldOut }) => heldOut)
  const some = tasks.filter((_, i) => i % Math.ceil(tasks.length / asked) === 0)
  for (const k of [2, 3]) {
    let ours = 0
    let theirs = 0
    for (const { rows } of some) {
      const given = rows.slice(0, k)
      const rest = rows.slice(k)
      const inputs = rest.map((row) => row.in)
      const right = (outputs: readonly (string | null)[]) => rest.every((row, i) => outputs[i] === row.out)
      if (right(complete(given, inputs).best)) ours++
      if (right(await cvc5Outputs(given, inputs, limit))) theirs++
    }
    table.row({
      claim: `fill/sygus, held out: tasks solved whole, first ${k} rows given, %`,
      inlay: percent(ours, some.length),
      peer: percent(theirs, some.length),
      ratio: theirs ? ours / theirs : '-',
      note: `cvc5 ${release}, ${limit} s a task; ${some.length} of ${tasks.length} tasks`,
    })
  }
}

/** Long columns, and a wide table, each in a process of its own: the search and all cells. */
function manyCells(table: Table): void {
  for (const [what, size, claim] of [
    ['names', 100_000, 'a column of 100,000 different rows'],
    ['dates', 100_000, 'a column of 100,000 different dates'],
    ['names', 1_000_000, 'a column of 1,000,000 different rows'],
    ['wide', 16_384, 'a column among 16,384'],
  ] as const) {
    const file = resolve(import.meta.dirname, 'fill-rows.ts')
    const { ms, right, megabytes } = JSON.parse(
      // With the young generation that bin/inlay gives it.
      execFileSync(process.execPath, ['--max-semi-space-size=8', file, what, String(size)], {
        encoding: 'utf8',
      }),
    ) as { ms: number; right: number; megabytes: number }
    table.row({
      claim: `fill/${claim}, ms of CPU`,
      inlay: ms,
      peer: '-',
      ratio: '-',
      note: `program found and applied; ${right} cells right; ${Math.round(megabytes)} MB at most`,
    })
  }
}
