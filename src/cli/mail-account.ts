import { resolveMx, resolveSrv } from 'node:dns/promises'
import { connect as dial } from 'node:net'
import { connect as dialTls } from 'node:tls'
import { Fault } from '../contract/index.ts'
import { ask } from './ask.ts'

/** Where a mailbox is reached. */
export interface MailServerAt {
  host: string
  port: number
  security: 'tls' | 'starttls'
  /** What this provider wants instead of the password that people log in with. */
  hint?: string
}

const tls = (host: string, hint?: string): MailServerAt => ({
  host,
  port: 993,
  security: 'tls',
  ...(hint && { hint }),
})
const appPassword = 'an app password, from the security settings of the account'
const microsoft = tls(
  'outlook.office365.com',
  'no password: connect with --set oauth=microsoft clientId=… refreshToken=@FILE',
)
const google = tls('imap.gmail.com', appPassword)

/** Providers whose servers are not named after their domains. */
const providers: [RegExp, MailServerAt][] = [
  [/^(gmail|googlemail)\.com$/, google],
  [/^(outlook|hotmail|live|msn)\.[a-z.]+$/, microsoft],
  [/^(icloud|me|mac)\.com$/, tls('imap.mail.me.com', appPassword)],
  [/^(yahoo|ymail|rocketmail)\.[a-z.]+$/, tls('imap.mail.yahoo.com', appPassword)],
  [/^aol\.[a-z.]+$/, tls('imap.aol.com', appPassword)],
  [/^gmx\.(de|net|at|ch|org)$/, tls('imap.gmx.net')],
  [/^gmx\.(com|us|co\.uk)$/, tls('imap.gmx.com')],
  [/^web\.de$/, tls('imap.web.de')],
  [/^t-online\.de$/, tls('secureimap.t-online.de', 'the password for e-mail programs')],
  [/^(fastmail\.(com|fm)|messagingengine\.com)$/, tls('imap.fastmail.com', appPassword)],
  [/^zoho\.(com|eu)$/, tls('imap.zoho.com', appPassword)],
  [/^posteo\.[a-z]+$/, tls('posteo.de')],
  [/^(orange|wanadoo)\.fr$/, tls('imap.orange.fr')],
  [/^(yandex\.[a-z.]+|ya\.ru)$/, tls('imap.yandex.com', appPassword)],
]

/** Who receives the mail of a domain often keeps its mailboxes as well. */
const receivers: [RegExp, MailServerAt][] = [
  [/\.(google|googlemail)\.com$/, google],
  [/\.protection\.outlook\.com$/, microsoft],
  [/\.messagingengine\.com$/, tls('imap.fastmail.com', appPassword)],
  [/\.zoho\.(com|eu)$/, tls('imap.zoho.com', appPassword)],
  [/\.(kundenserver|ionos)\.(de|com)$/, tls('imap.ionos.de')],
  [/\.rzone\.de$/, tls('imap.strato.de')],
]

/** What is asked of the network; a test puts its own in place. */
export interface Asked {
  srv(name: string): Promise<{ name: string; port: number; priority: number }[]>
  mx(domain: string): Promise<{ exchange: string; priority: number }[]>
  /** Whether an IMAP server greets there. */
  greets(server: MailServerAt): Promise<boolean>
}

/**
 * The IMAP server of an address: of well-known providers by heart, else what the domain says (RFC 6186, SRV records),
 * else the provider that receives its mail, else the usual names if one of them answers. Null when nothing is found.
 */
export async function discoverServer(address: string, asked: Asked = network): Promise<MailServerAt | null> {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  if (!domain) return null
  const known = providers.find(([pattern]) => pattern.test(domain))?.[1]
  if (known) return known
  for (const [service, security] of [
    ['_imaps', 'tls'],
    ['_imap', 'starttls'],
  ] as const) {
    const found = await asked.srv(`${service}._tcp.${domain}`).catch(() => [])
    const [best] = found.filter(({ name }) => name && name !== '.').sort((a, b) => a.priority - b.priority)
    if (best) return { host: best.name, port: best.port, security }
  }
  const [exchange] = (await asked.mx(domain).catch(() => [])).sort((a, b) => a.priority - b.priority)
  const receiver = exchange && receivers.find(([pattern]) => pattern.test(exchange.exchange.toLowerCase()))
  if (receiver) return receiver[1]
  const guesses: MailServerAt[] = [`imap.${domain}`, `mail.${domain}`, domain].flatMap((host) => [
    { host, port: 993, security: 'tls' },
    { host, port: 143, security: 'starttls' },
  ])
  const answers = await Promise.all(guesses.map((guess) => asked.greets(guess).catch(() => false)))
  return guesses.find((_, at) => answers[at]) ?? null
}

const network: Asked = { srv: resolveSrv, mx: resolveMx, greets }
const patienceMs = 4_000

function greets({ host, port, security }: MailServerAt): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = security === 'tls' ? dialTls({ host, port, servername: host }) : dial({ host, port })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(patienceMs, () => end(false))
    socket.once('error', () => end(false))
    socket.once('data', (data) => end(data.toString('latin1').startsWith('* OK')))
  })
}

/**
 * The settings of a mailbox from as little as a person has in their head: the address and the password. What was given
 * stays as it is; a terminal is asked for the rest. Throws a Fault `bad-input` that says which setting is missing.
 */
export async function askMailAccount(
  given: Record<string, string>,
  asking: boolean,
  tell: (line: string) => void,
  discover: typeof discoverServer = discoverServer,
): Promise<Record<string, string>> {
  const settings = { ...given }
  settings.user ||= asking ? await ask('Your address?') : ''
  if (!settings.user) {
    throw new Fault(
      'bad-input',
      'Whose mailbox? Say --set user=anna@example.org password=@- and type the password, or put it into a file and say password=@FILE.',
    )
  }
  let hint: string | undefined
  if (!settings.host) {
    const found = await discover(settings.user)
    if (found) {
      settings.host = found.host
      settings.port ||= String(found.port)
      settings.security ||= found.security
      hint = found.hint
      tell(`The mailbox of ${settings.user} is at ${found.host}, port ${found.port} (${found.security}).`)
    } else if (asking) settings.host = await ask(`Which IMAP server keeps the mail of ${settings.user}?`)
    else {
      throw new Fault(
        'bad-input',
        `No IMAP server was found for ${settings.user}; name it with --set host=imap.example.org.`,
      )
    }
  }
  if (settings.password || settings.refreshToken) return settings
  if (!asking) {
    throw new Fault(
      'bad-input',
      `The password of ${settings.user} is missing: --set password=@FILE, or password=@- to take it from stdin${hint ? ` (${hint})` : ''}.`,
    )
  }
  settings.password = await ask(`Password${hint ? ` (${hint})` : ''}:`, { secret: true })
  return settings
}
