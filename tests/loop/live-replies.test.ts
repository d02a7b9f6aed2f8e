import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Example, Fact } from '../../src/contract/index.ts'
import { startEngine, trainHere } from '../../src/engine/index.ts'
import { freshLedger } from '../../src/ledger/testing.ts'
import { llmSettings, llmWriter, memoryMeter } from '../../src/llm/index.ts'
import { blocksOf, standIn } from '../../src/llm/stand-in.fixture.ts'
import { reply } from '../../src/skills/reply/index.ts'
import { imap } from '../../src/surfaces/inbox/imap.ts'
import { hasDovecot, startDovecot } from '../mail/dovecot.ts'
import { handOver, type MailServer } from '../mail/server.ts'
import { openQuestions } from '../reply/open-questions.fixture.ts'
import { until } from '../until.ts'

const history = 700
const live = 5
const me = 'anna@shop.example'

test.skipIf(!hasDovecot)(
  'from a mailbox and a good model to drafts in their threads, which are sent and judged useful',
  async () => {
    const { examples, answerTo } = openQuestions(history + live)
    const server = await startDovecot()
    onTestFinished(() => server.remove())
    await fill(server, examples.slice(0, history))
    const model = await standIn({
      say: (prompt) => ({
        answer: `${answerTo(blocksOf(prompt, 'message to answer')[0]!)} Please tell us if it helps.`,
        sureness: 0.9,
      }),
    })
    onTestFinished(() => model.close())
    const llm = llmSettings.parse({ provider: 'openai-compatible', model: 'stand-in', baseUrl: model.url })
    const write = llmWriter(llm, { meter: memoryMeter() })
    const folder = mkdtempSync(join(tmpdir(), 'inlay-replies-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

    const { ledger } = await freshLedger()
    await ledger.saveDeployment({
      id: 'reply-imap-1',
      team: 'test',
      surface: 'imap',
      skill: 'reply',
      settings: { ...server.settings(user), security: 'none', me: [me], pollSeconds: 1 },
      pain: { minutesPerPersonPerWeek: 60, from: 'a test', named: false },
    })
    const engine = await startEngine({
      ledger,
      surfaces: { imap },
      skills: { reply },
      folder,
      holdback: 0,
      train: (skill, all, options) => trainHere(skill, all, { ...options, tools: { write } }),
      toolsFor: () => ({ write }),
    })
    onTestFinished(() => engine.stop())
    const standing = async () => (await ledger.standing())[0]
    await until(async () => (await standing())?.stage === 'pilot', 'it is proven and the gate opens')
    expect((await standing())!.proof).toMatchObject({ passed: true })

    const client = await server.client(user)
    onTestFinished(() => client.close())
    for (const { item, deed } of examples.slice(history)) {
      await client.append('INBOX', received({ item, deed }))
    }
    const drafts = async () => {
      const lock = await client.getMailboxLock('Drafts')
      try {
        await client.noop()
        if (!client.mailbox || client.mailbox.exists === 0) return []
        return await client.fetchAll('1:*', { uid: true, source: true })
      } finally {
        lock.release()
      }
    }
    await until(async () => (await standing())!.counts.placed === live, 'each has its draft')
    expect(await drafts()).toHaveLength(live)
    const answered = new Set<string>()
    for (const { uid, source } of await drafts()) {
      const draft = source!.toString()
      const [, asked] = /^In-Reply-To: (\S+)/im.exec(draft)!
      const { item } = examples.find((each) => each.item.key === asked)!
      answered.add(item.key)
      expect(draft).toContain(`To: ${item.from!.address}`)
      expect(draft.replace(/=?\r\n/g, ' ').replace(/\s+/g, ' ')).toContain(
        answerTo(`${item.subject}\n\n${item.text}`).slice(0, 40),
      )
      // As a mail program sends it.
      await client.append('Sent', draft.replace(/^x-inlay:.*\r\n/im, ''), ['\\Seen'])
      await client.mailboxOpen('Drafts')
      await client.messageDelete(String(uid), { uid: true })
    }
    expect(answered).toEqual(new Set(examples.slice(history).map(({ item }) => item.key)))

    await until(async () => (await standing())!.counts.judged.shown === live, 'each is judged')
    const verdicts: Fact<'judged'>['body'][] = []
    for await (const fact of ledger.facts({ kinds: ['judged'] }))
      if (fact.kind === 'judged') verdicts.push(fact.body)
    expect(verdicts.map(({ useful }) => useful)).toEqual(examples.slice(history).map(() => true))
    await until(async () => (await drafts()).length === 0, 'no draft is left')
  },
)

const user = 'answers'

/** Puts the history where Dovecot keeps it, which is quicker than by IMAP. */
async function fill(server: MailServer, examples: readonly Example<'message'>[]): Promise<void> {
  const root = join(server.folder, 'mail', user)
  for (const folder of ['', '.Sent'])
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, part), { recursive: true })
  for (const [at, { item, deed }] of examples.entries()) {
    const name = `${Math.floor(item.at! / 1000)}.M${at}P1.test:2,S`
    writeFileSync(join(root, 'cur', name), received({ item, deed }))
    const answer = [
      `From: Anna <${me}>`,
      `To: ${item.from!.address}`,
      `Subject: Re: ${item.subject}`,
      `Date: ${new Date(item.at! + 30_000).toUTCString()}`,
      `Message-ID: <answer-${at}@shop.example>`,
      `In-Reply-To: ${item.key}`,
    ]
    writeFileSync(join(root, '.Sent', 'cur', name), `${answer.join('\r\n')}\r\n\r\n${deed.reply}\r\n`)
  }
  await handOver(join(server.folder, 'mail'))
}

function received({ item }: Example<'message'>): string {
  const head = [
    `From: ${item.from!.address}`,
    `To: ${me}`,
    `Subject: ${item.subject}`,
    `Date: ${new Date(item.at!).toUTCString()}`,
    `Message-ID: ${item.key}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${item.text}\r\n`
}
