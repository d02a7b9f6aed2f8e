import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'

/** A wire to a server that a test can cut, or leave hanging, without touching the server. */
export interface Relay {
  port: number
  /** Cuts all connections and takes no new ones. */
  cut(): Promise<void>
  /** Cuts the connections there are; new ones work. */
  drop(): void
  /** Lets bytes lie about on the way, in both directions. */
  stall(): void
  /** Ends a stall. */
  flow(): void
  /** Shows all that passes before it is passed on; what `look` gives is passed on instead. */
  spy(look: Look): void
}

export type Look = (bytes: Buffer, from: 'client' | 'server') => Buffer

export async function relayTo(port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  let stalled = false
  let look: Look = (bytes) => bytes
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      if (stalled) from.pause()
      const side = from === near ? 'client' : 'server'
      from.on('data', (bytes: Buffer) => to.write(look(bytes, side)))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    drop,
    async cut() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      drop()
      await closed
    },
    stall() {
      stalled = true
      for (const socket of sockets) socket.pause()
    },
    flow() {
      stalled = false
      for (const socket of sockets) socket.resume()
    },
    spy(given) {
      look = given
    },
  }
}
