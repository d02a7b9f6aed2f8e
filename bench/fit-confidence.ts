import { type Completed, complete } from '../src/learn/programs/complete.ts'
import { featureNames, featuresOf } from '../src/learn/programs/confidence.ts'
import { type FillTask, fillSets, fillTasks, hasPublicSets } from './fill-tasks.ts'

/**
 * Fits the weights of `src/learn/programs/confidence.ts` and prints them:
 *
 *   node bench/fit-confidence.ts
 *
 * On the tasks that the costs were not fitted on, with one, two and three rows given, from two places in the column.
 * Logistic regression, ridge, by Newton's method; a task counts by the root of its number of cells. Below it stands
 * what each set gets from weights fitted on all other sets: the figures to report.
 */
interface Cell {
  set: string
  features: number[]
  right: number
  given: number
  /** Given from the first row on, as others measure it. */
  plain: boolean
  weight: number
}

function cellsOf(task: FillTask): Cell[] {
  const cells: Cell[] = []
  for (const start of [0, Math.floor(task.rows.length / 2)]) {
    const rows = [...task.rows.slice(start), ...task.rows.slice(0, start)]
    for (const given of [1, 2, 3]) {
      if (rows.length <= given) continue
      const rest = rows.slice(given)
      const done = complete(
        rows.slice(0, given),
        rest.map((row) => row.in),
        5000,
      )
      if (!done.evidence) continue
      const { programs } = done.evidence
      for (const [i, row] of rest.entries()) {
        if (unsure(done, row.in)) continue
        const value = done.best[i] as string | null
        const by = programs.findIndex((program) => program.run(row.in) !== null)
        if (value === null || by < 0) continue
        cells.push({
          set: task.set,
          features: [...featuresOf(done.evidence, row.in, value, by)],
          right: value === row.out ? 1 : 0,
          given,
          plain: start === 0,
          weight: 1 / Math.sqrt(rest.length),
        })
      }
    }
  }
  return cells
}

/** Empty rows, and columns that one text fills, are capped whatever the weights say. */
const unsure = ({ evidence }: Completed, row: readonly string[]) =>
  row.every((cell) => cell.trim() === '') || !evidence?.programs[0]?.reads

export interface Weights {
  bias: number
  weights: number[]
}

function fit(cells: Cell[], ridge = 3): Weights {
  const n = featureNames.length + 1
  let w = new Float64Array(n)
  for (let turn = 0; turn < 12; turn++) {
    const slope = new Float64Array(n)
    const bend = Array.from({ length: n }, () => new Float64Array(n))
    for (let a = 1; a < n; a++) {
      slope[a] = -ridge * (w[a] as number)
      ;(bend[a] as Float64Array)[a] = ridge
    }
    ;(bend[0] as Float64Array)[0] = 1e-6
    for (const { features, right, weight } of cells) {
      const x = [1, ...features]
      let sum = 0
      for (let a = 0; a < n; a++) sum += (w[a] as number) * (x[a] as number)
      const p = 1 / (1 + Math.exp(-sum))
      for (let a = 0; a < n; a++) {
        if (x[a] === 0) continue
        slope[a] = (slope[a] as number) + weight * (right - p) * (x[a] as number)
        const row = bend[a] as Float64Array
        for (let b = 0; b < n; b++)
          row[b] = (row[b] as number) + weight * p * (1 - p) * (x[a] as number) * (x[b] as number)
      }
    }
    w = w.map((each, a) => each + (solve(bend, slope)[a] as number))
  }
  const short = (x: number) => Number(x.toFixed(3))
  return { bias: short(w[0] as number), weights: Array.from(w.slice(1), short) }
}

/** Gaussian elimination with pivots. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length
  const a = matrix.map((row, i) => Float64Array.from([...row, right[i] as number]))
  for (let c = 0; c < n; c++) {
    let best = c
    for (let r = c + 1; r < n; r++) if (Math.abs(a[r]![c]!) > Math.abs(a[best]![c]!)) best = r
    ;[a[c], a[best]] = [a[best]!, a[c]!]
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const factor = a[r]![c]! / a[c]![c]!
      for (let k = c; k <= n; k++) a[r]![k] = a[r]![k]! - factor * a[c]![k]!
    }
  }
  return Float64Array.from(a, (row, i) => row[n]! / row[i]!)
}

function sureness({ features }: Cell, { bias, weights }: Weights): number {
  const sum = features.reduce((total, each, i) => total + each * (weights[i] as number), bias)
  return 1 / (1 + Math.exp(-sum))
}

interface Judged {
  cell: Cell
  sure: number
}

function report(name: string, judged: Judged[]): void {
  const told = [1, 2, 3].map((given) => {
    const mine = judged.filter(({ cell }) => cell.plain && cell.given === given)
    let shown = 0
    let right = 0
    const bins = Array.from({ length: 10 }, () => [0, 0, 0])
    for (const { cell, sure: p } of mine) {
      const ok = cell.right
      if (p >= 0.95) {
        shown++
        right += ok
      }
      const bin = bins[Math.min(9, Math.floor(p * 10))] as number[]
      bin[0] = (bin[0] as number) + 1
      bin[1] = (bin[1] as number) + p
      bin[2] = (bin[2] as number) + ok
    }
    const ece =
      bins.reduce((sum, [, p, ok]) => sum + Math.abs((p as number) - (ok as number)), 0) / mine.length
    const percent = (part: number, whole: number) => (whole ? ((100 * part) / whole).toFixed(1) : '-')
    return {
      cells: mine.length,
      shown: percent(shown, mine.length),
      right: percent(right, shown),
      ece: ece.toFixed(3),
    }
  })
  const three = (make: (of: (typeof told)[number]) => string | number) => told.map(make).join(' / ')
  console.log(
    `${name.padEnd(12)} cells ${three((of) => of.cells)}; shown ${three((of) => of.shown)} %; right ${three((of) => of.right)} %; ECE ${three((of) => of.ece)}`,
  )
}

if (!hasPublicSets()) {
  console.error('fit: the public tasks are not here.')
  process.exit(2)
}
const all: Cell[] = []
for (const set of fillSets) {
  all.push(
    ...fillTasks(set)
      .filter(({ heldOut }) => heldOut)
      .flatMap(cellsOf),
  )
  console.error(`fit: ${set}`)
}
if (process.env.FIT_DUMP) {
  const { writeFileSync } = await import('node:fs')
  writeFileSync(process.env.FIT_DUMP, JSON.stringify(all))
}
const judgedOf = (set: string): Judged[] => {
  const others = fit(all.filter((cell) => cell.set !== set))
  return all.filter((cell) => cell.set === set).map((cell) => ({ cell, sure: sureness(cell, others) }))
}
const bySet = fillSets.map(judgedOf)
for (const [i, judged] of bySet.entries()) report(fillSets[i] as string, judged)
report('all of them', bySet.flat())
const { bias, weights } = fit(all)
console.log(`const bias = ${bias}\nconst fitted: readonly number[] = ${JSON.stringify(weights)}`)
