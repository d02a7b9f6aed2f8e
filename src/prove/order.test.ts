import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Example } from '../contract/index.ts'
import { seeded } from '../stats/random.ts'
import { cutExamples, orderExamples, runsTest, testedGroups } from './order.ts'

function example(key: string, { group = key, at = null, label = 'a' }: Partial<Row> = {}): Example<'record'> {
  return {
    item: { kind: 'record', key, group, at, fields: {} },
    deed: {
      kind: 'record',
      target: 'y',
      value: label,
      at: null,
      person: null,
      seconds: null,
      secondsFrom: null,
    },
  }
}
interface Row {
  group: string
  at: number | null
  label: string
}
const keys = (examples: readonly Example[]) => examples.map(({ item }) => item.key).join('')

describe('order', () => {
  test('with times it is strict time order, equal times in file order', () => {
    const { examples, order } = orderExamples(
      [example('c', { at: 3 }), example('a', { at: 1 }), example('d', { at: 3 }), example('b', { at: 2 })],
      { seed: 1 },
    )
    expect(keys(examples)).toBe('abcd')
    expect(order.kind).toBe('time')
  })

  test('items without a time stay beside their neighbour in the file', () => {
    const { examples } = orderExamples(
      [
        example('x'),
        example('c', { at: 3 }),
        example('y'),
        example('a', { at: 1 }),
        example('z', { at: Number.NaN }),
        example('b', { at: 2 }),
      ],
      { seed: 1 },
    )
    expect(keys(examples)).toBe('azbxcy')
  })

  test('a single time for everything, or times for a few, are no times', () => {
    const same = [example('b', { at: 5 }), example('a', { at: 5 })]
    expect(orderExamples(same, { seed: 1 }).order.kind).toBe('file')
    const few = [example('b', { at: 5 }), example('a', { at: 4 }), example('c'), example('d'), example('e')]
    expect(orderExamples(few, { seed: 1 }).order.kind).toBe('file')
  })

  test('without times the file order stays', () => {
    const random = seeded(1)
    const rows = Array.from({ length: 300 }, (_, i) =>
      example(`${i} `, { label: random.uniform() < 0.3 ? 'yes' : 'no' }),
    )
    const { examples, order } = orderExamples(rows, { seed: 1 })
    expect(keys(examples)).toBe(keys(rows))
    expect(order).toEqual({ kind: 'file', because: 'rows in file order' })
  })

  test('a file sorted by its outcome is shuffled by whole groups, the same for the same seed', () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      example(`${i} `, { group: `g${i >> 1}`, label: i < 20 ? 'true' : 'false' }),
    )
    const { examples, order } = orderExamples(rows, { seed: 1 })
    expect(order.kind).toBe('shuffled')
    expect(order.because).toContain('a shuffle flatters when the world moves')
    expect(keys(examples)).not.toBe(keys(rows))
    expect(keys(examples).split(' ').sort()).toEqual(keys(rows).split(' ').sort())
    for (let i = 0; i < 60; i += 2) expect(examples[i]!.item.group).toBe(examples[i + 1]!.item.group)
    expect(keys(orderExamples(rows, { seed: 1 }).examples)).toBe(keys(examples))
    expect(keys(orderExamples(rows, { seed: 2 }).examples)).not.toBe(keys(examples))
  })

  test('a file sorted by its outcome but with times is never shuffled', () => {
    const rows = Array.from({ length: 60 }, (_, i) => example(`${i} `, { at: i, label: i < 20 ? 'a' : 'b' }))
    expect(orderExamples(rows, { seed: 1 }).order.kind).toBe('time')
  })
})

