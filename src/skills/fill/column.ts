import type { Cell, OtherTable } from '../../contract/index.ts'
import { complete, fillFrom } from '../../learn/programs/complete.ts'
import type { Row, Shown } from '../../learn/programs/types.ts'
import { categorise } from './categories.ts'
import { cellText } from './cells.ts'
import { findLookup } from './lookup.ts'

/** One cell that is to be filled. */
export interface FilledCell {
  /** Index into the rows given. */
  row: number
  value: Cell
  confidence: number
}

/** A column completed from the cells that people filled. */
export interface FilledColumn {
  column: string
  /** The columns that the program reads. */
  from: string[]
  /** Number of cells that people filled. */
  examples: number
  /** Cells that are sure enough to be shown. */
  cells: FilledCell[]
  /** Empty cells that stay empty. */
  silent: number
  /** In words; null where no program fits. */
  program: string | null
  /** For Excel and Sheets, with the columns' names in braces for cells; null where there is no short one. */
  formula: string | null
  /** The row whose answer would settle most; null where all are filled or nothing is known. */
  next: number | null
  /** Pairs of filled rows with equal inputs and different outputs: the later one counts. */
  contradictions: [number, number][]
}

/** Milliseconds after which no better program is looked for; hardly ever reached, so that a busy machine says the same. */
const patience = 3000

/** Programs read this many columns at most: those that share most with what was typed. */
const widest = 6

export interface FillOptions {
  /** Log-odds that correct the confidence for this team. */
  shift?: number
  /** Other tables of the same document. */
  others?: readonly OtherTable[] | undefined
}

/** The cells of a column, sorted into those that people filled and those that wait. */
interface Begun {
  target: number
  filled: number[]
  empty: number[]
}

function begunOf(columns: readonly string[], rows: readonly (readonly Cell[])[], column: string): Begun {
  const target = columns.indexOf(column)
  const filled: number[] = []
  const empty: number[] = []
  for (const [row, cells] of rows.entries()) {
    if (cells[target] !== null && cells[target] !== undefined) filled.push(row)
    else if (cells.some((cell) => cell !== null && cell !== '')) empty.push(row)
  }
  return { target, filled, empty }
}

/**
 * Fills the empty cells of `column` from its filled ones: looks for a join with another table or other rows, learns a
 * program over the other columns, and writes only what is right with a probability of at least 95 %.
 */
export function fillColumn(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  column: string,
  { shift = 0, others = [] }: FillOptions = {},
): FilledColumn {
  const begun = begunOf(columns, rows, column)
  const { filled, empty } = begun
  const nothing: FilledColumn = {
    column,
    from: [],
    examples: filled.length,
    cells: [],
    silent: empty.length,
    program: null,
    formula: null,
    next: null,
    contradictions: [],
  }
  if (filled.length === 0 || empty.length === 0) return nothing
  const worked = byProgram(columns, rows, begun, shift)
  const lookup = findLookup({ columns, rows, others, ...begun })
  if (!lookup) return { ...nothing, ...worked }
  // Where a program says otherwise, one example is not enough to choose.
  const said = new Map(worked?.cells.map((cell) => [cell.row, cell.value]))
  const options = empty.map((row, i) => {
    const value = lookup.values[i] ?? null
    const sure = shifted(lookup.confidence[i] as number, shift)
    const rival = said.has(row) && cellText(said.get(row) ?? null) !== cellText(value)
    return { row, value, confidence: rival && filled.length < 3 ? Math.min(sure, 0.9) : sure }
  })
  const { cells, next } = settled(options, (value) => value)
  if (worked && worked.cells.length >= cells.length) return { ...nothing, ...worked }
  return {
    ...nothing,
    cells,
    next,
    silent: empty.length - cells.length,
    from: lookup.keys.map((key) => columns[key] as string),
    program: lookup.words.replace(/\{([^{}]*)\}/g, '$1'),
    formula: lookup.formula,
    contradictions: worked?.contradictions ?? [],
  }
}

/** As `fillColumn`; where nothing can be worked out and enough texts were sorted by hand, sorts the others. */
export async function completeColumn(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  column: string,
  { seed = 1, ...options }: FillOptions & { seed?: number } = {},
): Promise<FilledColumn> {
  const done = fillColumn(columns, rows, column, options)
  if (done.cells.length > 0 || done.silent === 0) return done
  const { target, filled, empty } = begunOf(columns, rows, column)
  const sorted = await categorise(rows, columns.length, target, filled, empty, seed)
  if (!sorted) return done
  const typed = typeOf(filled.map((row) => rows[row]?.[target] ?? null))
  const judged = empty.map((row, i) => ({
    row,
    value: sorted.values[i] as string,
    confidence: shifted(sorted.confidence[i] as number, options.shift ?? 0),
  }))
  const { cells, next } = settled(judged, typed)
  const from = columns[sorted.from] as string
  return {
    ...done,
    from: [from],
    cells,
    silent: empty.length - cells.length,
    program: `the category that texts like the one in ${from} were given`,
    formula: null,
    next,
  }
}

