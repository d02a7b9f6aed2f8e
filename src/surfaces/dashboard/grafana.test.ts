import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryVault, type Report, type Suggestion } from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { grafana } from './grafana.ts'
import { tableOfFrames } from './grafana-frames.ts'
import { grafanaServer } from './grafana-server.fixture.ts'
import { stretchesOf } from './report-text.ts'

surfaceConformance(grafana, { report: async () => (await dashboards()).medium })

const suggestion: Suggestion<'report'> = {
  kind: 'report',
  value: { type: 'summary', text: 'Revenue was 1,200 & <above> the 1,000 of the *week* before.' },
  confidence: 0.9,
  reasons: [],
}

/** Two series of 14 days, as a time series panel gets them. */
const frames = ['North', 'South'].map((region, r) => ({
  schema: {
    fields: [
      { name: 'Time', type: 'time' },
      { name: 'Value', type: 'number', labels: { region } },
    ],
  },
  data: {
    values: [
      Array.from({ length: 14 }, (_, i) => Date.UTC(2026, 0, 5 + i)),
      Array.from({ length: 14 }, (_, i) => 100 * (r + 1) + i),
    ],
  },
}))

/** A Grafana with two dashboards that people commented and two that they did not, and one that is none of ours. */
async function dashboards() {
  const server = await grafanaServer('glsa_token')
  server.show(frames)
  let number = 0
  function add(comment: string, more: { tags?: string[]; meta?: Record<string, unknown> } = {}) {
    const uid = `board-${++number}`
    const content = `## Sales\n<!-- inlay: summary of Revenue by region -->${comment}<!-- inlay: end -->\nThe rest – as ever.`
    server.kept.set(uid, {
      dashboard: {
        id: number,
        uid,
        title: `Board ${number}`,
        tags: more.tags ?? ['inlay'],
        schemaVersion: 39,
        version: 3,
        time: { from: 'now-90d', to: 'now' },
        panels: [
          {
            id: 1,
            type: 'timeseries',
            title: 'Revenue by region',
            gridPos: { h: 8 },
            targets: [{ refId: 'A', expr: 'sum(revenue)' }],
          },
          {
            id: 2,
            type: 'row',
            collapsed: true,
            panels: [{ id: 3, type: 'text', options: { mode: 'markdown', content } }],
          },
        ],
      },
      meta: { canSave: true, folderUid: 'team', updated: '2026-01-20T08:00:00Z', ...more.meta },
    })
    return uid
  }
  /** As a person does in the browser. */
  function write(key: string, comment: string) {
    const kept = server.kept.get(key.replace(/\/.*$/, ''))!
    const panel = (kept.dashboard.panels[1]!.panels as { options: { content: string } }[])[0]!
    const { content } = panel.options
    const [place] = stretchesOf(content)
    panel.options.content = content.slice(0, place!.start) + comment + content.slice(place!.end)
    kept.dashboard.version++
  }
  add('\nRevenue was fine.\n')
  add('\nNorth was slow.\n')
  add('\n')
  add('')
  add('\nNot ours.\n', { tags: ['other'] })
  const medium: Medium<'report'> = {
    settings: { url: server.url, token: 'glsa_token', seconds: 0.1 },
    invalid: [{}, { url: 'grafana', token: 'x' }, { url: server.url, token: '' }],
    async snapshot() {
      // Versions only ever go up.
      const entries = [...server.kept].map(([uid, { dashboard, meta }]) => [
        uid,
        JSON.stringify({ ...dashboard, version: 0, folder: meta.folderUid }),
      ])
      return Object.fromEntries(entries)
    },
    async newItem() {
      add('\n')
    },
    async doDeed(key) {
      write(key, '\nThe web shop had a price error.\n')
    },
    async removePlacement(key) {
      write(key, '\n')
    },
    async dropItem(key) {
      server.kept.delete(key.replace(/\/.*$/, ''))
    },
    vanish: () => server.close(),
    suggestion: () => suggestion,
    async remove() {
      await server.close().catch(() => {})
      expect(server.wrong).toEqual([])
    },
  }
  return { server, medium, write, add }
}

