import type { Judgement, MessageDeed, MessageValue } from '../../contract/index.ts'
import { bodyOf } from './answer-text.ts'
import { textSimilarity } from './similarity.ts'

/** A draft is useful from this similarity on. Fixed before launch; a change of it makes old verdicts another measure. */
export const usefulFrom = 0.6

/**
 * Whether a draft was useful: at least 0.6 of the words of what was sent (or of the draft, where that is longer) stand
 * in the other in the same order, after quotes, greeting, closing and signature were taken from both. Where nobody
 * answered, a draft was of no use. Words are compared without case and punctuation.
 */
export function judgeReply(suggested: MessageValue, { reply }: MessageDeed): Judgement | null {
  if (suggested.type !== 'reply') return null
  if (reply === null || reply.trim() === '') return { useful: false, similarity: 0 }
  const similarity = textSimilarity(bodyOf(suggested.text), bodyOf(reply))
  return { useful: similarity >= usefulFrom, similarity }
}
