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
const bias = 2.032
const fitted: readonly number[] = [
  -2.028, 1.006, -0.024, 0.148, -1.749, 0.714, 0.018, 0.512, -0.415, 0, -0.636, -0.404, 0.162, -0.066, 0.214,
  -0.038, 0.177, 0.028, 1.573, 1.467, -0.16, -0.027, -0.426, -0.624, -0.526, -0.027, -1.093, -1.629,
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
const wordsIn = (row: Row) => row.join(' ').trim().split(/\s+/u).length
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
  const marks = marksOf(row)
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
    [...marks].every((mark) => evidence.someMarks.has(mark)) ? 0 : 1,
    evidence.allMarks.every((mark) => marks.has(mark)) ? 0 : 1,
    evidence.wordCounts.has(wordsIn(row)) ? 0 : 1,
    evidence.allSame ? 1 : 0,
    row.includes(value) ? 1 : 0,
    examples.every((each) => each.in.includes(each.out)) ? 1 : 0,
  ]
}

/** Probability that the cell is right, 0..1. */
export function confidenceOf(features: readonly number[]): number {
  let sum = bias
  for (const [i, feature] of features.entries()) sum += feature * (fitted[i] as number)
  return 1 / (1 + Math.exp(-sum))
}
