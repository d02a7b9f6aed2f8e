import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Deployment, Fact, FactKind } from '../contract/index.ts'
import { openLedger } from './ledger.ts'
import { freshLedger, testDatabase } from './testing.ts'
import type { Ledger } from './types.ts'

const march = Date.UTC(2026, 2, 10, 9)

function fact<Kind extends FactKind>(kind: Kind, given: Partial<Fact<Kind>> & Pick<Fact<Kind>, 'body'>) {
  return { key: randomUUID(), kind, at: march, deployment: 'd', item: 'i', person: null, ...given } as Fact
}
const seen = (given: Partial<Fact> = {}) =>
  fact('seen', { body: { group: 'g', urgent: false }, ...given } as Partial<Fact<'seen'>> &
    Pick<Fact<'seen'>, 'body'>)

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

describe('appending', () => {
  test('a key is there once: twice in a batch, in two batches, with another time, deployment or body', async () => {
    const { ledger } = await freshLedger()
    const first = seen({ key: 'k' })
    expect(await ledger.append([first, { ...first }, seen({ key: 'k2' })])).toBe(2)
    expect(await ledger.append([{ ...first, at: march + 40 * 24 * 3600_000, deployment: 'other' }])).toBe(0)
    expect(await all(ledger.facts())).toHaveLength(2)
    expect((await ledger.standing()).map((row) => [row.deployment, row.counts.seen])).toEqual([['d', 1]])
  })

  test('one append may hold more facts than a statement, over many months', async () => {
    const { ledger } = await freshLedger()
    const facts = Array.from({ length: 5000 }, (_, n) =>
      seen({ key: `k${n}`, item: `i${n}`, at: march + Math.floor(n / 500) * 31 * 86_400_000 }),
    )
    expect(await ledger.append(facts)).toBe(5000)
    expect((await ledger.standing())[0]!.counts.seen).toBe(5000)
  })

  test('two connections that append the same facts at once share them out', async () => {
    const { ledger, url, schema } = await freshLedger()
    const other = await openLedger({ url, schema, poolSize: 4 })
    try {
      const facts = Array.from({ length: 400 }, (_, n) =>
        seen({
          key: `k${n % 300}`,
          item: `i${n % 50}`,
          deployment: `d${n % 3}`,
          at: march + (n % 300) * 86_400_000,
        }),
      )
      const parts = [facts, facts.slice(100).toReversed()]
      const added = await Promise.all(
        parts.flatMap((part, n) => [
          (n % 2 ? ledger : other).append(part),
          (n % 2 ? other : ledger).transaction(async (tx) => {
            // Deployments in an order of its own: what would be a deadlock is tried again.
            let sum = 0
            for (const deployment of n % 2 ? ['d0', 'd1', 'd2'] : ['d2', 'd1', 'd0'])
              sum += await tx.append(part.filter((one) => one.deployment === deployment))
            return sum
          }),
        ]),
      )
      expect(added.reduce((sum, count) => sum + count, 0)).toBe(300)
      expect(new Set((await all(ledger.facts())).map(({ key }) => key)).size).toBe(300)
      const running = await ledger.projections()
      await ledger.rebuild()
      expect(await ledger.projections()).toEqual(running)
    } finally {
      await other.close()
    }
  })

  test('rebuilding while others append loses nothing', async () => {
    const { ledger } = await freshLedger()
    const batches = Array.from({ length: 20 }, (_, n) =>
      Array.from({ length: 20 }, (_, m) => seen({ item: `i${(n + m) % 30}`, at: march + n })),
    )
    await Promise.all([
      ...batches.map((batch) => ledger.append(batch)),
      ledger.rebuild(),
      ledger.rebuild(),
      ledger.rebuild(),
    ])
    const running = await ledger.projections()
    await ledger.rebuild()
    expect(await ledger.projections()).toEqual(running)
    expect((await ledger.standing())[0]!.counts.seen).toBe(30)
  })

  test('any time is kept exactly, however absurd; one that is no time is refused', async () => {
    const { ledger } = await freshLedger()
    const times = [
      0,
      -1,
      -62_135_596_800_000,
      8.64e15,
      -8.64e15,
      Date.UTC(2044, 0),
      Date.UTC(2100),
      Date.UTC(2100) - 1,
      march,
    ]
    expect(await ledger.append(times.map((at) => seen({ at })))).toBe(times.length)
    expect((await all(ledger.facts())).map(({ at }) => at)).toEqual(times)
    expect((await all(ledger.facts({ since: 0, until: march }))).map(({ at }) => at)).toEqual([0])
    await expect(ledger.append([seen({ at: Number.NaN, key: 'nan' })])).rejects.toThrow('"nan"')
    await expect(ledger.append([seen({ at: Number.POSITIVE_INFINITY })])).rejects.toThrow('Infinity')
  })

  test('keys, people and bodies may hold anything that a mail may hold', async () => {
    const { ledger } = await freshLedger()
    const odd = '\\u0000 \u0000 "\'{},\\ \ud800 \u{1F600} \n NULL'
    const long = 'x'.repeat(20_000)
    await ledger.append([
      seen({ item: odd, person: odd, key: odd, body: { group: odd, urgent: true } }),
      seen({ item: long, key: long, body: { group: long, urgent: false } }),
    ])
    const shown = odd.replaceAll('\u0000', '\ufffd').toWellFormed()
    expect(await ledger.item('d', odd)).toMatchObject({
      item: shown,
      group: shown,
      person: shown,
      urgent: true,
    })
    expect(await ledger.item('d', long)).toMatchObject({ group: long })
    expect(await all(ledger.facts({ item: long }))).toHaveLength(1)
    expect(await ledger.append([seen({ key: odd })])).toBe(0)
  })

  test('a transaction is all or nothing, jobs included', async () => {
    const { ledger, schema } = await freshLedger()
    const failing = ledger.transaction(async (tx) => {
      await tx.append([seen()])
      await tx.saveCursor('d', 'c1')
      await tx.addJob({ task: 't', payload: {} })
      throw new Error('half-way')
    })
    await expect(failing).rejects.toThrow('half-way')
    const jobs = async () =>
      (await ledger.jobs.pgPool.query(`select task_identifier, queue_name, key from ${schema}_jobs.jobs`))
        .rows
    expect([await ledger.cursor('d'), await all(ledger.facts()), await jobs()]).toEqual([null, [], []])
    const result = await ledger.transaction(async (tx) => {
      await tx.saveCursor('d', 'c2')
      for (const payload of [1, 2]) await tx.addJob({ task: 't', payload, queue: 'q', jobKey: 'once' })
      return tx.append([seen()])
    })
    expect(result).toBe(1)
    expect([await ledger.cursor('d'), await jobs()]).toEqual([
      'c2',
      [{ task_identifier: 't', queue_name: 'q', key: 'once' }],
    ])
  })
})

