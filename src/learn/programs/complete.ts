import {
  confidenceOf,
  type Evidence,
  evidenceOf,
  featureNames,
  featuresOf,
  type Weights,
} from './confidence.ts'
import { type Program, synthesise } from './synthesise.ts'
import type { Row, Shown } from './types.ts'

/** From this confidence on a cell is filled. */
export const fillFrom = 0.95

/**
 * Sure of a smaller share of what it has to say than this, it says nothing: most columns of real sheets (order numbers,
 * names, remarks) are not made from the others, and a program found for one all the same is sure of those few rows that
 * look like its examples. One example makes few cells sure in any column.
 */
const fewestSure = (examples: number) => (examples > 1 ? 0.4 : 0.3)
/** How sure it is of any cell at most where it is sure of too few, or was surprised too often. */
const doubted = 0.9

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

const rowKey = (row: Row) => (row.length === 1 ? (row[0] as string) : row.join('\u0001'))

/** Rows whose answer is kept for when they come again: columns that repeat themselves have few different ones. */
const remembering = 4096

/** How many of the likeliest programs are asked where the first has nothing to say, and about their agreement. */
const asked = 8

/** Difference in cost from which on a program weighs nothing. */
const farthest = 6

/**
 * Completes a column begun by hand: a program for the examples, its outputs for `inputs` (rows given as examples may
 * be among them), and how sure it is of each. Of contradictory examples the last counts. Deterministic unless the
 * time limit (milliseconds) is reached. `weights` of the confidence are others only where they are judged.
 */
export function complete(
  examples: readonly Shown[],
  inputs: readonly Row[],
  limit = 500,
  weights?: Weights,
): Completed {
  const deadline = performance.now() + limit
  const last = new Map(examples.map((each, i) => [rowKey(each.in), i]))
  const shown = examples.filter((each, i) => last.get(rowKey(each.in)) === i)
  const contradicted = examples.flatMap((each, i) => {
    const later = examples[last.get(rowKey(each.in)) as number] as Shown
    return later.out === each.out ? [] : [i]
  })
  const rows = sampleOf(inputs, last)
  const { programs: found, foretold } = synthesise(shown, rows, deadline)
  const programs = worthAsking(found)
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
  const best: (string | null)[] = new Array(inputs.length).fill(null)
  const confidence: number[] = new Array(inputs.length).fill(0)
  const scratch = new Float64Array(featureNames.length)
  // Where rows come again, the first that had those cells.
  const before = new Map<string, number>()
  // Where there is nothing to be said nothing is asked, as in cells merged into the one above.
  let said = 0
  let sure = 0
  for (let i = 0; i < inputs.length; i++) {
    const row = inputs[i] as Row
    const key = rowKey(row)
    const example = last.get(key)
    const earlier = before.get(key)
    if (example !== undefined) {
      best[i] = (examples[example] as Shown).out
      confidence[i] = 1
    } else if (earlier !== undefined) {
      best[i] = best[earlier] as string | null
      confidence[i] = confidence[earlier] as number
    } else {
      const guess = guessOf(evidence.programs, row)
      if (guess) {
        best[i] = guess.value
        confidence[i] = sureOf(evidence, row, guess, { scratch, weights })
      }
      if (before.size < remembering) before.set(key, i)
    }
    if (example !== undefined || !best[i] || isBlank(row)) continue
    said++
    if ((confidence[i] as number) >= fillFrom) sure++
  }
  if (sure < fewestSure(shown.length) * said) {
    for (let i = 0; i < inputs.length; i++) {
      if (!last.has(rowKey(inputs[i] as Row))) confidence[i] = Math.min(confidence[i] as number, doubted)
    }
  }
  return { best, confidence, program: programs[0] as Program, contradicted, evidence }
}

/** Without those too far off to matter, unless the first leaves rows that they may have something to say about. */
function worthAsking(found: readonly Program[]): Program[] {
  const first = found[0]
  if (!first) return []
  const partial = first.outputs.includes(null)
  return found.slice(0, asked).filter(({ score }) => partial || score - first.score < farthest)
}

/** How sure the guess is; `scratch` has room for the features. */
function sureOf(
  evidence: Evidence,
  row: Row,
  { value, by }: { value: string; by: number },
  { scratch, weights }: { scratch: Float64Array; weights: Weights | undefined },
): number {
  // An empty row is to stay empty, unless people have shown otherwise.
  if (isBlank(row) && !evidence.examples.some((each) => isBlank(each.in))) return 0
  const sure = confidenceOf(featuresOf(evidence, row, value, by, scratch), weights)
  // Two surprises in a row, and now a question that tells their rows from the others: that was wrong twice.
  const [newest, before] = evidence.foreseen
  if (newest === false && before === false && (evidence.programs[by]?.branches ?? 0) > 0)
    return Math.min(sure, doubted)
  // The same text typed once or twice says nothing about the other rows: it may have been looked up.
  const supported = evidence.programs[by]?.reads || evidence.examples.length >= 5
  return supported ? sure : Math.min(sure, 0.7)
}

function isBlank(row: Row): boolean {
  for (const cell of row) if (/\S/.test(cell)) return false
  return true
}

/** What the likeliest program that applies to the row gives. */
export function guessOf(programs: readonly Program[], row: Row): { value: string; by: number } | null {
  for (let by = 0; by < programs.length; by++) {
    const value = (programs[by] as Program).run(row)
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
