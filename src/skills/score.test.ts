import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import type { Cell, Example } from '../contract/index.ts'
import { auc, expectedCalibrationError } from '../learn/scoring-metrics.ts'
import { calibrated } from '../learn/tabular/calibrated.ts'
import { seeded } from '../stats/random.ts'
import { skillConforms } from './conformance.suite.ts'
import {
  baseRate,
  leaksOf,
  noSignal,
  probabilityOf,
  rawLogOdds,
  type ScoreModel,
  score,
  scoreWith,
} from './score.ts'

type RecordExample = Example<'record'>
const tools = { seed: 1 }

function example(
  fields: Record<string, Cell>,
  value: Cell,
  key = '',
  at: number | null = null,
): RecordExample {
  return {
    item: { kind: 'record', key, group: key, at, fields },
    deed: { kind: 'record', at, person: null, seconds: null, secondsFrom: null, target: 'won', value },
  }
}

const sources = ['web', 'fair', 'partner', 'phone', 'mail']

/** Made-up leads with every kind of column, and the true probability that each is won. */
function leads(n: number, seed: string): { examples: RecordExample[]; chances: number[] } {
  const random = seeded(seed)
  const chances: number[] = []
  const examples = Array.from({ length: n }, (_, row) => {
    const budget = random.logNormal(8, 1)
    const source = sources[random.integer(sources.length)]!
    const urgent = random.uniform() < 0.3
    const visits = random.uniform() < 0.1 ? null : random.integer(12)
    const logOdds =
      -1.2 +
      0.8 * (Math.log(budget) - 8) +
      (source === 'partner' ? 1.5 : 0) +
      (urgent ? 1 : 0) +
      0.1 * (visits ?? 0)
    const chance = 1 / (1 + Math.exp(-logOdds))
    chances.push(chance)
    const fields = {
      budget: `€ ${budget.toFixed(2).replace('.', ',')}`,
      source,
      urgent,
      visits,
      city: `town ${random.integer(300)}`,
      arrived: `2024-0${1 + random.integer(9)}-1${random.integer(10)}`,
      nothing: null,
    }
    return example(fields, random.uniform() < chance, String(row))
  })
  return { examples, chances }
}

const known = leads(1200, 'known')
const fresh = leads(1500, 'fresh')
const truthOf = (examples: RecordExample[]) => examples.map(({ deed }) => deed.value === true)
const chancesOf = (model: ScoreModel, examples: RecordExample[]) =>
  examples.map(({ item }) => probabilityOf(model, item))
const learned = await score.learn(known.examples, tools)

skillConforms({
  skill: score,
  history: () => structuredClone(known.examples.slice(0, 400)),
  fresh: () => structuredClone(fresh.examples.slice(0, 40)),
  unlearnable: {
    'records that were all lost': () =>
      known.examples.slice(0, 50).map(({ item }) => example(item.fields, false)),
    'records whose outcome nobody knows yet': () =>
      known.examples.slice(0, 50).map(({ item }) => example(item.fields, null)),
  },
})

test('it tells new won and lost records apart nearly as well as the truth behind them does', () => {
  const best = auc(truthOf(fresh.examples), fresh.chances)!
  expect(auc(truthOf(fresh.examples), chancesOf(learned, fresh.examples))!).toBeGreaterThan(best - 0.03)
  expect(leaksOf(learned)).toEqual([])
  expect(noSignal(learned)).toBeNull()
})

test('its probabilities are the true ones: close to the chances that made the data', () => {
  const said = chancesOf(learned, fresh.examples)
  const distance = said.reduce((sum, p, i) => sum + Math.abs(p - fresh.chances[i]!), 0) / said.length
  expect(distance).toBeLessThan(0.08)
  expect(expectedCalibrationError(truthOf(fresh.examples), said)!).toBeLessThan(0.06)
})

test('a suggestion claims what is likelier, with the probability that it is right', async () => {
  for (const { item } of fresh.examples.slice(0, 50)) {
    const suggestion = (await score.suggest(learned, item, tools))!
    const { probability } = suggestion.value
    expect(suggestion.value).toEqual({ type: 'score', probability, band: suggestion.claim })
    expect(suggestion.claim).toBe(probability >= 0.5 ? 'hot' : 'cold')
    expect(suggestion.confidence).toBe(Math.max(probability, 1 - probability))
  }
})

test('the reasons and the base rate add up to the prediction before calibration', async () => {
  for (const { item } of fresh.examples.slice(0, 100)) {
    const { reasons, value } = (await score.suggest(learned, item, tools))!
    const raw = reasons.reduce((sum, { effect }) => sum + effect, baseRate(learned))
    expect(raw).toBeCloseTo(rawLogOdds(learned, item), 9)
    expect(value.probability).toBeCloseTo(calibrated(learned.tabular.calibration, raw), 9)
  }
})

