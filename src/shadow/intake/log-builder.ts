import { Fault } from '../../contract/index.ts'
import { type Codes, codeOf, columnNames, type EventLog, newCodes, none, reordered } from '../event-log.ts'
import { timeOrder } from './tie-order.ts'

/** One event as an intake found it, in the words of its own format. */
export interface RawEvent {
  at: number
  person?: string | undefined
  tool?: string | undefined
  action: string
  element?: string | undefined
  record?: string | undefined
  url?: string | undefined
  value?: string | undefined
  case?: string | undefined
}

/** Columns that grow; one for all files, so that events of several files become one log. */
export interface LogBuilder {
  add(event: RawEvent): void
  /** The fast way in for large event logs: codes from `codes`, made by the caller. */
  addCase(at: number, caseCode: number, action: number, person: number): void
  codes: Record<'people' | 'tools' | 'hosts' | 'actions' | 'elements' | 'records' | 'values' | 'cases', Codes>
  /** An event that could not be used still counts in the numbering. */
  skip(): void
  notices: Set<string>
  count(): number
  finish(): EventLog
}

type Column = (typeof columnNames)[number]

/** The columns that every event log has, and those of UI logs. */
const caseColumns: readonly Column[] = ['person', 'action', 'case']
const otherColumns = columnNames.filter((name) => !caseColumns.includes(name))

export function newLogBuilder(): LogBuilder {
  let room = 1024
  let length = 0
  let number = 0
  let at = new Float64Array(room)
  let index = new Int32Array(room)
  const column = Object.fromEntries(columnNames.map((name) => [name, new Int32Array(room)])) as Record<
    Column,
    Int32Array
  >
  // Event logs that come in by the fast way have nothing in the others, which are then not kept.
  let bare = true
  const codes = {
    people: newCodes(),
    tools: newCodes(),
    hosts: newCodes(),
    actions: newCodes(),
    elements: newCodes(),
    records: newCodes(),
    values: newCodes(),
    cases: newCodes(),
  }
  const notices = new Set<string>()
  const hostOfUrl = new Map<string, number>()
  const hostOfTool: number[] = []

  function grow() {
    room *= 2
    const longer = (old: Int32Array) => {
      const next = new Int32Array(room)
      next.set(old)
      return next
    }
    const times = new Float64Array(room)
    times.set(at)
    at = times
    index = longer(index)
    for (const name of bare ? caseColumns : columnNames) column[name] = longer(column[name])
  }
  /** From here on every column counts; up to here the others had nothing. */
  function fillIn() {
    bare = false
    for (const name of otherColumns) {
      column[name] = new Int32Array(room)
      column[name].fill(none, 0, length)
    }
  }
  const coded = (dictionary: Codes, text: string | undefined) =>
    text === undefined || text === '' ? none : codeOf(dictionary, text)

  function add(event: RawEvent) {
    if (bare) fillIn()
    if (length === room) grow()
    at[length] = event.at
    index[length] = number++
    const site = event.url ? host(event.url) : none
    const tool = codeOf(codes.tools, event.tool || (site === none ? 'unknown' : codes.hosts.names[site]!))
    column.person[length] = coded(codes.people, event.person)
    column.tool[length] = tool
    column.host[length] = site === none ? hostOf(tool) : site
    column.action[length] = codeOf(codes.actions, event.action || 'event')
    column.element[length] = coded(codes.elements, event.element)
    column.record[length] = coded(codes.records, event.record)
    column.value[length] = coded(codes.values, event.value?.trim())
    column.case[length++] = coded(codes.cases, event.case)
  }
  function host(url: string): number {
    let known = hostOfUrl.get(url)
    if (known === undefined) {
      const name = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase() ?? url
      known = codeOf(codes.hosts, name)
      hostOfUrl.set(url, known)
    }
    return known
  }
  function hostOf(tool: number): number {
    hostOfTool[tool] ??= codeOf(codes.hosts, codes.tools.names[tool]!.toLowerCase())
    return hostOfTool[tool]
  }

  return {
    codes,
    notices,
    add,
    addCase(time, caseCode, action, person) {
      if (length === room) grow()
      at[length] = time
      index[length] = number++
      column.person[length] = person
      column.action[length] = action
      column.case[length] = caseCode
      if (!bare) for (const name of otherColumns) column[name][length] = none
      length++
    },
    skip: () => void number++,
    count: () => length,
    finish() {
      if (length === 0) {
        throw new Fault('bad-input', 'There is not one event with a time in what was given: check the files.')
      }
      const log: EventLog = {
        length,
        at: at.subarray(0, length),
        index: index.subarray(0, length),
        ...column,
        ...codes,
        notices: [],
      }
      // One column of nothing stands for all of them.
      const nothing = bare ? new Int32Array(length).fill(none) : null
      for (const name of columnNames)
        log[name] = nothing && otherColumns.includes(name) ? nothing : column[name].subarray(0, length)
      const sorted = codes.cases.names.length > 0 ? log : inTimeOrder(log, notices)
      namePeople(sorted)
      sorted.notices = [...notices]
      return sorted
    },
  }
}

function inTimeOrder(log: EventLog, notices: Set<string>): EventLog {
  for (let i = 1; i < log.length; i++) {
    if (log.at[i]! < log.at[i - 1]!) {
      notices.add('Events were not in time order and have been sorted.')
      break
    }
  }
  return reordered(log, timeOrder(log))
}

const pseudonymous = /^p-[0-9a-f]{8,}$/

/** Names become "person 1", "person 2"; what is a pseudonym already stays. Events of nobody go to the only person. */
function namePeople(log: EventLog): void {
  const { names } = log.people
  const sorted = names.filter((name) => !pseudonymous.test(name)).sort()
  const renamed = new Map(sorted.map((name, i) => [name, `person ${i + 1}`]))
  const next = names.map((name) => renamed.get(name) ?? name)
  if (next.length === 0) next.push('person 1')
  log.people = { names: next, byName: new Map(next.map((name, i) => [name, i])) }
  if (log.cases.names.length > 0) return
  // A clipboard does not know whose it is: its events are those of the person who acts next to them.
  let last = log.person.find((code) => code !== none) ?? 0
  for (let i = 0; i < log.length; i++) {
    if (log.person[i] === none) log.person[i] = last
    else last = log.person[i]!
  }
}
