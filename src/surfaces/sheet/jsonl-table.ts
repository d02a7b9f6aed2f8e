import { type Cell, Fault } from '../../contract/index.ts'
import type { Table } from './table.ts'

/** JSON Lines begin with an object; no CSV header does. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(\{\s*("|\}|$)|\[\s*(\{|\[|$))/.test(text.slice(0, 1000))
}

/**
 * One object a line; its names in order of first appearance are the columns. Objects and lists inside cells are kept
 * as their JSON. Throws a Fault for a line that is not an object.
 */
export function parseJsonLines(path: string, text: string): Table {
  const objects: Record<string, unknown>[] = []
  const rowNumbers: number[] = []
  const columnOf = new Map<string, number>()
  let number = 0
  for (const line of text.split(/\r\n|\n|\r/)) {
    number++
    if (line.trim() === '') continue
    const value = parseLine(path, line, number)
    for (const name of Object.keys(value)) if (!columnOf.has(name)) columnOf.set(name, columnOf.size)
    objects.push(value)
    rowNumbers.push(number)
  }
  const columns = [...columnOf.keys()]
  const rows = objects.map((object) => columns.map((name) => asCell(object[name])))
  const columnNumbers = columns.map((_, index) => index)
  return {
    path,
    format: 'jsonl',
    sheet: null,
    columns,
    rows,
    notices: [],
    headerNumber: 1,
    rowNumbers: Int32Array.from(rowNumbers),
    columnNumbers,
  }
}

function parseLine(path: string, line: string, number: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line
    const message = `${path}, line ${number}: expected one JSON object a line, found "${shown}": write each row as one line of JSON.`
    throw new Fault('bad-input', message, { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? 'a list' : JSON.stringify(value)
    const message = `${path}, line ${number}: expected a JSON object, found ${what}: write each row as one line of the form {"column": value}.`
    throw new Fault('bad-input', message)
  }
  return value as Record<string, unknown>
}

function asCell(value: unknown): Cell {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return JSON.stringify(value)
}
