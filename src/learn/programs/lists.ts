import { literally } from './tokens.ts'
import type { Row, Sample, Shown } from './types.ts'
import { atomOf, type Offer } from './whole.ts'

/** Finds a program for one part of a list, from parts with their outputs and parts without; null where none fits. */
export type SolvePart = (
  examples: readonly Shown[],
  rows: readonly Row[],
) => { score: number; words: string; run(row: Row): string | null } | null

const marks = [';', ',', '|', '\n'].map((mark) => ({
  mark,
  around: new RegExp(`\\s*${literally(mark)}\\s*`, 'u'),
}))
const joints = ['; ', ', ', ' | ', ';', ',', '|', '\n', ' / ', ' & ', ' ']
const most = { letters: 300, parts: 12, rows: 30 }

/**
 * What is done to each part of a list in a cell: `Anna Berg; Carl Dorn` as `Berg, Dorn`. Each part of the examples is
 * an example of its own, so that one cell may tell all.
 */
export function lists(column: number, sample: Sample, offer: Offer, solve: SolvePart): void {
  const at = (row: Row) => row[column] ?? ''
  const [text, out] = [at(sample.rows[0] as Row), sample.outs[0] as string]
  if (text.length > most.letters) return
  const found = marks.find(({ around }) => partsOf(text, around).length > 1)
  if (!found) return
  const { mark, around } = found
  const parts = (row: Row) => partsOf(at(row), around)
  const count = partsOf(text, around).length
  const joint = joints.find((each) => out.split(each).length === count)
  if (joint === undefined) return
  const known = new Map<string, string>()
  for (const [k, each] of sample.outs.entries()) {
    const from = parts(sample.rows[k] as Row)
    const to = each.split(joint)
    if (from.length !== to.length || from.length > most.parts) return
    for (const [i, part] of from.entries()) {
      if ((known.get(part) ?? to[i]) !== to[i]) return
      known.set(part, to[i] as string)
    }
  }
  if ([...known].every(([part, made]) => part === made)) return
  const other = new Set(sample.rows.slice(sample.outs.length).flatMap(parts))
  const program = solve(
    [...known].map(([part, made]) => ({ in: [part], out: made })),
    [...other]
      .filter((part) => !known.has(part))
      .slice(0, most.rows)
      .map((part) => [part]),
  )
  if (!program) return
  const words = `of each part of {${column}} between "${mark}": ${program.words.replaceAll('{0}', 'it')}; joined with "${joint}"`
  offer(
    atomOf(sample, 1.5 + program.score, words, (row) => {
      const made = parts(row).map((part) => program.run([part]))
      return made.length === 0 || made.includes(null) ? null : made.join(joint)
    }),
  )
}

const partsOf = (text: string, around: RegExp): string[] => text.split(around).filter((part) => part !== '')
