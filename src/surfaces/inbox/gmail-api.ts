import { setTimeout as sleep } from 'node:timers/promises'
import { auth, type gmail_v1, gmail as gmailClient } from '@googleapis/gmail'
import { Fault } from '../../contract/index.ts'
import type { AccessToken } from './oauth-token.ts'

export type Gmail = gmail_v1.Gmail
export type GmailMessage = gmail_v1.Schema$Message

export interface GmailApi {
  /**
   * One call. What the API wants to be tried later (429, 5xx, its rate limits) is tried later, a little more patiently
   * each time. Throws a Fault: `bad-input` when access was taken away, `unreachable` when it does not answer.
   */
  call<T>(run: (gmail: Gmail) => Promise<{ data: T }>): Promise<T>
  /** The same, with null for what is not there (any more). */
  find<T>(run: (gmail: Gmail) => Promise<{ data: T }>): Promise<T | null>
}

const tries = 5
const firstPauseMs = 250
const longestPauseMs = 15_000

/** The API with its tokens: `rootUrl` is Google's own by default. */
export function gmailApi({
  token,
  rootUrl,
  user,
}: {
  token: AccessToken
  rootUrl?: string | undefined
  user: string
}): GmailApi {
  const credentials = new auth.OAuth2()
  const gmail = gmailClient({ version: 'v1', auth: credentials, ...(rootUrl && { rootUrl }), retry: false })

  async function call<T>(run: (gmail: Gmail) => Promise<{ data: T }>): Promise<T> {
    let renewed = false
    let refusedNow = false
    for (let attempt = 0; ; attempt++) {
      const access = await token.get({ renew: refusedNow })
      refusedNow = false
      credentials.setCredentials({ access_token: access })
      try {
        return (await run(gmail)).data
      } catch (cause) {
        const status = statusOf(cause)
        if (status === 401) {
          if (renewed) {
            throw new Fault(
              'bad-input',
              `Gmail refuses access to the mail of ${user} (${wordsOf(cause)}); connect it again.`,
              { cause },
            )
          }
          renewed = true
          refusedNow = true
          continue
        }
        if (!isPassing(status, cause))
          throw status === null || status === 404 ? cause : refusal(user, status, cause)
        if (attempt >= tries - 1) throw unreachable(cause)
        await sleep(pauseFor(attempt, cause))
      }
    }
  }

  return {
    call,
    async find(run) {
      try {
        return await call(run)
      } catch (cause) {
        if (statusOf(cause) === 404) return null
        throw cause
      }
    },
  }
}

export const statusOf = (cause: unknown): number | null => {
  const { status, response } = (cause ?? {}) as { status?: number; response?: { status?: number } }
  return response?.status ?? status ?? null
}

/** Worth another try: rate limits, trouble on Google's side, a connection that was lost. */
function isPassing(status: number | null, cause: unknown): boolean {
  if (status === null) return !(cause instanceof Fault)
  if (status === 429 || status >= 500) return true
  return status === 403 && /rate ?limit|quota/i.test(wordsOf(cause))
}

function pauseFor(attempt: number, cause: unknown): number {
  const { headers } = ((cause ?? {}) as { response?: { headers?: Headers } }).response ?? {}
  const after = Number(headers?.get?.('retry-after'))
  // Spread, so that many mailboxes do not come back at the same moment.
  const growing = firstPauseMs * 2 ** attempt * (0.75 + Math.random() / 2)
  return Math.min(after > 0 ? after * 1000 : growing, longestPauseMs)
}

const wordsOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!

const refusal = (user: string, status: number, cause: unknown) =>
  new Fault(
    'bad-input',
    `Gmail refuses access to the mail of ${user} (${status}: ${wordsOf(cause)}); connect it again with the scope https://www.googleapis.com/auth/gmail.modify.`,
    { cause },
  )

const unreachable = (cause: unknown) =>
  new Fault('unreachable', `Gmail cannot be reached: ${wordsOf(cause)}; it is tried again.`, { cause })
