import type { Chart } from './chart.ts'

export interface PictureOptions {
  /** In pixels. */
  width?: number
  theme?: 'light' | 'dark' | 'auto'
}

const margin = 16
const textSize = 15
const lineHeight = 21
const smallSize = 11
const chartHeight = 96
/** DejaVu Sans is the widest of the fonts that may stand in. */
const fonts = "system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif"
const colours = {
  light: { paper: '#ffffff', ink: '#1b1f24', quiet: '#57606a', line: '#2f6fb5', edge: '#d0d7de' },
  dark: { paper: '#15191e', ink: '#e8eaed', quiet: '#a0a8b1', line: '#7cb3ef', edge: '#30363d' },
}

/** The sentence and its chart as an SVG text, to be shown by itself or as an image. */
export function picture(
  text: string,
  note: string,
  chart: Chart | null,
  options: PictureOptions = {},
): string {
  const { width = 640, theme = 'auto' } = options
  const lines = text.split('\n').flatMap((line) => wrapped(line, width - 2 * margin, textSize))
  const notes = wrapped(note, width - 2 * margin, smallSize)
  const textTop = margin + textSize
  const chartTop = margin + lines.length * lineHeight + 8
  const notesTop = chart ? chartTop + chartHeight + 16 : chartTop
  const height = Math.ceil(notesTop + notes.length * 15 + margin)
  const style = (palette: (typeof colours)['light']) =>
    `.paper{fill:${palette.paper};stroke:${palette.edge}}.ink{fill:${palette.ink}}.quiet{fill:${palette.quiet}}.line{stroke:${palette.line};fill:none}.dot{fill:${palette.line}}`
  const css =
    theme === 'auto'
      ? `${style(colours.light)}@media (prefers-color-scheme:dark){${style(colours.dark)}}`
      : style(colours[theme])
  const texts = (rows: string[], top: number, step: number, size: number, of: string) =>
    rows
      .map(
        (row, i) =>
          `<text class="${of}" x="${margin}" y="${top + i * step}" font-size="${size}">${escaped(row)}</text>`,
      )
      .join('')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d" font-family="${fonts}">`,
    `<title id="t">${escaped(chart ? `${chart.metric}: what changed` : 'What changed')}</title><desc id="d">${escaped(text)}</desc>`,
    `<style>${css}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    texts(lines, textTop, lineHeight, textSize, 'ink'),
    chart ? line(chart, { left: margin, top: chartTop, width: width - 2 * margin }) : '',
    texts(notes, notesTop + smallSize, 15, smallSize, 'quiet'),
    '</svg>',
  ].join('\n')
}

function line({ points }: Chart, { left, top, width }: { left: number; top: number; width: number }): string {
  const values = points.map(([, value]) => value)
  const least = Math.min(...values)
  const most = Math.max(...values)
  const first = points[0]![0]
  const last = points.at(-1)![0]
  const bottom = top + chartHeight - 18
  const right = left + width - 64
  const x = (at: number) => left + ((at - first) / Math.max(1, last - first)) * (right - left)
  const y = (value: number) =>
    most === least ? (top + bottom) / 2 : bottom - ((value - least) / (most - least)) * (bottom - top - 8)
  const path = points
    .map(([at, value], i) => `${i ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('')
  const end = points.at(-1)![1]
  const label = (text: string, at: number, height: number, anchor = 'start') =>
    `<text class="quiet" x="${at}" y="${height}" font-size="${smallSize}" text-anchor="${anchor}">${escaped(text)}</text>`
  return [
    `<path class="line" d="${path}" stroke-width="2" stroke-linejoin="round"/>`,
    `<circle class="dot" cx="${x(last).toFixed(1)}" cy="${y(end).toFixed(1)}" r="3.5"/>`,
    label(short(end), right + 8, y(end) + 4),
    label(new Date(first).toISOString().slice(0, 10), left, bottom + 16),
    label(new Date(last).toISOString().slice(0, 10), right, bottom + 16, 'end'),
  ].join('\n')
}

/** `1.2 M`, `35.5 k`, `812`. */
function short(value: number): string {
  const size = Math.abs(value)
  const [unit, word] = size >= 1e6 ? [1e6, ' M'] : size >= 1e4 ? [1e3, ' k'] : [1, '']
  return `${Number((value / unit).toPrecision(3))}${word}`
}

/** Breaks a text into lines of at most this width; a word that is longer is cut. */
export function wrapped(text: string, width: number, size: number): string[] {
  const lines: string[] = []
  let row = ''
  for (let word of text.split(/\s+/)) {
    while (widthOf(word, size) > width) {
      let fits = word.length
      while (fits > 1 && widthOf(word.slice(0, fits), size) > width) fits--
      if (row) lines.push(row)
      row = ''
      lines.push(word.slice(0, fits))
      word = word.slice(fits)
    }
    const longer = row ? `${row} ${word}` : word
    if (widthOf(longer, size) <= width) row = longer
    else {
      lines.push(row)
      row = word
    }
  }
  return row ? [...lines, row] : lines
}

/** Width of a text in pixels, rather too wide than too narrow. */
function widthOf(text: string, size: number): number {
  let ems = 0
  for (const char of text) {
    if (/[ilj.,:;'|!]/.test(char)) ems += 0.36
    else if (/[mwMW@%—]/.test(char)) ems += 0.98
    else if (/[A-Z]/.test(char)) ems += 0.74
    else if (char.charCodeAt(0) > 0x2e80) ems += 1.05
    else ems += char === ' ' ? 0.34 : 0.64
  }
  return ems * size
}

/** XML 1.0 has no room for control characters, escaped or not. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '')
    .replace(/[&<>"]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[each]!)
