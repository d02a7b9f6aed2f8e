import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { escapeHtml } from '../measure/report/html.ts'
import { componentScript } from '../surfaces/dashboard/embed/component.ts'
import { type PictureOptions, picture } from '../surfaces/dashboard/embed/picture.ts'
import { type ShownComment, shownComments } from '../surfaces/dashboard/shown-comments.ts'

export interface EmbedOptions {
  /** From which the tokens are made: whoever has a deployment's token may see what it shows, and nothing else. */
  secret: Uint8Array
  /** The private folder of a deployment's surface. */
  folderOf(deployment: string): string
  /** Ids of the deployments that have something to embed. */
  deployments(): Promise<string[]>
}

/** For the status page: what to paste into a dashboard. */
export async function embedSection(embed: EmbedOptions): Promise<string> {
  const ids = await embed.deployments()
  if (ids.length === 0) return ''
  const items = ids.map((id) => {
    const address = (kind: string) => `/embed/${id}.${kind}?token=${embedToken(embed.secret, id)}`
    return `<li><strong>${escapeHtml(id)}</strong>: <a href="${address('svg')}">SVG</a>, <a href="${address('png')}">PNG</a>, <a href="${address('json')}">JSON</a>, or <code>${escapeHtml(`<inlay-summary src="${address('json')}"></inlay-summary>`)}</code> with <code>${escapeHtml('<script type="module" src="/embed/inlay-summary.js"></script>')}</code></li>`
  })
  return `<h2>To embed in a dashboard</h2><p>Whoever has one of these addresses can read that summary.</p><ul>${items.join('\n')}</ul>`
}

/** A dashboard has no sign-in of ours, so the address itself must be the key: 128 bits of a keyed hash. */
export const embedToken = (secret: Uint8Array, deployment: string): string =>
  createHmac('sha256', secret).update(`embed/${deployment}`).digest('base64url').slice(0, 22)

const quiet: ShownComment = { text: 'Nothing to tell yet.', suggested: false, at: 0, chart: null }

/**
 * `/embed/DEPLOYMENT.json`, `.svg` and `.png` with `?token=`, and `/embed/inlay-summary.js`, which any page may load. What is not there and
 * what the token does not open are the same 404.
 */
export function addEmbeds(server: FastifyInstance, { secret, folderOf }: EmbedOptions): void {
  server.get('/embed/inlay-summary.js', { schema: { hide: true } as object }, async (_request, reply) =>
    open(reply).type('text/javascript; charset=utf-8').send(componentScript),
  )
  server.get<{ Params: { name: string }; Querystring: Record<string, string> }>(
    '/embed/:name',
    {
      schema: {
        summary: 'What a report deployment shows now, with its chart: JSON, SVG or PNG',
      } as object,
    },
    async (request, reply) => {
      const match = /^([\w-]+)\.(json|svg|png)$/.exec(request.params.name)
      const { token = '', theme, width } = request.query
      if (!match || !same(token, embedToken(secret, match[1]!))) {
        return reply.code(404).send({ error: 'There is nothing at this address.' })
      }
      const shown = shownComments(folderOf(match[1]!)).newest() ?? quiet
      const note = noteOf(shown)
      const { text, chart, at, suggested } = shown
      if (match[2] === 'json') return open(reply).send({ text, note, at, suggested, chart })
      const wide = Math.min(1600, Math.max(240, Math.round(Number(width)) || 640))
      const options: PictureOptions = {
        width: wide,
        theme: theme === 'dark' || theme === 'light' ? theme : 'auto',
      }
      if (match[2] === 'svg') {
        return open(reply)
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
          .type('image/svg+xml; charset=utf-8')
          .send(picture(text, note, chart, options))
      }
      const { pngOf } = await import('../surfaces/dashboard/embed/png.ts')
      const flat = { ...options, theme: options.theme === 'dark' ? ('dark' as const) : ('light' as const) }
      return open(reply)
        .type('image/png')
        .send(Buffer.from(pngOf(picture(text, note, chart, flat))))
    },
  )
}

type Reply = {
  header(name: string, value: string): Reply
  type(type: string): Reply
  send(body: unknown): Reply
}

/** To be fetched from pages of any origin, and asked for again after a minute. */
const open = (reply: Reply): Reply =>
  reply
    .header('access-control-allow-origin', '*')
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'private, max-age=60')

function noteOf({ suggested, at }: ShownComment): string {
  if (at === 0) return ''
  const day = new Date(at).toISOString().slice(0, 10)
  return suggested
    ? `As of ${day}. Suggested by Inlay from the table; reword or delete it in the report.`
    : `As of ${day}.`
}

function same(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}
