import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openApi, specAt } from './openapi.fixture.ts'

const files = ['contacts', 'deals', 'properties'].map((name) => specAt(`hubspot/${name}-v3.json`))

export const hasHubSpotSpecs = files.every((file) => file !== null)

interface Entry {
  value: string
  timestamp: string
  sourceType: string
  updatedByUserId?: number
}

interface Stored {
  id: string
  createdAt: string
  updatedAt: string
  archived: boolean
  history: Record<string, Entry[]>
}

interface Property {
  name: string
  label: string
  type: string
  fieldType: string
  groupName: string
  description: string
  options: object[]
  [more: string]: unknown
}

type Type = 'contacts' | 'deals'

// biome-ignore lint/suspicious/noExplicitAny: bodies are checked against their schemas before anything is read from them
type Body = any

interface Filter {
  propertyName: string
  operator: string
  value: string
  values: string[]
}

/** What the stand-in does badly; each is counted down. */
export interface Trouble {
  /** Milliseconds before each answer. */
  slow: number
  /** Answers that are 500. */
  broken: number
  /** Answers that are 429, with this Retry-After in seconds (null: none); `daily` says that the day's quota is used up. */
  limited: number
  retryAfter: string | null
  daily: boolean
  /** Connections cut before the answer, and after the work was done but before its answer. */
  dropped: number
  droppedAfter: number
  revoked: boolean
  /** Scopes that the private app lacks. */
  lacks: string[]
  /** Milliseconds by which the search lags behind. */
  searchLag: number
}

/** Read once: compiling it takes longer than most tests. */
let compiled: ReturnType<typeof openApi> | null = null

/**
 * A HubSpot account in memory behind a real port. Every request is checked against HubSpot's own OpenAPI files, and so
 * is every answer: a wrong request is a 400 and remembered in `wrongs`, a wrong answer is remembered there, too.
 */
