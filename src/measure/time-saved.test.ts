import { describe, expect, test } from 'vitest'
import { halfWidth } from '../stats/confidence-sequence.ts'
import { seeded } from '../stats/random.ts'
import {
  cherryPicking,
  growthBookHalfWidth,
  recorderGivesUp,
  shapes,
  shortOnesRecorded,
  simulateBias,
  simulateCoverage,
  simulateCuped,
} from './simulated-items.ts'
import { type TimedItem, timeSaved } from './time-saved.ts'

const day = 24 * 3600 * 1000

/** Items whose true saving is known; predicted time explains most of what they vary by. */
function items(
  seed: string,
  n: number,
  {
    saving = 60,
    people = 8,
    held = 0.2,
    days = 28,
  }: Partial<Record<'saving' | 'people' | 'held' | 'days', number>> = {},
): (TimedItem & { seconds: number })[] {
  const random = seeded(seed)
  return Array.from({ length: n }, (_, i) => {
    const predicted = random.logNormal(5.5, 0.6)
    const shown = random.uniform() >= held
    return {
      arm: shown ? 'shown' : 'held back',
      seconds: Math.max(1, predicted + random.normal(0, 40) - (shown ? saving : 0)),
      predicted,
      person: `p${i % people}`,
      at: (i / n) * days * day,
    }
  })
}

describe('time saved', () => {
  test('it finds the saving, in minutes an item and hours a person a week', () => {
    const result = timeSaved(items('a', 3000, { saving: 90 }))
    expect(result.minutesPerItem!.estimate).toBeCloseTo(1.5, 0)
    expect(result.minutesPerItem!.low).toBeGreaterThan(1)
    expect(result.people).toBe(8)
    expect(result.weeks).toBeCloseTo(4, 1)
    const perWeek = (result.minutesPerItem!.estimate / 60) * (result.shown / result.weeks)
    expect(result.hoursPerWeek!.estimate).toBeCloseTo(perWeek, 6)
    expect(result.hoursPerPersonPerWeek!.estimate).toBeCloseTo(perWeek / 8, 6)
    expect(result.because).toContain('hours a person a week')
  })

  test('a suggestion that costs time is below zero', () => {
    const result = timeSaved(items('cost', 3000, { saving: -60 }))
    expect(result.hoursPerPersonPerWeek!.high).toBeLessThan(0)
    expect(result.because).toContain('minutes longer')
  })

  test('predictions narrow the interval and do not move it away', () => {
    const all = items('cuped', 1500)
    const with_ = timeSaved(all).minutesPerItem!
    const without = timeSaved(all.map(({ predicted: _, ...item }) => item)).minutesPerItem!
    expect(with_.high - with_.low).toBeLessThan((without.high - without.low) / 2)
    expect(without.low).toBeLessThan(1)
    expect(without.high).toBeGreaterThan(1)
  })

  test('looked at every hundred items, the interval misses the truth in at most 5 % of runs', () => {
    const runs = 150
    let missed = 0
    for (let run = 0; run < runs; run++) {
      const all = items(`coverage ${run}`, 1000)
      const missing = [200, 300, 400, 500, 600, 700, 800, 900, 1000].some((n) => {
        const interval = timeSaved(all.slice(0, n)).minutesPerItem!
        return interval.low > 1 || interval.high < 1
      })
      if (missing) missed++
    }
    expect(missed / runs).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs))
  })

  test('a changed holdback share does not mix hard weeks with easy ones', () => {
    // In the pilot (a fifth held back) the work was hard; live (a tenth) it is easy. Nothing is saved at all.
    const hard = items('hard', 2000, { saving: 0, held: 0.5 }).map((item) => ({
      ...item,
      seconds: item.seconds + 3000,
      holdback: 0.5,
    }))
    const easy = items('easy', 2000, { saving: 0, held: 0.1 }).map((item) => ({ ...item, holdback: 0.1 }))
    const { minutesPerItem } = timeSaved([...hard, ...easy])
    expect(minutesPerItem!.low).toBeLessThan(0)
    expect(minutesPerItem!.high).toBeGreaterThan(0)
    expect(Math.abs(minutesPerItem!.estimate)).toBeLessThan(0.5)
  })
})

describe('what cannot be told is said', () => {
  test('fewer than five people see totals only', () => {
    const result = timeSaved(items('four', 1000, { people: 4 }))
    expect(result.hoursPerPersonPerWeek).toBeNull()
    expect(result.hoursPerWeek).not.toBeNull()
    expect(result.because).toContain('from 5 people on')
  })

  test('nobody in one arm, or hardly anybody, gives no figure', () => {
    for (const all of [[], items('all shown', 500, { held: 0 }), items('few held', 100, { held: 0.05 })]) {
      const result = timeSaved(all)
      expect(result.minutesPerItem).toBeNull()
      expect(result.because).toContain('at least 20 of each are needed')
    }
  })

  test('impossible times and clock jumps are left out and counted', () => {
    const good = items('good', 1000)
    const bad = [-5, Number.NaN, Infinity, 9 * 3600, 8 * 24 * 3600].map((seconds) => ({
      ...good[0]!,
      seconds,
    }))
    const result = timeSaved([...bad, ...good])
    expect(result.leftOut).toEqual({ impossible: 3, tooLong: 2 })
    expect(result.minutesPerItem).toEqual(timeSaved(good).minutesPerItem)
    expect(result.because).toContain(
      'Left out: 3 with a handling time below zero or unknown, 2 with one above',
    )
  })

  test('two good days are not blown up to a week', () => {
    const result = timeSaved(items('days', 500, { days: 2 }))
    expect(result.weeks).toBe(1)
  })

  test('items that all took the same time have a difference without spread', () => {
    const same = items('same', 200).map((item) => ({ ...item, seconds: 60, predicted: 60 }))
    expect(timeSaved(same).minutesPerItem).toEqual({ estimate: 0, low: 0, high: 0 })
  })
})

