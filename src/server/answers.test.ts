import { expect, onTestFinished, test } from 'vitest'
import type { Fact } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { makeServer } from './index.ts'

test('one click answers; opening the address does not, and what went to one person is on no page', async () => {
  const { ledger } = await freshLedger()
  const pain = { minutesPerPersonPerWeek: 60, from: null, named: false }
  const rollout = { silentVerdicts: 0, volunteers: 1, weeks: 0 }
  await ledger.saveDeployment({
    id: 'd',
    team: 't',
    surface: 'maildir',
    skill: 'triage',
    settings: {},
    pain,
    rollout,
  })
  const at = Date.now()
  const asked = (card: string, person: string | null): Fact => ({
    key: card,
    kind: 'asked',
    at,
    deployment: 'd',
    item: null,
    person,
    body: { question: person ? 'satisfied' : 'volunteer', card },
  })
  await ledger.append([asked('card-all', null), asked('card-ada', 'p-ada')])
  const server = await makeServer({
    ledger,
    where: () => 'orders',
    madeUp: false,
    about: () => 'Sorts mail.',
  })
  onTestFinished(() => server.close())
  const status = (await server.inject('/')).body
  expect(status).toContain('/answer/card-all/true')
  expect(status).not.toContain('card-ada')

  const answers = async () => {
    const all: unknown[] = []
    for await (const fact of ledger.facts({ kinds: ['answered'] })) all.push([fact.person, fact.body])
    return all
  }
  const opened = await server.inject('/answer/card-ada?answer=true')
  expect(opened.body).toContain('Does this help you?')
  expect(await answers()).toEqual([])
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const click = (path: string, headers = {}) =>
    server.inject({ method: 'POST', url: path, headers: { ...form, ...headers }, payload: '' })
  expect((await click('/answer/card-ada/true')).body).toContain('Thank you')
  expect(await answers()).toEqual([['p-ada', { question: 'satisfied', answer: true }]])
  expect((await click('/answer/card-ada/true')).statusCode).toBe(404)
  expect((await click('/answer/card-all/12')).statusCode).toBe(404)

  // Two browsers are two people; the same one again is the same person.
  const first = await click('/answer/card-all/true')
  const cookie = String(first.headers['set-cookie']).split(';')[0]!
  await click('/answer/card-all/false', { cookie })
  await click('/answer/card-all/true')
  const people = (await answers()).slice(1).map((each) => (each as [string])[0])
  expect(new Set(people).size).toBe(2)
})
