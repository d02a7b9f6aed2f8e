import { expect, onTestFinished, test } from 'vitest'
import type { Example } from '../../src/contract/index.ts'
import { llmSettings, llmWriter, memoryMeter } from '../../src/llm/index.ts'
import { blocksOf, type StandInAnswer, standIn } from '../../src/llm/stand-in.fixture.ts'
import { wouldShow } from '../../src/prove/arm.ts'
import { backtest } from '../../src/prove/backtest.ts'
import { gateAfter } from '../../src/prove/gate.ts'
import { reply } from '../../src/skills/reply/index.ts'
import { message } from '../../src/skills/reply/made-up-answers.fixture.ts'
import { openQuestions } from './open-questions.fixture.ts'

/** Backtest with a model that behaves so, and then the gate on what would have been shown in the newest part. */
async function proveWith(
  examples: Example<'message'>[],
  say: (asked: string, place: number) => StandInAnswer,
) {
  let place = 0
  const server = await standIn({ say: (prompt) => say(blocksOf(prompt, 'message to answer')[0]!, place++) })
  onTestFinished(() => server.close())
  const settings = llmSettings.parse({
    provider: 'openai-compatible',
    model: 'stand-in',
    baseUrl: server.url,
  })
  const write = llmWriter(settings, { meter: memoryMeter() })
  const { proof, verify } = await backtest(reply, examples, { seed: 1, tools: { write } })
  const verdicts = verify.flatMap(({ suggestion, judgement }) =>
    suggestion && judgement && wouldShow(proof, suggestion) ? [judgement.useful] : [],
  )
  return { proof, gate: gateAfter(verdicts), asked: server.asked.length }
}

const { examples, answerTo, wrongTo } = openQuestions(700)
const vague =
  'We will look into the matter and come back to you as soon as we can, please be patient until then.'

test('without a model, open questions are met with silence, and it says so', async () => {
  const { proof } = await backtest(reply, examples, { seed: 1 })
  expect(proof).toMatchObject({ passed: false, threshold: null })
  expect(proof.because).toMatch(/\d/)
})

test('with a good model the proof passes and the gate opens', async () => {
  const { proof, gate } = await proveWith(examples, (asked, place) => ({
    answer: place % 25 === 0 ? vague : `${answerTo(asked)} Please tell us if it helps.`,
    sureness: 0.9,
  }))
  expect(proof.passed).toBe(true)
  expect(proof.thresholds).toHaveProperty('written')
  expect(gate.verdict).toBe('launch')
})

test('with a mediocre model, sure of itself as it is, nothing is proven and the gate does not open', async () => {
  const { proof, gate, asked } = await proveWith(examples, (asked, place) => ({
    answer: (place * 7) % 10 < 6 ? answerTo(asked) : wrongTo(asked),
    sureness: 0.95,
  }))
  expect(asked).toBeGreaterThan(250)
  expect(proof.passed).toBe(false)
  expect(gate.verdict).not.toBe('launch')
})

test('with a model that is down, nothing is said and nothing fails', async () => {
  const server = await standIn({ say: () => ({ answer: '', sureness: 0 }), down: true })
  onTestFinished(() => server.close())
  const settings = llmSettings.parse({
    provider: 'openai-compatible',
    model: 'stand-in',
    baseUrl: server.url,
    retries: 0,
  })
  const write = llmWriter(settings, { meter: memoryMeter() })
  const model = await reply.learn(examples.slice(0, 60), { seed: 1 })
  const reasons: string[] = []
  const silent = (because: string) => void reasons.push(because)
  expect(
    await reply.suggest(model, message({ text: 'Is the amber valve of pump seven loud?' }), {
      seed: 1,
      write,
      silent,
    }),
  ).toBeNull()
  expect(reasons[0]).toMatch(/could not be asked/)
})
