import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { listenFor } from '../listening.ts'
import { requestBody } from '../request-body.ts'

export interface WebhookSettings {
  port: number
  /** The address that HubSpot calls, as it stands in the app; part of what is signed. */
  url: string
  /** The app's client secret. */
  secret: string
}

/** Older, or further in the future, is not taken: a call that somebody recorded cannot be played again. */
const tolerance = 5 * 60 * 1000
const mostBytes = 1 << 20

/**
 * Whether a call comes from HubSpot: signature v3, base64 of HMAC-SHA256 of method, address, body and timestamp
 * (developers.hubspot.com, "Validating requests").
 */
export function isFromHubSpot(
  {
    method,
    url,
    body,
    signature,
    timestamp,
  }: Record<'method' | 'url' | 'body' | 'signature' | 'timestamp', string>,
  secret: string,
  now: number,
): boolean {
  const at = Number(timestamp)
  if (!/^\d{1,15}$/.test(timestamp) || Math.abs(now - at) > tolerance) return false
  const expected = createHmac('sha256', secret)
    .update(`${method}${decodedUrl(url)}${body}${timestamp}`)
    .digest()
  const given = Buffer.from(signature, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** HubSpot signs the address with these characters decoded. */
function decodedUrl(url: string): string {
  const plain: Record<string, string> = {
    '3A': ':',
    '2F': '/',
    '3F': '?',
    '40': '@',
    '21': '!',
    '24': '$',
    '27': "'",
    '28': '(',
    '29': ')',
    '2A': '*',
    '2C': ',',
    '3B': ';',
  }
  return url.replace(/%([0-9A-F]{2})/gi, (all, code: string) => plain[code.toUpperCase()] ?? all)
}

/** Keys of the records that a call is about; null where it is none of HubSpot's. */
export function keysOf(body: string, object: 'contacts' | 'deals'): string[] | null {
  try {
    const events: unknown = JSON.parse(body)
    if (!Array.isArray(events)) return null
    const type = object === 'contacts' ? 'contact' : 'deal'
    const typeId = object === 'contacts' ? '0-1' : '0-3'
    return events.flatMap((event: Record<string, unknown>) => {
      const about = String(event?.subscriptionType ?? '')
      if (!about.startsWith(`${type}.`) && !(about.startsWith('object.') && event.objectTypeId === typeId))
        return []
      const merged = Array.isArray(event.mergedObjectIds) ? event.mergedObjectIds : []
      return [event.objectId, event.primaryObjectId, ...merged].filter((id) => id != null).map(String)
    })
  } catch {
    return null
  }
}

/** Listens for HubSpot's calls while a watch runs. They only say where to look: what is there is read again. */
export async function listenForWebhooks(
  { port, url, secret }: WebhookSettings,
  object: 'contacts' | 'deals',
  now: () => number,
  wake: (keys: string[]) => void,
): Promise<() => Promise<void>> {
  const server = createServer(async (request, response) => {
    const body = await requestBody(request, mostBytes)
    const header = (name: string) => String(request.headers[name] ?? '')
    const call = {
      method: request.method ?? '',
      url,
      body: body ?? '',
      signature: header('x-hubspot-signature-v3'),
      timestamp: header('x-hubspot-request-timestamp'),
    }
    const real = body !== null && request.method === 'POST' && isFromHubSpot(call, secret, now())
    const keys = real ? keysOf(body, object) : null
    // Of a stranger's call the rest is not even read.
    response.writeHead(keys ? 204 : real ? 400 : 401, keys ? {} : { connection: 'close' }).end()
    if (keys?.length) wake(keys)
  })
  return listenFor(server, { port, what: "HubSpot's webhooks", setting: 'webhookPort' })
}
