import { describe, expect, it, onTestFinished } from 'vitest'
import type { WriteRequest } from '../contract/index.ts'
import { memoryMeter } from './meter.ts'
import { llmSettings } from './settings.ts'
import { type Behaviour, standIn } from './stand-in.fixture.ts'
import { llmWriter } from './writer.ts'

const request: WriteRequest = {
  task: 'reply',
  thread: [{ from: 'Ada Byron <ada@example.org>', text: 'Invoice\n\nWhere is invoice INV-20391?' }],
  examples: Array.from({ length: 6 }, (_, i) => ({
    given: `Where is my invoice, case ${i}? ${'More words about it. '.repeat(40)}`,
    written: 'Please find the invoice attached.',
    person: String(i),
  })),
  facts: { due: '12.03.2026' },
}

async function writing(behaviour: Behaviour, given: Record<string, unknown> = {}) {
  const server = await standIn(behaviour)
  onTestFinished(() => server.close())
  const settings = llmSettings.parse({
    provider: 'openai-compatible',
    model: 'stand-in',
    baseUrl: server.url,
    inputPrice: 1,
    outputPrice: 2,
    ...given,
  })
  const meter = memoryMeter()
  return { server, meter, write: llmWriter(settings, { meter }) }
}
const good = { answer: 'Please find INV-20391 attached, due on 12.03.2026.', sureness: 0.9 }

describe('the writer', () => {
  it('gives the text with its sureness, without any tools, and counts what it cost', async () => {
    const { server, meter, write } = await writing({ say: () => good })
    expect(await write(request)).toEqual({ text: good.answer, sureness: 0.9, leftOut: [] })
    expect(server.asked[0]!.body).not.toHaveProperty('tools')
    expect(server.asked[0]!.prompt).toContain('Where is invoice INV-20391?')
    const [asked] = meter.asked
    expect(asked).toMatchObject({
      task: 'reply',
      model: 'stand-in',
      outcome: 'written',
      tries: 1,
      because: null,
    })
    expect(asked!.cost).toBeCloseTo((asked!.inputTokens + 2 * asked!.outputTokens) / 1e6, 12)
    expect(asked!.inputTokens).toBeGreaterThan(100)
  })

  it('speaks with Anthropic too', async () => {
    const { server, meter, write } = await writing(
      { say: () => good },
      { provider: 'anthropic', apiKey: 'k', model: 'claude-sonnet-4-5' },
    )
    expect(await write(request)).toEqual({ text: good.answer, sureness: 0.9, leftOut: [] })
    expect(server.asked[0]!.prompt).toContain('Where is invoice INV-20391?')
    expect(meter.asked[0]).toMatchObject({ provider: 'anthropic', outcome: 'written' })
  })

  it('asks again when the server is busy or failing, and says so when it stays so', async () => {
    const { server, write } = await writing({ say: () => good, failing: [429] }, { retries: 1 })
    expect(await write(request)).toMatchObject({ text: good.answer })
    server.behave({ say: () => good, failing: [503, 503, 503] })
    const failed = await write(request)
    expect(failed).toMatchObject({ because: expect.stringMatching(/could not be asked.*503/) })
  })

  it('does not ask again when the request is wrong', async () => {
    const { server, write } = await writing({ say: () => good, failing: [401, 401] })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/401/) })
    expect(server.asked.length).toBe(1)
  })

  it('packs again with less when the server says that it is too long, and lists what was left out', async () => {
    const { server, meter, write } = await writing({ say: () => good, window: 900 }, { answerTokens: 200 })
    const written = await write(request)
    expect(written).toMatchObject({
      text: good.answer,
      leftOut: [expect.stringMatching(/of 6 answers of the team/)],
    })
    expect(server.asked.length).toBeGreaterThan(1)
    expect(server.asked.length).toBeLessThan(5)
    expect(meter.asked[0]!.tries).toBe(server.asked.length)
    expect(server.asked.at(-1)!.prompt).toContain('Where is invoice INV-20391?')
  })

  it('gives up on a message that alone is too long', async () => {
    const { server, write } = await writing({ say: () => good }, { window: 1000 })
    const long = { ...request, thread: [{ from: null, text: 'word '.repeat(3000) }] }
    expect(await write(long)).toMatchObject({ because: expect.stringMatching(/too long/) })
    expect(server.asked.length).toBe(0)
  })

  it('does not wait longer than it may', async () => {
    const { write } = await writing({ say: () => good, delay: 5000 }, { timeoutSeconds: 0.2 })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/within 0.2 seconds/) })
  })

  it('stops when it is called off', async () => {
    const { write } = await writing({ say: () => good, delay: 5000 })
    await expect(write({ ...request, signal: AbortSignal.timeout(100) })).rejects.toThrow()
  })

  it('says in a sentence that a server is down, or answers in other fields', async () => {
    const { server, write } = await writing({ say: () => good, down: true }, { retries: 0 })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/could not be asked/) })
    server.behave({ say: () => 'Sure! Here is a draft.' })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/fields/) })
    server.behave({ say: () => ({ answer: '', sureness: 0 }) })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/nothing to say/) })
  })

  it('asks nothing more once the cap of the month is spent, and begins again with the next', async () => {
    const server = await standIn({ say: () => good })
    onTestFinished(() => server.close())
    const given = {
      provider: 'openai-compatible',
      model: 'm',
      baseUrl: server.url,
      inputPrice: 1e6,
      monthlyCap: 1,
    }
    let now = Date.UTC(2026, 2, 30)
    const write = llmWriter(llmSettings.parse(given), { meter: memoryMeter(), now: () => now })
    expect(await write(request)).toHaveProperty('text')
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/cap of 1/) })
    expect(server.asked.length).toBe(1)
    now = Date.UTC(2026, 3, 1)
    expect(await write(request)).toHaveProperty('text')
  })

  it('gives nobody a text that says what is not in its sources', async () => {
    const { meter, write } = await writing({ say: () => ({ answer: 'It is INV-77777.', sureness: 1 }) })
    expect(await write(request)).toMatchObject({ because: expect.stringMatching(/77777/) })
    expect(meter.asked[0]!.outcome).toBe('not in its sources')
  })
})
