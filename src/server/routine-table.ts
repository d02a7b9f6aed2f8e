import { escapeHtml } from '../measure/report/html.ts'
/** A routine that costs time, as the status page tells it. */
export interface RoutineRow {
  id: string
  what: string
  hours: string
  people: string
  hated: boolean
  remedy: string
}

/** What hurts, by the hours a week, with one click to say "I hate this". Empty where nothing is known. */
export function routineSection(rows: readonly RoutineRow[]): string {
  if (rows.length === 0) return ''
  const body = rows
    .map(({ id, what, hours, people, hated, remedy }) => {
      const label = escapeHtml(`I hate this: ${what}`)
      const said = hated
        ? 'hated'
        : `<form method="post" action="/routines/${encodeURIComponent(id)}/hate"><button aria-label="${label}">I hate this</button></form>`
      return `<tr><th scope="row">${escapeHtml(what)}</th><td>${escapeHtml(hours)}</td><td>${escapeHtml(people)}</td><td>${escapeHtml(remedy)}</td><td>${said}</td></tr>`
    })
    .join('\n')
  return `<h2>What hurts</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Routines"><table>
<caption>Routines seen in recorded work, by the hours a week that they cost everybody together.</caption>
<thead><tr><th scope="col">Routine</th><th scope="col">Hours a week</th><th scope="col">People</th><th scope="col">What would help</th><th scope="col">Hated</th></tr></thead>
<tbody>
${body}
</tbody>
</table></div>`
}
