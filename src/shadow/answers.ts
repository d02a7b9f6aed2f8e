import type { FactBodies } from '../contract/index.ts'
import type { ShadowReport } from './shadow.ts'

/** What the people who do a routine say of it: that they hate it (or not), and their answers to the three questions. */
export type RoutineAnswer = FactBodies['saidOfRoutine'] & { at: number }
export type RoutineQuestion = RoutineAnswer['question']

/** Share of all steps of both that two routines must have in common to be the same. */
export const same = 0.6

/** The report with what was said beside its evidence: `hated` and `answers`. Of each question the last answer counts. */
export function withAnswers(report: ShadowReport, answers: readonly RoutineAnswer[]): ShadowReport {
  if (answers.length === 0) return report
  const latest = answers.toSorted((a, b) => a.at - b.at)
  const byId = new Map(report.routines.map((routine) => [routine.id, routine]))
  return {
    ...report,
    opportunities: report.opportunities.map((opportunity) => {
      const routine = byId.get(opportunity.routine)!
      const said = latest.filter(
        (each) => each.kind === routine.kind && likeness(each.steps, routine.steps) >= same,
      )
      const told = { ...opportunity, answers: { ...opportunity.answers } }
      for (const { question, answer } of said) {
        if (question === 'hated') told.hated = answer === true
        else told.answers[question] = String(answer)
      }
      return told
    }),
  }
}

/** Steps in common, of all steps of both: 0..1. */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [new Set(a), new Set(b)]
  const common = [...left].filter((step) => right.has(step)).length
  return common / Math.max(1, left.size + right.size - common)
}
