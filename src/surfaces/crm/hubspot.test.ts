import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type Change,
  type DataRecord,
  type Fault,
  memoryVault,
  type OpenTools,
  type Place,
  type Suggestion,
} from '../../contract/index.ts'
import { type Medium, surfaceConformance } from '../conformance.suite.ts'
import { hubspot } from './hubspot.ts'
import { type HubSpotStandIn, hasHubSpotSpecs, hubspotStandIn } from './hubspot-stand-in.fixture.ts'

const suggestion = (probability = 0.8125): Suggestion<'record'> => ({
  kind: 'record',
  value: { type: 'score', probability, band: 'hot' },
  confidence: 0.9,
  reasons: [
    { field: 'city', value: 'Łódź', effect: 0.4 },
    { field: 'visits', value: null, effect: -1 },
  ],
})
const quick = { callsPerSecond: 100_000, seconds: 0.1 }

if (!hasHubSpotSpecs) test.skip('HubSpot (needs its OpenAPI files in shared/data/specs)', () => {})
else all()

function all() {
  for (const object of ['contacts', 'deals'] as const) {
    const [target, won] = object === 'contacts' ? ['lifecyclestage', 'customer'] : ['dealstage', 'closedwon']
    const lost = object === 'contacts' ? 'other' : 'closedlost'
    async function make(): Promise<Medium<'record'>> {
      const { standIn } = await account()
      const lead = (stage: string) => standIn.create(object, { city: 'Köln', visits: '7', [target!]: stage })
      const first = lead('new')
      standIn.set(object, first, { [target!]: won! }, { at: Date.now() - 86_400_000, user: 42 })
      for (const stage of [lost, 'new', 'new']) lead(stage)
      return {
        settings: { token: standIn.token, url: standIn.url, object, ...quick },
        invalid: [{}, { token: '' }, { token: 'a', object: 'cats' }, { token: 'a', webhookPort: 1 }],
        snapshot: async () => standIn.snapshot(object),
        newItem: async () => void standIn.create(object, { city: 'Bonn', [target!]: 'new' }, Date.now()),
        doDeed: async (key) => standIn.set(object, key, { [target!]: won! }, { user: 7 }),
        removePlacement: async (key) => {
          const score = Object.fromEntries(
            ['probability', 'band', 'reasons'].map((each) => [`inlay_${target}_${each}`, '']),
          )
          standIn.set(object, key, score, { user: 7 })
        },
        dropItem: async (key) => standIn.archive(object, key),
        vanish: async () => {
          standIn.trouble.revoked = true
        },
        suggestion: () => suggestion(),
        async remove() {
          await standIn.close()
          expect(standIn.wrongs).toEqual([])
        },
      }
    }
    surfaceConformance({ ...hubspot, name: `hubspot (${object})` }, { record: make })
  }

  describe('what else HubSpot brings', () => {
    test('what a record became is a deed with its time and person; its fields are as they were just before', async () => {
      const { standIn, open } = await account()
      const id = standIn.create('contacts', {
        email: 'Ada@Example.com',
        firstname: 'Ada',
        city: 'Köln',
        visits: '3',
        lifecyclestage: 'lead',
      })
      const decided = Date.now() - 86_400_000
      standIn.set('contacts', id, { lifecyclestage: 'customer' }, { at: decided, user: 42 })
      standIn.set(
        'contacts',
        id,
        { city: 'Bonn', lifecyclestage: 'evangelist' },
        { at: decided + 5000, user: 43 },
      )
      standIn.create('contacts', { lifecyclestage: 'other' })
      standIn.create('contacts', { lifecyclestage: 'lead' })
      const { place } = await open()
      const examples = []
      for await (const example of place.history()) examples.push(example)
      expect(examples.map(({ deed }) => deed.value)).toEqual([true, false])
      expect(examples[0]).toMatchObject({
        item: { key: id, fields: { city: 'Köln', visits: 3, email: 'example.com' } },
        deed: { at: decided, person: 'hubspot user 42', target: 'lifecyclestage' },
      })
      expect(Object.keys(examples[0]!.item.fields)).toEqual(['city', 'company', 'email', 'visits'])
    })

    const contacts = Number(process.env.INLAY_TEST_CONTACTS ?? 2000)
    test(`${contacts} contacts are read and scored with the fewest calls, through any interruption`, async () => {
      const { standIn, open } = await account()
      for (let n = 0; n < contacts; n++)
        standIn.create('contacts', { city: `c${n % 9}`, lifecyclestage: 'lead' })
      const first = await open()
      const items: DataRecord[] = []
      let cursor: string | null = null
      // Stopped half-way, and gone on from its cursor.
      for await (const change of first.place.watch(null, AbortSignal.timeout(600_000))) {
        if (change.type === 'item') items.push(change.item)
        cursor = change.cursor
        if (items.length === contacts / 2) break
      }
      const second = await open()
      for await (const change of second.place.watch(cursor, AbortSignal.timeout(600_000))) {
        if (change.type === 'item') items.push(change.item)
        if (change.type === 'caught up') break
      }
      expect(new Set(items.map(({ key }) => key)).size).toBe(contacts)
      // One page more for what was interrupted, and the first look for changes.
      expect(standIn.count('/search')).toBeLessThanOrEqual(contacts / 200 + 2)
      const sweeps = standIn.count('batch/read')
      expect(sweeps).toBeLessThanOrEqual(2)
      const jobs = Array.from({ length: contacts / 100 }, (_, job) => items.slice(job * 100, job * 100 + 100))
      for (const [number, job] of jobs.entries()) {
        if (number === 3) Object.assign(standIn.trouble, { droppedAfter: 1, broken: 1, limited: 2 })
        const place = number % 2 ? first.place : second.place
        const placed = await Promise.all(job.map((item) => place.place(item, suggestion(), `k${item.key}`)))
        expect(placed.every((each) => each.placed)).toBe(true)
      }
      // The one whose answer was lost was sent again.
      expect(standIn.count('batch/update')).toBe(contacts / 100 + 1)
      expect(standIn.count('batch/read') - sweeps).toBe(contacts / 100)
      const scored = [...standIn.objects.contacts.values()].filter(
        ({ history }) => history.inlay_lifecyclestage_band?.[0]?.value === 'hot',
      )
      expect(scored).toHaveLength(contacts)
    }, 900_000)

    test('a write whose answer was lost is finished by the next one, and undo restores what stood there before', async () => {
      const { standIn, open } = await account()
      const id = standIn.create('contacts', { lifecyclestage: 'lead' })
      for (const [name, type] of [
        ['probability', 'number'],
        ['band', 'string'],
        ['reasons', 'string'],
      ]) {
        standIn.defineProperty('contacts', {
          name: `inlay_lifecyclestage_${name}`,
          label: '',
          type: name === 'band' ? 'enumeration' : type!,
          fieldType: 'text',
          groupName: 'x',
          description: '',
          options: [],
        })
      }
      standIn.set('contacts', id, {
        inlay_lifecyclestage_probability: '0.25',
        inlay_lifecyclestage_band: 'cold',
        inlay_lifecyclestage_reasons: 'earlier',
      })
      const before = standIn.snapshot('contacts')
      const { place, items } = await open()
      const [item] = await items()
      // It gives up while the answers are lost, as a process that is killed there does.
      standIn.trouble.droppedAfter = 100
      const killed = place.place(item!, suggestion(), 'k').catch((cause) => cause as Fault)
      await until(() => standIn.count('batch/update') > 0)
      const next = await open()
      standIn.trouble.droppedAfter = 0
      const placed = await next.place.place(item!, suggestion(), 'k')
      await killed
      expect(placed.placed).toBe(true)
      expect(standIn.valueOf('contacts', id, 'inlay_lifecyclestage_probability')).toBe('0.813')
      expect(standIn.valueOf('contacts', id, 'inlay_lifecyclestage_reasons')).toBe(
        'raised by city: Łódź; lowered by visits: empty',
      )
      if (placed.placed) await next.place.withdraw(placed.placement)
      expect(standIn.snapshot('contacts')).toEqual(before)
    })

    test('a placement can be taken back where its journal is lost', async () => {
      const { standIn, open, forget } = await account()
      standIn.create('contacts', { lifecyclestage: 'lead' })
      const before = standIn.snapshot('contacts')
      const { place, items } = await open()
      const placed = await place.place((await items())[0]!, suggestion(), 'k')
      forget()
      if (placed.placed) await (await open()).place.withdraw(placed.placement)
      expect(standIn.snapshot('contacts')).toEqual(before)
    })

    test('properties of the same name but another type are left alone; ours get another name', async () => {
      const { standIn, open } = await account()
      const id = standIn.create('contacts', { lifecyclestage: 'lead' })
      standIn.defineProperty('contacts', {
        name: 'inlay_lifecyclestage_probability',
        label: 'Mine',
        type: 'string',
        fieldType: 'text',
        groupName: 'x',
        description: '',
        options: [],
      })
      standIn.set('contacts', id, { inlay_lifecyclestage_probability: 'likely' })
      const { place, items } = await open()
      await place.place((await items())[0]!, suggestion(), 'k')
      expect(standIn.valueOf('contacts', id, 'inlay_lifecyclestage_probability')).toBe('likely')
      expect(standIn.valueOf('contacts', id, 'inlay_lifecyclestage_probability_2')).toBe('0.813')
      expect(standIn.properties.contacts.get('inlay_lifecyclestage_band')).toMatchObject({
        type: 'enumeration',
        groupName: 'inlay',
      })
    })

    test('where all names are taken by other types, it says which to mend', async () => {
      const { standIn, open } = await account()
      for (const n of ['', '_2', '_3', '_4', '_5']) {
        standIn.defineProperty('contacts', {
          name: `inlay_lifecyclestage_probability${n}`,
          label: '',
          type: 'string',
          fieldType: 'text',
          groupName: 'x',
          description: '',
          options: [],
        })
      }
      await expect(open()).rejects.toMatchObject({
        kind: 'bad-input',
        message: expect.stringContaining('inlay_lifecyclestage_probability_5'),
      })
    })

    test('properties that somebody deleted come back with the next score', async () => {
      const { standIn, open } = await account()
      const ids = [1, 2].map(() => standIn.create('contacts', { lifecyclestage: 'lead' }))
      const { place, items } = await open()
      const [one, two] = await items()
      await place.place(one!, suggestion(), 'k1')
      for (const name of [...standIn.properties.contacts.keys()])
        if (name.startsWith('inlay_')) standIn.properties.contacts.delete(name)
      expect(await place.place(two!, suggestion(), 'k2')).toMatchObject({ placed: true })
      expect(standIn.valueOf('contacts', ids[1]!, 'inlay_lifecyclestage_band')).toBe('hot')
    })

    test('a token that is revoked is noticed at the next look, told in words, and all goes on from where it was', async () => {
      const { standIn, open } = await account()
      standIn.create('contacts', { lifecyclestage: 'lead' })
      const { opened, place } = await open()
      let cursor: string | null = null
      const failure = await (async () => {
        for await (const change of place.watch(null, AbortSignal.timeout(90_000))) {
          cursor = change.cursor
          if (change.type === 'caught up') standIn.trouble.revoked = true
        }
      })().catch((cause) => cause as Fault)
      expect(failure).toMatchObject({
        kind: 'unreachable',
        message: expect.stringMatching(/revoked.*inlay connect hubspot/),
      })
      expect(opened.health!().failing).toMatchObject({ because: failure!.message })
      expect(failure!.message).not.toContain(standIn.token)
      standIn.trouble.revoked = false
      standIn.create('contacts', { lifecyclestage: 'lead' }, Date.now())
      const changes = await changesOf((await open()).place, cursor)
      expect(changes.filter(({ type }) => type === 'item')).toHaveLength(1)
    })

    test('what passes is waited out: limits with and without Retry-After, 5xx, lost connections, a slow server', async () => {
      const { standIn, open } = await account()
      standIn.create('contacts', { lifecyclestage: 'lead' })
      Object.assign(standIn.trouble, { limited: 1, retryAfter: '1', broken: 1, dropped: 1, slow: 20 })
      expect(await (await open()).items()).toHaveLength(1)
      Object.assign(standIn.trouble, { limited: 1, retryAfter: null })
      expect(await (await open()).items()).toHaveLength(1)
    })

    test('what does not pass is said: the daily quota, a missing scope', async () => {
      const { standIn, open } = await account()
      standIn.create('contacts', { lifecyclestage: 'lead' })
      standIn.trouble.daily = true
      await expect(open()).rejects.toMatchObject({
        kind: 'busy',
        message: expect.stringContaining('daily quota'),
      })
      standIn.trouble.daily = false
      const { place, items } = await open()
      const [item] = await items()
      standIn.trouble.lacks = ['crm.schemas.contacts.write']
      expect(await place.place(item!, suggestion(), 'k')).toMatchObject({
        placed: false,
        because: expect.stringContaining('crm.schemas.contacts.write'),
      })
    })

    test('hundreds of records that change at once are each told once', async () => {
      const { standIn, open } = await account()
      const ids = Array.from({ length: 450 }, () => standIn.create('contacts', { lifecyclestage: 'lead' }))
      const { place } = await open()
      const told = new Map<string, number>()
      const abort = new AbortController()
      for await (const change of place.watch(null, abort.signal)) {
        if (change.type === 'caught up' && told.size === 0) {
          const at = Date.now()
          for (const [n, id] of ids.entries()) {
            standIn.set(
              'contacts',
              id,
              { lifecyclestage: 'customer' },
              { at: at + Math.floor(n / 210), user: 1 },
            )
          }
        }
        if (change.type === 'deed') told.set(change.key, (told.get(change.key) ?? 0) + 1)
        if (told.size === ids.length) abort.abort()
      }
      expect([...told.values()].every((times) => times === 1)).toBe(true)
      expect(standIn.wrongs).toEqual([])
    })

    test('what is empty in HubSpot, which it gives as null, is an empty field and no score', async () => {
      const { standIn, open } = await account()
      const decided = standIn.create('contacts', { lifecyclestage: 'customer', city: 'Bonn' })
      const lead = standIn.create('contacts', { visits: '4' })
      const { place, items } = await open()
      const { fields } = (await items()).find(({ key }) => key === lead)!
      expect(fields).toMatchObject({ city: null, email: null, visits: 4 })
      for await (const { item, deed } of place.history()) {
        expect(item).toMatchObject({ key: decided, fields: { city: 'Bonn', visits: null } })
        expect(deed.value).toBe(true)
      }
      const [item] = await items()
      expect(await place.place(item!, suggestion(), 'k')).toMatchObject({ placed: true })
      expect(standIn.wrongs).toEqual([])
    })

    test('a record that was merged into another, or has no e-mail, is no trouble', async () => {
      const { standIn, open } = await account()
      const [winner, loser] = [1, 2].map(() => standIn.create('contacts', { lifecyclestage: 'lead' }))
      const { place } = await open()
      const told: Change[] = []
      const abort = new AbortController()
      for await (const change of place.watch(null, abort.signal)) {
        told.push(change)
        if (change.type === 'caught up' && !told.some(({ type }) => type === 'gone'))
          standIn.merge('contacts', winner!, loser!)
        if (change.type === 'gone') abort.abort()
      }
      expect(told.flatMap((change) => (change.type === 'gone' ? [change.key] : []))).toEqual([loser])
    })

    test('a search that lags behind is not taken for a person who cleared our score', async () => {
      const { standIn, open } = await account()
      standIn.create('contacts', { lifecyclestage: 'lead' })
      const { place, items } = await open()
      const [item] = await items()
      await place.place(item!, suggestion(), 'k')
      const object = standIn.objects.contacts.get(item!.key)!
      const real = object.history
      const changes = await changesOf(place, null, 3)
      expect(changes.map(({ type }) => type)).not.toContain('removed')
      expect(object.history).toBe(real)
    })

    test('webhooks wake it at once; forged, old and future ones, repeats and any order do no harm', async () => {
      const { standIn, open } = await account()
      const id = standIn.create('contacts', { lifecyclestage: 'lead' })
      const port = 20_000 + Math.floor(Math.random() * 20_000)
      const webhook = {
        webhookPort: port,
        webhookUrl: 'https://inlay.example.com/hubspot',
        webhookSecret: 'app-secret',
      }
      const { place } = await open({ ...webhook, seconds: 60 })
      const address = `http://127.0.0.1:${port}/`
      const post = (events: object[], more = {}) =>
        standIn.callWebhook(address, webhook.webhookUrl, webhook.webhookSecret, events, more)
      const told: Change[] = []
      const abort = new AbortController()
      let hooks = Promise.resolve()
      const event = {
        objectId: Number(id),
        subscriptionType: 'contact.propertyChange',
        propertyName: 'lifecyclestage',
      }
      for await (const change of place.watch(null, abort.signal)) {
        told.push(change)
        if (change.type === 'deed') {
          await hooks
          abort.abort()
          continue
        }
        if (change.type !== 'caught up') continue
        hooks = (async () => {
          await sleep(100)
          expect(await post([event], { signWith: 'another' })).toBe(401)
          expect(await post([event], { at: Date.now() - 301_000 })).toBe(401)
          expect(await post([event], { at: Date.now() + 301_000 })).toBe(401)
          expect(
            await fetch(address, { method: 'POST', body: 'x'.repeat(2 << 20) }).then(
              ({ status }) => status,
              () => 401,
            ),
          ).toBe(401)
          standIn.set('contacts', id, { lifecyclestage: 'customer' }, { user: 1 })
          const again = [event, { ...event, subscriptionType: 'contact.creation' }, event]
          expect(await post(again)).toBe(204)
          expect(await post([event, { subscriptionType: 'deal.creation', objectId: 1 }])).toBe(204)
        })()
      }
      expect(told.map(({ type }) => type)).toEqual(['item', 'caught up', 'deed'])
    })
  })
}

