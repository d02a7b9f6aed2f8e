import type { FactBodies } from '../contract/index.ts'
import { likeness, same } from './answers.ts'
import { opportunitiesFor } from './pain.ts'
import type { ShadowReport } from './shadow.ts'

/** A kind of task as it was before a skill took it on. */
export type TaskBefore = FactBodies['costed']['tasks'][number]

/** What later logs say of it. `weeks` are working weeks. */
export interface TaskTrace {
  task: string
  weeks: number
  /** Runs that people still did by hand, in the same place. */
  byHand: number
  /** Runs of the same work in another place. */
  elsewhere: number
}

type SeenRoutine = ShadowReport['routines'][number]

/** The tasks that a skill on a surface would take away, and what they cost: what is counted as gone when they are. */
export function tasksFor(report: ShadowReport, of: { skill: string; surface: string }): TaskBefore[] {
  const routineOf = new Map(report.routines.map((routine) => [routine.id, routine]))
  const tasks = opportunitiesFor(report, of).map(({ routine }): TaskBefore => {
    const seen = routineOf.get(routine)!
    const { steps, hoursPerWeek, flows, tools } = seen
    const sources = [...new Set(flows.map(({ from }) => from))]
    return {
      task: taskName(steps),
      runsPerWeek: runsOf(seen, report) / report.weeks,
      hoursPerWeek,
      steps,
      tools,
      ...(sources.length > 0 && { sources }),
    }
  })
  // One name, one task.
  return [...Map.groupBy(tasks, ({ task }) => task).values()].map((alike) => ({
    ...alike[0]!,
    runsPerWeek: alike.reduce((sum, { runsPerWeek }) => sum + runsPerWeek, 0),
    hoursPerWeek: alike.reduce((sum, { hoursPerWeek }) => sum + hoursPerWeek, 0),
  }))
}

/** Steps in short: the first and the last. */
export function taskName(steps: readonly string[]): string {
  return steps.length > 3 ? `${steps[0]} → … → ${steps.at(-1)}` : steps.join(' → ')
}

/**
 * What later logs say of the same tasks: how often they are still done by hand with the same steps, and how often the same work
 * is done in another place: the same steps in another tool, or the same values carried somewhere else. A routine counts for the
 * task that it is most like.
 */
export function traceTasks(report: ShadowReport, tasks: readonly TaskBefore[]): TaskTrace[] {
  const traces = tasks.map(({ task }): TaskTrace => ({ task, weeks: report.weeks, byHand: 0, elsewhere: 0 }))
  for (const routine of report.routines) {
    if (routine.kind === 'waiting') continue
    const here = mostLike(tasks, ({ steps = [] }) => likeness(steps, routine.steps))
    const away = mostLike(tasks, (task) => likenessElsewhere(task, routine))
    const runs = runsOf(routine, report)
    if (here !== null) traces[here]!.byHand += runs
    else if (away !== null) traces[away]!.elsewhere += runs
  }
  return traces
}

/** The task that is most like it, where it is like enough. */
function mostLike(tasks: readonly TaskBefore[], like: (task: TaskBefore) => number): number | null {
  let best: number | null = null
  let most = same
  for (const [t, task] of tasks.entries()) {
    const value = like(task)
    if (value < most || (best !== null && value === most)) continue
    most = value
    best = t
  }
  return best
}

function likenessElsewhere(
  { steps = [], tools = [], sources = [] }: TaskBefore,
  routine: SeenRoutine,
): number {
  const carried = new Set(routine.flows.map(({ from }) => from))
  const shared = sources.filter((from) => carried.has(from)).length
  const flows = sources.length === 0 ? 0 : shared / sources.length
  return Math.max(flows, likeness(withoutTools(steps, tools), withoutTools(routine.steps, routine.tools)))
}

/** Steps begin with the tool: "Excel getCell Sheet1!A". */
function withoutTools(steps: readonly string[], tools: readonly string[]): string[] {
  return steps.map((step) => {
    const tool = tools.find((name) => step.startsWith(`${name} `))
    return tool === undefined ? step : step.slice(tool.length + 1)
  })
}

/** All runs, also those that are not told one by one. */
function runsOf({ runs, minutesPerRun, hoursPerWeek }: SeenRoutine, { weeks }: ShadowReport): number {
  return minutesPerRun > 0 ? (hoursPerWeek * 60 * weeks) / minutesPerRun : runs.length
}
