import { setImmediate } from 'node:timers/promises'
import type { Example, Message, Skill, SkillTools } from '../contract/index.ts'
import {
  classifyText,
  type LearnTools,
  learnMoreText,
  learnText,
  type TextExample,
  type TextModel,
  textModelFromParts,
  textModelParts,
} from '../learn/text/classifier.ts'
import type { TextItem } from '../learn/text/ngrams.ts'
import { ownWords } from '../learn/text/own-words.ts'
import { pack, unpack } from '../learn/text/pack.ts'

const version = 1

/**
 * Labels messages as the people of this place label them. Messages that people left alone (no label) teach it when to
 * leave alone: a label on the like of them gets a low confidence, and so does one on what is unlike the history.
 *
 * What is unlike the history is a claim of its own ("unfamiliar"), which must be proven by itself: it is seldom right,
 * and so it stays silent, where the history alone would let it pass.
 */
export const triage: Skill<'message', TextModel> = {
  name: 'triage',
  kind: 'message',
  about: 'Labels messages the way your team does, and leaves alone what it does not know.',
  version,

  learn: async (examples, tools) => learnText(readExamples(examples), learnTools(tools)),

  update: async (model, examples, tools) => learnMoreText(model, readExamples(examples), learnTools(tools)),

  async suggest(model, item) {
    const { label, confidence, familiar, words } = classifyText(model, readMessage(item))
    return {
      kind: 'message',
      value: { type: 'label', label },
      confidence,
      reasons: words.map(({ field, text, effect }) => ({ field, value: text, effect })),
      claim: familiar ? 'familiar' : 'unfamiliar',
    }
  },

  judge(suggested, deed) {
    if (suggested.type !== 'label') return null
    const useful = deed.label === suggested.label
    return { useful, similarity: useful ? 1 : 0 }
  },

  save: (model) => pack(version, textModelParts(model)),
  load: (bytes) => textModelFromParts(unpack(version, bytes, 'triage')),
}

function readExamples(examples: Iterable<Example<'message'>>): TextExample[] {
  const texts: TextExample[] = []
  for (const { item, deed } of examples) {
    texts.push({ item: readMessage(item), label: deed.label?.trim() ? deed.label : null, group: item.group })
  }
  return texts
}

/** Others get their turn between the passes, and may call it off. */
function learnTools({ seed, progress, signal }: SkillTools): LearnTools {
  return {
    seed,
    async pause(share) {
      progress?.(share)
      await setImmediate()
      signal?.throwIfAborted()
    },
  }
}

/** A mail has a sender, and quotes and a signature; the cell of a table is all text. */
function readMessage({ from, subject, text }: Message): TextItem {
  if (!from) return { subject, text, sender: [] }
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  return { subject, text: ownWords(text), sender: from.address === '' ? [] : [from.address, domain] }
}
