import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { until } from '../../tests/until.ts'
import { Fault, healthKeeper, isConnected, type Skill, type Surface } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { startEngine } from './engine.ts'
import { mute } from './mute-skill.fixture.ts'

test('a surface is connected only while reads succeed; a failure is told once, and it goes on from where it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-health-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ledger } = await freshLedger({ poolSize: 8 })
  let revoked = false
  const cursors: (string | null)[] = []
  const surface: Surface = {
    name: 'tool',
    about: 'a tool that can be revoked',
    settings: z.object({}),
    hops: 0,
    async open(_settings, tools) {
      if (revoked) throw new Fault('unreachable', 'The token was revoked; connect it again.')
      const keeper = healthKeeper(tools.now, 60_000)
      keeper.read('7 rows')
      keeper.waits('the next look')
      return {
        record: {
          async *history() {},
          async *watch(since, signal) {
            cursors.push(since)
            yield { type: 'caught up', cursor: 'here' }
            while (!signal.aborted) {
              if (revoked) throw new Fault('unreachable', 'The token was revoked; connect it again.')
              keeper.read()
              await sleep(5)
            }
          },
          place: async () => ({ placed: false as const, because: '' }),
          withdraw: async () => {},
        },
        health: () => keeper.health,
        close: async () => {},
      }
    },
  }
  const pain = { minutesPerPersonPerWeek: null, from: null, named: true }
  await ledger.saveDeployment({ id: 'd', team: '', surface: 'tool', skill: 'mute', settings: {}, pain })
  const engine = await startEngine({
    ledger,
    folder,
    surfaces: { tool: surface },
    skills: { mute: mute as Skill },
  })
  const health = async () => (await ledger.healths()).get('d')?.health ?? null
  try {
    await until(async () => (await health())?.readAt != null, 'it is connected')
    expect(isConnected((await health())!, Date.now())).toBe(true)
    expect(await health()).toMatchObject({ saw: { what: '7 rows' }, waitsFor: 'the next look' })
    expect(isConnected((await health())!, Date.now() + 3_600_000)).toBe(false)
    await until(async () => (await ledger.cursor('d')) === 'here', 'it has caught up')
    revoked = true
    await until(async () => (await health())?.failing != null, 'it fails')
    const { since } = (await health())!.failing!
    expect(isConnected((await health())!, Date.now())).toBe(false)
    // Tried again at least once meanwhile.
    await sleep(900)
    expect((await health())!.failing).toEqual({ since, because: 'The token was revoked; connect it again.' })
    const told = []
    for await (const fact of ledger.facts({ deployment: 'd', kinds: ['failed'] })) {
      if (fact.kind === 'failed' && fact.body.what === 'watching') told.push(fact)
    }
    expect(told).toHaveLength(1)
    revoked = false
    await until(async () => (await health())?.failing === null, 'it is well again')
    await until(async () => cursors.length >= 2, 'it watches again')
    expect(cursors.at(-1)).toBe('here')
  } finally {
    await engine.stop()
  }
})
