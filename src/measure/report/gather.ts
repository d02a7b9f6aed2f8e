import type { Fact, Outcome, Stage } from '../../contract/index.ts'
import type { EditKind } from '../edits.ts'
import type { TaskBefore, TaskNow } from '../eliminated.ts'
import type { MeasuredItem } from '../handling.ts'
import type { DoneThen, Missed, SwitchOff } from '../noticed.ts'
import { type Answer, isOpinion } from '../opinions.ts'
import type { JudgedOutcome } from '../quality.ts'
import type { RolledOutItem } from '../rollout.ts'

/** What the facts say of one item, as far as a report needs it. */
interface ItemFacts {
  group: string
  urgent: boolean
  /** Of the first decision: an arm is drawn once. */
  arm: 'shown' | 'held back' | 'silent' | null
  holdback: number
  predicted: number | null
  /** Whether its person had been reached, in a staggered roll-out. */
  reached: boolean | null
  did: {
    at: number
    person: string | null
    times: Record<string, number | null>
    seconds: number | null
    longerThan?: number
  } | null
  judged: { at: number; outcome: Outcome | null; useful: boolean; similarity: number } | null
  edits: string[]
  foundWrong: boolean
}

export interface Move {
  at: number
  from: Stage
  to: Stage
  because: string
  /** It went on to people although its proof was closed. */
  overruled: boolean
}

/** One deployment's facts, gathered. */
export interface Gathered {
  deployment: string
  team: string
  skill: string
  surface: string
  painMinutes: number | null
  named: boolean
  moves: Move[]
  /** What keeps it from people now: the first closed lock of the last move, else of the last proof. */
  closed: string | null
  items: Map<string, ItemFacts>
  answers: Answer[]
  off: SwitchOff[]
  missed: Missed[]
  before: TaskBefore[]
  now: TaskNow[]
}

export type Gathering = Map<string, Gathered>

/** Shares that were held back by stage, where a decision does not say. */
const heldBack: Partial<Record<Stage, number>> = { pilot: 0.2, live: 0.1 }

/** Facts about a deployment or a person rather than about an item: few, however much work there is. */
export const toldKinds = [
  'connected',
  'proved',
  'staged',
  'answered',
  'wished',
  'switchedOff',
  'missed',
  'costed',
  'traced',
  'reported',
] as const satisfies readonly Fact['kind'][]

/** Facts that a report is made of; everything else may be left out when reading. */
export const reportedKinds = [
  ...toldKinds,
  'seen',
  'decided',
  'did',
  'judged',
  'edited',
  'corrected',
] as const satisfies readonly Fact['kind'][]

