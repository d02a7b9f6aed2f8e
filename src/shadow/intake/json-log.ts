import { Fault } from '../../contract/index.ts'
import { addChange } from './histories.ts'
import type { LogBuilder, RawEvent } from './log-builder.ts'
import { readTime } from './timestamp.ts'

/** A document as JSON.parse gives it: nothing about it is known. */
// biome-ignore lint/suspicious/noExplicitAny: other people's files, read with care
type Json = any

/** A pause of the window watcher longer than this is not work: the person was away, or the machine asleep. */
const idleMs = 5 * 60_000

/**
 * A JSON log: an ActivityWatch export (`buckets`) or one bucket of it, or OCEL (2.0: `events`, `objects`; 1.0:
 * `ocel:events`). Throws a Fault where it is neither, or breaks off.
 */
export function readJsonLog(
  path: string,
  text: string,
  builder: LogBuilder,
  zoneless: (wall: number) => number,
): void {
  let document: Json
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw new Fault(
      'bad-input',
      `${path} is not whole JSON (${(cause as Error).message}): export it again.`,
      { cause },
    )
  }
  const one1 = document?.['ocel:events']
  if (document?.buckets || (Array.isArray(document?.events) && document.client)) {
    activityWatch(path, document.buckets ?? { one: document }, builder, zoneless)
    return
  }
  if (Array.isArray(document?.events) && Array.isArray(document.objects)) {
    const types = new Map<string, string>(
      document.objects.map((each: Json) => [String(each.id), String(each.type)]),
    )
    objectCentric(
      path,
      document.events.map((each: Json) => ({
        time: String(each.time ?? ''),
        activity: String(each.type ?? ''),
        objects: (each.relationships ?? []).map((relation: Json) => String(relation.objectId)),
        person: each.attributes?.find?.((attribute: Json) =>
          /^(resource|org:resource|user)$/i.test(attribute.name),
        )?.value,
      })),
      types,
      builder,
      zoneless,
    )
    return
  }
  if (one1 && document['ocel:objects']) {
    const types = new Map<string, string>(
      Object.entries(document['ocel:objects']).map(([id, each]) => [id, String((each as Json)['ocel:type'])]),
    )
    objectCentric(
      path,
      Object.values(one1 as Record<string, Json>).map((each) => ({
        time: String(each['ocel:timestamp'] ?? ''),
        activity: String(each['ocel:activity'] ?? ''),
        objects: (each['ocel:omap'] ?? []).map(String),
        person: each['ocel:vmap']?.resource ?? each['ocel:vmap']?.['org:resource'],
      })),
      types,
      builder,
      zoneless,
    )
    return
  }
  if (propertyHistory(document, builder, zoneless)) return
  throw new Fault(
    'bad-input',
    `${path} is JSON, but neither an ActivityWatch export (buckets), nor OCEL (events and objects), nor HubSpot's property history.`,
  )
}

/**
 * Property history as HubSpot's CRM API gives it: `propertiesWithHistory` of one object, of a page of `results`, or of an
 * array of either; v1's `versions` too. False where it is something else. Changes that no person made (imports,
 * workflows, integrations) are kept as nobody's.
 */
function propertyHistory(document: Json, builder: LogBuilder, zoneless: (wall: number) => number): boolean {
  const objects = [document]
    .flat()
    .flatMap((each: Json) => each?.results ?? each?.contacts ?? each?.companies ?? each?.deals ?? [each])
  let found = false
  let untimed = 0
  for (const object of objects) {
    const properties: Record<string, Json> = object?.propertiesWithHistory ?? object?.properties ?? {}
    for (const [field, history] of Object.entries(properties)) {
      const versions: Json[] | null = Array.isArray(history) ? history : (history?.versions ?? null)
      if (versions === null) continue
      found = true
      const timed = versions.map((each) => ({ each, at: readTime(String(each?.timestamp ?? ''), zoneless) }))
      let before = ''
      for (const { each, at } of timed.sort((a, b) => a.at - b.at)) {
        if (Number.isNaN(at)) {
          untimed++
          builder.skip()
          continue
        }
        const byHand = /^(CRM_UI|CRM_UI_BULK_ACTION|MOBILE_(IOS|ANDROID)|SALES|CONTACTS_WEB|BCC_TO_CRM)$/
        const source = String(each.sourceType ?? each.source ?? '')
        const user =
          each.updatedByUserId ?? (/userId:(\d+)/.exec(String(each.sourceId ?? ''))?.[1] || each.sourceId)
        addChange(builder, {
          at,
          record: String(object.id ?? object.vid ?? object.objectId ?? ''),
          object: object.objectType === undefined ? 'CRM' : `CRM ${object.objectType}`,
          field,
          before,
          after: String(each.value ?? ''),
          person: byHand.test(source) && user ? String(user) : undefined,
        })
        before = String(each.value ?? '')
      }
    }
  }
  if (untimed > 0) builder.notices.add(`${untimed} changes without a readable time were left out.`)
  return found
}

