const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as it stands in an element or an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => names[letter]!)
}

/**
 * A whole page that needs nothing from elsewhere, in the reader's own light or dark.
 *
 * @param width of the text at most, in rem
 * @param main what stands in it, as HTML; `after` what follows it, such as a script
 */
export function htmlPage(page: {
  title: string
  width: number
  style: string
  main: string
  after?: string
}): string {
  const { title, width, style, main, after = '' } = page
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: ${width}rem; padding: 0 1rem }
table { border-collapse: collapse }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top }
.scroll { overflow-x: auto }
${style}</style>
</head>
<body>
<main>
${main}
</main>
${after}</body>
</html>
`
}
