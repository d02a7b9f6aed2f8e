import { join } from 'node:path'
import { Command } from 'commander'
import { type Example, Fault, type SkillTools } from '../contract/index.ts'
import { wouldShow } from '../prove/arm.ts'
import { backtest } from '../prove/backtest.ts'
import { orderExamples } from '../prove/order.ts'
import { percent } from '../server/index.ts'
import { reply } from '../skills/reply/index.ts'
import { repetition } from '../skills/reply/repetition.ts'
import { dataFolder } from './open-ledger.ts'
import { readPastAnswers } from './past-answers.ts'
import { progressLine } from './progress.ts'
import { llmFile, writerIn } from './writer.ts'

const seed = 1
const previewRows = 10
const previewLength = 100

export function tryReplyCommand(): Command {
  return new Command('reply')
    .description(
      'Answers: how much of them repeats, what share would have been drafted, and how useful those drafts.',
    )
    .argument(
      '<mail...>',
      'Maildir, mbox or mails (also gzipped), or an export of questions and answers (JSON Lines, CSV)',
    )
    .option('--me <address...>', 'your own addresses; guessed otherwise')
    .option(
      '--llm',
      'let the LLM that is set up (llm.json in the data folder, or INLAY_LLM_…) write drafts, under the same proof',
    )
    .option(
      '--data <folder>',
      'where the settings of the LLM are (INLAY_DATA; else .inlay beside the program)',
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  inlay try reply ~/Mail --me ada@example.com --json\n')
    .action(tryReply)
}

async function tryReply(
  paths: string[],
  options: { me?: string[]; llm?: boolean; data?: string; json?: boolean },
): Promise<void> {
  const line = progressLine()
  const tools = await toolsOf(options)
  const { messages, examples, whose } = await readPastAnswers(paths, {
    me: options.me ?? [],
    progress: (count) => line.show('reading', null, count),
  })
  line.clear()
  console.error(`inlay: ${whose}`)
  const { proof, drafts, repeating } = await prove(examples, tools, line)
  const document = { messages, ...repeating, proof, drafts }
  if (options.json) {
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  const { replies, repeatShare, templates } = repeating
  const lines = [
    `${messages.toLocaleString('en')} messages, ${replies.toLocaleString('en')} of them answered by you.`,
    `${percent(repeatShare, 0)} of your answers nearly repeat an earlier one.`,
    ...templates
      .slice(0, previewRows)
      .map(({ text, times }) => `  ${String(times).padStart(4)} ×  ${oneLine(text)}`),
    proof.passed ? 'It would speak up.' : 'It would stay silent.',
    proof.because,
    ...drafts
      .slice(0, previewRows)
      .map(
        ({ draft, useful, confidence }) =>
          `  ${useful ? 'useful' : 'not   '}  ${percent(confidence, 0)}  ${oneLine(draft)}`,
      ),
    ...(drafts.length > previewRows
      ? [`  … and ${drafts.length - previewRows} more drafts; --json gives all of them.`]
      : []),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Nobody writes unless it is asked for: an LLM costs money, and reads what it is given. */
async function toolsOf(options: { llm?: boolean; data?: string }): Promise<Pick<SkillTools, 'write'>> {
  if (!options.llm) return {}
  const folder = await dataFolder(options)
  const write = await writerIn(folder)
  if (write) return { write }
  throw new Fault(
    'bad-input',
    `No LLM is set up: put provider, model and baseUrl into ${join(folder, llmFile)}, or set INLAY_LLM_BASE_URL and INLAY_LLM_MODEL.`,
  )
}

async function prove(
  examples: Example<'message'>[],
  tools: Pick<SkillTools, 'write'>,
  line: ReturnType<typeof progressLine>,
) {
  try {
    const { proof, verify } = await backtest(reply, examples, {
      seed,
      tools,
      progress: (share) => line.show('proving', share),
    })
    const drafts = verify.flatMap(({ item, deed, suggestion, judgement }) => {
      if (suggestion?.value.type !== 'reply' || !wouldShow(proof, suggestion)) return []
      const { similarity = 0, useful = false } = judgement ?? {}
      const { confidence, value } = suggestion
      return [{ id: item.key, draft: value.text, sent: deed.reply, similarity, useful, confidence }]
    })
    const { examples: ordered } = orderExamples(examples, { seed })
    return { proof, drafts, repeating: repetition(ordered) }
  } finally {
    line.clear()
  }
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > previewLength ? `${flat.slice(0, previewLength - 1)}…` : flat
}
