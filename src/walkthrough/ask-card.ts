import type { Answered, Ask, Card, Question } from '../contract/index.ts'

/** What a question is about. */
export interface AskAbout {
  /** The skill's own line for people. */
  about: string
  /** Where it appears, in words that people there use. */
  where: string
}

const yesOrNo: [Answered, string][] = [
  [true, 'Yes'],
  [false, 'No'],
]

const answers: Record<Question, [Answered, string][]> = {
  volunteer: [
    [true, 'Yes, show it to me'],
    [false, 'No, thank you'],
  ],
  satisfied: yesOrNo,
  'would notice': yesOrNo,
  minutes: [
    [0, 'None'],
    [10, 'About 10'],
    [30, 'About 30'],
    [60, 'About 60'],
    [120, '120 or more'],
  ],
  'switch off': [
    [true, 'Yes, for a while'],
    [false, 'No'],
  ],
}

const words: Record<Question, (of: AskAbout) => { title: string; text: string }> = {
  volunteer: ({ about, where }) => ({
    title: 'Would you like to try this first?',
    text: `In ${where}: ${about} It has proven itself on past work. Volunteers see it first; you can turn it off at any time, and nothing is ever sent or decided for you.`,
  }),
  satisfied: ({ about, where }) => ({
    title: 'Does this help you?',
    text: `In ${where}: ${about} One click is all. Answers are only ever shown for groups of five or more.`,
  }),
  'would notice': ({ about, where }) => ({
    title: 'Would you notice if we turned this off?',
    text: `In ${where}: ${about} Asked at most once a quarter. Answers are only ever shown for groups of five or more.`,
  }),
  minutes: ({ about, where }) => ({
    title: 'How many minutes a week does this save you?',
    text: `In ${where}: ${about} Your own feeling is enough; it is shown beside what is measured, for groups of five or more.`,
  }),
  'switch off': ({ about, where }) => ({
    title: 'May we turn this off for you for a while?',
    text: `In ${where}: ${about} One week, or five single days, drawn at random within three months, show whether anybody misses it. Say so when you do; you can turn it on again at any time.`,
  }),
}

/** A question as a card; `url` gives the address that answers from outside of the tool, where there is one. */
export function askCard(
  question: Question,
  {
    key,
    to,
    url,
    ...about
  }: AskAbout & { key: string; to: string | null; url?: (answer: Answered) => string },
): Card {
  const ask: Ask = {
    question,
    answers: answers[question].map(([answer, label]) => ({
      answer,
      label,
      ...(url && { url: url(answer) }),
    })),
  }
  return { ...words[question](about), key, ...(to !== null && { to }), ask }
}

/** What can be answered to a question, in the order in which it is shown. */
export function answersTo(question: Question): { answer: Answered; label: string }[] {
  return answers[question].map(([answer, label]) => ({ answer, label }))
}
