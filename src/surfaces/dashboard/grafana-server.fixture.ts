import { createServer } from 'node:http'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { definitions } from './grafana-schema.fixture.ts'

type Json = Record<string, unknown>
interface Kept {
  dashboard: Json & { uid: string; version: number; panels: Json[] }
  meta: Json
}

/** What the server does wrong with the next calls. */
export interface Trouble {
  /** Only with paths that begin so. */
  path?: string
  method?: string
  status?: number
  headers?: Record<string, string>
  body?: string
  /** Does what was asked, and never says so. */
  silent?: boolean
  times: number
}

const ajv = new Ajv({ strict: false })
// biome-ignore lint/suspicious/noExplicitAny: the module's type and its export do not agree under Node's resolution
;(addFormats as any)(ajv)
const checks = Object.fromEntries(
  Object.entries(definitions).map(([name, schema]) => [name, ajv.compile(schema)]),
) as Record<keyof typeof definitions, ReturnType<typeof ajv.compile>>

/**
 * A stand-in for Grafana: its dashboards in memory, versions counted, every request and answer checked against the published
 * description (`wrong` holds what was not as described).
 */
export async function grafanaServer(token: string) {
  const kept = new Map<string, Kept>()
  const wrong: string[] = []
  const troubles: Trouble[] = []
  const calls: string[] = []
  let frames: unknown[] = []

  function check(name: keyof typeof definitions, value: unknown, what: string) {
    if (!checks[name](value)) wrong.push(`${what}: ${ajv.errorsText(checks[name].errors)}`)
  }

  function answerTo(method: string, url: URL, body: unknown): { status: number; json: unknown } {
    const error = (status: number, message: string, more: Json = {}) => {
      check('ErrorResponseBody', { message, ...more }, `${status}`)
      return { status, json: { message, ...more } }
    }
    if (method === 'GET' && url.pathname === '/api/search') {
      const tag = url.searchParams.get('tag')
      const hits = [...kept.values()]
        .filter(({ dashboard }) => (dashboard.tags as string[]).includes(tag!))
        .map(({ dashboard: { uid, title, tags } }) => ({
          uid,
          title,
          tags,
          type: 'dash-db',
          url: `/d/${uid}`,
        }))
      for (const hit of hits) check('Hit', hit, 'search')
      return { status: 200, json: url.searchParams.get('page') === '1' ? hits : [] }
    }
    const uid = /^\/api\/dashboards\/uid\/([^/]+)$/.exec(url.pathname)?.[1]
    if (method === 'GET' && uid) {
      const found = kept.get(decodeURIComponent(uid))
      if (!found) return error(404, 'Dashboard not found')
      check('DashboardFullWithMeta', found, 'dashboard')
      return { status: 200, json: structuredClone(found) }
    }
    if (method === 'POST' && url.pathname === '/api/dashboards/db') {
      check('SaveDashboardCommand', body, 'save')
      const { dashboard, folderUid, overwrite } = body as {
        dashboard: Kept['dashboard']
        folderUid?: string
        overwrite?: boolean
      }
      const now = kept.get(dashboard.uid)
      if (!now) return error(404, 'Dashboard not found', { status: 'not-found' })
      if (now.meta.provisioned) return error(400, 'Cannot save provisioned dashboard')
      if (!overwrite && dashboard.version !== now.dashboard.version) {
        return error(412, 'The dashboard has been changed by someone else', { status: 'version-mismatch' })
      }
      const version = now.dashboard.version + 1
      const meta = { ...now.meta, folderUid: folderUid ?? '', version }
      kept.set(dashboard.uid, { dashboard: { ...dashboard, version }, meta })
      const json = {
        id: 1,
        uid: dashboard.uid,
        url: `/d/${dashboard.uid}`,
        status: 'success',
        version,
        title: String(dashboard.title),
      }
      check('PostDashboardResponse', json, 'saved')
      return { status: 200, json }
    }
    if (method === 'POST' && url.pathname === '/api/ds/query') {
      check('MetricRequest', body, 'query')
      const json = { results: { A: { status: 200, frames } } }
      check('QueryDataResponse', json, 'queried')
      return { status: 200, json }
    }
    wrong.push(`${method} ${url.pathname} is not in the description`)
    return error(404, 'Not found')
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://grafana')
    let text = ''
    for await (const chunk of request) text += chunk
    calls.push(`${request.method} ${url.pathname}`)
    const trouble = troubles.find(
      ({ path, method, times }) =>
        times > 0 && url.pathname.startsWith(path ?? '/') && (method ?? request.method) === request.method,
    )
    if (trouble) trouble.times--
    if (trouble && !trouble.silent) {
      response.writeHead(trouble.status!, { 'content-type': 'application/json', ...trouble.headers })
      response.end(trouble.body ?? JSON.stringify({ message: 'trouble' }))
      return
    }
    const allowed = request.headers.authorization === `Bearer ${token}`
    const { status, json } = allowed
      ? answerTo(request.method!, url, text === '' ? undefined : JSON.parse(text))
      : { status: 401, json: { message: 'Invalid API key' } }
    if (trouble?.silent) {
      response.destroy()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    kept,
    wrong,
    troubles,
    calls,
    show(next: unknown[]) {
      frames = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
