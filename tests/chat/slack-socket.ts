import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'

/** Slack's end of Socket Mode (docs.slack.dev, "Using Socket Mode"): emulate has none. */
export interface SlackSocket {
  /** To be answered to `apps.connections.open`. */
  url: string
  /** Envelopes that were acknowledged. */
  acknowledged: string[]
  connections(): number
  send(id: string, payload: Record<string, unknown>): void
  /** Breaks the connection off, without a word. */
  cut(): void
  remove(): Promise<void>
}

export async function startSlackSocket(): Promise<SlackSocket> {
  const acknowledged: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer()
  server.on('upgrade', (request, socket: Socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    sockets.add(socket)
    connections++
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      for (const text of unmasked(bytes)) {
        acknowledged.push((JSON.parse(text) as { envelope_id: string }).envelope_id)
      }
    })
    socket.write(frame({ type: 'hello', num_connections: 1 }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `ws://127.0.0.1:${port}/link`,
    acknowledged,
    connections: () => connections,
    send(envelope_id, payload) {
      const envelope = { envelope_id, type: 'events_api', accepts_response_payload: false, payload }
      for (const socket of sockets) socket.write(frame(envelope))
    },
    cut,
    async remove() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One text frame (RFC 6455, section 5.2). */
function frame(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message))
  const head =
    text.length < 126
      ? Buffer.from([0x81, text.length])
      : Buffer.from([0x81, 126, text.length >> 8, text.length & 255])
  return Buffer.concat([head, text])
}

/** The texts of the short frames that a client sent in one piece; others are passed over. */
function* unmasked(bytes: Buffer): Iterable<string> {
  for (let at = 0; at + 6 <= bytes.length; ) {
    const length = bytes[at + 1]! & 127
    if (length > 125) return
    const mask = bytes.subarray(at + 2, at + 6)
    const text = bytes.subarray(at + 6, at + 6 + length).map((byte, index) => byte ^ mask[index % 4]!)
    if ((bytes[at]! & 15) === 1) yield Buffer.from(text).toString('utf8')
    at += 6 + length
  }
}
