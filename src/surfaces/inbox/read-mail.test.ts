import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliver, mailText, makeFolder } from './maildir-medium.suite.ts'
import { stored } from './mbox-medium.suite.ts'
import { type ReadMail, readMail } from './read-mail.ts'

const archives = resolve(import.meta.dirname, '../../../../shared/data/mail/mbox')
let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'inlay-read-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function read(...paths: string[]): Promise<ReadMail[]> {
  const all: ReadMail[] = []
  for await (const message of readMail(paths)) all.push(message)
  return all
}
async function put(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(root, name), content)
  return join(root, name)
}

const question = mailText({ id: '<q@x>' })
const answer = mailText({ id: '<a@x>', more: 'In-Reply-To: <q@x>' })
const thanks = mailText({ id: '<t@x>', more: 'In-Reply-To: <a@x>' })

test('reads an mbox, a single mail, a gzipped file and a Maildir', async () => {
  const mbox = await put('some.mbox', stored(question) + stored(answer))
  expect((await read(mbox)).map(({ key }) => key)).toEqual(['<q@x>', '<a@x>'])
  expect((await read(await put('one.eml', thanks))).map(({ key }) => key)).toEqual(['<t@x>'])
  const packed = await put('packed.mbox.gz', gzipSync(stored(question)))
  expect((await read(packed)).map(({ key }) => key)).toEqual(['<q@x>'])
  const maildir = join(root, 'Maildir')
  for (const folder of ['', '.Sent', '.Drafts']) await makeFolder(join(maildir, folder))
  await deliver(maildir, question)
  await deliver(join(maildir, '.Sent'), answer, 'S')
  await deliver(join(maildir, '.Drafts'), thanks, 'D')
  expect((await read(maildir)).map(({ key }) => key)).toEqual(['<q@x>', '<a@x>'])
})

test('joins a conversation across files by In-Reply-To alone, and tells a copy once', async () => {
  const one = await put('1.mbox', stored(question) + stored(answer))
  const two = await put('2.mbox', stored(answer) + stored(thanks))
  const messages = await read(one, two)
  expect(messages.map(({ key, group }) => [key, group])).toEqual([
    ['<q@x>', '<q@x>'],
    ['<a@x>', '<q@x>'],
    ['<t@x>', '<q@x>'],
  ])
})

test('tells a receipt, and joins it to the mail that was read', async () => {
  const receipt = (disposition: string) =>
    [
      'Date: Wed, 20 Sep 1995 00:19:00 +0000',
      'From: Joe Recipient <joe@firm.example>',
      `Message-ID: <${disposition}@x>`,
      'Subject: Disposition notification',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=disposition-notification;',
      '\tboundary="RAA14128.773615765/example.com"',
      '',
      '--RAA14128.773615765/example.com',
      '',
      'The message has been displayed. This is no guarantee that it has been read or understood.',
      '',
      '--RAA14128.773615765/example.com',
      'Content-Type: message/disposition-notification',
      '',
      'Reporting-UA: joes-pc.cs.example.com; Foomail 97.1',
      'Final-Recipient: rfc822;joe@firm.example',
      'Original-Message-ID: <q@x>',
      `Disposition: manual-action/MDN-sent-manually; ${disposition}`,
      '',
      '--RAA14128.773615765/example.com--',
      '',
    ].join('\n')
  const path = await put(
    'receipts.mbox',
    [question, receipt('displayed'), receipt('deleted'), answer].map((each) => stored(each)).join(''),
  )
  expect((await read(path)).map(({ key, group, receipt }) => [key, group, receipt])).toEqual([
    ['<q@x>', '<q@x>', false],
    ['<displayed@x>', '<q@x>', true],
    ['<deleted@x>', '<deleted@x>', false],
    ['<a@x>', '<q@x>', false],
  ])
})

test('tells two different mails of the same Message-ID apart', async () => {
  const other = mailText({ id: '<q@x>', subject: 'Something else' })
  const keys = (await read(await put('twins.mbox', stored(question) + stored(other)))).map(({ key }) => key)
  expect(keys).toEqual(['<q@x>', expect.stringMatching(/^<q@x>#\w{32}$/)])
})

test.each([
  ['missing.mbox', null, /no file or folder/],
  ['empty.mbox', '', /is empty/],
  ['picture.png', '\x89PNG\r\n\x1a\n', /is not mail/],
  ['notes.md', 'Dear diary\n\nFrom now on', /is not mail: it begins with "Dear diary/],
  ['broken.mbox.gz', gzipSync('From a@b Mon Nov  3 10:00:00 2025\n').subarray(0, 15), /gzip is damaged/],
  ['plain.mbox.gz', 'From a@b Mon Nov  3 10:00:00 2025\n', /gzip is damaged/],
])('says what is wrong with %s', async (name, content, expected) => {
  const path = content === null ? join(root, name) : await put(name, content as string)
  await expect(read(path)).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringMatching(expected),
  })
  await expect(read(path)).rejects.toThrow(name)
})

test('says that a folder without mail is not mail', async () => {
  const path = await mkdtemp(join(root, 'nothing-'))
  await expect(read(path)).rejects.toThrow(/holds no mailbox/)
})

test.skipIf(!existsSync(archives))('reads every kind of mail of a public list archive', async () => {
  const files = readdirSync(archives).filter((_, at) => at % 6 === 0)
  const messages = await read(...files.map((file) => join(archives, file)))
  expect(messages.length).toBeGreaterThan(1000)
  for (const message of messages) {
    expect(message.from?.address, message.key).toMatch(/^\S+@\S+$/)
    expect(message.at, message.key).toBeGreaterThan(Date.UTC(2015))
    expect(message.key).toMatch(/^<.+>/)
  }
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length)
  const groups = new Set(messages.map(({ group }) => group))
  expect(groups.size).toBeLessThan(messages.length / 2)
})
