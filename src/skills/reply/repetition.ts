import type { Example } from '../../contract/index.ts'
import { newMemory, remember } from './memory.ts'
import { templateOfCluster } from './response-set.ts'
import { shownTemplate } from './template.ts'

/** How much of what people answer they have typed before. */
export interface Repetition {
  replies: number
  /** Share of the answers that nearly repeat an earlier one (0.8 of their words, numbers and dates aside). */
  repeatShare: number
  /** What was typed again and again, the most frequent first; what differs stands in brackets. */
  templates: { text: string; times: number }[]
}

/** Finds the answers that were typed again and again, in examples that are in the order of their time. */
export function repetition(examples: Iterable<Example<'message'>>): Repetition {
  const memory = newMemory()
  for (const example of examples) remember(memory, example, {})
  const { responses } = memory
  const replies = responses.words.length
  const templates = responses.clusters.flatMap(({ times, members }, number) => {
    if (times < 2) return []
    const template = templateOfCluster(responses, number)
    return [{ text: template ? shownTemplate(template) : members.at(-1)!.body, times }]
  })
  templates.sort((a, b) => b.times - a.times)
  return { replies, repeatShare: replies === 0 ? 0 : responses.repeats / replies, templates }
}
