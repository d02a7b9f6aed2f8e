import { expect, test } from 'vitest'
import type { Deed, Fact, MessageDeed, Outcome } from '../contract/index.ts'
import { freshLedger } from '../ledger/testing.ts'
import { answered, message } from '../skills/reply/made-up-answers.fixture.ts'
import { type Chat, writeChats } from './export.ts'

const march = Date.UTC(2026, 2, 10, 9)
const deployment = 'reply-maildir-1'

/** A mail with the draft that was placed for it, and what became of it. */
async function handled(
  ledger: Awaited<ReturnType<typeof freshLedger>>['ledger'],
  name: string,
  {
    outcome,
    sent,
    keepUntil = null,
  }: { outcome: Outcome | null; sent: string | null; keepUntil?: number | null },
) {
  const { item, deed } = answered(
    message({ key: name, subject: `About ${name}`, text: `A question on ${name}` }),
    sent,
  )
  const at = march
  const about = { at, deployment, item: name, person: `p-${name}` }
  const facts: Fact[] = [
    { ...about, key: `seen:${name}`, kind: 'seen', body: { group: name, urgent: false } },
    { ...about, key: `did:${name}`, kind: 'did', at: at + 1, body: { seconds: null, secondsFrom: null } },
    {
      ...about,
      key: `judged:${name}`,
      kind: 'judged',
      at: at + 2,
      body: {
        arm: outcome ? 'shown' : 'silent',
        useful: outcome !== null,
        similarity: 1,
        outcome,
        seconds: null,
      },
    },
  ]
  await ledger.append(facts)
  const body = { deployment, item: name, person: `p-${name}`, keepUntil }
  const suggestion = {
    kind: 'message',
    value: { type: 'reply', text: 'A draft' },
    confidence: 0.9,
    reasons: [],
  }
  await ledger.saveBodies([
    { ...body, what: 'item', body: item },
    { ...body, what: 'deed', body: deed satisfies MessageDeed as Deed },
    { ...body, what: 'suggestion', body: suggestion },
  ])
}

test('accepted answers are written as chats; erased and expired texts are not, and are counted', async () => {
  const { ledger } = await freshLedger()
  await handled(ledger, 'used', {
    outcome: 'used',
    sent: 'Hello,\n\nit is done.\n\nOn Monday, Ada wrote:\n> when?',
  })
  await handled(ledger, 'edited', { outcome: 'edited', sent: 'It is nearly done.' })
  await handled(ledger, 'own', { outcome: null, sent: 'I wrote this myself.' })
  await handled(ledger, 'ignored', { outcome: 'ignored', sent: 'I wrote this too.' })
  await handled(ledger, 'unanswered', { outcome: null, sent: null })
  await handled(ledger, 'erased', { outcome: 'used', sent: 'Secret' })
  await handled(ledger, 'expired', { outcome: 'used', sent: 'Old', keepUntil: march })
  await ledger.eraseBodies('p-erased')
  await ledger.dropExpiredBodies(march + 1)
  const lines: string[] = []
  const write = async (line: string) => void lines.push(line)

  const counts = await writeChats(ledger, [deployment], { system: 'You answer.', all: false }, write)
  expect(counts).toEqual({ pairs: 2, accepted: 2, leftOut: { notAccepted: 2, erased: 2 } })
  const chats = lines.map((line) => JSON.parse(line) as Chat)
  expect(lines.every((line) => line.endsWith('}\n') && line.split('\n').length === 2)).toBe(true)
  expect(chats.find(({ messages }) => messages[1]!.content.includes('used'))).toEqual({
    messages: [
      { role: 'system', content: 'You answer.' },
      { role: 'user', content: 'About used\n\nA question on used' },
      { role: 'assistant', content: 'Hello,\n\nit is done.\n' },
    ],
  })
  expect(lines.join('')).not.toMatch(/Secret|Old/)

  lines.length = 0
  const all = await writeChats(ledger, [deployment], { system: null, all: true }, write)
  expect(all).toMatchObject({ pairs: 4, accepted: 2 })
  expect((JSON.parse(lines[0]!) as Chat).messages[0]!.role).toBe('user')
})
