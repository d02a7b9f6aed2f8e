import { codeOf, type EventLog, newCodes, none } from './event-log.ts'
import { isCopy, isPaste } from './verbs.ts'

/** Distinct elements of one pattern (A2, A3 …) from which their numbers are taken to tell rows apart, not steps. */
const manyNumbers = 12

/** What each event is, as one number: tool, action and element, without the numbers that only tell records apart. */
export interface Symbols {
  of: Int32Array
  /** Readable: "Excel getCell Sheet1!A". */
  names: string[]
  /** By symbol: its element without numbers (empty where there is none), its tool and its action. */
  elements: string[]
  tools: string[]
  actions: string[]
}

export function symbolsOf(log: EventLog): Symbols {
  const element = withoutRecordNumbers(log)
  const of = new Int32Array(log.length)
  const copies = log.actions.names.map((name) => isCopy.test(name))
  const pastes = log.actions.names.map((name) => isPaste.test(name))
  const bare = newCodes()
  const bareOf = Int32Array.from(element, (name) => codeOf(bare, name))
  const nothing = codeOf(bare, '')
  const widths = [log.tools, log.hosts, log.actions].map(({ names }) => names.length)
  const byKey = new Map<number, number>()
  const symbols: Symbols = { of, names: [], elements: [], tools: [], actions: [] }
  for (let i = 0; i < log.length; i++) {
    const source = log.element[i]! === none ? copySource(log, i, copies, pastes) : log.element[i]!
    const what = source === none ? nothing : bareOf[source]!
    // A number and not a string: this is done for each event.
    const key = ((what * widths[0]! + log.tool[i]!) * widths[1]! + log.host[i]!) * widths[2]! + log.action[i]!
    let symbol = byKey.get(key)
    if (symbol === undefined) {
      const e = bare.names[what]!
      const tool = log.tools.names[log.tool[i]!]!
      const action = log.actions.names[log.action[i]!]!
      symbol = byKey.size
      byKey.set(key, symbol)
      symbols.names.push([tool, action, e].filter((part) => part !== '').join(' '))
      symbols.elements.push(e)
      symbols.tools.push(tool)
      symbols.actions.push(action)
    }
    of[i] = symbol
  }
  return symbols
}

/** A cell of a sheet: its number is a row. In short logs each row comes once or twice; a cell of a form comes again and again. */
const cell = /(?:^|!)\$?[A-Z]{1,3}\$?\d+$/
const fewCells = 3

function withoutRecordNumbers(log: EventLog): string[] {
  const bare = log.elements.names.map((name) => name.replace(/\d+/g, '#'))
  const kinds = new Map<string, number>()
  for (const name of bare) kinds.set(name, (kinds.get(name) ?? 0) + 1)
  const times = new Map<string, number>()
  for (let i = 0; i < log.length; i++) {
    if (log.element[i] === none) continue
    const name = bare[log.element[i]!]!
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  return log.elements.names.map((name, i) => {
    const [distinct, all] = [kinds.get(bare[i]!)!, times.get(bare[i]!) ?? 0]
    const rows = distinct >= manyNumbers || (cell.test(name) && distinct >= fewCells && all <= 2 * distinct)
    return rows ? bare[i]! : name
  })
}

/** How far from a copy (events) the read of what was copied may stand: watchers of two tools do not wait for each other. */
const nearby = 4

/** A clipboard does not say where it was filled: the element of the event next to it that holds the same text does. */
function copySource(
  log: EventLog,
  i: number,
  copies: readonly boolean[],
  pastes: readonly boolean[],
): number {
  const value = log.value[i]!
  if (value === none || !copies[log.action[i]!]) return none
  const text = log.values.names[value]!
  for (let step = 1; step <= nearby; step++) {
    for (const j of [i - step, i + step]) {
      if (j < 0 || j >= log.length || log.person[j] !== log.person[i] || log.element[j] === none) continue
      if (pastes[log.action[j]!]) continue
      const other = log.value[j]!
      if (other !== none && (other === value || log.values.names[other]!.includes(text)))
        return log.element[j]!
    }
  }
  return none
}
