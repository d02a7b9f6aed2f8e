import { type Condition, conditionsOf } from './conditions.ts'
import { costs } from './costs.ts'
import { dates } from './dates.ts'
import { durations } from './durations.ts'
import { lists } from './lists.ts'
import { masks } from './masks.ts'
import { movedMoments } from './moved-moments.ts'
import { numbers } from './numbers.ts'
import { remembered } from './remembered.ts'
import { cheapestLines, type Line } from './search.ts'
import { shapeOf } from './shape.ts'
import { substrings } from './substrings.ts'
import type { Atom, Row, Sample, Shown } from './types.ts'
import { verdicts } from './verdicts.ts'
import { columnPairs, joinedColumns, wholeCells } from './whole.ts'
import { rejoinedWords } from './words.ts'

/** A program that gives every example its output, and what it gives on the sample rows. */
export interface Program {
  /** Lower is likelier: the cost of its parts, and of what it does on the rows that have no output yet. */
  score: number
  outputs: readonly (string | null)[]
  run(row: Row): string | null
  words: string
  formula: string | null
  /** How many conditions it has, and how many letters and digits it writes that it did not read. */
  branches: number
  frozen: number
  /** How many atoms it joins, in its longest branch. */
  parts: number
  /** Whether it looks at the row at all; a constant does not. */
  reads: boolean
  /** Its parts; of one with conditions, those of all its branches. */
  atoms: readonly Atom[]
}

const most = { programs: 24, examples: 5, conditions: 40, splits: 8, line: 10, side: 6 }

/** Programs for the examples, and how far the earlier examples would have foretold the later ones. */
export interface Synthesis {
  /** Likeliest first; none where nothing fits. */
  programs: Program[]
  /** For the newest two examples, newest first: whether those before it foretold it; fewer where there are fewer. */
  foretold: boolean[]
}

/** One column: all its rows, the examples first, and what has been found for subsets of the examples (bit masks). */
interface Task {
  examples: readonly Shown[]
  all: readonly Row[]
  deadline: number
  lines: Map<number, Program[]>
  /** Whether it is about the parts of a list, which are no lists themselves. */
  nested: boolean
}

/**
 * Programs for the examples. `rows` are the inputs of all other rows of the column, or a sample of them. Works until
 * `deadline` (milliseconds, `performance.now()`), then gives what it has.
 *
 * Atoms are evaluated on all rows at once and one is kept for each vector of values (observational equivalence:
 * Udupa et al., TRANSIT, PLDI 2013; Albarghouthi et al., CAV 2013); straight lines of atoms are the k best paths of
 * the graph of output positions (Gulwani, POPL 2011); where no line fits, rows are told apart by a condition and each
 * side is solved by itself (Alur, Radhakrishna, Udupa, "Scaling enumerative program synthesis via divide and
 * conquer", TACAS 2017).
 */
export function synthesise(examples: readonly Shown[], rows: readonly Row[], deadline: number): Synthesis {
  if (examples.length === 0) return { programs: [], foretold: [] }
  if (examples.length <= most.examples) return synthesiseFew(examples, rows, deadline)
  // With many examples a few that disagree with the program so far are enough to find it.
  let chosen: Shown[] = [examples[0] as Shown]
  for (let round = 0; round < most.examples; round++) {
    const { programs } = synthesiseFew(chosen, rows, deadline)
    const wrong = (program: Program) => examples.find((each) => program.run(each.in) !== each.out)
    const right = programs.filter((program) => wrong(program) === undefined)
    if (right.length > 0) return { programs: right, foretold: [true, true] }
    const next = programs[0] && wrong(programs[0])
    if (!next || chosen.includes(next) || performance.now() > deadline) break
    chosen = [...chosen, next]
  }
  return { programs: [], foretold: [false] }
}

function taskOf(examples: readonly Shown[], rows: readonly Row[], deadline: number, nested: boolean): Task {
  return { examples, all: [...examples.map((each) => each.in), ...rows], deadline, lines: new Map(), nested }
}

/** A straight line for one part of a list. */
function solvePart(examples: readonly Shown[], rows: readonly Row[], deadline: number): Program | null {
  const few = examples.slice(0, most.examples)
  const programs = linesFor(taskOf(few, rows, deadline, true), (1 << few.length) - 1)
  return programs.find((program) => examples.every((each) => program.run(each.in) === each.out)) ?? null
}

