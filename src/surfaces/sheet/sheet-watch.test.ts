import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Change, type Kind, memoryVault, type OpenTools, type Place } from '../../contract/index.ts'
import { csv } from './csv.ts'

let folder: string
let path: string
let tools: OpenTools
let stops: (() => Promise<void>)[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-watch-'))
  path = join(folder, 'mail.csv')
  tools = {
    now: () => 1_700_000_000_000,
    pseudonym: (raw) => raw,
    folder: join(folder, 'private'),
    vault: memoryVault(),
  }
  stops = []
})
afterEach(async () => {
  for (const stop of stops) await stop()
  await rm(folder, { recursive: true, force: true })
})

/** Watches, and gives the changes of each catch-up, shortened to `type key`, when it is complete. */
async function watch(
  kind: Kind,
  since: string | null = null,
  settings: object = { text: 'text', label: 'team' },
) {
  const opened = await csv.open(csv.settings.parse({ path, ...settings }), tools)
  const abort = new AbortController()
  const place = opened[kind] as Place
  const changes = place.watch(since, abort.signal)[Symbol.asyncIterator]()
  stops.push(async () => {
    abort.abort()
    await changes.return?.()
    await opened.close()
  })
  async function next(): Promise<Change[]> {
    const all: Change[] = []
    for (;;) {
      const { value, done } = await changes.next()
      if (done) return all
      all.push(value)
      if (value.type === 'caught up') return all
    }
  }
  return { next, place }
}
const short = (changes: Change[]) =>
  changes.flatMap((change) =>
    change.type === 'item'
      ? [`item ${change.item.key}`]
      : 'key' in change
        ? [`${change.type} ${change.key}`]
        : [],
  )

describe('watching rows', () => {
  const head = 'id,text,team\n'
  const rows = Array.from({ length: 40 }, (_, i) => `${i},message ${i},${i < 38 ? 'sales' : ''}\n`)
  beforeEach(() => writeFile(path, head + rows.join('')))

  test('tells open rows, then deeds with their time, changed deeds, and rows that appear finished', async () => {
    const { next } = await watch('message')
    expect(short(await next())).toEqual(['item 38', 'item 39'])
    await writeFile(
      path,
      `${head}${rows.join('').replace('message 38,', 'message 38,support')}40,done at once,sales\n`,
    )
    const changes = await next()
    expect(short(changes)).toEqual(['deed 38', 'item 40', 'deed 40'])
    expect(changes[0]).toMatchObject({ deed: { label: 'support', at: 1_700_000_000_000, seconds: null } })
    await writeFile(
      path,
      head +
        rows.join('').replace('message 38,', 'message 38,sales').replace('message 0,sales', 'message 0,'),
    )
    expect(short(await next())).toEqual(['item 0', 'deed 38', 'gone 40'])
  })

  test('an unfinished row is no item before it has a text', async () => {
    const { next } = await watch('message')
    await next()
    await appendFile(path, '40,,\n')
    const pending = next()
    await new Promise((resolve) => setTimeout(resolve, 400))
    await writeFile(path, `${head + rows.join('')}40,now with text,\n`)
    expect(short(await pending)).toEqual(['item 40'])
  })

  test('waits for a file that is half written, or away for a moment', async () => {
    const { next } = await watch('message')
    await next()
    const whole = `${head}${rows.join('')}40,"one, more",\n`
    const pending = next()
    await writeFile(path, whole.slice(0, 200))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await writeFile(path, whole.slice(0, -8))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await rename(path, `${path}.away`)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await writeFile(`${path}.away`, whole)
    await rename(`${path}.away`, path)
    expect(short(await pending)).toEqual(['item 40'])
  })

  test('a file that stays broken is told as a fault with its line', async () => {
    const { next } = await watch('message')
    await next()
    const pending = next()
    await appendFile(path, '40,"never closed,\n')
    await expect(pending).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('line 42'),
    })
  })

  test('after a restart an unchanged file has no news, and a changed one only what changed', async () => {
    const first = await watch('message')
    const { cursor } = (await first.next()).at(-1)!
    expect(short(await (await watch('message', cursor)).next())).toEqual([])
    await writeFile(path, head + rows.join('').replace('message 39,', 'message 39,sales'))
    const changes = await (await watch('message', cursor)).next()
    expect(short(changes)).toEqual(['deed 39'])
    expect(changes[0]).toMatchObject({ deed: { at: null } })
  })

  test('with its notes lost it tells everything again, deeds too', async () => {
    const first = await watch('message')
    const { cursor } = (await first.next()).at(-1)!
    const names = await readdir(tools.folder, { recursive: true, withFileTypes: true })
    for (const each of names)
      if (each.parentPath.endsWith('message')) await rm(join(each.parentPath, each.name))
    const again = short(await (await watch('message', cursor)).next())
    expect(again.filter((each) => each.startsWith('deed'))).toHaveLength(38)
    await expect((await watch('message', 'nonsense')).next()).rejects.toMatchObject({ kind: 'bad-input' })
  })
})

