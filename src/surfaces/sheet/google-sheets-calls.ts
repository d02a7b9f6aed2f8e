import { setTimeout as sleep } from 'node:timers/promises'
import type { sheets_v4 } from '@googleapis/sheets'
import { Fault, type HealthKeeper } from '../../contract/index.ts'

export interface GoogleAccess {
  /** A service account's key file, as JSON text. */
  credentials?: string | undefined
  /** Or a person's consent (OAuth). */
  clientId?: string | undefined
  clientSecret?: string | undefined
  refreshToken?: string | undefined
  /** Where Google is reached; its own addresses otherwise. */
  url?: string | undefined
}

export interface GoogleSheetsApi {
  sheets: sheets_v4.Sheets
  /** Whom a sheet must be shared with; null where a person has given consent. */
  account: string | null
  /** Runs a call as often as it takes. */
  call<T>(what: string, kind: 'read' | 'write', act: () => Promise<{ data: T }>): Promise<T>
}

const tries = 8
/** Milliseconds before the second try, doubled each time up to a minute: Google's quotas are a minute's. */
const firstWait = 1000

/** A service account sees what is shared with it and nothing else; a person's consent is for the files they pick. */
const scopes = {
  account: ['https://www.googleapis.com/auth/spreadsheets'],
  consent: ['https://www.googleapis.com/auth/drive.file'],
}

export async function connectGoogle(access: GoogleAccess, health: HealthKeeper): Promise<GoogleSheetsApi> {
  const { AuthPlus, sheets } = await import('@googleapis/sheets')
  const google = new AuthPlus()
  const key = access.credentials === undefined ? null : readKey(access.credentials)
  const auth = key
    ? new google.JWT({ email: key.client_email, key: key.private_key, scopes: scopes.account })
    : new google.OAuth2({
        clientId: access.clientId!,
        clientSecret: access.clientSecret!,
        // An access token that is refused before its time is fetched anew, once, and the call made again.
        forceRefreshOnFailure: true,
      })
  if (!key) auth.setCredentials({ refresh_token: access.refreshToken! })
  if (access.url) {
    const token = new URL('/token', access.url)
    auth.transporter.interceptors.request.add({
      resolved: async (config) =>
        String(config.url).startsWith('https://oauth2.googleapis.com/token')
          ? { ...config, url: token }
          : config,
    })
  }
  const options = access.url ? { rootUrl: `${access.url.replace(/\/$/, '')}/` } : {}
  const api = sheets({ version: 'v4', auth: auth as never, ...options, retry: false, timeout: 60_000 })

  return {
    sheets: api,
    account: key?.client_email ?? null,
    async call(what, kind, act) {
      for (let attempt = 1; ; attempt++) {
        try {
          const { data } = await act()
          if (kind === 'read') health.read()
          health.waits(null)
          return data
        } catch (cause) {
          const wait = waitAfter(cause, attempt)
          // A write whose answer was lost may have been done: only who wrote it can tell.
          const unsure = kind === 'write' && statusOf(cause) === null
          if (wait === null || attempt === tries || unsure) {
            const fault = faultOf(cause, what, key?.client_email ?? null)
            if (fault.kind !== 'bug') health.fails(fault.message)
            throw fault
          }
          health.waits(
            statusOf(cause) === 429 ? `Google's quota, ${Math.ceil(wait / 1000)} s` : 'Google to answer',
          )
          await sleep(wait)
        }
      }
    },
  }
}

interface KeyFile {
  client_email: string
  private_key: string
  token_uri?: string
}

function readKey(text: string): KeyFile {
  let key: Partial<KeyFile & { type: string }> | null = null
  try {
    key = JSON.parse(text)
  } catch {
    // Said below, without what was given: it may be a key with a slip in it.
  }
  if (key?.client_email && key.private_key) return key as KeyFile
  throw new Fault(
    'bad-input',
    'credentials is no key file of a service account: give the whole JSON file that Google made, as credentials=@FILE.',
  )
}

function statusOf(cause: unknown): number | null {
  const { status, response, code } = cause as {
    status?: number
    code?: number | string
    response?: { status?: number }
  }
  const found = response?.status ?? status ?? (typeof code === 'number' ? code : null)
  return found ?? null
}

/** Milliseconds until another try is worth it; null where none is. */
function waitAfter(cause: unknown, attempt: number): number | null {
  const status = statusOf(cause)
  const growing = Math.min(60_000, firstWait * 2 ** (attempt - 1))
  if (status === null) return isRefusedToken(cause) ? null : Math.min(growing, 4000)
  if (status !== 429 && status < 500) return null
  const headers = (cause as { response?: { headers?: Headers | Record<string, string> } }).response?.headers
  const told = Number(headers instanceof Headers ? headers.get('retry-after') : headers?.['retry-after'])
  return Number.isFinite(told) && told > 0 ? told * 1000 : status === 429 ? growing : Math.min(growing, 4000)
}

function isRefusedToken(cause: unknown): boolean {
  return /invalid_grant|invalid_client|unauthorized_client/.test(
    `${(cause as Error).message} ${JSON.stringify((cause as { response?: { data?: unknown } }).response?.data ?? '')}`,
  )
}

function faultOf(cause: unknown, what: string, account: string | null): Fault {
  if (cause instanceof Fault) return cause
  const status = statusOf(cause)
  const said = (
    (cause as { response?: { data?: { error?: { message?: string } } } }).response?.data?.error?.message ?? ''
  ).slice(0, 300)
  if (status === 401 || isRefusedToken(cause)) {
    return new Fault(
      'unreachable',
      account
        ? `Google refuses the key of ${account}: it was deleted or has expired. Make a new one and run: inlay connect google-sheets`
        : 'Google refuses the consent: it was withdrawn or has expired. Run: inlay connect google-sheets',
    )
  }
  if (status === 403 || status === 404) {
    return new Fault(
      'unreachable',
      account
        ? `The spreadsheet cannot be reached: share it with ${account} as an editor, and check its address (Google said ${status}${said && `: ${said}`}).`
        : `The spreadsheet cannot be reached with this consent: pick it again, and check its address (Google said ${status}${said && `: ${said}`}).`,
    )
  }
  if (status === 429)
    return new Fault('busy', "Google's quota for this minute is used up; it is tried again.")
  if (status === null || status >= 500) {
    const { code, message } = cause as { code?: string; message?: string }
    return new Fault(
      'unreachable',
      `Google does not answer (${status ?? code ?? message}); it is tried again.`,
    )
  }
  return Object.assign(
    new Fault('bad-input', `Google would not ${what} (${status}): ${said || 'without a reason'}.`),
    { status },
  )
}
