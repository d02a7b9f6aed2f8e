import { type EventLog, none } from './event-log.ts'

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
  const byKey = new Map<string, number>()
  const symbols: Symbols = { of, names: [], elements: [], tools: [], actions: [] }
  for (let i = 0; i < log.length; i++) {
    const source = log.element[i]! === none ? copySource(log, i) : log.element[i]!
    const e = source === none ? '' : element[source]!
    const tool = log.tools.names[log.tool[i]!]!
    const action = log.actions.names[log.action[i]!]!
    const key = `${tool}\n${log.host[i]}\n${action}\n${e}`
    let symbol = byKey.get(key)
    if (symbol === undefined) {
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

function withoutRecordNumbers(log: EventLog): string[] {
  const bare = log.elements.names.map((name) => name.replace(/\d+/g, '#'))
  const kinds = new Map<string, number>()
  for (const name of bare) kinds.set(name, (kinds.get(name) ?? 0) + 1)
  return log.elements.names.map((name, i) => (kinds.get(bare[i]!)! >= manyNumbers ? bare[i]! : name))
}

/** How far from a copy (events) the read of what was copied may stand: watchers of two tools do not wait for each other. */
const nearby = 4

/** A clipboard does not say where it was filled: the element of the event next to it that holds the same text does. */
function copySource(log: EventLog, i: number): number {
  const value = log.value[i]!
  if (value === none || !/copy|cut/i.test(log.actions.names[log.action[i]!]!)) return none
  const text = log.values.names[value]!
  for (let step = 1; step <= nearby; step++) {
    for (const j of [i - step, i + step]) {
      if (j < 0 || j >= log.length || log.person[j] !== log.person[i] || log.element[j] === none) continue
      if (/paste/i.test(log.actions.names[log.action[j]!]!)) continue
      const other = log.value[j]!
      if (other !== none && (other === value || log.values.names[other]!.includes(text)))
        return log.element[j]!
    }
  }
  return none
}
