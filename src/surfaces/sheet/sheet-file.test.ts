import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryVault, type OpenTools, type Place, type Suggestion } from '../../contract/index.ts'
import { csv } from './csv.ts'
import { csvSheet } from './csv-patch.ts'
import { fillFile } from './fill-file.ts'
import type { Loaded } from './plan-write.ts'
import { readWholeFile } from './read-file.ts'
import { replaceFile, temporaryName } from './replace-file.ts'
import { openSheetFile, type SheetFormat } from './sheet-file.ts'
import { parseFile } from './table.ts'
import { xlsx } from './xlsx.ts'

const text = 'id,text,team\n1,Hello,sales\n2,Bye,\n3,"Where, then",\n'
let folder: string
let path: string
let tools: OpenTools
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-file-'))
  path = join(folder, 'mail.csv')
  await writeFile(path, text)
  tools = { now: Date.now, pseudonym: (raw) => raw, folder: join(folder, 'private'), vault: memoryVault() }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const label = (name: string): Suggestion<'message'> => ({
  kind: 'message',
  value: { type: 'label', label: name },
  confidence: 0.9,
  reasons: [],
})
async function openMessages(settings: object = {}) {
  const opened = await csv.open(csv.settings.parse({ path, text: 'text', label: 'team', ...settings }), tools)
  return { place: opened.message as Place<'message'>, close: () => opened.close() }
}
async function itemsOf(place: Place<'message'>) {
  const abort = new AbortController()
  const items = []
  for await (const change of place.watch(null, abort.signal)) {
    if (change.type === 'item') items.push(change.item)
    if (change.type === 'caught up') abort.abort()
  }
  return items
}
async function journalPath(): Promise<string> {
  const names = await readdir(tools.folder, { recursive: true })
  return join(tools.folder, names.find((name) => name.endsWith('journal.jsonl'))!)
}