describe('reading facts', () => {
  let ledger: Ledger
  const facts = Array.from({ length: 25_000 }, (_, n) =>
    seen({
      key: `k${n}`,
      at: march + ((n * 7919) % 25_000) * 200_000,
      deployment: `d${n % 2}`,
      item: `i${n % 500}`,
    }),
  )
  beforeAll(async () => {
    ;({ ledger } = await freshLedger())
    await ledger.append(facts)
  })

  test('they come in the order in which they were appended, across pages, partitions and deployments', async () => {
    expect(await all(ledger.facts())).toEqual(facts)
    expect(await all(ledger.facts({ deployment: 'd1' }))).toEqual(
      facts.filter((one) => one.deployment === 'd1'),
    )
  })

  test('every filter does what it says, together with the others', async () => {
    const since = march + 1_000_000_000
    const until = march + 2_000_000_000
    const within = facts.filter(({ at }) => at >= since && at < until)
    expect(await all(ledger.facts({ since, until }))).toEqual(within)
    expect(await all(ledger.facts({ since, until, deployment: 'd0', kinds: ['seen', 'did'] }))).toEqual(
      within.filter((one) => one.deployment === 'd0'),
    )
    expect(await all(ledger.facts({ kinds: ['did'] }))).toEqual([])
    expect(await all(ledger.facts({ kinds: [] }))).toEqual([])
    expect(await all(ledger.facts({ item: 'i4', deployment: 'd0' }))).toEqual(
      facts.filter((one) => one.item === 'i4' && one.deployment === 'd0'),
    )
  })

  test('stopping half-way leaves no connection behind', async () => {
    for (let n = 0; n < 12; n++) for await (const one of ledger.facts()) if (one.key === 'k3') break
    expect(await ledger.cursor('d')).toBeNull()
  })
})