describe('runs test', () => {
  test('it knows a sorted, a grouped, a random and a drifting sequence', () => {
    const random = seeded(5)
    const labels = Array.from({ length: 2000 }, (_, i) => `label ${i % 20}`)
    expect(runsTest([...labels].sort()).evidentlySorted).toBe(true)
    expect(runsTest(labels.flatMap((label) => [label, label, label])).evidentlySorted).toBe(true)
    expect(runsTest(random.shuffle(labels)).evidentlySorted).toBe(false)
    const drifting = Array.from({ length: 2000 }, (_, i) => String(random.uniform() < 0.1 + (0.6 * i) / 2000))
    expect(runsTest(drifting).z).toBeLessThan(-4)
    expect(runsTest(drifting).evidentlySorted).toBe(false)
  })

  test('its mean and spread are those of shuffled sequences', () => {
    const random = seeded(6)
    const labels = [...'aaaaaaaabbbbbcccd']
    const runs = Array.from({ length: 4000 }, () => runsTest(random.shuffle(labels)))
    const { expected } = runs[0]!
    const mean = runs.reduce((sum, one) => sum + one.runs, 0) / runs.length
    const variance = runs.reduce((sum, one) => sum + (one.runs - expected) ** 2, 0) / runs.length
    expect(Math.abs(mean - expected)).toBeLessThan(0.1)
    const different = runs.find((one) => one.z !== 0)!
    expect(Math.sqrt(variance)).toBeCloseTo((different.runs - expected) / different.z, 1)
  })

  test('nothing, one choice and a single value are not sorted', () => {
    for (const choices of [[], ['a'], ['a', 'a', 'a']]) expect(runsTest(choices).evidentlySorted).toBe(false)
  })

  const data = resolve(import.meta.dirname, '../../../shared/data')
  test.skipIf(!existsSync(data))(`the public tables are told apart (${data})`, () => {
    const sorted = (file: string, column: string) => {
      const bytes = readFileSync(resolve(data, file))
      const rows: Record<string, string>[] = parse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, {
        columns: true,
        bom: true,
      })
      return runsTest(rows.map((row) => row[column]!)).evidentlySorted
    }
    expect(sorted('triage/banking77/train.csv', 'label')).toBe(true)
    expect(sorted('triage/github-issues/train.csv.gz', 'label')).toBe(true)
    expect(sorted('triage/it-tickets/train.csv', 'label')).toBe(false)
    expect(sorted('score/bank/train_time.csv.gz', 'y')).toBe(false)
    expect(sorted('score/leads/train_time.csv.gz', 'y')).toBe(false)
  })
})

describe('cut', () => {
  test('every part is later than the one before, groups are whole, and late groups lose their early items', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 }), (groups) => {
        const examples = groups.map((group, i) => example(String(i), { group: `g${group}` }))
        const { learn, calibrate, verify } = cutExamples(examples)
        const place = (one: Example) => Number(one.item.key)
        for (const [earlier, later] of [
          [learn, calibrate],
          [calibrate, verify],
          [learn, verify],
        ] as const) {
          const of = new Set(earlier.map(({ item }) => item.group))
          expect(later.some(({ item }) => of.has(item.group))).toBe(false)
          if (earlier.length > 0 && later.length > 0) {
            expect(place(earlier.at(-1)!)).toBeLessThan(place(later[0]!))
          }
        }
        const all = new Set(groups).size
        const kept = [learn, calibrate, verify].map(
          (part) => new Set(part.map(({ item }) => item.group)).size,
        )
        expect(kept[0]! + kept[1]! + kept[2]!).toBe(all)
        expect(kept[2]).toBe(testedGroups(all))
      }),
    )
  })

  test('a long history is cut 60, 20, 20; a short one gives up to a quarter to each tested part', () => {
    const sizes = (n: number) => {
      const parts = cutExamples(Array.from({ length: n }, (_, i) => example(String(i))))
      return [parts.learn.length, parts.calibrate.length, parts.verify.length]
    }
    expect(sizes(1000)).toEqual([600, 200, 200])
    expect(sizes(100)).toEqual([50, 25, 25])
    expect(sizes(1)).toEqual([1, 0, 0])
    expect(sizes(0)).toEqual([0, 0, 0])
  })
})