describe('watching columns', () => {
  const settings = {}
  const file = (filled: number, rows = 12, extra: (i: number) => string | null = () => null) =>
    `id,name,first\n${Array.from({ length: rows }, (_, i) => `${i},Ada${i} B,${extra(i) ?? (i < filled ? `Ada${i}` : '')}\n`).join('')}`

  test('a column is an item from its first cell on, and what people type in it is the deed', async () => {
    await writeFile(path, file(0))
    const { next } = await watch('table', null, settings)
    expect(short(await next())).toEqual([])
    await writeFile(path, file(1))
    const [begun] = await next()
    expect(begun).toMatchObject({ type: 'item', item: { column: 'first', columns: ['id', 'name', 'first'] } })
    // A second and a third example, then twice as many, are each reason to look again; the old deed is not lost.
    for (const examples of [2, 3, 6]) {
      await writeFile(path, file(examples))
      expect((await next()).map(({ type }) => type)).toContain('item')
    }
    await writeFile(path, file(7))
    const more = await next()
    expect(more.map(({ type }) => type)).not.toContain('item')
    expect(more[0]).toMatchObject({ type: 'deed', deed: { values: { 6: 'Ada6' } } })
  })

  test('new rows make a new version; what Inlay filled is neither an example nor a deed', async () => {
    await writeFile(path, file(3, 5))
    const { next, place } = await watch('table', null, settings)
    const [told] = await next()
    const { item } = told as Change<'table'> & { type: 'item' }
    const value = { type: 'fill', values: { 3: 'Ada3', 4: 'Eve4' } } as const
    const placed = await place.place(item, { kind: 'table', value, confidence: 1, reasons: [] }, 'k')
    expect(placed.placed).toBe(true)
    expect(await readFile(path, 'utf8')).toContain('3,Ada3 B,Ada3,first\n4,Ada4 B,Eve4,first\n')
    expect(short(await next())).toEqual([])
    // The person corrects one of ours, and adds a row.
    const corrected = (await readFile(path, 'utf8')).replace('Eve4,first', 'Ada4,first')
    await writeFile(path, `${corrected}5,Ada5 B,,\n`)
    const news = await next()
    expect(news).toMatchObject([
      { type: 'deed', key: item.key, deed: { values: { 4: 'Ada4' } } },
      { type: 'item', item: { column: 'first' } },
      { type: 'caught up' },
    ])
    const { item: newer } = news[1] as Change<'table'> & { type: 'item' }
    expect(newer.rows.map((row) => row[2])).toEqual(['Ada0', 'Ada1', 'Ada2', null, 'Ada4', null])
  })

  test('formulas are not written into a CSV where people write none', async () => {
    await writeFile(path, file(3, 5))
    const { next, place } = await watch('table', null, settings)
    const [told] = await next()
    const { item } = told as Change<'table'> & { type: 'item' }
    const value = { type: 'fill', values: { 3: '=HYPERLINK("x")' } } as const
    const placed = await place.place(item, { kind: 'table', value, confidence: 1, reasons: [] }, 'k')
    expect(placed).toEqual({ placed: false, because: 'its values cannot be written as plain text' })
  })

  test('history asks for a column as it was while it was filled: with one, two and three cells given', async () => {
    await writeFile(path, file(6))
    const { place } = await watch('table', null, settings)
    const examples = []
    for await (const example of place.history()) examples.push(example)
    const first = examples.filter(({ item }) => item.kind === 'table' && item.column === 'first')
    expect(new Set(first.map(({ item }) => item.group))).toEqual(new Set(['first']))
    const given = first.map(({ item }) => (item as { rows: unknown[][] }).rows.map((row) => row[2]))
    expect(given).toEqual([
      ['Ada0', null, null, null, null, null],
      ['Ada0', 'Ada1', null, null, null, null],
      ['Ada0', 'Ada1', 'Ada2', null, null, null],
    ])
    expect(first[0]).toMatchObject({ deed: { values: { 1: 'Ada1', 5: 'Ada5' } } })
    expect(first[2]).toMatchObject({ deed: { values: { 3: 'Ada3', 4: 'Ada4', 5: 'Ada5' } } })
  })
})
