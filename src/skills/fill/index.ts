import { setImmediate } from 'node:timers/promises'
import { type Cell, Fault, type Skill, type TableColumn } from '../../contract/index.ts'
import { fillFrom } from '../../learn/programs/complete.ts'
import { pack, unpack } from '../../learn/text/pack.ts'
import { cellText } from './cells.ts'
import { completeColumn, fillColumn } from './column.ts'

export interface FillModel {
  /** Columns and cells of the past that it was tried on. */
  columns: number
  cells: number
  /** Log-odds to add to every confidence, so that it holds on this team's own columns. */
  shift: number
}

const version = 1

/** Cells of a column that are looked at when learning; a column has no more to say than that. */
const looked = 300

/**
 * The column that completes itself. Programs are learned from the item's own filled cells when it is asked; what is
 * learned from the past is only how far its confidence can be believed on this team's columns.
 */
export const fill: Skill<'table', FillModel> = {
  name: 'fill',
  kind: 'table',
  about:
    'Completes a column after one to three examples typed by hand, and stays silent where it is not sure.',
  version,
  unlearned: { model: () => ({ columns: 0, cells: 0, shift: 0 }), sureFrom: fillFrom },

  async learn(examples, tools) {
    const all = [...examples]
    const verdicts: { confidence: number; right: boolean }[] = []
    const columns = new Set<string>()
    for (const [i, { item, deed }] of all.entries()) {
      const asked = Object.entries(deed.values).slice(0, looked)
      if (asked.length === 0) continue
      columns.add(item.group)
      const { cells } = fillColumn(item.columns, item.rows, item.column, { others: item.others })
      const truth = new Map(asked.map(([row, value]) => [Number(row), value]))
      for (const { row, value, confidence } of cells) {
        const deedValue = truth.get(row)
        if (deedValue !== undefined) verdicts.push({ confidence, right: alike(value, deedValue) })
      }
      tools.progress?.((i + 1) / all.length)
      await setImmediate()
      tools.signal?.throwIfAborted()
    }
    if (columns.size === 0) {
      throw new Fault(
        'bad-input',
        'No column was filled by people yet; fill needs one with more than three cells typed by hand.',
      )
    }
    return { columns: columns.size, cells: verdicts.length, shift: shiftOf(verdicts) }
  },

  async suggest(model, item, { seed }) {
    const filled = await completeColumn(item.columns, item.rows, item.column, {
      shift: model.shift,
      others: item.others,
      seed,
    })
    if (filled.cells.length === 0) return null
    const confidence = filled.cells.reduce((sum, cell) => sum + cell.confidence, 0) / filled.cells.length
    return {
      kind: 'table',
      value: { type: 'fill', values: Object.fromEntries(filled.cells.map(({ row, value }) => [row, value])) },
      confidence,
      reasons: [
        { field: item.column, value: filled.program, effect: 0 },
        ...filled.from.map((field) => ({ field, value: firstExample(item, field), effect: 0 })),
      ],
    }
  },

  /** Useful when at least 95 % of the filled cells that the person has settled are what they wanted. */
  judge(suggested, deed) {
    let settled = 0
    let right = 0
    for (const [row, value] of Object.entries(suggested.values)) {
      const wanted = deed.values[Number(row)]
      if (wanted === undefined) continue
      settled++
      if (alike(value, wanted)) right++
    }
    if (settled === 0) return null
    return { useful: right >= 0.95 * settled, similarity: right / settled }
  },

  save: (model) => pack(version, { plain: model, arrays: {} }),
  load: (bytes) => unpack(version, bytes, 'fill').plain as FillModel,
}

/** Equal as a person sees them. */
const alike = (a: Cell, b: Cell): boolean =>
  a === null || b === null ? a === b : cellText(a) === cellText(b)

function firstExample(item: TableColumn, field: string): Cell {
  const target = item.columns.indexOf(item.column)
  const row = item.rows.find((cells) => (cells[target] ?? null) !== null)
  return row?.[item.columns.indexOf(field)] ?? null
}

/**
 * Maximum a posteriori shift of the log-odds (Platt's scaling with the slope held at one), with a normal prior of
 * standard deviation 1 around none; a team's bad columns make it more silent, its good ones never bolder than it was
 * when it was tried.
 */
function shiftOf(verdicts: readonly { confidence: number; right: boolean }[]): number {
  // The slope of the log posterior falls throughout, so that halving finds its zero.
  const slope = (shift: number) => {
    let sum = -shift
    for (const { confidence, right } of verdicts) {
      const p = Math.min(1 - 1e-9, confidence)
      sum += (right ? 1 : 0) - 1 / (1 + ((1 - p) / p) * Math.exp(-shift))
    }
    return sum
  }
  let low = -12
  let high = 0
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2
    if (slope(middle) > 0) low = middle
    else high = middle
  }
  return Number(((low + high) / 2).toFixed(6)) || 0
}
