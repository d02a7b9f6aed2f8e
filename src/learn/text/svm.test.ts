import { expect, it } from 'vitest'
import { seeded } from '../../stats/random.ts'
import { linearScores, trainSvm } from './svm.ts'
import type { SparseRows } from './vectors.ts'

/** Rows of a few columns each; column c < classes tells the class with some noise. */
function problem(count: number, classes: number, seed: number) {
  const random = seeded(seed)
  const starts = [0]
  const columns: number[] = []
  const values: number[] = []
  const labels = Int32Array.from({ length: count }, () => random.integer(classes))
  for (const label of labels) {
    const own = new Set([random.uniform() < 0.9 ? label : random.integer(classes)])
    while (own.size < 6) own.add(classes + random.integer(60))
    for (const column of own) {
      columns.push(column)
      values.push(0.3 + random.uniform())
    }
    starts.push(columns.length)
  }
  const rows: SparseRows = {
    count,
    width: classes + 60,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  }
  return { rows, labels }
}

/** One-against-rest primal objective of class k: ½|w|² + C Σ max(0, 1 - y f(x))². */
function objective(
  rows: SparseRows,
  labels: Int32Array,
  k: number,
  weights: Float64Array,
  bias: number,
): number {
  let sum = bias * bias
  for (const w of weights) sum += w * w
  sum /= 2
  for (let r = 0; r < rows.count; r++) {
    let score = bias
    for (let p = rows.starts[r]!; p < rows.starts[r + 1]!; p++)
      score += weights[rows.columns[p]!]! * rows.values[p]!
    sum += Math.max(0, 1 - (labels[r] === k ? score : -score)) ** 2
  }
  return sum
}

it('comes close to the minimum of the objective, and no small step improves on it much', async () => {
  const { rows, labels } = problem(400, 5, 1)
  const { model } = await trainSvm(rows, labels, 5, { cost: 1, random: seeded(1).uniform })
  for (let k = 0; k < 5; k++) {
    const weights = Float64Array.from({ length: rows.width }, (_, c) => model.weights[c * 5 + k]!)
    const reached = objective(rows, labels, k, weights, model.bias[k]!)
    // Gradient descent from there, long enough to find the minimum.
    let bias = model.bias[k]!
    for (let step = 0; step < 3000; step++) {
      const gradient = weights.slice()
      let biasGradient = bias
      for (let r = 0; r < rows.count; r++) {
        const sign = labels[r] === k ? 1 : -1
        let score = bias
        for (let p = rows.starts[r]!; p < rows.starts[r + 1]!; p++) {
          score += weights[rows.columns[p]!]! * rows.values[p]!
        }
        const slack = Math.max(0, 1 - sign * score)
        for (let p = rows.starts[r]!; p < rows.starts[r + 1]!; p++) {
          gradient[rows.columns[p]!]! -= 2 * sign * slack * rows.values[p]!
        }
        biasGradient -= 2 * sign * slack
      }
      for (let c = 0; c < weights.length; c++) weights[c]! -= 4e-4 * gradient[c]!
      bias -= 4e-4 * biasGradient
    }
    expect(reached).toBeLessThan(1.03 * objective(rows, labels, k, weights, bias))
  }
})

it('gives the same weights whether classes are trained together or in several lots', async () => {
  const { rows, labels } = problem(600, 70, 2)
  const { model } = await trainSvm(rows, labels, 70, { cost: 1, random: seeded(3).uniform })
  const into = new Float64Array(70)
  let right = 0
  for (let r = 0; r < rows.count; r++) {
    linearScores(model, rows, rows.starts[r]!, rows.starts[r + 1]!, into)
    if (into.indexOf(Math.max(...into)) === labels[r]) right++
  }
  expect(right / rows.count).toBeGreaterThan(0.85)
})

it('scores rows by a machine that has not seen them almost as if it had been trained without them', async () => {
  const { rows, labels } = problem(500, 4, 4)
  const parts = Int32Array.from({ length: rows.count }, (_, r) => (r % 4 === 3 ? -1 : r % 4))
  const { model: whole, unseen } = await trainSvm(rows, labels, 4, {
    cost: 1,
    random: seeded(5).uniform,
    divisions: [{ parts, wholeClasses: false }],
  })
  expect([...unseen[0]!.rows]).toEqual([...parts.keys()].filter((r) => r % 4 !== 3))

  const kept = [...parts.keys()].filter((r) => parts[r] !== 0)
  const starts = [0]
  const columns: number[] = []
  const values: number[] = []
  for (const r of kept) {
    columns.push(...rows.columns.subarray(rows.starts[r]!, rows.starts[r + 1]!))
    values.push(...rows.values.subarray(rows.starts[r]!, rows.starts[r + 1]!))
    starts.push(columns.length)
  }
  const without: SparseRows = {
    count: kept.length,
    width: rows.width,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  }
  const { model } = await trainSvm(
    without,
    Int32Array.from(kept, (r) => labels[r]!),
    4,
    {
      cost: 1,
      random: seeded(6).uniform,
    },
  )
  const into = new Float64Array(4)
  const seen = new Float64Array(4)
  let distance = 0
  let advantage = 0
  for (const [i, r] of unseen[0]!.rows.entries()) {
    if (parts[r] !== 0) continue
    linearScores(model, rows, rows.starts[r]!, rows.starts[r + 1]!, into)
    linearScores(whole, rows, rows.starts[r]!, rows.starts[r + 1]!, seen)
    for (let k = 0; k < 4; k++) {
      distance += Math.abs(into[k]! - unseen[0]!.scores[i * 4 + k]!)
      advantage += Math.abs(into[k]! - seen[k]!)
    }
  }
  expect(distance).toBeLessThan(0.25 * advantage)
})
