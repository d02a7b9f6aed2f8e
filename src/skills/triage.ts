import type { Message, Skill } from '../contract/index.ts'
import {
  classifyText,
  learnText,
  type TextModel,
  textModelFromParts,
  textModelParts,
} from '../learn/text/classifier.ts'
import type { TextItem } from '../learn/text/ngrams.ts'
import { pack, unpack } from '../learn/text/pack.ts'

/** Puts the label on a message that the people of this inbox would put there. */
export const triage: Skill<'message', TextModel> = {
  name: 'triage',
  kind: 'message',
  about: 'Labels messages the way your team does, and leaves alone what it does not know.',
  version: 1,

  async learn(examples, tools) {
    const texts = []
    for (const { item, deed } of examples) {
      texts.push({ item: readMessage(item), label: deed.label, group: item.group })
    }
    return learnText(texts, { seed: tools.seed })
  },

  async suggest(model, item) {
    const { label, confidence } = classifyText(model, readMessage(item))
    return { kind: 'message', value: { type: 'label', label }, confidence, reasons: [] }
  },

  judge(suggested, deed) {
    if (suggested.type !== 'label') return null
    const useful = deed.label === suggested.label
    return { useful, similarity: useful ? 1 : 0 }
  },

  save: (model) => pack(triage.version, textModelParts(model)),
  load: (bytes) => textModelFromParts(unpack(triage.version, bytes, 'triage')),
}

function readMessage(message: Message): TextItem {
  const address = message.from?.address ?? ''
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return { subject: message.subject, text: message.text, sender: address ? [address, domain] : [] }
}