/** What is sure enough to be shown, and the row that it would help most to have answered. */
function settled(
  options: readonly { row: number; value: Cell; confidence: number }[],
  typed: (text: string) => Cell,
): Pick<FilledColumn, 'cells' | 'next'> {
  const cells: FilledCell[] = []
  let doubt: { row: number; confidence: number } | null = null
  for (const { row, value, confidence } of options) {
    if (value !== null && cellText(value).trim() !== '' && confidence >= fillFrom)
      cells.push({ row, value: typeof value === 'string' ? typed(value) : value, confidence })
    else if (!doubt || confidence < doubt.confidence) doubt = { row, confidence }
  }
  return { cells, next: doubt?.row ?? null }
}

type Worked = Omit<FilledColumn, 'column' | 'examples'>

/** What a program learned from the filled cells gives; null where there is nothing to learn it from. */
function byProgram(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { target, filled, empty }: Begun,
  shift: number,
): Worked | null {
  const inputs = inputColumns(columns, rows, target, filled)
  if (inputs.length === 0) return null
  const rowOf = (row: number): Row => inputs.map((input) => cellText(rows[row]?.[input] ?? null))
  const examples: Shown[] = filled.map((row) => ({
    in: rowOf(row),
    out: cellText(rows[row]?.[target] ?? null),
  }))
  const { best, confidence, program, contradicted } = complete(examples, empty.map(rowOf), patience)
  const contradictions = contradicted.map((at): [number, number] => {
    const key = (examples[at] as Shown).in.join('\u0001')
    const later = examples.findLastIndex((each) => each.in.join('\u0001') === key)
    return [filled[at] as number, filled[later] as number]
  })
  const nothing = { from: [], cells: [], silent: empty.length, program: null, formula: null, next: null }
  if (!program) return { ...nothing, contradictions }
  const typed = typeOf(filled.map((row) => rows[row]?.[target] ?? null))
  const options = empty.map((row, i) => ({
    row,
    value: best[i] ?? null,
    confidence: shifted(confidence[i] as number, shift),
  }))
  const { cells, next } = settled(options, typed)
  const named = (text: string) =>
    text.replace(/\{(\d+)\}/g, (_, c) => columns[inputs[Number(c)] as number] ?? '')
  const used = [...program.words.matchAll(/\{(\d+)\}/g)].map(([, c]) => inputs[Number(c)] as number)
  return {
    from: [...new Set(used)].sort((a, b) => a - b).map((c) => columns[c] as string),
    cells,
    silent: empty.length - cells.length,
    program: named(program.words),
    formula:
      program.formula?.replace(/\{(\d+)\}/g, (_, c) => `{${columns[inputs[Number(c)] as number]}}`) ?? null,
    next,
    contradictions,
  }
}

/** Values take the type that all filled cells have, where that loses nothing. */
function typeOf(cells: readonly Cell[]): (text: string) => Cell {
  if (cells.every((cell) => typeof cell === 'number')) {
    return (text) => (text !== '' && String(Number(text)) === text ? Number(text) : text)
  }
  if (cells.every((cell) => typeof cell === 'boolean')) {
    return (text) => (text === 'TRUE' ? true : text === 'FALSE' ? false : text)
  }
  return (text) => text
}

const shifted = (probability: number, by: number) =>
  by === 0 || probability === 0 ? probability : 1 / (1 + ((1 - probability) / probability) * Math.exp(-by))

/** The columns that share most with what was typed, in their order; columns that are empty beside it are out. */
function inputColumns(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  target: number,
  filled: readonly number[],
): number[] {
  const looked = filled.slice(0, 5)
  const scored: { column: number; score: number }[] = []
  for (let column = 0; column < columns.length; column++) {
    if (column === target) continue
    let there = 0
    let score = 0
    for (const row of looked) {
      const text = cellText(rows[row]?.[column] ?? null).toLowerCase()
      if (text === '') continue
      there++
      const out = cellText(rows[row]?.[target] ?? null).toLowerCase()
      score += shared(text, out)
    }
    if (there === 0) continue
    // The nearer column is the likelier one to be meant.
    scored.push({ column, score: score / looked.length + 0.1 / (1 + Math.abs(column - target)) })
  }
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, widest)
    .map(({ column }) => column)
    .sort((a, b) => a - b)
}

/** Share of the output's words and numbers, or failing those its characters, that stand in the text. */
function shared(text: string, out: string): number {
  const tokens = out.match(/[\p{L}\p{N}]+/gu) ?? []
  if (tokens.length === 0) return 0
  let score = 0
  for (const token of tokens.slice(0, 20)) {
    if (text.includes(token)) score += 1
    else if (token.length > 3 && text.includes(token.slice(0, 3))) score += 0.4
    else if (/^\d+$/.test(token) && /\d/.test(text)) score += 0.3
    else if (text.includes(token[0] as string)) score += 0.05
  }
  return score / Math.min(20, tokens.length)
}
