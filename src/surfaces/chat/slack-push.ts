import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listenFor } from '../listening.ts'
import { requestBody } from '../request-body.ts'
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
    const text = request.method === 'POST' ? await requestBody(request, mostBytes) : null
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
  return { receivers, close: await listenFor(server, { port, what: "Slack's events", setting: 'port' }) }
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

/** Milliseconds before the connection is tried again: a little longer each time. */
const patience = [200, 1_000, 2_000, 5_000, 10_000, 30_000]

async function socketHub(
  { appToken, apiUrl }: PushSettings & { way: 'socket' },
  receivers: Hub['receivers'],
): Promise<Hub> {
  const { SocketModeReceiver } = await import('@slack/bolt')
  const { client } = new SocketModeReceiver({
    appToken,
    logger: silentLogger,
    // When its own second try fails, nobody can catch that, and the process ends.
    autoReconnectEnabled: false,
    installerOptions: {
      clientOptions: { retryConfig: { retries: 0 }, ...(apiUrl && { slackApiUrl: apiUrl }) },
    },
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
  let tries = 0
  let closed = false
  let timer: NodeJS.Timeout | null = null
  function again(because: string) {
    if (closed || timer) return
    each((receiver) => receiver.lost(because))
    timer = setTimeout(connect, patience[Math.min(tries++, patience.length - 1)])
  }
  function connect() {
    timer = null
    client.start().catch((cause: { data?: { error?: string } }) => {
      const error = cause?.data?.error
      again(
        error
          ? `Slack refuses Socket Mode (${error}); copy the app-level token (xapp-) anew`
          : 'Socket Mode to connect again',
      )
    })
  }
  client.on('connected', () => {
    tries = 0
    each((receiver) => receiver.connected())
  })
  client.on('disconnected', () => again('Socket Mode to connect again'))
  connect()
  return {
    receivers,
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      if (!timer) await Promise.race([client.disconnect(), sleep(1_000, undefined, { ref: false })])
    },
  }
}
