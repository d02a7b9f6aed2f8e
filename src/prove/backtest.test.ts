import { describe, expect, test } from 'vitest'
import { type Cell, type Example, Fault, type Skill } from '../contract/index.ts'
import { lowerBound } from '../stats/binomial.ts'
import { seeded } from '../stats/random.ts'
import { backtest } from './backtest.ts'

/** Says "yes" with the confidence (and claim) that stands in the record, and is useful where the deed says yes. */
const fake: Skill<'record', number> = {
  name: 'fake',
  kind: 'record',
  about: '',
  version: 1,
  async learn(examples) {
    const n = [...examples].length
    if (n < 10) throw new Fault('bad-input', `expected at least 10 records, got ${n}`)
    return n
  },
  async suggest(_, { fields }) {
    if (fields.confidence === null) return null
    return {
      kind: 'record',
      value: { type: 'score', probability: 1, band: null },
      confidence: Number(fields.confidence),
      reasons: [],
      ...(fields.claim && { claim: String(fields.claim) }),
    }
  },
  judge: (_, { value }) => (value === null ? null : { useful: value === 'yes', similarity: 1 }),
  save: () => new Uint8Array(),
  load: () => 0,
}

interface Row {
  confidence: number | null
  useful: boolean | null
  group?: string
  at?: number | null
  claim?: string
}

function example({ confidence, useful, group, at = null, claim }: Row, i: number): Example<'record'> {
  const value: Cell = useful === null ? null : useful ? 'yes' : 'no'
  return {
    item: {
      kind: 'record',
      key: String(i),
      group: group ?? String(i),
      at,
      fields: { confidence, claim: claim ?? null },
    },
    deed: { kind: 'record', target: 'y', value, at, person: null, seconds: null, secondsFrom: null },
  }
}

/** A history whose true useful rate at each confidence is known. */
function history(
  seed: string,
  n: number,
  rate: (confidence: number) => number,
  more: Partial<Row> = {},
): Example<'record'>[] {
  const random = seeded(seed)
  return Array.from({ length: n }, (_, i) => {
    const confidence = random.uniform()
    return example({ confidence, useful: random.uniform() < rate(confidence), ...more }, i)
  })
}

describe('what a proof promises', () => {
  test('over 200 backtests, skills that are useful below 85 % of the time pass at most one in twenty', async () => {
    const worlds: ((confidence: number) => number)[] = [
      () => 0.845,
      (c) => 0.83 + 0.019 * c,
      // Good at the top and bad below: a threshold too loose would be the mistake.
      (c) => c ** 0.4,
      (c) => (c > 0.5 ? 0.95 : 0.7),
    ]
    const runs = 200
    let wrong = 0
    let right = 0
    for (let run = 0; run < runs; run++) {
      const rate = worlds[run % worlds.length]!
      const examples = history(`promise ${run}`, 1500, rate)
      const { proof, verify } = await backtest(fake, examples, { seed: run })
      if (!proof.passed) continue
      const shown = verify.filter(({ suggestion }) => suggestion!.confidence >= proof.threshold!)
      const truth =
        shown.reduce((sum, { suggestion }) => sum + rate(suggestion!.confidence), 0) / shown.length
      if (truth < 0.85) wrong++
      else right++
    }
    // The last two worlds are a hundred runs: silence on everything would promise nothing.
    expect(right).toBeGreaterThan(40)
    expect(wrong / runs).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt((0.05 * 0.95) / runs))
  })

  test('a skill that is good on half of the work is shown on about half of it', async () => {
    let passed = 0
    let coverage = 0
    const runs = 40
    for (let run = 0; run < runs; run++) {
      const examples = history(`half ${run}`, 2500, (c) => (c > 0.5 ? 0.95 : 0.5))
      const { proof } = await backtest(fake, examples, { seed: 1 })
      if (proof.passed) passed++
      coverage += proof.coverage / runs
    }
    expect(passed / runs).toBeGreaterThan(0.85)
    expect(coverage).toBeGreaterThan(0.45)
  })

  test('its numbers are those of the verify part and agree with each other', async () => {
    const { proof, verify, parts, order } = await backtest(
      fake,
      history('numbers', 2000, (c) => 0.8 + 0.2 * c),
      { seed: 1 },
    )
    expect(parts).toEqual({ learn: 1200, calibrate: 400, verify: 400 })
    expect(order.kind).toBe('file')
    const shown = verify.filter(({ suggestion }) => suggestion!.confidence >= proof.threshold!)
    const useful = shown.filter(({ judgement }) => judgement!.useful).length
    expect(proof).toMatchObject({
      coverage: shown.length / 400,
      usefulRate: useful / shown.length,
      lowerBound: lowerBound(useful, shown.length, 0.95),
      shown: shown.length,
      judged: 400,
      target: 0.85,
      confidence: 0.95,
      passed: true,
    })
    expect(proof).not.toHaveProperty('thresholds')
    expect(proof.because).toMatch(
      /^Of the 400 newest records [\d.]+ % would have been shown and [\d.]+ % of those were useful \(at least [\d.]+ % with 95 % confidence\); rows in file order\.$/,
    )
  })

  test('a world that turned bad in the newest part does not pass, and says by how much', async () => {
    const good = history('turn', 1600, () => 0.97)
    const bad = history('turned', 400, () => 0.6).map((one, i) => example({ ...rowOf(one) }, 1600 + i))
    const { proof } = await backtest(fake, [...good, ...bad], { seed: 1 })
    expect(proof.passed).toBe(false)
    expect(proof.threshold).not.toBeNull()
    expect(proof.because).toMatch(/but that proves only [\d.]+ % with 95 % confidence where 85 % is needed/)
  })

  test('the same seed and examples give the same proof', async () => {
    const sorted = history('same', 800, (c) => c ** 0.2).sort((a, b) =>
      String(a.deed.value).localeCompare(String(b.deed.value)),
    )
    const run = async () => backtest(fake, sorted, { seed: 4 })
    const one = await run()
    expect(one.order.kind).toBe('shuffled')
    expect(one.proof.because).toContain('a shuffle flatters when the world moves')
    expect(one.proof.because).not.toContain('newest')
    expect(await run()).toEqual(one)
  })
})

