import { z } from 'zod'
import {
  type Deployment,
  Fault,
  type Health,
  type Opened,
  type Place,
  type Placed,
  type Surface,
  type Vault,
} from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import type { Keyring } from './keyring.ts'

/** How a secret setting is stored; a plain one is a string. */
interface Sealed {
  sealed: string
}

type Settings = Record<string, unknown>

const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && typeof (value as Sealed).sealed === 'string'

/** The settings of a surface that are declared with `.meta({ secret: true })`. */
export function secretFields({ settings }: Surface): string[] {
  const schema = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { secret?: boolean }>
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => (field.secret ? [name] : []))
}

/** Whose a secret is: authenticated with it, and told when it cannot be opened. */
const ofSetting = (id: string, field: string) => `"${field}" of ${id}`
const ofVault = (id: string, name: string) => `"${name}" in the vault of ${id}`

/** The deployment as it may be stored. What is sealed already stays as it is. */
export function sealSettings(deployment: Deployment, surface: Surface, keyring: Keyring): Deployment {
  return mapSecrets(deployment, surface, (value, about) =>
    typeof value === 'string' ? { sealed: keyring.seal(value, about) } : value,
  )
}

/** The deployment as its surface takes it. What is plain already stays as it is. */
export function openSettings(deployment: Deployment, surface: Surface, keyring: Keyring): Deployment {
  return mapSecrets(deployment, surface, (value, about) =>
    isSealed(value) ? keyring.open(value.sealed, about) : value,
  )
}

/** The deployment as it may be shown. */
export function hideSettings(deployment: Deployment, surface: Surface): Deployment {
  return mapSecrets(deployment, surface, () => '•••')
}

function mapSecrets(
  deployment: Deployment,
  surface: Surface,
  change: (value: unknown, about: string) => unknown,
): Deployment {
  const settings = { ...(deployment.settings as Settings | null) }
  for (const field of secretFields(surface)) {
    if (settings[field] != null) settings[field] = change(settings[field], ofSetting(deployment.id, field))
  }
  return { ...deployment, settings }
}

/** What a surface keeps for itself in secret, sealed in the ledger. */
export function vaultOf(id: string, ledger: Ledger, keyring: Keyring): Vault {
  return {
    async read(name) {
      const sealed = await ledger.sealed(id, name)
      return sealed === null ? null : keyring.open(sealed, ofVault(id, name))
    },
    write: (name, value) => ledger.saveSealed(id, name, keyring.seal(value, ofVault(id, name))),
  }
}

/**
 * Seals everything that is stored with the keyring's current key. Returns how many secrets there were.
 *
 * @param surfaces by name; the secrets of one that is not there any more stay as they are
 */
export async function resealAll(
  ledger: Ledger,
  surfaces: Record<string, Surface>,
  keyring: Keyring,
): Promise<number> {
  let count = 0
  for (const stored of await ledger.deployments()) {
    const surface = surfaces[stored.surface]
    if (!surface) continue
    const opened = openSettings(stored, surface, keyring)
    const own = secretFields(surface).filter((field) => (stored.settings as Settings | null)?.[field] != null)
    if (own.length > 0) await ledger.saveDeployment(sealSettings(opened, surface, keyring))
    count += own.length
  }
  for (const { deployment, name, sealed } of await ledger.allSealed()) {
    const about = ofVault(deployment, name)
    await ledger.saveSealed(deployment, name, keyring.seal(keyring.open(sealed, about), about), sealed)
    count++
  }
  return count
}

/** Takes secrets out of what is told: errors of clients like to quote the request that failed. */
export interface Censor {
  add(secret: string): void
  text(text: string): string
  /** The same error, without them. */
  error(cause: unknown): unknown
}

/** Shorter ones would tear holes into plain words. */
const shortest = 6

export function censoring(secrets: Iterable<string>): Censor {
  const all = new Set<string>()
  const add = (secret: string) => {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      if (form.length >= shortest) all.add(form)
    }
    for (const part of passwordsIn(secret)) if (part.length >= shortest) all.add(part)
    // A client quotes one field of a key file, not the whole of it.
    if (secret.trimStart().startsWith('{')) for (const part of partsOf(secret)) add(part)
  }
  for (const secret of secrets) add(secret)
  const text = (said: string) => {
    let clean = said
    for (const secret of all) clean = clean.replaceAll(secret, '•••')
    return clean
  }
  return {
    add,
    text,
    error(cause) {
      if (!(cause instanceof Error)) return typeof cause === 'string' ? text(cause) : cause
      const message = text(cause.message)
      if (cause instanceof Fault && cause.cause === undefined && message === cause.message) return cause
      // Without its cause, which may hold a request with its headers.
      const clean = cause instanceof Fault ? new Fault(cause.kind, message) : new Error(message)
      clean.stack = text(cause.stack ?? message)
      return clean
    },
  }
}

/** The password in an address, as it stands there and as it is meant. */
function passwordsIn(address: string): string[] {
  const password = URL.canParse(address) ? new URL(address).password : ''
  return password === '' ? [] : [password, decodeURIComponent(password)]
}

function partsOf(json: string): string[] {
  try {
    return Object.entries(JSON.parse(json) as Settings).flatMap(([name, value]) =>
      typeof value === 'string' && /key|secret|token|password/i.test(name) ? [value] : [],
    )
  } catch {
    return []
  }
}

/** The same place, whose errors and refusals hold no secret, whatever it can do. */
export function censoredPlace(place: Place, censor: Censor): Place {
  return new Proxy(place, {
    get(target, name) {
      const value = Reflect.get(target, name)
      return typeof value === 'function'
        ? (...given: unknown[]) => censoredAnswer(() => value.apply(target, given), censor)
        : value
    },
  })
}

function censoredAnswer(ask: () => unknown, censor: Censor): unknown {
  try {
    const answer = ask()
    if (isStream(answer)) return censoredStream(answer, censor)
    return answer instanceof Promise
      ? answer.then(
          (given) => censoredRefusal(given, censor),
          (cause) => Promise.reject(censor.error(cause)),
        )
      : answer
  } catch (cause) {
    throw censor.error(cause)
  }
}

const isStream = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

function censoredRefusal(given: unknown, { text }: Censor): unknown {
  const { placed, because } = (given ?? {}) as Partial<Placed & { because: string }>
  return placed === false && because !== undefined ? { placed, because: text(because) } : given
}

async function* censoredStream(source: AsyncIterable<unknown>, censor: Censor): AsyncGenerator<unknown> {
  try {
    yield* source
  } catch (cause) {
    throw censor.error(cause)
  }
}

/** Opens the surface so that nothing it throws holds a secret. */
export async function openCensored(open: () => Promise<Opened>, censor: Censor): Promise<Opened> {
  try {
    return await open()
  } catch (cause) {
    throw censor.error(cause)
  }
}

/** Whatever goes through the vault is a secret too. */
export function censoredVault(vault: Vault, censor: Censor): Vault {
  return {
    async read(name) {
      const value = await vault.read(name)
      if (value !== null) censor.add(value)
      return value
    },
    async write(name, value) {
      censor.add(value)
      await vault.write(name, value)
    },
  }
}

export function censoredHealth(health: Health, { text }: Censor): Health {
  const said = (each: { what: string; at: number } | null) => each && { ...each, what: text(each.what) }
  return {
    ...health,
    saw: said(health.saw),
    did: said(health.did),
    waitsFor: health.waitsFor && text(health.waitsFor),
    failing: health.failing && { ...health.failing, because: text(health.failing.because) },
  }
}