function synthesiseFew(examples: readonly Shown[], rows: readonly Row[], deadline: number): Synthesis {
  const task = taskOf(examples, rows, deadline, false)
  const everyone = (1 << examples.length) - 1
  const programs = solve(task, everyone, 2)
  const foretold: boolean[] = []
  for (let at = examples.length - 1; at > 0 && foretold.length < 2; at--) {
    const before = solve(task, (1 << at) - 1, 1).find((program) => program.outputs[at] !== null)
    foretold.push(before?.outputs[at] === examples[at]?.out)
  }
  return { programs, foretold }
}

const chosenOf = (examples: readonly Shown[], mask: number): number[] =>
  examples.flatMap((_, k) => (mask & (1 << k) ? [k] : []))

function solve(task: Task, mask: number, depth: number): Program[] {
  const lines = linesFor(task, mask)
  const best = lines[0]
  const single = (mask & (mask - 1)) === 0
  if (single || depth === 0 || performance.now() > task.deadline) return lines
  if (best && best.score < most.line) return lines
  return distinct([...lines, ...solveSplits(task, mask, depth)])
}

/** Some of the examples as the first rows of a sample; and programs over it with their outputs in the task's order. */
function sampleOf({ examples, all }: Task, mask: number) {
  const chosen = chosenOf(examples, mask)
  const order = [...chosen, ...all.keys().filter((i) => i >= examples.length || !(mask & (1 << i)))]
  const sample: Sample = {
    rows: order.map((i) => all[i] as Row),
    outs: chosen.map((k) => (examples[k] as Shown).out),
    others: examples.flatMap(({ out }, k) => (mask & (1 << k) ? [] : [out])),
  }
  const placed = (program: Program): Program => {
    const outputs: (string | null)[] = new Array(all.length)
    for (const [place, i] of order.entries()) outputs[i] = program.outputs[place] ?? null
    return { ...program, outputs }
  }
  return { sample, placed }
}

/** Straight lines for some of the examples; the others are rows like any other. */
function linesFor(task: Task, mask: number): Program[] {
  const known = task.lines.get(mask)
  if (known) return known
  const { sample, placed } = sampleOf(task, mask)
  const pool = atomsOf(sample, task.deadline, task.nested)
  const runs: Runs = new Map()
  const programs = distinct(
    cheapestLines(pool, sample, task.deadline + 100).map((line) => programOf(line, sample, runs)),
  ).map(placed)
  task.lines.set(mask, programs)
  return programs
}

/** What the lines of one search share: their atoms, each worked out once a row. */
type Runs = Map<Atom, Atom['run']>

/** All atoms that occur in the outputs, one for each vector of values. */
function atomsOf(sample: Sample, deadline: number, nested: boolean): Atom[] {
  const best = new Map<string, Atom>()
  const { outs } = sample
  const offer = (atom: Atom | null) => {
    if (!atom) return
    let some = false
    for (let k = 0; k < outs.length; k++) {
      const value = atom.values[k]
      if (value === null || value === undefined || !(outs[k] as string).includes(value)) return
      if (value !== '') some = true
    }
    if (!some) return
    const key = atom.values.join('\u0001')
    const known = best.get(key)
    if (!known || known.cost > atom.cost) best.set(key, atom)
  }
  const family = (cost: number) => (atom: Atom | null) => {
    if (atom) atom.cost += cost
    offer(atom)
  }
  const width = (sample.rows[0] as Row).length
  const columns = Math.min(width, 12)
  for (let c = 0; c < columns && performance.now() < deadline; c++) {
    substrings(c, sample, offer, deadline)
    wholeCells(c, sample, family(costs.cleaned))
    masks(c, sample, family(costs.masks))
    rejoinedWords(c, sample, family(costs.words))
    dates(c, sample, offer)
    movedMoments(c, sample, offer)
    if (!nested) lists(c, sample, offer, (examples, rows) => solvePart(examples, rows, deadline))
  }
  if (width > 1 && width <= 6) {
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) if (a !== b) columnPairs(a, b, sample, family(costs.pairs))
    joinedColumns(sample, family(costs.joined))
  }
  if (performance.now() > deadline) return [...best.values()]
  durations(sample, family(costs.durations))
  numbers(sample, offer)
  verdicts(sample, family(costs.verdicts))
  return [...best.values()]
}

