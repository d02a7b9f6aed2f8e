import type { Random } from '../random.ts'
import { plainCsv } from './csv.ts'
import type { Incident } from './sales.ts'

/** Metrics that somebody reports on each week, with the column of the sales that it is. */
const metrics = { revenue: 5, units: 4 }
/** Weeks that a report's table goes back. */
const weeksShown = 26
const dayMs = 86_400_000

const quiet = [
  'Nothing special this week.',
  'Nothing to add.',
  'As usual.',
  'As expected, no notable changes.',
  'A stable week.',
]
/** What people wrote of an incident, by its kind. */
const remarks = {
  collapse: [
    'Bad week: Stretch film in the North has collapsed, the main customer there stands still.',
    'Stretch film in the North is still far too low.',
  ],
  price: [
    'Something is wrong in the Web shop, the prices look doubled.',
    'Still the price error in the Web shop, they are on it.',
  ],
}

/**
 * Weekly reports of the sales team as files: a Markdown text with a place for a comment, and its table. People wrote their comment
 * in all but the newest, and those of the first week of each incident, when nobody had time.
 */
export function weeklyReports(
  rng: Random,
  sales: { rows: readonly (readonly string[])[]; incidents: readonly Incident[] },
): { name: string; content: string }[] {
  const days = [...new Set(sales.rows.map(([date]) => date!))]
  const weekOf = new Map(days.map((date, i) => [date, Math.floor((days.length - 1 - i) / 7)]))
  const weeks = Math.floor(days.length / 7)
  const files: { name: string; content: string }[] = []
  for (const [metric, column] of Object.entries(metrics)) {
    const sums = new Map<string, number>()
    for (const row of sales.rows) {
      const key = `${weekOf.get(row[0]!)};${row[1]};${row[2]};${row[3]}`
      sums.set(key, (sums.get(key) ?? 0) + Number(row[column]))
    }
    const segments = [...new Set([...sums.keys()].map((key) => key.slice(key.indexOf(';') + 1)))]
    for (let ago = weeks - 12; ago >= 0; ago--) {
      const last = days[days.length - 1 - 7 * ago]!
      const rows: string[][] = []
      for (let week = Math.min(weeks - 1, ago + weeksShown - 1); week >= ago; week--) {
        const first = days[days.length - 7 * (week + 1)]!
        for (const segment of segments) {
          const sum = sums.get(`${week};${segment}`) ?? 0
          rows.push([first, ...segment.split(';'), metric === 'units' ? String(sum) : sum.toFixed(2)])
        }
      }
      const name = `${last}-${metric}`
      files.push({
        name: `${name}.csv`,
        content: plainCsv(['week', 'region', 'product', 'channel', metric], rows),
      })
      const comment = commentOn(rng, sales.incidents, last)
      const inside = ago === 0 || comment === null ? '\n' : `\n${comment}\n`
      files.push({
        name: `${name}.md`,
        content: `# Sales, ${metric}, week to ${last}\n\nTable: ${name}.csv\n\n<!-- inlay: summary of ${name}.csv -->${inside}<!-- inlay: end -->\n`,
      })
    }
  }
  return files
}

/** Null where nobody had time to write. */
function commentOn(rng: Random, incidents: readonly Incident[], last: string): string | null {
  const end = Date.parse(last)
  for (const { where, from, to } of incidents) {
    const begun = Date.parse(from)
    // Weeks that lie within it as a whole.
    if (end - 6 * dayMs < begun || end > Date.parse(to)) continue
    if (end - 6 * dayMs === begun) return null
    return remarks[where.channel ? 'price' : 'collapse'][1]!
  }
  return rng.pick(quiet)
}
