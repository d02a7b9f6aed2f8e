import { expect, test } from 'vitest'
import type { Example, Skill } from '../contract/index.ts'
import { seeded } from '../stats/random.ts'
import { backtest } from './backtest.ts'

type Known = ReadonlyMap<string, string>

const answers = (examples: Iterable<Example<'record'>>): [string, string][] =>
  [...examples].map(({ item, deed }) => [String(item.fields.topic), String(deed.value)])

/** Says of a topic what was last said of it; knows what it was taught, and nothing else. */
const parrot: Skill<'record', Known> = {
  name: 'parrot',
  kind: 'record',
  about: '',
  version: 1,
  learn: async (examples) => new Map(answers(examples)),
  update: async (known, examples) => new Map([...known, ...answers(examples)]),
  async suggest(known, { fields }) {
    const value = known.get(String(fields.topic))
    return {
      kind: 'record',
      value: { type: 'score', probability: value === 'yes' ? 1 : 0, band: null },
      confidence: value === undefined ? 0.1 : 0.95,
      reasons: [{ field: 'topic', value: fields.topic ?? null, effect: 1 }],
    }
  },
  judge: ({ probability }, { value }) => {
    const useful = (value === 'yes') === (probability === 1)
    return { useful, similarity: useful ? 1 : 0 }
  },
  save: () => new Uint8Array(),
  load: () => new Map(),
}

const { update: _, ...once } = parrot

function example(i: number, topic: string, value: string, group = String(i)): Example<'record'> {
  return {
    item: { kind: 'record', key: String(i), group, at: i, fields: { topic } },
    deed: { kind: 'record', target: 'y', value, at: null, person: null, seconds: null, secondsFrom: null },
  }
}

test('what begins in the newest work is learned along the way, as it would be live', async () => {
  const random = seeded('new topics')
  // From row 900 on nearly all is about topics that nobody had heard of before.
  const history = Array.from({ length: 1000 }, (_, i) => {
    const topic = `${i < 900 || random.uniform() < 0.1 ? 'old' : 'new'} ${random.integer(3)}`
    return example(i, topic, topic.startsWith('new') ? 'yes' : 'no')
  })
  const taught = await backtest(parrot, history, { seed: 1 })
  const untaught = await backtest(once, history, { seed: 1 })
  const known = ({ verify }: typeof taught) =>
    verify.filter(({ suggestion }) => suggestion!.confidence > 0.9).length / verify.length
  expect(known(untaught)).toBeLessThan(0.6)
  expect(known(taught)).toBeGreaterThan(0.8)
  expect(taught.proof.passed).toBe(true)
  // Before the first lesson about them, the new topics were as new as they would have been live.
  const first = taught.verify.find(({ item }) => String(item.fields.topic).startsWith('new'))!
  expect(first.suggestion!.confidence).toBe(0.1)
})

test('an item is never judged by a model that knows it, nor the rest of its conversation', async () => {
  // Every topic belongs to one conversation of eight items, spread over the file: all that is known is a leak.
  const history = Array.from({ length: 960 }, (_, i) => {
    const conversation = `${Math.floor(i / 160)}-${i % 20}`
    return example(i, conversation, i % 3 === 0 ? 'yes' : 'no', conversation)
  })
  const { verify, proof } = await backtest(parrot, history, { seed: 1 })
  expect(verify.length).toBeGreaterThan(100)
  expect(verify.every(({ suggestion }) => suggestion!.confidence === 0.1)).toBe(true)
  expect(proof.passed).toBe(false)
})
