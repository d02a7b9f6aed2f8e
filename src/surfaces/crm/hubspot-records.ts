import type { Client } from '@hubspot/api-client'
import type { Cell } from '../../contract/index.ts'
import type { Caller } from './hubspot-calls.ts'
import { isRefusal } from './hubspot-calls.ts'
import { createProperties, fieldProperties, knownProperties, scoreProperties } from './hubspot-properties.ts'
import type { Page, RecordMedium, Score, StoredRecord } from './record-medium.ts'
import { chunks } from './record-watch.ts'

export interface HubSpotRecordSettings {
  object: 'contacts' | 'deals'
  target: string
  won: string[]
  /** Empty: every value that is not won is lost. */
  lost: string[]
  properties?: string[] | undefined
  seconds: number
}

/** The most that HubSpot takes in one call: of a batch, of a batch with histories, of a search, of all its pages. */
const batch = 100
const batchWithHistory = 50
const searched = 200
const searchedInAll = 10_000
/** Milliseconds by which HubSpot's search may lag behind its records. */
const lag = 60_000

/** What HubSpot's answers have in common, whatever the object. */
interface HubSpotObject {
  id: string
  properties: Record<string, string | null>
  propertiesWithHistory?: Record<string, HistoryEntry[]>
  createdAt: Date
  updatedAt: Date
}

interface HistoryEntry {
  value: string
  timestamp: Date | string
  updatedByUserId?: number
}