describe('projections', () => {
  test('a rebuild from the facts alone gives the running state, and both say what the facts say', async () => {
    const { ledger } = await freshLedger()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyFact, { maxLength: 25 }), { maxLength: 5 }), async (batches) => {
        const prefix = `r${run++}-`
        const told = batches.map((batch) =>
          batch.map((one) => ({ ...one, key: prefix + one.key, deployment: prefix + one.deployment })),
        )
        for (const batch of told) await ledger.append(batch)
        const running = await ledger.projections()
        await ledger.rebuild()
        expect(await ledger.projections()).toEqual(running)

        const keys = new Set<string>()
        const unique = told.flat().filter(({ key }) => !keys.has(key) && keys.add(key))
        for (const deployment of [`${prefix}a`, `${prefix}b`]) {
          const own = unique.filter((one) => one.deployment === deployment)
          for (const item of ['x', 'y', 'z']) {
            const state = await ledger.item(deployment, item)
            expect(state && { ...state }).toEqual(expectedItem(own, deployment, item))
          }
          const standing = (await ledger.standing()).find((row) => row.deployment === deployment)
          expect(standing?.counts).toEqual(expectedCounts(own))
          expect(standing?.stage ?? 'off').toBe(
            (last(own, 'staged')?.body as { to: string } | undefined)?.to ?? 'off',
          )
        }
      }),
      { numRuns: 40 },
    )
  })

  test('the same facts give the same state in any order and batching, as long as no two share a millisecond', async () => {
    const { ledger } = await freshLedger()
    let run = 0
    const history = fc.uniqueArray(anyFact, { maxLength: 40, selector: ({ key }) => key })
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat(1000)), async (facts, chance) => {
        const spread = facts.map((one, n) => ({ ...one, at: one.at - (one.at % 100) + n }))
        const states: unknown[] = []
        for (const shuffled of [spread, spread.toSorted(() => (chance.next().value! % 2 ? 1 : -1))]) {
          const prefix = `s${run++}-`
          const renamed = shuffled.map((one) => ({ ...one, key: prefix + one.key, deployment: prefix }))
          for (let from = 0; from < renamed.length; ) {
            const to = from + 1 + (chance.next().value! % 20)
            await ledger.append(renamed.slice(from, to))
            from = to
          }
          const standing = (await ledger.standing()).find((row) => row.deployment === prefix)
          states.push([
            standing && { ...standing, deployment: '' },
            (await all(ledger.items(prefix))).map((state) => ({ ...state, deployment: '' })).sort(byItem),
          ])
        }
        expect(states[1]).toEqual(states[0])
      }),
      { numRuns: 20 },
    )
  })

  test('a standing tells where the deployment stands', async () => {
    const { ledger } = await freshLedger()
    const about = { item: null, deployment: 't-1' }
    const pain = { minutesPerPersonPerWeek: 40, from: 'recorded', named: false }
    await ledger.append([
      fact('connected', { ...about, body: { team: 'support', surface: 'imap', skill: 'triage', pain } }),
      fact('failed', { ...about, at: march + 5, body: { what: 'learning', because: 'too few examples' } }),
      seen({ deployment: 't-1', at: march + 9 }),
    ])
    expect(await ledger.standing()).toMatchObject([
      {
        deployment: 't-1',
        team: 'support',
        surface: 'imap',
        skill: 'triage',
        stage: 'off',
        learned: null,
        failure: { what: 'learning', because: 'too few examples', at: march + 5 },
        lastSeenAt: march + 9,
      },
    ])
    const lock = { open: true, numbers: {}, because: 'b', opensWhen: 'o' }
    const locks = { place: lock, pain: lock, proof: lock }
    await ledger.append([
      fact('learned', {
        ...about,
        at: march + 10,
        body: { examples: 9, people: 2, seconds: 1.5, model: 'm' },
      }),
      fact('staged', {
        ...about,
        at: march + 11,
        body: { from: 'off', to: 'silent', because: 'learned', locks },
      }),
    ])
    expect((await ledger.standing())[0]).toMatchObject({
      failure: null,
      stage: 'silent',
      because: 'learned',
      locks,
      learned: { examples: 9, people: 2, seconds: 1.5, model: 'm', at: march + 10 },
    })
  })

  test('items stream in the order in which they came in, all or only the open or placed ones', async () => {
    const { ledger } = await freshLedger()
    const facts: Fact[] = []
    for (let n = 0; n < 4500; n++) {
      const about = { item: `i${n}`, at: march + ((n * 7) % 4500) }
      facts.push(seen(about))
      if (n % 3 === 0) facts.push(fact('placed', { ...about, body: { placement: { key: 'k', ref: 'r' } } }))
      if (n % 6 === 0)
        facts.push(
          fact('withdrew', {
            ...about,
            at: about.at + 1,
            body: { placement: { key: 'k', ref: 'r' }, because: '' },
          }),
        )
      if (n % 2 === 1) facts.push(fact('did', { ...about, body: { seconds: 4, secondsFrom: 'x' } }))
    }
    // Deeds of items that nobody saw come in.
    for (let n = 0; n < 2500; n++)
      facts.push(fact('did', { item: `late${n}`, body: { seconds: 1, secondsFrom: null } }))
    await ledger.append(facts)
    const items = await all(ledger.items('d'))
    expect(items).toHaveLength(7000)
    expect(new Set(items.map(({ item }) => item)).size).toBe(7000)
    expect(items.slice(0, 4500).map(({ seenAt }) => seenAt)).toEqual(
      Array.from({ length: 4500 }, (_, n) => march + n),
    )
    const names = async (filter: Parameters<Ledger['items']>[1]) =>
      (await all(ledger.items('d', filter))).length
    expect([
      await names({ open: true }),
      await names({ open: false }),
      await names({ placed: true }),
      await names({ placed: false }),
      await names({ open: true, placed: true }),
      await names({ limit: 2100 }),
      await names({ limit: 0 }),
    ]).toEqual([2250, 4750, 750, 6250, 0, 2100, 0])
  })
})

