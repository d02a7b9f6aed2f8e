import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../tests/until.ts'
import type { Fact } from '../contract/index.ts'
import { madeUpProof } from '../contract/proof.fixture.ts'
import { freshLedger } from '../ledger/testing.ts'
import { audienceFor } from '../prove/audience.ts'
import { locksFor } from '../prove/locks.ts'
import { keyedAbsence } from '../prove/switch-off.ts'
import { ask } from './ask.ts'
import { openDesk } from './desk.ts'
import { heard } from './hear.ts'
import { begin, makeDesk } from './memory-desk.fixture.ts'
import { moveAsPerson } from './person.ts'
import { readTold } from './told.ts'

async function all<Each>(of: AsyncIterable<Each>): Promise<Each[]> {
  const each: Each[] = []
  for await (const one of of) each.push(one)
  return each
}

const day = 24 * 3600 * 1000
const everybody = ['p-ada', 'p-ben', 'p-cy', 'p-dee', 'p-eve', 'p-fay']

test('a team sees nothing before a good silent run and a yes; then volunteers do, and each can turn it off', async () => {
  const desk = makeDesk({ people: everybody })
  const rollout = { silentVerdicts: 20, volunteers: 1, weeks: 2 }
  const { standing, ledger } = await begin(desk, { rollout })
  await until(() => desk.cards.length === everybody.length, 'everybody is invited')
  const invitation = desk.cards.find(({ to }) => to === 'p-ada')!
  expect(invitation.ask).toMatchObject({ question: 'volunteer' })

  const count = async () => (await standing())!.counts
  for (let n = 0; n < 20; n++) desk.arrive(`silent ${n}`, 'p-ada')
  await until(async () => (await count()).arms.silent === 20, 'all are decided')
  for (let n = 0; n < 20; n++) desk.finish(`silent ${n}`, n, 'p-ada')
  await until(async () => (await count()).judged.silent === 20, 'all are judged')
  expect((await standing())!.stage).toBe('silent')
  expect(desk.placed.size).toBe(0)

  // Somebody else's click on it is taken as the word of the one whom it was put to.
  desk.say({ type: 'answer', card: invitation.key, person: null, answer: true })
  desk.say({ type: 'answer', card: 'no such card', person: 'p-eve', answer: true })
  await until(async () => (await standing())!.stage === 'pilot', 'the pilot begins')
  expect((await standing())!.because).toContain('20 of 20')
  desk.arrive('for ada', 'p-ada')
  desk.arrive('for ben', 'p-ben')
  desk.arrive('for anybody')
  await until(async () => (await count()).arms.silent === 21 && desk.placed.size === 2, 'volunteers see it')
  expect([...desk.placed.keys()].sort()).toEqual(['for ada', 'for anybody'])
  await until(() => desk.cards.some(({ to, ask }) => to === 'p-ada' && !ask), 'Ada has the card')
  expect(desk.cards.filter(({ ask }) => !ask).map(({ to }) => to)).toEqual(['p-ada'])

  desk.say({ type: 'wish', person: 'p-ada', wish: 'off' })
  desk.say({ type: 'wish', person: 'p-ben', wish: 'complaint' })
  desk.arrive('for ada again', 'p-ada')
  await until(async () => (await ledger.item('d', 'for ada again'))?.decidedAt != null, 'it is decided')
  expect((await ledger.item('d', 'for ada again'))!.arm).toBe('silent')
  const missed = await all(ledger.facts({ deployment: 'd', kinds: ['missed'] }))
  expect(missed).toMatchObject([{ person: 'p-ben', body: { how: 'complaint' } }])
})

test('a bad silent run keeps it silent, whoever has volunteered', async () => {
  const desk = makeDesk({ people: everybody, rightOf: 0.4 })
  const { standing } = await begin(desk, { rollout: { silentVerdicts: 20, volunteers: 1, weeks: 0 } })
  desk.say({ type: 'wish', person: 'p-ada', wish: 'on' })
  for (let n = 0; n < 60; n++) desk.arrive(`silent ${n}`)
  await until(async () => (await standing())?.counts.arms.silent === 60, 'all are decided')
  for (let n = 0; n < 60; n++) desk.finish(`silent ${n}`, n + 30)
  await until(async () => (await standing())!.counts.judged.silent === 60, 'all are judged')
  expect((await standing())!.stage).toBe('silent')
  expect(desk.placed.size).toBe(0)
})

