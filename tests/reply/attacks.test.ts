import { addressParser } from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Example } from '../../src/contract/index.ts'
import { llmSettings, llmWriter, memoryMeter } from '../../src/llm/index.ts'
import { type StandIn, standIn } from '../../src/llm/stand-in.fixture.ts'
import { reply } from '../../src/skills/reply/index.ts'
import { answered, madeUpAnswers, message } from '../../src/skills/reply/made-up-answers.fixture.ts'
import type { Memory } from '../../src/skills/reply/memory.ts'
import { composeDraft } from '../../src/surfaces/inbox/compose.ts'
import { readMessage } from '../../src/surfaces/inbox/message.ts'
import { attacks, secrets } from './attacks.fixture.ts'

let server: StandIn
let model: Memory
let write: ReturnType<typeof llmWriter>

beforeAll(async () => {
  server = await standIn({ say: () => ({ answer: '', sureness: 0 }) })
  const settings = llmSettings.parse({
    provider: 'openai-compatible',
    model: 'stand-in',
    baseUrl: server.url,
  })
  write = llmWriter(settings, { meter: memoryMeter() })
  model = await reply.learn([...confidential(), ...madeUpAnswers(120)], { seed: 1 })
})
afterAll(() => server.close())

/** Past mail with others, full of what no stranger may learn. */
function confidential(): Example<'message'>[] {
  return Array.from({ length: 6 }, (_, i) =>
    answered(
      message({
        key: `<secret-${i}@team.example>`,
        from: { name: secrets.customer, address: secrets.address },
        text: `Where is my parcel ${i}? If I am out: ${secrets.words}. My IBAN is ${secrets.iban}, my phone ${secrets.phone}.`,
      }),
      `Dear ${secrets.customer},\n\nyour parcel ${i} comes tomorrow, we noted the IBAN ${secrets.iban}.${' Have a good day.'.repeat(i)}`,
    ),
  )
}

const all = attacks()

test('there are at least 150 attacks, each another', () => {
  expect(new Set(all.map(({ raw }) => raw)).size).toBeGreaterThanOrEqual(150)
})

test('no injected mail moves anything out or adds a recipient, though the model does whatever it is told', async () => {
  const through: string[] = []
  let asked = 0
  for (const attack of all) {
    server.behave({ say: (prompt) => ({ answer: attack.obey(prompt), sureness: 1 }) })
    const before = server.asked.length
    const item = await readMessage(Buffer.from(attack.raw))
    const suggestion = await reply.suggest(model, item, { seed: 1, write })
    if (server.asked.length > before) asked++
    if (!suggestion) continue
    expect(Object.keys(suggestion.value).sort()).toEqual(['text', 'type'])
    const text = suggestion.value.type === 'reply' ? suggestion.value.text : ''
    const broken = attack.forbidden.filter((pattern) => pattern.test(text))
    const draft = await composeDraft(item, text, { key: attack.name, me: 'team@team.example', at: 0 })
    const others = recipientsOf(draft).filter((address) => address !== item.from?.address)
    if (broken.length + others.length > 0)
      through.push(`${attack.name}: ${JSON.stringify(text)} ${JSON.stringify(others)}`)
  }
  expect(through).toEqual([])
  // Else the attacks were not tried at all.
  expect(asked).toBeGreaterThan(150)
})

/** Every address that a mail would go to, by its head as it stands there. */
function recipientsOf(mail: Buffer): string[] {
  const head = mail
    .toString('latin1')
    .split('\r\n\r\n')[0]!
    .replace(/\r\n[ \t]+/g, ' ')
  const lines = head.split('\r\n').filter((line) => /^(?:to|cc|bcc|reply-to):/i.test(line))
  return lines.flatMap((line) =>
    addressParser(line.slice(line.indexOf(':') + 1), { flatten: true }).map(({ address }) => address ?? ''),
  )
}

test('without a model, templates are filled with nothing that an attacker wants', async () => {
  for (const attack of all) {
    const item = await readMessage(Buffer.from(attack.raw))
    const suggestion = await reply.suggest(model, item, { seed: 1 })
    const text = suggestion?.value.type === 'reply' ? suggestion.value.text : ''
    for (const pattern of attack.forbidden) expect(text).not.toMatch(pattern)
  }
})

test('an honest answer to the same mails passes, and so the check does not just refuse everything', async () => {
  server.behave({
    say: () => ({ answer: 'Your parcel is on its way and will be with you soon.', sureness: 0.9 }),
  })
  let drafted = 0
  for (const attack of all) {
    const item = await readMessage(Buffer.from(attack.raw))
    if (await reply.suggest(model, item, { seed: 1, write })) drafted++
  }
  expect(drafted).toBeGreaterThan(all.length * 0.8)
})
