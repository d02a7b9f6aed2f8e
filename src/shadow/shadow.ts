import { workingWeeks } from './active-time.ts'
import { costOfRuns } from './cost.ts'
import { type EventLog, isEventLog, none } from './event-log.ts'
import { type Opportunity, opportunityOf } from './opportunities.ts'
import { processGraph, settledCases } from './process-graph.ts'
import { type CaseRoutine, findDeeds, findRework, findWaiting } from './rework-and-waiting.ts'
import { findRoutines, type Routine, type RoutineKind } from './routines.ts'
import type { WorkingHours } from './working-calendar.ts'

export interface ShadowReport {
  events: number
  people: number
  span: { from: string; to: string }
  /** Working weeks that the log covers. */
  weeks: number
  routines: {
    id: string
    kind: RoutineKind
    steps: string[]
    tools: string[]
    /** `events` are 0-based numbers of events in the input, in time order. */
    runs: { person: string; from: string; to: string; events: number[] }[]
    flows: { from: string; to: string; times: number }[]
    minutesPerRun: number
    hoursPerWeek: number
  }[]
  opportunities: Opportunity[]
  /**
   * Of an event log: what directly follows what, and how many different ways there are; where times tie, in the order of
   * the file. Nothing else depends on that order.
   */
  process?: {
    cases: number
    variants: number
    arcs: { from: string; to: string; times: number; meanWaitMinutes: number }[]
  }
  notices: string[]
}

/**
 * What hurts, from what people really did: routines with their runs, and opportunities by hours a week. With `hours`, waits are
 * counted in the team's working time.
 */
export function shadow(log: EventLog, { hours }: { hours?: WorkingHours | undefined } = {}): ShadowReport {
  const graph = isEventLog(log) ? processGraph(log, hours) : null
  const cases = graph && settledCases(log, graph)
  const found: CaseRoutine[] = cases
    ? [...findDeeds(log, cases), ...findRework(log, cases), ...findWaiting(log, cases)]
    : findRoutines(log).routines.map((routine) => ({ routine, cost: costOfRuns(log, routine) }))
  for (const [i, { routine }] of found.entries()) routine.id = `routine-${i + 1}`
  const span = workingWeeks(log)
  const costed = found.map(({ routine, cost }) => ({ routine, ...opportunityOf(span, routine, cost) }))
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (let i = 0; i < log.length; i++) {
    from = Math.min(from, log.at[i]!)
    to = Math.max(to, log.at[i]!)
  }
  const people = new Set<number>()
  for (let i = 0; i < log.length; i++) if (log.person[i] !== none) people.add(log.person[i]!)
  return {
    events: log.length,
    people: people.size,
    span: { from: iso(from), to: iso(to) },
    weeks: span.weeks,
    routines: costed.map(({ routine, opportunity, minutesPerRun }) => ({
      id: routine.id,
      kind: routine.kind,
      steps: routine.steps,
      tools: routine.tools,
      runs: routine.runs.map(({ person, events }) => ({
        person: person === none ? 'nobody' : log.people.names[person]!,
        from: iso(log.at[events[0]!]!),
        to: iso(log.at[events.at(-1)!]!),
        events: events.map((i) => log.index[i]!),
      })),
      flows: routine.flows,
      minutesPerRun,
      hoursPerWeek: opportunity.hoursPerWeek,
    })),
    opportunities: costed
      .sort((a, b) => waits(a) - waits(b) || byHours(a.opportunity, b.opportunity))
      .map(({ opportunity }) => opportunity),
    ...(graph
      ? {
          process: {
            cases: log.cases.names.length,
            variants: graph.variants.length,
            arcs: [...graph.arcs.values()]
              .sort((a, b) => b.times - a.times)
              .map(({ from: a, to: b, times, waitedSeconds }) => ({
                from: log.actions.names[a]!,
                to: log.actions.names[b]!,
                times,
                meanWaitMinutes: waitedSeconds / times / 60,
              })),
          },
        }
      : {}),
    notices: log.notices,
  }
}

/** Hours that items wait are nobody's work: they come after those that are. */
const waits = ({ routine }: { routine: Routine }) => (routine.kind === 'waiting' ? 1 : 0)

function byHours(a: Opportunity, b: Opportunity): number {
  return b.hoursPerWeek - a.hoursPerWeek || (a.routine < b.routine ? -1 : 1)
}

const iso = (ms: number) => new Date(ms).toISOString()