describe('what is kept beside the facts', () => {
  const deployment: Deployment = {
    id: 'triage-maildir-1',
    team: 'support',
    surface: 'maildir',
    skill: 'triage',
    settings: { folder: '/mail', odd: '\u0000' },
    pain: { minutesPerPersonPerWeek: null, from: null, named: true },
  }

  test('deployments, cursors and models are replaced by what is saved later', async () => {
    const { ledger } = await freshLedger()
    await ledger.saveDeployment({ ...deployment, team: 'old' })
    await ledger.saveDeployment({ ...deployment, id: 'a' })
    await ledger.saveDeployment(deployment)
    expect(await ledger.deployments()).toEqual([{ ...deployment, id: 'a' }, deployment])
    expect([await ledger.cursor('a'), await ledger.model('a')]).toEqual([null, null])
    for (const cursor of ['1', '2']) await ledger.saveCursor('a', cursor)
    expect(await ledger.cursor('a')).toBe('2')
    const bytes = new Uint8Array([0, 255, 3])
    await ledger.saveModel('a', { skill: 'triage', version: 1, bytes: new Uint8Array(9), learnedAt: 1 })
    await ledger.saveModel('a', { skill: 'triage', version: 2, bytes, learnedAt: march })
    const model = await ledger.model('a')
    expect({ ...model, bytes: [...model!.bytes] }).toEqual({
      skill: 'triage',
      version: 2,
      bytes: [0, 255, 3],
      learnedAt: march,
    })
  })

  test('texts come back as they were, the last one counts', async () => {
    const { ledger } = await freshLedger()
    const row = { deployment: 'd', what: 'item' as const, person: null, keepUntil: null }
    const odd = { text: 'a\u0000b \ud800 \\u0000', list: [1, null, 'é'] }
    await ledger.saveBodies([
      { ...row, item: 'i', body: 'old' },
      { ...row, item: 'i', body: odd },
      { ...row, item: 'i', what: 'deed', body: 7 },
      ...Array.from({ length: 1200 }, (_, n) => ({ ...row, item: `n${n}`, body: n })),
    ])
    expect(await ledger.body('d', 'i', 'item')).toEqual(odd)
    expect(await ledger.body('d', 'i', 'deed')).toBe(7)
    expect(await ledger.body('d', 'i', 'suggestion')).toBeNull()
    const bodies = await all(ledger.bodies('d', 'item'))
    expect(bodies).toHaveLength(1201)
    expect(bodies.find(({ item }) => item === 'n77')).toEqual({ item: 'n77', body: 77 })
  })

  test('erasing a person takes their texts and leaves facts and counts', async () => {
    const { ledger } = await freshLedger()
    const row = { what: 'item' as const, body: 'text', keepUntil: null }
    await ledger.append([seen({ person: 'p1', deployment: 'a' }), seen({ person: 'p2', deployment: 'b' })])
    await ledger.saveBodies([
      { ...row, deployment: 'a', item: 'i', person: 'p1' },
      { ...row, deployment: 'a', item: 'i', person: 'p1', what: 'deed' },
      { ...row, deployment: 'b', item: 'i', person: 'p1' },
      { ...row, deployment: 'b', item: 'j', person: 'p2' },
    ])
    const before = await ledger.projections()
    expect([...(await ledger.eraseBodies('p1'))]).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    expect([...(await ledger.eraseBodies('p1'))]).toEqual([])
    expect(await ledger.body('a', 'i', 'item')).toBeNull()
    expect(await ledger.body('b', 'j', 'item')).toBe('text')
    expect(await ledger.projections()).toEqual(before)
  })

  test('texts go on their date', async () => {
    const { ledger } = await freshLedger()
    const row = { deployment: 'd', what: 'item' as const, person: null, body: 1 }
    await ledger.saveBodies([
      { ...row, item: 'past', keepUntil: march - 1 },
      { ...row, item: 'now', keepUntil: march },
      { ...row, item: 'later', keepUntil: march + 1 },
      { ...row, item: 'for ever', keepUntil: null },
    ])
    expect(await ledger.dropExpiredBodies(march)).toBe(2)
    expect((await all(ledger.bodies('d', 'item'))).map(({ item }) => item).sort()).toEqual([
      'for ever',
      'later',
    ])
  })

  test('a secret is made once, whoever asks first', async () => {
    const { ledger, url, schema } = await freshLedger()
    const other = await openLedger({ url, schema, poolSize: 2 })
    const secrets = await Promise.all([
      ledger.secret('a'),
      other.secret('a'),
      ledger.secret('a'),
      other.secret('b'),
    ])
    await other.close()
    expect(secrets[0]).toHaveLength(32)
    expect(secrets[1]).toEqual(secrets[0])
    expect(secrets[2]).toEqual(secrets[0])
    expect(secrets[3]).not.toEqual(secrets[0])
  })
})