/** An opening with the first open item. */
async function opened() {
  const made = await dashboards()
  const folder = await mkdtemp(join(tmpdir(), 'inlay-grafana-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  onTestFinished(() => made.medium.remove!())
  const tools = { now: Date.now, pseudonym: (raw: string) => raw, vault: memoryVault(), folder }
  const { report } = await grafana.open(grafana.settings.parse(made.medium.settings), tools)
  const abort = new AbortController()
  let item: Report | null = null
  for await (const change of report!.watch(null, abort.signal)) {
    if (change.type === 'item') item ??= change.item as Report
    if (change.type === 'caught up') break
  }
  return { ...made, place: report!, item: item!, tools }
}

test('a comment keeps the folder, goes beside what others save, and is never put over theirs', async () => {
  const { server, place, item, write } = await opened()
  expect(item).toMatchObject({ key: 'board-3/3@2026-01-18', columns: ['time', 'region', 'value'] })
  expect(item.rows[0]).toEqual(['2026-01-05', 'North', 100])
  // Somebody saves between our reading and our saving: once, then it goes through.
  server.troubles.push({
    path: '/api/dashboards/db',
    status: 412,
    body: '{"message":"changed","status":"version-mismatch"}',
    times: 1,
  })
  expect((await place.place(item, suggestion, 'one')).placed).toBe(true)
  expect(server.kept.get('board-3')!.meta.folderUid).toBe('team')
  const other = { ...item, key: 'board-4/3@2026-01-18' }
  write('board-4', '\nMine.\n')
  expect(await place.place(other, suggestion, 'two')).toMatchObject({
    placed: false,
    because: expect.stringContaining('already'),
  })
})

test('a save that was done but not answered is not done twice', async () => {
  const { server, place, item } = await opened()
  server.troubles.push({ path: '/api/dashboards/db', silent: true, times: 1 })
  await expect(place.place(item, suggestion, 'one')).rejects.toMatchObject({ kind: 'unreachable' })
  expect((await place.place(item, suggestion, 'one')).placed).toBe(true)
  expect(server.calls.filter((call) => call === 'POST /api/dashboards/db')).toHaveLength(1)
})

test.each([
  [{ status: 401 }, 'bad-input', 'does not take the token'],
  [{ status: 403 }, 'bad-input', 'role Editor'],
  [{ status: 429, headers: { 'retry-after': '0.01' } }, 'busy', 'less often'],
  [{ status: 500 }, 'unreachable', 'a fault of its own (500)'],
  [{ status: 200, body: '<html>' }, 'unreachable', 'right address'],
  [{ status: 200, body: '[{"uid":7}]' }, 'unreachable', 'not understood'],
  [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'unreachable', 'does not answer'],
])('trouble %j is a fault of kind %s that says "%s"', async (trouble, kind, words) => {
  const { server, medium } = await dashboards()
  onTestFinished(() => medium.remove!())
  server.troubles.push({ ...trouble, times: 10 })
  const tools = { now: Date.now, pseudonym: (raw: string) => raw, vault: memoryVault(), folder: tmpdir() }
  const open = grafana.open(grafana.settings.parse(medium.settings), tools)
  await expect(open).rejects.toMatchObject({ kind, message: expect.stringContaining(words) })
})

test('a short wait that Grafana asks for is kept, and then it goes on', async () => {
  const { server, place, item } = await opened()
  server.troubles.push({ status: 429, headers: { 'retry-after': '0.01' }, times: 2 })
  expect((await place.place(item, suggestion, 'one')).placed).toBe(true)
})

test('a provisioned dashboard, and one that may not be edited, are refusals', async () => {
  const { server, place, item } = await opened()
  const { meta } = server.kept.get('board-3')!
  meta.provisioned = true
  expect(await place.place(item, suggestion, 'one')).toMatchObject({
    placed: false,
    because: expect.stringContaining('provisioned'),
  })
  delete meta.provisioned
  meta.canSave = false
  expect(await place.place(item, suggestion, 'two')).toMatchObject({
    placed: false,
    because: expect.stringContaining('may not edit'),
  })
  meta.canSave = true
  server.troubles.push({
    path: '/api/dashboards/db',
    status: 400,
    body: '{"message":"Cannot save"}',
    times: 1,
  })
  expect(await place.place(item, suggestion, 'three')).toMatchObject({
    placed: false,
    because: expect.stringContaining('Cannot save'),
  })
})

test('frames of tables stay tables, and those without a number are none', () => {
  const fields = [
    { name: 'week', type: 'time' },
    { name: 'shop', type: 'string' },
    { name: 'sales', type: 'number' },
  ]
  const values = [
    [Date.UTC(2026, 0, 5), Date.UTC(2026, 0, 5, 6)],
    ['A', 'B'],
    [1, null],
  ]
  expect(tableOfFrames([{ schema: { fields }, data: { values } }])).toEqual({
    columns: ['time', 'shop', 'sales'],
    rows: [
      ['2026-01-05', 'A', 1],
      ['2026-01-05T06:00:00', 'B', null],
    ],
  })
  expect(tableOfFrames([{ schema: { fields: fields.slice(0, 2) }, data: { values } }])).toBeNull()
})
