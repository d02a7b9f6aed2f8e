import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openKeyring } from './keyring.ts'

const secret = 'xoxb-häßlich 🔑 1234567890'

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('what is sealed opens again in another process, and only with what it is about', () => {
  const folder = freshFolder()
  const sealed = openKeyring(folder, {}).seal(secret, 'a')
  expect(sealed).not.toContain(secret)
  expect(openKeyring(folder, {}).open(sealed, 'a')).toBe(secret)
  expect(() => openKeyring(folder, {}).open(sealed, 'b')).toThrow('was changed since')
  expect(openKeyring(folder, {}).seal(secret, 'a'), 'never twice the same').not.toBe(sealed)
})

test('a change of any one character is noticed', () => {
  const ring = openKeyring(freshFolder(), {})
  const sealed = ring.seal(secret, 'a')
  for (let at = 0; at < sealed.length; at++) {
    const other = sealed[at] === 'A' ? 'B' : 'A'
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
    // The last character of a base64 part may hold bits that mean nothing.
    let opened: string | null = null
    try {
      opened = ring.open(changed, 'a')
    } catch {}
    if (opened !== null)
      expect(Buffer.from(changed.split('.').at(-1)!, 'base64url')).toEqual(
        Buffer.from(sealed.split('.').at(-1)!, 'base64url'),
      )
  }
})

test('the key file is for its owner alone, made only when something is sealed, and refused when others can read it', () => {
  const folder = freshFolder()
  const path = join(folder, 'secret-keys')
  const ring = openKeyring(folder, {})
  expect(() => ring.open('v1.0000.AA.AAAAAAAAAAAAAAAAAAAAAA.AA', 'a')).toThrow(/bring .*secret-keys/)
  expect(existsSync(path)).toBe(false)
  ring.seal(secret, 'a')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  chmodSync(path, 0o644)
  expect(() => ring.seal(secret, 'a')).toThrow('chmod 600')
})

test('after a rotation old values still open, until the old keys are dropped', () => {
  const folder = freshFolder()
  const ring = openKeyring(folder, {})
  const old = ring.seal(secret, 'a')
  const key = ring.rotate()
  expect(ring.current()).toBe(key)
  const fresh = ring.seal(secret, 'a')
  expect(fresh.split('.')[1]).toBe(key)
  expect(ring.open(old, 'a')).toBe(secret)
  expect(statSync(join(folder, 'secret-keys')).mode & 0o777).toBe(0o600)
  expect(ring.forget()).toBe(1)
  expect(() => ring.open(old, 'a')).toThrow('not here')
  expect(ring.open(fresh, 'a')).toBe(secret)
})

test('keys from the environment are taken as they are; the first one seals', () => {
  const folder = freshFolder()
  const [one, two] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64'))
  const old = openKeyring(folder, { INLAY_SECRET_KEY: one }).seal(secret, 'a')
  const both = openKeyring(folder, { INLAY_SECRET_KEY: `${two},${one}` })
  expect(both.open(old, 'a')).toBe(secret)
  expect(both.seal(secret, 'a').split('.')[1]).toBe(both.current())
  expect(() => both.rotate()).toThrow('INLAY_SECRET_KEY')
  expect(existsSync(join(folder, 'secret-keys'))).toBe(false)
})

test('a key that is none is refused without being told', () => {
  const folder = freshFolder()
  const slip = 'not-a-key-but-nearly-one'
  expect(() => openKeyring(folder, { INLAY_SECRET_KEY: slip }).seal(secret, 'a')).toThrow(
    /^INLAY_SECRET_KEY takes keys of 32 bytes/,
  )
  writeFileSync(join(folder, 'secret-keys'), slip, { mode: 0o600 })
  const said = () => openKeyring(folder, {}).seal(secret, 'a')
  expect(said).toThrow('32 bytes')
  expect(said).not.toThrow(slip)
  expect(readFileSync(join(folder, 'secret-keys'), 'utf8')).toBe(slip)
})
