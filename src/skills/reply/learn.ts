import { setImmediate } from 'node:timers/promises'
import type { Example, Message, SkillTools, WriteRequest } from '../../contract/index.ts'
import { likenessAt, type Neighbourhood, neighboursOf } from './candidates.ts'
import { fewestTried, learnChance, type Tried } from './chance.ts'
import { judgeReply } from './judge-reply.ts'
import { leastLikenessUnknown, type Memory, newMemory, remember } from './memory.ts'
import { readWritten, templateDraft, wantsNoAnswer, writeRequest } from './write.ts'

/** The newest so many mails tell how sure to be; more would only cost time. */
const enoughTried = 4000
/** The first part of the history is only remembered: with little to go by, drafts are not what they will be. */
const rememberedFirst = 0.4
/** Texts that are written cost money. */
const enoughWritten = 150
/** So many are asked for at a time. */
const atATime = 4

/** A text that is to be asked for once all is remembered, with what was known at its time. */
interface Waiting {
  example: Example<'message'>
  around: Neighbourhood
  request: WriteRequest
}

/**
 * Learns from the history in its order. Each mail of the later part is first drafted with what was known before it and
 * held against what was really sent; only then it is remembered ("prequential", Dawid, JRSS A 1984). From these drafts
 * the skill learns how sure to be, as it will be asked: about mail that it has not seen.
 */
export async function learnReplies(
  examples: readonly Example<'message'>[],
  tools: SkillTools,
): Promise<Memory> {
  const memory = newMemory()
  const from = Math.max(Math.floor(rememberedFirst * examples.length), examples.length - enoughTried)
  const tried: Tried[] = []
  const waiting: Waiting[] = []
  for (const [i, example] of examples.entries()) {
    const { item, deed } = example
    const facts = await factsFor(item, tools)
    if (i >= from && wantsNoAnswer(item) === null) {
      const around = neighboursOf(memory, item)
      const draft = templateDraft(memory, item, around, facts)
      if ('claim' in draft) tried.push({ features: draft.features, useful: isUseful(draft.text, example) })
      if (tools.write && i >= examples.length - enoughWritten) {
        waiting.push({ example, around, request: writeRequest(memory, item, around, facts, tools) })
      }
    }
    remember(memory, { item, deed }, facts)
    if (i % 64 === 63) {
      tools.progress?.((0.99 * (i + 1)) / examples.length)
      // Others get their turn meanwhile, and may call it off.
      await setImmediate()
      tools.signal?.throwIfAborted()
    }
  }
  memory.fromTemplate = learnChance(tried)
  memory.leastLikeness = leastUseful(tried)
  if (tools.write) memory.fromWriter = learnChance(await writeAll(memory, waiting, tools.write))
  tools.progress?.(1)
  return memory
}

export async function factsFor(item: Message, { facts }: SkillTools): Promise<Record<string, string>> {
  return (await facts?.(item)) ?? {}
}

function isUseful(text: string, { deed }: Example<'message'>): boolean {
  return judgeReply({ type: 'reply', text }, deed)?.useful ?? false
}

async function writeAll(
  memory: Memory,
  waiting: readonly Waiting[],
  write: NonNullable<SkillTools['write']>,
): Promise<Tried[]> {
  const judged: (Tried | null)[] = waiting.map(() => null)
  let next = 0
  const lane = async () => {
    while (next < waiting.length) {
      const place = next++
      const { example, around, request } = waiting[place]!
      const draft = readWritten(memory, example.item, around, await write(request))
      if ('claim' in draft)
        judged[place] = { features: draft.features, useful: isUseful(draft.text, example) }
    }
  }
  await Promise.all(Array.from({ length: atATime }, lane))
  return judged.filter((each) => each !== null)
}

/** Half of the likeness that all but one in fifty of the useful drafts had: mail that is less like anything is another matter. */
function leastUseful(judged: readonly Tried[]): number {
  const useful = judged.flatMap(({ features, useful }) => (useful ? [features[likenessAt]!] : []))
  if (useful.length < fewestTried) return leastLikenessUnknown
  return useful.sort((a, b) => a - b)[Math.floor(useful.length / 50)]! / 2
}
