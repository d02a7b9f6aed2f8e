import { confidenceOf, type Evidence, evidenceOf, featuresOf } from './confidence.ts'
import { type Program, synthesise } from './synthesise.ts'
import type { Row, Shown } from './types.ts'

/** From this confidence on a cell is filled. */
export const fillFrom = 0.95

/** A column completed from its examples. */
export interface Completed {
  /** Our guess for every input row, null where no program applies. */
  best: (string | null)[]
  /** Probability that the guess is right, 0..1, for every input row. */
  confidence: number[]
  /** The likeliest program; null where nothing fits. */
  program: Program | null
  /** Examples with the same inputs as a later one but another output: indices into `examples`. */
  contradicted: number[]
  evidence: Evidence | null
}

const rowKey = (row: Row) => row.join('\u0001')

/** How many of the likeliest programs are asked where the first has nothing to say, and about their agreement. */
const asked = 8

/**
 * Completes a column begun by hand: a program for the examples, its outputs for `inputs` (rows given as examples may
 * be among them), and how sure it is of each. Of contradictory examples the last counts. Deterministic unless the
 * time limit (milliseconds) is reached.
 */
export function complete(examples: readonly Shown[], inputs: readonly Row[], limit = 500): Completed {
  const deadline = performance.now() + limit
  const last = new Map(examples.map((each, i) => [rowKey(each.in), i]))
  const shown = examples.filter((each, i) => last.get(rowKey(each.in)) === i)
  const contradicted = examples.flatMap((each, i) => {
    const later = examples[last.get(rowKey(each.in)) as number] as Shown
    return later.out === each.out ? [] : [i]
  })
  const rows = sampleOf(inputs, last)
  const { programs: found, foretold } = synthesise(shown, rows, deadline)
  const programs = found.slice(0, asked)
  if (programs.length === 0) {
    const known = (row: Row) => shown.find((each) => rowKey(each.in) === rowKey(row))?.out ?? null
    const best = shown.length ? inputs.map(known) : inputs.map(() => null)
    return {
      best,
      confidence: best.map((each) => (each === null ? 0 : 1)),
      program: null,
      contradicted,
      evidence: null,
    }
  }
  const evidence = evidenceOf(shown, programs, rows, foretold)
  const best: (string | null)[] = []
  const confidence: number[] = []
  const cells = new Map<string, { value: string | null; sure: number }>()
  for (const row of inputs) {
    const key = rowKey(row)
    let cell = cells.get(key)
    if (!cell) {
      cell = cellOf(evidence, row)
      cells.set(key, cell)
    }
    const example = last.get(key)
    best.push(example === undefined ? cell.value : (examples[example] as Shown).out)
    confidence.push(example === undefined ? cell.sure : 1)
  }
  return { best, confidence, program: programs[0] as Program, contradicted, evidence }
}

function cellOf(evidence: Evidence, row: Row): { value: string | null; sure: number } {
  const guess = guessOf(evidence.programs, row)
  if (!guess) return { value: null, sure: 0 }
  // An empty row is to stay empty, unless people have shown otherwise.
  const blank = row.every((cell) => cell.trim() === '')
  if (blank && !evidence.examples.some((each) => each.in.every((cell) => cell.trim() === ''))) {
    return { value: guess.value, sure: 0 }
  }
  const sure = confidenceOf(featuresOf(evidence, row, guess.value, guess.by))
  // The same text typed once or twice says nothing about the other rows: it may have been looked up.
  const supported = evidence.programs[guess.by]?.reads || evidence.examples.length >= 5
  return { value: guess.value, sure: supported ? sure : Math.min(sure, 0.7) }
}

/** What the likeliest program that applies to the row gives. */
export function guessOf(programs: readonly Program[], row: Row): { value: string; by: number } | null {
  for (const [by, program] of programs.entries()) {
    const value = program.run(row)
    if (value !== null) return { value, by }
  }
  return null
}

/** Distinct rows without an output, evenly spread over the column; fewer where cells are long. */
function sampleOf(inputs: readonly Row[], known: ReadonlyMap<string, number>): Row[] {
  const distinct = new Map<string, Row>()
  const step = Math.max(1, Math.floor(inputs.length / 2000))
  for (let i = 0; i < inputs.length; i += step) {
    const row = inputs[i] as Row
    const key = rowKey(row)
    if (!known.has(key) && !distinct.has(key)) distinct.set(key, row)
  }
  const rows = [...distinct.values()]
  const looked = rows.slice(0, 50)
  const letters = looked.reduce((sum, row) => sum + row.join('').length, 0) / Math.max(1, looked.length)
  const size = Math.max(10, Math.min(40, Math.floor(2000 / letters)))
  if (rows.length <= size) return rows
  return Array.from({ length: size }, (_, i) => rows[Math.floor((i * rows.length) / size)] as Row)
}
