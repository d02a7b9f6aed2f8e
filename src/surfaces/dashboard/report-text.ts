/** A stretch of a Markdown or HTML report that is kept for a comment on a table: `<!-- inlay: summary of sales.csv -->` … `<!-- inlay: end -->`. */
export interface CommentStretch {
  /** 1 for the first one of the report. */
  number: number
  /** The table, as the report names it. */
  table: string
  /** Where the comment stands in the text. */
  start: number
  end: number
  /** What stands there now, whitespace and all. */
  inside: string
}

const opening = /<!--\s*inlay:\s*summary of ([^\r\n]*?)\s*-->/g
const closing = /<!--\s*inlay:\s*end\s*-->/g
const ours = /<!--\s*Suggested by Inlay[^>]*\[([\w-]+)\]\s*-->/

/** The places of a report, in order; an opening without an end is none. */
export function stretchesOf(text: string): CommentStretch[] {
  const stretches: CommentStretch[] = []
  for (const match of text.matchAll(opening)) {
    const start = match.index + match[0].length
    closing.lastIndex = start
    const end = closing.exec(text)
    if (!end) break
    const inside = text.slice(start, end.index)
    if (inside.includes('inlay: summary of')) continue
    stretches.push({ number: stretches.length + 1, table: match[1]!, start, end: end.index, inside })
  }
  return stretches
}

/** The mark of the placement that stands there, untouched or reworded; null where nothing of ours is. */
export const markOf = (inside: string): string | null => ours.exec(inside)?.[1] ?? null

/** What a reader sees there, as plain text. */
export function shownText(inside: string, html: boolean): string {
  const visible = inside.replace(/<!--[\s\S]*?-->/g, '').trim()
  if (!html) return visible.replace(/\\([\\`*_[\]<>#|~])/g, '$1')
  return visible
    .replace(/<(br|\/p|\/div|\/li)\s*\/?>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name]!)
    .replace(/[ \t]+/g, ' ')
    .trim()
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

/** What is written there for a suggestion: it says whose it is, and how to be rid of it. */
export function placedText(text: string, mark: string, html: boolean, newline: string): string {
  const note = `<!-- Suggested by Inlay from the table: keep, reword or delete it. [${mark}] -->`
  const body = html
    ? `<p>${text.replace(/[&<>]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each]!)}</p>`
    : text.replace(/[\\`*_[\]<>#|~]/g, '\\$&')
  return `${newline}${note}${newline}${body}${newline}`
}
