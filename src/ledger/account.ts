import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { Fault } from '../contract/index.ts'

/** Whom Postgres runs as. */
export interface Account {
  uid: number
  gid: number
}

/**
 * Postgres refuses to run as root, so root lends it an unprivileged account that is there already. Null for everybody
 * else: it runs as they do.
 */
export function unprivileged(): Account | null {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }))
      const account = { uid: id('-u'), gid: id('-g') }
      if (account.uid > 0) return account
    } catch {
      // No such account: the next one.
    }
  }
  throw new Fault(
    'bad-input',
    'Postgres does not run as root, and there is neither an account "postgres" nor "nobody" to run it as; start Inlay as an ordinary user, or set DATABASE_URL.',
  )
}

/** Where things stand that must be reachable for every account. */
export function shared(): string {
  const folder = '/var/lib/inlay'
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    // Whatever the umask is.
    chmodSync(folder, 0o755)
  }
  return folder
}

/** True when the account can write into the folder, all the way from the root. */
export async function canWrite(account: Account, folder: string): Promise<boolean> {
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'cd -- "$0" && test -w .', folder], { ...account, cwd: '/' })
    return true
  } catch {
    return false
  }
}