test('reasons name each field that was read with its value as given, the strongest first', async () => {
  const item = example(
    { budget: '€ 90.000,00', source: 'Partner', urgent: true, visits: 11, city: 'Atlantis' },
    null,
  ).item
  const { reasons } = (await score.suggest(learned, item, tools))!
  const sizes = reasons.map(({ effect }) => Math.abs(effect))
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect(reasons.map(({ field }) => field).sort()).toEqual([
    'arrived',
    'budget',
    'city',
    'source',
    'urgent',
    'visits',
  ])
  expect(
    reasons
      .slice(0, 2)
      .map(({ field }) => field)
      .sort(),
  ).toEqual(['budget', 'source'])
  expect(reasons.find(({ field }) => field === 'source')).toMatchObject({ value: 'Partner' })
  expect(reasons.find(({ field }) => field === 'source')!.effect).toBeGreaterThan(0.5)
})

test('the outcome decides whether a claim was useful, and nothing does before it is known', () => {
  const { deed: won } = example({}, true)
  const { deed: lost } = example({}, false)
  const { deed: open } = example({}, null)
  const value = (probability: number, band: 'hot' | 'cold' | null = null) => ({
    type: 'score' as const,
    probability,
    band,
  })
  expect(score.judge(value(0.9), won)).toEqual({ useful: true, similarity: 1 })
  expect(score.judge(value(0.9), lost)).toEqual({ useful: false, similarity: 0 })
  expect(score.judge(value(0.1), lost)?.useful).toBe(true)
  expect(score.judge(value(0.6, 'cold'), lost)?.useful).toBe(true)
  expect(score.judge(value(0.9), open)).toBeNull()
})

test('the same seed and records give the same model, byte for byte', async () => {
  const few = known.examples.slice(0, 300)
  const bytes = score.save(await score.learn(few, tools))
  expect(score.save(await score.learn(few, tools))).toEqual(bytes)
  expect(score.save(await score.learn(few, { seed: 2 }))).not.toEqual(bytes)
})

test('a saved model says the same after loading; damaged bytes and other versions ask to learn again', () => {
  const bytes = score.save(learned)
  const loaded = score.load(bytes)
  expect(chancesOf(loaded, fresh.examples.slice(0, 50))).toEqual(
    chancesOf(learned, fresh.examples.slice(0, 50)),
  )
  const damaged = Uint8Array.from(bytes)
  damaged[bytes.length >> 1]! ^= 1
  for (const bad of [damaged, bytes.subarray(0, 100), new Uint8Array()]) {
    expect(() => score.load(bad)).toThrow(/learn again/)
  }
})

test('an abort stops learning', async () => {
  await expect(score.learn(known.examples, { seed: 1, signal: AbortSignal.abort() })).rejects.toThrow(
    /abort/i,
  )
})

describe('bad input', () => {
  test('one outcome only is refused in one sentence that says what is missing', async () => {
    const won = known.examples.map(({ item }) => example(item.fields, true))
    await expect(score.learn(won, tools)).rejects.toThrow(
      'All 1200 records with a known outcome of "won" were won',
    )
    await expect(score.learn([], tools)).rejects.toMatchObject({ kind: 'bad-input' })
    await expect(score.learn([example({ a: 1 }, null)], tools)).rejects.toThrow(
      'No record has a known outcome yet',
    )
    await expect(score.learn([example({ a: 1 }, 'maybe', 'row 7')], tools)).rejects.toThrow(
      /"row 7" is "maybe"/,
    )
  })

  test('records whose outcome is not known yet are no lesson', async () => {
    const open = known.examples.flatMap((each, i) => [
      each,
      ...(i % 3 ? [] : [example({ budget: 'x' }, null)]),
    ])
    const model = await score.learn(open, tools)
    expect(model.learned).toBe(1200)
    expect(chancesOf(model, fresh.examples.slice(0, 20))).toEqual(
      chancesOf(learned, fresh.examples.slice(0, 20)),
    )
  })

  test('an outcome that happened once is said to be too little', async () => {
    const model = await score.learn(
      known.examples.slice(0, 50).map(({ item }, i) => example(item.fields, i === 3)),
      tools,
    )
    expect(noSignal(model)).toMatch(/Only one of 50 records was won/)
    expect(await score.suggest(model, fresh.examples[0]!.item, tools)).toBeNull()
  })

  test('thirty records with a plain rule are enough, and without one it says so', async () => {
    const random = seeded('thirty')
    const rows = Array.from({ length: 30 }, (_, i) => {
      const fits = i % 2 === 0
      return example(
        { fits: fits ? 'yes' : 'no', size: random.integer(100) },
        fits === random.uniform() < 0.9,
      )
    })
    const model = await score.learn(rows, tools)
    expect(noSignal(model)).toBeNull()
    expect(probabilityOf(model, example({ fits: 'yes', size: 50 }, null).item)).toBeGreaterThan(0.6)
    expect(probabilityOf(model, example({ fits: 'no', size: 50 }, null).item)).toBeLessThan(0.4)
  })

  test('rows with differing fields, odd field names and cells of any kind are learned from', async () => {
    const random = seeded('odd')
    const rows = Array.from({ length: 120 }, (_, i): RecordExample => {
      const fields: Record<string, Cell> = {
        constructor: i % 7,
        __proto: '',
        'a b,"c"': random.uniform() < 0.5,
        big: 1e308 * (i % 3),
      }
      if (i % 2) fields.late = i % 4 === 1 ? 'n/a' : Number.NaN
      return example(fields, random.uniform() < (i % 7) / 7)
    })
    const model = await score.learn(rows, tools)
    const { reasons } = (await score.suggest(model, example({}, null).item, tools))!
    expect(reasons.every(({ value }) => value === null)).toBe(true)
    for (const { item } of [...rows, example({}, null), example({ never: 'seen' }, null)]) {
      const probability = probabilityOf(model, item)
      expect(probability).toBeGreaterThan(0)
      expect(probability).toBeLessThan(1)
    }
  })
})

