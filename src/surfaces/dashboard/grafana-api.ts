import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Fault } from '../../contract/index.ts'

/**
 * The five calls to Grafana's HTTP API that are needed, with the shapes that are relied on; anything more in an answer is kept as
 * it is. Shapes after Grafana's published description (`public/api-merged.json` of grafana/grafana, Swagger 2.0: operations
 * `search`, `getDashboardByUID`, `postDashboard`, `queryMetricsWithExpressions`), valid for version 8 and later.
 */
export interface Grafana {
  /** Uids of the dashboards with a tag. */
  tagged(tag: string): Promise<string[]>
  /** Null where it is not there (any more). */
  dashboard(uid: string): Promise<Dashboard | null>
  /**
   * Saves a dashboard over the version that it was read as: `stale` when somebody has saved another in between, a sentence
   * when it may not be saved at all.
   */
  save(
    read: Dashboard,
    dashboard: Dashboard['dashboard'],
    message: string,
  ): Promise<'saved' | 'stale' | { because: string }>
  /** The data of a panel, as it shows them now. */
  query(targets: unknown[], range: { from: string; to: string }): Promise<Frame[]>
}

const panel = z.looseObject({
  id: z.number().int().optional(),
  type: z.string(),
  title: z.string().optional(),
  options: z.looseObject({ content: z.string().optional(), mode: z.string().optional() }).optional(),
  targets: z.array(z.looseObject({})).optional(),
  datasource: z.unknown().optional(),
  /** Of a collapsed row. */
  panels: z.array(z.unknown()).optional(),
})
export type Panel = z.infer<typeof panel>

const dashboard = z.object({
  dashboard: z.looseObject({
    uid: z.string(),
    title: z.string(),
    version: z.number().int(),
    time: z.looseObject({ from: z.string(), to: z.string() }).optional(),
    panels: z.array(panel).optional(),
  }),
  meta: z.looseObject({
    canSave: z.boolean().optional(),
    provisioned: z.boolean().optional(),
    folderUid: z.string().optional(),
    updated: z.string().optional(),
  }),
})
export type Dashboard = z.infer<typeof dashboard>

const hits = z.array(z.looseObject({ uid: z.string(), type: z.string() }))

const frame = z.looseObject({
  schema: z.looseObject({
    fields: z.array(
      z.looseObject({
        name: z.string(),
        type: z.string().optional(),
        labels: z.record(z.string(), z.string()).nullish(),
      }),
    ),
  }),
  data: z.looseObject({ values: z.array(z.array(z.unknown())) }),
})
export type Frame = z.infer<typeof frame>
const queried = z.looseObject({
  results: z.record(
    z.string(),
    z.looseObject({ frames: z.array(frame).optional(), error: z.string().optional() }),
  ),
})

const problem = z.looseObject({ message: z.string().optional(), status: z.string().optional() })

/** Answers to a page of a search. */
const pageSize = 1000
const patienceMs = 15_000
const attempts = 4

export function grafanaApi(url: string, token: string, fetched: typeof fetch = fetch): Grafana {
  const base = url.replace(/\/+$/, '')

  /** An answer of the server: its status and JSON. Throws a Fault for all that the person or time must mend. */
  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: unknown }> {
    for (let attempt = 1; ; attempt++) {
      let answer: Response
      let text: string
      try {
        answer = await fetched(`${base}${path}`, {
          method,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          // A token must not follow a redirect to another host.
          redirect: 'error',
          signal: AbortSignal.timeout(patienceMs),
        })
        text = await answer.text()
      } catch (cause) {
        throw new Fault(
          'unreachable',
          `Grafana at ${base} does not answer: is it running, and is the address right?`,
          {
            cause,
          },
        )
      }
      const { status } = answer
      if (status === 401) {
        throw new Fault(
          'bad-input',
          `Grafana at ${base} does not take the token: make a new service account token.`,
        )
      }
      if (status === 429 && attempt < attempts) {
        await sleep(1000 * Math.min(30, Number(answer.headers.get('retry-after')) || attempt))
        continue
      }
      if (status === 429)
        throw new Fault('busy', `Grafana at ${base} asks to be called less often: Inlay goes on later.`)
      if (status >= 500)
        throw new Fault('unreachable', `Grafana at ${base} has a fault of its own (${status}).`)
      let json: unknown
      try {
        json = JSON.parse(text)
      } catch (cause) {
        throw new Fault('unreachable', `${base} does not answer as Grafana does: is it the right address?`, {
          cause,
        })
      }
      return { status, json }
    }
  }

  function shaped<T>(schema: z.ZodType<T>, json: unknown, path: string): T {
    const parsed = schema.safeParse(json)
    // As it came, not as it was parsed: what is sent back must differ in nothing but what was meant, not even in its order.
    if (parsed.success) return json as T
    const [issue] = parsed.error.issues
    throw new Fault(
      'unreachable',
      `Grafana's answer to ${path} is not understood (${issue!.path.join('.')}: ${issue!.message}); Inlay needs Grafana 8 or later.`,
    )
  }

  const said = (json: unknown): string => problem.safeParse(json).data?.message ?? 'no reason given'

  function refused(status: number, json: unknown, what: string): Fault {
    if (status === 403) {
      return new Fault(
        'bad-input',
        `The token may not ${what} in Grafana: give its service account the role Editor.`,
      )
    }
    return new Fault('bad-input', `Grafana would not ${what} (${status}): ${said(json)}`)
  }

  return {
    async tagged(tag) {
      const uids: string[] = []
      for (let page = 1; ; page++) {
        const path = `/api/search?type=dash-db&tag=${encodeURIComponent(tag)}&limit=${pageSize}&page=${page}`
        const { status, json } = await call('GET', path)
        if (status !== 200) throw refused(status, json, 'search dashboards')
        const found = shaped(hits, json, '/api/search')
        uids.push(...found.map(({ uid }) => uid))
        if (found.length < pageSize) return uids
      }
    },

    async dashboard(uid) {
      const path = `/api/dashboards/uid/${encodeURIComponent(uid)}`
      const { status, json } = await call('GET', path)
      if (status === 404) return null
      if (status !== 200) throw refused(status, json, 'read dashboards')
      return shaped(dashboard, json, path)
    },

    async save(read, changed, message) {
      const { status, json } = await call('POST', '/api/dashboards/db', {
        dashboard: { ...changed, version: read.dashboard.version },
        // Left out, the dashboard would be moved to the top folder.
        ...(read.meta.folderUid && { folderUid: read.meta.folderUid }),
        message,
        overwrite: false,
      })
      if (status === 200) return 'saved'
      if (status === 412 && problem.safeParse(json).data?.status === 'version-mismatch') return 'stale'
      if (status === 404) return 'stale'
      if (status === 403) throw refused(status, json, 'save dashboards')
      return { because: `Grafana would not save "${read.dashboard.title}": ${said(json)}` }
    },

    async query(targets, range) {
      const { status, json } = await call('POST', '/api/ds/query', { queries: targets, ...range })
      // 207: some of the queries failed.
      if (status !== 200 && status !== 207) throw refused(status, json, 'query data')
      const { results } = shaped(queried, json, '/api/ds/query')
      return Object.values(results).flatMap(({ frames }) => frames ?? [])
    },
  }
}
