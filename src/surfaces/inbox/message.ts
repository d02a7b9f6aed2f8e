import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import iconv from 'iconv-lite'
import PostalMime, { addressParser, decodeWords } from 'postal-mime'
import type { Address, Message } from '../../contract/index.ts'
import { htmlToText } from './html-text.ts'

/** How much of a mail is read: its head and text. Attachments beyond it are never loaded. */
export const readLimit = 1 << 20

/** A mail without its text: what is needed to know which mail it is and where it belongs. */
export interface MailHead {
  /** With its angle brackets; null where the mail has none. */
  id: string | null
  inReplyTo: string | null
  references: string[]
  /** Milliseconds since the epoch; null when neither the mail nor the file tells. */
  at: number | null
  from: Address | null
  /** Value of X-Inlay: this mail is of Inlay's own making. */
  inlay: string | null
  /** First value of a header by its lower-case name, unfolded and decoded. */
  header(name: string): string | null
  headers(name: string): string[]
  /** The addresses of a header, parsed before anything is decoded: an encoded name cannot pass for an address. */
  addresses(name: string): Address[]
}

/** What the place where a mail lies knows about it. */
export interface Surroundings {
  /** When the file was written, for mails that do not say, in milliseconds since the epoch. */
  fileTime?: number | null
  /** Dates later than this are absurd. */
  now?: number
}

/** Reads the head of a mail from its first bytes. Never throws, whatever the bytes. */
export function readHead(
  raw: Uint8Array,
  { fileTime = null, now = Date.now() }: Surroundings = {},
): MailHead {
  const fields = new Map<string, string[]>()
  for (const line of headText(raw)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  }
  const headers = (name: string) => (fields.get(name) ?? []).map(decode)
  const header = (name: string) => {
    const value = fields.get(name)?.[0]
    return value === undefined ? null : decode(value)
  }
  const addresses = (name: string) => addressesIn(fields.get(name) ?? [])
  const references = messageIds(headers('references').join(' '))
  return {
    id: messageIds(header('message-id') ?? '')[0] ?? null,
    inReplyTo: messageIds(header('in-reply-to') ?? '')[0] ?? references.at(-1) ?? null,
    references,
    at: sensibleDate(header('date'), headers('received'), fileTime, now),
    from: addresses('from')[0] ?? null,
    inlay: header('x-inlay'),
    header,
    headers,
    addresses,
  }
}

/**
 * Raw bytes (at most the first megabyte of them) as the contract's message. Broken MIME, wrong or unknown
 * charsets and 0 bytes give the best that can be read; it never throws.
 */
export async function readMessage(
  raw: Uint8Array,
  surroundings: Surroundings & { key?: string; group?: string } = {},
): Promise<Message> {
  const bytes = raw.subarray(0, readLimit)
  const head = readHead(bytes, surroundings)
  const key = surroundings.key ?? head.id ?? contentKey(raw)
  const plain = plainText(head, bytes)
  const body = plain === null ? await readBody(bytes) : { text: tidy(plain), attachments: [] }
  return messageOf(head, body, { ...surroundings, key })
}

/** A message whose head and text parts were read one by one, for the rest of it is too large to be read. */
export function messageFromParts(
  head: Uint8Array,
  { pieces, attachments }: { pieces: { text: string; html: boolean }[]; attachments: string[] },
  surroundings: Surroundings & { key?: string; group?: string } = {},
): Message {
  const read = readHead(head, surroundings)
  const text = tidy(pieces.map((piece) => (piece.html ? htmlToText(piece.text) : piece.text)).join('\n\n'))
  const key = surroundings.key ?? read.id ?? contentKey(head)
  return messageOf(read, { text, attachments }, { ...surroundings, key })
}

function messageOf(
  head: MailHead,
  { text, attachments }: { text: string; attachments: string[] },
  { key, group }: { key: string; group?: string },
): Message {
  return {
    kind: 'message',
    key,
    group: group ?? head.references[0] ?? head.inReplyTo ?? key,
    at: head.at,
    ...(isUrgent(head) ? { urgent: true } : {}),
    subject: head.header('subject') ?? '',
    text,
    from: head.from,
    to: head.addresses('to'),
    cc: head.addresses('cc'),
    inReplyTo: head.inReplyTo,
    references: head.references,
    attachments,
    automated: isAutomated(head),
  }
}

