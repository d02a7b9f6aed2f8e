import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readPastAnswers } from '../src/cli/past-answers.ts'
import type { Example, Proof } from '../src/contract/index.ts'
import { llmSettings, llmWriter, memoryMeter } from '../src/llm/index.ts'
import { blocksOf, type StandInAnswer, standIn } from '../src/llm/stand-in.fixture.ts'
import { wouldShow } from '../src/prove/arm.ts'
import { type Backtest, backtest } from '../src/prove/backtest.ts'
import { gateAfter } from '../src/prove/gate.ts'
import { orderExamples } from '../src/prove/order.ts'
import { reply } from '../src/skills/reply/index.ts'
import { repetition } from '../src/skills/reply/repetition.ts'
import { openQuestions } from '../tests/reply/open-questions.fixture.ts'
import { cannedAnswers } from './canned-answers.ts'
import type { Table } from './table.ts'

const support = resolve(import.meta.dirname, '../../shared/data/mail/support/thunderbird-support.jsonl.gz')
const cuts = 20
const target = 0.85

/** Drafts on real and made-up answers: useful often enough, or silent; and what a model changes. There is no peer that keeps silent. */
export async function bench(table: Table): Promise<void> {
  const row = (claim: string, inlay: number | string, note: string) => {
    console.error(`  ${claim}: ${inlay} (${note})`)
    table.row({ claim: `reply/${claim}`, inlay, peer: '-', ratio: '-', note })
  }
  await overCuts(row, 'canned answers alone', (cut) => cannedAnswers(cut + 1, 1000, { only: true }))
  await overCuts(row, 'canned answers among others', (cut) => cannedAnswers(cut + 1, 1500))
  await withModels(row)
  await onSupport(row)
}

/** Open-ended mail of a support forum. */
async function onSupport(row: Row): Promise<void> {
  if (existsSync(support)) {
    const { examples } = await readPastAnswers([support], { me: [] })
    const { examples: ordered } = orderExamples(examples, { seed: 1 })
    const { repeatShare } = repetition(ordered)
    row('support answers that nearly repeat an earlier one, share', repeatShare, `${examples.length} answers`)
    const cpu = process.cpuUsage()
    const { proof } = await backtest(reply, examples, { seed: 1 })
    const used = process.cpuUsage(cpu)
    row('support backtest, CPU s', (used.user + used.system) / 1e6, `${examples.length} answers`)
    row('support, all of it', verdictOf(proof), proof.because)
    const size = 1500
    const step = Math.floor((ordered.length - size) / (cuts - 1))
    await overCuts(row, 'support', (cut) => ordered.slice(cut * step, cut * step + size))
  } else console.error(`bench: ${support} is not here; reply on support mail is left out.`)
}

type Row = (claim: string, inlay: number | string, note: string) => void

function verdictOf({ passed, usefulRate, coverage }: Proof): string {
  return passed ? `${Math.round(usefulRate! * 100)} % of ${Math.round(coverage * 100)} %` : 'silent'
}

/** Useful rate of what would have been shown, over different stretches of the history; null where nothing is shown. */
async function overCuts(
  row: Row,
  name: string,
  stretch: (cut: number) => Example<'message'>[],
): Promise<void> {
  const rates: number[] = []
  const coverages: number[] = []
  for (let cut = 0; cut < cuts; cut++) {
    const { proof } = await backtest(reply, stretch(cut), { seed: cut + 1 })
    if (!proof.passed) continue
    rates.push(proof.usefulRate!)
    coverages.push(proof.coverage)
  }
  const note = `of ${cuts} cuts ${rates.length} speak up, ${cuts - rates.length} stay silent`
  row(`${name}: lowest useful rate shown`, rates.length ? Math.min(...rates) : 'silent', note)
  row(`${name}: cuts more than 5 % below target`, rates.filter((rate) => rate < target - 0.05).length, note)
  const mean = coverages.reduce((sum, each) => sum + each, 0) / coverages.length
  row(
    `${name}: share of mail that would be drafted`,
    coverages.length ? mean : 0,
    'mean over the cuts that speak up',
  )
}

/** A good and a mediocre model on questions that no earlier answer helps with. */
async function withModels(row: Row): Promise<void> {
  const runs = 8
  const count = { good: { proofs: 0, gates: 0 }, mediocre: { proofs: 0, gates: 0 } }
  for (let run = 0; run < runs; run++) {
    const { examples, answerTo, wrongTo } = openQuestions(420 + run)
    const said = {
      good: (asked: string, i: number) => ((i * 13 + run) % 25 === 0 ? wrongTo(asked) : answerTo(asked)),
      mediocre: (asked: string, i: number) => ((i * 7 + run) % 10 < 6 ? answerTo(asked) : wrongTo(asked)),
    }
    for (const kind of ['good', 'mediocre'] as const) {
      const tried = await backtestWith(examples, (asked, i) => ({
        answer: said[kind](asked, i),
        sureness: 0.9,
      }))
      const verdicts = tried.verify.flatMap(({ suggestion, judgement }) =>
        suggestion && judgement && wouldShow(tried.proof, suggestion) ? [judgement.useful] : [],
      )
      if (tried.proof.passed) count[kind].proofs++
      if (gateAfter(verdicts).verdict === 'launch') count[kind].gates++
    }
  }
  for (const kind of ['good', 'mediocre'] as const) {
    const right = kind === 'good' ? '96 % right' : '60 % right'
    row(
      `${kind} stand-in model: proofs that pass`,
      count[kind].proofs,
      `of ${runs}; ${right}, sureness always 0.9`,
    )
    row(
      `${kind} stand-in model: gates that open on the verify part`,
      count[kind].gates,
      `of ${runs}, about 84 verdicts each`,
    )
  }
}

async function backtestWith(
  examples: Example<'message'>[],
  say: (asked: string, place: number) => StandInAnswer,
): Promise<Backtest<'message'>> {
  let place = 0
  const server = await standIn({ say: (prompt) => say(blocksOf(prompt, 'message to answer')[0]!, place++) })
  try {
    const settings = llmSettings.parse({
      provider: 'openai-compatible',
      model: 'stand-in',
      baseUrl: server.url,
    })
    const write = llmWriter(settings, { meter: memoryMeter() })
    return await backtest(reply, examples, { seed: 1, tools: { write } })
  } finally {
    await server.close()
  }
}
