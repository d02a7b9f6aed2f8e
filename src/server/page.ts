import { escapeHtml } from './html.ts'
import { type RoutineRow, routineSection } from './routine-table.ts'
import { headings, type StandingRow, tableColumns } from './standing-table.ts'

/** The status page: plain HTML that works without JavaScript; with it, the figures renew themselves. */
export function statusPage(
  rows: StandingRow[],
  {
    madeUp,
    routines = [],
    questions = '',
    embeds = '',
  }: { madeUp: boolean; routines?: readonly RoutineRow[]; questions?: string; embeds?: string },
): string {
  const head = tableColumns.map((name) => `<th scope="col">${escapeHtml(headings[name])}</th>`).join('')
  const body = rows
    .map((row) => {
      const [first, ...rest] = tableColumns.map((name) => escapeHtml(row[name]))
      return `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
    })
    .join('\n')
  const notes = rows
    .filter((row) => row.note)
    .map(
      (row) =>
        `<li><strong>${escapeHtml(row.skill)}</strong> on ${escapeHtml(row.surface)}: ${escapeHtml(row.note)}</li>`,
    )
    .join('\n')
  const connections = rows
    .filter((row) => row.connection)
    .map((row) => `<li><strong>${escapeHtml(row.surface)}</strong>: ${escapeHtml(row.connection)}</li>`)
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inlay: where it stands</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left; vertical-align: top }
.scroll { overflow-x: auto }
</style>
</head>
<body>
<main>
<h1>Where Inlay stands</h1>
${madeUp ? '<p><strong>This company is made up.</strong> Its people, mails, leads and figures were generated.</p>' : ''}
${
  rows.length
    ? `<div class="scroll" tabindex="0" role="region" aria-label="Deployments"><table>
<caption>Each skill on each surface: its three locks, what it would show, and what came of it.</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`
    : '<p>Nothing is connected yet. Run <code>inlay connect</code>.</p>'
}
${routineSection(routines)}
${connections ? `<h2>Connections</h2><ul>${connections}</ul>` : ''}
${notes ? `<h2>What to know</h2><ul>${notes}</ul>` : ''}
${questions ? `<h2>Questions to everybody</h2>${questions}` : ''}
${embeds}
<p><a href="/openapi.json">The HTTP interface (OpenAPI)</a></p>
</main>
<script>
setInterval(async () => {
  if (document.hidden) return
  const answer = await fetch('/').catch(() => null)
  if (!answer || !answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const now = document.querySelector('main'), next = page.querySelector('main')
  if (now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML
}, 3000)
</script>
</body>
</html>
`
}
