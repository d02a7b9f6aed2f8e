import { seeded } from '../stats/random.ts'
import type { WorkingWeeks } from './active-time.ts'
import type { Cost } from './cost.ts'
import type { Routine } from './routines.ts'

export interface Opportunity {
  routine: string
  hoursPerWeek: number
  /** 95 % interval over the days recorded; null where there are fewer than two. */
  interval: { low: number; high: number } | null
  people: number | 'fewer than 5'
  minutesPerPersonPerWeek: number
  /** The people who do it say that they hate it; null until somebody has been asked. */
  hated: boolean | null
  /** What those who do it answered to the three questions. */
  answers: { why?: string; from?: string; after?: string }
  skill: string | null
  why: string
  /** The three questions, for the people who do it. */
  ask: string[]
}

const fewestToTell = 5

/** What each skill would take away, told by the words on the steps; the first that fits. */
const remedies: { skill: string; fits: (routine: Routine, words: string) => boolean; how: string }[] = [
  {
    skill: 'summary',
    fits: ({ kind }, words) =>
      kind === 'copy-paste' &&
      /slide|powerpoint|presentation|report/.test(words) &&
      /figure|dashboard|chart|metric|sales/.test(words),
    how: 'figures are carried by hand into a report that "summary" would write where the figures are',
  },
  {
    skill: 'reply',
    fits: ({ flows }) =>
      flows.some(({ to }) => /^(mail|outlook|gmail|chat).*(answer|reply|body|compose)/i.test(to)),
    how: 'answers are put together elsewhere and carried into the mail, which "reply" would draft in the thread',
  },
  {
    skill: 'fill',
    fits: ({ kind, flows }) => (kind === 'copy-paste' || kind === 'retyping') && flows.length >= 2,
    how: 'values are carried by hand from one place to another, which "fill" would put there',
  },
  {
    skill: 'triage',
    fits: (_, words) =>
      /mail|inbox|outlook|gmail|ticket|message/.test(words) &&
      /move to|folder|label|tag|assign|categor|queue/.test(words),
    how: 'messages are sorted by hand, which "triage" would label in the inbox',
  },
  {
    skill: 'score',
    fits: (_, words) =>
      /lead|opportunity|deal|crm|applicant/.test(words) &&
      /rating|score|priority|stage|grade|qualif/.test(words),
    how: 'records are judged one by one, which "score" would do with its reasons beside them',
  },
  {
    skill: 'fill',
    fits: (_, words) => /excel|sheet|workbook|calc/.test(words) && /edit|insertvalue|type|input/.test(words),
    how: 'cells are filled by hand from what stands beside them, which "fill" would do',
  },
  {
    skill: 'reply',
    fits: (_, words) =>
      /mail|outlook|gmail|inbox|chat/.test(words) && /answer|reply|compose|respond/.test(words),
    how: 'answers are written again and again, which "reply" would draft in the thread',
  },
]

/**
 * A routine's cost and what would take it away. Active minutes count pauses up to a minute; hours a week are over
 * all people, with a bootstrap interval over the recorded days (Efron and Tibshirani 1993, chapter 13).
 */
export function opportunityOf(
  { weeks, days }: WorkingWeeks,
  routine: Routine,
  { minutes, times, perDay, people: who }: Cost,
): { opportunity: Opportunity; minutesPerRun: number } {
  const people = who.size
  const hoursPerWeek = minutes / 60 / weeks
  const words = [...routine.steps, ...routine.tools].join(' ').toLowerCase()
  const remedy =
    routine.kind === 'waiting' || routine.kind === 'rework'
      ? undefined
      : remedies.find(({ fits }) => fits(routine, words))
  const told = `seen ${times} times on ${days.length} ${days.length === 1 ? 'day' : 'days'}, ${round(minutes / times, 1)} minutes each`
  const flow = routine.flows[0]
  return {
    minutesPerRun: minutes / times,
    opportunity: {
      routine: routine.id,
      hoursPerWeek,
      interval: bootstrap(
        days.map((day) => (perDay.get(day) ?? 0) / 60),
        days.length / weeks,
      ),
      people: people < fewestToTell ? 'fewer than 5' : people,
      minutesPerPersonPerWeek: people === 0 ? 0 : (hoursPerWeek * 60) / people,
      hated: null,
      answers: {},
      skill: remedy?.skill ?? null,
      why: `${capital(because(routine, remedy?.how))} (${told}).`,
      ask: [
        `Why do you do this (${shortened(routine.steps)})?`,
        flow
          ? `Where does what you take from ${flow.from} come from?`
          : `Where does what you need for "${routine.steps[0]}" come from?`,
        flow
          ? `What do you do with it after it is in ${flow.to}?`
          : `What do you do with it after "${routine.steps.at(-1)}"?`,
      ],
    },
  }
}

function because(routine: Routine, how: string | undefined): string {
  if (routine.kind === 'waiting') {
    return `items lie between "${routine.steps[0]}" and "${routine.steps[1]}": elapsed time and not work; nothing of ours helps here`
  }
  if (routine.kind === 'rework') {
    return `"${routine.steps[0]}" is done again on the same item; nothing of ours helps here until it is known why`
  }
  return how ?? 'nothing of ours helps here'
}

function bootstrap(perDay: readonly number[], daysPerWeek: number): Opportunity['interval'] {
  if (perDay.length < 2) return null
  const days = drawnDays(perDay.length)
  const sums = new Float64Array(draws)
  for (let d = 0, k = 0; d < draws; d++) {
    let sum = 0
    for (const end = k + perDay.length; k < end; k++) sum += perDay[days[k]!]!
    sums[d] = (sum / perDay.length) * daysPerWeek
  }
  sums.sort()
  return { low: sums[Math.floor(draws * 0.025)]!, high: sums[Math.floor(draws * 0.975)]! }
}

const draws = 400
let drawn: { days: Int32Array; of: number } = { days: new Int32Array(), of: 0 }

/** Which days each draw takes: the same for all routines of a log, so they are drawn once. */
function drawnDays(of: number): Int32Array {
  if (drawn.of === of) return drawn.days
  const random = seeded(`hours ${of}`)
  const days = new Int32Array(draws * of)
  for (let k = 0; k < days.length; k++) days[k] = random.integer(of)
  drawn = { days, of }
  return days
}

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const shortened = (steps: readonly string[]) =>
  steps.length <= 4 ? steps.join(', ') : `${steps.slice(0, 2).join(', ')} … ${steps.at(-1)}`
