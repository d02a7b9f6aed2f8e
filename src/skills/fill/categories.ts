import { setImmediate } from 'node:timers/promises'
import type { Cell } from '../../contract/index.ts'
import { classifyText, learnText } from '../../learn/text/classifier.ts'
import { cellText } from './cells.ts'

/** Less than this tells nothing about how people sort texts. */
const least = { filled: 40, each: 8 }
/** More would be no categories; and more texts than this teach little more. */
const most = { categories: 30, filled: 5000 }

export interface Categorised {
  /** Index of the column that holds the text. */
  from: number
  values: string[]
  confidence: number[]
}

/**
 * Sorts the texts of one column as the filled rows sort them, where nothing can be worked out: a ticket's topic, an
 * expense's kind. Null where the filled cells are no categories, there is no text, or too few are filled.
 */
export async function categorise(
  rows: readonly (readonly Cell[])[],
  columns: number,
  target: number,
  filled: readonly number[],
  empty: readonly number[],
  seed: number,
): Promise<Categorised | null> {
  if (filled.length < least.filled) return null
  const labelOf = (row: number) => cellText(rows[row]?.[target] ?? null).trim()
  const labels = new Set(filled.map(labelOf))
  if (labels.size < 2 || labels.size > most.categories || filled.length < least.each * labels.size)
    return null
  const from = textColumn(rows, columns, target, filled)
  if (from === null) return null
  const itemOf = (row: number) => ({ subject: '', text: cellText(rows[row]?.[from] ?? null), sender: [] })
  const step = Math.max(1, Math.ceil(filled.length / most.filled))
  const learned = filled.filter((_, i) => i % step === 0)
  const model = await learnText(
    learned.map((row) => ({ item: itemOf(row), label: labelOf(row), group: itemOf(row).text })),
    { seed, pause: async () => void (await setImmediate()) },
  )
  const told = empty.map((row) => classifyText(model, itemOf(row)))
  return {
    from,
    values: told.map(({ label }) => label),
    // What is unlike all that was sorted may be of a category that nobody has named yet.
    confidence: told.map(({ confidence, familiar }) => (familiar ? confidence : Math.min(confidence, 0.9))),
  }
}

/** The column with the most words in it, two a cell at least. */
function textColumn(
  rows: readonly (readonly Cell[])[],
  columns: number,
  target: number,
  filled: readonly number[],
): number | null {
  const looked = filled.slice(0, 100)
  let best: number | null = null
  let words = 2
  for (let column = 0; column < columns; column++) {
    if (column === target) continue
    let count = 0
    for (const row of looked) {
      const cell = rows[row]?.[column] ?? null
      if (typeof cell === 'string') count += cell.match(/\p{L}{2,}/gu)?.length ?? 0
    }
    if (count / looked.length < words) continue
    words = count / looked.length
    best = column
  }
  return best
}
