import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  cherryPicking,
  recorderGivesUp,
  shapes,
  shortOnesRecorded,
  simulateBias,
  simulateCoverage,
  simulateCuped,
} from '../src/measure/simulated-items.ts'
import { type SimulatedSkill, simulateGate } from '../src/prove/simulated-verdicts.ts'

/**
 * The operating points of the gate and of the figures on saved time, by simulation: `npm run simulate` writes
 * bench/SIMULATION.md. `npm run simulate -- 100` makes a hundredth of the runs and only prints. Every run has a seed,
 * so that the same program writes the same page.
 */
const fewer = Number(process.argv[2] ?? 1)
if (!(fewer >= 1)) {
  console.error(
    `How many times fewer runs? "${process.argv[2]}" is no number from 1 up; try: npm run simulate -- 100`,
  )
  process.exit(2)
}
const many = (runs: number) => Math.max(20, Math.round(runs / fewer))
const lines: string[] = []
const say = (line = '') => {
  lines.push(line)
  console.log(line)
}
const table = (head: string[], rows: (string | number)[][]) => {
  say(`| ${head.join(' | ')} |`)
  say(`|${head.map(() => ' --- ').join('|')}|`)
  for (const row of rows) say(`| ${row.join(' | ')} |`)
  say()
}
const percent = (share: number, digits = 2) => `${(share * 100).toFixed(digits)} %`
const verdicts = (median: number) => (median === Infinity ? 'not in half of the runs' : median)
const holds = (yes: boolean) => (yes ? 'yes' : '**no**')

say('# What the statistics do, by simulation')
say()
say(
  'Written by `npm run simulate`; the same simulations with fewer runs are in the test suite. "Launched" and "withdrawn" count runs in which the gate decided so at any look, with a look after every verdict.',
)
say()
say('## The gate, verdicts independent')
say()
const runs = many(10_000)
const single: [
  string,
  SimulatedSkill,
  'launch' | 'withdraw',
  number,
  number,
  string,
  (d: Result) => boolean,
][] = [
  ['80 % useful, launched', { rate: 0.8 }, 'launch', 1000, 0, '< 1 %', ({ share }) => share < 0.01],
  ['85 % useful, launched', { rate: 0.85 }, 'launch', 1000, 0, '< 5 %', ({ share }) => share < 0.05],
  ['95 % useful, certified', { rate: 0.95 }, 'launch', 1000, 0, 'median ≤ 60', ({ median }) => median <= 60],
  [
    '92 % useful, certified',
    { rate: 0.92 },
    'launch',
    1000,
    0,
    'median ≤ 140',
    ({ median }) => median <= 140,
  ],
  ['70 % useful, withdrawn', { rate: 0.7 }, 'withdraw', 1000, 0, 'median ≤ 50', ({ median }) => median <= 50],
  ['85 % useful, withdrawn within 1,000 (in error)', { rate: 0.85 }, 'withdraw', 1000, 0, '', () => true],
]
interface Result {
  share: number
  median: number
}
table(
  ['skill', 'runs', 'share', 'median verdicts', 'wanted', 'holds'],
  single.map(([name, skill, decision, longest, from, wanted, met]) => {
    const result = simulateGate(skill, decision, { runs, longest, from, seed: name })
    return [
      name,
      runs,
      percent(result.share),
      verdicts(result.median),
      wanted,
      wanted ? holds(met(result)) : '',
    ]
  }),
)

say('## Decay: 2,000 verdicts at 95 %, then 75 %')
say()
const decayRuns = many(2000)
const decay = simulateGate({ rate: (n) => (n < 2000 ? 0.95 : 0.75) }, 'withdraw', {
  runs: decayRuns,
  longest: 4000,
  from: 2000,
  seed: 'decay',
})
table(
  ['runs', 'noticed', 'median verdicts after the fall', 'wanted', 'holds'],
  [[decayRuns, percent(decay.share), verdicts(decay.median), 'median ≤ 150', holds(decay.median <= 150)]],
)

