import { z } from 'zod'
import { Fault, type Surface } from '../../contract/index.ts'
import { type CommentJournal, commentJournal } from './comment-journal.ts'
import { type Comment, type CommentMedium, commentPlace } from './comment-place.ts'
import { digest } from './digest.ts'
import { type Dashboard, type Grafana, grafanaApi, type Panel } from './grafana-api.ts'
import { tableOfFrames } from './grafana-frames.ts'
import { reportTable } from './report-table.ts'
import { type CommentStretch, markOf, placedText, shownText, stretchesOf } from './report-text.ts'

const settings = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .describe('The address of Grafana, as in the browser: https://grafana.example.com'),
  token: z
    .string()
    .min(1)
    .meta({ secret: true, description: 'A token of a service account with the role Editor' }),
  tag: z.string().min(1).default('inlay').describe('The tag of the dashboards to look at'),
  seconds: z.number().min(0.05).default(60).describe('How often to look for changes, in seconds'),
})
type Settings = z.infer<typeof settings>

/**
 * Text panels of Grafana's dashboards that keep a place for a comment on another panel of the same dashboard:
 * `<!-- inlay: summary of Revenue by region --><!-- inlay: end -->`.
 */
export const grafana: Surface<Settings> = {
  name: 'grafana',
  about: 'Dashboards of Grafana: a text panel with a place for a comment on what another panel shows.',
  settings,
  hops: 0,
  async open({ url, token, tag, seconds }, tools) {
    const api = grafanaApi(url, token)
    await api.tagged(tag)
    const journal = commentJournal(tools.folder)
    const medium = dashboards({ api, url, tag, pollMs: seconds * 1000 }, journal)
    return { report: commentPlace(medium, journal, tools.now), close: async () => {} }
  },
}

interface PanelComment extends Comment {
  read: Dashboard
  /** Of the text panel. */
  panel: Panel
  html: boolean
  stretch: CommentStretch
}

interface Options {
  api: Grafana
  url: string
  tag: string
  pollMs: number
}

function dashboards(
  { api, url, tag, pollMs }: Options,
  journal: CommentJournal,
): CommentMedium<PanelComment> {
  async function readAll(): Promise<Dashboard[]> {
    const found = await Promise.all((await api.tagged(tag)).map((uid) => api.dashboard(uid)))
    return found.filter((each) => each !== null)
  }

  return {
    name: url,
    pollMs,
    async version() {
      const all = await readAll()
      const tables = await Promise.all(
        all.flatMap(commentsOf).map(async (comment) => (await tableOf(comment))?.newest ?? null),
      )
      return digest(JSON.stringify([all.map(({ dashboard }) => dashboard), tables, journal.version()]))
    },

    comments: async () => (await readAll()).flatMap(commentsOf),
    table: tableOf,
    shown: ({ html }, inside) => shownText(inside, html),
    composed: ({ html }, text, mark) => placedText(text, mark, html, '\n'),
    isMarked: (inside) => markOf(inside) !== null,
    writtenAt: async ({ read }) => (read.meta.updated ? Date.parse(read.meta.updated) || null : null),
    refusal: ({ read: { dashboard, meta } }) =>
      meta.provisioned
        ? `The dashboard "${dashboard.title}" is provisioned from a file and cannot be saved in Grafana.`
        : meta.canSave === false
          ? `The token may not edit the dashboard "${dashboard.title}".`
          : null,

    async rewrite({ place, read }, { from, to }, about) {
      const now = await api.dashboard(read.dashboard.uid)
      const comment = now && commentsOf(now).find((each) => each.place === place)
      if (!now || !comment || comment.inside !== from) return false
      const { stretch, panel } = comment
      const content = panel.options!.content!
      const changed = content.slice(0, stretch.start) + to + content.slice(stretch.end)
      about(null)
      const saved = await api.save(
        now,
        withContent(now.dashboard, panel, changed),
        to.includes('Suggested by Inlay') ? 'Inlay: a comment suggested' : 'Inlay: the comment taken back',
      )
      return typeof saved === 'object' ? saved : saved === 'saved'
    },
  }

  async function tableOf({ read: { dashboard }, stretch }: PanelComment) {
    const about = panelsOf(dashboard.panels).find(
      ({ id, title }) => title?.trim() === stretch.table || `panel ${id}` === stretch.table,
    )
    const targets = about?.targets?.filter((target) => !target.hide)
    if (!about || !targets || targets.length === 0) return null
    const queries = targets.map((target, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: about.datasource,
      ...target,
    }))
    const { from, to } = dashboard.time ?? { from: 'now-90d', to: 'now' }
    try {
      const table = tableOfFrames(await api.query(queries, { from, to }))
      return table && reportTable(table.columns, table.rows)
    } catch (error) {
      // A query that fails is the panel's own trouble; Grafana shows it there.
      if (error instanceof Fault && error.kind === 'bad-input') return null
      throw error
    }
  }
}

/** All panels, also those of collapsed rows. */
function panelsOf(panels: readonly Panel[] | undefined): Panel[] {
  return (panels ?? []).flatMap((panel) => [panel, ...panelsOf(panel.panels as Panel[] | undefined)])
}

function commentsOf(read: Dashboard): PanelComment[] {
  const { uid, panels } = read.dashboard
  return panelsOf(panels).flatMap((panel) => {
    const content = panel.options?.content
    if (panel.type !== 'text' || content === undefined || panel.id === undefined) return []
    const html = panel.options?.mode === 'html'
    return stretchesOf(content).map((stretch) => ({
      place: `${uid}/${panel.id}${stretch.number === 1 ? '' : `#${stretch.number}`}`,
      inside: stretch.inside,
      read,
      panel,
      html,
      stretch,
    }))
  })
}

/** The dashboard with other content in one text panel, all else being what it was. */
function withContent(
  dashboard: Dashboard['dashboard'],
  panel: Panel,
  content: string,
): Dashboard['dashboard'] {
  const changed = (panels: readonly Panel[]): Panel[] =>
    panels.map((each) => {
      if (each === panel) return { ...each, options: { ...each.options, content } }
      return each.panels ? { ...each, panels: changed(each.panels as Panel[]) } : each
    })
  return { ...dashboard, panels: changed(dashboard.panels ?? []) }
}