describe('while other programs have the file', () => {
  test.each([
    '.~lock.mail.csv#',
    '~$mail.csv',
  ])('it is busy with %s beside it, and written when that is gone', async (lock) => {
    const { place, close } = await openMessages()
    const [item] = await itemsOf(place)
    await writeFile(join(folder, lock), '')
    await expect(place.place(item!, label('sales'), 'k')).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining(lock),
    })
    expect(await readFile(path, 'utf8')).toBe(text)
    await rm(join(folder, lock))
    expect(await place.place(item!, label('sales'), 'k')).toMatchObject({ placed: true })
    await close()
  })

  test.skipIf(!existsSync('/proc/self/fdinfo'))(
    'it is busy while another process has it open for writing (Linux)',
    async () => {
      const { place, close } = await openMessages()
      const [item] = await itemsOf(place)
      const writer = spawn('sh', ['-c', 'exec 3>>"$0"; echo open; read line', path], {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      await new Promise((resolve) => writer.stdout!.once('data', resolve))
      await expect(place.place(item!, label('sales'), 'k')).rejects.toMatchObject({ kind: 'busy' })
      const ended = new Promise((resolve) => writer.once('exit', resolve))
      writer.stdin!.end('\n')
      await ended
      expect(await place.place(item!, label('sales'), 'k')).toMatchObject({ placed: true })
      await close()
    },
  )

  test.each<[string, () => void]>([
    ['appends', () => appendFileSync(path, '4,late,\n')],
    ['changes a cell in place', () => writeFileSync(path, text.replace('Hello', 'Hallo'))],
    ['writes it anew', () => writeFileSync(path, `id,text,team\n2,Bye,\n1,Hello,sales\n`)],
  ])('what another program writes between our reading and our writing is never lost: it %s', async (_, change) => {
    let meddle = () => {}
    const format: SheetFormat = {
      name: 'csv',
      sheetOf(name, bytes) {
        const parsed = parseFile(name, bytes)
        meddle()
        return csvSheet((parsed as Extract<typeof parsed, { kind: 'csv' }>).csv)
      },
    }
    const identify = () => ({ key: 'id', columns: ['id'] })
    const file = await openSheetFile({ path, sheet: undefined, format, folder: tools.folder, identify })
    let theirs = ''
    meddle = () => {
      meddle = () => {}
      change()
      theirs = readFileSync(path, 'utf8')
    }
    const plan = ({ rowOf }: Loaded) => ({
      cells: [{ row: rowOf.get('2')!, column: 'Inlay: team', value: 'sales' }],
    })
    expect(await file.place({ key: 'k', kind: 'message', item: '2', plan })).toMatchObject({ placed: true })
    expect(theirs).not.toBe('')
    expect(await readFile(path, 'utf8')).toContain('2,Bye,,sales\n')
    await file.withdraw('k')
    expect(await readFile(path, 'utf8')).toBe(theirs)
    await file.close()
  })

  test('what is written into the old file in the very moment of its replacement is put back', async () => {
    const { version } = await readWholeFile(path)
    const late = `${text}4,in the very moment,\n`
    const temporary = temporaryName(path, 'test')
    const beforeRename = async () => writeFileSync(path, late)
    const bytes = Buffer.from('ours')
    expect(await replaceFile({ path, bytes, from: version, temporary, beforeRename })).toBe(false)
    expect(await readFile(path, 'utf8')).toBe(late)
    expect((await readdir(folder)).filter((name) => name.includes('tmp'))).toEqual([])
  })

  test('a write that comes to nothing is given up before its temporary file goes, whose absence would mean success', async () => {
    const { version } = await readWholeFile(path)
    appendFileSync(path, '4,late,\n')
    const temporary = temporaryName(path, 'test')
    const seen: boolean[] = []
    const abandoned = () => void seen.push(existsSync(temporary))
    expect(await replaceFile({ path, bytes: Buffer.from('ours'), from: version, temporary, abandoned })).toBe(
      false,
    )
    expect(seen).toEqual([true])
    expect(existsSync(temporary)).toBe(false)
    expect(await readFile(path, 'utf8')).toContain('4,late')
  })

  test('a busy neighbour that rewrites the file all the time loses nothing, and all is placed once it rests', async () => {
    const { place, close } = await openMessages()
    const items = await itemsOf(place)
    let running = true
    let written = 0
    const neighbour = (async () => {
      while (running && written < 40) {
        const rows = await readFile(path, 'utf8')
        const extra = rows.split('\n')[0]!.split(',').length - 3
        await writeFile(`${path}.theirs`, `${rows}n${written},neighbour ${written},x${','.repeat(extra)}\n`)
        // Their own check, as polite programs have it: not over a newer file.
        if ((await readFile(path, 'utf8')) === rows) {
          await rename(`${path}.theirs`, path)
          written++
        }
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
    })()
    const tries = items.map(async (item, i) => {
      for (;;) {
        const placed = await place.place(item, label(`team ${i}`), `k${i}`).catch((fault) => {
          expect(fault.kind).toBe('busy')
          return null
        })
        if (placed) return placed
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    await Promise.all(tries)
    running = false
    await neighbour
    const now = await readFile(path, 'utf8')
    for (let n = 0; n < written; n++) expect(now).toContain(`n${n},neighbour ${n},x`)
    await close()
  })
})

describe('after a crash', () => {
  async function placed() {
    const { place, close } = await openMessages()
    const items = await itemsOf(place)
    const before = await place.place(items[0]!, label('sales'), 'k')
    await close()
    return { items, before, content: await readFile(path, 'utf8') }
  }

  test('between the file’s replacement and the last word about it, the placement stands and is not made twice', async () => {
    const { items, before, content } = await placed()
    const journal = await journalPath()
    const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n')
    await writeFile(journal, `${lines.slice(0, -1).join('\n')}\n{"type":"do`)
    const again = await openMessages()
    expect(await again.place.place(items[0]!, label('sales'), 'k')).toEqual(before)
    expect(await readFile(path, 'utf8')).toBe(content)
    await again.place.withdraw({ key: 'k', ref: '' })
    expect(await readFile(path, 'utf8')).toBe(text)
    await again.close()
  })

  test('between the intent and the file’s replacement, the placement is made once, and nothing is left lying about', async () => {
    const { items, content } = await placed()
    const journal = await journalPath()
    const [intent] = (await readFile(journal, 'utf8')).split('\n')
    const { temporary } = JSON.parse(intent!)
    await writeFile(journal, `${intent}\n`)
    await writeFile(path, text)
    await writeFile(temporary, content)
    const again = await openMessages()
    expect(existsSync(temporary)).toBe(false)
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await again.place.place(items[0]!, label('sales'), 'k')).toMatchObject({ placed: true })
    expect(await readFile(path, 'utf8')).toBe(content)
    await again.close()
  })

  test('before the intent was written down, its temporary file is removed', async () => {
    const { items } = await placed()
    const journal = await journalPath()
    const { temporary } = JSON.parse((await readFile(journal, 'utf8')).split('\n')[0]!)
    await writeFile(temporary, 'half')
    const again = await openMessages()
    expect(existsSync(temporary)).toBe(false)
    expect(await again.place.place(items[1]!, label('sales'), 'k2')).toMatchObject({ placed: true })
    await again.close()
  })

  test('with its own folder lost, the file itself shows what was placed', async () => {
    const { items, content } = await placed()
    await rm(tools.folder, { recursive: true })
    const again = await openMessages()
    expect(await again.place.place(items[0]!, label('sales'), 'k')).toMatchObject({ placed: true })
    expect(await again.place.place(items[0]!, label('support'), 'other')).toMatchObject({ placed: false })
    expect(await readFile(path, 'utf8')).toBe(content)
    await again.close()
  })
})

describe('writing', () => {
  test('shares one write among placements that come together', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `${i},message ${i},${i < 3 ? 'sales' : ''}`)
    await writeFile(path, `id,text,team\n${rows.join('\n')}`)
    const { place, close } = await openMessages()
    const items = await itemsOf(place)
    await Promise.all(items.map((item) => place.place(item, label('sales'), `k-${item.key}`)))
    const intents = (await readFile(await journalPath(), 'utf8')).match(/"type":"intent"/g)
    expect(intents!.length).toBeLessThan(10)
    expect((await readFile(path, 'utf8')).match(/,,sales/g)).toHaveLength(497)
    await Promise.all(items.map((item) => place.withdraw({ key: `k-${item.key}`, ref: '' })))
    expect(await readFile(path, 'utf8')).toBe(`id,text,team\n${rows.join('\n')}`)
    await close()
  })

  test('keeps the file’s mode, goes through links, and leaves a read-only file alone', async () => {
    const link = join(folder, 'link.csv')
    await symlink(path, link)
    await chmod(path, 0o640)
    const { place, close } = await openMessages({ path: link })
    const [item, other] = await itemsOf(place)
    await place.place(item!, label('sales'), 'k')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    await chmod(path, 0o444)
    expect(await place.place(other!, label('sales'), 'k2')).toEqual({
      placed: false,
      because: 'the file is read-only',
    })
    await close()
  })

  test('takes back what it wrote into a row that a person has changed since, and writes anew into such a row', async () => {
    const keyless = 'text,team\nHello,sales\nBye,\nSo long,\n'
    await writeFile(path, keyless)
    const { place, close } = await openMessages()
    const [bye, soLong] = await itemsOf(place)
    await place.place(bye!, label('sales'), 'k1')
    await place.place(soLong!, label('support'), 'k2')
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace('Bye', 'Goodbye').replace('So long', 'Farewell'),
    )
    await place.withdraw({ key: 'k1', ref: '' })
    expect(await readFile(path, 'utf8')).toBe(
      'text,team,Inlay: team\nHello,sales,\nGoodbye,,\nFarewell,,support\n',
    )
    const farewell = (await itemsOf(place)).find((item) => item.text === 'Farewell')!
    expect(await place.place(farewell, label('sales'), 'k3')).toMatchObject({ placed: true })
    await place.withdraw({ key: 'k3', ref: '' })
    expect(await readFile(path, 'utf8')).toBe('text,team\nHello,sales\nGoodbye,\nFarewell,\n')
    await close()
  })

  test('never takes back what a person has written over ours', async () => {
    const { place, close } = await openMessages()
    const [item] = await itemsOf(place)
    await place.place(item!, label('sales'), 'k')
    const edited = (await readFile(path, 'utf8')).replace('2,Bye,,sales', '2,Bye,,mine now')
    await writeFile(path, edited)
    await place.withdraw({ key: 'k', ref: '' })
    expect(await readFile(path, 'utf8')).toBe(edited)
    expect(await place.place(item!, label('sales'), 'k')).toMatchObject({ placed: false })
    await close()
  })

  test('says which text the file’s encoding lacks, and spells reasons without it', async () => {
    await writeFile(path, Buffer.from('id,größe,won\n1,a,yes\n2,b,no\n3,c,\n', 'latin1'))
    const opened = await csv.open(csv.settings.parse({ path, target: 'won' }), tools)
    const item = { kind: 'record', key: '3', group: '3', at: null, fields: {} } as const
    const value = { type: 'score', probability: 0.075, band: 'cold' } as const
    const reasons = [
      { field: 'größe', value: '日本', effect: -1 },
      { field: 'id', value: null, effect: 0.5 },
    ]
    await opened.record!.place(item, { kind: 'record', value, confidence: 1, reasons }, 'k')
    expect((await readFile(path, 'latin1')).split('\n')[3]).toBe(
      '3,c,,cold · 8 %,raised by id: empty; lowered by größe: ??',
    )
    await opened.close()
    const messages = await csv.open(csv.settings.parse({ path, text: 'größe', label: 'won' }), tools)
    const message = (await itemsOf(messages.message!))[0]!
    const refused = { placed: false, because: '"日本" cannot be written in the file\'s encoding' }
    expect(await messages.message!.place(message, label('日本'), 'other')).toEqual(refused)
    await messages.close()
  })
})

