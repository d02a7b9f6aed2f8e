import { Fault, type Skill } from '../../contract/index.ts'
import { judgeReply } from './judge-reply.ts'
import { loadMemory, saveMemory } from './keep-memory.ts'
import { factsFor, learnReplies } from './learn.ts'
import { type Memory, remember } from './memory.ts'
import { confidenceOf, drafted } from './write.ts'

const version = 2

/**
 * Drafts answers as the people of this place write them: the answer that was typed again and again to mails like this
 * one, filled in from the mail and the team's records (claim "template"); and where somebody writes
 * (`SkillTools.write`), a new text in the manner of those answers (claim "written"). Each must be proven by itself. It
 * never answers what no person wrote, and stays silent where the sender only thanks, tried it already, or gave already
 * what the answer would ask for.
 */
export const reply: Skill<'message', Memory> = {
  name: 'reply',
  kind: 'message',
  about: 'Drafts the answers that your team writes again and again, filled in for the mail at hand.',
  version,

  async learn(examples, tools) {
    const all = [...examples]
    if (!all.some(({ deed }) => deed.reply?.trim())) {
      throw new Fault(
        'bad-input',
        `There is no answer to learn from: none of the ${all.length} messages was answered; it needs sent mail too.`,
      )
    }
    return learnReplies(all, tools)
  },

  async update(model, examples, tools) {
    const memory = loadMemory(version, saveMemory(version, model))
    for (const example of examples) remember(memory, example, await factsFor(example.item, tools))
    return memory
  },

  async suggest(model, item, tools) {
    const draft = await drafted(model, item, await factsFor(item, tools), tools)
    if ('because' in draft) {
      tools.silent?.(draft.because)
      return null
    }
    return {
      kind: 'message',
      value: { type: 'reply', text: draft.text },
      confidence: confidenceOf(model, draft),
      reasons: draft.reasons,
      claim: draft.claim,
    }
  },

  judge: judgeReply,
  save: (model) => saveMemory(version, model),
  load: (bytes) => loadMemory(version, bytes),
}