function programOf(line: Line, sample: Sample, runs: Runs): Program {
  const { atoms } = line
  const outputs = sample.rows.map((_, i) => {
    let text = ''
    for (const atom of atoms) {
      const value = atom.values[i]
      if (value === null || value === undefined) return null
      text += value
    }
    return text
  })
  let frozen = 0
  for (const atom of atoms) {
    frozen += atom.frozen ?? 0
    if (atom.constant) frozen += (atom.values[0] as string).match(/[\p{L}\p{N}]/gu)?.length ?? 0
  }
  const formulas = atoms.map((atom) => atom.formula)
  const steps = atoms.map((atom) => {
    const known = runs.get(atom)
    if (known) return known
    const run = atom.constant ? atom.run : remembered(atom.run)
    runs.set(atom, run)
    return run
  })
  return {
    score: line.cost + against(outputs, sample.outs.length),
    outputs,
    run: (row) => {
      let text = ''
      for (const run of steps) {
        const value = run(row)
        if (value === null) return null
        text += value
      }
      return text
    },
    words: atoms.length ? atoms.map((atom) => atom.words).join(', then ') : 'nothing',
    formula: formulas.includes(null) ? null : formulas.join('&'),
    branches: 0,
    frozen,
    parts: atoms.length,
    reads: atoms.some((atom) => !atom.constant),
    atoms,
  }
}

/**
 * What the outputs on the rows without one say against a program; the first `examples` rows are those with one. A
 * column is of one make: no digits where the examples have none, as many of them where they are padded with zeros.
 */
function against(outputs: readonly (string | null)[], examples: number): number {
  const shapes = new Set<string>()
  const firsts = new Set<string>()
  let sorts = 0
  let padded: string | null = null
  let even = true
  for (let k = 0; k < examples; k++) {
    const output = outputs[k] as string
    shapes.add(shapeOf(output))
    firsts.add(output)
    sorts |= sortsIn(output)
    const lengths = digitLengths(output)
    if (padded !== null && padded !== lengths) even = false
    padded = lengths
    if (!/(?<![\d.,:])0\d/.test(output) && k === 0) even = false
    if (!/^(\d{3,},)*2(,2)+(,\d{3,})*$/.test(lengths.replace(/\b[3-9]\b/g, '333'))) even = false
  }
  let rows = 0
  let missing = 0
  let empty = 0
  let strange = 0
  let other = 0
  let newSort = 0
  let uneven = 0
  for (let i = examples; i < outputs.length; i++) {
    rows++
    const value = outputs[i] ?? null
    if (value === null) missing++
    else if (value === '') empty++
    else if (!shapes.has(shapeOf(value))) {
      strange++
      const fresh = sortsIn(value) & ~sorts
      if (fresh & 7) newSort += 1
      else if (fresh) newSort += 0.4
    }
    if (even && value !== null && digitLengths(value) !== padded) uneven++
    if (value === null || !firsts.has(value)) other++
  }
  if (rows === 0) return 0
  const n = rows + 1
  const said = !firsts.has('')
  return (
    (costs.undefinedRow * missing) / n +
    (said ? (costs.emptyRow * empty) / n : 0) +
    (costs.strangeRow * strange) / n +
    (costs.newSort * newSort) / n +
    (costs.unevenRow * uneven) / n +
    (other === 0 && rows > 2 && firsts.size === 1 ? costs.sameRow : 0)
  )
}

/** Which sorts of characters a text has, a bit each: letters, digits, other scripts' marks, and common marks. */
function sortsIn(text: string): number {
  let bits = 0
  for (let i = 0; i < text.length && i < 200; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) bits |= 2
    else if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code >= 192) bits |= 1
    else if (code > 32) bits |= 8 << (code % 24)
  }
  return bits
}

const digitLengths = (text: string) => (text.match(/\d+/g) ?? []).map((run) => run.length).join()

