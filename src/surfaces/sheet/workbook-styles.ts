import { nextTag, skipElement, type TagWalk, walkTags } from './xml.ts'

/**
 * The styles with a quiet variant (italic, grey) of each of the given cell styles, appended so that no number that
 * is in use changes. Null when the part is not understood.
 */
export function addQuietStyles(
  xml: string,
  bases: number[],
): { xml: string; variants: Record<string, number> } | null {
  const fonts = listOf(xml, 'fonts', 'font')
  const formats = listOf(xml, 'cellXfs', 'xf')
  if (!fonts || !formats) return null
  const newFonts: string[] = []
  const newFormats: string[] = []
  const variants: Record<string, number> = {}
  for (const base of bases) {
    const format = formats.items[base] ?? formats.items[0]
    if (format === undefined) return null
    const fontId = Number(/\bfontId="(\d+)"/.exec(format)?.[1] ?? 0)
    const font = fonts.items[fontId] ?? fonts.items[0]
    if (font === undefined) return null
    newFonts.push(quietFont(font, fonts.prefix))
    const quietId = fonts.items.length + newFonts.length - 1
    const withFont = /\bfontId="\d+"/.test(format)
      ? format.replace(/\bfontId="\d+"/, `fontId="${quietId}"`)
      : format.replace(/^<[\w:]+/, `$& fontId="${quietId}"`)
    const applied = /\bapplyFont="/.test(withFont)
      ? withFont.replace(/\bapplyFont="[^"]*"/, 'applyFont="1"')
      : withFont.replace(/^<[\w:]+/, '$& applyFont="1"')
    newFormats.push(applied)
    variants[base] = formats.items.length + newFormats.length - 1
  }
  const parts = [
    { ...fonts, more: newFonts },
    { ...formats, more: newFormats },
  ].sort((a, b) => b.contentEnd - a.contentEnd)
  let patched = xml
  for (const { open, contentEnd, items, more } of parts) {
    patched = patched.slice(0, contentEnd) + more.join('') + patched.slice(contentEnd)
    const tag = xml
      .slice(open.start, open.end)
      .replace(/\bcount="\d+"/, `count="${items.length + more.length}"`)
    patched = patched.slice(0, open.start) + tag + patched.slice(open.end)
  }
  return { xml: patched, variants }
}

function listOf(xml: string, list: string, item: string) {
  const walk = walkTags(xml)
  while (nextTag(walk)) {
    if (walk.name !== list || walk.closing || walk.empty) continue
    const open = { start: walk.start, end: walk.end }
    const { prefix } = walk
    return { open, prefix, ...itemsOf(walk, list, item) }
  }
  return null
}

function itemsOf(walk: TagWalk, list: string, item: string): { items: string[]; contentEnd: number } {
  const items: string[] = []
  let contentEnd = walk.end
  while (nextTag(walk) && !(walk.closing && walk.name === list)) {
    const { start, name } = walk
    skipElement(walk)
    if (name === item) items.push(walk.xml.slice(start, walk.end))
    contentEnd = walk.end
  }
  return { items, contentEnd }
}

/** CT_Font is a sequence in Excel's eyes: b, i, …, color, sz: `i` goes to the front, behind `b`. */
function quietFont(font: string, prefix: string): string {
  const italic = `<${prefix}i/>`
  const grey = `<${prefix}color rgb="FF808080"/>`
  if (/^<[^>]*\/>$/.test(font)) return `<${prefix}font>${italic}${grey}</${prefix}font>`
  let quiet = font.replace(/<(\w+:)?(i|color)\b[^>]*(\/>|>[\s\S]*?<\/(\w+:)?\2>)/g, '')
  const bold = /<(\w+:)?b\b[^>]*\/>/.exec(quiet)
  const at = bold ? bold.index + bold[0].length : quiet.indexOf('>') + 1
  quiet = quiet.slice(0, at) + italic + quiet.slice(at)
  // `sz` precedes `color` in what Excel writes; without a size the colour goes behind `i`.
  const size = /<(\w+:)?sz\b[^>]*\/>/.exec(quiet)
  const behind = size ? size.index + size[0].length : quiet.indexOf(italic) + italic.length
  return quiet.slice(0, behind) + grey + quiet.slice(behind)
}
