import { shapeOf } from './shape.ts'
import type { Program } from './synthesise.ts'
import type { Row, Shown } from './types.ts'

/**
 * What is known about one cell before it is seen. Everything is a small number so that the weights can be read.
 */
export const featureNames = [
  'disagreement',
  'gap',
  'two examples',
  'three or more',
  'score',
  'frozen',
  'branches',
  'input shape new',
  'output shape new',
  'other program',
  'column disagreement',
  'column undefined',
  'column empty',
  'empty',
  'foreseen',
  'missed',
  'missed before',
  'few rows',
  'lead',
  'agreeing',
  'gap, two examples',
  'gap, three or more',
  'new mark',
  'lost mark',
  'other word count',
  'all the same',
  // People seldom fill a column with what already stands beside it.
  'copy',
  'copies only',
] as const

/** Weights of a logistic regression on the features above, as `bench/fit-confidence.ts` prints them. */
const bias = 2.125
const fitted: readonly number[] = [
  -2.039, 0.959, -0.055, 0.096, -1.762, 0.685, 0.045, 0.457, -0.401, -0.001, -0.672, -0.404, 0.162, -0.066,
  0.231, -0.026, 0.126, 0.031, 1.523, 1.479, -0.153, 0.017, -0.435, -0.606, -0.528, -0.008, -1.114, -1.633,
]

/** The likeliest programs and what they say together about a column. */
export interface Evidence {
  examples: readonly Shown[]
  programs: readonly Program[]
  /** Weight of each program, adding up to one. */
  mass: readonly number[]
  inputShapes: ReadonlySet<string>
  outputShapes: ReadonlySet<string>
  columnDisagreement: number
  columnUndefined: number
  columnEmpty: number
  /** For the newest two examples, newest first: whether those before it foretold it. */
  foreseen: readonly boolean[]
  rows: number
  /** How much likelier the best program is than the next. */
  lead: number
  /** The marks that stand in some, and in all, of the examples' inputs; their numbers of words. */
  someMarks: ReadonlySet<string>
  allMarks: readonly string[]
  wordCounts: ReadonlySet<number>
  allSame: boolean
}

/** How the cost of a program becomes its weight: a difference of this much is a factor of e. */
const temperature = 0.8

export function evidenceOf(
  examples: readonly Shown[],
  programs: readonly Program[],
  rows: readonly Row[],
  foreseen: readonly boolean[],
): Evidence {
  const best = programs[0]?.score ?? 0
  const raw = programs.map((program) => Math.exp((best - program.score) / temperature))
  const total = raw.reduce((sum, each) => sum + each, 0)
  const mass = raw.map((each) => each / total)
  const from = examples.length
  let disagreement = 0
  let missing = 0
  let empty = 0
  let seen = 0
  const first = programs[0]
  for (let i = from; first && i < first.outputs.length; i++) {
    seen++
    const value = first.outputs[i] ?? null
    if (value === null) missing++
    else if (value === '') empty++
    for (const [p, program] of programs.entries()) {
      if (program.outputs[i] !== value) disagreement += mass[p] as number
    }
  }
  const marks = examples.map((each) => marksOf(each.in))
  const share = (count: number) => count / Math.max(1, seen)
  return {
    examples,
    programs,
    mass,
    inputShapes: new Set(examples.map((each) => rowShape(each.in))),
    outputShapes: new Set(examples.map((each) => shapeOf(each.out))),
    columnDisagreement: share(disagreement),
    columnUndefined: share(missing),
    columnEmpty: share(empty),
    foreseen,
    rows: rows.length,
    lead: programs.length > 1 ? Math.min(6, (programs[1] as Program).score - best) : 6,
    someMarks: new Set(marks.flatMap((each) => [...each])),
    allMarks: [...(marks[0] ?? [])].filter((mark) => marks.every((each) => each.has(mark))),
    wordCounts: new Set(examples.map((each) => wordsIn(each.in))),
    allSame: seen > 1 && new Set(first?.outputs.slice(from)).size === 1,
  }
}

const marksOf = (row: Row) => new Set(row.join(' ').match(/[^\p{L}\p{N}\s]/gu) ?? [])
/** Runs of anything but spaces. */
function wordsIn(row: Row): number {
  let words = 0
  for (const cell of row) {
    let inside = false
    for (let i = 0; i < cell.length; i++) {
      const code = cell.charCodeAt(i)
      const space =
        code <= 32 || code === 160 || (code >= 0x2000 && code <= 0x3000 && /\s/u.test(cell[i] as string))
      if (!space && !inside) words++
      inside = !space
    }
  }
  return words
}

/** Whether a mark stands in the row that none of `known` is. */
function hasOtherMark(row: Row, known: ReadonlySet<string>): boolean {
  for (const cell of row) {
    for (const letter of cell) {
      const code = letter.codePointAt(0) as number
      const plain =
        code <= 32 || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
      if (plain || known.has(letter)) continue
      if (code < 128 || !/[\p{L}\p{N}\s]/u.test(letter)) return true
    }
  }
  return false
}
const rowShape = (row: Row) => row.map((cell) => shapeOf(cell)).join('\u0001')

/** The features of one cell whose best value is `value`, by program number `by`. */
export function featuresOf(evidence: Evidence, row: Row, value: string, by: number): number[] {
  const { programs, mass, examples } = evidence
  let disagreement = 0
  let gap = 6
  let agreeing = 0
  const best = (programs[0] as Program).score
  for (const [p, program] of programs.entries()) {
    if (p === by || program.run(row) === value) {
      agreeing++
      continue
    }
    disagreement += mass[p] as number
    gap = Math.min(gap, Math.max(0, program.score - best))
  }
  const top = programs[by] as Program
  return [
    disagreement,
    gap / 6,
    examples.length === 2 ? 1 : 0,
    examples.length > 2 ? 1 : 0,
    Math.min(25, top.score) / 10,
    Math.min(12, top.frozen) / 6,
    Math.min(2, top.branches),
    evidence.inputShapes.has(rowShape(row)) ? 0 : 1,
    evidence.outputShapes.has(shapeOf(value)) ? 0 : 1,
    by > 0 ? 1 : 0,
    evidence.columnDisagreement,
    evidence.columnUndefined,
    evidence.columnEmpty,
    value === '' ? 1 : 0,
    evidence.foreseen.length > 0 && evidence.foreseen.every((each) => each) ? 1 : 0,
    evidence.foreseen[0] === false ? 1 : 0,
    evidence.foreseen[1] === false ? 1 : 0,
    evidence.rows < 4 ? 1 : 0,
    evidence.lead / 6,
    agreeing / programs.length,
    examples.length === 2 ? gap / 6 : 0,
    examples.length > 2 ? gap / 6 : 0,
    hasOtherMark(row, evidence.someMarks) ? 1 : 0,
    evidence.allMarks.every((mark) => row.some((cell) => cell.includes(mark))) ? 0 : 1,
    evidence.wordCounts.has(wordsIn(row)) ? 0 : 1,
    evidence.allSame ? 1 : 0,
    row.includes(value) ? 1 : 0,
    examples.every((each) => each.in.includes(each.out)) ? 1 : 0,
  ]
}

/** Probability that the cell is right, 0..1. */
export function confidenceOf(features: readonly number[]): number {
  let sum = bias
  for (let i = 0; i < features.length; i++) sum += (features[i] as number) * (fitted[i] as number)
  return 1 / (1 + Math.exp(-sum))
}
