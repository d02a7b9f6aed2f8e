import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, type HealthKeeper } from '../../contract/index.ts'

/** Calls one method of Slack's Web API; what comes back is what Slack said, which always has `ok`. */
export interface SlackApi {
  call<T = Record<string, unknown>>(
    method: string,
    args?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<T>
}

export interface CallOptions {
  /** It must not happen twice: where nobody can tell whether it did, it is not tried again. */
  once?: boolean
}

export interface SlackApiOptions {
  token: string
  apiUrl?: string | undefined
  health: HealthKeeper
  /** Calls of one method a minute; Slack lets an app of one's own read 50 pages. */
  callsPerMinute: number
  /** Milliseconds until a call that does not answer is given up. */
  patience?: number
  /** Milliseconds before the second try; doubled each time. */
  firstWait?: number
}

const tries = 4
/** So many calls of a method may come at once before they are spread over the minute. */
const burst = 10
/** More than these seconds are not waited out inside of a call. */
const longestWait = 65
/** Methods of Slack's third tier, which are spread out. */
const spread = new Set(['conversations.history', 'conversations.replies'])

/** The error that Slack named (`channel_not_found`), where a Fault comes from one. */
export function slackError(cause: unknown): string | null {
  return (cause as { slack?: string }).slack ?? null
}

/** No connection came about, so that Slack has not heard of it. */
export function neverLeft(cause: unknown): boolean {
  return (cause as { neverLeft?: boolean }).neverLeft === true
}

/** Waits out what passes (429 with its Retry-After, 5xx, a lost connection), and says in one sentence what does not. */
export async function slackApi(options: SlackApiOptions): Promise<SlackApi> {
  const { token, apiUrl, health, callsPerMinute, patience = 20_000, firstWait = 500 } = options
  const { webApi } = await import('@slack/bolt')
  const client = new webApi.WebClient(token, {
    ...(apiUrl && { slackApiUrl: apiUrl }),
    logger: silentLogger,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: patience,
  })
  const turns = new Map<string, number>()

  async function turn(method: string): Promise<void> {
    if (!spread.has(method)) return
    const gap = 60_000 / callsPerMinute
    const now = performance.now()
    const due = Math.max(turns.get(method) ?? 0, now - burst * gap) + gap
    turns.set(method, due)
    if (due > now) await sleep(due - now)
  }

  return {
    async call<T>(method: string, args: Record<string, unknown> = {}, { once = false }: CallOptions = {}) {
      for (let attempt = 1; ; attempt++) {
        await turn(method)
        try {
          const answer = await client.apiCall(method, args)
          health.waits(null)
          return answer as T
        } catch (cause) {
          const wait = waitAfter(cause, attempt, firstWait, once)
          if (wait === null || attempt === tries || wait > longestWait) throw faultOf(cause, method)
          health.waits(`Slack, ${Math.ceil(wait)} s`)
          await sleep(wait * 1000)
        }
      }
    },
  }
}

const unconnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const codeOf = (original: ClientError['original']) => original?.cause?.code ?? original?.code ?? ''

interface ClientError {
  code?: string
  retryAfter?: number
  statusCode?: number
  data?: { error?: string; needed?: string }
  original?: Error & { code?: string; cause?: { code?: string } }
  message?: string
}

/** Seconds until another try is worth it; null where none is. */
function waitAfter(cause: unknown, attempt: number, firstWait: number, once: boolean): number | null {
  const { code, retryAfter, statusCode, data } = cause as ClientError
  const growing = (firstWait * 2 ** (attempt - 1)) / 1000
  if (retryAfter !== undefined) return retryAfter
  if (code === 'slack_webapi_request_error') return once ? null : growing
  if (statusCode !== undefined && statusCode >= 500) return once ? null : growing
  const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']
  if (data?.error && passing.includes(data.error)) return once ? null : growing
  return data?.error === 'ratelimited' ? growing : null
}

const again = 'Install the app again, copy the token anew and run: inlay connect slack'
const refusals: Record<string, string> = {
  invalid_auth: `Slack does not know the token. ${again}`,
  not_authed: `Slack does not know the token. ${again}`,
  not_allowed_token_type:
    'That is not the bot token; copy the one that begins with xoxb- (Install App in the settings of the app).',
  token_revoked: `Slack's token was revoked, or the app was removed from the workspace. ${again}`,
  token_expired: `Slack's token has expired. ${again}`,
  account_inactive: `The app was removed from the workspace, or the workspace is closed. ${again}`,
  team_disabled: 'The Slack workspace is archived; when it is opened again, Inlay goes on by itself.',
}

/** Never with the client's own message: it may quote the request. */
function faultOf(cause: unknown, method: string): Fault {
  const { retryAfter, statusCode, data, original, message } = cause as ClientError
  const named = (fault: Fault, slack: string | null) => Object.assign(fault, { slack })
  if (retryAfter !== undefined || data?.error === 'ratelimited') {
    return named(
      new Fault('busy', 'Slack asks for fewer calls for a while; it is tried again.'),
      'ratelimited',
    )
  }
  const error = data?.error
  if (error === undefined) {
    const why = statusCode ?? original?.cause?.code ?? original?.message ?? message
    const fault = new Fault('unreachable', `Slack does not answer (${method}: ${why}); it is tried again.`)
    return Object.assign(fault, { neverLeft: unconnected.has(codeOf(original)) })
  }
  if (refusals[error]) return named(new Fault('unreachable', refusals[error]), error)
  if (error === 'missing_scope') {
    const scope = data?.needed ? ` ${data.needed}` : ''
    const what = `The Slack app lacks the scope${scope}. Add it under OAuth & Permissions, install the app again, and try again.`
    return named(new Fault('bad-input', what), error)
  }
  if (error === 'is_archived') {
    return named(
      new Fault('bad-input', 'The Slack channel is archived; choose another with channels=.'),
      error,
    )
  }
  if (error === 'not_in_channel' || error === 'channel_not_found') {
    const what = 'The app is not in that Slack channel; type /invite @Inlay there, and try again.'
    return named(new Fault('bad-input', what), error)
  }
  return named(new Fault('bad-input', `Slack refuses ${method} (${error}).`), error)
}

const nothing = () => {}
/** Its client would write to stderr, with what was asked. */
export const silentLogger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => 'error' as never,
  setName: nothing,
}
