import { join } from 'node:path'
import type { Fact, SkillTools } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { type Asked, fileMeter, llmWriter, readLlmSettings } from '../llm/index.ts'

/** In the data folder: how an LLM is reached, and what was spent on it. */
export const llmFile = 'llm.json'
const spentFile = 'llm-spent.jsonl'

/** Who writes texts, where an LLM is set up in the data folder or by INLAY_LLM_…; by default nobody. */
export async function writerIn(
  folder: string,
  onAsked?: (asked: Asked) => void,
): Promise<SkillTools['write']> {
  const settings = await readLlmSettings(join(folder, llmFile))
  if (!settings) return undefined
  return llmWriter(settings, { meter: fileMeter(join(folder, spentFile)), ...(onAsked && { onAsked }) })
}

/** For each deployment a writer whose questions stand in the ledger; none where no LLM is set up. */
export async function writersFor(
  folder: string,
  ledger: Ledger,
): Promise<((deployment: string) => Pick<SkillTools, 'write'>) | undefined> {
  const settings = await readLlmSettings(join(folder, llmFile))
  if (!settings) return undefined
  const meter = fileMeter(join(folder, spentFile))
  return (deployment) => ({
    write: llmWriter(settings, {
      meter,
      onAsked: (asked) => void ledger.append([askedFact(deployment, asked)]),
    }),
  })
}

let asks = 0

function askedFact(deployment: string, { at, provider: _, ...body }: Asked): Fact<'askedModel'> {
  const key = `${deployment}:askedModel:${at}:${process.pid}:${asks++}`
  return { key, kind: 'askedModel', at, deployment, item: null, person: null, body }
}
