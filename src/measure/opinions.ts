import type { Question as AnyQuestion } from '../contract/index.ts'
import { lowerBound, upperBound } from '../stats/binomial.ts'
import { fewestPeople } from './time-saved.ts'

/** The one-click questions that ask for an opinion. `minutes`: how many minutes a week people think it saves them. */
export type Question = Exclude<AnyQuestion, 'volunteer' | 'switch off'>

export const isOpinion = (question: AnyQuestion): question is Question =>
  question !== 'volunteer' && question !== 'switch off'

export interface Answer {
  question: Question
  /** Pseudonym. */
  person: string
  /** Yes or no; minutes a week for `minutes`. */
  answer: boolean | number
  /** Milliseconds since the epoch. */
  at: number
}

/** What a group answered. Nobody sees it for fewer than five people; then everything but `because` is null. */
export interface Opinion {
  people: number | null
  yes: number | null
  share: number | null
  /** Exact bounds at 95 % confidence, both together. */
  low: number | null
  high: number | null
  because: string
}

const day = 24 * 3600 * 1000
/** A person is asked at most this often, whatever the question and the skill. */
const between: Record<AnyQuestion, number> = {
  volunteer: 91 * day,
  satisfied: 30 * day,
  'would notice': 91 * day,
  minutes: 91 * day,
  'switch off': 91 * day,
}

/**
 * Whether a person may be asked now: at most one question a month, the same one about the same deployment not again within its time
 * (a month; a quarter for "would you notice" and minutes), and never twice for the same item.
 *
 * @param asked everything this person was ever asked, in any order
 */
export function mayAsk(
  asked: readonly { question: AnyQuestion; deployment: string; item: string | null; at: number }[],
  {
    question,
    deployment,
    item,
    now,
  }: { question: AnyQuestion; deployment: string; item: string | null; now: number },
): { ask: boolean; because: string } {
  // A time in the future is a clock that jumped: it was asked, and no more is known.
  const ago = (at: number) => Math.max(0, now - at)
  if (asked.some(({ at }) => ago(at) < between.satisfied))
    return { ask: false, because: 'This person was asked something within the last month.' }
  if (item !== null && asked.some((each) => each.item === item && each.deployment === deployment))
    return { ask: false, because: 'This person was asked about this before.' }
  if (
    asked.some(
      (each) =>
        each.question === question && each.deployment === deployment && ago(each.at) < between[question],
    )
  )
    return { ask: false, because: 'This person was asked the same within the last quarter.' }
  return { ask: true, because: 'Nothing was asked within a month.' }
}

/** The last answer of each person to a question, up to `until`, as long as it is not older than two of its rounds. */
export function lastAnswers(
  answers: Iterable<Answer>,
  question: Question,
  until: number,
): Map<string, Answer> {
  const last = new Map<string, Answer>()
  for (const answer of answers) {
    const { person, at } = answer
    if (answer.question !== question || at > until || until - at > 2 * between[question]) continue
    if ((last.get(person)?.at ?? -Infinity) <= at) last.set(person, answer)
  }
  return last
}

/** What a group answered to a yes or no question: each person's last answer, and only for five people or more. */
export function opinion(
  answers: Iterable<Answer>,
  question: Exclude<Question, 'minutes'>,
  until: number,
): Opinion {
  const last = [...lastAnswers(answers, question, until).values()]
  const people = last.length
  if (people < fewestPeople) return tooFew
  const yes = last.filter(({ answer }) => answer === true).length
  return {
    people,
    yes,
    share: yes / people,
    low: lowerBound(yes, people, 0.975),
    high: upperBound(yes, people, 0.975),
    because: `${yes} of ${people} people said yes.`,
  }
}

const tooFew: Opinion = {
  people: null,
  yes: null,
  share: null,
  low: null,
  high: null,
  because: `Fewer than ${fewestPeople} people have answered; answers are only shown for groups of ${fewestPeople} or more.`,
}
