import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTable } from '../surfaces/sheet/table.ts'
import { makeWorkbook } from '../surfaces/sheet/workbook.fixture.ts'

const inlay = resolve(import.meta.dirname, 'main.ts')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inlay-fill-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Told {
  code: number
  out: string
  err: string
}

function run(...args: string[]): Promise<Told> {
  return new Promise((done) => {
    execFile(process.execPath, [inlay, 'fill', ...args], (error, out, err) => {
      done({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const people =
  'Name;Last\r\nAda Lovelace;Lovelace\r\nAlan Turing;Turing\r\n"Grace ""G"" Hopper";\r\nEdsger Dijkstra;\r\nBarbara Liskov;\r\n'

describe('inlay fill', () => {
  it('tells what it would fill and leaves the file alone', async () => {
    const path = await file('people.csv', people)
    const { code, out } = await run(path, '--json')
    expect(code).toBe(0)
    const [column] = JSON.parse(out).columns
    expect(column).toMatchObject({ column: 'Last', from: ['Name'], examples: 2 })
    expect(column.filled + column.silent).toBe(3)
    expect(column.cells).toContainEqual({ row: 3, value: 'Dijkstra', confidence: expect.any(Number) })
    expect(await readFile(path, 'utf8')).toBe(people)
  })

  it('writes with --write, and every other byte stays', async () => {
    const path = await file('written.csv', people)
    expect((await run(path, '--column', 'last', '--write')).code).toBe(0)
    const text = await readFile(path, 'utf8')
    expect(text).toContain('Edsger Dijkstra;Dijkstra\r\nBarbara Liskov;Liskov\r\n')
    expect(text.replaceAll(/;(Dijkstra|Liskov|Hopper)\r/g, ';\r')).toBe(people)
  })

  it('writes into a workbook, and only where the person left cells empty', async () => {
    const rows = [
      ['Joined', 'Month'],
      ['2026-12-30', 'Dec 2026'],
      ['2026-04-15', 'Apr 2026'],
      ['2025-01-02', null],
      ['2024-08-31', null],
      ['2023-11-05', 'mine'],
    ]
    const path = join(folder, 'joined.xlsx')
    await writeFile(path, makeWorkbook({ sheets: [{ name: 'People', rows }] }))
    expect((await run(path, '--sheet', 'People', '--column', 'Month', '--json')).code).toBe(0)
    const clean = join(folder, 'clean.xlsx')
    await writeFile(clean, makeWorkbook({ sheets: [{ name: 'People', rows: rows.slice(0, -1) }] }))
    expect((await run(clean, '--write')).code).toBe(0)
    const { rows: after } = await readTable(clean)
    expect(after.map(([, month]) => month)).toEqual(['Dec 2026', 'Apr 2026', 'Jan 2025', 'Aug 2024'])
  })

  it('answers tasks in bulk, one line each, in order', async () => {
    const task = (id: string | number, out: string) =>
      JSON.stringify({ id, examples: [{ in: ['a-b'], out }], inputs: [['a-b'], ['c-d'], ['e-f'], ['']] })
    const { code, out } = await run(
      '--tasks',
      await file('tasks.jsonl', `${task('x', 'b')}\n\n${task(7, 'a')}\n`),
    )
    expect(code).toBe(0)
    const [x, y] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(x.id).toBe('x')
    expect(x.best.slice(0, 3)).toEqual(['b', 'd', 'f'])
    expect(x.outputs[3]).toBeNull()
    expect(y.id).toBe(7)
    expect(y.best.slice(0, 3)).toEqual(['a', 'c', 'e'])
    for (const each of [x, y]) {
      expect(each.confidence).toHaveLength(4)
      expect(each.ms).toBeGreaterThan(0)
      expect(each.program).toContain('input 1')
    }
  })

  it('says in one sentence what is wrong, and exits with 2', async () => {
    const path = await file('full.csv', 'a,b\n1,2\n')
    const bad = await file('bad.jsonl', '{"id":1,"examples":[],"inputs":[]}\n{"id":2}\n')
    const uneven = await file(
      'uneven.jsonl',
      '{"id":1,"examples":[{"in":["a"],"out":"b"}],"inputs":[["a","b"]]}\n',
    )
    for (const [args, says] of [
      [[path], /no column that is begun/],
      [[path, '--column', 'c'], /no column "c"/],
      [[path, '--column', 'a'], /no empty cell/],
      [['--tasks', bad], /line 2/],
      [['--tasks', uneven], /line 1/],
      [['--tasks', join(folder, 'none.jsonl')], /no file/],
      [[], /Expected a table/],
    ] as [string[], RegExp][]) {
      const { code, err } = await run(...args)
      expect(code).toBe(2)
      expect(err).toMatch(says)
      expect(err.trim().split('\n')).toHaveLength(1)
    }
  })
})
