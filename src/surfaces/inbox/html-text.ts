/** Named entities that mail really uses; any other stays as it is written. */
const entities = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    ensp: ' ',
    emsp: ' ',
    shy: '',
    zwnj: '',
    hellip: '…',
    ndash: '–',
    mdash: '—',
    lsquo: '‘',
    rsquo: '’',
    sbquo: '‚',
    ldquo: '“',
    rdquo: '”',
    bdquo: '„',
    laquo: '«',
    raquo: '»',
    bull: '•',
    middot: '·',
    copy: '©',
    reg: '®',
    trade: '™',
    euro: '€',
    pound: '£',
    yen: '¥',
    cent: '¢',
    sect: '§',
    deg: '°',
    plusmn: '±',
    times: '×',
    szlig: 'ß',
    aelig: 'æ',
    AElig: 'Æ',
    oslash: 'ø',
    Oslash: 'Ø',
    iexcl: '¡',
    iquest: '¿',
  }),
)
/** `eacute` and its like are a letter and a combining mark (Unicode normal form C puts them together). */
const marks: Record<string, string> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030a',
  cedil: '\u0327',
}

const silent = new Set(['script', 'style', 'head', 'title', 'template', 'noscript'])
const lineBreaks = new Set(['br', 'tr', 'li', 'dt', 'dd', 'hr'])
const paragraphs = new Set([
  'p',
  'div',
  'table',
  'blockquote',
  'ul',
  'ol',
  'pre',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
])

/**
 * The text of an HTML mail as a person reads it: no tags, scripts, styles or link targets; blocks end lines. One pass
 * over the text, linear for any input (mail is hostile: `<a <a <a …` must not take minutes).
 */
export function htmlToText(html: string): string {
  const out: string[] = []
  const source = html.toLowerCase()
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    out.push(decodeEntities(html.slice(at, open < 0 ? html.length : open).replace(/\s+/g, ' ')))
    if (open < 0) break
    if (source.startsWith('<!--', open)) {
      at = after(source, '-->', open + 4)
      continue
    }
    const name = /^\/?[a-z][a-z0-9]*/.exec(source.slice(open + 1, open + 16))?.[0]
    if (name === undefined && !/^[!?]/.test(source.slice(open + 1, open + 2))) {
      // A bare `<`, as in `a < b`, is text.
      out.push('<')
      at = open + 1
      continue
    }
    at = after(source, '>', open)
    const tag = name?.replace('/', '') ?? ''
    if (silent.has(tag) && !name!.startsWith('/')) at = after(source, '>', after(source, `</${tag}`, at) - 1)
    else if (lineBreaks.has(tag)) out.push(tag === 'li' && name === 'li' ? '\n* ' : '\n')
    else if (paragraphs.has(tag)) out.push('\n\n')
    else if (tag === 'td' || tag === 'th') out.push(' ')
  }
  return out
    .join('')
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Where the text goes on after `mark`; the end where there is none. */
function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found < 0 ? text.length : found + mark.length
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi, (whole, decimal, hex, name) => {
    if (name) {
      const [, letter, mark] = /^([A-Za-z])(grave|acute|circ|tilde|uml|ring|cedil)$/.exec(name) ?? []
      return letter ? (letter + marks[mark!]).normalize('NFC') : (entities.get(name) ?? whole)
    }
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    const valid = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    return valid ? String.fromCodePoint(code) : '\ufffd'
  })
}
