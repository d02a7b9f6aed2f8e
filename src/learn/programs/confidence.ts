import { hasShape, shapeOf, wordsIn } from './shape.ts'
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
  // A column of many makes is a harder one; many rows on which nothing speaks against a program speak for it.
  'input shapes',
  'rows',
  'length of the inputs',
  'parts',
  'letters frozen from one example',
  'two outputs at most',
  'different outputs',
  'other output word count',
  // "female" beside a column of which only "male" has an example.
  'other category',
  // Little is told by examples of a few figures: many a sum gives them by chance.
  'little told',
  'figures made',
  'figures made, little told',
] as const

/** Of a logistic regression on the features above, in their order. */
export interface Weights {
  bias: number
  weights: readonly number[]
}

/** As `bench/fit-confidence.ts` prints them. */
const fitted: Weights = {
  bias: 0.749,
  weights: [
    -3.939, 0.735, 0.225, -0.022, -2.421, 1.15, 0.248, -0.051, -0.258, -0.118, 0.744, -0.855, 1.555, -1.127,
    -0.088, -0.038, 0.59, 0.126, 0.94, 0.996, 0.116, 0.676, -0.589, -0.315, -0.055, 0.155, -1.027, -2.384,
    0.669, 1.756, -0.095, 1.696, -1.379, -0.32, 0.949, -1.221, -2.459, -0.369, -0.513, -0.419,
  ],
}

/** The likeliest programs and what they say together about a column. */
export interface Evidence {
  examples: readonly Shown[]
  programs: readonly Program[]
  /** Weight of each program, adding up to one. */
  mass: readonly number[]
  /** For each example, the shape of each of its cells. */
  inputShapes: readonly (readonly string[])[]
  outputShapes: readonly string[]
  columnDisagreement: number
  columnUndefined: number
  columnEmpty: number
  /** For the newest two examples, newest first: whether those before it foretold it. */
  foreseen: readonly boolean[]
  rows: number
  /** Share of the rows that have a shape of their own. */
  shapes: number
  /** How much likelier the best program is than the next. */
  lead: number
  /** The marks that stand in some, and in all, of the examples' inputs; their numbers of words. */
  someMarks: ReadonlySet<number>
  allMarks: readonly string[]
  wordCounts: readonly number[]
  allSame: boolean
  copiesOnly: boolean
  /** Of the likeliest program, on rows without an output: at most two different ones, and the share of different ones. */
  fewOutputs: boolean
  differentOutputs: number
  outputWordCounts: readonly number[]
  /** For each program, the values in the examples of each column of few values that it does not read. */
  asides: readonly (readonly { column: number; known: ReadonlySet<string> }[])[]
  /** For each program, how many letters and digits of the different outputs it did not write by itself. */
  told: readonly number[]
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
  const outputs = new Set(first?.outputs.slice(from))
  const rowShape = (row: Row) => row.map(shapeOf)
  return {
    examples,
    programs,
    mass,
    inputShapes: examples.map((each) => rowShape(each.in)),
    outputShapes: [...new Set(examples.map((each) => shapeOf(each.out)))],
    columnDisagreement: share(disagreement),
    columnUndefined: share(missing),
    columnEmpty: share(empty),
    foreseen,
    rows: rows.length,
    shapes: new Set(rows.map((row) => rowShape(row).join('\u0001'))).size / Math.max(1, rows.length),
    lead: programs.length > 1 ? Math.min(6, (programs[1] as Program).score - best) : 6,
    someMarks: new Set(marks.flatMap((each) => [...each]).map((mark) => mark.codePointAt(0) as number)),
    allMarks: [...(marks[0] ?? [])].filter((mark) => marks.every((each) => each.has(mark))),
    wordCounts: [...new Set(examples.map((each) => wordsInRow(each.in)))],
    allSame: seen > 1 && outputs.size === 1,
    copiesOnly: examples.every((each) => each.in.includes(each.out)),
    fewOutputs: rows.length > 3 && new Set(first?.outputs).size <= 2,
    differentOutputs: share(outputs.size),
    outputWordCounts: [...new Set(examples.map((each) => wordsIn(each.out)))],
    asides: asidesOf(examples, programs, rows),
    told: programs.map((program) => toldBy(examples, program)),
  }
}

/** Of columns with so large a share of different values, or fewer than three, each value is a category. */
const categories = 0.4

function asidesOf(
  examples: readonly Shown[],
  programs: readonly Program[],
  rows: readonly Row[],
): Evidence['asides'] {
  const inputs = [...examples.map((each) => each.in), ...rows]
  const width = inputs[0]?.length ?? 0
  const few: { column: number; known: ReadonlySet<string> }[] = []
  for (let column = 0; width > 1 && column < width; column++) {
    const different = new Set(inputs.map((row) => row[column])).size
    if (different < 2 || different > Math.max(2, categories * inputs.length)) continue
    few.push({ column, known: new Set(examples.map((each) => each.in[column] as string)) })
  }
  return programs.map(({ words }) => few.filter(({ column }) => !words.includes(`{${column}}`)))
}

function toldBy(examples: readonly Shown[], program: Program): number {
  const outputs = new Set(examples.map((each) => each.out))
  let told = 0
  for (const output of outputs)
    told += Math.max(0, (output.match(/[\p{L}\p{N}]/gu)?.length ?? 0) - program.frozen)
  return told
}

/** Whether the value has a run of figures that stands in none of the cells. */
function hasMadeFigures(row: Row, value: string): boolean {
  for (const run of value.match(/\d+/g) ?? []) if (!row.some((cell) => cell.includes(run))) return true
  return false
}

