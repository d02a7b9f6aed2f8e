import type { Fact, Stage } from '../../contract/index.ts'
import { type TaskFate, tasksEliminated } from '../eliminated.ts'
import { type ShrunkGroup, shrunk } from '../groups.ts'
import { type Noticed, noticed } from '../noticed.ts'
import { type Opinion, opinion } from '../opinions.ts'
import type { Quality } from '../quality.ts'
import type { RolledOut } from '../rollout.ts'
import { type SelfReport, selfReport } from '../self-report.ts'
import { type Estimate, fewestPeople, type TimeSaved } from '../time-saved.ts'
import { type Gathered, type Gathering, gather, type Move } from './gather.ts'
import { type SummedWork, type Work, workFromItems, workFromSums } from './work.ts'

/** What a leader reads of one skill on one surface. */
export interface SkillReport {
  deployment: string
  skill: string
  surface: string
  stage: Stage
  /** ISO 8601: when it moved there; null before its first move. */
  since: string | null
  because: string | null
  time: TimeSaved
  /** The same drawn towards what the skill saves elsewhere, where its own items say little; what the page shows. */
  shrunk: ShrunkGroup
  /** Where the handling times come from. */
  times: string | null
  /** Minutes saved on each item by every source of handling times, where there are several. */
  sensitivity: { source: string; minutesPerItem: Estimate }[]
  /** What reaching people changed on all their work, from a roll-out by person. */
  rolledOut: RolledOut
  quality: Quality
  satisfied: Opinion
  wouldNotice: Opinion
  noticed: Noticed
  selfReport: SelfReport
  eliminated: TaskFate[]
}

export interface TeamReport {
  team: string
  /** ISO 8601: facts up to this moment. */
  until: string
  people: number | 'fewer than 5'
  /**
   * All skills that people see together; null while it can be told of none. Bounds are the sums of the skills' bounds.
   */
  hoursPerWeek: Estimate | null
  /** Null below five people. */
  hoursPerPersonPerWeek: Estimate | null
  skills: SkillReport[]
  /** Of the last four weeks, oldest first: what reached people, what left them, and why; what is gone stays told. */
  moves: (Move & { deployment: string; skill: string; surface: string })[]
  /** Skills that people sent on against a closed proof lock, for as long as they are out. */
  overruled: { deployment: string; at: string; because: string }[]
  eliminated: TaskFate[]
  /** What costs the team most and has not been taken away, with what stands in the way. */
  hurts: {
    what: string
    hoursPerWeek: number | null
    minutesPerPersonPerWeek: number | null
    because: string
  }[]
}

/** Whether people see it. */
export const isOut = (stage: Stage | undefined): boolean => stage === 'pilot' || stage === 'live'

const recently = 28 * 24 * 3600 * 1000
const mostHurts = 3
/** What costs less a week hurts nobody. */
const leastHours = 0.05

/**
 * The reports on every team, or one, from the facts alone: the same facts and date always give the same report.
 *
 * @param facts in the order in which they were appended; those after `until` by their own time are left out
 * @param until milliseconds since the epoch
 * @param asSent reads only as far as the `reported` fact for this very date and team, where there is one: what was
 *   told later of an earlier time is then left out as it was when the report went out
 */
export async function teamReports(
  facts: Iterable<Fact> | AsyncIterable<Fact>,
  { until, team, asSent = true }: { until: number; team?: string; asSent?: boolean },
): Promise<TeamReport[]> {
  const all: Gathering = new Map()
  const report = (name: string) => reportOn(name, worked(all), until)
  const sent = new Map<string, TeamReport>()
  for await (const fact of facts) {
    if (fact.kind === 'reported') {
      const of = fact.body.team
      if (asSent && fact.body.until === until && !sent.has(of)) {
        const then = report(of)
        if (then) sent.set(of, then)
      }
    } else if (fact.at <= until) gather(all, fact)
  }
  return teamsOf(all, team).flatMap((name) => sent.get(name) ?? report(name) ?? [])
}

/**
 * The reports as of now, from what was told (`toldKinds`) and the sums that the ledger keeps of all items: as quick
 * with millions of items as with few. The same page as `teamReports` gives on all facts, but that times cut off by a
 * recorder's limit count as unknown.
 */
export async function teamReportsNow(
  told: Iterable<Fact> | AsyncIterable<Fact>,
  workOf: (deployment: string, switchedOff: readonly string[]) => Promise<SummedWork>,
  { until, team }: { until: number; team?: string },
): Promise<TeamReport[]> {
  const all: Gathering = new Map()
  for await (const fact of told) if (fact.kind !== 'reported' && fact.at <= until) gather(all, fact)
  const works = await Promise.all(
    [...all.values()].map(async (own): Promise<Worked> => {
      const off = [...new Set(own.off.map(({ person }) => person))]
      return { ...own, work: workFromSums(await workOf(own.deployment, off)) }
    }),
  )
  return teamsOf(all, team).flatMap((name) => reportOn(name, works, until) ?? [])
}

function teamsOf(all: Gathering, team: string | undefined): string[] {
  const teams = [...new Set([...all.values()].map((own) => own.team))].filter(Boolean).sort()
  return teams.filter((name) => team === undefined || name === team)
}

/** A deployment with what its items come to. */
interface Worked extends Gathered {
  work: Work
}