describe('opening', () => {
  test('many may open the same new schema at once', async () => {
    const { url, schema } = await freshLedger()
    const opened = await Promise.all(
      [1, 2, 3, 4].map(() => openLedger({ url, schema: `${schema}`, poolSize: 2 })),
    )
    expect(await Promise.all(opened.map((ledger) => ledger.deployments()))).toEqual([[], [], [], []])
    await Promise.all(opened.map((ledger) => ledger.close()))
  })

  test('a database that does not answer is unreachable, and the password stays secret', async () => {
    const fault = await openLedger({ url: 'postgres://me:hunter2@127.0.0.1:9/nothing' }).catch(
      (error) => error,
    )
    expect(fault).toMatchObject({ name: 'Fault', kind: 'unreachable' })
    expect(fault.message).toContain('"nothing" at 127.0.0.1:9')
    expect(fault.message).not.toContain('hunter2')
  })

  test('what is no address, no plain schema name or has too few rights is said in words', async () => {
    await expect(openLedger({ url: 'postgres://[bad' })).rejects.toMatchObject({ kind: 'bad-input' })
    await expect(openLedger({ url: testDatabase(), schema: 'No"pe' })).rejects.toThrow(
      '"No"pe" is not a plain name',
    )
    const { ledger, schema, url } = await freshLedger()
    const role = `${schema}_role`
    const pool = ledger.jobs.pgPool
    await pool.query(`create role ${role} login password 'pw'`)
    try {
      const poor = new URL(url)
      poor.username = role
      poor.password = 'pw'
      await expect(openLedger({ url: poor.href, schema: `${schema}_no` })).rejects.toMatchObject({
        kind: 'bad-input',
        message: expect.stringContaining('too few rights'),
      })
    } finally {
      await pool.query(`drop role ${role}`)
    }
  })
})