const marksOf = (row: Row) => new Set(row.join(' ').match(/[^\p{L}\p{N}\s]/gu) ?? [])
function wordsInRow(row: Row): number {
  let words = 0
  for (const cell of row) words += wordsIn(cell)
  return words
}

/** Whether a mark stands in the row that none of `known` is. */
function hasOtherMark(row: Row, known: ReadonlySet<number>): boolean {
  for (const cell of row) {
    for (let i = 0; i < cell.length; i++) {
      let code = cell.charCodeAt(i)
      const plain =
        code <= 32 || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
      if (plain) continue
      if (code >= 0xd800 && code < 0xdc00) code = cell.codePointAt(i++) as number
      if (known.has(code)) continue
      if (code < 128 || !/[\p{L}\p{N}\s]/u.test(String.fromCodePoint(code))) return true
    }
  }
  return false
}

function hasAllMarks(row: Row, marks: readonly string[]): boolean {
  for (const mark of marks) {
    let there = false
    for (const cell of row) if (cell.includes(mark)) there = true
    if (!there) return false
  }
  return true
}

function hasOtherCategory(row: Row, asides: Evidence['asides'][number]): boolean {
  for (const { column, known } of asides) if (!known.has(row[column] as string)) return true
  return false
}

function inputIsAlike(row: Row, shapes: Evidence['inputShapes']): boolean {
  for (const each of shapes) {
    let alike = true
    for (let c = 0; alike && c < row.length; c++) alike = hasShape(row[c] as string, each[c] ?? '')
    if (alike) return true
  }
  return false
}

function outputIsAlike(value: string, shapes: readonly string[]): boolean {
  for (const shape of shapes) if (hasShape(value, shape)) return true
  return false
}

function lengthOf(row: Row): number {
  let length = 0
  for (const cell of row) length += cell.length
  return length
}

/**
 * The features of one cell whose best value is `value`, by program number `by`, written into `into`: `featureNames`
 * in their order.
 */
export function featuresOf(
  evidence: Evidence,
  row: Row,
  value: string,
  by: number,
  into: Float64Array = new Float64Array(featureNames.length),
): Float64Array {
  const { programs, mass, foreseen } = evidence
  const given = evidence.examples.length
  let disagreement = 0
  let gap = 6
  let agreeing = 0
  const best = (programs[0] as Program).score
  for (let p = 0; p < programs.length; p++) {
    const program = programs[p] as Program
    if (p === by || program.run(row) === value) {
      agreeing++
      continue
    }
    disagreement += mass[p] as number
    gap = Math.min(gap, Math.max(0, program.score - best))
  }
  const top = programs[by] as Program
  into[0] = disagreement
  into[1] = gap / 6
  into[2] = given === 2 ? 1 : 0
  into[3] = given > 2 ? 1 : 0
  into[4] = Math.min(25, top.score) / 10
  into[5] = Math.min(12, top.frozen) / 6
  into[6] = Math.min(2, top.branches)
  into[7] = inputIsAlike(row, evidence.inputShapes) ? 0 : 1
  into[8] = outputIsAlike(value, evidence.outputShapes) ? 0 : 1
  into[9] = by > 0 ? 1 : 0
  into[10] = evidence.columnDisagreement
  into[11] = evidence.columnUndefined
  into[12] = evidence.columnEmpty
  into[13] = value === '' ? 1 : 0
  into[14] = foreseen.length > 0 && foreseen[0] !== false && foreseen[1] !== false ? 1 : 0
  into[15] = foreseen[0] === false ? 1 : 0
  into[16] = foreseen[1] === false ? 1 : 0
  into[17] = evidence.rows < 4 ? 1 : 0
  into[18] = evidence.lead / 6
  into[19] = agreeing / programs.length
  into[20] = given === 2 ? gap / 6 : 0
  into[21] = given > 2 ? gap / 6 : 0
  into[22] = hasOtherMark(row, evidence.someMarks) ? 1 : 0
  into[23] = hasAllMarks(row, evidence.allMarks) ? 0 : 1
  into[24] = evidence.wordCounts.includes(wordsInRow(row)) ? 0 : 1
  into[25] = evidence.allSame ? 1 : 0
  into[26] = row.includes(value) ? 1 : 0
  into[27] = evidence.copiesOnly ? 1 : 0
  into[28] = evidence.shapes
  into[29] = Math.log(Math.max(1, evidence.rows)) / 4
  into[30] = Math.min(200, lengthOf(row)) / 100
  into[31] = Math.min(6, top.parts) / 3
  into[32] = given === 1 ? Math.min(3, top.frozen) / 3 : 0
  into[33] = evidence.fewOutputs ? 1 : 0
  into[34] = evidence.differentOutputs
  into[35] = evidence.outputWordCounts.includes(wordsIn(value)) ? 0 : 1
  into[36] = hasOtherCategory(row, evidence.asides[by] ?? []) ? 1 : 0
  const little = 1 / (1 + (evidence.told[by] as number))
  const made = hasMadeFigures(row, value) ? 1 : 0
  into[37] = little
  into[38] = made
  into[39] = made * little
  return into
}

/** Probability that the cell is right, 0..1. */
export function confidenceOf(features: ArrayLike<number>, { bias, weights }: Weights = fitted): number {
  let sum = bias
  for (let i = 0; i < weights.length; i++) sum += (features[i] as number) * (weights[i] as number)
  return 1 / (1 + Math.exp(-sum))
}
