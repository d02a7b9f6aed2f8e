import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createEmulator } from 'emulate'
import { scopes } from '../../src/surfaces/chat/slack-manifest.ts'

const secret = 'shh'
const botUser = 'U0INLAY001'

export interface Trouble {
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Milliseconds before it is passed on. */
  slow?: number
  drop?: boolean
  /** Slack does it, and the answer is lost. */
  dropAfter?: boolean
}

/** A call of Slack's Web API as it came. */
export interface Call {
  method: string
  args: Record<string, string>
  /** When it came, by `performance.now`. */
  at: number
}

/** A note as one person sees it. */
export interface ScreenNote {
  ts: string
  channel: string
  user: string
  blocks: NoteBlock[]
}

type NoteBlock = { type?: string; elements?: { action_id?: string; value?: string; text?: unknown }[] }

export interface SlackWorkspace {
  settings: Record<string, unknown> & { token: string; apiUrl: string }
  bot: string
  channel: string
  /** Of anna, ben and cara. */
  people: Record<string, string>
  calls: Call[]
  /** The notes that stand on people's screens: until they are deleted, or Slack is loaded anew. */
  notes: ScreenNote[]
  /** What stands on the Home tab of each person who has one, by user id. */
  tabs: Map<string, NoteBlock[]>
  /** What was done with notes through their response address, by click. */
  responses: { click: string; body: Record<string, unknown> }[]
  trouble(answer: (method: string, args: Record<string, string>) => Trouble | null): void
  vanish(): Promise<void>
  /** What a person does in Slack, past the door. */
  by(
    name: string,
    method: string,
    args: Record<string, unknown>,
  ): Promise<Record<string, unknown> & { ts: string }>
  say(name: string, text: string, thread?: string): Promise<string>
  /** Where what is to become of this note is told; without one, of a note that is not there any more. */
  responseUrl(click: string, note?: ScreenNote): string
  remove(): Promise<void>
}

/**
 * A stand-in for Slack (Vercel's emulate, with its check of scopes switched on), and a door before it that a test can
 * close. The bot has the rights of the manifest and no more, and was invited to one channel, in which all people are.
 */
export async function startSlack({ strangers = 0 } = {}): Promise<SlackWorkspace> {
  const names = ['anna', 'ben', 'cara']
  const crowd = Array.from({ length: strangers }, (_, at) => `stranger-${at}`)
  const slack = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        users: [...names, ...crowd].map((name) => ({ name, email: `${name}@shop.example` })),
        channels: [{ name: 'help' }, { name: 'other' }],
        oauth_apps: [
          {
            client_id: 'inlay',
            client_secret: 'hush',
            name: 'Inlay',
            redirect_uris: ['http://localhost/back'],
            bot_id: 'B0INLAY001',
            bot_user_id: botUser,
          },
        ],
        tokens: [
          { token: 'xoxb-bot', user: botUser, bot_id: 'B0INLAY001', scopes: Object.keys(scopes) },
          ...names.map((name) => ({ token: `xoxp-${name}`, user: name })),
        ],
      },
    },
  } as never)

  async function past(token: string, method: string, args: Record<string, unknown>) {
    const answer = await fetch(`${slack.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    const said = (await answer.json()) as Record<string, unknown> & { ts: string; ok: boolean }
    if (!said.ok) throw new Error(`${method}: ${JSON.stringify(said)}`)
    return said
  }

  const people: Record<string, string> = {}
  for (const name of names) {
    people[name] = String((await past(`xoxp-${name}`, 'auth.test', {})).user_id)
  }
  const { channels } = (await past('xoxp-anna', 'conversations.list', {})) as never as {
    channels: { id: string; name: string }[]
  }
  const channel = channels.find(({ name }) => name === 'help')!.id
  await past('xoxp-anna', 'conversations.invite', { channel, users: botUser })

  const calls: Call[] = []
  const responses: SlackWorkspace['responses'] = []
  const notes: ScreenNote[] = []
  const tabs: SlackWorkspace['tabs'] = new Map()
  let trouble: Parameters<SlackWorkspace['trouble']>[0] = () => null
  const door = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString('utf8')
    const path = request.url ?? '/'
    if (path.startsWith('/response/')) {
      const [click = '', note] = path.slice(10).split('/')
      const body = JSON.parse(text) as Record<string, unknown>
      responses.push({ click, body })
      const at = notes.findIndex(({ ts }) => ts === note)
      if (body.delete_original && at >= 0) notes.splice(at, 1)
      response.writeHead(200).end('ok')
      return
    }
    const method = path.replace('/api/', '')
    const args = Object.fromEntries(new URLSearchParams(text))
    calls.push({ method, args, at: performance.now() })
    const instead = trouble(method, args)
    if (instead?.slow) await new Promise((resolve) => setTimeout(resolve, instead.slow))
    if (instead?.drop) {
      request.socket.destroy()
      return
    }
    if (instead?.status || instead?.body) {
      response.writeHead(instead.status ?? 200, { 'content-type': 'application/json', ...instead.headers })
      response.end(JSON.stringify(instead.body ?? { ok: false, error: 'in_a_test' }))
      return
    }
    const answer = await fetch(slack.url + path, {
      method: 'POST',
      headers: {
        authorization: String(request.headers.authorization ?? ''),
        'content-type': String(request.headers['content-type'] ?? 'application/json'),
      },
      body: text,
    }).catch(() => null)
    // It was closed meanwhile, at the end of a test.
    if (!answer) return void request.socket.destroy()
    const said = Buffer.from(await answer.arrayBuffer())
    const { message_ts } = method === 'chat.postEphemeral' ? JSON.parse(said.toString()) : {}
    if (message_ts) {
      const { channel = '', user = '', blocks = '[]' } = args
      notes.push({ ts: message_ts, channel, user, blocks: JSON.parse(blocks) })
    }
    if (method === 'views.publish') tabs.set(args.user_id!, JSON.parse(args.view!).blocks)
    if (instead?.dropAfter) request.socket.destroy()
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said)
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as { port: number }
  async function vanish() {
    door.close()
    door.closeAllConnections()
  }
  const by = (name: string, method: string, args: Record<string, unknown>) =>
    past(name === 'bot' ? 'xoxb-bot' : `xoxp-${name}`, method, args)
  return {
    settings: {
      token: 'xoxb-bot',
      apiUrl: `http://127.0.0.1:${port}/api/`,
      channels: ['help'],
      pollSeconds: 0.2,
      callsPerMinute: 1e6,
    },
    bot: botUser,
    channel,
    people,
    calls,
    notes,
    tabs,
    responses,
    trouble(answer) {
      trouble = answer
    },
    vanish,
    by,
    async say(name, text, thread) {
      const said = await by(name, 'chat.postMessage', {
        channel,
        text,
        ...(thread && { thread_ts: thread }),
      })
      return said.ts
    },
    responseUrl: (click, note) => `http://127.0.0.1:${port}/response/${click}/${note?.ts ?? ''}`,
    async remove() {
      await vanish()
      await slack.close()
    },
  }
}

