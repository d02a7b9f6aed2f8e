import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimDataFolder } from './data-folder.ts'
import { machine, startOf } from './process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inlay-claims-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const code = (folder: string) => `
  import { claimDataFolder } from ${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))}
  try {
    await claimDataFolder(${JSON.stringify(folder)})
    console.log('claimed')
    setInterval(() => {}, 1000)
  } catch (error) {
    console.log(error.kind)
  }`

/** Another process that tries to claim the folder, and what came of it. */
async function otherInlay(): Promise<{ said: string; pid: number; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  return {
    said: String(said).trim(),
    pid: child.pid!,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const leave = (holder: unknown) => {
  mkdirSync(join(folder, 'claims'), { recursive: true })
  writeFileSync(join(folder, 'claims', '7'), JSON.stringify(holder))
}

test('a folder is claimed by one Inlay at a time, which names itself', async () => {
  const claim = await claimDataFolder(join(folder, 'new', 'one'))
  await expect(claimDataFolder(join(folder, 'new', 'one'))).rejects.toMatchObject({
    kind: 'busy',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  await claim.release()
  await (await claimDataFolder(join(folder, 'new', 'one'))).release()
})

test('kill -9 frees it', async () => {
  const other = await otherInlay()
  expect(other.said).toBe('claimed')
  await expect(claimDataFolder(folder)).rejects.toThrow(`process ${other.pid}`)
  await other.kill()
  await (await claimDataFolder(folder)).release()
})

test('of many that come at once, exactly one gets it, also over the claim of a dead one', async () => {
  leave({ pid: 2 ** 22 + 1, start: '1', machine: machine() })
  const others = await Promise.all([1, 2, 3, 4, 5].map(otherInlay))
  const said = others.map((other) => other.said).sort()
  await Promise.all(others.map((other) => other.kill()))
  expect(said).toEqual(['busy', 'busy', 'busy', 'busy', 'claimed'])
})

test('a process that only has the number of the dead one does not hold it', async () => {
  leave({ pid: process.pid, start: `${startOf(process.pid)}0`, machine: machine() })
  await (await claimDataFolder(folder)).release()
  expect(readdirSync(join(folder, 'claims'))).toEqual(['8'])
})

test('a claim from another container counts as long as it gives signs of life', async () => {
  leave({ pid: 1, start: '1', machine: 'elsewhere' })
  await expect(claimDataFolder(folder)).rejects.toThrow('in another container')
  const before = Date.now() / 1000 - 60
  utimesSync(join(folder, 'claims', '7'), before, before)
  await (await claimDataFolder(folder)).release()
})

test('what cannot be written is said in words', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(claimDataFolder(join(folder, 'file'))).rejects.toMatchObject({ kind: 'bad-input' })
})