describe('opening', () => {
  test.each<[string, () => string | Uint8Array, object, RegExp]>([
    ['a gzipped table', () => gzipSync(text), {}, /gzipped/],
    ['JSON Lines', () => '{"a":1}\n', {}, /JSON Lines/],
    [
      'a column that is not there',
      () => text,
      { text: 'txt', label: 'team' },
      /no column "txt". Did you mean "text"\?/,
    ],
    ['an unclear outcome', () => 'id,won\n1,a\n2,b\n', { target: 'won' }, /column "won": It is not plain/],
    ['an order that is none', () => text, { order: 'text' }, /expected a date/],
  ])('refuses %s', async (_, content, settings, message) => {
    await writeFile(path, content())
    await expect(csv.open(csv.settings.parse({ path, ...settings }), tools)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringMatching(message),
    })
  })

  test('tells a workbook from a text by content, and names the other surface', async () => {
    await expect(xlsx.open(xlsx.settings.parse({ path }), tools)).rejects.toThrow('use the surface csv')
  })

  test('takes a file with a header alone: rows will come', async () => {
    await writeFile(path, 'id,text,team\n')
    const { place, close } = await openMessages()
    expect(await itemsOf(place)).toEqual([])
    await close()
  })
})

describe('filling a file once', () => {
  test('writes into empty cells alone and keeps every other byte', async () => {
    const cells = [
      { row: 1, column: 'team', value: 'support' },
      { row: 0, column: 'team', value: 'never' },
      { row: 2, column: 'team', value: null },
    ]
    expect(await fillFile(path, cells)).toBe(1)
    expect(await readFile(path, 'utf8')).toBe(text.replace('2,Bye,', '2,Bye,support'))
  })

  test('refuses what it cannot write into', async () => {
    await writeFile(path, gzipSync(text))
    await expect(fillFile(path, [])).rejects.toThrow('gzipped')
    await expect(fillFile(join(folder, 'none.csv'), [])).rejects.toThrow('There is no file')
  })
})
