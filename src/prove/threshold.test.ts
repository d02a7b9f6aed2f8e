import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lowerBound } from '../stats/binomial.ts'
import { seeded } from '../stats/random.ts'
import { chooseThresholds, type Judged, thresholdCurve } from './threshold.ts'

const options = { target: 0.85, confidence: 0.95 }

/** Judged suggestions whose useful rate at each confidence is known. */
function draw(seed: string, n: number, rate: (confidence: number) => number, claim?: string): Judged[] {
  const random = seeded(seed)
  return Array.from({ length: n }, (_, i) => {
    const confidence = random.uniform()
    return { group: `${claim ?? ''}${i}`, claim, confidence, useful: random.uniform() < rate(confidence) }
  })
}

describe('curve', () => {
  test('a group has one verdict: that of its first suggestion at or above the threshold', () => {
    const judged = [
      { group: 'a', confidence: 0.5, useful: false },
      { group: 'a', confidence: 0.9, useful: true },
      { group: 'b', confidence: 0.7, useful: true },
      { group: 'b', confidence: 0.7, useful: false },
    ]
    expect(thresholdCurve(judged)).toEqual([
      { threshold: 0.9, shown: 1, useful: 1, expected: 0.9 },
      { threshold: 0.7, shown: 2, useful: 2, expected: 1.6 },
      { threshold: 0.5, shown: 2, useful: 1, expected: expect.closeTo(1.2) },
    ])
  })

  test('it agrees with counting anew at every threshold', () => {
    const one = fc.record({
      group: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      confidence: fc.constantFrom(0.1, 0.2, 0.5, 0.8),
      useful: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 30 }), (judged) => {
        for (const { threshold, shown, useful } of thresholdCurve(judged)) {
          const first = new Map<string, boolean>()
          for (const each of judged) {
            if (each.confidence >= threshold && !first.has(each.group)) first.set(each.group, each.useful)
          }
          expect([shown, useful]).toEqual([first.size, [...first.values()].filter(Boolean).length])
        }
      }),
    )
  })
})

describe('choice', () => {
  test('fewer than 19 groups prove nothing, however perfect', () => {
    const perfect = (n: number) =>
      chooseThresholds(
        draw('few', n, () => 1),
        options,
      ).claims[0]!
    expect(perfect(18).point).toBeNull()
    expect(perfect(18).closest).toBeNull()
    expect(perfect(25).point?.shown).toBe(25)
    expect(chooseThresholds([], options).claims).toEqual([])
  })

  test('a handful of lucky ones at the strict end passes nothing', () => {
    const judged = draw('lucky', 1000, () => 0.6).map((one) =>
      one.confidence > 0.985 ? { ...one, useful: true } : one,
    )
    expect(chooseThresholds(judged, options).claims[0]!.point).toBeNull()
  })

  test('one mishap at the very top does not silence a good skill', () => {
    for (const n of [60, 150, 2000]) {
      const judged = draw('mishap', n, () => 1)
      judged.sort((a, b) => b.confidence - a.confidence)
      judged[0] = { ...judged[0]!, useful: false }
      expect(chooseThresholds(judged, options).claims[0]!.point?.shown).toBe(n)
    }
  })

  test('what passes reaches the target by itself', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { point } = chooseThresholds(
        draw(`${seed}`, 400, (c) => c),
        options,
      ).claims[0]!
      if (point) expect(lowerBound(point.useful, point.shown, 0.95)).toBeGreaterThanOrEqual(0.85)
    }
  })

  test('the loosest threshold that will likely pass again is found, not merely a strict one', () => {
    // Useful to 97 % above 0.5 and to 40 % below: what should be shown is half.
    const shares = Array.from({ length: 20 }, (_, seed) => {
      const { point } = chooseThresholds(
        draw(`half ${seed}`, 1000, (c) => (c > 0.5 ? 0.97 : 0.4)),
        options,
      ).claims[0]!
      return (point?.shown ?? 0) / 1000
    }).sort()
    expect(shares[4]).toBeGreaterThan(0.48)
    expect(shares[10]).toBeGreaterThan(0.5)
    expect(shares[19]).toBeLessThan(0.65)
  })

  test('a smaller verify part asks for a stricter threshold', () => {
    const judged = draw('ratio', 2000, (c) => c ** 0.4)
    const shown = (verifyRatio: number) =>
      chooseThresholds(judged, { ...options, verifyRatio }).claims[0]!.point!.shown
    expect(shown(0.2)).toBeLessThan(shown(5))
  })

  test('over many draws a threshold whose true rate is below the target passes at most once in twenty', () => {
    for (const n of [120, 900]) {
      const runs = 300
      let wrong = 0
      for (let run = 0; run < runs; run++) {
        const rate = (c: number) => 0.849 - 0.3 * (1 - c)
        const { point } = chooseThresholds(draw(`null ${n} ${run}`, n, rate), options).claims[0]!
        if (point) wrong++
        // The hardest null: every threshold sits just below the target.
        const flat = chooseThresholds(
          draw(`flat ${n} ${run}`, n, () => 0.8499),
          options,
        )
        if (flat.claims[0]!.point) wrong++
      }
      expect(wrong / (2 * runs)).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / (2 * runs)))
    }
  })
})

describe('claims', () => {
  const hot = draw('hot', 300, () => 0.99, 'hot')
  test('each has its own threshold at its share of the level', () => {
    const cold = draw('cold', 300, () => 0.5, 'cold')
    const { claims, alpha } = chooseThresholds([...hot, ...cold], options)
    expect(alpha).toBeCloseTo(0.025)
    expect(claims.find(({ claim }) => claim === 'hot')!.point).not.toBeNull()
    expect(claims.find(({ claim }) => claim === 'cold')!.point).toBeNull()
  })
  test('one that is too rare to be proven takes no share', () => {
    const { alpha, fewest } = chooseThresholds([...hot, ...draw('rare', 12, () => 1, 'rare')], options)
    expect(alpha).toBeCloseTo(0.05)
    expect(fewest).toBe(19)
  })
  test('one that could only be proven if it were alone is not tested beside another', () => {
    const { claims, alpha } = chooseThresholds([...hot, ...draw('rare', 21, () => 1, 'rare')], options)
    expect(alpha).toBeCloseTo(0.05)
    expect(claims.find(({ claim }) => claim === 'rare')).toEqual({
      claim: 'rare',
      point: null,
      closest: null,
    })
  })
})
