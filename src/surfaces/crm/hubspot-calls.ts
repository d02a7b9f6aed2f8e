import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, type HealthKeeper } from '../../contract/index.ts'

/** Runs one call to HubSpot as often as it takes. */
export type Caller = <T>(what: string, kind: 'search' | 'other', call: () => Promise<T>) => Promise<T>

export interface CallerOptions {
  health: HealthKeeper
  /** Calls a second that the account allows; a search may take at most half of them, and four. */
  callsPerSecond: number
  /** Milliseconds until a call that does not answer is given up. */
  patience?: number
  /** Milliseconds before the second try; doubled each time. */
  firstWait?: number
}

/** Tries of a call that fails by itself, before it is a fault. */
const tries = 6
/** More than these seconds are not waited out inside of a call. */
const longestWait = 30

/** What the client throws for an answer that is none; see `exception.ts` of the client. */
interface ApiException {
  code?: number
  body?: { message?: string; category?: string; policyName?: string; context?: Record<string, string[]> }
  headers?: Record<string, string>
}

/**
 * Keeps to HubSpot's rates, waits out what passes (429 with its Retry-After, 5xx, a lost connection), and says in one
 * sentence what does not. Never with the client's own message: it quotes the request.
 */
export function calling({
  health,
  callsPerSecond,
  patience = 30_000,
  firstWait = 500,
}: CallerOptions): Caller {
  const next = { search: 0, other: 0 }
  const gap = { search: 1000 / Math.min(4, callsPerSecond / 2), other: 1000 / callsPerSecond }
  if (callsPerSecond > 1000) gap.search = 0

  async function turn(kind: 'search' | 'other'): Promise<void> {
    const now = performance.now()
    const mine = Math.max(now, next[kind])
    next[kind] = mine + gap[kind]
    if (mine > now) await sleep(mine - now)
  }

  return async (what, kind, call) => {
    for (let attempt = 1; ; attempt++) {
      await turn(kind)
      try {
        const answer = await within(call, patience)
        health.waits(null)
        return answer
      } catch (cause) {
        const again = waitAfter(cause, attempt, firstWait)
        if (again === null || attempt === tries || again.seconds > longestWait) {
          const fault = faultOf(cause, what)
          health.fails(fault.message)
          throw fault
        }
        health.waits(again.because)
        await sleep(again.seconds * 1000)
      }
    }
  }
}

async function within<T>(call: () => Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms)
  })
  return Promise.race([call(), late]).finally(() => clearTimeout(timer))
}

/** Seconds until another try is worth it; null where none is. */
function waitAfter(
  cause: unknown,
  attempt: number,
  firstWait: number,
): { seconds: number; because: string } | null {
  const { code, body, headers } = cause as ApiException
  const growing = (firstWait * 2 ** (attempt - 1)) / 1000
  if (code === 429) {
    if (body?.policyName === 'DAILY') return { seconds: 24 * 3600, because: 'the daily quota' }
    const told = Number(headers?.['retry-after'])
    const seconds = Number.isFinite(told) && headers?.['retry-after'] ? told : growing
    return { seconds, because: `HubSpot's rate limit, ${Math.ceil(seconds)} s` }
  }
  if (code === undefined) return { seconds: growing, because: 'HubSpot to answer' }
  return code >= 500 || code === 423 ? { seconds: growing, because: 'HubSpot to recover' } : null
}

export function faultOf(cause: unknown, what: string): Fault {
  if (cause instanceof Fault) return cause
  const { code, body } = cause as ApiException
  const said = (body?.message ?? '').replace(/\s+/g, ' ').slice(0, 300)
  if (code === undefined) {
    const { message, cause: deeper } = cause as Error & { cause?: { code?: string; message?: string } }
    return new Fault(
      'unreachable',
      `HubSpot does not answer (${deeper?.code ?? deeper?.message ?? message}); it is tried again.`,
    )
  }
  if (code === 401) {
    return new Fault(
      'unreachable',
      'HubSpot refuses the token: it was revoked, rotated or has expired. Copy the token of the private app anew and run: inlay connect hubspot',
    )
  }
  if (code === 403) {
    const scopes = [...(body?.context?.requiredGranularScopes ?? []), ...(body?.context?.missingScopes ?? [])]
    return new Fault(
      'bad-input',
      `HubSpot does not let the private app ${what}${scopes.length ? `; it lacks the scope ${scopes.join(' or ')}` : ''}. Add the scopes that docs/connect/hubspot.md lists, and try again.`,
    )
  }
  if (code === 429) {
    const daily = body?.policyName === 'DAILY'
    return new Fault(
      'busy',
      daily
        ? 'The daily quota of HubSpot calls of this account is used up; it goes on by itself when HubSpot renews it at midnight.'
        : 'HubSpot asks for fewer calls for a while; it is tried again.',
    )
  }
  if (code >= 500)
    return new Fault('unreachable', `HubSpot has trouble of its own (${code}); it is tried again.`)
  return Object.assign(
    new Fault('bad-input', `HubSpot would not ${what} (${code}): ${said || 'without a reason'}.`),
    {
      status: code,
    },
  )
}

/** Whether HubSpot refused the request itself, so that a smaller one may pass. */
export function isRefusal(cause: unknown): boolean {
  const status = (cause as { status?: number }).status
  return status === 400 || status === 404
}