// ── what the facts say, folded one by one ──

const at = fc.oneof(
  fc.integer({ min: march, max: march + 6 }),
  fc.constantFrom(march - 40 * 86_400_000, 0, -5e12, Date.UTC(2101, 0)),
)
const arm = fc.constantFrom('shown' as const, 'held back' as const, 'silent' as const)
const share = fc.double({ min: 0, max: 1, noNaN: true })
const placement = fc.record({ key: fc.string(), ref: fc.string() })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })
const seconds = maybe(fc.double({ min: 0, max: 1e5, noNaN: true }))

const bodies: { [Kind in FactKind]?: fc.Arbitrary<unknown> } = {
  seen: fc.record({ group: fc.string(), urgent: fc.boolean() }),
  suggested: fc.record({ confidence: maybe(share), claim: maybe(fc.constantFrom('hot', 'cold')) }),
  decided: fc.record({
    arm,
    stage: fc.constantFrom('silent', 'pilot', 'live'),
    threshold: maybe(share),
    because: fc.string(),
    holdback: fc.constantFrom(0.1, 0.2),
    predictedSeconds: maybe(fc.double({ min: 0, max: 1e4, noNaN: true })),
  }),
  placed: fc.record({ placement }),
  refused: fc.record({ because: fc.string() }),
  withdrew: fc.record({ placement, because: fc.string() }),
  removed: fc.constant({}),
  did: fc.record({
    seconds,
    secondsFrom: maybe(fc.string()),
    bySource: fc.constantFrom({}, { 'open to sent': 40 }, { 'compose box': -2 }),
  }),
  judged: fc.record({
    arm,
    useful: fc.boolean(),
    similarity: share,
    outcome: maybe(fc.constantFrom('used', 'edited', 'discarded', 'ignored')),
    seconds,
  }),
  gone: fc.constant({}),
  edited: fc.record({ kinds: fc.constantFrom([], ['wording']), similarity: share }),
  corrected: fc.record({ because: fc.string() }),
  staged: fc.record({
    from: fc.constant('off'),
    to: fc.constantFrom('off', 'silent', 'pilot', 'live', 'withdrawn'),
  }),
  failed: fc.record({ what: fc.constantFrom('learning', 'watching'), because: fc.string() }),
}
const aboutDeployment = new Set<string>(['staged', 'failed'])