export interface ObjectEvent {
  time: string
  activity: string
  objects: string[]
  person?: unknown
}

/**
 * Object-centric events as cases: one case an object, of the type that most events belong to, so that no event
 * counts more than once for a case (flattening, van der Aalst 2019, Object-Centric Process Mining, section 3).
 */
export function objectCentric(
  path: string,
  events: readonly ObjectEvent[],
  types: ReadonlyMap<string, string>,
  builder: LogBuilder,
  zoneless: (wall: number) => number,
): void {
  const covered = new Map<string, number>()
  for (const { objects } of events) {
    for (const type of new Set(objects.map((id) => types.get(id) ?? ''))) {
      covered.set(type, (covered.get(type) ?? 0) + 1)
    }
  }
  const main = [...covered].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
  let left = 0
  for (const { time, activity, objects, person } of events) {
    const at = readTime(time, zoneless)
    const cases = new Set(objects.filter((id) => types.get(id) === main))
    if (Number.isNaN(at) || activity === '' || cases.size === 0) {
      left++
      builder.skip()
      continue
    }
    for (const id of cases) {
      builder.add({
        at,
        action: activity,
        case: id,
        person: person === undefined ? undefined : String(person),
      })
    }
  }
  builder.notices.add(
    `${path}: cases are the objects of type "${main}", which most events belong to${left > 0 ? `; ${left} events belong to none and were left out` : ''}.`,
  )
}

/**
 * ActivityWatch: events of the window watcher as use of a tool, of the browser watchers as visits to a page. Where
 * events of a bucket overlap or repeat, time is counted once: heartbeats with the same data are one event, and an
 * event ends at the latest when the next begins. Time that the idle watcher calls "afk" is left out.
 */
function activityWatch(
  path: string,
  buckets: Record<string, Json>,
  builder: LogBuilder,
  zoneless: (wall: number) => number,
): void {
  const all = Object.values(buckets)
  const away = all
    .filter(({ type }) => type === 'afkstatus')
    .flatMap((bucket) => spans(bucket, zoneless))
    .filter(({ data }) => data.status === 'afk' || data.status === 'AFK')
  let unreadable = 0
  for (const bucket of all) {
    if (bucket.type === 'afkstatus') continue
    const events = spans(bucket, zoneless)
    unreadable += (bucket.events?.length ?? 0) - events.length
    let last: { key: string; end: number } | null = null
    for (const { at, end, data } of events) {
      const key = JSON.stringify(data)
      const same: boolean = last !== null && last.key === key && at <= last.end + 1000
      if (same && last) {
        last.end = Math.max(last.end, end)
        continue
      }
      last = { key, end }
      if (away.some((gone) => at >= gone.at && at < gone.end && gone.end - gone.at >= idleMs)) continue
      builder.add(watched(at, data, bucket))
    }
  }
  if (unreadable > 0)
    builder.notices.add(`${path}: ${unreadable} events without a readable time were left out.`)
}

function watched(at: number, data: Json, bucket: Json): RawEvent {
  const url = typeof data.url === 'string' ? data.url : undefined
  return {
    at,
    person: bucket.hostname ? String(bucket.hostname) : undefined,
    tool: data.app ? String(data.app) : url ? undefined : String(bucket.client ?? 'ActivityWatch'),
    action: url ? 'visit' : 'use',
    element: url ? url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '') : undefined,
    url,
  }
}

function spans(bucket: Json, zoneless: (wall: number) => number) {
  const list: { at: number; end: number; data: Json }[] = []
  for (const each of bucket.events ?? []) {
    const at = readTime(String(each?.timestamp ?? ''), zoneless)
    if (!Number.isNaN(at))
      list.push({ at, end: at + Math.max(0, Number(each.duration) || 0) * 1000, data: each.data ?? {} })
  }
  return list.sort((a, b) => a.at - b.at || a.end - b.end)
}
