import { type Completed, complete } from '../src/learn/programs/complete.ts'
import { featureNames, featuresOf, type Weights } from '../src/learn/programs/confidence.ts'
import { type FillTask, fillSets, fillTasks, hasPublicSets, moreSet, publicSets } from './fill-tasks.ts'
import { addGuess, calibrationError, nothingTold, type Told } from './fill-told.ts'
import { looseColumns } from './loose-columns.ts'

/**
 * Fits the weights of `src/learn/programs/confidence.ts` and prints them:
 *
 *   node bench/fit-confidence.ts
 *
 * On all tasks, with one, two and three rows given, from two places in the column. Logistic regression, ridge, by
 * Newton's method; every cell counts the same, as cells are what people see. Below it stands what `complete` gives of
 * each set with weights fitted on all other sets: the figures to report. First the first rows are given, then row 1
 * and each time the first row that came out wrong, where one does. Last comes what it would show in columns that are
 * made from nothing beside them, on which nothing is fitted.
 */
interface Cell {
  set: string
  features: number[]
  right: number
}

function cellsOf(task: FillTask): Cell[] {
  const cells: Cell[] = []
  for (const start of [0, Math.floor(task.rows.length / 2)]) {
    const rows = [...task.rows.slice(start), ...task.rows.slice(0, start)]
    for (const given of [1, 2, 3]) {
      const rest = rows.slice(given)
      const done = complete(
        rows.slice(0, given),
        rest.map((row) => row.in),
        patience,
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
        })
      }
    }
  }
  return cells
}

/** Milliseconds: the weights are not to hang on how busy the machine is. */
const patience = 5000

/** Empty rows, and columns that one text fills, are capped whatever the weights say. */
const unsure = ({ evidence }: Completed, row: readonly string[]) =>
  row.every((cell) => cell.trim() === '') || !evidence?.programs[0]?.reads

function fit(cells: readonly Cell[], ridge = 0.3): Weights {
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
    for (const { features, right } of cells) {
      const x = [1, ...features]
      let sum = 0
      for (let a = 0; a < n; a++) sum += (w[a] as number) * (x[a] as number)
      const p = 1 / (1 + Math.exp(-sum))
      for (let a = 0; a < n; a++) {
        if (x[a] === 0) continue
        slope[a] = (slope[a] as number) + (right - p) * (x[a] as number)
        const row = bend[a] as Float64Array
        for (let b = 0; b < n; b++)
          row[b] = (row[b] as number) + p * (1 - p) * (x[a] as number) * (x[b] as number)
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

type Rows = FillTask['rows']

/** Counts what comes of the rows in `rest`; returns the first of them that comes out wrong. */
function tell(into: Told, given: Rows, rest: Rows, weights: Weights): Rows[number] | undefined {
  const inputs = rest.map((row) => row.in)
  const { best, confidence } = complete(given, inputs, patience, weights)
  for (const [i, row] of rest.entries()) {
    into.cells++
    addGuess(into, best[i] === row.out, confidence[i] as number)
  }
  return rest.find((row, i) => best[i] !== row.out)
}

function tellFirstRows(told: readonly Told[], rows: Rows, weights: Weights): void {
  for (const [at, into] of told.entries()) tell(into, rows.slice(0, at + 1), rows.slice(at + 1), weights)
}

/** Row 1, and each time the first row that came out wrong. */
function tellRounds(told: readonly Told[], rows: Rows, weights: Weights): void {
  const given = rows.slice(0, 1)
  for (const into of told) {
    const rest = rows.filter((row) => !given.includes(row))
    const wrong = tell(into, given, rest, weights)
    if (!wrong) return
    given.push(wrong)
  }
}

function addTo(total: readonly Told[], told: readonly Told[]): void {
  for (const [at, into] of total.entries()) {
    const from = told[at] as Told
    into.cells += from.cells
    into.shown += from.shown
    into.shownRight += from.shownRight
    into.confidence.push(...from.confidence)
    into.right.push(...from.right)
  }
}

function report(name: string, told: readonly Told[]): void {
  const percent = (part: number, whole: number) => (whole ? ((100 * part) / whole).toFixed(1) : '-')
  const three = (make: (of: Told) => string | number) => told.map(make).join(' / ')
  console.log(
    `${name.padEnd(14)} cells ${three((of) => of.cells)}; shown ${three((of) => percent(of.shown, of.cells))} %; ` +
      `right ${three((of) => percent(of.shownRight, of.shown))} %; ECE ${three(calibrationError)}`,
  )
}

/** Tells of a set in both ways. */
function judged(set: string, weights: Weights): { told: Told[]; later: Told[] } {
  const told = nothingTold()
  const later = nothingTold()
  for (const { rows } of fillTasks(set)) {
    tellFirstRows(told, rows, weights)
    tellRounds(later, rows, weights)
  }
  report(set, told)
  report('  in rounds', later)
  return { told, later }
}

/** A wrong cell shown in a column that is made from nothing takes people's trust in all the others. */
function reportLoose(columns: readonly Rows[], weights: Weights): void {
  const shown = [0, 0, 0]
  const wrong = [0, 0, 0]
  for (const rows of columns) {
    const told = nothingTold()
    tellFirstRows(told, rows, weights)
    for (const [at, of] of told.entries()) {
      if (of.shown > 0) shown[at]!++
      if (of.shownRight < of.shown) wrong[at]!++
    }
  }
  console.log(
    `of ${columns.length} columns of tables, made from nothing: with cells shown ${shown.join(' / ')}, with a wrong one ${wrong.join(' / ')}`,
  )
}

if (!hasPublicSets()) {
  console.error('fit: the public tasks are not here.')
  process.exit(2)
}
const lessons = [...fillSets, moreSet]
const all: Cell[] = []
for (const set of lessons) {
  all.push(...fillTasks(set).flatMap(cellsOf))
  console.error(`fit: ${set}`)
}
const together = nothingTold()
const rounds = nothingTold()
for (const set of lessons) {
  const others = fit(all.filter((cell) => cell.set !== set))
  const { told, later } = judged(set, others)
  if (publicSets.includes(set)) {
    addTo(together, told)
    addTo(rounds, later)
  }
}
report('public, all', together)
report('  in rounds', rounds)
const fitted = fit(all)
reportLoose(await looseColumns(), fitted)
console.log(JSON.stringify(fitted))
