import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { bestSource, capSensitivity, gapCapped, type MeasuredItem, withSource } from './handling.ts'
import { timeSaved } from './time-saved.ts'

/** The compose box only catches what is done in one go; opening and sending are always seen. Saved: a minute. */
function items(n: number): MeasuredItem[] {
  const random = seeded('sources')
  return Array.from({ length: n }, (_, i) => {
    const shown = random.uniform() >= 0.2
    const seconds = random.logNormal(5, 0.5) + 60 - (shown ? 60 : 0)
    return {
      arm: shown ? 'shown' : 'held back',
      times: { 'compose box': seconds < 200 ? seconds : null, 'open to sent': seconds },
      person: `p${i % 6}`,
      at: i * 600_000,
    }
  })
}

test('a source that only catches the quick ones gives way to one that knows all', () => {
  const all = items(6000)
  const best = bestSource(all)!
  expect(best.source).toBe('open to sent')
  expect(best.because).toContain('100 % of the shown')
  const { minutesPerItem } = timeSaved(withSource(all, best.source))
  expect(Math.abs(minutesPerItem!.estimate - 1)).toBeLessThan(0.1)
  // What the better-looking source would have said.
  expect(timeSaved(withSource(all, 'compose box')).minutesPerItem!.estimate).toBeLessThan(0.75)
})

test('the best source wins where it knows nearly all, and none is none', () => {
  const all = items(200).map(({ times, ...item }) => ({
    ...item,
    times: { ...times, 'compose box': times['open to sent']! },
  }))
  expect(bestSource(all)!.source).toBe('compose box')
  expect(bestSource([])).toBeNull()
  expect(bestSource(items(5).map((item) => ({ ...item, times: {} })))).toBeNull()
})

test('gaps longer than the cap count as the cap', () => {
  const at = (...seconds: number[]) => seconds.map((second) => second * 1000)
  expect(gapCapped(at(0, 30, 4000, 4010), 120)).toBe(30 + 120 + 10)
  expect(gapCapped(at(10, 0), 120)).toBe(10)
  expect(gapCapped(at(1), 120)).toBeNull()
  expect(gapCapped([Number.NaN, 1000, 3000], 120)).toBe(2)
})

test('a saving that only the cap makes is seen to move with it', () => {
  const random = seeded('caps')
  const all = Array.from({ length: 3000 }, (_, i) => {
    const shown = random.uniform() >= 0.2
    const gap = shown ? 100 : 1000
    return {
      arm: shown ? ('shown' as const) : ('held back' as const),
      stamps: [0, 20_000, 20_000 + gap * 1000],
      person: `p${i % 6}`,
      at: i * 600_000,
    }
  })
  const { caps, because } = capSensitivity(all)
  expect(caps.map(({ saved }) => Math.round(saved.minutesPerItem!.estimate * 60))).toEqual([0, 20, 200, 500])
  expect(because).toContain('between 0 and 8.33 minutes')
  expect(capSensitivity(all.slice(0, 10)).because).toContain('cannot be told')
})
