import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../contract/index.ts'

/**
 * Seals secrets for storage with AES-256-GCM (NIST SP 800-38D): a random 96-bit nonce each time, a 128-bit tag. `about`
 * says whose secret it is and is authenticated with it, so that a sealed text moved to another place does not open.
 */
export interface Keyring {
  seal(text: string, about: string): string
  /** Fault when its key is not here, or when it was changed. */
  open(sealed: string, about: string): string
  /** Id of the key that seals now: the first 8 hex digits of the key's SHA-256. */
  current(): string
  /** Makes a new key and seals with it from now on; the earlier ones still open what they sealed. */
  rotate(): string
  /** Drops all keys but the current one. Returns how many went. */
  forget(): number
}

/** Keys from the environment: base64, 32 bytes each, parted by commas; the first one seals. */
export const keyVariable = 'INLAY_SECRET_KEY'
const fileName = 'secret-keys'

interface Key {
  id: string
  bytes: Buffer
}

/**
 * The keys of an installation: those in the environment, else those in a file of the data folder, one a line, which
 * is made (mode 0600) when something is first sealed. Read anew at each use: another process may have rotated them.
 */
export function openKeyring(folder: string, environment: NodeJS.ProcessEnv = process.env): Keyring {
  const path = join(folder, fileName)
  const given = environment[keyVariable]

  function known(): Key[] {
    return given === undefined || given === '' ? readKeys(path) : given.split(',').map(keyFrom(keyVariable))
  }
  function sealing(): Key {
    const [first] = known()
    if (first) return first
    // Whoever comes first makes it; everybody reads the same one.
    writeNew(path, [fresh()], 'if absent')
    return known()[0]!
  }
  function own(what: string): void {
    if (!given) return
    throw new Fault(
      'bad-input',
      `The keys come from ${keyVariable}, so ${what} there: put the new key first (openssl rand -base64 32), a comma, then the old ones.`,
    )
  }

  return {
    seal(text, about) {
      const { id, bytes } = sealing()
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce)
      cipher.setAAD(Buffer.from(about))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [
        'v1',
        id,
        ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')),
      ].join('.')
    },
    open(sealed, about) {
      const [version, id, ...parts] = sealed.split('.')
      const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'))
      if (version !== 'v1' || !nonce || !tag || !text || tag.length !== 16) {
        throw new Fault('bad-input', `The stored secret ${about} cannot be read; connect it again.`)
      }
      const key = known().find((each) => each.id === id)
      if (!key) {
        throw new Fault(
          'bad-input',
          `The secret ${about} was sealed with the key ${id}, which is not here; bring ${path} (or ${keyVariable}) from where it was connected, or connect it again.`,
        )
      }
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: 16 })
      decipher.setAAD(Buffer.from(about))
      decipher.setAuthTag(tag)
      try {
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
      } catch {
        throw new Fault(
          'bad-input',
          `The stored secret ${about} was changed since it was sealed; connect it again.`,
        )
      }
    },
    current: () => sealing().id,
    rotate() {
      own('rotate them')
      const key = fresh()
      writeNew(path, [key, ...known()], 'replace')
      return key.id
    },
    forget() {
      own('drop them')
      const [first, ...old] = known()
      if (first && old.length > 0) writeNew(path, [first], 'replace')
      return old.length
    },
  }
}

function fresh(): Key {
  return keyFrom(fileName)(randomBytes(32).toString('base64'))
}

function keyFrom(where: string): (text: string) => Key {
  return (text) => {
    const bytes = Buffer.from(text.trim(), 'base64')
    if (bytes.length !== 32) {
      // Never with what came: it may be a key with a slip in it.
      throw new Fault(
        'bad-input',
        `${where} takes keys of 32 bytes in base64 (openssl rand -base64 32), and one of its keys has ${bytes.length} bytes.`,
      )
    }
    return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes }
  }
}

function readKeys(path: string): Key[] {
  let text: string
  try {
    const { mode } = statSync(path)
    if (process.platform !== 'win32' && mode & 0o077) {
      throw new Fault(
        'bad-input',
        `${path} can be read by others (mode ${(mode & 0o777).toString(8)}), and it holds the keys of your secrets; run: chmod 600 ${path}`,
      )
    }
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    if (cause instanceof Fault) throw cause
    throw new Fault('bad-input', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    })
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(keyFrom(path))
}

/** Whole or not at all, and on the disk before anything is sealed with it. */
function writeNew(path: string, keys: Key[], how: 'if absent' | 'replace'): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${keys.map(({ bytes }) => bytes.toString('base64')).join('\n')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    if (how === 'replace') renameSync(draft, path)
    else linkSync(draft, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    rmSync(draft, { force: true })
  }
}
