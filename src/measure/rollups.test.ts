import { expect, test } from 'vitest'
import { seeded } from '../stats/random.ts'
import { rollUp, timeSavedFromRollups } from './rollups.ts'
import { type TimedItem, timeSaved } from './time-saved.ts'

test('from rollups of any parts the figure is that of the items', () => {
  const random = seeded('rollups')
  const items = Array.from({ length: 6000 }, (_, i): TimedItem => {
    const predicted = random.logNormal(5, 0.6)
    const shown = random.uniform() >= 0.2
    const seconds = random.uniform() < 0.3 ? null : predicted * (shown ? 0.6 : 1) * random.logNormal(0, 0.4)
    return {
      arm: shown ? 'shown' : 'held back',
      seconds: i === 7 ? -3 : i === 8 ? 9 * 3600 : seconds,
      ...(i % 10 && { predicted }),
      person: `p${i % 7}`,
      at: Date.UTC(2026, 0, 5) + i * 400_000,
      holdback: i < 3000 ? 0.2 : 0.1,
    }
  })
  const direct = timeSaved(items)
  const rows = [rollUp(items.slice(0, 2500)), rollUp(items.slice(2500))].flat()
  expect(rows.length).toBeLessThan(1000)
  const rolled = timeSavedFromRollups(JSON.parse(JSON.stringify(rows)), { people: 7 })
  for (const name of ['estimate', 'low', 'high'] as const)
    expect(rolled.minutesPerItem![name]).toBeCloseTo(direct.minutesPerItem![name], 9)
  expect(rolled).toMatchObject({
    shown: direct.shown,
    heldBack: direct.heldBack,
    timed: direct.timed,
    leftOut: direct.leftOut,
  })
  expect(Math.abs(rolled.weeks - direct.weeks)).toBeLessThan(0.2)
  expect(timeSavedFromRollups([], { people: 0 }).minutesPerItem).toBeNull()
})
