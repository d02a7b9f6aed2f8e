import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { Fault } from '../contract/index.ts'
import { type Account, canWrite, shared, unprivileged } from './account.ts'
import { postgresFor } from './binaries.ts'
import { exists, startOf } from './process.ts'

export interface PostgresOptions {
  /** For tests: fast, and not safe against power cuts. */
  unsafe?: boolean
}

export interface RunningPostgres {
  url: string
  /** Lets open statements fail, writes everything down, and waits until it is gone. */
  stop(): Promise<void>
}

/** Longest path of a Unix socket, with room for the file's name (macOS 104, Linux 108, both with a closing NUL). */
const socketFolderLimit = 103 - '/.s.PGSQL.5432.lock'.length

/**
 * Starts the Postgres of a data folder (in `<folder>/postgres`, made at the first start), or adopts the one that a
 * killed Inlay left running. It listens on a private Unix socket only. Faults: one sentence with what Postgres itself
 * said last.
 */
export async function startPostgres(folder: string, options: PostgresOptions = {}): Promise<RunningPostgres> {
  const account = unprivileged()
  const home = await homeOf(resolve(folder), account)
  const native = await postgresFor(account)
  const password = await makeCluster(home, native, account, options)
  for (let attempt = 1; ; attempt++) {
    const running = await adopt(home, password)
    if (running) return running
    const started = await launch(home, native, account, password, options)
    if ('url' in started) return started
    // Somebody else was faster, or children of a killed Postgres are still letting go of its memory.
    const passing = /lock file .* already exists|pre-existing shared memory|is another postmaster/.test(
      started.because,
    )
    if (!passing || attempt === 20) throw failed('does not start', started.because, home)
    await sleep(500)
  }
}

/** The address of the Postgres of a data folder while it runs (started by another process, say); null otherwise. */
export async function runningPostgres(folder: string): Promise<string | null> {
  const home = pointedTo(join(resolve(folder), 'postgres'))
  try {
    const url = urlOf(home, readFileSync(join(home, 'password'), 'utf8'))
    return url && (await answers(url)) === true ? url : null
  } catch {
    return null
  }
}

/** Stops the Postgres of a data folder if it runs, whoever started it. */
export async function stopPostgres(folder: string): Promise<void> {
  const home = pointedTo(join(resolve(folder), 'postgres'))
  const lock = lockOf(home)
  if (lock) await stop(home, lock.pid, lock.socketFolder)
}

/** Stops the Postgres of a data folder and deletes it with everything in it, wherever it stands. */
export async function removePostgres(folder: string): Promise<void> {
  await stopPostgres(folder)
  const own = join(resolve(folder), 'postgres')
  rmSync(pointedTo(own), { recursive: true, force: true })
  rmSync(own, { recursive: true, force: true })
}

const failed = (what: string, because: string, home: string) =>
  new Fault(
    'unreachable',
    `The Postgres in "${home}" ${what}: ${because || 'it said nothing'}${
      existsSync(join(home, 'log')) ? `; its log is "${join(home, 'log')}"` : ''
    }.`,
  )

/** The folder that holds the cluster: `own`, or where a pointer in it says. */
function pointedTo(own: string): string {
  try {
    return readFileSync(join(own, 'elsewhere'), 'utf8').trim()
  } catch {
    return own
  }
}

/**
 * Makes the folder that holds the cluster. Where the account that Postgres runs as cannot reach the data folder (it
 * is below /root, say), it is a folder elsewhere, and the data folder holds a pointer to it.
 */