function solveSplits(task: Task, mask: number, depth: number): Program[] {
  const { all, deadline } = task
  const chosen = chosenOf(task.examples, mask)
  const bySplit = new Map<number, Condition[]>()
  for (const condition of conditionsOf(all, chosen)) {
    const yes = chosen.reduce((bits, k) => (condition.truth[k] ? bits | (1 << k) : bits), 0)
    const list = bySplit.get(yes)
    if (!list) bySplit.set(yes, [condition])
    else if (list.length < most.conditions) list.push(condition)
  }
  const programs: Program[] = []
  for (const [mine, list] of [...bySplit].slice(0, most.splits)) {
    if (performance.now() > deadline) break
    const likeliest = solve(task, mine, depth - 1).slice(0, most.side)
    const others = likeliest.length ? solve(task, mask & ~mine, depth - 1).slice(0, most.side) : []
    if (others.length === 0) continue
    const yes = [...likeliest, ...withoutConstants(task, mine, others)]
    const no = [...others, ...withoutConstants(task, mask & ~mine, likeliest)]
    const saved = yes.map((a) => no.map((b) => shared(a, b)))
    for (const condition of list) {
      const { a, b, score } = bestPair(yes, no, condition, saved)
      programs.push({
        score: score + condition.cost + costs.branch + aside(condition, a, b),
        outputs: all.map((_, i) => (condition.truth[i] ? a.outputs[i] : b.outputs[i]) ?? null),
        run: (row) => (condition.run(row) ? a.run(row) : b.run(row)),
        words: `where ${condition.words}: ${a.words}; else: ${b.words}`,
        formula: null,
        branches: 1 + a.branches + b.branches,
        frozen: a.frozen + b.frozen,
        parts: Math.max(a.parts, b.parts),
        reads: true,
        atoms: [...a.atoms, ...b.atoms],
      })
    }
  }
  return programs
}

/** Programs of the other side that fit this one when what they write of themselves is left out: a minus, a unit. */
function withoutConstants(task: Task, mask: number, programs: readonly Program[]): Program[] {
  const { sample, placed } = sampleOf(task, mask)
  return programs.flatMap((program) => {
    const reading = program.atoms.filter((atom) => !atom.constant)
    if (program.branches > 0 || reading.length === 0 || reading.length === program.atoms.length) return []
    const fits = sample.outs.every((out, k) => {
      const parts = reading.map((atom) => atom.run(sample.rows[k] as Row))
      return !parts.includes(null) && parts.join('') === out
    })
    if (!fits) return []
    const atoms = reading.map((atom) => ({ ...atom, values: sample.rows.map(atom.run) }))
    const cost = atoms.reduce((sum, atom) => sum + atom.cost, 0)
    return [placed(programOf({ atoms, cost }, sample, new Map()))]
  })
}

/** A question about a column that neither side reads is an unlikely one. */
function aside(condition: Condition, a: Program, b: Program): number {
  const asked = condition.words.match(/\{\d+\}/g) ?? []
  return asked.some((column) => a.words.includes(column) || b.words.includes(column)) ? 0 : 0.5
}

/**
 * Of the programs for either side the pair that does best on the rows of its sides. What both sides do alike is paid
 * for once: `-12.00` beside `300.00` is the same number with a minus or without.
 */
function bestPair(yes: Program[], no: Program[], condition: Condition, saved: number[][]) {
  const [ofYes, ofNo] = [scoresOn(yes, condition, 1), scoresOn(no, condition, 0)]
  let best: { a: Program; b: Program; score: number } | null = null
  for (const [i, a] of yes.entries()) {
    for (const [j, b] of no.entries()) {
      const score = (ofYes[i] as number) + (ofNo[j] as number) - (saved[i]?.[j] as number)
      if (!best || score < best.score) best = { a, b, score }
    }
  }
  return best as { a: Program; b: Program; score: number }
}

const branchShare = 0.75
const saving = 0.5

/** The programs of one side on the rows of that side. */
function scoresOn(programs: Program[], condition: Condition, side: number): number[] {
  return programs.map((program) => {
    let missing = 0
    let rows = 0
    for (let i = 0; i < program.outputs.length; i++) {
      if (condition.truth[i] !== side) continue
      rows++
      if (program.outputs[i] === null) missing++
    }
    return program.score * branchShare + (costs.undefinedRow * missing) / (rows + 1)
  })
}

/** What is saved where both sides have a part alike. */
function shared(a: Program, b: Program): number {
  let saved = 0
  for (const atom of a.atoms) {
    if (atom.constant) continue
    const same = b.atoms.find((other) => other.words === atom.words)
    if (same) saved += Math.min(atom.cost, same.cost)
  }
  return saving * branchShare * saved
}

/** One program for each vector of outputs, likeliest first. */
function distinct(programs: Program[]): Program[] {
  const seen = new Set<string>()
  return programs
    .sort((a, b) => a.score - b.score)
    .filter((program) => {
      const key = program.outputs.map((each) => each ?? '\u0000').join('\u0001')
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .slice(0, most.programs)
}
