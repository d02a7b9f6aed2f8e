import { escapeHtml, htmlPage } from '../measure/report/html.ts'
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
  const main = `<h1>Where Inlay stands</h1>
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
<p><a href="/openapi.json">The HTTP interface (OpenAPI)</a></p>`
  const after = `<script>
setInterval(async () => {
  if (document.hidden) return
  const answer = await fetch('/').catch(() => null)
  if (!answer || !answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const now = document.querySelector('main'), next = page.querySelector('main')
  if (now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML
}, 3000)
</script>
`
  return htmlPage({
    title: 'Inlay: where it stands',
    width: 80,
    style: 'table { width: 100% }\n',
    main,
    after,
  })
}
