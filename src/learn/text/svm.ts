import type { SparseRows } from './vectors.ts'

/** Linear one-against-rest scores: score of class k = bias[k] + Σ value × weights[column × classes + k]. */
export interface LinearModel {
  classes: number
  width: number
  weights: Float32Array
  bias: Float32Array
}

export interface SvmOptions {
  /** Price of an error; scikit-learn's C. */
  cost: number
  /** Uniform in [0, 1). */
  random(): number
  /** Weights to start from, learned from other rows, which stay learned. */
  start?: LinearModel
  /** Ways to divide the rows for scores by a machine that has not seen them. */
  divisions?: Division[]
  /** Called between passes with the share done; the place to give way to others. */
  pause?(share: number): Promise<void>
}

export interface Division {
  /** Part of each row: 0, 1, …; -1 is in none. */
  parts: Int32Array
  /** True where a part holds all rows of a class: then much of what others learned was learned against it. */
  wholeClasses: boolean
}

/** Score of row `rows[i]` and class k at i × classes + k. */
export interface Unseen {
  rows: Int32Array
  scores: Float32Array
}

export interface Trained {
  model: LinearModel
  /** For each division: scores of the rows of its parts, by machines that learned without the rows of their part. */
  unseen: Unseen[]
}

/**
 * Classes trained together: their weights lie side by side, so that one reading of a row serves all of them, and
 * memory for the duals stays bounded however many labels there are.
 */
const classesTogether = 64
/**
 * Rounds over the rows: a pass over all pairs of row and class, then one over those that still matter. Rows of many
 * n-grams settle in two; where rows are few or short, more cost little and are needed.
 */
function roundsFor(rows: SparseRows, classes: number): number {
  const products = rows.columns.length * classes
  return products > 4e7 ? 2 : products > 1e7 ? 4 : 8
}
/** A round ends the training when no gradient of the pass over all pairs was larger. */
const tolerance = 0.01

/**
 * One-against-rest linear support vector machines with squared hinge loss by dual coordinate descent (Hsieh, Chang,
 * Lin, Keerthi, Sundararajan 2008, algorithm 1), all classes of a row in one step. `labels[r]` is the class of row r.
 * Pairs of row and class that a full pass found far on the right side rest until the next full pass (their shrinking).
 *
 * The scores of `unseen` cost little: the rows of a part are taken out of the trained machine by taking back their
 * duals, and it settles in a few passes, as the dual of the smaller problem is convex and its start is near.
 */
export async function trainSvm(
  rows: SparseRows,
  labels: Int32Array,
  classes: number,
  options: SvmOptions,
): Promise<Trained> {
  const weights = new Float32Array(rows.width * classes)
  const bias = new Float32Array(classes)
  const divisions = options.divisions ?? []
  const unseen = divisions.map(({ parts }): Unseen => {
    const divided = Int32Array.from(parts.keys()).filter((r) => parts[r]! >= 0)
    return { rows: divided, scores: new Float32Array(divided.length * classes) }
  })
  const squares = rowSquares(rows)
  const everyRow = Int32Array.from({ length: rows.count }, (_, r) => r)
  const rounds = roundsFor(rows, classes)
  for (let first = 0; first < classes; first += classesTogether) {
    const together = Math.min(classesTogether, classes - first)
    const problem: Problem = {
      rows,
      labels,
      squares,
      first,
      ridge: 0.5 / options.cost,
      random: options.random,
    }
    const machine = newMachine(rows, together)
    if (options.start) load(machine, options.start, first)
    for (let round = 0; round < rounds && machine.restAbove > tolerance; round++) {
      fullPass(problem, machine, everyRow)
      activePass(problem, machine, everyRow)
      await options.pause?.((first + (0.5 * (round + 1) * together) / rounds) / classes)
    }
    unload(machine, weights, bias, first)
    for (const [d, division] of divisions.entries()) {
      await scoreUnseen(problem, machine, division, classes, rounds / 2, unseen[d]!, options)
    }
    await options.pause?.((first + together) / classes)
  }
  return { model: { classes, width: rows.width, weights, bias }, unseen }
}

