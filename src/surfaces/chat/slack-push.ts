import { createServer, type IncomingMessage } from 'node:http'
import { Fault } from '../../contract/index.ts'
import { silentLogger } from './slack-calls.ts'
import { isFromSlack } from './slack-signature.ts'

/** What Slack tells: an event of a workspace, or a click; `body` as Slack sends it. */
export interface SlackPush {
  body: Record<string, unknown>
}

export interface Receiver {
  push(push: SlackPush): void
  /** The connection is there (again): what came meanwhile is to be read. */
  connected(): void
  lost(because: string): void
}

export type PushSettings =
  | { way: 'http'; port: number; secret: string; now(): number }
  | { way: 'socket'; appToken: string; apiUrl?: string | undefined }

interface Hub {
  receivers: Map<Receiver, PushSettings>
  close(): Promise<void>
}

/** One for each port and each app in this process: an app has one address, and each event goes to one socket only. */
const hubs = new Map<string, Promise<Hub>>()

/** Listens until what it returns is called. Everybody who listens with the same settings hears everything. */
export async function listenToSlack(
  settings: PushSettings,
  receiver: Receiver,
): Promise<() => Promise<void>> {
  const name = settings.way === 'http' ? `port ${settings.port}` : `socket ${settings.appToken}`
  const receivers = new Map([[receiver, settings]])
  let opening = hubs.get(name)
  if (!opening) {
    opening = settings.way === 'http' ? httpHub(settings.port, receivers) : socketHub(settings, receivers)
    hubs.set(name, opening)
    opening.catch(() => hubs.delete(name))
  }
  const hub = await opening
  hub.receivers.set(receiver, settings)
  return async () => {
    hub.receivers.delete(receiver)
    if (hub.receivers.size > 0 || hubs.get(name) !== opening) return
    hubs.delete(name)
    await hub.close()
  }
}

const mostBytes = 1 << 20

async function httpHub(port: number, receivers: Hub['receivers']): Promise<Hub> {
  const server = createServer(async (request, response) => {
    const text = request.method === 'POST' ? await bodyOf(request) : null
    const header = (name: string) => String(request.headers[name] ?? '')
    const call = {
      body: text ?? '',
      timestamp: header('x-slack-request-timestamp'),
      signature: header('x-slack-signature'),
    }
    const meant = [...receivers].filter(
      ([, settings]) =>
        text !== null && settings.way === 'http' && isFromSlack(call, settings.secret, settings.now()),
    )
    if (meant.length === 0) {
      response.writeHead(401, { connection: 'close' }).end()
      return
    }
    const body = parsed(text!)
    if (!body) {
      response.writeHead(400).end()
      return
    }
    // Slack waits for three seconds; the work comes after the answer.
    const challenge = body.type === 'url_verification' ? String(body.challenge ?? '') : ''
    response.writeHead(200, { 'content-type': 'text/plain' }).end(challenge)
    for (const [receiver] of meant) receiver.push({ body })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Fault(
          'busy',
          `Port ${port} for Slack's events cannot be used (${cause.code}); choose another with port=NUMBER.`,
        ),
      ),
    )
    server.listen(port, resolve)
  })
  return {
    receivers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Events come as JSON, clicks as a form with JSON in `payload`. */
function parsed(text: string): Record<string, unknown> | null {
  try {
    const json = text.startsWith('{') ? text : new URLSearchParams(text).get('payload')
    const body: unknown = JSON.parse(json ?? '')
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** Null where it is larger than any call of Slack's. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of request) {
      size += part.length
      if (size > mostBytes) return null
      parts.push(part)
    }
  } catch {
    return null
  }
  return Buffer.concat(parts).toString('utf8')
}

async function socketHub(
  { appToken, apiUrl }: PushSettings & { way: 'socket' },
  receivers: Hub['receivers'],
): Promise<Hub> {
  const { SocketModeReceiver } = await import('@slack/bolt')
  const { client } = new SocketModeReceiver({
    appToken,
    logger: silentLogger,
    ...(apiUrl && { installerOptions: { clientOptions: { slackApiUrl: apiUrl } } }),
  })
  const each = (tell: (receiver: Receiver) => void) => {
    for (const receiver of receivers.keys()) tell(receiver)
  }
  interface Envelope {
    ack(): Promise<void>
    body: Record<string, unknown>
  }
  client.on('slack_event', async ({ ack, body }: Envelope) => {
    await ack().catch(() => {})
    each((receiver) => receiver.push({ body }))
  })
  client.on('connected', () => each((receiver) => receiver.connected()))
  client.on('disconnected', () => each((receiver) => receiver.lost('its Socket Mode connection is down')))
  client.on('error', () => {})
  // It goes on trying by itself; what it cannot mend is said where the channels are read too.
  client.start().catch((cause: { data?: { error?: string }; message?: string }) => {
    const why = cause.data?.error ?? 'it does not answer'
    each((receiver) =>
      receiver.lost(`Slack refuses Socket Mode (${why}); copy the app-level token (xapp-) anew`),
    )
  })
  return { receivers, close: () => client.disconnect().catch(() => {}) }
}