export async function hubspotRecords(
  client: Client,
  settings: HubSpotRecordSettings,
  call: Caller,
): Promise<RecordMedium> {
  const { object, target } = settings
  const api = client.crm[object]
  const changedAt = object === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
  const known = await knownProperties(client, object, call)
  const fields = settings.properties ?? fieldProperties(known, target)
  let scores = scoreProperties(known, target)
  let prepared = false
  /** Outcomes that were told by this process, so that only new ones are looked up in the history. */
  const outcomes = new Map<string, boolean | null>()

  // Names that are not there (yet) are passed over by HubSpot; somebody else may create them at any time.
  const wantedNames = () => [...fields, target, changedAt, scores.probability, scores.band, scores.reasons]

  function outcomeOf(value: string | null | undefined): boolean | null {
    if (value == null || value === '') return null
    if (settings.won.includes(value)) return true
    return settings.lost.length === 0 || settings.lost.includes(value) ? false : null
  }

  function recordOf({ id, properties, createdAt, updatedAt }: HubSpotObject): StoredRecord {
    const outcome = outcomeOf(properties[target])
    const score = (name: string) => properties[name] || null
    return {
      key: id,
      at: createdAt.getTime(),
      fields: Object.fromEntries(fields.map((name) => [name, cellOf(name, properties[name])])),
      outcome,
      decidedAt: outcome === null ? null : updatedAt.getTime(),
      decidedBy: null,
      score: {
        probability: score(scores.probability),
        band: score(scores.band),
        reasons: score(scores.reasons),
      },
    }
  }

  function cellOf(name: string, value: string | null | undefined): Cell {
    if (value == null || value === '') return null
    // An address tells the person; its domain tells the company.
    if (name === 'email') return value.slice(value.lastIndexOf('@') + 1).toLowerCase()
    if (known.get(name)?.type === 'number' && Number.isFinite(Number(value))) return Number(value)
    return value
  }

  async function search(
    filters: { propertyName: string; operator: string; value?: string; values?: string[] }[],
    sort: string,
    after: string,
    properties: string[],
  ): Promise<{ records: HubSpotObject[]; next: string | null }> {
    const { results, paging } = await call(`search ${object}`, 'search', () =>
      api.searchApi.doSearch({
        filterGroups: filters.length ? [{ filters: filters as never }] : [],
        sorts: [sort],
        limit: searched,
        after,
        properties,
      }),
    )
    return { records: results as HubSpotObject[], next: paging?.next?.after ?? null }
  }

  /** Everything in order of its number: a search ends after 10,000, so each goes on from the last number. */
  async function* all(
    filters: Parameters<typeof search>[0],
    from: string,
    properties: string[],
  ): AsyncGenerator<HubSpotObject[]> {
    for (let last = from; ; ) {
      const beyond = last === '' ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: last }]
      const { records, next } = await search([...filters, ...beyond], 'hs_object_id', '0', properties)
      if (records.length > 0) yield records
      if (next === null) return
      last = records.at(-1)!.id
    }
  }

  async function readBatch(ids: string[], propertiesWithHistory: string[]): Promise<HubSpotObject[]> {
    const properties = propertiesWithHistory.length ? [target] : wantedNames()
    const { results } = await call(`read ${object}`, 'other', () =>
      api.batchApi.read({ inputs: ids.map((id) => ({ id })), properties, propertiesWithHistory }),
    )
    // What was merged into another record is answered with that one.
    const asked = new Set(ids)
    return (results as HubSpotObject[]).filter(({ id }) => asked.has(id))
  }

  /** When and by whom the outcome was reached, and what was known of the record just before. */
  function atDecision(found: HubSpotObject, names: string[]): Omit<StoredRecord, 'score'> | null {
    const history = found.propertiesWithHistory ?? {}
    const newest = (name: string) => (history[name] ?? []).toSorted((a, b) => timeOf(b) - timeOf(a))
    const steps = newest(target)
    const outcome = outcomeOf(steps[0]?.value ?? found.properties[target])
    if (outcome === null) return null
    // The first of the newest unbroken run of the same outcome.
    const run = steps.findIndex(({ value }) => outcomeOf(value) !== outcome)
    const first = steps[(run < 0 ? steps.length : run) - 1]
    const decidedAt = first ? timeOf(first) : found.updatedAt.getTime()
    // Of a record that came in decided, by an import, nothing earlier is known than what came in with it.
    const cameDecided = run < 0
    const asOf = (name: string) =>
      newest(name).find((entry) => timeOf(entry) < decidedAt || (cameDecided && timeOf(entry) === decidedAt))
        ?.value
    return {
      key: found.id,
      at: found.createdAt.getTime(),
      fields: Object.fromEntries(names.map((name) => [name, cellOf(name, asOf(name))])),
      outcome,
      decidedAt,
      decidedBy: first?.updatedByUserId === undefined ? null : `hubspot user ${first.updatedByUserId}`,
    }
  }

  /** Newly decided records get the time of the deed from their history. */
  async function withTimes(records: StoredRecord[]): Promise<StoredRecord[]> {
    const fresh = records.filter(({ key, outcome }) => outcome !== null && outcomes.get(key) !== outcome)
    const times = new Map<string, { decidedAt: number | null; decidedBy: string | null }>()
    for (const part of chunks(fresh, batchWithHistory)) {
      for (const found of await readBatch(
        part.map(({ key }) => key),
        [target],
      )) {
        const decision = atDecision(found, [])
        if (decision) times.set(found.id, decision)
      }
    }
    for (const { key, outcome } of records) {
      if (outcome === null) outcomes.delete(key)
      else outcomes.set(key, outcome)
    }
    return records.map((record) => {
      const found = times.get(record.key)
      return found ? { ...record, decidedAt: found.decidedAt, decidedBy: found.decidedBy } : record
    })
  }

  async function* changed(since: string | null, signal: AbortSignal): AsyncGenerator<Page> {
    const position = readPosition(since)
    if (position.type === 'all') {
      for await (const found of all([], position.after, wantedNames())) {
        if (signal.aborted) return
        const records = found.map(recordOf)
        for (const { key, outcome } of records) if (outcome !== null) outcomes.set(key, outcome)
        yield { records, position: `all ${found.at(-1)!.id} ${position.began}` }
      }
      if (!signal.aborted) yield { records: [], position: `since ${position.began}` }
      return
    }
    const began = Date.now()
    for (let from = position.at - lag, after = '0'; ; ) {
      const filters = [{ propertyName: changedAt, operator: 'GTE', value: String(from) }]
      const { records: found, next } = await search(filters, changedAt, after, wantedNames())
      if (signal.aborted) return
      const last = found.at(-1)?.updatedAt.getTime() ?? from
      const records = await withTimes(found.map(recordOf))
      // Of what changed in the same moment some may be on the next page: the position stays before it.
      yield { records, position: `since ${Math.max(position.at, last - 1)}` }
      if (next === null) break
      // From the last time on, not from the last place: what changes meanwhile moves, and others would be passed over.
      const stuck = Number(next) + searched > searchedInAll
      after = last > from || stuck ? '0' : next
      from = last > from ? last : stuck ? from + 1 : from
    }
    yield { records: [], position: `since ${Math.max(position.at, began - lag)}` }
  }

  const medium: RecordMedium = {
    target,
    // They are made by Inlay, and say so.
    ownsScores: true,
    batch,
    interval: settings.seconds * 1000,
    async *decided() {
      const values = settings.lost.length ? [...settings.won, ...settings.lost] : null
      const filter = values
        ? { propertyName: target, operator: 'IN', values }
        : { propertyName: target, operator: 'HAS_PROPERTY' }
      const order: { id: string; at: number }[] = []
      for await (const found of all([filter], '', [target])) {
        for (const { id, createdAt } of found) order.push({ id, at: createdAt.getTime() })
      }
      order.sort((a, b) => a.at - b.at)
      for (const part of chunks(order, batchWithHistory)) {
        const found = await readBatch(
          part.map(({ id }) => id),
          [target, ...fields],
        )
        const byId = new Map(found.map((each) => [each.id, each]))
        for (const { id } of part) {
          const decision = byId.has(id) ? atDecision(byId.get(id)!, fields) : null
          if (decision) yield { ...decision, score: { probability: null, band: null, reasons: null } }
        }
      }
    },
    changed,
    async read(keys) {
      const found = await readBatch(keys, [])
      return new Map(found.map((each) => [each.id, recordOf(each)]))
    },
    async prepare() {
      if (prepared) return null
      try {
        await createProperties(client, object, target, scores, known, call)
      } catch (cause) {
        if ((cause as { kind?: string }).kind !== 'bad-input') throw cause
        return (cause as Error).message
      }
      await relearn()
      prepared = true
      return null
    },
    async write(rows) {
      try {
        return await update(rows)
      } catch (cause) {
        // A property may have been deleted since, or an object: then once more, and in halves.
        if (!isRefusal(cause)) throw cause
        await relearn()
        await createProperties(client, object, target, scores, known, call)
        await relearn()
        return updateInHalves(rows)
      }
    },
  }
  return medium

  async function relearn(): Promise<void> {
    const now = await knownProperties(client, object, call)
    known.clear()
    for (const [name, property] of now) known.set(name, property)
    scores = scoreProperties(known, target)
  }

  async function update(rows: { key: string; score: Score }[]): Promise<Map<string, string>> {
    const answer = await call(`write ${object}`, 'other', () =>
      api.batchApi.update({
        inputs: rows.map(({ key, score }) => ({
          id: key,
          properties: {
            [scores.probability]: score.probability ?? '',
            [scores.band]: score.band ?? '',
            [scores.reasons]: score.reasons ?? '',
          },
        })),
      }),
    )
    const written = new Set(answer.results.map(({ id }) => id))
    const errors = 'errors' in answer ? (answer.errors ?? []) : []
    const why = errors[0]?.message ?? 'it is not there any more'
    return new Map(
      rows.flatMap(({ key }) => (written.has(key) ? [] : [[key, `HubSpot did not take it: ${why}.`]])),
    )
  }

  async function updateInHalves(rows: { key: string; score: Score }[]): Promise<Map<string, string>> {
    try {
      return await update(rows)
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      if (rows.length === 1) return new Map([[rows[0]!.key, (cause as Error).message]])
      const half = Math.ceil(rows.length / 2)
      const parts = [await updateInHalves(rows.slice(0, half)), await updateInHalves(rows.slice(half))]
      return new Map(parts.flatMap((part) => [...part]))
    }
  }
}

const timeOf = ({ timestamp }: HistoryEntry) => new Date(timestamp).getTime()

function readPosition(
  since: string | null,
): { type: 'all'; after: string; began: number } | { type: 'since'; at: number } {
  const [type, first, second] = (since ?? '').split(' ')
  if (type === 'since' && Number.isFinite(Number(first))) return { type, at: Number(first) }
  if (type === 'all' && second !== undefined) return { type, after: first!, began: Number(second) }
  return { type: 'all', after: '', began: Date.now() }
}
