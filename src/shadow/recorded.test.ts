import { expect, test } from 'vitest'
import { readLogText } from './intake/read-logs.ts'
import { recordedWork } from './recorded-testing.ts'
import { shadow } from './shadow.ts'

/** Share of true runs that one found run has at least half in common with, and how pure those are. */
function figures(seed: number): { found: number; purity: number; unmixed: number } {
  const { csv, truth } = recordedWork(seed)
  const { routines } = shadow(readLogText('recorded.csv', csv))
  const sizes = new Map<string, number>()
  for (const run of truth) if (run !== '') sizes.set(run, (sizes.get(run) ?? 0) + 1)
  const best = new Map<string, { jaccard: number; purity: number }>()
  let right = 0
  let all = 0
  for (const { runs } of routines) {
    const kinds = new Map<string, number>()
    for (const { events } of runs) {
      const times = new Map<string, number>()
      for (const i of events) times.set(truth[i]!, (times.get(truth[i]!) ?? 0) + 1)
      const [main] = [...times].sort((a, b) => b[1] - a[1])[0]!
      if (main !== '') kinds.set(main.split('-')[0]!, (kinds.get(main.split('-')[0]!) ?? 0) + 1)
      for (const [run, n] of times) {
        const jaccard = n / (events.length + (sizes.get(run) ?? 0) - n)
        if (jaccard > (best.get(run)?.jaccard ?? 0)) best.set(run, { jaccard, purity: n / events.length })
      }
    }
    right += Math.max(0, ...kinds.values())
    for (const n of kinds.values()) all += n
  }
  const wanted = [...sizes].filter(([, size]) => size > 1).map(([run]) => best.get(run))
  return {
    found: wanted.filter((each) => each && each.jaccard >= 0.5).length / wanted.length,
    purity: wanted.reduce((sum, each) => sum + (each?.purity ?? 0), 0) / wanted.length,
    unmixed: right / all,
  }
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