/** Fills `into` with the scores of each part's rows by a machine out of which they were taken. */
async function scoreUnseen(
  problem: Problem,
  machine: Machine,
  { parts, wholeClasses }: Division,
  classes: number,
  settling: number,
  into: Unseen,
  options: SvmOptions,
): Promise<void> {
  const { rows, first } = problem
  const used = [...new Set(parts)].filter((part) => part >= 0).sort((a, b) => a - b)
  for (const part of used) {
    const without: Machine = {
      ...machine,
      weights: machine.weights.slice(),
      bias: machine.bias.slice(),
      duals: machine.duals.slice(),
      activeStarts: machine.activeStarts.slice(),
      activeCounts: machine.activeCounts.slice(),
      active: machine.active.slice(),
    }
    const everyRow = Int32Array.from(parts.keys())
    for (const row of into.rows) if (parts[row] === part) takeOut(problem, without, row)
    const order = everyRow.filter((row) => parts[row] !== part)
    for (let pass = 0; pass < settling; pass++) {
      if (wholeClasses || settling > 1) fullPass(problem, without, order)
      activePass(problem, without, order)
    }
    for (const [i, row] of into.rows.entries()) {
      if (parts[row] !== part) continue
      scoreRow(without.weights, without.bias, machine.together, rows, row, scores)
      for (let k = 0; k < machine.together; k++) into.scores[i * classes + first + k] = scores[k]!
    }
    await options.pause?.((first + 0.75 * machine.together) / classes)
  }
}

interface Problem {
  rows: SparseRows
  labels: Int32Array
  /** |x|² of each row with its bias. */
  squares: Float64Array
  /** Class of lane 0. */
  first: number
  ridge: number
  random(): number
}

/** The state of the classes trained together, one lane each. */
interface Machine {
  together: number
  weights: Float32Array
  bias: Float32Array
  /** Dual of row r and lane k at r × together + k. */
  duals: Float32Array
  /** Pairs that still matter: `activeCounts[r]` lanes of row r from `activeStarts[r]` on in `active`. */
  activeStarts: Int32Array
  activeCounts: Uint8Array
  active: Uint8Array
  /** Pairs at their bound whose gradient is above this rest: the largest violation of the last full pass. */
  restAbove: number
}

function newMachine(rows: SparseRows, together: number): Machine {
  return {
    together,
    weights: new Float32Array(rows.width * together),
    bias: new Float32Array(together),
    duals: new Float32Array(rows.count * together),
    activeStarts: new Int32Array(rows.count),
    activeCounts: new Uint8Array(rows.count),
    active: new Uint8Array(rows.count * 8),
    restAbove: 0.3,
  }
}

/** Takes the weights of the machine's classes from a model. */
function load(machine: Machine, { classes, width, weights, bias }: LinearModel, first: number): void {
  const { together } = machine
  for (let column = 0; column < width; column++) {
    for (let k = 0; k < together; k++) {
      machine.weights[column * together + k] = weights[column * classes + first + k]!
    }
  }
  machine.bias.set(bias.subarray(first, first + together))
}

function unload(machine: Machine, weights: Float32Array, bias: Float32Array, first: number): void {
  const { together } = machine
  const classes = bias.length
  for (let column = 0; column * classes < weights.length; column++) {
    for (let k = 0; k < together; k++) {
      weights[column * classes + first + k] = machine.weights[column * together + k]!
    }
  }
  bias.set(machine.bias, first)
}

/** |x|² of each row, and 1 for the bias, which is a column of ones. */
function rowSquares(rows: SparseRows): Float64Array {
  const squares = new Float64Array(rows.count)
  for (let row = 0; row < rows.count; row++) {
    let sum = 1
    for (let p = rows.starts[row]!; p < rows.starts[row + 1]!; p++) sum += rows.values[p]! ** 2
    squares[row] = sum
  }
  return squares
}

const scores = new Float64Array(classesTogether)
const lanes = new Int32Array(classesTogether)
const steps = new Float64Array(classesTogether)
const moved = new Int32Array(classesTogether)
/** Smaller gradients are taken as zero. */
const negligible = 1e-9

function fullPass(problem: Problem, machine: Machine, order: Int32Array): void {
  const { rows, labels, squares, first, ridge } = problem
  const { together, weights, bias, duals, restAbove } = machine
  let largest = 0
  let used = 0
  shuffle(order, problem.random)
  for (let o = 0; o < order.length; o++) {
    const row = order[o]!
    scoreRow(weights, bias, together, rows, row, scores)
    if (used + together > machine.active.length) machine.active = doubled(machine.active)
    const { active } = machine
    machine.activeStarts[row] = used
    const own = labels[row]! - first
    const scale = 1 / (squares[row]! + ridge)
    let count = 0
    for (let k = 0; k < together; k++) {
      const sign = k === own ? 1 : -1
      const dual = duals[row * together + k]!
      const gradient = sign * scores[k]! - 1 + dual * ridge
      if (dual === 0 && gradient >= 0) {
        if (gradient <= restAbove) active[used++] = k
        continue
      }
      active[used++] = k
      if (Math.abs(gradient) > largest) largest = Math.abs(gradient)
      if (Math.abs(gradient) < negligible) continue
      const next = Math.max(dual - gradient * scale, 0)
      duals[row * together + k] = next
      steps[count] = (next - dual) * sign
      moved[count++] = k
    }
    machine.activeCounts[row] = used - machine.activeStarts[row]!
    move(machine, rows, row, count)
  }
  machine.restAbove = largest
}

