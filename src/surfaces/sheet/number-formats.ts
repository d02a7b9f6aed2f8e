import { nextTag, unescapeXml, walkTags } from './xml.ts'

/** What a number format shows of a serial date. */
export type DateStyle = 'date' | 'time' | 'date and time' | 'duration'

/** Formats that every workbook has without naming them (ECMA-376 18.8.30; 27..36 and 50..58 in East Asian files). */
const builtIn = new Map<number, DateStyle>([
  ...[14, 15, 16, 17, 27, 28, 29, 30, 31, 34, 35, 36].map((id) => [id, 'date'] as const),
  ...[50, 51, 52, 53, 54, 55, 56, 57, 58].map((id) => [id, 'date'] as const),
  ...[18, 19, 20, 21, 32, 33, 45, 47].map((id) => [id, 'time'] as const),
  [22, 'date and time'],
  [46, 'duration'],
])

/** For each cell style of the workbook, what it shows of a serial date; null for plain numbers. */
export function readDateStyles(xml: string | null): (DateStyle | null)[] {
  if (xml === null) return []
  const custom = new Map<number, DateStyle | null>()
  const styles: (DateStyle | null)[] = []
  let inCellStyles = false
  const walk = walkTags(xml)
  while (nextTag(walk)) {
    if (walk.name === 'cellXfs') inCellStyles = !walk.closing
    if (walk.closing) continue
    if (walk.name === 'numFmt') {
      const code = unescapeXml(walk.attributes.get('formatCode') ?? '')
      custom.set(Number(walk.attributes.get('numFmtId')), dateStyleOf(code))
    }
    if (walk.name !== 'xf' || !inCellStyles) continue
    const id = Number(walk.attributes.get('numFmtId') ?? 0)
    styles.push(custom.has(id) ? custom.get(id)! : (builtIn.get(id) ?? null))
  }
  return styles
}

export function dateStyleOf(code: string): DateStyle | null {
  const bare = code.split(';')[0]!.replace(/"[^"]*"|\\.|_.|\*./g, '')
  if (/\[(h+|m+|s+)\]/i.test(bare)) return 'duration'
  const letters = bare.replace(/\[[^\]]*\]|General|AM\/PM|A\/P/gi, '').toLowerCase()
  const time = /[hs]/.test(letters)
  const date = /[yd]/.test(letters) || (/m/.test(letters) && !time)
  return date ? (time ? 'date and time' : 'date') : time ? 'time' : null
}

const dayMs = 86_400_000
/** Day 0 of the two calendars; the one of 1900 believes in a 29 February 1900 (serial 60). */
const day0 = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) }

/** A serial date as ISO 8601 text; what is out of range stays a number. */
export function isoFromSerial(serial: number, style: DateStyle, date1904: boolean): string | number {
  const seconds = Math.round(serial * 86_400)
  if (style === 'duration') return clock(seconds, true)
  if (style === 'time') return clock(((seconds % 86_400) + 86_400) % 86_400, false)
  if (serial < 0 || serial > 2_958_466) return serial
  const shift = !date1904 && serial < 60 ? dayMs : 0
  const iso = new Date(day0[date1904 ? 1904 : 1900] + shift + seconds * 1000).toISOString()
  return style === 'date' ? iso.slice(0, 10) : iso.slice(0, 19)
}

function clock(seconds: number, long: boolean): string {
  const sign = seconds < 0 ? '-' : ''
  const all = Math.abs(seconds)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return `${sign}${long ? Math.floor(all / 3600) : two(all / 3600)}:${two((all % 3600) / 60)}:${two(all % 60)}`
}

/** The inverse of `isoFromSerial`; null when the text is no such date or time. */
export function serialFromIso(text: string, style: DateStyle, date1904: boolean): number | null {
  const clockMatch = /^(-?)(\d+):(\d\d):(\d\d)$/.exec(text)
  if (style === 'time' || style === 'duration') {
    if (!clockMatch) return null
    const seconds = Number(clockMatch[2]) * 3600 + Number(clockMatch[3]) * 60 + Number(clockMatch[4])
    return ((clockMatch[1] ? -1 : 1) * seconds) / 86_400
  }
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/.test(text)) return null
  const ms = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`)
  if (Number.isNaN(ms)) return null
  const serial = (ms - day0[date1904 ? 1904 : 1900]) / dayMs
  return !date1904 && serial <= 60 ? serial - 1 : serial
}
