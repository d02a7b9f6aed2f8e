import { once } from 'node:events'
import { createServer } from 'node:http'
import { createEmulator } from 'emulate'

const client = { client_id: 'inlay.apps.example', client_secret: 'hush' }
const redirect = 'http://localhost/back'

/** A stand-in for Gmail (Vercel's emulate) with many accounts, and a door before it that a test can close. */
export interface GmailServer {
  newAccount(): Promise<GmailAccount>
  remove(): Promise<void>
}

type Answer = { status: number; headers?: Record<string, string> }

export interface GmailAccount {
  user: string
  settings: Record<string, unknown> & { refreshToken: string }
  /** Answers instead of Gmail where it says so. */
  trouble(answer: (method: string, path: string) => Answer | null): void
  /** Requests that came so far, as `GET /gmail/v1/…`. */
  requests: string[]
  /** Closes the door for good. */
  vanish(): Promise<void>
  revoke(): Promise<void>
  /** What a mail program does, past the door. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  put(mail: string, labels: string[]): Promise<{ id: string; threadId: string }>
}

export async function startGmail(accounts = 60): Promise<GmailServer> {
  const users = Array.from({ length: accounts }, (_, at) => ({
    email: `u${at}@shop.example`,
    name: `User ${at}`,
  }))
  const google = await createEmulator({
    service: 'google',
    port: 0,
    seed: { google: { users, oauth_clients: [{ ...client, name: 'Inlay', redirect_uris: [redirect] }] } },
  })
  const doors = new Set<() => Promise<void>>()
  let next = 0

  async function tokens(email: string): Promise<{ access_token: string; refresh_token: string }> {
    const form = new URLSearchParams({
      email,
      redirect_uri: redirect,
      client_id: client.client_id,
      scope: 'mail',
    })
    const callback = await fetch(`${google.url}/o/oauth2/v2/auth/callback`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    })
    const code = new URL(callback.headers.get('location')!).searchParams.get('code')!
    const ask = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
      ...client,
    })
    return (await fetch(`${google.url}/oauth2/token`, { method: 'POST', body: ask })).json() as never
  }

  return {
    async newAccount() {
      const user = users[next++]!.email
      const { access_token, refresh_token } = await tokens(user)
      const requests: string[] = []
      let trouble: Parameters<GmailAccount['trouble']>[0] = () => null
      const door = createServer(async (request, response) => {
        const { method = 'GET', url = '/' } = request
        requests.push(`${method} ${url}`)
        const pieces: Buffer[] = []
        for await (const piece of request) pieces.push(piece as Buffer)
        const instead = trouble(method, url)
        if (instead) {
          response.writeHead(instead.status, { 'content-type': 'application/json', ...instead.headers })
          response.end(JSON.stringify({ error: { code: instead.status, message: 'in a test' } }))
          return
        }
        const {
          host: _host,
          connection: _connection,
          'content-length': _length,
          ...headers
        } = request.headers
        const answer = await fetch(google.url + url, {
          method,
          headers: headers as Record<string, string>,
          ...(pieces.length > 0 && { body: Buffer.concat(pieces) }),
        })
        response.writeHead(answer.status, {
          'content-type': answer.headers.get('content-type') ?? 'text/plain',
        })
        response.end(Buffer.from(await answer.arrayBuffer()))
      })
      door.listen(0, '127.0.0.1')
      await once(door, 'listening')
      const vanish = async () => {
        doors.delete(vanish)
        door.close()
        door.closeAllConnections()
      }
      doors.add(vanish)
      const { port } = door.address() as { port: number }
      async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
        const answer = await fetch(`${google.url}/gmail/v1/users/me/${path}`, {
          method,
          headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
        return (text ? JSON.parse(text) : null) as T
      }
      return {
        user,
        requests,
        settings: {
          user,
          clientId: client.client_id,
          clientSecret: client.client_secret,
          refreshToken: refresh_token,
          pollSeconds: 0.2,
          apiUrl: `http://127.0.0.1:${port}/`,
          tokenUrl: `http://127.0.0.1:${port}/oauth2/token`,
        },
        trouble(answer) {
          trouble = answer
        },
        vanish,
        async revoke() {
          await fetch(`${google.url}/oauth2/revoke`, {
            method: 'POST',
            body: new URLSearchParams({ token: refresh_token }),
          })
        },
        call,
        put: (mail, labelIds) =>
          call('POST', 'messages', { raw: Buffer.from(mail).toString('base64url'), labelIds }),
      }
    },
    async remove() {
      for (const close of doors) await close()
      await google.close()
    },
  }
}
