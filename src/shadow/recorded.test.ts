import { expect, test } from 'vitest'
import { againstTruth } from './against-truth-testing.ts'
import { readLogText } from './intake/read-logs.ts'
import { recordedWork } from './recorded-testing.ts'
import { shadow } from './shadow.ts'

/** Share of true runs found, how pure they are, and the share of runs that stand with others of their own routine. */
function figures(seed: number): { found: number; purity: number; unmixed: number } {
  const { csv, truth } = recordedWork(seed)
  const report = shadow(readLogText('recorded.csv', csv))
  const { found, purity, true: all } = againstTruth(report, truth, 2)
  let right = 0
  let wrong = 0
  for (const { runs } of report.routines) {
    const kinds = new Map<string, number>()
    for (const { events } of runs) {
      const kind = truth[events[events.length >> 1]!]!.split('-')[0]!
      if (kind !== '') kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    const most = Math.max(0, ...kinds.values())
    right += most
    for (const n of kinds.values()) wrong += n
    wrong -= most
  }
  return { found: found / all, purity, unmixed: right / (right + wrong) }
}

test('interleaved, interrupted, reordered work is cut into its runs, on companies that it was not developed on', () => {
  const seeds = Array.from({ length: 16 }, (_, k) => 9000 + k)
  const all = seeds.map(figures)
  const mean = (of: (each: (typeof all)[number]) => number) =>
    all.reduce((sum, each) => sum + of(each), 0) / all.length
  expect(mean(({ found }) => found)).toBeGreaterThanOrEqual(0.97)
  expect(mean(({ purity }) => purity)).toBeGreaterThanOrEqual(0.97)
  expect(mean(({ unmixed }) => unmixed)).toBeGreaterThanOrEqual(0.99)
})
