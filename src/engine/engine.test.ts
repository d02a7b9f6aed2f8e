import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../tests/until.ts'
import type { Place, Surface } from '../contract/index.ts'
import { Fault } from '../contract/index.ts'
import { startEngine } from './index.ts'
import { begin, makeDesk } from './memory-desk.fixture.ts'

test('shows what is proven, and counts what people made of it', async () => {
  const desk = makeDesk()
  const { standing } = await begin(desk)
  for (const key of ['one', 'two', 'three']) desk.arrive(key)
  await until(async () => (await standing())?.counts.placed === 3, 'all are placed')
  desk.finish('one', 0)
  desk.remove('two')
  await until(async () => (await standing())?.counts.removed === 1, 'the removal is known')
  desk.finish('two', 100)
  await until(async () => (await standing())!.counts.outcomes.used === 2, 'both are judged')
  expect(await standing()).toMatchObject({ stage: 'pilot', failure: null })
})

test('stays silent while the pain lock is closed, and judges itself all the same', async () => {
  const desk = makeDesk()
  const { standing } = await begin(desk, { pain: false })
  desk.arrive('one')
  await until(async () => (await standing())?.counts.arms.silent === 1, 'it is decided')
  desk.finish('one', 0)
  await until(async () => (await standing())!.counts.useful.silent === 1, 'it is judged')
  expect(desk.placed.size).toBe(0)
  expect((await standing())!.stage).toBe('silent')
})

test('shows nothing in a dry run, whatever is proven', async () => {
  const desk = makeDesk()
  const { standing } = await begin(desk, { showNothing: true })
  desk.arrive('one')
  await until(async () => (await standing())?.counts.arms.silent === 1, 'it is decided')
  expect(desk.placed.size).toBe(0)
})

test('withholds the held-back share, and nothing of it is placed', async () => {
  const desk = makeDesk()
  const { standing } = await begin(desk, { holdback: 0.5 })
  for (let number = 0; number < 60; number++) desk.arrive(`new ${number}`)
  const arms = async () => (await standing())?.counts.arms
  await until(async () => {
    const each = await arms()
    return (each?.shown ?? 0) + (each?.['held back'] ?? 0) === 60 && desk.placed.size === each?.shown
  }, 'all are decided and placed')
  expect((await arms())!['held back']).toBeGreaterThan(10)
  expect((await arms())!.shown).toBeGreaterThan(10)
})

test('withdraws by itself what is no longer useful, and takes back what nobody has dealt with', async () => {
  const desk = makeDesk({ rightOf: 0.3 })
  const { standing, events, ledger } = await begin(desk)
  for (let number = 0; number < 100; number++) desk.arrive(`new ${number}`)
  await until(async () => (await standing())?.counts.placed === 100, 'all are placed')
  for (let number = 20; number < 80; number++) desk.finish(`new ${number}`, number)
  await until(async () => (await standing())!.stage === 'withdrawn', 'it is withdrawn')
  await until(
    async () => (await standing())!.counts.withdrawn > 0 && desk.placed.size <= 60,
    'the rest is taken back',
  )
  expect((await standing())!.because).toMatch(/were useful/)
  expect(events.filter((event) => event.type === 'staged' && event.to === 'withdrawn')).toHaveLength(1)
  desk.arrive('later')
  await until(async () => (await ledger.item('d', 'later'))?.arm === 'silent', 'a later one is decided')
  expect(desk.placed.has('later')).toBe(false)
})

test('tells a failure once, goes on when the surface is back, and misses nothing', async () => {
  const desk = makeDesk()
  const { standing, events } = await begin(desk)
  desk.arrive('one')
  await until(() => desk.placed.size === 1, 'the first is placed')
  desk.fail(new Fault('unreachable', 'The mailbox is gone.'))
  await until(async () => (await standing())!.failure !== null, 'the failure is known')
  await sleep(1500)
  expect(events.filter((event) => event.type === 'failed' && event.what === 'watching')).toHaveLength(1)
  expect((await standing())!.failure).toMatchObject({ because: 'The mailbox is gone.' })
  desk.fail(null)
  desk.arrive('two')
  await until(() => desk.placed.size === 2, 'the second is placed')
})

test('two engines on one ledger share the work and place nothing twice', async () => {
  const desk = makeDesk()
  let calls = 0
  const { open } = desk.surface
  const counting: Surface = {
    ...desk.surface,
    open: async (settings, tools) => {
      const opened = await open(settings, tools)
      const { place, ...rest } = opened.message!
      const message: Place<'message'> = {
        ...rest,
        place: (...args) => {
          calls++
          return place(...args)
        },
      }
      return { ...opened, message }
    },
  }
  const { ledger, folder, standing } = await begin({ ...desk, surface: counting })
  const second = await startEngine({
    ledger,
    surfaces: { memory: counting },
    skills: { always: desk.skill },
    folder,
    holdback: 0,
  })
  onTestFinished(() => second.stop())
  for (let number = 0; number < 40; number++) desk.arrive(`new ${number}`)
  await until(async () => (await standing())?.counts.placed === 40, 'all are placed')
  expect(calls).toBe(40)
})