function activePass(problem: Problem, machine: Machine, order: Int32Array): void {
  const { rows, labels, squares, first, ridge } = problem
  const { starts, columns, values } = rows
  const { together, weights, bias, duals, active } = machine
  shuffle(order, problem.random)
  for (let o = 0; o < order.length; o++) {
    const row = order[o]!
    const actives = machine.activeCounts[row]!
    if (actives === 0) continue
    const at = machine.activeStarts[row]!
    for (let j = 0; j < actives; j++) {
      lanes[j] = active[at + j]!
      scores[j] = bias[lanes[j]!]!
    }
    const to = starts[row + 1]!
    for (let p = starts[row]!; p < to; p++) {
      const value = values[p]!
      const base = columns[p]! * together
      for (let j = 0; j < actives; j++) scores[j]! += value * weights[base + lanes[j]!]!
    }
    const own = labels[row]! - first
    const scale = 1 / (squares[row]! + ridge)
    let count = 0
    for (let j = 0; j < actives; j++) {
      const k = lanes[j]!
      const sign = k === own ? 1 : -1
      const dual = duals[row * together + k]!
      const gradient = sign * scores[j]! - 1 + dual * ridge
      if ((dual === 0 && gradient >= 0) || Math.abs(gradient) < negligible) continue
      const next = Math.max(dual - gradient * scale, 0)
      duals[row * together + k] = next
      steps[count] = (next - dual) * sign
      moved[count++] = k
    }
    move(machine, rows, row, count)
  }
}

/** Takes back all that a row has added to the weights. */
function takeOut(problem: Problem, machine: Machine, row: number): void {
  const { together, duals } = machine
  const own = problem.labels[row]! - problem.first
  let count = 0
  for (let k = 0; k < together; k++) {
    const dual = duals[row * together + k]!
    if (dual === 0) continue
    steps[count] = k === own ? -dual : dual
    moved[count++] = k
    duals[row * together + k] = 0
  }
  move(machine, problem.rows, row, count)
}

/** Adds the first `count` of `steps` × the row to the weights of the lanes in `moved`. */
function move(machine: Machine, rows: SparseRows, row: number, count: number): void {
  if (count === 0) return
  const { columns, values } = rows
  const { together, weights, bias } = machine
  for (let m = 0; m < count; m++) bias[moved[m]!]! += steps[m]!
  const to = rows.starts[row + 1]!
  for (let p = rows.starts[row]!; p < to; p++) {
    const value = values[p]!
    const base = columns[p]! * together
    for (let m = 0; m < count; m++) weights[base + moved[m]!]! += steps[m]! * value
  }
}

function scoreRow(
  weights: Float32Array,
  bias: Float32Array,
  lanesCount: number,
  rows: SparseRows,
  row: number,
  into: Float64Array,
): void {
  addScores(
    weights,
    bias,
    lanesCount,
    rows.columns,
    rows.values,
    rows.starts[row]!,
    rows.starts[row + 1]!,
    into,
  )
}

/** Scores of all classes for one row, into the first places of `into`. */
export function linearScores(
  model: LinearModel,
  row: { columns: Int32Array; values: Float32Array },
  from: number,
  to: number,
  into: Float64Array,
): void {
  addScores(model.weights, model.bias, model.classes, row.columns, row.values, from, to, into)
}

/** Four columns at a time, so that a score is read and written once for four products. */
function addScores(
  weights: Float32Array,
  bias: Float32Array,
  classes: number,
  columns: Int32Array,
  values: Float32Array,
  from: number,
  to: number,
  into: Float64Array,
): void {
  for (let k = 0; k < classes; k++) into[k] = bias[k]!
  let p = from
  for (; p + 3 < to; p += 4) {
    const a = columns[p]! * classes
    const b = columns[p + 1]! * classes
    const c = columns[p + 2]! * classes
    const d = columns[p + 3]! * classes
    const va = values[p]!
    const vb = values[p + 1]!
    const vc = values[p + 2]!
    const vd = values[p + 3]!
    for (let k = 0; k < classes; k++) {
      into[k]! += va * weights[a + k]! + vb * weights[b + k]! + vc * weights[c + k]! + vd * weights[d + k]!
    }
  }
  for (; p < to; p++) {
    const value = values[p]!
    const base = columns[p]! * classes
    for (let k = 0; k < classes; k++) into[k]! += value * weights[base + k]!
  }
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}

function doubled(array: Uint8Array): Uint8Array {
  const bigger = new Uint8Array(array.length * 2)
  bigger.set(array)
  return bigger
}