async function homeOf(folder: string, account: Account | null): Promise<string> {
  const own = join(folder, 'postgres')
  try {
    mkdirSync(folder, { recursive: true })
    mkdirSync(own, { recursive: true, mode: 0o700 })
    const home = pointedTo(own)
    if (home !== own) {
      if (existsSync(home)) return home
      throw new Fault(
        'bad-input',
        `The data folder "${folder}" says that its Postgres is in "${home}", but that is not there; restore it, or remove "${join(own, 'elsewhere')}" to begin with an empty one.`,
      )
    }
    if (!account) return own
    chownSync(own, account.uid, account.gid)
    if (await canWrite(account, own)) return own
    // What is temporary stays where such things are cleared away.
    const below = (parent: string) => folder.startsWith(realpathSync(parent) + sep)
    const parent = below(tmpdir()) ? tmpdir() : shared()
    const elsewhere = mkdtempSync(join(parent, `inlay-${basename(folder)}-`))
    chownSync(elsewhere, account.uid, account.gid)
    if (!(await canWrite(account, elsewhere)))
      throw new Error(`neither "${own}" nor "${elsewhere}" can be reached by the account ${account.uid}`)
    writeWhole(join(own, 'elsewhere'), elsewhere)
    return elsewhere
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('bad-input', `The data folder "${folder}" cannot be used: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}

/** A file that is there with all its content or not at all. */
function writeWhole(file: string, text: string, account: Account | null = null): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  if (account) chownSync(draft, account.uid, account.gid)
  renameSync(draft, file)
}

const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }

/** Makes the cluster at the first start: beside its place, then renamed. Returns its password. */
async function makeCluster(
  home: string,
  native: string,
  account: Account | null,
  { unsafe }: PostgresOptions,
): Promise<string> {
  const passwordFile = join(home, 'password')
  const data = join(home, 'data')
  if (!existsSync(passwordFile)) {
    if (existsSync(data))
      throw new Fault(
        'bad-input',
        `The password of the Postgres in "${home}" is gone: restore "${passwordFile}".`,
      )
    writeWhole(passwordFile, randomBytes(24).toString('base64url'), account)
  }
  const password = readFileSync(passwordFile, 'utf8')
  if (existsSync(data)) return password
  for (const left of readdirSync(home)) {
    const pid = Number(/^half-made-(\d+)$/.exec(left)?.[1])
    if (pid && !exists(pid)) rmSync(join(home, left), { recursive: true, force: true })
  }
  const half = join(home, `half-made-${process.pid}`)
  const settings = ['--username=inlay', '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256']
  try {
    rmSync(half, { recursive: true, force: true })
    await promisify(execFile)(
      join(native, 'bin', 'initdb'),
      [
        `--pgdata=${half}`,
        `--pwfile=${passwordFile}`,
        ...settings,
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(unsafe ? ['--no-sync'] : []),
      ],
      { ...account, cwd: '/', env: environment },
    )
    renameSync(half, data)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (existsSync(data)) return password
    const { stderr = '', message } = error as { stderr?: string; message: string }
    throw failed('could not be made', lastLine(stderr) || message.split('\n')[0]!, home)
  }
  return password
}

/** What Postgres says last that is a complaint, without the time in front of it. */
function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const complaint =
    lines.findLast((line) => /FATAL|PANIC|error|ERROR|could not/.test(line)) ?? lines.at(-1) ?? ''
  return complaint
    .replace(/^.*?(FATAL|PANIC|ERROR|LOG):\s*/, '')
    .trim()
    .replace(/\.$/, '')
}

interface Lock {
  pid: number
  socketFolder: string
}

/** `postmaster.pid`: process, data folder, start, port, folder of the socket, … (miscadmin.h) */
function lockOf(home: string): Lock | null {
  try {
    const lines = readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), socketFolder: lines[4]?.trim() ?? '' }
  } catch {
    return null
  }
}

function urlOf(home: string, password: string): string | null {
  const folder = lockOf(home)?.socketFolder
  return folder ? `postgres://inlay:${password}@localhost/postgres?host=${encodeURIComponent(folder)}` : null
}

/** True when it answers, else why not. */
async function answers(url: string): Promise<true | string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch (error) {
    return (error as Error).message
  } finally {
    await client.end().catch(() => {})
  }
}

/** False only when that process is certainly something else that was given the number of a dead Postgres. */
function isPostgresOf(home: string, pid: number): boolean {
  if (startOf(pid) === null) return false
  try {
    // Postgres works in its data folder.
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(join(home, 'data'))
  } catch {
    // No /proc here, or it has just ended: the next look tells.
    return startOf(pid) !== null
  }
}

/** Takes over the Postgres of this folder that is there already; clears up after one that is not. */
async function adopt(home: string, password: string): Promise<RunningPostgres | null> {
  const until = Date.now() + 60_000
  for (;;) {
    const lock = lockOf(home)
    if (!lock) return null
    if (!isPostgresOf(home, lock.pid)) {
      rmSync(join(home, 'data', 'postmaster.pid'), { force: true })
      return null
    }
    const url = urlOf(home, password)
    const answer = url ? await answers(url) : 'it is starting'
    if (url && answer === true) return { url, stop: () => stop(home, lock.pid, lock.socketFolder) }
    // It starts, recovers or shuts down: each ends by itself.
    if (Date.now() > until) throw failed('runs but does not answer', String(answer), home)
    await sleep(100)
  }
}

/** Where the socket is: in the cluster's own folder, or, when that path is too long for a socket, in a short one. */
function socketFolderOf(home: string, account: Account | null): string {
  const own = join(home, 'socket')
  if (Buffer.byteLength(own) <= socketFolderLimit) {
    mkdirSync(own, { recursive: true, mode: 0o700 })
    if (account) chownSync(own, account.uid, account.gid)
    return own
  }
  const short = mkdtempSync(shortFolder)
  chmodSync(short, 0o700)
  if (account) chownSync(short, account.uid, account.gid)
  return short
}

const shortFolder = '/tmp/inlay-socket-'

function removeShort(socketFolder: string): void {
  if (socketFolder.startsWith(shortFolder)) rmSync(socketFolder, { recursive: true, force: true })
}

async function launch(
  home: string,
  native: string,
  account: Account | null,
  password: string,
  { unsafe }: PostgresOptions,
): Promise<RunningPostgres | { because: string }> {
  const socketFolder = socketFolderOf(home, account)
  const settings: Record<string, string | number> = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    log_timezone: 'UTC',
    // A container may give only a little shared memory, and our statements are short.
    max_parallel_workers_per_gather: 0,
    jit: 'off',
    // One statement may touch every month of many years.
    max_locks_per_transaction: 256,
    // Writers that wait for each other are told so sooner than after a second; looking costs next to nothing.
    deadlock_timeout: '200ms',
    // After a crash: one call instead of one for each file.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    ...(unsafe
      ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: 300 }
      : {}),
  }
  const log = join(home, 'log')
  if (existsSync(log) && statSync(log).size > 5_000_000) renameSync(log, `${log}.old`)
  const output = openSync(log, 'a', 0o600)
  const from = statSync(log).size
  const said = () => readFileSync(log).subarray(from).toString()
  let child: ChildProcess
  try {
    child = spawn(
      join(native, 'bin', 'postgres'),
      [
        '-D',
        join(home, 'data'),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      // Its own group: Ctrl-C in a terminal is for Inlay, which then stops it in good order.
      { ...account, cwd: '/', env: environment, stdio: ['ignore', output, output], detached: true },
    )
  } finally {
    closeSync(output)
  }
  child.unref()
  let ended = false
  let trouble = ''
  child.on('error', (error) => {
    ended = true
    trouble = error.message
  })
  child.on('exit', () => {
    ended = true
  })
  for (;;) {
    if (ended) {
      removeShort(socketFolder)
      return { because: trouble || lastLine(said()) }
    }
    // The eighth line of the lock file says "ready" as soon as it takes connections; then it must really answer.
    if (statusOf(home) === 'ready' && lockOf(home)?.pid === child.pid) {
      const url = urlOf(home, password)!
      const answer = await answers(url)
      if (answer === true) return { url, stop: () => stop(home, child.pid!, socketFolder) }
      if (!ended) {
        process.kill(child.pid!, 'SIGINT')
        return { because: answer }
      }
    }
    await sleep(10)
  }
}

function statusOf(home: string): string {
  try {
    return (
      readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8')
        .split('\n')[7]
        ?.trim() ?? ''
    )
  } catch {
    return ''
  }
}

/** Fast shutdown; the hard way when it takes longer than half a minute (the next start recovers). */
async function stop(home: string, pid: number, socketFolder: string): Promise<void> {
  const gone = () => !isPostgresOf(home, pid)
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name)
    } catch {
      // It ended meanwhile.
    }
  }
  if (!gone()) {
    signal('SIGINT')
    const began = Date.now()
    while (!gone()) {
      if (Date.now() - began > 30_000) signal('SIGQUIT')
      if (Date.now() - began > 40_000) throw failed('does not stop', `process ${pid} is still there`, home)
      await sleep(10)
    }
  }
  removeShort(socketFolder)
}
