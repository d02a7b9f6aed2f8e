import type { DataRecord, Deployment, Example, Item, SkillTools } from '../contract/index.ts'
import { type EngineOptions, openDesk } from '../engine/index.ts'

/** What a record says, by column. */
export type Facts = Record<string, string>

export interface TeamRecords {
  /** What the other records of a deployment's team say about who wrote a message: see `SkillTools.facts`. */
  factsFor(deployment: string): NonNullable<SkillTools['facts']>
  /** The same for a whole history at once, by item; of those with facts. */
  factsOf(deployment: string, examples: readonly Example[]): Promise<Map<string, Facts>>
}

/** Records are read anew when they were read so long ago, in milliseconds. */
const fresh = 60 * 60 * 1000
/** Longer values are texts, and no facts to be filled in. */
const longest = 100
const address = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/

interface Book {
  readAt: number
  /** By e-mail address; null where several records have it: nobody can tell which is meant. */
  records: Map<string, Facts | null>
}

/**
 * Looks the sender of a message up in the records (leads, orders, rows of a sheet) that the same team has connected:
 * in the one that has their e-mail address in a column. Where records cannot be read there are no facts; their own
 * deployment says why.
 */
export function teamRecords(
  options: Pick<EngineOptions, 'ledger' | 'folder' | 'surfaces' | 'skills' | 'now'>,
): TeamRecords {
  const { ledger, skills, now = Date.now } = options
  const books = new Map<string, Promise<Book>>()
  const reading = new Set<string>()

  /** As they were read last; read for the first time, or again in the background, where it is time. */
  async function bookOf(source: Deployment): Promise<Book> {
    const known = books.get(source.id)
    if (!known) {
      const first = read(source).catch(() => ({ readAt: now(), records: new Map() }))
      books.set(source.id, first)
      return first
    }
    const book = await known
    // A source without a single address will not have one in an hour.
    const stale = book.records.size > 0 && now() - book.readAt > fresh
    if (stale && !reading.has(source.id)) {
      reading.add(source.id)
      void read(source)
        .then((next) => books.set(source.id, Promise.resolve(next)))
        .catch(() => {})
        .finally(() => reading.delete(source.id))
    }
    return book
  }

  async function read(source: Deployment): Promise<Book> {
    const records: Book['records'] = new Map()
    const keys = new Map<string, string>()
    const readAt = now()
    function take({ key, fields }: DataRecord) {
      const facts: Facts = {}
      const addresses: string[] = []
      for (const [field, cell] of Object.entries(fields)) {
        const value = cell === null ? '' : String(cell).trim()
        if (address.test(value)) addresses.push(value.toLowerCase())
        else if (value !== '' && value.length <= longest) facts[field] = value
      }
      for (const each of addresses) {
        const before = keys.get(each)
        records.set(each, before === undefined || before === key ? facts : null)
        keys.set(each, key)
      }
    }
    const desk = await openDesk(source, options)
    const enough = new AbortController()
    try {
      for await (const { item } of desk.place.history()) take(item as DataRecord)
      for await (const change of desk.place.watch(null, enough.signal)) {
        if (change.type === 'item') take(change.item as DataRecord)
        if (change.type === 'caught up') enough.abort()
      }
    } finally {
      await desk.close()
    }
    return { readAt, records }
  }

  async function sourcesFor(deployment: string): Promise<Deployment[]> {
    const all = await ledger.deployments()
    const team = all.find(({ id }) => id === deployment)?.team
    return all.filter((each) => each.team === team && skills[each.skill]?.kind === 'record')
  }

  async function look(sources: readonly Deployment[], item: Item): Promise<Facts> {
    const sender = item.kind === 'message' ? item.from?.address : undefined
    const facts: Facts = {}
    if (!sender) return facts
    for (const source of sources) {
      // Of two records with a column of the same name the first one connected counts.
      const found = (await bookOf(source)).records.get(sender) ?? {}
      for (const [field, value] of Object.entries(found)) facts[field] ??= value
    }
    return facts
  }

  return {
    factsFor: (deployment) => async (item) => look(await sourcesFor(deployment), item),
    async factsOf(deployment, examples) {
      const all = new Map<string, Facts>()
      const sources = await sourcesFor(deployment)
      if (sources.length === 0) return all
      for (const { item } of examples) {
        const facts = await look(sources, item)
        if (Object.keys(facts).length > 0) all.set(item.key, facts)
      }
      return all
    },
  }
}
