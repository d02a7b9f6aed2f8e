import type { Server } from 'node:http'
import { Fault } from '../contract/index.ts'

/**
 * Listens on a port for what a vendor sends; resolves to what ends it at once, open connections included.
 *
 * @param what is sent there, as in "Slack's events"
 * @param setting under which another port is chosen
 * @throws Fault of kind `busy` where the port cannot be used
 */
export async function listenFor(
  server: Server,
  { port, what, setting }: { port: number; what: string; setting: string },
): Promise<() => Promise<void>> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Fault(
          'busy',
          `Port ${port} for ${what} cannot be used (${cause.code}); choose another with ${setting}=NUMBER.`,
        ),
      ),
    )
    server.listen(port, resolve)
  })
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}