/** Takes one fact in. Facts come in the order in which they were appended; of several of a kind the last by time counts. */
export function gather(all: Gathering, fact: Fact): void {
  let own = all.get(fact.deployment)
  if (!own) {
    own = {
      deployment: fact.deployment,
      team: '',
      skill: '',
      surface: '',
      painMinutes: null,
      named: false,
      moves: [],
      closed: null,
      items: new Map(),
      answers: [],
      off: [],
      missed: [],
      before: [],
      now: [],
    }
    all.set(fact.deployment, own)
  }
  const { at, item, person } = fact
  switch (fact.kind) {
    case 'connected': {
      const { team, skill, surface, pain } = fact.body
      Object.assign(own, {
        team,
        skill,
        surface,
        painMinutes: pain.minutesPerPersonPerWeek,
        named: pain.named,
      })
      return
    }
    case 'proved':
      own.closed = fact.body.proof.passed ? null : fact.body.proof.because
      return
    case 'staged': {
      const { from, to, because, locks } = fact.body
      const overruled = (to === 'pilot' || to === 'live') && !locks.proof.open
      own.moves.push({ at, from, to, because, overruled })
      const closed = Object.values(locks).find((lock) => !lock.open)
      own.closed = closed?.because ?? null
      return
    }
    case 'answered': {
      const { question, answer } = fact.body
      if (person !== null && isOpinion(question)) own.answers.push({ question, answer, person, at })
      return
    }
    case 'switchedOff':
      if (person !== null) own.off.push({ person, from: at, to: fact.body.until, by: fact.body.by ?? 'week' })
      return
    case 'wished': {
      // Whoever turns it on again while it is off has asked for it, and goes without it no longer.
      const span = own.off.find((each) => each.person === person && at >= each.from && at < each.to)
      if (!span || fact.body.wish !== 'on') return
      own.missed.push({ person: span.person, at, how: 'manual request' })
      span.to = at
      return
    }
    case 'missed':
      if (person !== null) own.missed.push({ person, at, how: fact.body.how })
      return
    case 'costed':
      own.before = [...fact.body.tasks]
      return
    case 'traced':
      own.now = [...fact.body.tasks]
      return
  }
  if (item === null) return
  const state = own.items.get(item) ?? {
    group: item,
    urgent: false,
    arm: null,
    holdback: 0,
    predicted: null,
    reached: null,
    did: null,
    judged: null,
    edits: [],
    foundWrong: false,
  }
  own.items.set(item, state)
  switch (fact.kind) {
    case 'seen':
      state.group = fact.body.group
      state.urgent = fact.body.urgent
      return
    case 'decided':
      if (state.arm !== null) return
      state.arm = fact.body.arm
      state.holdback = fact.body.holdback ?? heldBack[fact.body.stage] ?? 0
      state.predicted = fact.body.predictedSeconds ?? null
      state.reached = fact.body.reached ?? null
      return
    case 'did':
      if (state.did && state.did.at > at) return
      state.did = {
        at,
        person,
        seconds: fact.body.seconds,
        times: { ...fact.body.bySource, [fact.body.secondsFrom || 'the tool']: fact.body.seconds },
        ...(fact.body.longerThan !== undefined && { longerThan: fact.body.longerThan }),
      }
      return
    case 'judged':
      if (state.judged && state.judged.at > at) return
      state.judged = { at, ...fact.body }
      return
    case 'edited':
      state.edits = [...fact.body.kinds]
      return
    case 'corrected':
      state.foundWrong = true
  }
}

/** Items to compare times of: drawn into an arm at random and done. Urgent ones were never drawn. */
export function measuredItems({ items }: Gathered): MeasuredItem[] {
  return [...items.values()].flatMap(({ arm, did, urgent, holdback, predicted }): MeasuredItem[] => {
    if (!did || urgent || (arm !== 'shown' && arm !== 'held back')) return []
    const { times, longerThan } = did
    return [
      {
        arm,
        holdback,
        times,
        // Of several unknown people nobody can be told from another: they count as one.
        person: did.person ?? 'unknown',
        at: did.at,
        ...(predicted !== null && { predicted }),
        ...(longerThan !== undefined && { longerThan }),
      },
    ]
  })
}

/** What became of what was shown, in the order in which it was judged. */
export function judgedOutcomes({ items }: Gathered): JudgedOutcome[] {
  return [...items.values()]
    .filter(({ judged }) => judged?.outcome)
    .sort((a, b) => a.judged!.at - b.judged!.at)
    .map(({ group, judged, edits, foundWrong }) => ({
      group,
      outcome: judged!.outcome!,
      useful: judged!.useful,
      similarity: judged!.similarity,
      edits: edits as EditKind[],
      foundWrong,
    }))
}

export function workDone({ items }: Gathered): DoneThen[] {
  return [...items.values()].flatMap(({ did }) =>
    did?.person ? [{ person: did.person, at: did.at, seconds: did.seconds }] : [],
  )
}

/** What people did while they waited for a roll-out, or had been reached by it. */
export function rolledOutItems({ items }: Gathered): RolledOutItem[] {
  return [...items.values()].flatMap(({ did, reached }) =>
    did?.person && reached !== null
      ? [{ person: did.person, at: did.at, seconds: did.seconds, reached }]
      : [],
  )
}