say('## The gate, verdicts clustered by person (intraclass correlation 0.2)')
say()
say(
  'Each person has a useful rate of their own, from a Beta distribution with the mean in the first column, so five people of a skill that is 80 % useful may well find it 90 % useful. Where the people of the pilot stand for others, `gateStep` is given the person and looks at how much people differ. Where the launch reaches nobody but the people of the pilot, their own mean is what counts, and verdicts count one by one. The last column is what counting one by one would do to the others.',
)
say()
const clusterRuns = many(10_000)
const longest = 600
const clusterRows: (string | number)[][] = []
for (const rate of [0.8, 0.85]) {
  for (const count of [3, 5, 8, 20, 50]) {
    const people = { count, correlation: 0.2 }
    const options = { runs: clusterRuns, longest, seed: `clustered ${rate} ${count}` }
    const others = simulateGate({ rate, people: { ...people, standFor: 'the rest' } }, 'launch', {
      ...options,
      clustered: true,
    })
    const same = simulateGate({ rate, people: { ...people, standFor: 'themselves' } }, 'launch', options)
    const wrong = simulateGate({ rate, people: { ...people, standFor: 'the rest' } }, 'launch', options)
    const limit = rate < 0.85 ? 0.01 : 0.05
    const met = others.share < limit && same.share < limit
    clusterRows.push([
      percent(rate, 0),
      count,
      percent(others.share),
      percent(same.share),
      rate < 0.85 ? '< 1 %' : '< 5 %',
      holds(met),
      percent(wrong.share),
    ])
  }
}
table(
  [
    'useful',
    'people',
    'launched: they stand for others',
    'launched: they are the team',
    'wanted',
    'holds',
    'stand for others, counted one by one',
  ],
  clusterRows,
)
say(`${clusterRuns} runs of ${longest} verdicts each.`)
say()
say(
  'The price: a good skill needs many people, not many verdicts, where people differ. Share certified within 600 verdicts, and the median number of verdicts, with the person given:',
)
say()
const priceRuns = many(1000)
table(
  ['useful', 'people', 'intraclass correlation 0', '0.05', '0.2'],
  [0.95, 0.97].flatMap((rate) =>
    [5, 8, 20, 50].map((count) => [
      percent(rate, 0),
      count,
      ...[0, 0.05, 0.2].map((correlation) => {
        const result = simulateGate(
          { rate, people: { count, correlation, standFor: 'the rest' } },
          'launch',
          {
            runs: priceRuns,
            longest: 600,
            clustered: true,
            seed: `price ${rate} ${count} ${correlation}`,
          },
        )
        return `${percent(result.share, 0)}, ${verdicts(result.median)}`
      }),
    ]),
  ),
)

say('## Intervals of time saved, looked at every ten items up to 2,000')
say()
say(
  'A tenth held back; suggestions save 30 % of each item (40 s to 15 s or so in the mixture). "Missed" is the share of runs in which the 95 % interval missed the truth at any look; at most 5 % is wanted. Width is that of ours over that of GrowthBook\'s formula with the same tuning, on the same items. With long tails GrowthBook\'s formula misses too often, because a small arm that has missed its tail believes itself too much. Ours reaches further on the side on which a missed tail errs, and less far on the other, where a tail that was met makes an interval too wide.',
)
say()
const coverRuns = many(2000)
table(
  [
    'handling times',
    'ours missed',
    'within 5 % (± 2 errors)',
    "GrowthBook's missed",
    'width at 500',
    'at 1,000',
    'at 2,000',
    'within a tenth',
  ],
  Object.entries(shapes).map(([name, work]) => {
    const result = simulateCoverage(work, { runs: coverRuns, longest: 2000, step: 10, seed: name })
    const error = Math.sqrt((0.05 * 0.95) / coverRuns)
    return [
      name,
      percent(result.missed, 1),
      holds(result.missed <= 0.05 + 2 * error),
      percent(result.missedByGrowthBook, 1),
      ...[500, 1000, 2000].map((n) => result.width[n]!.toFixed(2)),
      holds(Object.values(result.width).every((width) => Math.abs(width - 1) <= 0.1)),
    ]
  }),
)
say(`${coverRuns} runs each.`)
say()
const cuped = simulateCuped({ runs: many(400), items: 1500, explained: 0.4, seed: 'cuped' })
say(
  `Adjusted for a predicted time that explains 40 % of the variance, the interval is ${cuped.toFixed(3)} as wide as without (√0.6 = 0.775).`,
)
say()

say('## Hours saved, against the truth')
say()
const biasRows: (string | number)[][] = []
for (const [name, work, compare, runsHere, items] of [
  ['people use suggestions on the easy items only', cherryPicking, 'used', 800, 4000],
  ['mostly items foreseen as short are timed', shortOnesRecorded, 'arms', 3000, 8000],
  ['the recorder gives up after four minutes', recorderGivesUp, 'arms', 1000, 16_000],
] as const) {
  const result = simulateBias(work, { runs: many(runsHere), items, seed: name, compare })
  biasRows.push([
    name,
    `${result.truth.toFixed(1)} s`,
    `${result.estimate.toFixed(1)} s`,
    `${percent(result.bias, 1)} ± ${percent(result.error, 1)}`,
    holds(Math.abs(result.bias) <= 0.02),
    percent(result.missed, 1),
    percent(result.naiveBias, 0),
  ])
}
table(
  [
    'what people or recorders do',
    'truth',
    'estimate',
    'bias',
    'within 2 %',
    'interval missed',
    'bias of the plain comparison',
  ],
  biasRows,
)
say(
  'The plain comparison is used against unused suggestions in the first row, and recorded times as they are in the others. In the last row the times beyond the limit are expected from a log-normal shape, which is also the shape simulated: with other shapes it is only as good as that. Where times are missing for a reason that neither a predicted time nor a limit tells, no method is unbiased; the report says how many times are known in each arm.',
)

if (fewer === 1) {
  const file = resolve(import.meta.dirname, 'SIMULATION.md')
  writeFileSync(file, `${lines.join('\n')}\n`)
  console.error(`simulate: written to ${file}`)
}