function worked(all: Gathering): Worked[] {
  return [...all.values()].map((own) => ({ ...own, work: workFromItems(own) }))
}

function reportOn(team: string, all: readonly Worked[], until: number): TeamReport | null {
  const own = all.filter((each) => each.team === team).sort((a, b) => (a.deployment < b.deployment ? -1 : 1))
  if (own.length === 0) return null
  const groups = shrunkGroups(all)
  const skills = own.map((each) => skillReport(each, until, groups.get(each.deployment)!))
  const people = new Set(own.flatMap(({ work }) => work.people)).size
  const told = skills.flatMap((skill) => (isOut(skill.stage) ? (skill.shrunk.hoursPerWeek ?? []) : []))
  const sum = (name: keyof Estimate) => told.reduce((total, each) => total + each[name], 0)
  const hoursPerWeek = told.length ? { estimate: sum('estimate'), low: sum('low'), high: sum('high') } : null
  return {
    team,
    until: new Date(until).toISOString(),
    people: people < fewestPeople ? 'fewer than 5' : people,
    hoursPerWeek,
    hoursPerPersonPerWeek:
      hoursPerWeek && people >= fewestPeople
        ? {
            estimate: hoursPerWeek.estimate / people,
            low: hoursPerWeek.low / people,
            high: hoursPerWeek.high / people,
          }
        : null,
    skills,
    moves: own
      .flatMap(({ deployment, skill, surface, moves }) =>
        moves
          .filter(({ at, to }, n) => {
            const gone = to === 'withdrawn' && n === moves.length - 1
            return (at > until - recently || gone) && to !== 'off' && to !== 'silent'
          })
          .map((move) => ({ ...move, deployment, skill, surface })),
      )
      .sort((a, b) => a.at - b.at),
    overruled: own.flatMap(({ deployment, moves }) => {
      const last = moves.findLast(({ to }) => to === 'pilot' || to === 'live')
      return isOut(moves.at(-1)?.to) && last?.overruled
        ? [{ deployment, at: new Date(last.at).toISOString(), because: last.because }]
        : []
    }),
    eliminated: skills.flatMap(({ eliminated }) => eliminated.filter((fate) => fate.eliminated)),
    hurts: hurting(own, skills),
  }
}

interface GroupTime {
  time: TimeSaved
  times: string | null
  sensitivity: SkillReport['sensitivity']
  shrunk: ShrunkGroup
}

/** The time saved in every deployment of every team: those of the same skill tell how much of it is chance. */
function shrunkGroups(all: readonly Worked[]): Map<string, GroupTime> {
  const groups = new Map<string, GroupTime>()
  for (const same of Map.groupBy(all, ({ skill }) => skill).values()) {
    const own = same.map((each) => {
      const { time, times, sensitivity } = each.work
      return {
        group: each.deployment,
        time,
        times,
        sensitivity: sensitivity.length > 1 ? sensitivity : [],
      }
    })
    const drawn = shrunk(own.map(({ group, time }) => ({ group, saved: time })))
    for (const [i, { group, ...rest }] of own.entries()) groups.set(group, { ...rest, shrunk: drawn[i]! })
  }
  return groups
}

function skillReport(own: Worked, until: number, group: GroupTime): SkillReport {
  const { time } = group
  const wouldNotice = opinion(own.answers, 'would notice', until)
  const last = own.moves.at(-1)
  return {
    deployment: own.deployment,
    skill: own.skill,
    surface: own.surface,
    stage: last?.to ?? 'off',
    since: last ? new Date(last.at).toISOString() : null,
    because: last?.because ?? null,
    ...group,
    rolledOut: own.work.rolledOut,
    quality: own.work.quality,
    satisfied: opinion(own.answers, 'satisfied', until),
    wouldNotice,
    noticed: noticed(own.off, {
      missed: own.missed,
      done: own.work.done,
      saidTheyWould: wouldNotice.share,
      until,
      since: own.moves.find(({ to }) => to === 'live')?.at,
    }),
    selfReport: selfReport(own.answers, time, until),
    eliminated: tasksEliminated(own.before, own.now),
  }
}

function hurting(own: readonly Worked[], skills: readonly SkillReport[]): TeamReport['hurts'] {
  const waiting = own.flatMap(({ deployment, painMinutes, named, closed, skill, surface }, i) => {
    const { stage, because } = skills[i]!
    if (isOut(stage) || (painMinutes === null && !named)) return []
    return [
      {
        what: `${skill} on ${surface} (${deployment})`,
        hoursPerWeek: null,
        minutesPerPersonPerWeek: painMinutes,
        because: closed ?? because ?? 'It has not learned yet.',
      },
    ]
  })
  // Of a skill that people do not see, what it would take away is told by what stands in its way.
  const tasks = skills.flatMap(({ eliminated, stage }) =>
    eliminated
      .filter((fate) => !fate.eliminated && isOut(stage) && fate.hoursPerWeek >= leastHours)
      .map(({ task, hoursPerWeek, because }) => ({
        what: task,
        hoursPerWeek,
        minutesPerPersonPerWeek: null,
        because,
      })),
  )
  return [
    ...tasks.sort((a, b) => b.hoursPerWeek - a.hoursPerWeek),
    ...waiting.sort((a, b) => (b.minutesPerPersonPerWeek ?? 0) - (a.minutesPerPersonPerWeek ?? 0)),
  ].slice(0, mostHurts)
}
