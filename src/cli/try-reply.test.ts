import { writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshFolder, inlay } from '../../tests/inlay.ts'
import { openQuestions } from '../../tests/reply/open-questions.fixture.ts'
import type { Example } from '../contract/index.ts'
import { blocksOf, standIn } from '../llm/stand-in.fixture.ts'
import { madeUpAnswers } from '../skills/reply/made-up-answers.fixture.ts'
import { readPastAnswers } from './past-answers.ts'

const me = 'maja@team.example'

/** Mails in and answers out, as they lie in a mailbox. */
function mailOf({ item, deed }: Example<'message'>): { incoming: string; sent: string | null } {
  const date = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000')
  const { name, address } = item.from!
  const incoming = `From: ${name} <${address}>\nTo: ${me}\nSubject: ${item.subject}\nMessage-ID: ${item.key}\nDate: ${date(item.at!)}\n\n${item.text}\n`
  if (!deed.reply) return { incoming, sent: null }
  const quote = item.text.replace(/^/gm, '> ')
  const sent = `From: Maja <${me}>\nTo: ${address}\nSubject: Re: ${item.subject}\nMessage-ID: ${item.key.replace('<', '<re-')}\nIn-Reply-To: ${item.key}\nDate: ${date(item.at! + 60_000)}\n\n${deed.reply}\n\nOn Monday, ${name} wrote:\n${quote}\n`
  return { incoming, sent }
}

async function mboxFolder(examples: Example<'message'>[]): Promise<string> {
  const folder = freshFolder()
  const mails = examples.map(mailOf)
  const mbox = (texts: string[]) => texts.map((text) => `From x Mon Jan  5 00:00:00 2026\n${text}\n`).join('')
  await writeFile(join(folder, 'Inbox'), mbox(mails.map(({ incoming }) => incoming)))
  await writeFile(join(folder, 'Sent'), mbox(mails.flatMap(({ sent }) => sent ?? [])))
  return folder
}

async function maildir(examples: Example<'message'>[]): Promise<string> {
  const folder = freshFolder()
  for (const box of ['', '.Sent']) {
    for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(folder, box, sub), { recursive: true })
  }
  for (const [i, example] of examples.entries()) {
    const { incoming, sent } = mailOf(example)
    const name = `${Math.floor(example.item.at! / 1000)}.${i}.host`
    writeFileSync(join(folder, 'cur', `${name}:2,S`), incoming)
    if (sent) writeFileSync(join(folder, '.Sent', 'cur', `${name}r:2,S`), sent)
  }
  return folder
}

describe('past answers', () => {
  const examples = madeUpAnswers(40)
  const answers = examples.filter(({ deed }) => deed.reply).length

  test.each([
    ['a folder of mbox files', mboxFolder],
    ['a Maildir', maildir],
  ])('are found in %s, with its owner guessed from the sent mail, and said so', async (_, make) => {
    const past = await readPastAnswers([await make(examples)], { me: [] })
    expect(past.messages).toBe(40 + answers)
    expect(past.examples.length).toBe(40)
    expect(past.examples.filter(({ deed }) => deed.reply).length).toBe(answers)
    expect(past.whose).toMatch(/maja@team\.example.*sent mail, 30 messages.*--me/)
  })

  test('are found in one file without a folder of sent mail, from who answers most', async () => {
    const folder = freshFolder()
    const texts = examples.map(mailOf).flatMap(({ incoming, sent }) => [incoming, ...(sent ? [sent] : [])])
    const file = join(folder, 'all.mbox.gz')
    await writeFile(
      file,
      gzipSync(texts.map((text) => `From x Mon Jan  5 00:00:00 2026\n${text}\n`).join('')),
    )
    const past = await readPastAnswers([file], { me: [] })
    expect(past.examples.filter(({ deed }) => deed.reply).length).toBe(answers)
    expect(past.whose).toMatch(/maja@team\.example.*answers others most often/)
  })

  test('are read from an export of questions and answers under names that exports use', async () => {
    const file = join(freshFolder(), 'export.csv')
    await writeFile(
      file,
      'ticket,title,question,reply,agent\n1,A,How?,So.,maja\n2,B,Why?,,\n3,C,When?,Now.,jonas\n',
    )
    const past = await readPastAnswers([file], { me: [] })
    expect(past.examples.map(({ item, deed }) => [item.key, item.subject, item.text, deed.reply])).toEqual([
      ['1', 'A', 'How?', 'So.'],
      ['2', 'B', 'Why?', null],
      ['3', 'C', 'When?', 'Now.'],
    ])
    const mine = await readPastAnswers([file], { me: ['Jonas'] })
    expect(mine.examples.map(({ deed }) => deed.reply)).toEqual([null, null, 'Now.'])
  })
})

