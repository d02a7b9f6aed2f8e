import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a stand-in model makes of a question. */
export interface StandInAnswer {
  answer: string
  sureness: number
}

export interface StandIn {
  url: string
  /** Questions that came in, refused ones included: system text and prompt, and the fields of the request. */
  asked: { system: string; prompt: string; body: Record<string, unknown> }[]
  /** How it behaves from now on. */
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

export interface Behaviour {
  /** What it says; a text is sent as it is, however wrong. */
  say(prompt: string): StandInAnswer | string
  /** Milliseconds before it answers. */
  delay?: number
  /** Tokens (of four characters) that it takes; more is refused as servers refuse it. */
  window?: number
  /** Status codes of the next answers, one after another, before it answers properly. */
  failing?: number[]
  /** Breaks the connection. */
  down?: boolean
}

/** A server on this machine that speaks OpenAI's chat completions, and Anthropic's messages, and behaves as a test says. */
export async function standIn(first: Behaviour): Promise<StandIn> {
  let behaviour = first
  const asked: StandIn['asked'] = []
  const server = createServer(async (request, response) => {
    if (behaviour.down) return void request.socket.destroy()
    const body = JSON.parse(await textOf(request)) as { messages: { role: string; content: unknown }[] }
    const said = (role: string) =>
      body.messages
        .filter((message) => message.role === role)
        .map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)))
        .join('\n')
    const { system: top } = body as { system?: unknown }
    const question = {
      system: top === undefined ? said('system') : JSON.stringify(top),
      prompt: said('user'),
      body: body as unknown as Record<string, unknown>,
    }
    asked.push(question)
    const status = behaviour.failing?.shift()
    if (status)
      return json(response, status, { error: { message: `status ${status}`, type: 'server_error' } })
    const tokens = Math.ceil((question.system.length + question.prompt.length) / 4)
    if (behaviour.window && tokens > behaviour.window) {
      const message = `This model's maximum context length is ${behaviour.window} tokens, but ${tokens} were given.`
      return json(response, 400, {
        error: { message, code: 'context_length_exceeded', type: 'invalid_request_error' },
      })
    }
    if (behaviour.delay) await new Promise((resume) => setTimeout(resume, behaviour.delay))
    const answer = behaviour.say(question.prompt)
    const content = typeof answer === 'string' ? answer : JSON.stringify(answer)
    if (request.url?.endsWith('/messages')) {
      return json(response, 200, anthropicAnswer(content, tokens, question.body))
    }
    json(response, 200, {
      id: 'stand-in',
      object: 'chat.completion',
      created: 0,
      model: 'stand-in',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
      usage: {
        prompt_tokens: tokens,
        completion_tokens: Math.ceil(content.length / 4),
        total_tokens: tokens,
      },
    })
  })
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    behave(next) {
      behaviour = next
    },
    close() {
      server.closeAllConnections()
      return new Promise((resume) => server.close(() => resume()))
    },
  }
}

/** The blocks of a prompt by what they are, in order. */
export function blocksOf(prompt: string, what: string): string[] {
  return [...prompt.matchAll(/<<<([^<>]+)>>>\n([\s\S]*?)\n<<<end>>>/g)].flatMap(([, name, text]) =>
    name === what ? [text!] : [],
  )
}

/** As Anthropic's API answers: in a text, or in the fields of the one tool that stands for the schema where it is asked so. */
function anthropicAnswer(content: string, tokens: number, body: Record<string, unknown>) {
  const tools = body.tools as { name: string }[] | undefined
  const block = tools
    ? { type: 'tool_use', id: 'toolu_1', name: tools[0]!.name, input: JSON.parse(content) }
    : { type: 'text', text: content }
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'stand-in',
    content: [block],
    stop_reason: tools ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: tokens, output_tokens: Math.ceil(content.length / 4) },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