function rowOf({ item, deed }: Example<'record'>): Row {
  return { confidence: Number(item.fields.confidence), useful: deed.value === 'yes' }
}

describe('what counts', () => {
  test('silence of the skill counts as not shown, an undecided deed not at all', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) =>
      example(
        i % 2 === 0
          ? { confidence: 0.9, useful: i % 40 !== 0 }
          : i % 4 === 1
            ? { confidence: null, useful: false }
            : { confidence: 0.9, useful: null },
        i,
      ),
    )
    const { proof, verify } = await backtest(fake, rows, { seed: 1 })
    expect(verify.length).toBe(200)
    expect(proof).toMatchObject({ judged: 150, shown: 100, coverage: 2 / 3, usefulRate: 0.95, passed: true })
    expect(verify[1]).toMatchObject({ suggestion: null, judgement: null })
  })

  test('a conversation counts once, by its first shown suggestion', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) =>
      example({ confidence: 0.9, useful: i % 3 === 0, group: `g${Math.floor(i / 3)}` }, i),
    )
    const { proof } = await backtest(fake, rows, { seed: 1 })
    expect(proof).toMatchObject({ judged: 200, shown: 200, usefulRate: 1 })
  })

  test('times decide what is newest, not the file', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) =>
      // The file runs backwards in time; the newest 200 were never useful.
      example({ confidence: 0.9, useful: i >= 200, at: 1000 - i }, i),
    )
    const { proof, order, verify } = await backtest(fake, rows, { seed: 1 })
    expect(order.kind).toBe('time')
    expect(verify.every(({ deed }) => deed.value === 'no')).toBe(true)
    expect(proof).toMatchObject({ usefulRate: 0, passed: false })
  })

  test('claims are proven by themselves, and one that cannot be stays silent', async () => {
    const hot = history('hot', 1000, () => 0.97, { claim: 'hot' })
    const cold = history('cold', 1000, () => 0.6, { claim: 'cold' })
    const mixed = hot.flatMap((one, i) => [
      example({ ...rowOf(one), claim: 'hot' }, 2 * i),
      withKey(cold[i]!, 2 * i + 1),
    ])
    const { proof } = await backtest(fake, mixed, { seed: 1 })
    expect(proof.passed).toBe(true)
    expect(proof.thresholds!.cold).toBeNull()
    expect(proof.thresholds!.hot).toBe(proof.threshold)
    expect(proof.coverage).toBeGreaterThan(0.45)
    expect(proof.coverage).toBeLessThanOrEqual(0.55)
    expect(proof.because).toContain('"cold" stays silent')
  })

  test('a claim that the newest work contradicts is silenced, and the others still pass', async () => {
    const random = seeded('contradicted')
    const rows = Array.from({ length: 2000 }, (_, i) => {
      const claim = i % 2 === 0 ? 'hot' : 'cold'
      const rate = claim === 'hot' && i >= 1600 ? 0.7 : 0.96
      return example({ confidence: random.uniform(), useful: random.uniform() < rate, claim }, i)
    })
    const { proof } = await backtest(fake, rows, { seed: 1 })
    expect(proof.thresholds!.hot).toBeNull()
    expect(proof.thresholds!.cold).not.toBeNull()
    expect(proof.passed).toBe(true)
    expect(proof.usefulRate).toBeGreaterThan(0.9)
  })
})

function withKey(one: Example<'record'>, i: number): Example<'record'> {
  return { ...one, item: { ...one.item, key: String(i), group: String(i) } }
}

