import { setTimeout as sleep } from 'node:timers/promises'
import { ImapFlow } from 'imapflow'
import { Fault } from '../../contract/index.ts'
import type { AccessToken } from './oauth-token.ts'

/** How a server is reached and who asks. */
export interface ImapAccount {
  host: string
  port: number
  security: 'tls' | 'starttls' | 'none'
  user: string
  password?: string | undefined
  token?: AccessToken | undefined
  /** A server that says nothing for so long is taken for gone, in seconds. */
  timeoutSeconds: number
}

/** One connection to the server that is opened again when it was lost. */
export interface ImapConnection {
  /**
   * The connection, logged in. `fresh` is true when it is not the one of the last call. Throws a Fault: `bad-input`
   * when the server refuses the account, at once; `unreachable` when it does not answer a few times over.
   */
  client(): Promise<{ client: ImapFlow; fresh: boolean }>
  /**
   * Runs `work`, once more on a new connection when this one is lost under it. Whatever `work` does must be safe to be
   * done twice. An error of the connection ends as a Fault of kind `unreachable`.
   */
  use<T>(work: (client: ImapFlow, fresh: boolean) => Promise<T>): Promise<T>
  /** Called with each new connection, before it is handed out. */
  onOpen(listen: (client: ImapFlow) => void): void
  close(): Promise<void>
}

/** Pauses between tries to open a lost connection, in milliseconds; whoever opened the surface tries on after them. */
const pauses = [150, 400, 900]

export function imapConnection(
  account: ImapAccount,
  { closeAfterMs }: { closeAfterMs?: number } = {},
): ImapConnection {
  let uses = 0
  let idle: NodeJS.Timeout | undefined
  let open: ImapFlow | null = null
  let opening: Promise<ImapFlow> | null = null
  let closed = false
  const listeners: Array<(client: ImapFlow) => void> = []

  async function connect(): Promise<ImapFlow> {
    for (let attempt = 0; ; attempt++) {
      try {
        const client = await login(account)
        if (closed) {
          client.close()
          throw new Fault('unreachable', 'The mailbox was closed.')
        }
        for (const listen of listeners) listen(client)
        open = client
        return client
      } catch (cause) {
        if (cause instanceof Fault) throw cause
        if (attempt >= pauses.length || closed) throw unreachable(account, cause)
        await sleep(pauses[attempt])
      }
    }
  }

  async function client() {
    // Asked each time: a token that can no longer be renewed is to be told while the connection still stands.
    await account.token?.get()
    if (open?.usable) return { client: open, fresh: false }
    opening ??= connect().finally(() => {
      opening = null
    })
    return { client: await opening, fresh: true }
  }

  async function use<T>(work: (client: ImapFlow, fresh: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const found = await client()
      try {
        return await work(found.client, found.fresh || attempt > 0)
      } catch (cause) {
        if (cause instanceof Fault) throw cause
        const lost = !found.client.usable || isConnectionError(cause)
        if (!lost) throw asFault(account, cause)
        found.client.close()
        if (attempt >= 1 || closed) throw unreachable(account, cause)
      }
    }
  }

  /** Nothing has been asked for a while: the next use opens it again. */
  function rest() {
    const last = open
    open = null
    void last?.logout().catch(() => {})
  }

  return {
    client,
    async use(work) {
      uses++
      clearTimeout(idle)
      try {
        return await use(work)
      } finally {
        uses--
        if (closeAfterMs !== undefined && uses === 0) idle = setTimeout(rest, closeAfterMs).unref()
      }
    },
    onOpen: (listen) => void listeners.push(listen),
    async close() {
      closed = true
      clearTimeout(idle)
      const last = open
      open = null
      if (!last?.usable) return last?.close()
      // A server that does not answer is not waited for.
      await Promise.race([last.logout().catch(() => {}), sleep(300, undefined, { ref: false })])
      last.close()
    },
  }
}

async function login(account: ImapAccount): Promise<ImapFlow> {
  const { token } = account
  try {
    return await attempt(account, await token?.get())
  } catch (cause) {
    if (!isRefusal(cause)) throw cause
    // The server may know before its time that a token has ended.
    if (token) {
      try {
        return await attempt(account, await token.get({ renew: true }))
      } catch (again) {
        if (!isRefusal(again)) throw again
      }
    }
    const { responseText, message } = cause as { responseText?: string; message: string }
    const what = token ? 'the access token' : 'the password'
    throw new Fault(
      'bad-input',
      `${account.host} refuses ${what} of ${account.user} ("${responseText ?? message}"); connect it again with one that works${token ? '' : ' (many providers want an app password)'}.`,
      { cause },
    )
  }
}

async function attempt(
  { host, port, security, user, password, timeoutSeconds }: ImapAccount,
  accessToken: string | undefined,
): Promise<ImapFlow> {
  const client = new ImapFlow({
    host,
    port,
    secure: security === 'tls',
    ...(security !== 'tls' && { doSTARTTLS: security === 'starttls' }),
    auth: { user, ...(accessToken ? { accessToken } : { pass: password ?? '' }) },
    logger: false,
    // The watch idles by itself: imapflow would begin only when all has been quiet for a while.
    disableAutoIdle: true,
    qresync: true,
    clientInfo: { name: 'Inlay' },
    connectionTimeout: timeoutSeconds * 1000,
    greetingTimeout: timeoutSeconds * 1000,
    socketTimeout: timeoutSeconds * 1000,
    // No mail is read beyond a megabyte or so; a server that announces more is broken or hostile.
    maxLiteralSize: 64 << 20,
  })
  // Without a listener, an error that comes while nothing runs would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (cause) {
    client.close()
    throw cause
  }
}

const isRefusal = (cause: unknown) =>
  cause !== null &&
  typeof cause === 'object' &&
  'authenticationFailed' in cause &&
  Boolean(cause.authenticationFailed)

const isConnectionError = (cause: unknown) =>
  /^(E[A-Z]+|NoConnection|ConnectionClosed|ClosedAfter\w+|LineTooLarge|LiteralTooLarge|CONNECT_TIMEOUT)$/.test(
    (cause as { code?: string }).code ?? '',
  )

/** An answer of the server that nobody foresaw, in its own words. */
function asFault({ host }: ImapAccount, cause: unknown): Error {
  const { responseText, executedCommand } = cause as { responseText?: string; executedCommand?: string }
  if (!responseText) return cause as Error
  const command = executedCommand?.replace(/^\S+ /, '').split(' ').slice(0, 2).join(' ')
  return new Fault('unreachable', `${host} answers "${responseText}" to ${command}`, { cause })
}

function unreachable({ host, port }: ImapAccount, cause: unknown): Fault {
  const { code = '', message } = cause as { code?: string; message: string }
  const why = /CERT|SELF_SIGNED|ALTNAME|VERIFY/.test(code)
    ? `its certificate cannot be trusted (${code})`
    : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? 'there is no such host'
      : code === 'ECONNREFUSED'
        ? 'nothing listens there'
        : /TIMEOUT/i.test(code)
          ? 'it does not answer'
          : /wrong version number|packet length/i.test(message)
            ? `it speaks no TLS on this port; try security=starttls and port=143`
            : message
  return new Fault(
    'unreachable',
    `The mail server ${host}:${port} cannot be reached: ${why}; check the host and whether it runs.`,
    { cause },
  )
}