/** The Message-ID of the mail that this one, a receipt (RFC 8098), says was displayed to who sent the receipt; else null. */
export function displayedBy(raw: Uint8Array, head: MailHead): string | null {
  if (!/^multipart\/report\b.*\bdisposition-notification\b/i.test(head.header('content-type') ?? ''))
    return null
  const report = Buffer.from(raw.subarray(headEnd(raw), readLimit)).toString('latin1')
  if (!/^Disposition:[^\r\n]*;\s*displayed\b/im.test(report)) return null
  return messageIds(/^Original-Message-ID:(.*)/im.exec(report)?.[1] ?? '')[0] ?? null
}

/** Headers that mailboxes write into a stored mail: they are not its content. */
const mailboxHeaders =
  /^(?:status|x-status|x-keywords|x-uid|x-imap|x-imapbase|x-mozilla-\S*|x-label|content-length|lines|x-inlay):/i

/** Key of a mail without Message-ID: the hash of its content, whatever mailbox it lies in. */
export function contentKey(raw: Uint8Array): string {
  const end = headEnd(raw)
  const head = Buffer.from(raw.buffer, raw.byteOffset, end).toString('latin1')
  const kept = head
    .replace(/\r\n/g, '\n')
    .split(/\n(?![ \t])/)
    .filter((line) => !mailboxHeaders.test(line))
  const hash = createHash('sha256').update(kept.join('\n').trimEnd(), 'latin1').update('\n\n')
  return `sha256:${hash.update(raw.subarray(end, readLimit)).digest('hex').slice(0, 32)}`
}

/** Length of the head with its empty line; everything where there is no empty line. */
export function headEnd(raw: Uint8Array): number {
  const buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const lf = buffer.indexOf('\n\n')
  const crlf = buffer.indexOf('\n\r\n')
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return crlf + 3
  return lf < 0 ? buffer.length : lf + 2
}

function headText(raw: Uint8Array): string {
  const head = Buffer.from(raw.buffer, raw.byteOffset, headEnd(raw))
  return isUtf8(head) ? head.toString('utf8') : windows1252.decode(head)
}

const decode = (value: string) => (value.includes('=?') ? decodeWords(value) : value)

function messageIds(value: string): string[] {
  const ids = value.match(/<[^<>\s]+>/g)
  if (ids) return [...new Set(ids)]
  // Some programs leave out the brackets; a sentence ("Your message of …") is no id.
  const bare = value.trim()
  return /^[^\s<>]+@[^\s<>]+$/.test(bare) ? [`<${bare}>`] : []
}

/** Public list archives (Mailman's Pipermail) hide addresses as `name at host (Name)` and in two stronger ways. */
const hidden = /^"?([^\s"<>()]+)(?: at | @ending from | @end\|ng \|rom )([^\s"<>()]+)(?: \((.*)\))?"?$/

/** The addresses in the values of a header such as To. */
function addressesIn(values: string[]): Address[] {
  return values.flatMap((value) => {
    const [, name, host, person] = hidden.exec(value.trim()) ?? []
    if (name) return [{ name: decode(person ?? ''), address: `${name}@${host}`.toLowerCase() }]
    return addressParser(value, { flatten: true }).flatMap((each) =>
      each.address || each.name
        ? [{ name: each.name ?? '', address: (each.address ?? '').trim().toLowerCase() }]
        : [],
    )
  })
}

const day = 24 * 3600 * 1000
/** RFC 822 is of 1982, but a date before this is a clock that was never set. */
const earliest = Date.UTC(1990)

/** Date, else the newest Received (the last hop is the first line), else the file's time. */
function sensibleDate(date: string | null, received: string[], fileTime: number | null, now: number) {
  const stamps = [date, ...received.map((line) => line.slice(line.lastIndexOf(';') + 1))]
  for (const stamp of stamps) {
    // Comments such as `(CEST)` and doubled zones are what Date.parse cannot take.
    const time = Date.parse((stamp ?? '').replace(/\([^)]*\)/g, '').trim())
    if (time >= earliest && time <= now + day) return time
  }
  return fileTime
}

function isUrgent(head: MailHead): boolean {
  const importance = head.header('importance') ?? head.header('x-msmail-priority') ?? head.header('priority')
  return /^(?:high|urgent)$/i.test(importance ?? '') || /^\s*[12]\b/.test(head.header('x-priority') ?? '')
}

/** Lists (RFC 2369, 2919), bulk mail, auto-replies (RFC 3834), bounces (RFC 3464) and reports. */
function isAutomated(head: MailHead): boolean {
  const auto = head.header('auto-submitted')
  return (
    (auto !== null && !/^no\b/i.test(auto)) ||
    ['list-id', 'list-unsubscribe', 'list-post', 'x-autoreply', 'x-autorespond', 'feedback-id'].some(
      (name) => head.header(name) !== null,
    ) ||
    /^(?:bulk|list|junk|auto_reply)/i.test(head.header('precedence') ?? '') ||
    head.header('return-path') === '<>' ||
    /^multipart\/report\b/i.test(head.header('content-type') ?? '') ||
    /^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|notifications?|bounces?)(?:[+@-]|$)/.test(
      head.from?.address ?? '',
    )
  )
}

