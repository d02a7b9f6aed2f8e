import { createHash } from 'node:crypto'
import type { Deployment } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import type { RoutineRow } from '../server/index.ts'
import { painOf, type ShadowReport, shadow, taskName, tasksFor, withAnswers } from '../shadow/index.ts'
import type { DataOptions } from './data-options.ts'
import { answersIn, readAnswers, sayOfRoutine } from './routine-answers.ts'
import { aligned, openLogs } from './shadow.ts'

/** What hurts in these logs, with what people said of it before. */
export async function reportOn(logs: string[], options: DataOptions): Promise<ShadowReport> {
  return withAnswers(shadow(await openLogs(logs, {})), await readAnswers(options))
}

/** Keeps what the task of a deployment cost before, so that it is known what is gone when nobody does it any more. */
export async function keepCosts(
  ledger: Ledger,
  { id, skill, surface }: Pick<Deployment, 'id' | 'skill' | 'surface'>,
  report: ShadowReport,
): Promise<void> {
  const tasks = tasksFor(report, { skill, surface })
  if (tasks.length === 0) return
  const about = { at: Date.now(), deployment: id, item: null, person: null }
  const key = `${id}:costed:${createHash('sha256').update(JSON.stringify(tasks)).digest('hex').slice(0, 24)}`
  await ledger.append([{ ...about, key, kind: 'costed', body: { tasks } }])
}

/**
 * Deployments with what their tasks cost, taken from what people were seen doing. A task that people said they hate stays
 * named whatever it costs; one that only counts as named because somebody connected it gives way to the measurement.
 */
export function withPain<D extends Omit<Deployment, 'id'>>(
  deployments: readonly D[],
  report: ShadowReport,
): D[] {
  return deployments.map((each) => {
    const measured = painOf(report, each)
    const hated = each.pain.named && each.pain.from !== null
    return { ...each, pain: { ...measured, named: measured.named || hated } }
  })
}

const mostTold = 8

/** The routines that cost most; those that a skill of ours would take away come first. */
export function routineRows({ routines, opportunities }: ShadowReport): RoutineRow[] {
  const byId = new Map(routines.map((routine) => [routine.id, routine]))
  return opportunities
    .toSorted((a, b) => (a.skill === null ? 1 : 0) - (b.skill === null ? 1 : 0))
    .slice(0, mostTold)
    .map(({ routine, hoursPerWeek, interval, people, hated, skill }) => {
      const { steps } = byId.get(routine)!
      const between = interval ? ` (${interval.low.toFixed(1)} to ${interval.high.toFixed(1)})` : ''
      return {
        id: routine,
        what: taskName(steps),
        hours: `${hoursPerWeek.toFixed(1)}${between}`,
        people: String(people),
        hated: hated === true,
        remedy: skill ?? 'nothing of ours helps here',
      }
    })
}

/** What the status page shows of it, and what its one click does. */
export function hurting(report: ShadowReport, ledger: Ledger, folder: string) {
  return {
    routines: async () => routineRows(withAnswers(report, await answersIn(ledger))),
    hate: (routine: string) =>
      sayOfRoutine(ledger, folder, report, { routine, question: 'hated', answer: true }),
  }
}

/** The same for the terminal. */
export function hurtsText(report: ShadowReport): string {
  const rows = routineRows(report)
  const { from, to } = report.span
  const head = `What hurts, in recorded work from ${from.slice(0, 10)} to ${to.slice(0, 10)}:`
  if (rows.length === 0) return `${head} nothing is done often enough to call it a routine.`
  return `${head}\n${aligned(rows.map(({ what, hours, people, remedy }) => ({ what, 'hours a week': hours, people, 'what would help': remedy })))}`
}
