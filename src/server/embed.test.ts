import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shownComments } from '../surfaces/dashboard/shown-comments.ts'
import { addEmbeds, embedToken } from './embed.ts'

const secret = Buffer.from('a secret of this test')
const folder = mkdtempSync(join(tmpdir(), 'inlay-embed-'))
const server = Fastify({ forceCloseConnections: true })
addEmbeds(server, { secret, folderOf: (id) => join(folder, id), deployments: async () => ['summary-file-1'] })
const token = embedToken(secret, 'summary-file-1')
const at = (kind: string, id = 'summary-file-1') => `/embed/${id}.${kind}?token=${token}`
const text =
  'Revenue was 12,400 in the week of 13–19 Nov 2026, 31 % below the 18,000 of the 4 weeks before. <b>North</b> & "Stretch film" fell to 1,000 from 6,543, 97 % of the change.'

beforeAll(() => {
  const points = Array.from({ length: 30 }, (_, i): [number, number] => [
    Date.UTC(2026, 3, 5 + 7 * i),
    18_000 + 900 * Math.sin(i) - (i === 29 ? 5600 : 0),
  ])
  shownComments(join(folder, 'summary-file-1')).put('week.md', {
    text,
    suggested: true,
    at: Date.UTC(2026, 10, 19),
    chart: { metric: 'revenue', points },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

test('what a deployment shows is there for whoever has its address, and for nobody else', async () => {
  const answer = await server.inject(at('json'))
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  expect(answer.json()).toMatchObject({
    text,
    suggested: true,
    note: expect.stringContaining('Suggested by Inlay'),
  })
  for (const path of [
    '/embed/summary-file-1.json',
    '/embed/summary-file-1.json?token=wrong',
    `/embed/other.json?token=${token}`,
    `/embed/..%2F..%2Fetc.json?token=${token}`,
    `/embed/summary-file-1.exe?token=${token}`,
  ]) {
    const refused = await server.inject(path)
    expect([refused.statusCode, refused.json()], path).toEqual([
      404,
      { error: 'There is nothing at this address.' },
    ])
  }
})

test('the picture is well-formed, says its text to a screen reader, and takes text for text', async () => {
  const svg = (await server.inject(`${at('svg')}&width=480&theme=dark`)).body
  expect(svg).toContain('width="480"')
  expect(svg).toContain('<desc id="d">Revenue was 12,400')
  expect(svg).toContain('&lt;b&gt;North&lt;/b&gt; &amp;')
  expect(svg).not.toContain('<b>')
  const png = (await server.inject(at('png'))).rawPayload
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.readUInt32BE(16)).toBe(1280)
})

test('where nothing is shown yet, it says so', async () => {
  const path = `/embed/new-1.json?token=${embedToken(secret, 'new-1')}`
  expect((await server.inject(path)).json()).toMatchObject({ text: 'Nothing to tell yet.', chart: null })
})

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
if (!executablePath)
  console.error('Chromium is not here: the component and the picture are not looked at in a browser.')

test.skipIf(!executablePath)(
  'in a browser the component and the picture show the sentence and the line, in light, in dark and narrow',
  { timeout: 60_000 },
  async () => {
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
    try {
      for (const [colorScheme, width] of [
        ['light', 800],
        ['dark', 320],
      ] as const) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 700 } })
        const problems: string[] = []
        page.on('pageerror', (error) => problems.push(error.message))
        // A dashboard of another origin.
        await page.setContent(
          `<meta name="color-scheme" content="light dark"><script type="module" src="${address}/embed/inlay-summary.js"></script><inlay-summary src="${address}${at('json')}"></inlay-summary><img alt="What changed" src="${address}${at('svg')}&width=${width - 20}">`,
        )
        const said = page.locator('inlay-summary .said')
        await said.filter({ hasText: 'Revenue' }).waitFor()
        expect(await said.textContent()).toBe(text)
        expect(await page.locator('inlay-summary b').count()).toBe(0)
        await page.waitForFunction('document.images[0].complete')
        const seen = (await page.evaluate(look)) as { label: string }
        expect(seen).toMatchObject({ inside: true, overflow: false, path: true, image: width - 20 })
        expect(seen.label).toContain('revenue from 2026-04-05')
        const shot = await page.screenshot(
          process.env.INLAY_SHOTS ? { path: `${process.env.INLAY_SHOTS}/embed-${colorScheme}.png` } : {},
        )
        expect(await coloursOf(page, shot)).toBeGreaterThan(20)
        expect(problems).toEqual([])
        await page.close()
      }
    } finally {
      await browser.close()
    }
  },
)

/** What the page looks like, as a script that runs in it. */
const look = `(() => {
  const root = document.querySelector('inlay-summary').shadowRoot
  const box = root.querySelector('section').getBoundingClientRect()
  const inside = [...root.querySelectorAll('p, svg')].every((each) => {
    const { left, right, bottom } = each.getBoundingClientRect()
    return left >= box.left && right <= box.right + 1 && bottom <= box.bottom
  })
  return {
    inside,
    overflow: document.documentElement.scrollWidth > innerWidth,
    label: root.querySelector('svg').getAttribute('aria-label'),
    path: root.querySelector('path').getTotalLength() > 50,
    image: document.images[0].naturalWidth,
  }
})()`

/** How many different colours a screenshot has: a blank one has one. */
async function coloursOf(page: Page, shot: Buffer): Promise<number> {
  const count = `(async (base64) => {
    const image = new Image()
    image.src = 'data:image/png;base64,' + base64
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size
  })('${shot.toString('base64')}')`
  return (await page.evaluate(count)) as number
}

test('the script that dashboards load is the one that is served', async () => {
  const script = await server.inject('/embed/inlay-summary.js')
  expect(script.headers['content-type']).toContain('text/javascript')
  expect(script.body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/)
})
