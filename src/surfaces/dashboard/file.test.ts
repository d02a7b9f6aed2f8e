import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { file } from './file.ts'
import { stretchesOf } from './report-text.ts'

surfaceConformance(file, { report: () => reports('md') })
surfaceConformance({ ...file, name: 'file (HTML)' }, { report: () => reports('html') })

/** A folder of weekly reports with their tables: two without a comment, two with one. */
async function reports(extension: 'md' | 'html'): Promise<Medium<'report'>> {
  const folder = await mkdtemp(join(tmpdir(), 'inlay-reports-'))
  let weeks = 0
  async function report(comment: string) {
    const week = ++weeks
    const rows = Array.from({ length: 14 }, (_, i) => {
      const date = new Date(Date.UTC(2026, 0, 5 + 7 * week + i)).toISOString().slice(0, 10)
      return `${date},${i % 2 ? 'North' : 'South'},${100 + i}`
    })
    await writeFile(join(folder, `week-${week}.csv`), `date,region,revenue\r\n${rows.join('\r\n')}\r\n`)
    const text = `# Week ${week}\n\n<!-- inlay: summary of week-${week}.csv -->${comment}<!-- inlay: end -->\n\nThe rest – as ever.\n`
    await writeFile(join(folder, `week-${week}.${extension}`), text)
  }
  await report('\nRevenue was fine.\n')
  await report('\nNorth was slow.\n')
  await report('\n')
  await report('')
  async function comment(key: string, text: string) {
    const path = join(folder, nameOf(key))
    const before = await readFile(path, 'utf8')
    const [place] = stretchesOf(before)
    // As an editor does: a new file in the place of the old one.
    await writeFile(`${path}~`, before.slice(0, place!.start) + text + before.slice(place!.end))
    await rename(`${path}~`, path)
  }
  return {
    settings: { path: folder },
    invalid: [{}, { path: '' }, { path: 7 }],
    async snapshot() {
      const entries = (await readdir(folder)).map(async (name) => [
        name,
        await readFile(join(folder, name), 'utf8'),
      ])
      return Object.fromEntries(await Promise.all(entries))
    },
    newItem: () => report('\n'),
    doDeed: (key) => comment(key, '\nThe web shop had a price error.\n'),
    removePlacement: (key) => comment(key, '\n'),
    dropItem: (key) => rm(join(folder, nameOf(key))),
    vanish: () => rm(folder, { recursive: true }),
    suggestion: () => ({
      kind: 'report',
      value: { type: 'summary', text: 'Revenue was 1,200 & <above> the 1,000 of the *week* before.' },
      confidence: 0.9,
      reasons: [],
    }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Of the report file in an item's key, which ends with the table's newest day. */
const nameOf = (key: string) => key.replace(/@.*$/, '')
