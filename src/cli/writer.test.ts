import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../../tests/inlay.ts'
import { until } from '../../tests/until.ts'
import type { Fact, WriteRequest } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { standIn } from '../llm/stand-in.fixture.ts'
import { llmFile, writerIn, writersFor } from './writer.ts'

const request: WriteRequest = {
  task: 'reply',
  thread: [{ from: null, text: 'Is it done?' }],
  examples: [],
  facts: {},
}

test('without settings there is no writer', async () => {
  const folder = freshFolder()
  expect(await writerIn(folder)).toBeUndefined()
  const { ledger } = await freshLedger()
  expect(await writersFor(folder, ledger)).toBeUndefined()
})

test('each question to the model is a fact of its deployment and a line of what was spent, without any text of the mail', async () => {
  const server = await standIn({ say: () => ({ answer: 'It is done.', sureness: 0.8 }) })
  onTestFinished(() => server.close())
  const folder = freshFolder()
  const settings = { provider: 'openai-compatible', baseUrl: server.url, model: 'm', inputPrice: 2 }
  await writeFile(join(folder, llmFile), JSON.stringify(settings))
  const { ledger } = await freshLedger()
  const tools = (await writersFor(folder, ledger))!('reply-imap-1')
  expect(await tools.write!(request)).toMatchObject({ text: 'It is done.' })
  const facts = async () => {
    const found: Fact[] = []
    for await (const fact of ledger.facts({ kinds: ['askedModel'] })) found.push(fact)
    return found
  }
  await until(async () => (await facts()).length === 1, 'the fact is there')
  const [fact] = await facts()
  expect(fact).toMatchObject({
    deployment: 'reply-imap-1',
    body: { model: 'm', outcome: 'written', tries: 1 },
  })
  const spent = await readFile(join(folder, 'llm-spent.jsonl'), 'utf8')
  expect(JSON.parse(spent)).toMatchObject({ cost: (fact as Fact<'askedModel'>).body.cost })
  expect(JSON.stringify(fact) + spent).not.toMatch(/done/)
})

test('wrong settings are told by name', async () => {
  const folder = freshFolder()
  await writeFile(join(folder, llmFile), '{"provider": "openai-compatible", "model": "m"}')
  await expect(writerIn(folder)).rejects.toThrow(/"baseUrl": .*needs its baseUrl/)
  await writeFile(join(folder, llmFile), '{"provider": "elsewhere", "model": "m"}')
  await expect(writerIn(folder)).rejects.toThrow(/"provider"/)
  await writeFile(join(folder, llmFile), '{not json')
  await expect(writerIn(folder)).rejects.toThrow(/not JSON/)
})