test('records with nothing in them that tells won from lost are met with silence and the base rate', async () => {
  const random = seeded('noise')
  let silent = 0
  for (let run = 0; run < 10; run++) {
    const rows = Array.from({ length: 250 }, () =>
      example(
        { a: random.normal(), b: random.integer(5), c: `x${random.integer(40)}` },
        random.uniform() < 0.2,
      ),
    )
    const model = await score.learn(rows, { seed: run })
    if (noSignal(model) === null) continue
    silent++
    expect(noSignal(model)).toMatch(/do not tell won from lost/)
    expect(await score.suggest(model, rows[0]!.item, tools)).toBeNull()
    expect(probabilityOf(model, rows[0]!.item)).toBeCloseTo(truthOf(rows).filter(Boolean).length / 250, 9)
  }
  expect(silent).toBeGreaterThanOrEqual(9)
})

describe('a field that is only known after the outcome', { timeout: 120_000 }, () => {
  const random = seeded('leak')
  const leaking = known.examples.map(({ item, deed }) =>
    example(
      {
        ...item.fields,
        contract: deed.value === true && random.uniform() < 0.8 ? `C-${random.integer(9999)}` : null,
      },
      deed.value,
    ),
  )

  test('is left out and named with the reason', async () => {
    const model = await score.learn(leaking, tools)
    expect(leaksOf(model)).toEqual([
      { field: 'contract', because: expect.stringContaining('written after the outcome') },
    ])
    expect(chancesOf(model, fresh.examples)).toEqual(chancesOf(learned, fresh.examples))
  })

  test('stays in where a person says so', async () => {
    const model = await scoreWith({ keep: ['contract'] }).learn(leaking, tools)
    expect(leaksOf(model)).toEqual([])
    const item = (contract: Cell) => example({ ...fresh.examples[0]!.item.fields, contract }, null).item
    expect(probabilityOf(model, item('C-1'))).toBeGreaterThan(probabilityOf(model, item(null)) + 0.3)
  })

  test('leaves silence when it was all there was', async () => {
    const model = await score.learn(
      known.examples.map(({ deed }, i) => example({ row: i % 7, done: deed.value }, deed.value)),
      tools,
    )
    expect(leaksOf(model).map(({ field }) => field)).toEqual(['done'])
    expect(noSignal(model)).toMatch(/do not tell won from lost/)
  })
})

const data = resolve(import.meta.dirname, '../../../shared/data/score/leads')
test.skipIf(!existsSync(data))(
  'it ranks the real leads of a school (needs shared/data/score/leads)',
  { timeout: 120_000 },
  async () => {
    const read = (part: string): RecordExample[] => {
      const rows: Record<string, string>[] = parse(gunzipSync(readFileSync(resolve(data, part))), {
        columns: true,
      })
      return rows.map(({ y, ...fields }, row) => example(fields, y === '1', String(row)))
    }
    const test = read('test.csv.gz')
    const model = await score.learn(read('train.csv.gz'), tools)
    expect(leaksOf(model)).toEqual([])
    expect(auc(truthOf(test), chancesOf(model, test))!).toBeGreaterThan(0.85)
  },
)
