import { expect, test } from 'vitest'
import {
  emptyStream,
  halfWidth,
  sequenceInterval,
  streamStep,
  streamVariance,
} from './confidence-sequence.ts'
import { seeded } from './random.ts'

test('streamed mean and variance are those of the values, also far from zero', () => {
  const values = [1e9 + 1, 1e9 + 2, 1e9 + 4, 1e9 + 9]
  const stream = values.reduce(streamStep, emptyStream)
  expect(stream.mean).toBe(1e9 + 4)
  expect(streamVariance(stream)).toBeCloseTo(38 / 3, 6)
})

test('fewer than two values bound nothing', () => {
  const tuning = { nStar: 100, alpha: 0.05, sides: 2 } as const
  expect(halfWidth(0, tuning)).toBe(Infinity)
  expect(sequenceInterval(streamStep(emptyStream, 3), tuning)).toEqual({ low: -Infinity, high: Infinity })
})

test('looked at after every value, it misses the mean in at most 5 % of runs', () => {
  const runs = 400
  for (const sides of [1, 2] as const) {
    let missed = 0
    for (let run = 0; run < runs; run++) {
      const random = seeded(run).derive(`sides ${sides}`)
      let stream = emptyStream
      let hit = true
      for (let n = 1; n <= 600 && hit; n++) {
        stream = streamStep(stream, random.normal(3, 2))
        if (n < 30) continue
        const { low, high } = sequenceInterval(stream, { nStar: 200, alpha: 0.05, sides })
        hit = low <= 3 && 3 <= high
      }
      if (!hit) missed++
    }
    // 5 % and three standard errors of 400 runs.
    expect(missed / runs).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs))
  }
})
