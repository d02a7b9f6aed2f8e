import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, connect as dial } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ImapFlow } from 'imapflow'
import SMTPConnection from 'nodemailer/lib/smtp-connection'

/** A real mail server of a test's own, on ports of its own, with an account for every name that logs in. */
export interface MailServer {
  name: 'dovecot' | 'cyrus'
  port: number
  /** Its folder, where a test may look into the files. */
  folder: string
  /** Settings of the surface for an account. */
  settings(user: string): { host: string; port: number; user: string; password: string; me: string[] }
  /** A mail program of its own: not Inlay's connection. */
  client(user: string): Promise<ImapFlow>
  /** Delivers as a mail transfer agent does. */
  deliver(user: string, mail: string): Promise<void>
  /** Stops all of its processes where they are, and lets them go on. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
  /** Starts it again on the same ports and files. */
  start(): Promise<void>
  /** Stops it and removes its files. */
  remove(): Promise<void>
}

/** Root is refused by mail servers, which then run as this user. */
export const mailUser = process.getuid?.() === 0 ? 'nobody' : userInfo().username
export const mailGroup = process.getuid?.() === 0 ? 'nogroup' : null
const nobody = 65534

export const password = 'correct-horse'

/** A folder that the server's user may write. The path is short, for it holds sockets. */
export async function serverFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  await handOver(folder)
  return folder
}

/** Gives files that a test made to the user that the server runs as. */
export async function handOver(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  await chown(folder, nobody, nobody)
  for (const entry of await readdir(folder, { recursive: true }))
    await chown(join(folder, entry), nobody, nobody)
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

export interface Program {
  name: MailServer['name']
  folder: string
  port: number
  lmtpPort: number
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
  /** The account name as the server's delivery knows it. */
  recipient(user: string): string
}

/** Runs a mail server's program until it is removed; it is ready when it greets. */
export async function runServer(program: Program): Promise<MailServer> {
  const { name, folder, port, lmtpPort } = program
  let child: ChildProcess | null = null
  let said = ''

  async function start() {
    // A process group of its own, for these programs start many others.
    const started = spawn(program.command, program.args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...program.env },
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000)
      })
    }
    const deadline = Date.now() + 90_000
    while (!(await greets(port))) {
      if (started.exitCode !== null || Date.now() > deadline)
        throw new Error(`${name} did not start: ${said}`)
      await sleep(30)
    }
  }
  async function signal(what: NodeJS.Signals) {
    const pid = child?.pid
    if (pid === undefined) return
    for (const each of await family(pid)) {
      try {
        process.kill(each, what)
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  async function stop() {
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const all = await family(ending.pid!)
    const killAll = () => {
      for (const each of all) {
        try {
          process.kill(each, 'SIGKILL')
        } catch {
          // It went with its parent.
        }
      }
    }
    const gone = once(ending, 'exit')
    ending.kill('SIGTERM')
    // Now and then Cyrus waits for ever for a child that is gone.
    const impatient = setTimeout(killAll, 10_000)
    await gone
    clearTimeout(impatient)
    killAll()
    child = null
  }
  await start()

  return {
    name,
    port,
    folder,
    settings: (user) => ({
      host: '127.0.0.1',
      port,

      user,
      password,
      me: [`${user}@shop.example`],
    }),
    async client(user) {
      const auth = { user, pass: password }
      const client = new ImapFlow({
        host: '127.0.0.1',
        port,
        secure: false,
        auth,
        logger: false,
        disableAutoIdle: true,
      })
      client.on('error', () => {})
      await client.connect()
      return client
    },
    deliver: (user, mail) => deliverLmtp(lmtpPort, program.recipient(user), mail),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    stop,
    start,
    async remove() {
      await signal('SIGCONT')
      await stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function greets(port: number): Promise<boolean> {
  const socket = dial(port, '127.0.0.1')
  try {
    const greeting = await Promise.race([
      once(socket, 'data').then(([data]) => String(data)),
      sleep(2000, ''),
    ])
    return greeting.startsWith('* OK')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A process and all that came from it. */
async function family(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises')
  const parents = new Map<number, number>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const all = [pid]
  for (const each of all) for (const [child, parent] of parents) if (parent === each) all.push(child)
  return all
}

async function deliverLmtp(port: number, to: string, mail: string): Promise<void> {
  const connection = new SMTPConnection({
    host: '127.0.0.1',
    port,
    lmtp: true,
    ignoreTLS: true,
    logger: false,
  })
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject)
    connection.connect(() => {
      connection.send({ from: 'bob@customer.example', to: [to] }, mail, (error) =>
        error ? reject(error) : resolve(),
      )
    })
  })
  connection.quit()
}