/** An empty account, and ways to open the surface on it that end with the test. */
async function account() {
  const standIn: HubSpotStandIn = await hubspotStandIn()
  let folder = mkdtempSync(join(tmpdir(), 'inlay-hubspot-'))
  const folders = [folder]
  onTestFinished(async () => {
    await standIn.close()
    for (const each of folders) rmSync(each, { recursive: true, force: true })
  })
  async function open(more: object = {}) {
    const tools: OpenTools = { now: Date.now, pseudonym: String, folder, vault: memoryVault() }
    const settings = { token: standIn.token, url: standIn.url, ...quick, ...more }
    const opened = await hubspot.open(hubspot.settings.parse(settings), tools)
    onTestFinished(() => opened.close())
    const place = opened.record!
    const items = async () =>
      (await changesOf(place, null)).flatMap((change) => (change.type === 'item' ? [change.item] : []))
    return { opened, place, items }
  }
  return {
    standIn,
    open,
    forget() {
      folder = mkdtempSync(join(tmpdir(), 'inlay-hubspot-'))
      folders.push(folder)
    },
  }
}

/** What is told until all that is there has been told; `rounds` looks longer where asked. */
async function changesOf(
  place: Place<'record'>,
  since: string | null,
  rounds = 1,
): Promise<Change<'record'>[]> {
  const all: Change<'record'>[] = []
  const end = rounds > 1 ? AbortSignal.timeout(rounds * 200) : AbortSignal.timeout(90_000)
  for await (const change of place.watch(since, end)) {
    all.push(change)
    if (change.type === 'caught up' && rounds === 1) break
  }
  return all
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 3_600) throw new Error('waited in vain')
    await sleep(25)
  }
}
