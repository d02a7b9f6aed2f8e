/** Strings told apart once and then handled as small numbers: the dictionary of one column. */
export interface Codes {
  readonly names: string[]
  readonly byName: Map<string, number>
}

export const newCodes = (): Codes => ({ names: [], byName: new Map() })

export function codeOf(codes: Codes, name: string): number {
  const known = codes.byName.get(name)
  if (known !== undefined) return known
  codes.byName.set(name, codes.names.length)
  return codes.names.push(name) - 1
}

/** No value: events without a case, an element or a value. */
export const none = -1

/**
 * What people did, column by column. UI logs are in time order; event logs keep the order of their files, because only
 * the order within a case counts there and the file tells it where times tie. `index` is the 0-based number of the event in the input,
 * counted over all files in the order given. Codes point into the dictionaries; `none` where there is nothing.
 */
export interface EventLog {
  length: number
  /** Milliseconds since the epoch, UTC. */
  at: Float64Array
  index: Int32Array
  person: Int32Array
  tool: Int32Array
  /** Host of the address where there is one, else the tool's name in lower case. */
  host: Int32Array
  action: Int32Array
  /** Where in the tool, with the numbers that only tell rows and records apart taken out. */
  element: Int32Array
  /** The record (row, address) that the element belongs to. */
  record: Int32Array
  /** Fingerprint of the value handled: what was copied, pasted, typed or read. */
  value: Int32Array
  /** The case of an event log; `none` in UI logs. */
  case: Int32Array
  people: Codes
  tools: Codes
  hosts: Codes
  actions: Codes
  elements: Codes
  records: Codes
  values: Codes
  cases: Codes
  /** What was odd in the input and how it was understood, a sentence each. */
  notices: string[]
}

export const columnNames = ['person', 'tool', 'host', 'action', 'element', 'record', 'value', 'case'] as const
export type ColumnName = (typeof columnNames)[number]

/** True where every event belongs to a case: an event log, whose cases are given, and not a UI log. */
export function isEventLog(log: EventLog): boolean {
  return log.cases.names.length > 0
}

/** The events that `keep` wants, as a log of their own over the same dictionaries. */
export function selectEvents(log: EventLog, keep: (i: number) => boolean): EventLog {
  const rows = Int32Array.from({ length: log.length }, (_, i) => i).filter(keep)
  return reordered(log, rows)
}

/** The log without one person's events; every figure computed from it follows. */
export function withoutPerson(log: EventLog, person: string): EventLog {
  const code = log.people.byName.get(person) ?? Number.NaN
  return selectEvents(log, (i) => log.person[i] !== code)
}

/** Positions of each person's events, people in the order of their names. */
export function eventsByPerson(log: EventLog): number[][] {
  const byPerson = new Map<number, number[]>()
  for (let i = 0; i < log.length; i++) {
    const list = byPerson.get(log.person[i]!)
    if (list) list.push(i)
    else byPerson.set(log.person[i]!, [i])
  }
  const name = (code: number) => log.people.names[code]!
  return [...byPerson].sort(([a], [b]) => (name(a) < name(b) ? -1 : 1)).map(([, list]) => list)
}

/** The log with its events in the order of `rows` (positions in `log`), which may leave some out. */
export function reordered(log: EventLog, rows: Int32Array): EventLog {
  const at = new Float64Array(rows.length)
  const copy = { ...log, length: rows.length, at, index: pick(log.index, rows) }
  for (let i = 0; i < rows.length; i++) at[i] = log.at[rows[i]!]!
  for (const name of columnNames) copy[name] = pick(log[name], rows)
  return copy
}

function pick(from: Int32Array, rows: Int32Array): Int32Array {
  const to = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!
  return to
}
