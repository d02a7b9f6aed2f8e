import iconv from 'iconv-lite'
import { mailDate } from '../calendar.ts'
import type { Letter, Mailbox, MimeStyle } from '../letters/letter.ts'

/**
 * A letter as the bytes of a mail with bare LF, as delivery agents store it (the breakage `crlf` keeps CRLF).
 * Deterministic. RFC 5322, 2045 and 2047, but for what `style.broken` breaks on purpose.
 */
export function writeMime(letter: Letter): Buffer {
  const { style } = letter
  const ascii = !/[^\x00-\x7f]/.test(letter.text)
  const charset = ascii && style.charset !== 'utf-8' ? 'us-ascii' : style.charset
  const boundary = `=_${letter.id.split('@')[0]!.replace('.', '')}`
  const broken = style.broken
  const automated = letter.kind === 'newsletter' || letter.kind === 'notice'

  const headers = [
    `Return-Path: <${letter.from.address}>`,
    `From: ${mailbox(letter.from, charset)}`,
    `To: ${mailbox(letter.to, charset)}`,
    broken === 'raw header'
      ? `Subject: ${letter.subject} ${letter.language === 'de' ? 'für Käufer' : '– café'}`
      : `Subject: ${words(letter.subject, charset)}`,
    ...(broken === 'no date' ? [] : [`Date: ${mailDate(letter.at)}`]),
    ...(broken === 'no message-id' ? [] : [`Message-ID: <${letter.id}>`]),
    ...(letter.inReplyTo ? [`In-Reply-To: <${letter.inReplyTo}>`] : []),
    ...(letter.references.length
      ? [`References: ${letter.references.map((id) => `<${id}>`).join('\n ')}`]
      : []),
    ...(letter.kind === 'newsletter'
      ? ['List-Unsubscribe: <mailto:leave@lists.example>', 'Precedence: bulk']
      : []),
    ...(letter.kind === 'notice' ? ['Auto-Submitted: auto-replied'] : []),
    'MIME-Version: 1.0',
  ]

  const text = part('text/plain', letter.text, charset, style)
  const html = part('text/html', markup(letter.text, automated), charset, style)
  let content: Buffer[] =
    style.format === 'plain'
      ? text
      : style.format === 'html'
        ? html
        : multipart('alternative', `${boundary}a`, [text, html], broken === 'no closing boundary')
  const attachment = style.attachment ?? (broken === 'no closing boundary' ? 'order.pdf' : null)
  if (attachment) {
    const file = Buffer.from(`%PDF-1.4\n% ${letter.id}: nothing is in this made-up file\n%%EOF\n`)
    const base64 = file.toString('base64')
    const attached = Buffer.from(
      `Content-Type: application/octet-stream; name="${words(attachment, 'utf-8')}"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="${words(attachment, 'utf-8')}"\n\n${broken === 'cut base64' ? base64.slice(0, 41) : base64}\n`,
    )
    content = multipart('mixed', `${boundary}m`, [content, [attached]], broken === 'no closing boundary')
  }
  const bytes = Buffer.concat([Buffer.from(`${headers.join('\n')}\n`), ...content])
  return broken === 'crlf' ? Buffer.from(bytes.toString('latin1').replace(/\n/g, '\r\n'), 'latin1') : bytes
}

function multipart(kind: string, boundary: string, parts: Buffer[][], open: boolean): Buffer[] {
  return [
    Buffer.from(
      `Content-Type: multipart/${kind}; boundary="${boundary}"\n\nThis is a message in MIME format.\n`,
    ),
    ...parts.flatMap((one) => [Buffer.from(`--${boundary}\n`), ...one]),
    Buffer.from(open ? '' : `--${boundary}--\n`),
  ]
}

function part(type: string, text: string, charset: MimeStyle['charset'], style: MimeStyle): Buffer[] {
  const transfer = charset === 'us-ascii' ? '7bit' : style.transfer
  const bytes = Buffer.from(
    iconv.encode(text.endsWith('\n') ? text : `${text}\n`, charset === 'us-ascii' ? 'utf-8' : charset),
  )
  let said: string = charset
  if (style.broken === 'wrong charset') said = charset === 'utf-8' ? 'us-ascii' : 'utf-8'
  if (style.broken === 'unknown charset') said = 'x-unknown-8bit'
  const head = `Content-Type: ${type}; charset=${said}\nContent-Transfer-Encoding: ${transfer}\n\n`
  if (transfer === 'base64') {
    const lines = bytes.toString('base64').match(/.{1,76}/g) ?? []
    if (style.broken === 'cut base64' && lines.length > 1)
      lines[lines.length - 1] = lines.at(-1)!.slice(0, -3)
    return [Buffer.from(`${head}${lines.join('\n')}\n`)]
  }
  if (transfer === 'quoted-printable') return [Buffer.from(head), Buffer.from(quotedPrintable(bytes))]
  return [Buffer.from(head), bytes]
}

/** RFC 2045, section 6.7. */
function quotedPrintable(bytes: Buffer): string {
  const lines: string[] = []
  let line = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === 10) {
      lines.push(line.replace(/ $/, '=20'))
      line = ''
      continue
    }
    const safe = byte >= 32 && byte <= 126 && byte !== 61
    const next = safe ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
    if (line.length + next.length > 72) {
      lines.push(`${line}=`)
      line = ''
    }
    line += next
  }
  if (line) lines.push(line)
  return `${lines.join('\n')}\n`
}

/** RFC 2047: a header value with what is not ASCII in encoded words of at most 75 characters. */
function words(value: string, charset: MimeStyle['charset']): string {
  if (!/[^\x00-\x7f]/.test(value)) return value
  const encoding = charset === 'us-ascii' ? 'utf-8' : charset
  const chunks: string[] = []
  for (let i = 0; i < value.length; i += 14) chunks.push(value.slice(i, i + 14))
  return chunks
    .map((chunk) => `=?${encoding}?B?${Buffer.from(iconv.encode(chunk, encoding)).toString('base64')}?=`)
    .join('\n ')
}

function mailbox(who: Mailbox, charset: MimeStyle['charset']): string {
  if (!who.name) return who.address
  const name = /^[\w .]+$/.test(who.name)
    ? who.name
    : /[^\x00-\x7f]/.test(who.name)
      ? words(who.name, charset)
      : `"${who.name}"`
  return `${name} <${who.address}>`
}

function markup(text: string, automated: boolean): string {
  const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  const paragraphs = safe.split(/\n\n+/).map((one) => `<p>${one.replace(/\n/g, '<br>\n')}</p>`)
  const style = automated ? '<style>p { font-family: sans-serif; margin: 1em }</style>' : ''
  return `<html><head>${style}</head><body>\n${paragraphs.join('\n')}\n</body></html>`
}