export async function hubspotStandIn(token = 'pat-eu1-test-token') {
  compiled ??= openApi(files as string[])
  const api = compiled
  const objects: Record<Type, Map<string, Stored>> = { contacts: new Map(), deals: new Map() }
  const merged = new Map<string, string>()
  const properties: Record<Type, Map<string, Property>> = { contacts: new Map(), deals: new Map() }
  const groups: Record<Type, Map<string, object>> = { contacts: new Map(), deals: new Map() }
  const calls: { method: string; path: string; status: number; size: number }[] = []
  const wrongs: string[] = []
  const trouble: Trouble = {
    slow: 0,
    broken: 0,
    limited: 0,
    retryAfter: '0',
    daily: false,
    dropped: 0,
    droppedAfter: 0,
    revoked: false,
    lacks: [],
    searchLag: 0,
  }
  let nextId = 1001
  let clock = Date.now() - 30 * 86_400_000

  for (const type of ['contacts', 'deals'] as const) {
    const add = (name: string, kind: string, fieldType: string) =>
      defineProperty(type, {
        name,
        label: name,
        type: kind,
        fieldType,
        groupName: 'info',
        description: '',
        options: [],
      })
    for (const name of ['email', 'firstname', 'city', 'company']) add(name, 'string', 'text')
    add('visits', 'number', 'number')
    add('hs_object_id', 'number', 'number')
    add('hs_internal_thing', 'string', 'text')
    add('createdate', 'datetime', 'date')
    add(type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate', 'datetime', 'date')
    add(type === 'contacts' ? 'lifecyclestage' : 'dealstage', 'enumeration', 'radio')
  }

  function defineProperty(type: Type, property: Property) {
    properties[type].set(property.name, { archived: false, hidden: false, calculated: false, ...property })
  }

  function create(type: Type, values: Record<string, string>, at?: number): string {
    clock += 1000
    const id = String(nextId++)
    const time = new Date(at ?? clock).toISOString()
    objects[type].set(id, { id, createdAt: time, updatedAt: time, archived: false, history: {} })
    set(type, id, values, { at: at ?? clock })
    return id
  }

  function set(
    type: Type,
    id: string,
    values: Record<string, string>,
    { at = Date.now(), user }: { at?: number; user?: number } = {},
  ): void {
    const object = objects[type].get(id)!
    for (const [name, value] of Object.entries(values)) {
      object.history[name] ??= []
      object.history[name].unshift({
        value,
        timestamp: new Date(at).toISOString(),
        sourceType: user === undefined ? 'INTEGRATION' : 'CRM_UI',
        ...(user !== undefined && { updatedByUserId: user }),
      })
    }
    object.updatedAt = new Date(Math.max(at, Date.parse(object.updatedAt))).toISOString()
  }

  const valueIn = (object: Stored, name: string): string | undefined => {
    if (name === 'hs_object_id') return object.id
    if (name === 'createdate') return object.createdAt
    if (name === 'lastmodifieddate' || name === 'hs_lastmodifieddate') return object.updatedAt
    return object.history[name]?.[0]?.value || undefined
  }

  function shown(object: Stored, names: string[], withHistory: string[] = []) {
    // A property that was asked for and is empty is null, whatever HubSpot's own schema says (its client knows).
    const pairs = [...new Set([...names, ...withHistory])].map((name) => [
      name,
      valueIn(object, name) ?? null,
    ])
    const { id, createdAt, updatedAt, archived } = object
    return {
      id,
      properties: Object.fromEntries(pairs),
      createdAt,
      updatedAt,
      archived,
      ...(withHistory.length && {
        propertiesWithHistory: Object.fromEntries(
          withHistory.map((name) => [name, object.history[name] ?? []]),
        ),
      }),
    }
  }

  const failure = (status: number, message: string, more: object = {}) => ({
    status,
    body: { category: 'VALIDATION_ERROR', correlationId: randomUUID(), message, ...more },
  })
  const ok = (body: unknown, status = 200) => ({ status, body })
  const done = (results: unknown[], errors: object[] = []) => {
    const now = new Date().toISOString()
    const status = errors.length ? 207 : 200
    return ok(
      {
        status: 'COMPLETE',
        results,
        startedAt: now,
        completedAt: now,
        ...(errors.length && { numErrors: errors.length, errors }),
      },
      status,
    )
  }

  function work(
    type: Type,
    action: string,
    parameters: Record<string, string>,
    query: URLSearchParams,
    body: Body,
  ) {
    const all = objects[type]
    const known = properties[type]
    if (action === 'search') return search(type, body)
    if (action === 'read') {
      const most = body.propertiesWithHistory.length ? 50 : 100
      if (body.inputs.length > most) return failure(400, `at most ${most} inputs`)
      const results: unknown[] = []
      const missing: string[] = []
      for (const { id } of body.inputs) {
        const object = all.get(merged.get(id) ?? id)
        if (!object || object.archived) missing.push(id)
        else results.push(shown(object, body.properties, body.propertiesWithHistory))
      }
      const errors = missing.length
        ? [
            {
              status: 'error',
              category: 'OBJECT_NOT_FOUND',
              message: 'Could not get some objects',
              context: { ids: missing },
              errors: [],
              links: {},
            },
          ]
        : []
      return done(results, errors)
    }
    if (action === 'update') {
      if (body.inputs.length > 100) return failure(400, 'at most 100 inputs')
      for (const { id, properties: values } of body.inputs) {
        const object = all.get(id)
        if (!object || object.archived)
          return failure(404, `object ${id} not found`, { category: 'OBJECT_NOT_FOUND' })
        for (const [name, value] of Object.entries<string>(values)) {
          const property = known.get(name)
          if (!property) return failure(400, `Property "${name}" does not exist`)
          if (property.type === 'number' && value !== '' && !Number.isFinite(Number(value)))
            return failure(400, `${value} was not a valid number`)
          if (
            property.type === 'enumeration' &&
            value !== '' &&
            property.options.length &&
            !property.options.some((option) => (option as { value: string }).value === value)
          )
            return failure(400, `${value} was not one of the allowed options`)
        }
      }
      for (const { id, properties: values } of body.inputs) set(type, id, values)
      return done(body.inputs.map(({ id }: { id: string }) => shown(all.get(id)!, [])))
    }
    if (action === 'properties') return ok({ results: [...known.values()] })
    if (action === 'create property') {
      if (known.has(body.name))
        return failure(409, `Property "${body.name}" already exists`, { category: 'CONFLICT' })
      if (!groups[type].has(body.groupName)) return failure(400, `no group ${body.groupName}`)
      if (!/^[a-z][a-z0-9_]{0,99}$/.test(body.name))
        return failure(400, `"${body.name}" is no name of a property`)
      defineProperty(type, { description: '', options: [], ...body })
      return ok(known.get(body.name), 201)
    }
    if (action === 'create group') {
      if (groups[type].has(body.name)) return failure(409, 'The group exists', { category: 'CONFLICT' })
      groups[type].set(body.name, body)
      return ok({ archived: false, displayOrder: -1, ...body }, 201)
    }
    return failure(404, `the stand-in does not know ${action} ${JSON.stringify(parameters)} ${query}`)
  }

  function search(type: Type, body: Body) {
    const { filterGroups, sorts, limit, after, properties: names } = body
    if (limit > 200) return failure(400, 'limit of at most 200')
    const start = Number(after || 0)
    if (start + limit > 10_000 && start >= 10_000) return failure(400, 'a search ends after 10,000')
    const until = Date.now() - trouble.searchLag
    const number = (text: string) => (/^\d{4}-/.test(text) ? Date.parse(text) : Number(text))
    const matches = (object: Stored, { propertyName, operator, value, values }: Filter) => {
      const now = valueIn(object, propertyName)
      if (operator === 'HAS_PROPERTY') return now !== undefined
      if (operator === 'NOT_HAS_PROPERTY') return now === undefined
      if (operator === 'IN') return values.includes(now ?? '')
      if (now === undefined) return false
      if (operator === 'GT') return number(now) > number(value)
      if (operator === 'GTE') return number(now) >= number(value)
      throw new Error(`The stand-in has no operator ${operator}`)
    }
    const order = sorts[0] as string
    const pool =
      order === 'hs_object_id'
        ? idOrder(type)
        : [...objects[type].values()].sort((a, b) => number(valueIn(a, order)!) - number(valueIn(b, order)!))
    const first = filterGroups[0]?.filters.find(
      (filter: { propertyName: string; operator: string }) =>
        filter.propertyName === 'hs_object_id' && filter.operator === 'GT',
    )
    const page: Stored[] = []
    let total = 0
    for (
      let index = first && order === 'hs_object_id' ? Number(first.value) - 1000 : 0;
      index < pool.length;
      index++
    ) {
      const object = pool[index]!
      if (object.archived || Date.parse(object.updatedAt) > until) continue
      if (
        filterGroups.length &&
        !filterGroups.some((group: { filters: Filter[] }) =>
          group.filters.every((filter) => matches(object, filter)),
        )
      )
        continue
      if (total >= start && page.length < limit) page.push(object)
      total++
      // The total is not needed for more than one further page.
      if (total > start + limit) break
    }
    const more = total > start + limit
    return ok({
      total,
      results: page.map((object) => shown(object, names)),
      ...(more && { paging: { next: { after: String(start + limit) } } }),
    })
  }

  /** By number, without sorting anew each time: numbers are given in order and begin at 1001. */
  const orders: Partial<Record<Type, Stored[]>> = {}
  function idOrder(type: Type): Stored[] {
    const known = orders[type]
    if (known && known.length === nextId - 1001) return known
    const all: Stored[] = []
    for (let id = 1001; id < nextId; id++) {
      all.push(
        objects[type].get(String(id)) ?? {
          id: String(id),
          createdAt: '',
          updatedAt: '',
          archived: true,
          history: {},
        },
      )
    }
    orders[type] = all
    return all
  }

  const actions: Record<string, string> = {
    'POST /crm/v3/objects/{type}/search': 'search',
    'POST /crm/v3/objects/{type}/batch/read': 'read',
    'POST /crm/v3/objects/{type}/batch/update': 'update',
    'GET /crm/v3/properties/{objectType}': 'properties',
    'POST /crm/v3/properties/{objectType}': 'create property',
    'POST /crm/v3/properties/{objectType}/groups': 'create group',
  }

  async function answer(
    request: IncomingMessage,
  ): Promise<{ status: number; body: unknown; headers?: Record<string, string> }> {
    const url = new URL(request.url!, 'http://stand-in')
    const text = await new Response(request as never).text()
    // The file of deals names them by their number.
    const checked = api.operation(request.method!, url.pathname.replace('/objects/deals', '/objects/0-3'))
    if (!checked) return failure(404, `no such path ${url.pathname}`)
    const body = text === '' ? undefined : JSON.parse(text)
    const respond = (given: { status: number; body: unknown; headers?: Record<string, string> }) => {
      checked.answer(given.status, withoutNulls(given.body))
      return given
    }
    if (request.headers.authorization !== `Bearer ${token}` || trouble.revoked) {
      return respond(
        failure(401, 'The access token is expired or was revoked', { category: 'EXPIRED_AUTHENTICATION' }),
      )
    }
    if (trouble.limited > 0 || trouble.daily) {
      trouble.limited--
      const given = failure(429, 'You have reached your limit.', { category: 'RATE_LIMITS', context: {} })
      checked.answer(given.status, withoutNulls(given.body))
      // HubSpot sends the name of the limit beside what its schema knows.
      const named = { ...given.body, policyName: trouble.daily ? 'DAILY' : 'TEN_SECONDLY_ROLLING' }
      return {
        ...given,
        body: named,
        headers: trouble.retryAfter === null ? {} : { 'retry-after': trouble.retryAfter },
      }
    }
    if (trouble.broken > 0) {
      trouble.broken--
      return respond(failure(500, 'internal error', { category: 'INTERNAL' }))
    }
    const lacking = trouble.lacks.find((scope) => checked.scopes.includes(scope))
    if (lacking) {
      return respond(
        failure(403, 'This app has not been granted all required scopes', {
          category: 'MISSING_SCOPES',
          context: { requiredGranularScopes: [lacking] },
        }),
      )
    }
    const wrong = checked.request(url.searchParams, body)
    if (wrong) {
      wrongs.push(`${request.method} ${url.pathname}: ${wrong}`)
      return respond(failure(400, wrong))
    }
    const type = (checked.parameters.objectType ??
      (checked.path.includes('0-3') ? 'deals' : 'contacts')) as Type
    const action =
      actions[`${request.method} ${checked.path.replace(/objects\/(contacts|0-3)/, 'objects/{type}')}`]
    return respond(work(type, action ?? checked.path, checked.parameters, url.searchParams, body))
  }

  const server = createServer(async (request, response) => {
    try {
      if (trouble.slow) await sleep(trouble.slow)
      if (trouble.dropped > 0) {
        trouble.dropped--
        request.socket.destroy()
        return
      }
      const { status, body, headers } = await answer(request)
      const text = JSON.stringify(body)
      calls.push({
        method: request.method!,
        path: new URL(request.url!, 'http://x').pathname,
        status,
        size: text.length,
      })
      if (trouble.droppedAfter > 0 && request.url!.includes('update')) {
        trouble.droppedAfter--
        request.socket.destroy()
        return
      }
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    } catch (cause) {
      wrongs.push(String(cause))
      response.writeHead(599).end(String(cause))
    }
  })
  server.keepAliveTimeout = 500
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  /** Calls a listener as HubSpot does, signed. */
  async function callWebhook(
    address: string,
    publicUrl: string,
    secret: string,
    events: object[],
    { at = Date.now(), signWith = secret }: { at?: number; signWith?: string } = {},
  ): Promise<number> {
    const body = JSON.stringify(events)
    const signature = createHmac('sha256', signWith).update(`POST${publicUrl}${body}${at}`).digest('base64')
    const headers = {
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': String(at),
      'content-type': 'application/json',
    }
    return (await fetch(address, { method: 'POST', body, headers })).status
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    objects,
    properties,
    groups,
    calls,
    wrongs,
    trouble,
    create,
    set,
    defineProperty,
    callWebhook,
    valueOf: (type: Type, id: string, name: string) => valueIn(objects[type].get(id)!, name) ?? null,
    archive: (type: Type, id: string) => {
      objects[type].get(id)!.archived = true
    },
    merge(type: Type, winner: string, loser: string) {
      objects[type].get(loser)!.archived = true
      merged.set(loser, winner)
      set(type, winner, {})
    },
    snapshot(type: Type): Record<string, string> {
      const all = [...objects[type].values()].filter(({ archived }) => !archived)
      return Object.fromEntries(
        all.map((object) => [
          object.id,
          JSON.stringify(
            Object.keys(object.history)
              .sort()
              .flatMap((name) =>
                valueIn(object, name) === undefined ? [] : [[name, valueIn(object, name)]],
              ),
          ),
        ]),
      )
    },
    count: (part: string) => calls.filter(({ path, status }) => path.includes(part) && status < 300).length,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function withoutNulls(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body, (_, value) => (value === null ? undefined : value)))
}

export type HubSpotStandIn = Awaited<ReturnType<typeof hubspotStandIn>>