export interface Delivery {
  port: number
  secret?: string
  /** Seconds that its clock is off. */
  skew?: number
}

export const signingSecret = secret

/** Posts to Inlay as Slack does: signed, as JSON or (clicks) as a form. Written from Slack's page, not from our code. */
export async function deliver(
  { port, secret: key = secret, skew = 0 }: Delivery,
  body: Record<string, unknown>,
): Promise<{ status: number; text: string; ms: number }> {
  const isClick = body.type === 'block_actions' || body.type === 'view_submission'
  const text = isClick
    ? new URLSearchParams({ payload: JSON.stringify(body) }).toString()
    : JSON.stringify(body)
  const timestamp = String(Math.floor(Date.now() / 1000) + skew)
  const digest = createHmac('sha256', key).update(`v0:${timestamp}:${text}`).digest('hex')
  const begun = performance.now()
  const answer = await fetch(`http://127.0.0.1:${port}/slack`, {
    method: 'POST',
    headers: {
      'content-type': isClick ? 'application/x-www-form-urlencoded' : 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${digest}`,
    },
    body: text,
  })
  return { status: answer.status, text: await answer.text(), ms: performance.now() - begun }
}

/** A person's click on a button of a note, as Slack tells of it. */
export function clickOn(
  { responseUrl }: Pick<SlackWorkspace, 'responseUrl'>,
  note: ScreenNote,
  action_id: string,
  at = 0,
): Record<string, unknown> {
  const button = note.blocks
    .flatMap(({ elements = [] }) => elements)
    .find((each) => each.action_id === action_id)
  if (!button) throw new Error(`there is no button ${action_id} in ${JSON.stringify(note.blocks)}`)
  return {
    type: 'block_actions',
    user: { id: note.user },
    response_url: responseUrl(`${action_id}-${at}`, note),
    trigger_id: 'none',
    actions: [{ action_id, value: button.value, action_ts: String(Date.now() / 1000) }],
  }
}

let events = 0

export function eventBody(event: Record<string, unknown>, team = 'T000000001') {
  return {
    type: 'event_callback',
    team_id: team,
    event_id: `Ev${events++}`,
    event_time: Math.floor(Date.now() / 1000),
    event,
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