/**
 * The text of a mail that is nothing but plain text, which is most of them and needs no parser; null for every other
 * mail, and wherever there is any doubt.
 */
function plainText(head: MailHead, raw: Uint8Array): string | null {
  const type = head.header('content-type') ?? 'text/plain'
  const alternative = /^multipart\/alternative\s*;/i.test(type) ? plainAlternative(type, raw) : null
  if (alternative) return plainText(readHead(alternative), alternative)
  const charset = /;\s*charset="?([\w-]+)"?\s*$/i.exec(type)?.[1] ?? 'utf-8'
  if (!/^text\/plain\b/i.test(type) || head.headers('content-type').length > 1) return null
  // Anything else it says of itself (flowed lines, a name) is left to the parser.
  if (type.split(';').length > 2 || (type.includes(';') && !/charset=/i.test(type))) return null
  if (head.header('content-disposition') !== null) return null
  const encoding = (head.header('content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  const body = raw.subarray(headEnd(raw))
  const bytes = /^(7bit|8bit|binary)$/.test(encoding)
    ? body
    : encoding === 'quoted-printable'
      ? unquoted(body)
      : null
  if (bytes === null) return null
  if (/^(utf-?8|us-ascii)$/i.test(charset)) return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : null
  if (!/^(iso-8859-1|windows-1252|iso-8859-15)$/i.test(charset)) return null
  return new TextDecoder(charset).decode(bytes)
}

/** The plain one of the usual two alternatives, plain text and then HTML; null where they are any other. */
function plainAlternative(type: string, raw: Uint8Array): Uint8Array | null {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s";]+))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  if (!boundary) return null
  const source = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const starts: number[] = []
  const line = `\n--${boundary}`
  for (let at = source.indexOf(line, headEnd(raw) - 1); at >= 0; at = source.indexOf(line, at + 1))
    starts.push(at)
  const [first, second, end] = starts
  if (starts.length !== 3 || first === undefined || second === undefined || end === undefined) return null
  if (source.toString('latin1', end + line.length, end + line.length + 2) !== '--') return null
  const part = (from: number, to: number) => source.subarray(source.indexOf(10, from + 1) + 1, to)
  const html = readHead(part(second, end)).header('content-type') ?? ''
  const plain = part(first, source[second - 1] === 13 ? second - 1 : second)
  const says = readHead(plain).header('content-type') ?? 'text/plain'
  return /^text\/html\b/i.test(html) && /^text\/plain\b/i.test(says) ? plain : null
}

/** Quoted-printable (RFC 2045, section 6.7) to bytes; null where something is no such encoding. */
function unquoted(body: Uint8Array): Uint8Array | null {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  const joined = text.replace(/=[ \t]*\r?\n/g, '').replace(/[ \t]+(?=\r?\n)/g, '')
  if (/=(?![0-9A-Fa-f]{2})/.test(joined)) return null
  return Buffer.from(
    joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

async function readBody(raw: Uint8Array): Promise<{ text: string; attachments: string[] }> {
  try {
    const mail = await parseWithCharsets(raw)
    // Signatures and the rest of that machinery are not something that a person attached.
    const attached = mail.attachments.filter(
      ({ mimeType }) => !/^application\/(pgp|(x-)?pkcs7)-/.test(mimeType),
    )
    return {
      text: tidy(mail.text ?? htmlToText(mail.html ?? '')),
      attachments: attached.map(({ filename, mimeType }) => filename ?? mimeType),
    }
  } catch {
    // The parser refuses hostile nesting; then the body as it stands is the best there is.
    return { text: tidy(decodeBytes(raw.subarray(headEnd(raw)), 'utf-8')), attachments: [] }
  }
}

const tidy = (text: string) => text.replace(/\r\n?/g, '\n').replaceAll('\0', '').trim()

/**
 * postal-mime takes undeclared text for UTF-8 and any charset that the platform does not know for windows-1252. The
 * first is mended by declaring windows-1252 where bytes are not UTF-8, the second by going back from windows-1252,
 * which loses nothing, to the bytes, and from there with iconv-lite.
 */
async function parseWithCharsets(raw: Uint8Array) {
  const mail = await PostalMime.parse(asciiHead(raw))
  const { text = '', html = '' } = mail
  if ((text + html).includes('\ufffd')) {
    const again = await PostalMime.parse(declareWindows1252(raw))
    // A replacement character that was in the mail itself would now read `ï¿½`.
    if (!((again.text ?? '') + (again.html ?? '')).includes('ï¿½')) return again
  }
  const odd = oddCharset(raw)
  if (odd) {
    if (mail.text !== undefined) mail.text = decodeBytes(windows1252Bytes(mail.text), odd)
    if (mail.html !== undefined) mail.html = decodeBytes(windows1252Bytes(mail.html), odd)
  }
  return mail
}

const windows1252 = new TextDecoder('windows-1252')
const codes1252 = new Map(
  Array.from({ length: 256 }, (_, code) => [windows1252.decode(Uint8Array.of(code)), code]),
)
const windows1252Bytes = (text: string) => Uint8Array.from(text, (char) => codes1252.get(char) ?? 0x3f)

/** A declared charset that the platform does not know, when all that are declared are so. */
function oddCharset(raw: Uint8Array): string | null {
  const source = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')
  const declared = [...source.matchAll(/^content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim)].flatMap(
    ([field]) => /charset\s*=\s*"?([^\s";]+)/i.exec(field)?.[1] ?? [],
  )
  if (declared.length === 0 || declared.some(isKnown)) return null
  return declared.find((charset) => iconv.encodingExists(charset)) ?? declared[0]!
}

function isKnown(charset: string): boolean {
  try {
    return Boolean(new TextDecoder(charset))
  } catch {
    // postal-mime knows a few spellings of these beside the platform's.
    return /jp|jis|euc|big5|gb\d|iso-?8859|windows-?125|cp-?125|utf-?8/i.test(charset)
  }
}

function decodeBytes(bytes: Uint8Array, charset: string): string {
  if (charset !== 'utf-8' && iconv.encodingExists(charset)) return iconv.decode(Buffer.from(bytes), charset)
  return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : windows1252.decode(bytes)
}

/** The mail with its head in UTF-8, where somebody put Latin-1 there. */
function asciiHead(raw: Uint8Array): Uint8Array {
  const end = headEnd(raw)
  if (isUtf8(raw.subarray(0, end))) return raw
  return Buffer.concat([Buffer.from(windows1252.decode(raw.subarray(0, end))), raw.subarray(end)])
}

function declareWindows1252(raw: Uint8Array): Uint8Array {
  const mended = asciiHead(raw)
  const source = Buffer.from(mended.buffer, mended.byteOffset, mended.byteLength).toString('latin1')
  const declared = source.replace(
    /^(content-type:[ \t]*(?:\r?\n[ \t]+)?text\/(?:plain|html))([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)/gim,
    (whole, type, rest) => {
      const charset = /charset\s*=\s*"?([^\s";]+)"?/i.exec(rest)?.[1] ?? 'us-ascii'
      if (!/^(?:utf-?8|us-?ascii|ascii)$/i.test(charset)) return whole
      return `${type}; charset=windows-1252${rest.replace(/;?\s*charset\s*=\s*(?:"[^"]*"|[^\s;]+)/i, '')}`
    },
  )
  const head = declared.slice(0, headEnd(mended) + 100)
  const typed = /^content-type:/im.test(head) ? '' : 'Content-Type: text/plain; charset=windows-1252\r\n'
  return Buffer.from(typed + declared, 'latin1')
}