const anyFact: fc.Arbitrary<Fact> = fc.constantFrom(...(Object.keys(bodies) as FactKind[])).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    key: fc.integer({ min: 0, max: 120 }).map((n) => `k${n}`),
    at,
    deployment: fc.constantFrom('a', 'a', 'b'),
    item: aboutDeployment.has(kind) ? fc.constant(null) : fc.constantFrom('x', 'y', 'z'),
    person: maybe(fc.constantFrom('p1', 'p2')),
    body: bodies[kind]!,
  }),
) as fc.Arbitrary<Fact>

const byItem = (a: { item: string }, b: { item: string }) => (a.item < b.item ? -1 : 1)

/** The last fact of a kind by time, and of those at the same time the one appended last. */
function last(facts: Fact[], kind: FactKind): Fact | null {
  return facts
    .filter((one) => one.kind === kind)
    .reduce<Fact | null>((best, one) => (best && best.at > one.at ? best : one), null)
}

function expectedItem(facts: Fact[], deployment: string, item: string) {
  const own = facts.filter((one) => one.item === item)
  if (own.length === 0) return null
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds, which the oracle reads as data
  const of = (kind: FactKind) => last(own, kind) as any
  return {
    deployment,
    item,
    group: of('seen')?.body.group ?? null,
    urgent: of('seen')?.body.urgent ?? false,
    person: of('did')?.person ?? of('seen')?.person ?? null,
    seenAt: of('seen')?.at ?? null,
    suggestedAt: of('suggested')?.at ?? null,
    confidence: of('suggested')?.body.confidence ?? null,
    claim: of('suggested')?.body.claim ?? null,
    decidedAt: of('decided')?.at ?? null,
    arm: of('decided')?.body.arm ?? of('judged')?.body.arm ?? null,
    stage: of('decided')?.body.stage ?? null,
    placedAt: of('placed')?.at ?? null,
    placement: of('placed')?.body.placement ?? null,
    threshold: of('decided')?.body.threshold ?? null,
    refusedAt: of('refused')?.at ?? null,
    refused: of('refused')?.body.because ?? null,
    withdrawnAt: of('withdrew')?.at ?? null,
    removedAt: of('removed')?.at ?? null,
    didAt: of('did')?.at ?? null,
    seconds: of('did')?.body.seconds ?? of('judged')?.body.seconds ?? null,
    judgedAt: of('judged')?.at ?? null,
    useful: of('judged')?.body.useful ?? null,
    similarity: of('judged')?.body.similarity ?? null,
    outcome: of('judged')?.body.outcome ?? null,
    goneAt: of('gone')?.at ?? null,
  }
}

function expectedCounts(facts: Fact[]) {
  if (facts.length === 0) return undefined
  const items = ['x', 'y', 'z'].map((item) => facts.filter((one) => one.item === item))
  const count = (kind: FactKind, test: (body: Record<string, unknown>) => boolean = () => true) =>
    items.filter((own) => {
      const found = last(own, kind)
      return found !== null && test(found.body as Record<string, unknown>)
    }).length
  const byArm = (test: (arm: string) => number) => ({
    shown: test('shown'),
    'held back': test('held back'),
    silent: test('silent'),
  })
  return {
    seen: count('seen'),
    suggested: count('suggested', ({ confidence }) => confidence !== null),
    arms: byArm((arm) => count('decided', (body) => body.arm === arm)),
    placed: count('placed'),
    refused: count('refused'),
    withdrawn: count('withdrew'),
    removed: count('removed'),
    did: count('did'),
    judged: byArm((arm) => count('judged', (body) => body.arm === arm)),
    useful: byArm((arm) => count('judged', (body) => body.arm === arm && body.useful === true)),
    outcomes: Object.fromEntries(
      ['used', 'edited', 'discarded', 'ignored'].map((name) => [
        name,
        count('judged', (body) => body.outcome === name),
      ]),
    ),
    gone: count('gone'),
  }
}
