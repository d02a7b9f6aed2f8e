import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { until } from '../../tests/until.ts'
import type { Example, Surface } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { reply } from '../skills/reply/index.ts'
import { madeUpAnswers } from '../skills/reply/made-up-answers.fixture.ts'
import { openDesk, pseudonym } from './desk.ts'
import { erasePerson } from './erase.ts'
import { startEngine, trainHere } from './index.ts'

test('an erased person is in no model any more, also where the tool still has what they wrote', async () => {
  const { ledger } = await freshLedger()
  const key = await ledger.secret('pseudonym')
  const colleague = pseudonym(key, 'colleague@shop.example')
  const history: Example<'message'>[] = madeUpAnswers(60).map(({ item, deed }, n) => {
    if (n % 10 === 0)
      return {
        item: { ...item, text: `zebra ${item.text}`, from: { name: '', address: 'eva@customer.example' } },
        deed,
      }
    if (n % 10 === 1) return { item, deed: { ...deed, person: colleague, reply: `${deed.reply} giraffe` } }
    return { item, deed }
  })
  const surface: Surface = {
    name: 'memory',
    about: 'A test',
    settings: z.object({}),
    hops: 0,
    open: async () => ({
      message: {
        async *history() {
          yield* history
        },
        async *watch(_, signal) {
          yield { type: 'caught up' as const, cursor: '1' }
          if (!signal.aborted) await new Promise((end) => signal.addEventListener('abort', end))
        },
        place: async () => ({ placed: false, because: 'a test' }),
        withdraw: async () => {},
      },
      close: async () => {},
    }),
  }
  const folder = mkdtempSync(join(tmpdir(), 'inlay-erase-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const pain = { minutesPerPersonPerWeek: null, from: null, named: true }
  const deployment = { id: 'reply-1', team: 't', surface: 'memory', skill: 'reply', settings: {}, pain }
  await ledger.saveDeployment(deployment)
  const options = { ledger, surfaces: { memory: surface }, skills: { reply }, folder }
  const model = async () => Buffer.from((await ledger.model('reply-1'))?.bytes ?? []).toString('latin1')

  const first = await startEngine(options)
  await until(async () => (await model()) !== '', 'it has learned')
  await first.stop()
  expect(await model()).toMatch(/zebra/)
  expect(await model()).toMatch(/giraffe/)

  await erasePerson(ledger, colleague)
  expect(await model(), 'at once, and nothing is suggested').toBe('')
  const desk = await openDesk(deployment, options)
  expect(await desk.model()).toBeNull()
  await desk.close()

  let trainings = 0
  const second = await startEngine({
    ...options,
    async train(...given) {
      const trained = await trainHere(...given)
      if (++trainings === 1) await erasePerson(ledger, pseudonym(key, 'eva@customer.example'))
      return trained
    },
  })
  onTestFinished(() => second.stop())
  await until(async () => (await model()) !== '', 'it has learned again')
  expect(await model(), 'nor who was erased while it learned').not.toMatch(/zebra|giraffe/)
  expect(trainings).toBe(2)
})
