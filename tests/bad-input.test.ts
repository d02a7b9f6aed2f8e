import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder, inlay, startInlay } from './inlay.ts'

const labelled = (rows: number, labels = ['bill', 'book']) =>
  Array.from({ length: rows }, (_, row) => {
    const label = labels[row % labels.length]
    return `${label === 'bill' ? 'please pay this invoice' : 'a novel to read'} ${row},${label}`
  }).join('\n')

const triage = ['try', 'triage']
const columns = ['--text', 'text', '--label', 'label', '--json']

const wrong: [string, (folder: string) => Buffer | string | null, string[], RegExp][] = [
  ['an empty file', () => '', columns, /empty/],
  ['a header only', () => 'text,label\n', columns, /no rows/],
  ['a vanished file', () => null, columns, /table\.csv/],
  [
    'a column that is not there',
    () => `text,label\n${labelled(40)}\n`,
    ['--text', 'txt', '--label', 'label'],
    /"txt".*text/s,
  ],
  ['one label only', () => `text,label\n${labelled(40, ['bill'])}\n`, columns, /bill|one label/],
  ['no label at all', () => `text,label\na,\nb,\n`, columns, /label/],
  ['an unterminated quote', () => `text,label\n"never closed,bill\n${labelled(40)}\n`, columns, /quot/],
  ['bytes that are no table', () => Buffer.from([0, 1, 2, 3, 0, 0, 255, 254, 0, 7, 9, 0]), columns, /table/],
  [
    'a workbook with a password',
    () =>
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.alloc(1024),
        Buffer.from('EncryptedPackage', 'utf16le'),
      ]),
    columns,
    /password/,
  ],
]

test.each(wrong)('%s is told in one sentence, with exit code 2', async (_, content, flags, sentence) => {
  const folder = freshFolder()
  const file = join(folder, 'table.csv')
  const bytes = content(folder)
  if (bytes !== null) writeFileSync(file, bytes)
  const { code, stdout, stderr } = await inlay([...triage, file, ...flags])
  expect(code, stderr).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(sentence)
})

const odd: [string, (text: string) => Buffer][] = [
  ['a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['Latin-1', (text) => Buffer.from(text, 'latin1')],
]

test.each(odd)('a table in %s is read all the same', async (_, encode) => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'table.csv'), encode(`text,label\n${labelled(60)}\nfür später,Bücher\n`))
  const { code, stdout, stderr } = await inlay([...triage, 'table.csv', ...columns], { cwd: folder })
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ learned: 61, labels: 3 })
})

test('duplicate column names are told, and both can be read', async () => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'table.csv'), `text,label,label\n${labelled(60).replaceAll('\n', ',x\n')},x\n`)
  const { code, stderr } = await inlay([...triage, 'table.csv', ...columns], { cwd: folder })
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('label (2)')
})

test('a wrong option or command is told in one sentence, with exit code 2', async () => {
  for (const args of [
    ['try', 'triage'],
    ['strat'],
    ['try', 'triage', 'x', '--txt', 'y'],
    ['start', '--port', 'x'],
  ]) {
    const { code, stderr, stdout } = await inlay(args)
    expect(code, stderr).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.trim().split('\n')).toHaveLength(1)
  }
})

test('every command explains itself with an example', async () => {
  for (const command of [
    'try triage',
    'try score',
    'start',
    'worker',
    'connect',
    'status',
    'report',
    'undo',
    'erase',
    'rebuild',
  ]) {
    const { code, stdout } = await inlay([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout, command).toMatch(/Example:\n {2}.*inlay/)
  }
})

test('a DATABASE_URL that does not answer is told without its password', async () => {
  const folder = freshFolder()
  const env = { DATABASE_URL: 'postgres://somebody:hunter2@127.0.0.1:9/none' }
  const { code, stderr } = await inlay(['start', '--data', folder, '--port', '0'], { env })
  expect(code, stderr).toBe(2)
  expect(stderr.trim().split('\n').at(-1)).toMatch(/127\.0\.0\.1/)
  expect(stderr).not.toContain('hunter2')
})

test('a port in use and a data folder in use are told, and the first Inlay goes on', async () => {
  const data = freshFolder()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const mail = join(freshFolder(), 'mail')
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(mail, part), { recursive: true })

  const taken = await inlay(['start', '--data', data, '--mail', mail, '--port', String(port)])
  expect(taken.code, taken.stderr).toBe(2)
  expect(taken.stderr).toContain(`Port ${port} is in use`)

  const first = startInlay(['start', '--data', data, '--mail', mail, '--port', '0'])
  const [, url] = await first.says(/Status page: (\S+)/)
  const second = await inlay(['start', '--data', data, '--mail', mail, '--port', '0'])
  expect(second.code, second.stderr).toBe(2)
  expect(second.stderr).toMatch(/in use/)
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ ok: true, deployments: 2 })
})

test('a runtime that is too old is told in one sentence, before anything newer loads', () => {
  const entry = join(import.meta.dirname, '../bin/inlay.js')
  const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); require(${JSON.stringify(entry)})`
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-e', old], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/Node.js 18\.20\.0.*22\.18 or newer/)
})

test('what is wrong with a place of one’s own is told at once, and nothing is connected', async () => {
  const folder = freshFolder()
  const data = join(folder, 'data')
  writeFileSync(join(folder, 'empty.csv'), '')
  writeFileSync(join(folder, 'header.csv'), 'name,won\n')
  const faulty = [
    ['--mail', join(folder, 'nowhere')],
    ['--table', join(folder, 'empty.csv'), '--target', 'won'],
    ['--table', join(folder, 'header.csv'), '--target', 'lost'],
    ['--table', join(folder, 'header.csv')],
  ]
  for (const args of faulty) {
    const { code, stderr } = await inlay(['start', '--data', data, '--port', '0', ...args])
    expect(code, stderr).toBe(2)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^inlay: .*\.$/)
  }
  expect(JSON.parse((await inlay(['status', '--data', data, '--json'])).stdout)).toEqual([])
})
