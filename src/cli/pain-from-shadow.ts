import type { Deployment } from '../contract/index.ts'
import type { RoutineRow } from '../server/index.ts'
import { painOf, type ShadowReport, shadow, withAnswers } from '../shadow/index.ts'
import type { DataOptions } from './open-ledger.ts'
import { aligned, openLogs, readAnswers, saveAnswer } from './shadow.ts'

/** What hurts in these logs, with what people said of it before. */
export async function reportOn(logs: string[], options: DataOptions): Promise<ShadowReport> {
  return withAnswers(shadow(await openLogs(logs, {})), await readAnswers(options))
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
        what: steps.length > 3 ? `${steps[0]} → … → ${steps.at(-1)}` : steps.join(' → '),
        hours: `${hoursPerWeek.toFixed(1)}${between}`,
        people: String(people),
        hated: hated === true,
        remedy: skill ?? 'nothing of ours helps here',
      }
    })
}

/** What the status page shows of it, and what its one click does. */
export function hurting(report: ShadowReport, folder: string) {
  return {
    routines: async () => routineRows(withAnswers(report, await readAnswers({ data: folder }))),
    hate: (id: string) => saveAnswer({ data: folder }, report, id, 'hated', true),
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
