import { escapeHtml, htmlPage } from './html.ts'
import { type Page, pageOf } from './page.ts'
import type { TeamReport } from './team-report.ts'

export const reportFormats = ['text', 'markdown', 'html', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Reports in one document; the same reports always give the same bytes. */
export function formatReports(reports: readonly TeamReport[], format: ReportFormat): string {
  if (format === 'json') return JSON.stringify(reports)
  const pages = reports.map((report) => tidy(pageOf(report)))
  if (format === 'html') return html(pages)
  return pages.map(format === 'text' ? text : markdown).join('\n\n')
}

function text({ title, lead, table, sections }: Page): string {
  // A table of so many columns does not fit a terminal: one skill a block.
  const skills = table.rows.map((row) => {
    const width = Math.max(...table.head.map((name) => name.length))
    return row.map((cell, i) => (i === 0 ? cell : `  ${table.head[i]!.padEnd(width)}  ${cell}`)).join('\n')
  })
  const rest = sections.map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join('\n'))
  return [`${title}\n${'═'.repeat([...title].length)}`, lead, ...skills, ...rest].join('\n\n')
}

/** Each field on one line, without control characters: what people named must not move a terminal's cursor. */
function tidy({ title, lead, table, sections }: Page): Page {
  const clean = (line: string) =>
    line
      .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  return {
    title: clean(title),
    lead: clean(lead),
    table: { head: table.head, rows: table.rows.map((row) => row.map(clean)) },
    sections: sections.map(({ heading, lines }) => ({ heading, lines: lines.map(clean) })),
  }
}

function markdown({ title, lead, table, sections }: Page): string {
  const row = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`
  return [
    `# ${escapeMarkdown(title)}`,
    escapeMarkdown(lead),
    [row(table.head), `|${table.head.map(() => ' --- ').join('|')}|`, ...table.rows.map(row)].join('\n'),
    ...sections.map(
      ({ heading, lines }) =>
        `## ${escapeMarkdown(heading)}\n\n${lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')}`,
    ),
  ].join('\n\n')
}

function escapeMarkdown(line: string): string {
  return line.replace(/[\\`*_[\]<>|#~]/g, '\\$&')
}

/** One file with its own style and nothing fetched, fit for a mail. */
function html(pages: readonly Page[]): string {
  const body = pages.map(({ title, lead, table, sections }) =>
    [
      `<article>\n<h1>${escapeHtml(title)}</h1>`,
      `<p><strong>${escapeHtml(lead)}</strong></p>`,
      `<div class="scroll" tabindex="0" role="region" aria-label="Skills"><table>`,
      `<thead><tr>${table.head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>`,
      `<tbody>`,
      ...table.rows.map(
        ([first, ...rest]) =>
          `<tr><th scope="row">${escapeHtml(first!)}</th>${rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
      ),
      `</tbody></table></div>`,
      ...sections.map(
        ({ heading, lines }) =>
          `<h2>${escapeHtml(heading)}</h2>\n<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
      ),
      `</article>`,
    ].join('\n'),
  )
  const title = pages.length === 1 ? pages[0]!.title : 'What Inlay is worth'
  return htmlPage({ title, width: 60, style: '', main: body.join('\n') }).trimEnd()
}
