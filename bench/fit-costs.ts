import { costs } from '../src/learn/programs/costs.ts'
import { synthesise } from '../src/learn/programs/synthesise.ts'
import { type FillTask, fillSets, fillTasks, hasPublicSets } from './fill-tasks.ts'

/**
 * Fits the costs of `src/learn/programs/costs.ts` on the half of the tasks that is for development, and prints them:
 *
 *   node bench/fit-costs.ts [rounds] [name,name…]
 *
 * Each round lists the likeliest programs of every task from one and two rows, at its start and in its middle, and, by finite differences,
 * how much of each cost their scores have; then the likelihood of the right program (a log-linear model over the
 * list, as in Singh and Gulwani, "Predicting a correct program in programming by example", CAV 2015) is raised by
 * gradient ascent, with a pull towards the costs of before. Takes a quarter of a minute of CPU for each of the costs
 * (all, or those named) and round.
 */
const rounds = Number(process.argv[2] ?? 1)
const temperature = 0.8
/** A task whose right program is not in the list weighs nothing; a hopeless one little. */
const floor = 0.02
/** Strength of the pull towards the costs of before, per task. */
const pull = 0.004

type Name = keyof typeof costs
const names = (process.argv[3]?.split(',') ?? Object.keys(costs)) as Name[]
const table: Record<Name, number> = costs

/** Only tasks whose best right and best wrong program are this near to each other are looked at. */
const close = 2.5

interface Listed {
  score: number
  right: boolean
  /** Share of each cost in the score. */
  slopes: Float64Array
}

interface Case {
  task: FillTask
  given: number
  /** The row that is given first. */
  start: number
}

function scores({ task, given, start }: Case): Map<string, { score: number; right: boolean }> {
  const rows = [...task.rows.slice(start), ...task.rows.slice(0, start)].slice(0, 12)
  const rest = rows.slice(given)
  const { programs } = synthesise(
    rows.slice(0, given),
    rest.map((row) => row.in),
    performance.now() + 5000,
  )
  return new Map(
    programs.map(({ score, outputs }) => [
      outputs.slice(given).join('\u0001'),
      { score, right: rest.every((row, i) => outputs[given + i] === row.out) },
    ]),
  )
}

if (!hasPublicSets()) {
  console.error('fit: the public tasks are not here.')
  process.exit(2)
}
const cases: Case[] = fillSets
  .flatMap(fillTasks)
  .filter((task) => !task.heldOut)
  .flatMap((task) =>
    [0, Math.floor(task.rows.length / 2)].flatMap((start) => [1, 2].map((given) => ({ task, given, start }))),
  )

for (let round = 0; round < rounds; round++) {
  const lists: Listed[][] = []
  const keys: string[][] = []
  const kept: Case[] = []
  for (const each of cases) {
    const found = scores(each)
    const least = (wanted: boolean) =>
      Math.min(...[...found.values()].filter(({ right }) => right === wanted).map(({ score }) => score))
    // Decided beyond doubt, one way or the other: no small change of costs will change it.
    if (!(Math.abs(least(true) - least(false)) < close)) continue
    kept.push(each)
    keys.push([...found.keys()])
    lists.push([...found.values()].map((one) => ({ ...one, slopes: new Float64Array(names.length) })))
  }
  console.error(`fit: ${lists.length} of ${cases.length} cases are close`)
  const step = 0.02
  for (const [at, name] of names.entries()) {
    table[name] += step
    for (const [i, each] of kept.entries()) {
      const moved = scores(each)
      for (const [j, key] of (keys[i] as string[]).entries()) {
        const listed = (lists[i] as Listed[])[j] as Listed
        const now = moved.get(key)
        if (now) listed.slopes[at] = (now.score - listed.score) / step
      }
    }
    table[name] -= step
    console.error(`fit: ${name}`)
  }
  const shift = new Float64Array(names.length)
  const rate = new Float64Array(names.length)
  for (let turn = 0; turn < 400; turn++) {
    let likelihood = 0
    const slope = new Float64Array(names.length)
    for (const list of lists) {
      const weights = list.map(({ score, slopes }) => {
        let moved = score
        for (let at = 0; at < shift.length; at++) moved += (slopes[at] as number) * (shift[at] as number)
        return moved
      })
      const best = Math.min(...weights)
      const mass = weights.map((each) => Math.exp((best - each) / temperature))
      const total = mass.reduce((sum, each) => sum + each, 0)
      const good = mass.reduce((sum, each, j) => (list[j]?.right ? sum + each : sum), 0)
      const p = good / total
      likelihood += Math.log(p + floor)
      const weight = p / (p + floor)
      for (const [j, { slopes, right }] of list.entries()) {
        const share = (mass[j] as number) / total
        const force =
          (weight * ((right ? (mass[j] as number) / Math.max(good, 1e-300) : 0) - share)) / temperature
        for (let at = 0; at < slope.length; at++)
          slope[at] = (slope[at] as number) - force * (slopes[at] as number)
      }
    }
    if (turn % 100 === 0)
      console.error(`fit: round ${round + 1}, turn ${turn}: ${(likelihood / lists.length).toFixed(4)}`)
    for (let at = 0; at < slope.length; at++) {
      const force = (slope[at] as number) / lists.length - pull * 2 * (shift[at] as number)
      rate[at] = 0.9 * (rate[at] as number) + 0.1 * force
      const moved = (shift[at] as number) + 0.5 * (rate[at] as number)
      shift[at] = Math.max(-1, Math.min(1, moved))
    }
  }
  for (const [at, name] of names.entries())
    table[name] = Number((table[name] + (shift[at] as number)).toFixed(2))
  console.log(`export const costs = ${JSON.stringify(costs, null, 2)}`)
}