/** A skill that is live with everybody since `at`, in milliseconds since the epoch; nothing runs by itself. */
async function liveDesk(at: number) {
  const medium = makeDesk({ people: everybody })
  const { ledger } = await freshLedger()
  const folder = mkdtempSync(join(tmpdir(), 'inlay-live-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const rollout = { silentVerdicts: 0, volunteers: 1, weeks: 0 }
  const pain = { minutesPerPersonPerWeek: 60, from: null, named: false }
  const deployment = { id: 'd', team: 't', surface: 'memory', skill: 'always', settings: {}, pain, rollout }
  const options = { ledger, folder, surfaces: { memory: medium.surface }, skills: { always: medium.skill } }
  const desk = await openDesk(deployment, options)
  const proof = madeUpProof()
  const about = { at, deployment: 'd', item: null, person: null }
  const locks = locksFor({ hops: 0, pain, proof })
  await ledger.append([
    { ...about, key: 'proved', kind: 'proved', body: { proof } },
    { ...about, key: 'live', kind: 'staged', body: { from: 'pilot', to: 'live', because: '', locks } },
  ])
  return { medium, ledger, options, desk, about, rollout }
}

test('each person is asked at most once a month, in turn, and who agreed goes a week without it', async () => {
  let now = Date.UTC(2026, 0, 5)
  const { medium, ledger, options, desk } = await liveDesk(now)
  const answered = new Set<string>()
  for (let round = 0; round < 30; round++) {
    await ask(desk, { ...options, now: () => now })
    for (const { key, ask: question, to } of medium.cards) {
      if (!question || answered.has(key!)) continue
      answered.add(key!)
      const answer = question.question === 'minutes' ? 30 : true
      const fact = await heard('d', { type: 'answer', card: key!, person: to!, answer, at: now }, now, ledger)
      await ledger.append([fact!])
    }
    now += 6 * day
  }
  const asked = await all(ledger.facts({ deployment: 'd', kinds: ['asked'] }))
  expect(new Set(asked.map(({ key }) => key)).size).toBe(medium.cards.filter((card) => card.ask).length)
  const cy = asked.flatMap((fact) =>
    fact.person === 'p-cy' && fact.kind === 'asked' && fact.body.question !== 'switch off'
      ? [{ at: fact.at, question: fact.body.question }]
      : [],
  )
  expect(cy.length).toBeGreaterThan(4)
  for (let n = 1; n < cy.length; n++) expect(cy[n]!.at - cy[n - 1]!.at).toBeGreaterThanOrEqual(30 * day)
  expect(new Set(cy.map(({ question }) => question)).size).toBe(3)
  const off = await all(ledger.facts({ deployment: 'd', kinds: ['switchedOff'] }))
  expect(off.length).toBeGreaterThan(0)
  for (const fact of off)
    if (fact.kind === 'switchedOff')
      expect(fact.body.until - fact.at).toBeLessThanOrEqual(fact.body.by === 'week' ? 7 * day : day)
})

test('who goes without it by day does so on whole days, and has it back as soon as they want it', async () => {
  const quarter = keyedAbsence('any', 'p-ada', Date.UTC(2026, 4, 1)).quarter
  let now = quarter - 20 * day
  const live = await liveDesk(now)
  const { ledger, options, about, rollout } = live
  const desk = { ...live.desk, armKey: Buffer.from('drawn once') }
  await ledger.append([
    ...everybody.map((person): Fact => {
      const body = { question: 'switch off' as const, answer: true }
      return { ...about, person, key: `yes ${person}`, kind: 'answered', body }
    }),
  ])
  const absences = new Map(everybody.map((person) => [person, keyedAbsence(desk.armKey, person, quarter)]))
  const told = () => readTold(ledger, 'd')
  const begins = new Set([...absences.values()].flatMap(({ spans }) => spans.map(({ from }) => from)))
  for (const from of [...begins].sort((a, b) => a - b)) {
    for (const hours of [-6, 6, 18]) {
      now = from + (hours * day) / 24
      await ask(desk, { ...options, now: () => now })
    }
  }
  const { people } = await told()
  for (const [person, { spans }] of absences)
    expect(people.switchedOff.filter((each) => each.person === person && each.from >= quarter)).toEqual(
      spans.map((span) => ({ person, ...span })),
    )
  const [first] = people.switchedOff.filter(({ from }) => from >= quarter)
  const wish = {
    type: 'wish' as const,
    person: first!.person,
    wish: 'on' as const,
    at: first!.from + day / 2,
  }
  await ledger.append([(await heard('d', wish, now, ledger))!])
  const after = (await told()).people
  const sees = (at: number) =>
    audienceFor({
      stage: 'live',
      since: 0,
      rollout,
      people: after,
      person: first!.person,
      key: desk.armKey,
      now: at,
    }).sees
  expect([sees(first!.from + day / 4), sees(first!.from + (3 * day) / 4)]).toEqual([false, true])
})

test('those who had the card are told once that it is gone, and why; whoever had turned it off is not', async () => {
  const desk = makeDesk({ people: everybody })
  const rollout = { silentVerdicts: 0, volunteers: 2, weeks: 2 }
  const { standing, ledger } = await begin(desk, { rollout })
  for (const person of ['p-ada', 'p-ben', 'p-cy']) desk.say({ type: 'wish', person, wish: 'on' })
  await until(() => desk.cards.filter(({ ask }) => !ask).length === 3, 'three have the card')
  desk.say({ type: 'wish', person: 'p-cy', wish: 'off' })
  await until(
    async () => (await readTold(ledger, 'd')).people.off.size === 1,
    'it is known who turned it off',
  )
  const [deployment] = await ledger.deployments()
  const stopped = { hops: 0, wanted: 'silent' as const, why: 'we move offices', at: Date.now() }
  await moveAsPerson(ledger, deployment!, stopped)
  const notes = () => desk.cards.filter(({ title }) => title.startsWith('Inlay has paused'))
  await until(() => notes().length === 2, 'two are told')
  expect(notes().map(({ to }) => to)).toEqual(['p-ada', 'p-ben'])
  expect(notes()[0]!.text).toContain('we move offices')
  expect((await standing())!.stage).toBe('silent')
  const facts = await all(ledger.facts({ deployment: 'd', kinds: ['announced'] }))
  expect(facts.filter((fact) => fact.kind === 'announced' && fact.body.stage === 'silent')).toHaveLength(2)
})
