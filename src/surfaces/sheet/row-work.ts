import { Fault, type Item, type Kind, type Suggestion } from '../../contract/index.ts'
import { ownPrefix } from './column-names.ts'
import type { Rows } from './examples.ts'
import type { Journal } from './journal.ts'
import { cellAt, type Loaded, type Plan } from './plan-write.ts'
import type { ItemState, SheetKind } from './sheet-kind.ts'
import type { Table } from './table.ts'

export const whyColumn = `${ownPrefix}why`

export interface RowWork<K extends 'message' | 'record'> {
  kind: K
  /** The column in which a person does the deed. */
  column: string
  journal: Journal
  rowsOf(loaded: Loaded): Rows<K>
}

/** Each row is an item; filling its cell in one column is the deed. */
export function rowWork<K extends 'message' | 'record'>(work: RowWork<K>): SheetKind<K> {
  const { kind, column, journal } = work
  return {
    kind,
    history(loaded) {
      const rows = work.rowsOf(loaded)
      const examples = indices(loaded.table)
        .filter((row) => rows.decided(row) !== null && rows.hasContent(row))
        .map((row) => ({ item: rows.item(row), deed: rows.deed(row) }))
      const time = ({ item }: { item: Item<K> }) => item.at ?? Number.NEGATIVE_INFINITY
      return examples.sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0))
    },
    async view(loaded) {
      const rows = work.rowsOf(loaded)
      const placements = placementStates(journal, kind, loaded)
      const states = new Map<string, ItemState>()
      for (const row of indices(loaded.table)) {
        if (!rows.hasContent(row)) continue
        const did = rows.decided(row)
        const placed = did === null ? (placements.get(rows.keys[row]!) ?? '') : ''
        states.set(rows.keys[row]!, { open: did === null, did: did ?? '', placed })
      }
      const rowOf = (key: string) => loaded.rowOf.get(key)!
      return { states, item: (key) => rows.item(rowOf(key)), deed: (key) => rows.deed(rowOf(key)) }
    },
    plan(loaded, item, suggestion) {
      const row = loaded.rowOf.get(item.key)
      if (row === undefined) return { refused: 'the row is not there any more' }
      if (cellAt(loaded.table, row, column) !== null || loaded.sheet.blocked(row, column)) {
        return { refused: `a person has filled "${column}" already` }
      }
      return planTexts(loaded, row, textsFor(suggestion, column))
    },
  }
}

function indices(table: Table): number[] {
  return Array.from(table.rows, (_, row) => row)
}

/** By item: whether the first cell of its placement still holds something. */
function placementStates(journal: Journal, kind: Kind, loaded: Loaded): Map<string, 'there' | 'taken'> {
  const states = new Map<string, 'there' | 'taken'>()
  for (const { key, kind: of, item, cells } of journal.placements.values()) {
    const [cell] = cells
    const row = cell && loaded.rowOf.get(cell.row)
    if (of !== kind || row === undefined) continue
    if (cellAt(loaded.table, row, cell!.column) !== null) states.set(item, 'there')
    else if (journal.placedAt.get(key)! <= loaded.writes && states.get(item) !== 'there')
      states.set(item, 'taken')
  }
  return states
}

function textsFor(suggestion: Suggestion, column: string): { column: string; text: string }[] {
  const { value } = suggestion
  if (value.type === 'label') return [{ column: ownPrefix + column, text: value.label }]
  if (value.type === 'reply') return [{ column: ownPrefix + column, text: value.text }]
  if (value.type !== 'score')
    throw new Fault('bug', `A row cannot show a suggestion of type "${value.type}".`)
  const share = `${Math.round(value.probability * 100)} %`
  const why = reasonsInWords(suggestion.reasons)
  return [
    { column: ownPrefix + column, text: value.band === null ? share : `${value.band} · ${share}` },
    ...(why === '' ? [] : [{ column: whyColumn, text: why }]),
  ]
}

/** The three strongest reasons: `raised by Source: Google, Visits: 5; lowered by City: empty`. */
export function reasonsInWords(reasons: Suggestion['reasons']): string {
  const strongest = reasons.toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, 3)
  const list = (sign: 1 | -1) =>
    strongest
      .filter(({ effect }) => Math.sign(effect) === sign)
      .map(
        ({ field, value }) => `${shortened(field)}: ${value === null ? 'empty' : shortened(String(value))}`,
      )
      .join(', ')
  const raised = list(1)
  const lowered = list(-1)
  return [raised && `raised by ${raised}`, lowered && `lowered by ${lowered}`]
    .filter((part) => part !== '')
    .join('; ')
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 59).toWellFormed()}…` : line
}

/** Texts into columns of ours. Explanations lose what the encoding lacks; a value is written whole or not at all. */
function planTexts(loaded: Loaded, row: number, texts: { column: string; text: string }[]): Plan {
  const cells = []
  for (const { column, text } of texts) {
    const { writable } = loaded.sheet
    if (!writable(column)) return { refused: `the name "${column}" cannot be written in the file's encoding` }
    if (!writable(text) && column !== whyColumn) {
      return { refused: `"${text}" cannot be written in the file's encoding` }
    }
    const value = writable(text) ? text : Array.from(text, (char) => (writable(char) ? char : '?')).join('')
    cells.push({ row, column, value })
  }
  return { cells }
}
