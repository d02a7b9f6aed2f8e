import { createHash } from 'node:crypto'
import { Fault, type Vault } from '../../contract/index.ts'

/** Where access tokens come from, and what for. */
export interface TokenSource {
  /** For messages: 'Google', 'Microsoft' or a host. */
  issuer: string
  tokenUrl: string
  clientId: string
  clientSecret?: string | undefined
  refreshToken: string
  scope?: string | undefined
  /** The account, for messages. */
  user: string
}

/** Endpoints for refreshing tokens (RFC 6749, section 6) of those who offer IMAP with XOAUTH2. */
export const tokenIssuers = {
  google: { issuer: 'Google', tokenUrl: 'https://oauth2.googleapis.com/token', scope: undefined },
  microsoft: {
    issuer: 'Microsoft',
    tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    scope: 'https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
  },
} as const

/** A token is changed for a new one this long before it ends, so that a refusal is known while the old one works. */
const earlyMs = 5 * 60 * 1000
const patienceMs = 15_000

export interface AccessToken {
  /**
   * A token that is good for some minutes. With `renew` a new one, for the server no longer takes the old one.
   * Throws a Fault: `bad-input` when the issuer refuses the refresh token, `unreachable` when it does not answer.
   */
  get(options?: { renew?: boolean }): Promise<string>
}

/**
 * Access tokens from a refresh token. A rotated refresh token (Microsoft, and Google at times) replaces the given one
 * and is kept in the vault, until another one is given.
 */
export function accessToken(source: TokenSource, vault: Vault): AccessToken {
  const given = createHash('sha256').update(source.refreshToken).digest('hex')
  let refreshToken = ''
  let current: { token: string; until: number } | null = null
  let asking: Promise<string> | null = null

  async function ask(): Promise<string> {
    const { issuer, tokenUrl, clientId, clientSecret, scope, user } = source
    refreshToken ||= await kept()
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
      ...(clientSecret && { client_secret: clientSecret }),
      ...(scope && { scope }),
    })
    const response = await fetch(tokenUrl, {
      method: 'POST',
      body: form,
      signal: AbortSignal.timeout(patienceMs),
    }).catch((cause) => {
      throw new Fault('unreachable', `${issuer} does not answer at ${tokenUrl}: ${reason(cause)}`, { cause })
    })
    const text = await response.text()
    const said = parse(text)
    if (!response.ok || typeof said.access_token !== 'string') {
      const why = String(said.error_description ?? said.error ?? text.slice(0, 200)).split(/[\r\n]/)[0]
      // 4xx with an OAuth error is a verdict on the token; anything else is the issuer's own trouble.
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        throw new Fault(
          'bad-input',
          `${issuer} no longer gives access to the mail of ${user} (${said.error ?? response.status}: ${why}); connect it again with a new refresh token.`,
        )
      }
      throw new Fault('unreachable', `${issuer} gives no access token now (${response.status}: ${why})`)
    }
    const seconds = Number(said.expires_in) || 3600
    current = { token: said.access_token, until: Date.now() + seconds * 1000 }
    if (typeof said.refresh_token === 'string' && said.refresh_token !== refreshToken) {
      refreshToken = said.refresh_token
      await vault.write('refresh token', JSON.stringify({ given, token: refreshToken }))
    }
    return said.access_token
  }

  async function kept(): Promise<string> {
    const { given: of, token } = parse((await vault.read('refresh token')) ?? '{}')
    return of === given && typeof token === 'string' ? token : source.refreshToken
  }

  return {
    async get({ renew = false } = {}) {
      if (current && !renew && Date.now() < current.until - earlyMs) return current.token
      asking ??= ask().finally(() => {
        asking = null
      })
      try {
        return await asking
      } catch (cause) {
        // The issuer may be down for a moment while the token still works.
        const usable = current && !renew && Date.now() < current.until - 5_000
        if (usable && cause instanceof Fault && cause.kind === 'unreachable') return current!.token
        throw cause
      }
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

const reason = (cause: unknown) => {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause
  return inner?.code ?? inner?.message ?? (cause as Error).message
}
