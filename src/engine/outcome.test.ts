import { expect, test } from 'vitest'
import { until } from '../../tests/until.ts'
import type { Fact, Place, Surface } from '../contract/index.ts'
import { openDesk } from './desk.ts'
import { begin, makeDesk } from './memory-desk.fixture.ts'
import { recall } from './verdicts.ts'

/** Puts a suggestion there at once, but is long about saying so. */
function slowToTell(desk: ReturnType<typeof makeDesk>) {
  const told = Promise.withResolvers<void>()
  const surface: Surface = {
    ...desk.surface,
    open: async (settings, tools) => {
      const opened = await desk.surface.open(settings, tools)
      const message: Place<'message'> = {
        ...opened.message!,
        async place(...given) {
          const placed = await opened.message!.place(...given)
          await told.promise
          return placed
        },
      }
      return { ...opened, message }
    },
  }
  return { ...desk, surface, tell: told.resolve }
}

test('a person who is faster than the note of what was placed has used it all the same', async () => {
  const desk = slowToTell(makeDesk())
  const { standing, ledger } = await begin(desk)
  for (const key of ['used', 'ignored', 'taken away']) desk.arrive(key)
  await until(() => desk.placed.size === 3, 'all three are there')
  desk.finish('used', 0)
  desk.remove('taken away')
  for (const key of ['ignored', 'taken away'])
    desk.say({ type: 'deed', key, deed: { ...deed, label: 'something else' } })
  await until(async () => (await standing())!.counts.judged.shown === 3, 'all are judged')
  expect((await standing())!.counts).toMatchObject({ placed: 0, outcomes: { used: 0, ignored: 0 } })
  desk.tell()
  await until(async () => (await standing())!.counts.placed === 3, 'the note is there')
  await until(async () => (await standing())!.counts.outcomes.discarded === 1, 'what became of it is known')
  expect((await standing())!.counts.outcomes).toEqual({ used: 1, edited: 0, ignored: 1, discarded: 1 })
  expect(await ledger.item('d', 'used')).toMatchObject({ outcome: 'used', useful: true })
})

test('what a kill left between placement and judgement is mended by the next start, and counts once', async () => {
  const desk = makeDesk()
  const { standing, ledger, engine, folder } = await begin(desk)
  await until(async () => (await standing())?.stage === 'pilot', 'the pilot begins')
  await engine.stop()
  const at = Date.now() + 1000
  const about = { at, deployment: 'd', item: 'one', person: null }
  const body = { arm: 'shown' as const, useful: true, similarity: 1, outcome: null, seconds: null }
  const facts: Fact[] = [
    { ...about, key: 'seen', kind: 'seen', body: { group: 'one', urgent: false } },
    {
      ...about,
      key: 'decided',
      kind: 'decided',
      body: { arm: 'shown', stage: 'pilot', threshold: 0.5, because: '' },
    },
    { ...about, key: 'judged', kind: 'judged', body },
    { ...about, key: 'placed', kind: 'placed', body: { placement: { key: 'one', ref: 'one' } } },
  ]
  await ledger.append(facts)
  const options = { ledger, folder, surfaces: { memory: desk.surface }, skills: { always: desk.skill } }
  const opened = await openDesk((await ledger.deployments())[0]!, options)
  for (const _start of [1, 2]) {
    const { verdicts, unknown } = await recall(opened, options)
    expect(verdicts.shown.gate).toMatchObject({ n: 1, useful: 1 })
    expect(unknown.size).toBe(0)
  }
  expect((await standing())!.counts.outcomes.used).toBe(1)
})

const deed = {
  kind: 'message' as const,
  at: null,
  person: null,
  seconds: null,
  secondsFrom: null,
  reply: null,
}