describe('what cannot be proven is a result', () => {
  test('too few examples say how many are needed', async () => {
    const { proof } = await backtest(
      fake,
      history('few', 40, () => 1),
      { seed: 1 },
    )
    expect(proof).toMatchObject({
      threshold: null,
      coverage: 0,
      usefulRate: null,
      lowerBound: null,
      passed: false,
    })
    expect(proof.because).toBe('40 records are too few to prove anything on; at least 74 are needed.')
    const enough = await backtest(
      fake,
      history('few', 74, () => 1),
      { seed: 1 },
    )
    expect(enough.proof.passed).toBe(true)
  })

  test('a learn part that is too small gives the reason of the skill', async () => {
    const { proof } = await backtest(
      fake,
      history('small', 14, () => 1),
      { seed: 1 },
    )
    expect(proof.passed).toBe(false)
    expect(proof.because).toContain('expected at least 10 records, got 6')
  })

  test('nothing at all to learn from is a fault', async () => {
    await expect(backtest(fake, [], { seed: 1 })).rejects.toThrow('found 0 examples')
    await expect(
      backtest(
        fake,
        history('none', 5, () => 1),
        { seed: 1 },
      ),
    ).rejects.toThrow('got 5')
  })

  test('a fault that is not about the input is not swallowed', async () => {
    const broken: typeof fake = { ...fake, learn: () => Promise.reject(new Fault('bug', 'broken')) }
    await expect(
      backtest(
        broken,
        history('b', 100, () => 1),
        { seed: 1 },
      ),
    ).rejects.toThrow('broken')
  })

  test('a skill that is not good enough says how far it is', async () => {
    const { proof } = await backtest(
      fake,
      history('far', 2000, () => 0.7),
      { seed: 1 },
    )
    expect(proof.threshold).toBeNull()
    expect(proof.judged).toBe(400)
    expect(proof.because).toMatch(
      /closest would have shown \d+ of the 400 records .* proves only [\d.]+ % with 95 %/,
    )
  })

  test('a skill that hardly speaks says so', async () => {
    const quiet = history('quiet', 1000, () => 1).map((one, i) =>
      example(i % 25 === 0 ? rowOf(one) : { confidence: null, useful: true }, i),
    )
    const { proof } = await backtest(fake, quiet, { seed: 1 })
    expect(proof.because).toContain('something to say on 8 of the 200 records')
  })

  test('one conversation that holds everything is too few', async () => {
    const { proof } = await backtest(
      fake,
      history('one', 300, () => 1, { group: 'all' }),
      { seed: 1 },
    )
    expect(proof.because).toContain('1 record')
    expect(proof.passed).toBe(false)
  })
})

test('progress runs from 0 to 1 and a signal stops it', async () => {
  const shares: number[] = []
  await backtest(
    fake,
    history('p', 1000, () => 1),
    { seed: 1, progress: (share) => shares.push(share) },
  )
  expect(shares.at(-1)).toBe(1)
  expect(shares.length).toBeGreaterThan(3)
  expect([...shares].sort((a, b) => a - b)).toEqual(shares)
  const controller = new AbortController()
  await expect(
    backtest(
      fake,
      history('s', 5000, () => 1),
      {
        seed: 1,
        signal: controller.signal,
        progress: (share) => share > 0.7 && controller.abort(new Error('called off')),
      },
    ),
  ).rejects.toThrow('called off')
})

describe('a skill that speaks without a past', () => {
  const ready: Skill<'record', number> = {
    ...fake,
    learn: async () => {
      throw new Fault('bad-input', 'was asked to learn before it was tried')
    },
    unlearned: { model: () => 0, sureFrom: 0.9 },
  }
  /** Each group is asked three times, ever surer. */
  const groups = (n: number, useful: (group: number) => boolean) =>
    Array.from({ length: n }, (_, group) =>
      [0.8, 0.92, 0.97].map((confidence, i) =>
        example({ confidence, useful: useful(group), group: `${group}` }, 3 * group + i),
      ),
    ).flat()

  test('is proven on all of it, at the threshold that it brought', async () => {
    const { proof, parts, verify } = await backtest(
      ready,
      groups(19, () => true),
      { seed: 1 },
    )
    expect(parts).toEqual({ learn: 0, calibrate: 0, verify: 57 })
    expect(verify).toHaveLength(57)
    expect(proof).toMatchObject({ passed: true, threshold: 0.9, judged: 19, shown: 19, usefulRate: 1 })
  })

  test('stays silent where that is too little or not useful enough, and says how many are still needed', async () => {
    const few = await backtest(
      ready,
      groups(12, () => true),
      { seed: 1 },
    )
    expect(few.proof).toMatchObject({ passed: false, threshold: null, shown: 12 })
    expect(few.proof.because).toMatch(/^Of 12 records 12 .* 7 more that are shown and useful are needed/)
    const bad = await backtest(
      ready,
      groups(40, (group) => group % 4 > 0),
      { seed: 1 },
    )
    expect(bad.proof).toMatchObject({ passed: false, threshold: null, shown: 40, usefulRate: 0.75 })
    expect(bad.proof.lowerBound).toBeLessThan(0.85)
  })

  test('passes at most once in twenty where it is useful 85 % of the time', async () => {
    let passed = 0
    for (let i = 0; i < 200; i++) {
      const random = seeded(`ready ${i}`)
      const { proof } = await backtest(
        ready,
        groups(60, () => random.uniform() < 0.85),
        { seed: i },
      )
      if (proof.passed) passed++
    }
    expect(passed).toBeLessThanOrEqual(10)
  })
})