describe('by simulation', () => {
  test.each(
    Object.keys(shapes),
  )('with times that are %s the interval misses at most 5 % at any look, and is within a tenth of the peer', (shape) => {
    const runs = 120
    const { missed, width } = simulateCoverage(shapes[shape]!, {
      runs,
      longest: 1200,
      step: 20,
      seed: 'test',
    })
    expect(missed).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs))
    for (const n of [500, 1000]) expect(Math.abs(width[n]! - 1)).toBeLessThan(0.1)
  })

  test("GrowthBook's formula gives the same half-width, and ours is within a tenth of it where tails are short", () => {
    for (const n of [50, 400, 10_000]) {
      const ours = halfWidth(n, { nStar: 500, alpha: 0.05, sides: 2 }) * Math.sqrt(7)
      expect(growthBookHalfWidth(7, n, 500, 0.05)).toBeCloseTo(ours, 10)
    }
    const { width } = simulateCoverage(shapes.normal!, { runs: 40, longest: 1000, step: 500, seed: 'width' })
    expect(width[1000]).toBeGreaterThan(0.99)
    expect(width[1000]).toBeLessThan(1.1)
  })

  test('a prediction that explains 40 % narrows the interval by about the root of the rest', () => {
    const narrower = simulateCuped({ runs: 10, items: 1500, explained: 0.4, seed: 'cuped' })
    expect(narrower).toBeGreaterThan(0.72)
    expect(narrower).toBeLessThan(0.83)
  })

  test.each([
    ['people use suggestions on the easy items only', cherryPicking, 'used'],
    ['mostly short items are timed', shortOnesRecorded, 'arms'],
    ['the recorder gives up on the slow ones', recorderGivesUp, 'arms'],
  ] as const)('when %s the estimate stays unbiased', (_, work, compare) => {
    const { bias, error, naiveBias } = simulateBias(work, { runs: 24, items: 4000, seed: 'bias', compare })
    expect(Math.abs(bias)).toBeLessThan(0.02 + 3 * error)
    expect(Math.abs(naiveBias)).toBeGreaterThan(0.15)
  })

  test('a kind of item that nobody has timed in one arm is not compared with the other arm', () => {
    const all = items('kinds', 2000)
    // Without a prediction, an hour long, and never timed where they were held back.
    const odd = Array.from({ length: 60 }, (_, i): TimedItem => {
      const shown = i % 3 > 0
      const about = { person: 'p1', at: all[i]!.at }
      return { ...about, arm: shown ? 'shown' : 'held back', seconds: shown ? 3600 : null }
    })
    const apart = timeSaved([...all, ...odd]).minutesPerItem!
    expect(apart.estimate).toBeCloseTo(timeSaved(all).minutesPerItem!.estimate, 6)
  })

  test('arms that have nothing timed in common give no figure', () => {
    const apart = Array.from({ length: 200 }, (_, i): TimedItem => {
      const shown = i % 2 > 0
      const foreseen = i % 4 > 1
      const seconds = shown === foreseen ? 60 : null
      const about = { person: `p${i % 8}`, at: i * 1000, ...(foreseen && { predicted: 60 }) }
      return { ...about, arm: shown ? 'shown' : 'held back', seconds }
    })
    expect(timeSaved(apart).minutesPerItem).toBeNull()
  })

  test('an item without a time counts for the hours all the same', () => {
    const all = items('half', 4000, { saving: 90 })
    const half = all.map((item, i) => (i % 2 ? item : { ...item, seconds: null }))
    const whole = timeSaved(all)
    const result = timeSaved(half)
    expect(result.shown).toBe(whole.shown)
    expect(result.timed.shown).toBeLessThan(whole.shown * 0.6)
    expect(result.hoursPerWeek!.estimate / whole.hoursPerWeek!.estimate).toBeCloseTo(1, 0)
    expect(result.because).toContain('the time is known of')
  })
})

describe('what happens to teams', () => {
  test('a month without anything does not count as weeks of work', () => {
    const before = items('before', 1000, { days: 14 })
    const after = items('after', 1000, { days: 14 }).map((item) => ({ ...item, at: item.at + 45 * day }))
    expect(timeSaved([...before, ...after]).weeks).toBeCloseTo(4, 1)
  })

  test('a clock that jumped by years does not stretch the weeks', () => {
    const all = items('clock', 1000)
    const jumped = all.map((item, i) => (i === 5 ? { ...item, at: item.at + 3650 * day } : item))
    // The lost item's day is one more day, no more.
    expect(timeSaved(jumped).weeks).toBeCloseTo(timeSaved(all).weeks + 1 / 7, 6)
  })
})
