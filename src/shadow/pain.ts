import type { Pain } from '../contract/index.ts'
import type { Opportunity } from './opportunities.ts'
import type { ShadowReport } from './shadow.ts'

/** Words by which the tools of a surface are known in a log. */
const toolsOf: Record<string, RegExp> = {
  mail: /mail|outlook|gmail|inbox|thunderbird/i,
  chat: /slack|teams|chat/i,
  sheet: /excel|sheet|calc|numbers|workbook|csv/i,
  crm: /crm|hubspot|salesforce|pipedrive|record/i,
  dashboard: /dashboard|grafana|figures|metabase|looker/i,
}

/** By a surface's name: which of these it is. */
const surfaceIs: [RegExp, keyof typeof toolsOf][] = [
  [/maildir|mbox|imap|gmail|mail/, 'mail'],
  [/slack|chat/, 'chat'],
  // A CSV file is no tool: people work on it in something else.
  [/xlsx|sheets/, 'sheet'],
  [/hubspot|crm|sql/, 'crm'],
  [/file|grafana|embed|dashboard/, 'dashboard'],
]

/**
 * What the task of a deployment costs, from what people were seen doing: active minutes a week over those who do
 * it. The task is the routines that this skill would take away in this surface's tools; where there are none, others in these
 * tools that are judgement and not carrying of values (a label column is filled in, whatever the skill is called); else those
 * of the skill anywhere. Nothing found is 0 minutes and says so: the lock stays closed, unless somebody hates the task.
 */
export function painOf(report: ShadowReport, of: { skill: string; surface: string }): Pain {
  const chosen = opportunitiesFor(report, of)
  const routineOf = new Map(report.routines.map((routine) => [routine.id, routine]))
  const people = new Set(
    chosen.flatMap(({ routine }) => routineOf.get(routine)!.runs.map(({ person }) => person)),
  )
  const hours = chosen.reduce((sum, { hoursPerWeek }) => sum + hoursPerWeek, 0)
  const days = `${report.span.from.slice(0, 10)} to ${report.span.to.slice(0, 10)}`
  const who = people.size < 5 ? 'fewer than 5 people' : `${people.size} people`
  return {
    minutesPerPersonPerWeek: people.size === 0 ? 0 : Math.round((hours * 600) / people.size) / 10,
    from:
      chosen.length === 0
        ? `recorded work from ${days}, which shows no such task`
        : `recorded work of ${who}, ${days}`,
    named: chosen.some(({ hated }) => hated === true),
  }
}

/** What this skill would take away in this surface's tools; see `painOf`. */
export function opportunitiesFor(
  report: ShadowReport,
  { skill, surface }: { skill: string; surface: string },
): Opportunity[] {
  const kind = surfaceIs.find(([name]) => name.test(surface))?.[1]
  const routineOf = new Map(report.routines.map((routine) => [routine.id, routine]))
  const inTools = ({ routine }: Opportunity) =>
    kind !== undefined && routineOf.get(routine)!.steps.some((step) => toolsOf[kind]!.test(step))
  const judging = ({ routine, skill: other }: Opportunity) =>
    other !== 'reply' && routineOf.get(routine)!.kind === 'routine'
  const fitting = report.opportunities.filter((each) => each.skill !== null)
  const bySkill = fitting.filter((each) => each.skill === skill)
  const alike = ['triage', 'score', 'fill'].includes(skill) ? fitting.filter(judging).filter(inTools) : []
  return [bySkill.filter(inTools), alike, bySkill].find((list) => list.length > 0) ?? []
}