test('try reply answers as promised: templates, a proof and what would have been drafted', async () => {
  const { code, stdout, stderr } = await inlay([
    'try',
    'reply',
    await mboxFolder(madeUpAnswers(700)),
    '--json',
  ])
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/Taken for your answers: those from maja@team\.example/)
  const document = JSON.parse(stdout)
  expect(document).toMatchObject({ messages: 1225, replies: 525, proof: { passed: true, target: 0.85 } })
  expect(document.repeatShare).toBeGreaterThan(0.9)
  expect(document.templates[0]).toEqual({ text: expect.any(String), times: expect.any(Number) })
  expect(document.drafts.length).toBeGreaterThanOrEqual(document.proof.shown)
  for (const draft of document.drafts) {
    expect(draft).toEqual({
      id: expect.stringMatching(/^<.*>$/),
      draft: expect.any(String),
      sent: expect.any(String),
      similarity: expect.any(Number),
      useful: draft.similarity >= 0.6,
      confidence: expect.any(Number),
    })
  }
})

test('with --llm the model that is set up writes, under the same proof, and what it cost is kept', async () => {
  const { examples, answerTo } = openQuestions(420)
  const server = await standIn({
    say: (prompt) => ({ answer: answerTo(blocksOf(prompt, 'message to answer')[0]!), sureness: 0.9 }),
  })
  onTestFinished(() => server.close())
  const [folder, data] = [freshFolder(), freshFolder()]
  const file = join(folder, 'questions.jsonl')
  const lines = examples.map(({ item, deed }) => {
    return JSON.stringify({
      id: item.key,
      subject: item.subject,
      q: item.text,
      a: deed.reply,
      ts: item.at,
      from: item.from!.address,
    })
  })
  await writeFile(file, lines.join('\n'))
  const without = await inlay(['try', 'reply', file, '--llm', '--data', data, '--json'])
  expect(without.code).toBe(2)
  expect(without.stderr).toMatch(/No LLM is set up/)
  const settings = { provider: 'openai-compatible', model: 'stand-in', baseUrl: server.url, inputPrice: 0.1 }
  await writeFile(join(data, 'llm.json'), JSON.stringify(settings))
  const { code, stdout, stderr } = await inlay(['try', 'reply', file, '--llm', '--data', data, '--json'])
  expect(code, stderr).toBe(0)
  const { proof, drafts } = JSON.parse(stdout)
  expect(proof).toMatchObject({ passed: true, thresholds: { written: expect.any(Number) } })
  expect(drafts.length).toBeGreaterThan(20)
})

test.each([
  ['a path that is not there', ['/nowhere/at/all'], /there is no file or folder '\/nowhere\/at\/all'/],
  [
    'an address that nobody writes from',
    ['MBOX', '--me', 'nobody@x.example'],
    /No message is from nobody@x\.example.*maja@team\.example/,
  ],
])('%s is told in one sentence', async (_, args, says) => {
  const folder = await mboxFolder(madeUpAnswers(8))
  const { code, stderr } = await inlay([
    'try',
    'reply',
    ...args.map((arg) => (arg === 'MBOX' ? folder : arg)),
  ])
  expect(code).toBe(2)
  expect(stderr.trim().split('\n').at(-1)).toMatch(says)
})
